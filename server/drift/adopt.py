"""Makes an overlay of what the vendor's file has and the declarations lack.

Nothing that the vendor wrote for people is taken: names, types, and enumerated values that are a few plain words.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

import msgspec

from schemas.common import Arguments
from server.drift.compare import Comparison, Pair, is_filter
from server.drift.facts import Facts, Field, Key, Shape
from server.drift.source import Spec, SpecError
from tools import meta
from tools.arguments import wire_name
from tools.catalogue import Catalogue
from tools.names import portable, snake
from tools.overlay import VERSION, Adopted, Amendment, NewOperation, Overlay

_VALUE = re.compile(r"[A-Za-z0-9_.:/+-]{1,40}( [A-Za-z0-9_.:/+-]{1,20}){0,2}")
_MOST_VALUES = 100
_MOST_FIELDS = 100_000
"""Of a file that is adopted, those inside others too."""
_RESERVED = frozenset(dir(Arguments)) | {"page_size"}


def overlay_of(spec: Spec, found: Comparison, declared: Catalogue, day: str) -> dict[str, Any]:
    """The overlay, ready to be stored. `declared`: the catalogue without any overlay."""
    every = chain(found.new, (pair.theirs for pair in found.pairs))
    inside = chain.from_iterable(_inside(each.fields) for each in every)
    if next(islice(inside, _MOST_FIELDS, None), None) is not None:
        raise SpecError(f"the file cannot be adopted: it has more than {_MOST_FIELDS} fields")
    names = {*declared.entries, *meta.NAMES}
    operations = []
    for each in found.new:
        if each.flat:
            operations.append(_operation(each, names))
            names.add(operations[-1].name)
    amendments = {pair.ours.name: amendment for pair in found.pairs if (amendment := _amendment(pair, declared))}
    stored: dict[str, Any] = msgspec.to_builtins(
        {
            "version": VERSION,
            "source": {"title": spec.title, "version": spec.version, "sha256": spec.sha256, "adopted": day},
            "operations": operations,
            "amendments": amendments,
        }
    )
    Overlay(stored)
    return stored


def _operation(facts: Facts, names: Container[str]) -> NewOperation:
    words = " ".join(part for part in facts.path.split("/") if "{" not in part)
    name = portable(facts.name if snake(facts.name) else f"{facts.method} {words}", "call", names)
    arguments = _Names()
    places = [arguments.of(place) for place in facts.places]
    fields = [*_adopted(facts.fields, arguments, places)]
    return NewOperation(name, facts.method, _path(facts.path, places), tuple(fields), facts.open)  # type: ignore[arg-type]


def _inside(fields: Mapping[Any, Field]) -> Iterator[Field]:
    """Every field, those inside others too."""
    for each in fields.values():
        yield each
        yield from _inside((each.shape.items or each.shape).inside)


def _path(path: str, names: Iterable[str]) -> str:
    """The path with these names in its placeholders."""
    following = iter(names)
    return re.sub(r"\{[^{}/]*\}", lambda match: f"{{{next(following)}}}", path).rstrip("/") or "/"


class _Names:
    """Gives fields names that are arguments."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {*taken, *_RESERVED}

    def of(self, wire: str) -> str:
        name = portable(f"{wire}_field" if snake(wire) in _RESERVED else wire, "field", self._taken)
        self._taken.add(name)
        return name


def _adopted(fields: Mapping[Key, Field], names: _Names, places: list[str]) -> Iterator[Adopted]:
    for (place, wire), each in fields.items():
        if place == "path":
            yield _field(places[int(wire)], places[int(wire)], each, "path")
        else:
            yield _field(names.of(wire), wire, each, place)


def _field(name: str, wire: str, field: Field, place: str) -> Adopted:
    shape = field.shape
    kind, of = _kind(shape), "any"
    inner: Shape = shape
    if kind == "array":
        inner = shape.items or Shape()
        of = _kind(inner)
        if of in ("array", "file"):
            of, inner = "any", Shape()
    if place == "path" and kind not in ("integer", "string"):
        kind, inner = "string", Shape()
    one = of if kind == "array" else kind
    values = _values(inner, one)
    names = _Names()
    return Adopted(
        name=name,
        wire=wire,
        place=place,  # type: ignore[arg-type]
        type=kind,  # type: ignore[arg-type]
        of=of,  # type: ignore[arg-type]
        enum=values,
        format="date" if one == "string" and inner.format == "date" and not values else "",
        required=field.required,
        nullable=shape.nullable and place == "body" and kind not in ("any", "file"),
        fields=tuple(_field(names.of(each), each, inside, "body") for each, inside in inner.inside.items()),
    )


def _kind(shape: Shape) -> str:
    return next(iter(shape.types)) if len(shape.types) == 1 else "any"


def _values(shape: Shape, kind: str) -> tuple[str | int, ...]:
    """The allowed values, if they are few plain words or whole numbers; else none, and any value is taken."""
    values = list(dict.fromkeys(shape.values))
    if not values or len(values) > _MOST_VALUES:
        return ()
    if kind == "string" and all(isinstance(each, str) and _VALUE.fullmatch(each) for each in values):
        return tuple(values)
    if kind == "integer" and all(type(each) is int and abs(each) < 2**63 for each in values):
        return tuple(values)
    return ()


def _amendment(pair: Pair, declared: Catalogue) -> Amendment | None:
    """What a declared operation lacks. It moves only where the vendor's own name for it says so."""
    ours, theirs = pair.ours, pair.theirs
    model = declared.operation(ours.name).arguments
    names = _Names(model.model_fields)
    fields: list[Adopted] = []
    if pair.moved and not pair.sure:
        return None
    spelled = {wire_name(model, name).removesuffix("[]"): name for name in model.model_fields}
    for key, each in theirs.fields.items():
        place, wire = key
        mine = ours.fields.get(key)
        if mine is not None and place != "path":
            longer = _longer(mine.shape, each.shape)
            if longer:
                name = spelled[wire]
                fields.append(Adopted(name, wire, place, extends=True, fields=longer))  # type: ignore[arg-type]
        elif mine is None and place != "path" and not is_filter(ours, wire) and wire not in spelled:
            fields.append(_field(names.of(wire), wire, each, place))
    path = _path(theirs.path, ours.places) if pair.moved else None
    return Amendment(tuple(fields), path) if fields or path else None


def _longer(ours: Shape, theirs: Shape) -> tuple[Adopted, ...]:
    """Fields that the vendor has inside an object that we know."""
    mine, other = (ours.items or Shape(), theirs.items or Shape()) if ours.items is not None else (ours, theirs)
    if not mine.inside:
        return ()
    names = _Names(snake(each) for each in mine.inside)
    return tuple(
        _field(names.of(name), name, each, "body") for name, each in other.inside.items() if name not in mine.inside
    )


def untaken(found: Comparison) -> list[Facts]:
    """New operations that cannot become tools: their bodies are no objects."""
    return [each for each in found.new if not each.flat]
