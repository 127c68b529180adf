"""Which columns of a list are shown: those asked for, or those that matter, and fewer where a budget is small."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.common import Record, View
from server.answers import table
from server.answers.values import CELL, at, text_of
from tools.arguments import InvalidArgumentsError, Problem, nearest

_SAMPLE = 20
_SLIP = 80
"""Similarity in percent from which a name is taken for a slip of a known one, where no row shows what there is."""
_NAMES = 60
"""Names that an error tells."""
_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")
"""What is told of names outside the fence: keys of rows come from the API, too."""
_SHORTER = (60, 32)
_SHORTEST = 20
_MANY = 20
"""Beyond so many rows they are not squeezed into ever fewer columns: rows are left out instead."""


@dataclass(frozen=True)
class Columns:
    """Columns in order. asked: the caller named them. kept: those that are shown whatever the budget."""

    names: tuple[str, ...]
    asked: bool
    kept: frozenset[str]


@dataclass(frozen=True)
class Shape:
    """How rows are shown: in which columns, texts of how many characters, except in the columns that are whole."""

    columns: tuple[str, ...]
    cell: int = CELL
    whole: frozenset[str] = frozenset()


def chosen(
    rows: Sequence[Mapping[str, Any]], record: type[Record] | None, view: View, fields: Sequence[str] | None
) -> Columns:
    """The columns of a list. Raises InvalidArgumentsError for a field that no row has."""
    if fields:
        _check(rows, record, fields)
        key = _key(rows, record, view)
        names = [*([key] if key and key not in fields else []), *dict.fromkeys(fields)]
        return Columns(tuple(names), True, frozenset(names[:3]))
    usual = [column for column in view.columns if any(at(row, column) is not None for row in rows)]
    names = usual or table.columns_of(rows) or list(view.columns)
    # Without its currency an amount says nothing; where it is the same in all rows, it is said once instead.
    amounts = [view.currency] if view.sums else []
    return Columns(tuple(names), False, frozenset([*names[:2], *view.sums[-1:], *amounts]) & set(names))


def _key(rows: Sequence[Mapping[str, Any]], record: type[Record] | None, view: View) -> str | None:
    """The column that the next call needs: without the id nothing can be done with a row."""
    first = view.columns[0] if view.columns else ""
    there = set().union(*rows[:_SAMPLE]) if rows else set(record.model_fields if record else ())
    return "id" if "id" in there else first if first.endswith("id") and first in there else None


def _check(rows: Sequence[Mapping[str, Any]], record: type[Record] | None, fields: Sequence[str]) -> None:
    declared = set(record.model_fields) if record else set()
    problems = []
    for field in fields:
        whole, _, part = field.partition(".")
        names = {key for row in rows for key in row} | declared
        if field in names:
            continue
        if whole not in names and (rows or nearest(whole, names, at_least=_SLIP)):
            problems.append(_no_column(field, names))
        elif part and (problem := _no_part(rows, field, whole)):
            problems.append(problem)
    if problems:
        raise InvalidArgumentsError(problems)


def _no_column(field: str, names: set[str]) -> Problem:
    near = nearest(field, names)
    hint = f"did you mean {_said(near)}? " if near else ""
    return Problem("fields", f"no column {_said(field)!r}; {hint}Columns: {_list(names)}")


def _no_part(rows: Sequence[Mapping[str, Any]], field: str, whole: str) -> Problem | None:
    """What is wrong with a dotted field, as far as rows show what is inside."""
    part = field[len(whole) + 1 :]
    found = [row[whole] for row in rows[:_SAMPLE] if row.get(whole) is not None]
    inside = {key for value in found if isinstance(value, dict) for key in value}
    if not found or part in inside or part.split(".")[0] in inside:
        return None
    if not inside:
        kind = "is a list; get the record to see its entries" if isinstance(found[0], list) else "has no parts"
        return Problem("fields", f"no column {_said(field)!r}: {_said(whole)} {kind}")
    near = nearest(part, inside)
    hint = f"did you mean {_said(whole)}.{_said(near)}? " if near else ""
    return Problem("fields", f"no column {_said(field)!r}; {hint}{_said(whole)} has: {_list(inside)}")


def _said(name: str) -> str:
    return text_of(name, length=40)


def _list(names: set[str]) -> str:
    shown = [_said(name) for name in sorted(names)[:_NAMES]]
    return ", ".join(shown) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")


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
        drop = next((name for name in reversed(names) if name not in columns.kept), None)
        if drop is None:
            return
        names = tuple(name for name in names if name != drop)
        yield Shape(names, _SHORTER[-1], columns.kept)


def for_fewer_rows(columns: Columns, count: int, smallest: Shape) -> Iterator[Shape]:
    """Shapes to try when rows must be left out, whatever the shape: the first in which any row fits is taken."""
    yield Shape(columns.names, _SHORTER[0], columns.kept) if count > _MANY else smallest
    yield Shape(tuple(name for name in columns.names if name in columns.kept), _SHORTEST)


def others(rows: Sequence[Mapping[str, Any]], shown: Sequence[str], dropped: Sequence[str]) -> list[str]:
    """Names of fields that rows have and that are not shown: first those that were dropped, then by alphabet."""
    there = {key for row in rows[:_SAMPLE] for key in row}
    seen = {column.split(".")[0] for column in (*shown, *dropped)}
    return [*dropped, *sorted(name for name in there - seen if _NAME.fullmatch(name))]
