"""Values of records as text: exact money, harmless and bounded strings, JSON-ready copies."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, get_args

from schemas.common import Money, Quantity, Record, UnitPrice
from server import text as texts
from server.text import clean

CELL = 160
"""Characters of a text in a list row."""
FACT = 1_000
"""Characters of a text in a record."""

_FIELD_NAME = re.compile(r"[A-Za-z0-9_.]{1,64}")
_FENCE = re.compile(r"<\s*/\s*data", re.IGNORECASE)
_DIGITS = 24
"""Numbers beyond this are written with an exponent; written out they could be of any length."""
_MIDNIGHT = "T00:00:00"
_FIRST_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00(?:\.0+)?Z")
_CENT = Decimal("0.01")
_MOST_JOINED = 8
"""Values of a list that are joined one by one; of more, those that differ."""
_CODE = 48
"""Up to so many characters a text without blanks (an address, a number) is not cut: a part of it is of no use."""
_NOT_MONEY = ("qty", "quantity", "rate", "percent", "score", "factor", "weight", "days")


class Kind(StrEnum):
    """What a number in a record is."""

    MONEY = "money"
    PRICE = "price"
    PLAIN = "plain"


def kind_in(record: type[Record] | None, column: str, values: Iterable[Any]) -> Kind:
    """What the numbers of a column are: as declared, inside lists too, else as they look."""
    whole, _, part = column.partition(".")
    if record is not None and whole in record.model_fields:
        inner = inner_record(record, whole) if part else None
        return kind_in(inner, part, values) if part else kinds(record).get(whole, Kind.PLAIN)
    seen = (each for value in values for each in (value if isinstance(value, list) else [value]))
    return next((guessed(column, each) for each in seen if isinstance(each, Decimal)), Kind.PLAIN)


def guessed(name: str, value: Any) -> Kind:
    """Amounts of unknown shape: decimals are money unless the name says otherwise."""
    fine = isinstance(value, Decimal) and not any(part in name for part in _NOT_MONEY)
    return Kind.MONEY if fine else Kind.PLAIN


def inner_record(record: type[Record] | None, key: str) -> type[Record] | None:
    """The record type of a list inside a record, where it is known."""
    if record is None or key not in record.model_fields:
        return None
    for alternative in get_args(record.model_fields[key].annotation):
        for each in get_args(alternative):
            if isinstance(each, type) and issubclass(each, Record):
                return each
    return None


@cache
def kinds(record: type[Record] | None) -> Mapping[str, Kind]:
    """Which fields of a record are amounts, which are prices per unit."""
    found: dict[str, Kind] = {}
    for name, field in (record.model_fields if record else {}).items():
        alternatives = get_args(field.annotation)
        if Money in alternatives:
            found[name] = Kind.MONEY
        elif UnitPrice in alternatives and Quantity not in alternatives:
            found[name] = Kind.PRICE
    return found


def amount(value: Decimal | int) -> str:
    """Money as text: at least two decimals, never an exponent, never rounded."""
    text = str(value)
    if text[-3:-2] == "." and len(text) < _DIGITS:
        return text
    number = Decimal(value)
    if number.adjusted() > _DIGITS:
        return str(number)
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent > -2:
        number = number.quantize(_CENT)
    return format(number, "f")


def plain(value: Decimal) -> str:
    """A number without trailing zeros and exponents."""
    if abs(value.adjusted()) > _DIGITS:
        return str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def text_of(value: Any, kind: Kind = Kind.PLAIN, length: int = CELL) -> str:
    """One value as one line of text. Null is empty."""
    if isinstance(value, str):
        if len(value) > 19 and value[10:19] == _MIDNIGHT and _FIRST_MOMENT.fullmatch(value):
            return value[:10]  # A day that the API gives as its first moment.
        text = clean(value, length)
        return _FENCE.sub("(/data", text) if "<" in text else text
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value) if kind is Kind.PLAIN else amount(value)
    if isinstance(value, int):
        return str(value) if kind is Kind.PLAIN else amount(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        name = value.get("name") or value.get("full_name") or value.get("id")
        return text_of(name, length=length) if name is not None else f"{len(value)} fields"
    if isinstance(value, list):
        return _joined(value, kind, length)
    return unfenced(clean(str(value), length))


def _joined(values: list[Any], kind: Kind, length: int) -> str:
    """Simple values in one line; of anything else how many there are."""
    if any(isinstance(each, dict | list) for each in values):
        return "1 entry" if len(values) == 1 else f"{len(values)} entries"
    said = [text_of(each, kind, length) for each in values]
    more = f" ({len(said)})" if len(said) > _MOST_JOINED else ""
    said = list(dict.fromkeys(said)) if more else said
    joined = ("; " if any(" " in each for each in said) else " ").join(said)
    return unfenced(clean(joined, max(8, length - len(more)))) + more


def room_for(value: Any, length: int) -> int:
    """Characters that a value may have in a cell of so many."""
    whole = length < _CODE and isinstance(value, str) and len(value) <= _CODE and " " not in value
    return _CODE if whole else length


def label(value: Any) -> str:
    """A status or the like, fit to stand outside the fence: short and plain, or not told."""
    return texts.label(text_of(value))


def field_names(names: Iterable[str]) -> list[str]:
    """Those names that look like names of fields: keys of records come from the API, and stand outside the fence."""
    return [name for name in names if _FIELD_NAME.fullmatch(name)]


def unfenced(text: str) -> str:
    """Text that cannot close the fence around record data."""
    return _FENCE.sub("(/data", text) if "<" in text else text


def jsonable(value: Any, kind: Kind = Kind.PLAIN, fields: Mapping[str, Kind] | None = None, length: int = FACT) -> Any:
    """A copy for structured content: amounts as exact text, strings cleaned and bounded."""
    if isinstance(value, str):
        return clean(value, length)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Decimal):
        return amount(value)
    if isinstance(value, int):
        return amount(value) if kind is not Kind.PLAIN else value
    if isinstance(value, dict):
        known = fields or {}
        return {
            clean(str(key), 100): jsonable(each, known.get(key, Kind.PLAIN), length=length)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [jsonable(each, length=length) for each in value]
    return text_of(value, length=length)


def at(row: Mapping[str, Any], column: str) -> Any:
    """The value of a column; a dotted one looks into nested objects, and into each entry of a list."""
    if column in row:
        return row[column]
    value: Any = row
    parts = column.split(".")
    for number, part in enumerate(parts):
        if isinstance(value, list):
            return _of_entries(value, ".".join(parts[number:]))
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _of_entries(entries: list[Any], column: str) -> list[Any] | None:
    """What the entries of a list have in a column: names of objects, and each list's members."""
    found: list[Any] = []
    for entry in entries:
        value = at(entry, column) if isinstance(entry, dict) else None
        found += value if isinstance(value, list) else [value]
    return [text_of(each) if isinstance(each, dict) else each for each in found if each is not None] or None
