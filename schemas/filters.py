"""Filters of list operations: `{"field": value}` or `{"field[op]": value}`, checked and turned into query text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from schemas.common import Mark

OPERATORS = (
    "eq",
    "neq",
    "gt",
    "gte",
    "lt",
    "lte",
    "set",
    "notset",
    "contains",
    "notcontains",
    "in",
    "notin",
)
"""The twelve operators of the API (documented). `field=value` alone means `eq`."""

_KEY = re.compile(r"(?P<field>custom_fields\.[^\[\]=&]+|[A-Za-z0-9_.]+)(?:\[(?P<op>[^\[\]]*)\])?")
"""A field and an operator. The label of a custom field is what people called it, with blanks and all."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_VALUE = {"set", "notset"}
_MANY_VALUES = {"in", "notin"}
_RANGES = {"gt", "gte", "lt", "lte"}
_SPELLINGS = {"=": "eq", "==": "eq", "!=": "neq", "ne": "neq", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


def _scalar(key: str, value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | Decimal | str):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    raise ValueError(f"{key} takes one value (text, number or true/false), not {type(value).__name__}")


def _check_operator(key: str, op: str) -> None:
    if op in OPERATORS:
        return
    from rapidfuzz.process import extractOne

    near = _SPELLINGS.get(op)
    if near is None and (match := extractOne(op.lower(), OPERATORS)) is not None:
        near = match[0]
    hint = f"; did you mean {near}?" if near else ""
    raise ValueError(f"{key}: there is no operator {op!r}{hint} Operators: {', '.join(OPERATORS)}")


def query_of(filters: object) -> dict[str, str]:
    """Filters as query parameters.

    Raises ValueError that names the key: malformed, an unknown operator, a value of the wrong kind.
    """
    filters = read_object(filters)
    if not isinstance(filters, dict):
        raise ValueError('must be an object such as {"status": "posted", "total_due[gt]": 0}')
    query: dict[str, str] = {}
    for key, value in _spread(filters):
        if key in query:
            raise ValueError(f"{key} is there twice")
        match = _KEY.fullmatch(key)
        if match is None:
            raise ValueError(
                f"{key!r} is no filter; write field or field[op], such as total_due[gte] or custom_fields.Label[set]"
            )
        op = match["op"]
        if op is not None:
            _check_operator(key, op)
        if op in _NO_VALUE:
            if value not in (None, "", True):
                raise ValueError(f"{key} takes no value; give true")
            query[key] = ""
        elif op in _MANY_VALUES:
            query[key] = _joined(key, value)
        elif op in _RANGES and isinstance(value, bool):
            raise ValueError(f"{key} takes a number or a date, not true or false")
        else:
            query[key] = _scalar(key, value)
    _check_ranges(query)
    return query


def read_object(given: object) -> object:
    """An object that was written as JSON text, as some models do; anything else as it is."""
    if not isinstance(given, str) or not given.lstrip().startswith("{"):
        return given
    try:
        return json.loads(given, parse_float=Decimal)
    except ValueError:
        return given


def _joined(key: str, value: object) -> str:
    """Several values as the API takes them: with commas between, so that none can have one."""
    if isinstance(value, str):
        value = [each.strip() for each in value.split(",")]
    values = value if isinstance(value, list | tuple) else [value]
    texts = [_scalar(key, each) for each in values]
    if not texts:
        raise ValueError(f"{key} takes at least one value")
    if any("," in text for text in texts):
        raise ValueError(f"{key}: a value with a comma in it cannot be one of several; ask for each alone")
    return ",".join(texts)


def _spread(filters: dict[object, object]) -> Iterator[tuple[str, object]]:
    """Other ways to write the same: `{"total": {"gt": 0, "lt": 9}}`, and several values where one is compared."""
    for key, value in filters.items():
        if isinstance(value, dict) and value and "[" not in str(key):
            yield from ((f"{key}[{op}]", each) for op, each in value.items())
        elif isinstance(value, list | tuple) and "[" not in str(key):
            yield f"{key}[in]", value
        else:
            yield str(key), value


def _check_ranges(query: dict[str, str]) -> None:
    """Refuse a range whose end is before its beginning: it finds nothing, and nobody means that."""
    for key, low in query.items():
        field, _, op = key.removesuffix("]").partition("[")
        if op not in ("gt", "gte"):
            continue
        for other in ("lt", "lte"):
            high = query.get(f"{field}[{other}]")
            if high is not None and _is_before(high, low):
                raise ValueError(f"{field}: from {low} to {high} is the wrong way round")


def _is_before(one: str, other: str) -> bool:
    if _DATE.match(one) and _DATE.match(other):
        return one < other[: len(one)]
    try:
        return Decimal(one) < Decimal(other)
    except InvalidOperation:
        return False


Filters = Annotated[dict[str, str], Mark.FILTERS, BeforeValidator(query_of), WithJsonSchema({"type": "object"})]
"""`{"field[op]": value}`; operators: eq neq gt gte lt lte set notset contains notcontains in notin."""
