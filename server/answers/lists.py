"""The list contract: how many match, what page this is, sums and counts, compact rows, how to get more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.common import Record, View
from server.answers import table
from server.answers.answer import MAX_TOKENS, Answer
from server.answers.values import Kind, amount, at, jsonable, kinds, text_of
from tools.arguments import InvalidArgumentsError, Problem, nearest

_HEADROOM = 400
"""Tokens kept for what is said around the rows."""
_MOST_COUNTS = 8


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


def list_answer(
    name: str, rows: Sequence[Mapping[str, Any]], span: Span, record: type[Record] | None, fields: list[str] | None
) -> Answer:
    """The answer of a list operation.

    fields: columns asked for, in place of the usual ones. Raises InvalidArgumentsError for a column that no row has.
    """
    view = record.view if record else View()
    known = kinds(record)
    columns = _columns(rows, record, view, fields)
    sums, counts = _sums(rows, view, known), _counts(rows, view)
    constant = _constant(rows, columns, view) if not fields else {}
    shown = [column for column in columns if column not in constant]
    head = [_headline(name, len(rows), span)]
    if summary := _summary(sums, counts, constant):
        head.append(summary)
    body = table.lines(rows, shown, known)
    kept = table.within(MAX_TOKENS - _HEADROOM, body)
    left_out = len(body) - len(kept)
    text = "\n".join([*head, "<data>", *kept, "</data>", *_more(span, rows, columns, left_out)])
    return Answer(text, lambda: _structured(name, rows[: len(kept) - 1], span, columns, sums, counts, known, left_out))


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


def _sums(rows: Sequence[Mapping[str, Any]], view: View, known: Mapping[str, Kind]) -> dict[str, dict[str, Decimal]]:
    """Sums of the money columns by currency; different currencies are never added."""
    sums: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        currency = text_of(row.get(view.currency), length=8)
        for column in view.sums:
            value = row.get(column)
            if isinstance(value, Decimal | int) and not isinstance(value, bool):
                by_column = sums.setdefault(currency, {})
                by_column[column] = by_column.get(column, Decimal(0)) + value
    return sums


def _counts(rows: Sequence[Mapping[str, Any]], view: View) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for column in view.counts:
        counter = Counter(text_of(at(row, column), length=40) for row in rows if at(row, column) is not None)
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
    if span.total is None:
        return f"{name}: page {span.page}, {shown} rows"
    first = (span.page - 1) * span.per_page + 1
    rows = f", rows {first}-{first + shown - 1}" if shown else ""
    return f"{name}: {span.total} match, page {span.page} of {span.pages}{rows}"


def _summary(
    sums: Mapping[str, Mapping[str, Decimal]], counts: Mapping[str, Mapping[str, int]], constant: Mapping[str, str]
) -> str:
    parts = [
        f"{column} {' + '.join(_with_currency(by[column], currency) for currency, by in sums.items() if column in by)}"
        for column in dict.fromkeys(column for by in sums.values() for column in by)
    ]
    parts += [
        f"{column}: {', '.join(f'{value} {count}' for value, count in by.items())}" for column, by in counts.items()
    ]
    parts += [f"all in {value}" for value in constant.values() if value and not sums]
    return f"Of these rows: {'; '.join(parts)}" if parts else ""


def _with_currency(value: Decimal, currency: str) -> str:
    return f"{amount(value)} {currency}".rstrip()


def _more(span: Span, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], left_out: int) -> list[str]:
    said = []
    if left_out:
        said.append(
            f"{left_out} rows left out (limit {MAX_TOKENS} tokens): name fewer fields, filter, or read by page."
        )
    if span.stopped:
        said.append(f"Not all was read: {span.stopped}.")
    if span.paged and not span.read_all and _has_next(span, len(rows)):
        said.append(f"More: page={span.page + 1}, or all_pages=true.")
    simple = {key for row in rows[:20] for key, value in row.items() if not isinstance(value, dict)}
    other = sorted(simple - set(columns))
    if other and span.paged and span.page == 1 and not span.read_all:
        said.append(f"Other fields: {', '.join(other[:14])}")
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
    left_out: int,
) -> dict[str, Any]:
    structured: dict[str, Any] = {
        "operation": name,
        "total": span.total,
        "page": span.page,
        "pages": span.pages,
        "rows": [
            {column: jsonable(at(row, column), known.get(column, Kind.PLAIN)) for column in columns} for row in rows
        ],
        "sums": {currency: {column: amount(value) for column, value in by.items()} for currency, by in sums.items()},
        "counts": counts,
        "left_out": left_out,
        "next_page": span.page + 1 if not span.read_all and span.paged and _has_next(span, len(rows)) else None,
    }
    if span.stopped:
        structured["stopped"] = span.stopped
    return {key: value for key, value in structured.items() if value is not None}
