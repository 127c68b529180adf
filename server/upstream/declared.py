"""Rows as their record declares them.

An API that writes an amount or an id as text, or a currency as an object with its code, is understood all the same.
What is of another shape than the declared one and cannot be understood is either taken for not known (an object for a
status, text for lines), so that nobody who reads the row has to expect it, or left as it came, to be shown. Only an
amount is never taken for not known: whoever adds up would count it as nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from operator import is_
from typing import Any, TypeGuard, get_args, get_origin

from schemas.common import Money, Record
from server.upstream.errors import UnexpectedAnswerError

_NUMERAL = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_DIGITS = 30
"""Numbers beyond this are none that a company has."""
_LARGEST = 10**_DIGITS
_LARGEST_ID = 2**63 - 1
_PLAIN = (str, int, Decimal, dt.date, dt.datetime)


def as_declared(row: dict[str, Any], record: type[Record] | None) -> dict[str, Any]:
    """The row with its declared fields in their declared shape; the same object where nothing has to change.

    Raises UnexpectedAnswerError for an amount that is no number.
    """
    return _shaped(row, record, keep=False)


def as_understood(row: dict[str, Any], record: type[Record] | None) -> dict[str, Any]:
    """The same for showing: what is not understood stays as it came."""
    return _shaped(row, record, keep=True)


def is_number(value: Any) -> TypeGuard[Decimal | int]:
    """Whether it is a number that a company could have."""
    if type(value) is int:
        return bool(-_LARGEST < value < _LARGEST)
    return isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= _DIGITS


def _shaped(row: dict[str, Any], record: type[Record] | None, *, keep: bool) -> dict[str, Any]:
    if record is None:
        return row
    changed: dict[str, Any] = {}
    for name, (usual, kind, inner) in _fields(record).items():
        value = row.get(name)
        if value is None or (type(value) in usual and inner is None):
            continue
        fitting = _fitting(value, kind, inner, keep=keep)
        if fitting is None:
            if keep:
                continue
            if name in _amounts(record) and value != "":
                raise UnexpectedAnswerError(f"The API gives an amount that is no plain number: {name}.")
        if fitting is not value:
            changed[name] = fitting
    return {**row, **changed} if changed else row


@cache
def _amounts(record: type[Record]) -> frozenset[str]:
    """The fields that are money."""
    return frozenset(name for name, info in record.model_fields.items() if Money in get_args(info.annotation))


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
            found[name] = (frozenset(), Decimal, None)
    return found


def _flat(annotation: Any) -> list[Any]:
    """The alternatives of a type, without what is noted beside them."""
    if hasattr(annotation, "__metadata__"):
        return _flat(annotation.__origin__)
    origin = get_origin(annotation)
    if origin is None or origin in (list, dict):
        return [annotation]
    return [each for alternative in get_args(annotation) for each in _flat(alternative)]


def _fitting(value: Any, kind: type, inner: type[Record] | None, *, keep: bool) -> Any:
    """The value in its shape, None where it is of another."""
    if kind is list:
        return _entries(value, inner, keep=keep) if isinstance(value, list) else None
    if kind is dict:
        return _shaped(value, inner, keep=keep) if isinstance(value, dict) else None
    if kind is str:
        if isinstance(value, dict):
            return code if isinstance(code := value.get("code"), str) else None
        return value if isinstance(value, str | Decimal) else None
    return _whole_number(value) if kind is int else _number(value)


def _entries(values: list[Any], inner: type[Record] | None, *, keep: bool) -> list[Any]:
    if inner is None:
        return values
    if keep:
        entries = [_shaped(each, inner, keep=True) if isinstance(each, dict) else each for each in values]
    else:
        entries = [_shaped(each, inner, keep=False) for each in values if isinstance(each, dict)]
    same = len(entries) == len(values) and all(map(is_, entries, values))
    return values if same else entries


def _number(value: Any) -> Any:
    if isinstance(value, str) and _NUMERAL.fullmatch(text := value.strip()):
        return Decimal(text)
    return value if is_number(value) else None


def _whole_number(value: Any) -> Any:
    number = _number(value)
    if number is None or number != int(number) or abs(number) > _LARGEST_ID:
        return None
    return value if type(value) is int else int(number)
