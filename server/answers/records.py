"""The record contract: facts, lines as small tables, what can be done next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from schemas.common import Record
from server.answers import table
from server.answers.answer import MAX_TOKENS, Answer
from server.answers.budget import tokens, tokens_of
from server.answers.figures import figures
from server.answers.values import (
    CELL,
    FACT,
    Kind,
    at,
    field_names,
    guessed,
    inner_record,
    jsonable,
    kind_in,
    kinds,
    text_of,
    unfenced,
)
from server.text import clean
from tools.arguments import InvalidArgumentsError, Problem
from tools.operation import snake

_SHORTER = (FACT, CELL, 60)
"""Characters of a text, ever fewer until the facts fit."""
_LINES = 0.4
"""Share of the budget that facts leave to the lines inside, as far as those need it."""
_NAMES = 60
"""Tokens for naming what is left out."""
_MOST_NAMES = 60
"""Names that an error tells."""
_NESTED = 5
"""Lines of which the lists inside are shown."""


def record_answer(
    name: str,
    data: Any,
    record: type[Record] | None,
    next_tools: Sequence[str] = (),
    *,
    caveat: str = "",
    budget: int = MAX_TOKENS,
) -> Answer:
    """The answer of an operation that gives one record, or an object of its own shape. caveat: what it is not."""
    if not isinstance(data, Mapping):
        data = {"result": data}
    if record is not None and record.view.hidden:
        data = {key: value for key, value in data.items() if key not in record.view.hidden}
    shown = _Record(name, data, record, next_tools, caveat, budget)
    return Answer(shown.text(), shown.structured)


def picked(data: Any, fields: Sequence[str]) -> Any:
    """What was asked for of an object. Raises InvalidArgumentsError for what it does not have."""
    if not isinstance(data, Mapping):
        return data
    wanted = [field.partition(".")[0] if field not in data else field for field in fields]
    missing = [field for field in wanted if field not in data]
    if missing:
        names = field_names(map(str, data))[:_MOST_NAMES]
        more = f" and {len(data) - len(names)} more" if len(names) < len(data) else ""
        has = ", ".join(names) + more
        raise InvalidArgumentsError([Problem("fields", f"no {_label(name)!r}; it has: {has}") for name in missing])
    return {field: data[field] for field in wanted}


@dataclass(frozen=True)
class _Table:
    """Lines inside a record: what they are called, and their columns."""

    key: str
    rows: Sequence[Mapping[str, Any]]
    columns: list[str]
    known: Mapping[str, Kind]
    sums: str = ""
    """Of all rows, by currency."""


@dataclass(frozen=True)
class _Record:
    """A record on its way to an answer."""

    name: str
    data: Mapping[str, Any]
    record: type[Record] | None
    next_tools: Sequence[str]
    caveat: str
    budget: int

    def text(self) -> str:
        """The readable answer: everything where it fits, else the facts that matter and the first lines."""
        said = [self.caveat] if self.caveat else []
        said += [f"Next: {', '.join(tools)}"] if (tools := self._tools()) else []
        facts, tables = self._facts(FACT), [_lines(each) for each in self._tables()]
        whole = "\n".join([self.name, "<data>", *_joined(facts, self.data, tables), "</data>", *said])
        if len(whole.encode()) <= self.budget or tokens(whole) <= self.budget:
            return whole
        return self._trimmed(said)

    def _tools(self) -> list[str]:
        """What can be done next, as far as there is room for it."""
        costs = accumulate(tokens(each) + 2 for each in self.next_tools)
        return [each for each, cost in zip(self.next_tools, costs, strict=True) if cost <= self.budget // 3]

    def _trimmed(self, said: list[str]) -> str:
        tables = [_lines(each, _SHORTER[-1]) for each in self._tables()]
        said = [f"To stay within {self.budget} tokens something is left out; max_tokens shows more.", *said]
        room = self.budget - tokens("\n".join([self.name, "<data>", "Left out: ", "</data>", *said])) - 6
        room -= (names := min(_NAMES, room // 3))
        wanted = sum(tokens(line) + 1 for lines in tables for line in lines)
        facts, left_out = self._facts_within(room - min(wanted, int(room * _LINES)))
        room -= sum(tokens("\n".join(lines)) + 1 for lines in facts.values())
        shown = []
        for number, (each, lines) in enumerate(zip(self._tables(), tables, strict=True)):
            kept, spent = _first(lines, room // (len(tables) - number))
            room -= spent
            if kept:
                shown += kept
            if len(kept) < len(lines):
                left_out.insert(0, _partly(_label(each.key), max(0, len(kept) - 2), len(each.rows), "lines"))
        ordered = [line for key in _ordered(self.data) for line in facts.get(key, ())]
        return "\n".join([self.name, "<data>", *ordered, *shown, *_named(left_out, names), "</data>", *said])

    def _facts_within(self, room: int) -> tuple[dict[str, list[str]], list[str]]:
        """Facts that fit, those of the view first, and the names of the others."""
        facts: dict[str, list[str]] = {}
        for length in _SHORTER:
            facts = self._facts(length)
            if sum(tokens("\n".join(lines)) + 1 for lines in facts.values()) <= room:
                return facts, []
        first = set(self.record.view.columns if self.record else ())
        kept: dict[str, list[str]] = {}
        left_out = []
        for key in sorted(facts, key=lambda key: (key not in first, len(facts[key]) > 1)):
            lines, cost = _fitting(facts[key], room)
            room -= cost
            if lines:
                kept[key] = lines
            if len(lines) < len(facts[key]):
                left_out.append(_partly(_label(key), len(lines), len(facts[key]), "fields"))
        return kept, left_out

    def _facts(self, length: int) -> dict[str, list[str]]:
        """The lines of each fact that is there."""
        known = kinds(self.record)
        facts: dict[str, list[str]] = {}
        for key, value in self.data.items():
            name = _label(key)
            if _is_table(value):
                continue
            if isinstance(value, dict) and value:
                lines = [
                    f"{name}.{_label(inner)}: {text_of(each, known.get(key, guessed(str(inner), each)), length)}"
                    for inner, each in value.items()
                    if each is not None and each != []
                ]
            elif value is not None and value != []:
                lines = [f"{name}: {text_of(value, known.get(key, guessed(name, value)), length)}"]
            else:
                continue
            if lines:
                facts[key] = lines
        return facts

    def _tables(self) -> list[_Table]:
        tables = [self._table(key, value) for key, value in self.data.items() if _is_table(value)]
        if self.record is not None:
            return tables
        # Where nothing is known of the record, lists inside its lines may be what it is about (a vendor's statement).
        inside = [
            self._table(f"{each.key}.{number}.{key}", value)
            for each in tables
            for number, row in enumerate(each.rows[:_NESTED], 1)
            for key, value in row.items()
            if _is_table(value)
        ]
        return tables + inside

    def _table(self, key: str, rows: list[dict[str, Any]]) -> _Table:
        inner = inner_record(self.record, key)
        usual = inner.view.columns if inner else ()
        columns = [column for column in usual if any(at(row, column) not in (None, []) for row in rows)]
        columns = [column for column in columns or table.columns_of(rows) if not self._is_own(column, rows)]
        known = {column: kind_in(inner, column, (at(row, column) for row in rows)) for column in columns}
        sums = figures(rows, inner.view).said() if inner and inner.view.sums and len(rows) > 1 else []
        return _Table(key, rows, columns, known, "; ".join(sums))

    def _is_own(self, column: str, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Whether a column only names the record that the lines are inside of."""
        own = self.data.get("id")
        if self.record is None or own is None or column != f"{snake(self.record.__name__)}_id":
            return False
        return all(row.get(column) == own for row in rows)

    def structured(self) -> dict[str, Any]:
        """The same as data, within the budget: facts first, then as many lines as fit, in the columns that matter."""
        content: dict[str, Any] = {"operation": self.name} | ({"caveat": self.caveat} if self.caveat else {})
        if tools := self._tools():
            content["next"] = tools
        copy = self._copy(FACT)
        room = self.budget - tokens_of(content) - 6
        if tokens_of(copy) <= room:
            return content | {"record": copy}
        names = min(_NAMES, room // 3)
        record, left_out = self._copied_within(room - names)
        said, costs = [], 8
        for each in left_out:
            costs += tokens_of(each) + 1
            if costs > names:
                break
            said.append(each)
        return content | {"record": record} | ({"left_out": said} if said else {})

    def _copied_within(self, room: int) -> tuple[dict[str, Any], list[str]]:
        tables = {each.key: each for each in self._tables()}
        first = set(self.record.view.columns if self.record else ())
        copy = {key: value for key, value in self._copy(CELL).items() if value is not None and value != []}
        keys = {clean(str(key), 100): key for key in tables}
        # Two names may be one once they are cleaned.
        keys = {name: key for name, key in keys.items() if name not in copy or isinstance(copy[name], list)}
        wanted = sum(tokens_of(copy[name]) + len(copy[name]) + 8 for name in keys if name in copy)
        left = room - min(wanted, int(room * _LINES))
        kept: dict[str, Any] = {}
        left_out: list[str] = []
        facts = [name for name in copy if name not in keys]
        for name in sorted(facts, key=lambda name: (name not in first, isinstance(copy[name], list | dict))):
            value, cost = _members(name, copy[name], left)
            if value is not None:
                kept[name] = value
                left -= cost
                room -= cost
            if value != copy[name]:
                count = len(value) if value is not None else 0
                left_out.append(_partly(name, count, len(copy[name]) if isinstance(copy[name], dict) else 1, "fields"))
        for number, (name, key) in enumerate(keys.items()):
            rows, cost = _objects(tables[key], room // (len(keys) - number), tokens_of(name) + 4)
            if rows:
                kept[name] = rows
                room -= cost
            if len(rows) < len(tables[key].rows):
                left_out.insert(0, _partly(name, len(rows), len(tables[key].rows), "lines"))
        return {name: kept[name] for name in (*copy, *keys) if name in kept}, left_out

    def _copy(self, length: int) -> dict[str, Any]:
        known = kinds(self.record)
        copy: dict[str, Any] = {}
        for key, value in self.data.items():
            inner = kinds(inner_record(self.record, key))
            copy[clean(str(key), 100)] = (
                [jsonable(row, fields=inner, length=length) for row in value]
                if isinstance(value, list) and inner
                else jsonable(value, known.get(key, guessed(str(key), value)), length=length)
            )
        return copy


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _lines(each: _Table, cell: int = CELL) -> list[str]:
    sums = f" {each.sums}" if each.sums else ""
    return [
        f"{_label(each.key)} ({len(each.rows)}):{sums}",
        *table.lines(each.rows, each.columns, each.known, cell=cell),
    ]


def _joined(facts: Mapping[str, list[str]], data: Mapping[str, Any], tables: list[list[str]]) -> list[str]:
    return [line for key in _ordered(data) for line in facts.get(key, ())] + [line for each in tables for line in each]


def _ordered(data: Mapping[str, Any]) -> list[str]:
    """The keys as they come, but what is false or empty last."""
    return sorted(data, key=lambda key: data[key] is False or data[key] in ("", {}))


def _fitting(lines: Sequence[str], room: int) -> tuple[list[str], int]:
    """The first lines that fit, and what they cost."""
    spent = 0
    kept: list[str] = []
    for line in lines:
        cost = tokens(line) + 1
        if spent + cost > room:
            break
        spent += cost
        kept.append(line)
    return kept, spent


def _first(lines: list[str], room: int) -> tuple[list[str], int]:
    """A table's title, header and first rows, as far as they fit, and what they cost; nothing when no row does."""
    kept, spent = _fitting(lines, room)
    return (kept, spent) if len(kept) > 2 else ([], 0)


def _members(name: str, value: Any, room: int) -> tuple[Any, int]:
    """A fact, of an object only the first members that fit; None where nothing does. And what it costs."""
    cost = tokens_of({name: value})
    if cost <= room:
        return value, cost
    if not isinstance(value, dict):
        return None, 0
    spent = tokens_of(name) + 4
    kept: dict[str, Any] = {}
    for key, each in value.items():
        cost = tokens_of({key: each})
        if spent + cost > room:
            break
        spent += cost
        kept[key] = each
    return (kept, spent) if kept else (None, 0)


def _partly(name: str, shown: int, count: int, what: str) -> str:
    return f"{name} ({shown} of {count} {what} shown)" if shown or count > 1 else name


def _objects(each: _Table, room: int, spent: int) -> tuple[list[dict[str, Any]], int]:
    """As many of a table's rows as fit, in the columns that matter, and what they cost."""
    kept: list[dict[str, Any]] = []
    for row in each.rows:
        shown = {
            text_of(column, length=60): jsonable(value, each.known.get(column, Kind.PLAIN), length=CELL)
            for column in each.columns
            if (value := at(row, column)) is not None
        }
        cost = tokens_of(shown) + 1
        if spent + cost > room:
            break
        spent += cost
        kept.append(shown)
    return kept, spent


def _named(left_out: list[str], room: int) -> list[str]:
    """The line that names what is left out, as far as there is room for names."""
    said: list[str] = []
    for each in left_out:
        room -= tokens(each) + 1
        if room < 0:
            said.append(f"and {len(left_out) - len(said)} more")
            break
        said.append(each)
    return [f"Left out: {', '.join(said)}"] if said else []


def _label(key: Any) -> str:
    return unfenced(clean(str(key), 80))
