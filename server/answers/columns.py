"""Which columns of a list are shown: those asked for, or those that matter, and fewer where a budget is small."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.common import Record, View
from server.answers import table
from server.answers.values import CELL, at, field_names, text_of
from tools.arguments import InvalidArgumentsError, Problem, nearest

_SAMPLE = 20
_SLIP = 80
"""Similarity in percent from which a name is taken for a slip of a known one, where no row shows what there is."""
_NAMES = 60
"""Names that an error tells."""
_DATE = re.compile(r"(^|[_.])date($|_)|_on$")
_SHORTER = (60, 32)
_SHORTEST = 20
_MANY = 20
"""Beyond so many rows they are not squeezed into ever fewer columns: rows are left out instead."""


@dataclass(frozen=True)
class Columns:
    """Columns in order. asked: the caller named them. kept: those that are shown whatever the budget.

    told: those whose one value the counts tell. absent: those asked for that a record has and no row here carries.
    """

    names: tuple[str, ...]
    asked: bool
    kept: frozenset[str]
    told: frozenset[str] = frozenset()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """How rows are shown: in which columns, texts of how many characters, except in the columns that are whole."""

    columns: tuple[str, ...]
    cell: int = CELL
    whole: frozenset[str] = frozenset()


def chosen(
    rows: Sequence[Mapping[str, Any]],
    record: type[Record] | None,
    view: View,
    fields: Sequence[str] | None,
    by: Sequence[str] = (),
) -> Columns:
    """The columns of a list. by: what it is filtered or sorted by, which is always shown.

    Raises InvalidArgumentsError for a field that no row has.
    """
    if fields:
        _check(rows, record, view, fields)
        absent = tuple(name for name in dict.fromkeys(fields) if _absent(rows, record, name))
        key = _key(rows, record, view)
        names = [*([key] if key and key not in fields else []), *dict.fromkeys(fields)]
        names = [name for name in names if name not in absent]
        return Columns(tuple(names), True, frozenset(names[:3]), absent=absent)
    usual = [column for column in view.columns if any(at(row, column) not in (None, []) for row in rows)]
    usual = [column for column in usual if f"{column}_name" not in usual]  # The same, only shorter.
    names = usual or table.columns_of(rows) or list(view.columns)
    compared = [name for name in by if _there(rows, record, name)]
    names += [name for name in compared if name not in names]
    own = next((name for name in names[1:] if not _foreign(name)), names[0] if names else "")
    # Without its currency an amount says nothing; where it is the same in all rows, it is said once instead.
    amounts = [view.currency] if view.sums else []
    kept = frozenset([*names[:1], own, *view.sums[-1:], *amounts, *compared]) & set(names)
    told = (column for column in view.counts if len({text_of(at(row, column)) for row in rows}) == 1)
    return Columns(tuple(names), False, kept, frozenset(told))


def _key(rows: Sequence[Mapping[str, Any]], record: type[Record] | None, view: View) -> str | None:
    """The column that the next call needs: without the id nothing can be done with a row."""
    first = view.columns[0] if view.columns else ""
    there = set().union(*rows[:_SAMPLE]) if rows else set(record.model_fields if record else ())
    return "id" if "id" in there else first if first.endswith("id") and first in there else None


def _foreign(name: str) -> bool:
    """Whether a column is the id of another record."""
    return name.endswith(("_id", ".id"))


def _there(rows: Sequence[Mapping[str, Any]], record: type[Record] | None, name: str) -> bool:
    """Whether a filter's name is a column of this list, be it empty."""
    known = record is not None and name in record.model_fields
    return known or any(name in row or at(row, name) is not None for row in rows)


def _absent(rows: Sequence[Mapping[str, Any]], record: type[Record] | None, field: str) -> bool:
    """Whether a record has what no row of this list carries."""
    whole = field.partition(".")[0]
    declared = record is not None and whole in record.model_fields
    return declared and bool(rows) and not any(whole in row or field in row for row in rows)


