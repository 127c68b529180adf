"""The list contract: how many match, what page this is, sums and counts, compact rows, how to get more."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.common import Record, View
from server.answers import table
from server.answers.answer import MAX_TOKENS, Answer
from server.answers.budget import tokens
from server.answers.values import Kind, amount, at, jsonable, kinds, label, text_of
from tools.arguments import InvalidArgumentsError, Problem, nearest

_HEADROOM = 400
"""Tokens kept for what is said around the rows."""
_MOST_COUNTS = 8
_MOST_CURRENCIES = 8
"""Sums are said for so many currencies; nobody's books have more, so more is a sign of something else."""
_MOST_SUMS = 50


@dataclass(frozen=True)
class Span:
    """Which part of the match the rows are. total and pages are None where the API does not say."""

    page: int = 1
    per_page: int = 0
    total: int | None = None
    pages: int | None = None
    read_all: bool = False
    """All pages were asked for."""
    stopped: str = ""
    """Why reading all pages ended early."""
    paged: bool = True
    cursor: str = ""
    """Where the next part begins, in lists that are read by cursor."""


def list_answer(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    span: Span,
    record: type[Record] | None,
    fields: list[str] | None = None,
    *,
    budget: int = MAX_TOKENS,
) -> Answer:
    """The answer of a list operation.

    fields: columns asked for, in place of the usual ones. Raises InvalidArgumentsError for a column that no row has.
    """
    view = record.view if record else View()
    known = kinds(record)
    columns = _columns(rows, record, view, fields)
    sums, counts = _sums(rows, view), _counts(rows, view)
    constant = _constant(rows, columns, view) if not fields else {}
    shown = [column for column in columns if column not in constant]
    head = [_headline(name, len(rows), span)]
    if summary := _summary(sums, counts, constant):
        head.append(summary)
    body = table.lines(rows, shown, known)
    room = budget - _HEADROOM - sum(len(line.encode()) for line in head)
    kept = table.within(room, body)
    left_out = len(body) - len(kept)
    said = _more(span, rows, columns, left_out, budget)
    text = "\n".join([*head, "<data>", *kept, "</data>", *said])
    return Answer(text, lambda: _structured(name, rows, span, columns, sums, counts, known, budget))


def _columns(
    rows: Sequence[Mapping[str, Any]], record: type[Record] | None, view: View, fields: list[str] | None
) -> list[str]:
    if fields:
        names = {key for row in rows for key in row} | set(record.model_fields if record else ())
        if rows:
            unknown = [field for field in fields if field.split(".")[0] not in names]
            if unknown:
                raise InvalidArgumentsError([_no_column(field, names) for field in unknown])
        return fields
    usual = [column for column in view.columns if any(at(row, column) is not None for row in rows)]
    return usual or table.columns_of(rows) or list(view.columns)


def _no_column(field: str, names: set[str]) -> Problem:
    near = nearest(field, names)
    hint = f"did you mean {near}? " if near else ""
    return Problem("fields", f"no column {field!r}; {hint}Columns: {', '.join(sorted(names))}")


def _sums(rows: Sequence[Mapping[str, Any]], view: View) -> dict[str, dict[str, Decimal]]:
    """Sums of the money columns by currency; different currencies are never added."""
    sums: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        currency = label(row[view.currency]) if row.get(view.currency) else ""
        for column in view.sums:
            value = row.get(column)
            if isinstance(value, Decimal | int) and not isinstance(value, bool):
                by_column = sums.setdefault(currency, {})
                by_column[column] = by_column.get(column, Decimal(0)) + value
    return sums


def _counts(rows: Sequence[Mapping[str, Any]], view: View) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for column in view.counts:
        counter = Counter(label(at(row, column)) for row in rows if at(row, column) is not None)
        if counter:
            found[column] = dict(counter.most_common(_MOST_COUNTS))
    return found


def _constant(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], view: View) -> dict[str, str]:
    """The currency, when it is the same in all rows, is said once."""
    values = {text_of(row.get(view.currency), length=8) for row in rows}
    return {view.currency: values.pop()} if view.currency in columns and len(values) == 1 else {}


