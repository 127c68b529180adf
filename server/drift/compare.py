"""Where the vendor's file and the catalogue differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile

from server.drift.facts import Facts, Field, Shape, described, listed, plain
from server.text import clean
from tools.names import snake


class Kind(StrEnum):
    """What kind of difference there is. The vendor's file is the later one."""

    OPERATION_NEW = "operation new"
    OPERATION_GONE = "operation gone"
    OPERATION_MOVED = "operation moved"
    FIELD_NEW = "field new"
    FIELD_GONE = "field gone"
    NEWLY_REQUIRED = "field newly required"
    NO_LONGER_REQUIRED = "field no longer required"
    TYPE_CHANGED = "type changed"
    ENUM_CHANGED = "enum changed"


@dataclass(frozen=True)
class Difference:
    """One difference. tool: the declared one, empty where the operation is new. before: ours; after: the vendor's."""

    kind: Kind
    operation: str
    tool: str = ""
    field: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Pair:
    """An operation that both know. sure: found at its path, or moved under its own operationId."""

    ours: Facts
    theirs: Facts
    moved: bool = False
    sure: bool = True


@dataclass
class Comparison:
    """What came of comparing. unconfirmed: what was read off other operations and is not in the file."""

    pairs: list[Pair] = field(default_factory=list)
    new: list[Facts] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    unconfirmed: list[Difference] = field(default_factory=list)


def compare(ours: Sequence[Facts], theirs: Sequence[Facts]) -> Comparison:
    """All differences, in the order of the catalogue, new operations last."""
    prefix = _prefix(ours, theirs)
    vendor = {each.key: each for each in (_without(prefix, each) for each in theirs)}
    declared = {each.key: each for each in ours}
    gone = [each for each in ours if each.key not in vendor]
    new = [each for key, each in vendor.items() if key not in declared]
    moved = {pair.ours.key: pair for pair in _moved(gone, new)}
    went = {pair.theirs.key for pair in moved.values()}
    found = Comparison(new=[each for each in new if each.key not in went])
    for each in ours:
        pair = Pair(each, vendor[each.key]) if each.key in vendor else moved.get(each.key)
        if pair is None:
            _file(found, Difference(Kind.OPERATION_GONE, str(each), each.name), inferred=each.evidence == "inferred")
            continue
        found.pairs.append(pair)
        if pair.moved:
            difference = Difference(
                Kind.OPERATION_MOVED, str(each), each.name, before=each.path, after=clean(pair.theirs.path, 300)
            )
            found.differences.append(difference)
        for difference, inferred in _fields(pair):
            _file(found, difference, inferred=inferred)
    found.differences += [Difference(Kind.OPERATION_NEW, clean(str(each), 300)) for each in found.new]
    return found


def _file(found: Comparison, difference: Difference, *, inferred: bool) -> None:
    (found.unconfirmed if inferred else found.differences).append(difference)


# Operations


def _prefix(ours: Sequence[Facts], theirs: Sequence[Facts]) -> str:
    """What all of the vendor's paths begin with and ours do not, such as `/api/v1`: the one by which most agree."""
    parts = [each.path.split("/")[1:-1] for each in theirs]
    common = [each[0] for each in takewhile(lambda names: len(set(names)) == 1, zip(*parts, strict=False))]
    literal = list(takewhile(lambda part: "{" not in part, common[:4]))
    known = {each.key for each in ours}
    choices = ["".join(f"/{part}" for part in literal[:n]) for n in range(len(literal) + 1)]
    return max(choices, key=lambda prefix: sum(_without(prefix, each).key in known for each in theirs))


def _without(prefix: str, facts: Facts) -> Facts:
    if not prefix:
        return facts
    return Facts(**{**vars(facts), "path": facts.path.removeprefix(prefix)})


def _moved(gone: Sequence[Facts], new: Sequence[Facts]) -> Iterator[Pair]:
    """Operations that are the same under another path, as far as nothing else could be meant."""
    ids = Counter(snake(each.name) for each in new)
    by_id = {snake(each.name): each for each in new if each.name}
    left: list[Facts] = []
    taken: set[tuple[str, str]] = set()
    for each in gone:
        other = by_id.get(each.name)
        if other is not None and ids[each.name] == 1 and other.method == each.method and _as_many(each, other):
            taken.add(other.key)
            yield Pair(each, other, moved=True)
        else:
            left.append(each)
    rest = [each for each in new if each.key not in taken]
    mine, theirs = Counter(map(_look, left)), Counter(map(_look, rest))
    by_look = {_look(each): each for each in rest}
    for each in left:
        look = _look(each)
        if mine[look] == 1 and theirs[look] == 1 and look[1]:
            yield Pair(each, by_look[look], moved=True, sure=False)


