"""How values are told in facts, tables and notes, and the sentences that several answers say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from tools.workflows.books import Row
from tools.workflows.findings import Amounts, Table
from tools.workflows.parts.parties import Vendor
from tools.workflows.parts.record_values import CENT


def vendor_notes(vendor: Vendor | None) -> Iterator[str]:
    """What has to be said of the vendor that is answered about."""
    if vendor is not None and vendor.assumed:
        yield "No vendor has exactly this name; it was taken for the one above."
    if vendor is not None and vendor.other_type:
        yield (
            f"Company {vendor.id} is of type {vendor.other_type}, not a vendor; what customers owe: look_up_invoices."
        )


def amount_text(value: Decimal) -> str:
    """An amount inside a sentence, with two decimals unless it has more."""
    exact = value.normalize()
    exponent = exact.as_tuple().exponent
    return format(value.quantize(CENT) if isinstance(exponent, int) and exponent >= -2 else exact, "f")


def in_currency(currency: object, value: Decimal) -> Amounts | Decimal:
    """One amount in its currency, or the bare amount where a system names none."""
    if not isinstance(currency, str):
        return value
    amounts = Amounts()
    amounts.add(currency, value)
    return amounts


def as_table(
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
