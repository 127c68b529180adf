"""Numbers and lists out of records, whatever stands there, and what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row
from tools.workflows.findings import Amounts, Table

_CENT = Decimal("0.01")


def decimal(value: object) -> Decimal | None:
    """A number of a record; anything else is None."""
    return Decimal(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else None


def amount(row: Row, column: str) -> Decimal:
    """A number of a record; what is none counts as nothing."""
    return decimal(row.get(column)) or Decimal(0)


def said(value: Decimal) -> str:
    """An amount inside a sentence, with two decimals unless it has more."""
    exact = value.normalize()
    exponent = exact.as_tuple().exponent
    return format(value.quantize(_CENT) if isinstance(exponent, int) and exponent >= -2 else exact, "f")


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list inside a record."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def money(currency: object, value: Decimal) -> Amounts | Decimal:
    """One amount in its currency, or the bare amount where a system names none."""
    if not isinstance(currency, str):
        return value
    amounts = Amounts()
    amounts.add(currency, value)
    return amounts


def table(
    name: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    money: Sequence[str] = (),
    prices: Sequence[str] = (),
) -> list[Table]:
    """A table without the columns in which nothing stands; none without rows."""
    kept = [column for column in columns if any(row.get(column) not in (None, "") for row in rows)]
    return [Table(name, kept, rows, frozenset(money), frozenset(prices))] if rows else []
