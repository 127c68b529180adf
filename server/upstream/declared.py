"""Rows as their record declares them.

An API that writes an amount or an id as text is understood all the same; a value of another shape than the declared one
(an object for a status, text for lines) is taken for not known, so that nobody who reads the row has to expect it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_origin

from schemas.common import Record

_NUMERAL = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_DIGITS = 30
"""Numbers beyond this are none that a company has."""
_LARGEST_ID = 2**63 - 1
_PLAIN = (str, int, Decimal, dt.date, dt.datetime)


def as_declared(row: dict[str, Any], record: type[Record] | None) -> dict[str, Any]:
    """The row with its declared fields in their declared shape; the same object where nothing has to change."""
    if record is None:
        return row
    changed: dict[str, Any] = {}
    for name, (usual, kind, inner) in _fields(record).items():
        value = row.get(name)
        if value is None or (type(value) in usual and inner is None and type(value) is not Decimal):
            continue
        fitting = _fitting(value, kind, inner)
        if fitting is not value:
            changed[name] = fitting
    return {**row, **changed} if changed else row


@cache
def _fields(record: type[Record]) -> Mapping[str, tuple[frozenset[type], type, type[Record] | None]]:
    """Of each field: types that are taken as they are, the type that is meant, and the record in a list or object."""
    found: dict[str, tuple[frozenset[type], type, type[Record] | None]] = {}
    for name, info in record.model_fields.items():
        kinds = [each for each in _flat(info.annotation) if each is not type(None)]
        if len(kinds) != 1:
            if all(each in _PLAIN for each in kinds):
                found[name] = (frozenset({str, int, bool}), str, None)
            continue
        kind = kinds[0]
        inner = next((each for each in get_args(kind) if isinstance(each, type) and issubclass(each, Record)), None)
        if get_origin(kind) is list:
            found[name] = (frozenset({list}), list, inner)
        elif isinstance(kind, type) and issubclass(kind, Record):
            found[name] = (frozenset({dict}), dict, kind)
        elif kind in (str, dt.date, dt.datetime):
            found[name] = (frozenset({str, int, bool}), str, None)
        elif kind is int:
            found[name] = (frozenset(), int, None)
        elif kind is Decimal:
            found[name] = (frozenset({int}), Decimal, None)
    return found


def _flat(annotation: Any) -> list[Any]:
    """The alternatives of a type, without what is noted beside them."""
    if hasattr(annotation, "__metadata__"):
        return _flat(annotation.__origin__)
    origin = get_origin(annotation)
    if origin is None or origin in (list, dict):
        return [annotation]
    return [each for alternative in get_args(annotation) for each in _flat(alternative)]


def _fitting(value: Any, kind: type, inner: type[Record] | None) -> Any:
    if kind is list:
        return _entries(value, inner) if isinstance(value, list) else None
    if kind is dict:
        return as_declared(value, inner) if isinstance(value, dict) else None
    if kind is str:
        return value if isinstance(value, str | Decimal) else None
    return _number(value, whole=kind is int)


def _entries(values: list[Any], inner: type[Record] | None) -> list[Any]:
    if inner is None:
        return values
    entries = [as_declared(each, inner) for each in values if isinstance(each, dict)]
    same = len(entries) == len(values) and all(one is other for one, other in zip(entries, values, strict=True))
    return values if same else entries


def _number(value: Any, *, whole: bool) -> Any:
    if type(value) is int:
        return value if abs(value) <= _LARGEST_ID or not whole else None
    if isinstance(value, str):
        if not _NUMERAL.fullmatch(value):
            return None
        number = Decimal(value)
    elif isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= _DIGITS:
        number = value
    else:
        return None
    if not whole:
        return value if number is value else number
    return int(number) if number == number.to_integral_value() and abs(number) <= _LARGEST_ID else None
