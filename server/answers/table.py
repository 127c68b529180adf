"""Rows as compact CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from server.answers.budget import tokens
from server.answers.values import CELL, Kind, at, room_for, text_of

_NAME = 60
"""Characters of a column's name."""


def lines(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    kinds: Mapping[str, Kind],
    *,
    cell: int = CELL,
    whole: Collection[str] = (),
) -> list[str]:
    """A header line and one line a row. cell: characters of a text; the columns in `whole` have CELL all the same."""
    buffer = io.StringIO()
    write = csv.writer(buffer, lineterminator="\n").writerow
    write([text_of(column, length=min(_NAME, cell)) for column in columns])
    marks = [(column, kinds.get(column, Kind.PLAIN), CELL if column in whole else cell) for column in columns]
    for row in rows:
        values = ((row[column] if column in row else at(row, column), kind, length) for column, kind, length in marks)
        write([text_of(value, kind, room_for(value, length)) for value, kind, length in values])
    return buffer.getvalue().splitlines()


def within(budget: int, table: list[str]) -> list[str]:
    """As many of a table's lines as fit, the header first."""
    if sum(len(line.encode()) + 1 for line in table) <= budget:
        return table  # A token is at least a byte.
    kept: list[str] = []
    spent = 0
    for line in table:
        spent += tokens(line) + 1
        if spent > budget and len(kept) > 1:
            break
        kept.append(line)
    return kept


def columns_of(rows: Sequence[Mapping[str, Any]], most: int = 10) -> list[str]:
    """Columns for rows of unknown shape: the simple values, in the order in which they come."""
    found: dict[str, None] = {}
    for row in rows[:50]:
        for key, value in row.items():
            if not isinstance(value, dict | list):
                found.setdefault(key)
    return list(found)[:most]
