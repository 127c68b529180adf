"""Values out of records, whatever stands there: numbers, dates, objects, and sums of numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tools.workflows.books import Row

ZERO = Decimal(0)
CENT = Decimal("0.01")
_MOST_DIGITS = 18


def decimal(value: object) -> Decimal | None:
    """A number of a record; anything else is None."""
    return Decimal(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else None


def whole(value: object) -> int | None:
    """A whole number, also one that is written as text; anything else is None."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        return int(value)
    number = decimal(value)
    if number is None or not number.is_finite() or number.adjusted() > _MOST_DIGITS or number % 1:
        return None
    return int(number)


def amount(row: Row, column: str) -> Decimal:
    """A number of a record; what is none counts as nothing."""
    return decimal(row.get(column)) or ZERO


def total(rows: Iterable[Row], column: str) -> Decimal:
    """The sum of a column whose amounts are in one currency, or of a column of quantities."""
    return sum((amount(row, column) for row in rows), ZERO)


def totals_by_key(pairs: Iterable[tuple[Hashable, Decimal]]) -> dict[Any, Decimal]:
    """The sum of the numbers of each key; what has no key is left out."""
    totals: dict[Any, Decimal] = {}
    for key, value in pairs:
        if key is not None:
            totals[key] = totals.get(key, ZERO) + value
    return totals


def line_value(quantity: Decimal, price: Decimal) -> Decimal:
    """What a line comes to, rounded to cents as Luminous rounds lines: half up."""
    return (quantity * price).quantize(CENT, ROUND_HALF_UP)


def day(value: object) -> dt.date | None:
    """A date as the API writes it, with or without a time."""
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list inside a record."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
