"""How we stand with one vendor, summed as it comes in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from tools.workflows.books import Row
from tools.workflows.findings import Amounts
from tools.workflows.parts.credits import is_unused
from tools.workflows.parts.obligations import is_billed, is_open, paid_of
from tools.workflows.parts.open_orders import OpenOrders
from tools.workflows.parts.parties import Vendor
from tools.workflows.parts.payables import Aging, days_late, is_owed
from tools.workflows.parts.record_values import ZERO, day, decimal

_KEPT = 100
"""Bills that are kept for the rows of the answer; all are counted."""
_MOST_ORDERS = 300
"""Orders of bills of which is asked what was paid on them."""


@dataclass
class Position:
    """The sums, and the few rows that are told. Amounts are by currency."""

    today: dt.date
    vendor: Vendor
    terms: str = ""
    owed_bills: int = 0
    drafts: Amounts = field(default_factory=Amounts)
    on_hold: Amounts = field(default_factory=Amounts)
    credits: Amounts = field(default_factory=Amounts)
    prepayments: Amounts = field(default_factory=Amounts)
    obligations: Amounts = field(default_factory=Amounts)
    """Open ones that no bill asks for."""
    obligations_due: Amounts = field(default_factory=Amounts)
    """Those of them that are due today or before."""
    paid_on_obligations: Amounts = field(default_factory=Amounts)
    """What was paid on those that no bill asks for, mostly deposits."""
    billed_orders: set[int] = field(default_factory=set)
    """Orders of bills that are owed, the first so many."""
    bills: list[dict[str, Any]] = field(default_factory=list)
    """The bills that are owed, due first; at most some."""
    orders: OpenOrders = field(default_factory=OpenOrders)
    payments: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """What could not be read."""
    stopped: str = ""

    def __post_init__(self) -> None:
        self.aging = Aging(self.today)

    def add_bill(self, bill: Row) -> None:
        """Count an open bill."""
        if bill.get("vendor_id") != self.vendor.id:
            return
        if is_owed(bill):
            self._add_owed(bill)
        elif bill.get("status") in ("draft", "hold"):
            self.drafts.add(bill.get("currency"), bill.get("total_due"))

    def _add_owed(self, bill: Row) -> None:
        self.owed_bills += 1
        self.aging.add(bill)
        if bill.get("status") == "hold":
            self.on_hold.add(bill.get("currency"), bill.get("total_due"))
        order = bill.get("purchase_order_id")
        if isinstance(order, int) and len(self.billed_orders) < _MOST_ORDERS:
            self.billed_orders.add(order)
        self.bills.append({**bill, "days_overdue": days_late(bill, self.today)})
        if len(self.bills) >= 2 * _KEPT:
            self.trim()

    def trim(self) -> None:
        """Keep the bills that are due first."""
        self.bills.sort(key=lambda bill: (day(bill.get("due_date")) or dt.date.max, str(bill.get("id"))))
        del self.bills[_KEPT:]

    def add_obligation(self, obligation: Row) -> None:
        """Count an obligation that no bill asks for: what is open of it, and what was paid on it."""
        of_vendor = obligation.get("vendor_id") == self.vendor.id
        if not of_vendor or is_billed(obligation) or obligation.get("status") == "cancelled":
            return
        currency, due = obligation.get("currency"), obligation.get("total_due")
        self.paid_on_obligations.add(currency, paid_of(obligation))
        if not is_open(obligation):
            return
        self.obligations.add(currency, due)
        date = day(obligation.get("due_date"))
        if date is not None and date <= self.today:
            self.obligations_due.add(currency, due)

    def add_credit(self, credit: Row) -> None:
        """Count what is left of a vendor credit."""
        self._add_unused(credit, self.credits)

    def add_prepayment(self, prepayment: Row) -> None:
        """Count what is left of a prepayment."""
        self._add_unused(prepayment, self.prepayments)

    def _add_unused(self, row: Row, into: Amounts) -> None:
        if is_unused(row, self.vendor.id):
            into.add(row.get("currency"), row.get("remaining_amount"))

    def add_return(self, row: Row) -> None:
        """Count what a supplier of BillDiary still has to pay back for a return."""
        total = decimal(row.get("final_total"))
        if (row.get("contact") or {}).get("id") == self.vendor.id and total is not None:
            self.credits.add(None, max(total - (decimal(row.get("total_paid")) or ZERO), ZERO))

    def ended(self, stopped: str) -> None:
        """Tell that a list was read. stopped: why that ended early, empty when it was all."""
        self.stopped = self.stopped or stopped

    @property
    def net(self) -> Amounts:
        """What is owed on bills less what the vendor owes us or has of us already and is not applied."""
        net = Amounts(self.aging.owed)
        net.merge(self.credits, -1)
        net.merge(self.prepayments, -1)
        return net
