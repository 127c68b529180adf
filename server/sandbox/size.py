"""How large a company's books are, and the day up to which they are kept."""

from dataclasses import dataclass
from datetime import date

CLOSING_DAY = date(2026, 11, 20)
"""The last day of the generated books; reports take it for today."""


@dataclass(frozen=True)
class Size:
    """How many of the leading records are generated; everything else follows from them."""

    name: str
    customers: int
    variants: int
    """Products per kind of goods."""
    orders: int
    bills: int
    invoices: int
    sales_orders: int


SIZES = {
    size.name: size
    for size in (
        Size("small", customers=12, variants=2, orders=18, bills=110, invoices=40, sales_orders=40),
        Size("medium", customers=60, variants=8, orders=450, bills=1200, invoices=600, sales_orders=1300),
        Size("large", customers=1500, variants=40, orders=12_000, bills=100_000, invoices=24_000, sales_orders=24_000),
    )
}
"""By name: about 2 thousand, 40 thousand and 1 million rows."""

DEFAULT_SIZE = "medium"

IN_A_FILE = frozenset({"large"})
"""Books of these sizes are never held in memory."""