def _as_many(one: Facts, other: Facts) -> bool:
    return len(one.places) == len(other.places)


def _look(facts: Facts) -> tuple[object, ...]:
    """What makes two operations the same at another path: method, end of the path, and fields."""
    end = re.search(r"/[^/{}]+(/\{\})*$", plain(facts.path))
    fields = frozenset((key, each.shape.types) for key, each in facts.fields.items() if not each.inferred)
    return facts.method, end[0] if end else "", len(facts.places), fields


# Fields


def _fields(pair: Pair) -> Iterator[tuple[Difference, bool]]:
    """Differences between fields, and whether each is about something that was only inferred."""
    ours, theirs = pair.ours, pair.theirs
    for key, each in ours.fields.items():
        label = ours.places[int(key[1])] if key[0] == "path" else key[1]
        other = theirs.fields.get(key)
        if other is None:
            yield _difference(Kind.FIELD_GONE, pair, label), each.inferred
        else:
            yield from _changes(pair, label, each, other, each.inferred)
    for key, each in theirs.fields.items():
        if key not in ours.fields and not is_filter(ours, key[1]):
            yield _difference(Kind.FIELD_NEW, pair, key[1], after=_said(each)), False


def is_filter(ours: Facts, name: str) -> bool:
    """Whether a vendor's query parameter is what `filters` stands for."""
    return ours.filters and ("[" in name or name in ("filter", "filters"))


def _difference(kind: Kind, pair: Pair, label: str, before: str = "", after: str = "") -> Difference:
    return Difference(kind, str(pair.ours), pair.ours.name, clean(label, 200), before, after)


def _said(field: Field) -> str:
    text = described(field.shape)
    values = field.shape.enum
    text += f": {listed(values)}" if values is not None else ""
    return f"{text}, required" if field.required else text


def _changes(pair: Pair, label: str, ours: Field, theirs: Field, inferred: bool) -> Iterator[tuple[Difference, bool]]:
    if theirs.required and not ours.required:
        yield _difference(Kind.NEWLY_REQUIRED, pair, label), False
    if ours.required and not theirs.required:
        yield _difference(Kind.NO_LONGER_REQUIRED, pair, label), inferred
    yield from _shapes(pair, label, ours.shape, theirs.shape, inferred)


def _shapes(pair: Pair, label: str, ours: Shape, theirs: Shape, inferred: bool) -> Iterator[tuple[Difference, bool]]:
    # Where ours takes several types, fewer are no change to anybody.
    fits = theirs.types == ours.types or (len(ours.types) > 1 and theirs.types < ours.types)
    if ours.types and theirs.types and (not fits or _formats_differ(ours, theirs)):
        yield _difference(Kind.TYPE_CHANGED, pair, label, described(ours), described(theirs)), False
        return
    if ours.enum != theirs.enum and not ({"boolean"} & (ours.types | theirs.types)):
        # Files often leave out what a text may be: that is no contradiction.
        unsaid = theirs.enum is None
        yield _difference(Kind.ENUM_CHANGED, pair, label, listed(ours.enum), listed(theirs.enum)), unsaid
    if ours.items is not None and theirs.items is not None:
        yield from _shapes(pair, f"{label}[]", ours.items, theirs.items, inferred)
    if not ours.inside or not theirs.inside:
        return  # One of them does not tell what is inside.
    for name, each in ours.inside.items():
        other = theirs.inside.get(name)
        if other is None:
            # Objects are shared between declarations; what one operation documents of them may be less.
            unsure = inferred or pair.ours.open or pair.ours.evidence != "documented"
            yield _difference(Kind.FIELD_GONE, pair, f"{label}.{name}"), unsure
        else:
            yield from _changes(pair, f"{label}.{name}", each, other, inferred)
    for name, each in theirs.inside.items():
        if name not in ours.inside:
            yield _difference(Kind.FIELD_NEW, pair, f"{label}.{name}", after=_said(each)), False


def _formats_differ(ours: Shape, theirs: Shape) -> bool:
    days = ("date", "date-time")
    return ours.format in days and theirs.format in days and ours.format != theirs.format
