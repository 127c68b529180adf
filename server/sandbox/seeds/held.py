"""A credit or prepayment before it is written."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from server.sandbox.seeds import names
from server.sandbox.seeds.ledger import Ledger, Row


@dataclass
class Held:
    """What is owed by a vendor or was paid ahead, with what it is applied to."""

    day: date
    vendor_id: int
    currency: str
    amount: Decimal
    note: str | None = None
    cancelled: bool = False
    origin: int | None = None
    """The return a credit is for, or the order a prepayment is for."""
    applied: list[Row] = field(default_factory=list)


def scaled(ledger: Ledger, usual: int, least: int) -> int:
    """As many as go with the size of the books, of so many in books of the usual size."""
    return max(least, usual * ledger.size.bills // names.BILLS)
