"""What the books say, by SQL: the exact answers of the questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from asking import Ledger, money

Cells = Mapping[str, str]

TODAY = "2026-11-20"
OWED = (
    "total_due > 0 and (status in ('posted', 'partially_paid')"
    " or (status = 'hold' and status_before_hold in ('posted', 'partially_paid')))"
)
"""Posted and not paid, also when it was put on hold since."""
SOLD = (
    "sales_order_items i join sales_orders o on o.id = i.sales_order_id join products p on p.id = i.product_id"
    " where i.quantity_shipped > 0"
)
CENTS_OF_SOLD = "(i.quantity_shipped * i.unit_cost + 500000) / 1000000"
"""What the shipped goods of a line cost, each line rounded to the cent."""


def amounts(rows: Iterable[Mapping[str, Any]], value: str = "value") -> str:
    """Sums by currency, as facts say them."""
    said = [f"{money(row[value])} {row['currency']}" for row in sorted(rows, key=lambda row: row["currency"])]
    return " + ".join(said) or "0.00"


def number(stored: int, places: int = 4) -> str:
    """A quantity as it is said: without zeros that say nothing."""
    exact = Decimal(stored).scaleb(-places)
    return format(exact.quantize(Decimal(1)) if exact == exact.to_integral() else exact.normalize(), "f")


def average(stored: int, count: int) -> str:
    """A mean of amounts, to four decimals."""
    return str((money(stored) / count).quantize(Decimal("0.0001"), ROUND_HALF_EVEN))


def table(books: Ledger, query: str, money_in: Iterable[str] = (), counts: Iterable[str] = ()) -> list[Cells]:
    """Rows of a query as the cells of an answer. money_in: columns in cents; counts: quantities."""
    amounts_in, quantities = set(money_in), set(counts)

    def cell(name: str, value: Any) -> str:
        if name in amounts_in:
            return str(money(value))
        return number(value) if name in quantities else str(value)

    return [{name: cell(name, value) for name, value in row.items()} for row in books.rows(query)]


def owed(books: Ledger, where: str = "1") -> str:
    """What is owed, by currency."""
    return amounts(
        books.rows(f"select currency, sum(total_due) as value from bills where {OWED} and {where} group by 1")
    )


def aging(books: Ledger, where: str = "1") -> list[Cells]:
    """What is owed by days overdue, a row per currency."""
    late = f"julianday('{TODAY}') - julianday(due_date)"
    spans = {"current": (-9999, 0), "1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "over 90": (91, 9999)}
    sums = [
        f"sum(case when {late} between {low} and {high} then total_due else 0 end) as '{name}'"
        for name, (low, high) in spans.items()
    ]
    query = (
        f"select currency, {', '.join(sums)}, sum(total_due) as total from bills where {OWED} and {where} group by 1"
    )
    return table(books, query, money_in=(*spans, "total"))
