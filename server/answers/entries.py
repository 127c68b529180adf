"""Lists inside the rows of a list: their entries as small tables below the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.common import Record
from server.answers import table
from server.answers.budget import tokens_of_lines
from server.answers.values import Kind, at, inner_record, jsonable, kind_in, text_of, unfenced

FEW = 3
"""Rows up to which the entries are shown without being asked for."""
_CELL = 60
_MORE = 25
"""Tokens for saying that some are left out; where there is no room even for that, nothing is said of entries."""


def names_of(rows: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> list[str]:
    """Those of the wanted columns that hold lists of objects."""
    return [name for name in dict.fromkeys(wanted) if any(_entries(row, name) for row in rows)]


def _entries(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = row.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def lines_of(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], record: type[Record] | None, room: int
) -> list[str]:
    """The entries of these lists, row by row, as far as there is room."""
    lines: list[str] = []
    room -= _MORE
    for row in rows if names and room >= 0 else ():
        for name in names:
            if not (entries := _entries(row, name)):
                continue
            own = row.get("id", next(iter(row.values())))
            title = f"{unfenced(name)} of {text_of(own, length=40)}"
            shown = table.lines(entries, *_columns(entries, inner_record(record, name)), cell=_CELL)
            kept = _fitting([f"{title} ({len(entries)}):", *shown], room)
            if not kept:
                return [*lines, "Further entries are left out: max_tokens or fewer rows."]
            lines += kept
            room -= tokens_of_lines(kept)
            if len(kept) < len(shown) + 1:
                return [*lines, f"{len(shown) + 1 - len(kept)} entries and what follows are left out: max_tokens."]
    return lines


def objects_of(row: Mapping[str, Any], name: str, record: type[Record] | None) -> list[dict[str, Any]]:
    """The entries of one list of a row as data, in the columns that matter."""
    entries = _entries(row, name)
    columns, known = _columns(entries, inner_record(record, name))
    return [
        {
            text_of(column, length=_CELL): text_of(value) if isinstance(value, dict) else jsonable(value, known[column])
            for column in columns
            if (value := at(entry, column)) is not None
        }
        for entry in entries
    ]


def _columns(entries: Sequence[Mapping[str, Any]], inner: type[Record] | None) -> tuple[list[str], dict[str, Kind]]:
    usual = inner.view.columns if inner else ()
    columns = [column for column in usual if any(at(each, column) is not None for each in entries)]
    columns = columns or table.columns_of(entries)
    return columns, {column: kind_in(inner, column, (at(each, column) for each in entries)) for column in columns}


def _fitting(lines: list[str], room: int) -> list[str]:
    """As many lines as fit, nothing where not even one entry does."""
    kept: list[str] = []
    for line in lines:
        room -= tokens_of_lines([line])
        if room < 0:
            break
        kept.append(line)
    return kept if len(kept) > 2 else []