def _check(rows: Sequence[Mapping[str, Any]], record: type[Record] | None, view: View, fields: Sequence[str]) -> None:
    declared = set(record.model_fields) if record else set()
    problems = []
    for field in fields:
        whole, _, part = field.partition(".")
        names = {key for row in rows for key in row} | declared
        if field in names:
            continue
        if whole not in names and (rows or nearest(whole, names, at_least=_SLIP)):
            problems.append(_no_column(field, rows, view, names))
        elif part and (problem := _no_part(rows, field, whole)):
            problems.append(problem)
    if problems:
        raise InvalidArgumentsError(problems)


def _no_column(field: str, rows: Sequence[Mapping[str, Any]], view: View, names: set[str]) -> Problem:
    dotted = {column for column in view.columns if any(at(row, column) is not None for row in rows[:_SAMPLE])}
    near = nearest(field, field_names(names | dotted))
    hint = f"did you mean {_said(near)}? " if near else ""
    flags = {key for row in rows[:_SAMPLE] for key, value in row.items() if isinstance(value, bool)}
    usual = [column for column in view.columns if column in names | dotted]
    rest = sorted(names - set(usual), key=lambda name: (name in flags, name))
    return Problem("fields", f"no column {_said(field)!r}; {hint}Columns: {_list([*usual, *rest])}")


def _no_part(rows: Sequence[Mapping[str, Any]], field: str, whole: str) -> Problem | None:
    """What is wrong with a dotted field, as far as rows show what is inside."""
    part = field[len(whole) + 1 :]
    found = [row[whole] for row in rows[:_SAMPLE] if row.get(whole) not in (None, [])]
    entries = [each for value in found for each in (value if isinstance(value, list) else [value])]
    inside = {key for each in entries if isinstance(each, dict) for key in each}
    if not found or part in inside or part.split(".")[0] in inside:
        return None
    if not inside:
        return Problem("fields", f"no column {_said(field)!r}: {_said(whole)} has no parts")
    near = nearest(part, field_names(inside))
    hint = f"did you mean {_said(whole)}.{_said(near)}? " if near else ""
    return Problem("fields", f"no column {_said(field)!r}; {hint}{_said(whole)} has: {_list(sorted(inside))}")


def _said(name: str) -> str:
    return text_of(name, length=40)


def _list(names: Sequence[str]) -> str:
    shown = field_names(names)[:_NAMES]
    more = [f"and {len(names) - len(shown)} more"] if len(shown) < len(names) else []
    return " ".join([*([", ".join(shown)] if shown else []), *more])


def shapes(columns: Columns, count: int, first: int = CELL) -> Iterator[Shape]:
    """Ever smaller shapes for `count` rows: shorter texts, then fewer columns, the last ones first."""
    names = columns.names
    yield Shape(names, first)
    for cell in _SHORTER:
        yield Shape(names, cell, columns.kept)
    if columns.asked:
        return
    least = len(names) // 2 if count > _MANY else 1
    while len(names) > least:
        drop = _dropped(names, columns)
        if drop is None:
            return
        names = tuple(name for name in names if name != drop)
        yield Shape(names, _SHORTER[-1], columns.kept)


def _dropped(names: Sequence[str], columns: Columns) -> str | None:
    """The column that is given up next: one that the counts tell, then the last one.

    No date as long as there is the id of another record.
    """
    free = [name for name in reversed(names) if name not in columns.kept]
    if told := [name for name in free if name in columns.told]:
        return told[0]
    if free and _DATE.search(free[0]):
        return next((name for name in free if _foreign(name)), free[0])
    return free[0] if free else None


def for_fewer_rows(columns: Columns, count: int, smallest: Shape) -> Iterator[Shape]:
    """Shapes to try when rows must be left out, whatever the shape: the first in which any row fits is taken."""
    yield Shape(columns.names, _SHORTER[0], columns.kept) if count > _MANY else smallest
    yield Shape(tuple(name for name in columns.names if name in columns.kept), _SHORTEST)


def others(rows: Sequence[Mapping[str, Any]], shown: Sequence[str], dropped: Sequence[str]) -> list[str]:
    """Names of fields that rows have and that are not shown: first those that were dropped, then by alphabet."""
    there = {key for row in rows[:_SAMPLE] for key in row}
    seen = {column.split(".")[0] for column in (*shown, *dropped)}
    return [*dropped, *sorted(there - seen)]