def _headline(name: str, shown: int, span: Span) -> str:
    if not span.paged:
        return f"{name}: {shown} rows"
    if span.read_all:
        of = f"{span.total} match" if span.total is not None else f"{shown} match"
        return f"{name}: {of}, {'all' if not span.stopped else shown} read"
    if span.total is None or not span.per_page:
        return f"{name}: page {span.page}, {shown} rows"
    first = (span.page - 1) * span.per_page + 1
    rows = f", rows {first}-{first + shown - 1}" if shown else ""
    return f"{name}: {span.total} match, page {span.page} of {span.pages}{rows}"


def _summary(
    sums: Mapping[str, Mapping[str, Decimal]], counts: Mapping[str, Mapping[str, int]], constant: Mapping[str, str]
) -> str:
    parts = [
        f"{column} {_by_currency(column, sums)}"
        for column in dict.fromkeys(name for by in sums.values() for name in by)
    ]
    parts += [
        f"{column}: {', '.join(f'{value} {count}' for value, count in by.items())}" for column, by in counts.items()
    ]
    parts += [f"all in {value}" for value in constant.values() if value and not sums]
    return f"Of these rows: {'; '.join(parts)}" if parts else ""


def _by_currency(column: str, sums: Mapping[str, Mapping[str, Decimal]]) -> str:
    amounts = [_with_currency(by[column], currency) for currency, by in sums.items() if column in by]
    more = len(amounts) - _MOST_CURRENCIES
    return " + ".join(amounts[:_MOST_CURRENCIES]) + (f" and {more} more currencies" if more > 0 else "")


def _with_currency(value: Decimal, currency: str) -> str:
    return f"{amount(value)} {currency}".rstrip()


def _more(
    span: Span, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], left_out: int, budget: int
) -> list[str]:
    said = []
    if left_out:
        said.append(f"{left_out} rows left out (limit {budget} tokens): name fewer fields, filter, or read by page.")
    if span.stopped:
        said.append(f"Not all was read: {span.stopped}.")
    if span.cursor:
        said.append(f"More: cursor={span.cursor}")
    elif span.paged and not span.read_all and _has_next(span, len(rows)):
        said.append(f"More: page={span.page + 1}, or all_pages=true.")
    simple = {key for row in rows[:20] for key, value in row.items() if not isinstance(value, dict)}
    other = sorted(simple - set(columns))
    if other and span.paged and span.page == 1 and not span.read_all:
        said.append(f"Other fields: {', '.join(text_of(name, length=40) for name in other[:14])}")
    return said


def _has_next(span: Span, shown: int) -> bool:
    return span.page < span.pages if span.pages is not None else shown >= span.per_page > 0


def _structured(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    span: Span,
    columns: Sequence[str],
    sums: Mapping[str, Mapping[str, Decimal]],
    counts: Mapping[str, Mapping[str, int]],
    known: Mapping[str, Kind],
    budget: int,
) -> dict[str, Any]:
    kept = _objects(rows, columns, known, budget - _HEADROOM)
    structured: dict[str, Any] = {
        "operation": name,
        "total": span.total,
        "page": span.page,
        "pages": span.pages,
        "rows": kept,
        "sums": {
            currency: {column: amount(value) for column, value in by.items()}
            for currency, by in list(sums.items())[:_MOST_SUMS]
        },
        "counts": counts,
        "left_out": len(rows) - len(kept),
        "next_page": span.page + 1 if not span.read_all and span.paged and _has_next(span, len(rows)) else None,
    }
    if span.cursor:
        structured["next_cursor"] = span.cursor
    if span.stopped:
        structured["stopped"] = span.stopped
    return {key: value for key, value in structured.items() if value is not None}


def _objects(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], known: Mapping[str, Kind], budget: int
) -> list[dict[str, Any]]:
    """As many rows as fit, each with all columns."""
    kept: list[dict[str, Any]] = []
    for row in rows:
        each = {column: jsonable(at(row, column), known.get(column, Kind.PLAIN)) for column in columns}
        budget -= tokens(json.dumps(each, ensure_ascii=False, separators=(",", ":"))) + 1
        if budget < 0 and kept:
            break
        kept.append(each)
    return kept
