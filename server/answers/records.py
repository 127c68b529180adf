"""The record contract: facts, lines as small tables, what can be done next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from schemas.common import Record
from server.answers import table
from server.answers.answer import MAX_TOKENS, Answer
from server.answers.budget import tokens
from server.answers.values import FACT, Kind, jsonable, kinds, text_of, unfenced
from server.text import clean

_HEADROOM = 300
_NOT_MONEY = ("qty", "quantity", "rate", "percent", "score", "factor", "weight")


def record_answer(
    name: str,
    data: Any,
    record: type[Record] | None,
    next_tools: Sequence[str] = (),
    *,
    budget: int = MAX_TOKENS,
) -> Answer:
    """The answer of an operation that gives one record, or an object of its own shape."""
    known = kinds(record)
    if not isinstance(data, Mapping):
        data = {"result": data}
    body = _facts(data, known, record)
    kept = table.within(budget - _HEADROOM, body)
    said = []
    if len(kept) < len(body):
        said.append(f"{len(body) - len(kept)} lines left out to stay within {budget} tokens.")
    if next_tools:
        said.append(f"Next: {', '.join(next_tools)}")
    text = "\n".join([name, "<data>", *kept, "</data>", *said])
    return Answer(text, lambda: _structured(name, _copy(data, known, record), next_tools, budget))


def _structured(name: str, copy: dict[str, Any], next_tools: Sequence[str], budget: int) -> dict[str, Any]:
    """Facts first; what does not fit any more is named instead."""
    room = budget - _HEADROOM
    kept: dict[str, Any] = {}
    left_out: list[str] = []
    for key, value in sorted(copy.items(), key=lambda item: isinstance(item[1], list | dict)):
        room -= tokens(json.dumps({key: value}, ensure_ascii=False))
        if room >= 0:
            kept[key] = value
        else:
            left_out.append(key)
    structured: dict[str, Any] = {"operation": name, "record": {key: kept[key] for key in copy if key in kept}}
    if left_out:
        structured["left_out"] = left_out[:50]
    if next_tools:
        structured["next"] = list(next_tools)
    return structured


def _guess(key: str, value: Any) -> Kind:
    """Amounts of records of unknown shape: decimals are money unless the name says otherwise."""
    fine = isinstance(value, Decimal) and not any(part in key for part in _NOT_MONEY)
    return Kind.MONEY if fine else Kind.PLAIN


def _label(key: Any) -> str:
    return unfenced(clean(str(key), 80))


def _facts(data: Mapping[str, Any], known: Mapping[str, Kind], record: type[Record] | None) -> list[str]:
    lines: list[str] = []
    for key, value in data.items():
        name = _label(key)
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            lines += [f"{name} ({len(value)}):", *_rows(key, value, record)]
        elif isinstance(value, dict) and value:
            lines += [
                f"{name}.{_label(inner)}: {text_of(each, known.get(key, _guess(str(inner), each)), FACT)}"
                for inner, each in value.items()
                if each is not None
            ]
        elif value is not None and value != []:
            lines.append(f"{name}: {text_of(value, known.get(key, _guess(name, value)), FACT)}")
    return lines


def _rows(key: str, rows: list[dict[str, Any]], record: type[Record] | None) -> list[str]:
    inner = _inner_record(record, key)
    usual = inner.view.columns if inner else ()
    columns = [column for column in usual if any(row.get(column) is not None for row in rows)]
    columns = columns or table.columns_of(rows)
    known = kinds(inner) if inner else {column: _guess(column, rows[0].get(column)) for column in columns}
    return table.lines(rows, columns, known)


def _inner_record(record: type[Record] | None, key: str) -> type[Record] | None:
    """The record type of a list inside a record, where it is known."""
    from typing import get_args

    if record is None or key not in record.model_fields:
        return None
    for alternative in get_args(record.model_fields[key].annotation):
        for each in get_args(alternative):
            if isinstance(each, type) and issubclass(each, Record):
                return each
    return None


def _copy(data: Mapping[str, Any], known: Mapping[str, Kind], record: type[Record] | None) -> dict[str, Any]:
    copy: dict[str, Any] = {}
    for key, value in data.items():
        inner = kinds(_inner_record(record, key))
        rows = value if isinstance(value, list) and inner else None
        copy[clean(str(key), 100)] = (
            [jsonable(row, fields=inner) for row in rows]
            if rows is not None
            else jsonable(value, known.get(key, _guess(str(key), value)))
        )
    return copy
