"""What falls due up to a day, summed as it comes in: by period, by vendor, by currency."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row
from tools.workflows.findings import Amounts
from tools.workflows.parts.obligations import is_billed, is_open
from tools.workflows.parts.payables import is_owed
from tools.workflows.parts.record_values import ZERO, day

OVERDUE, UNDATED = "overdue", "no due date"
BILLS, OBLIGATIONS = "bills", "obligations"
_MOST_ORDERS = 300


@dataclass
class OfVendor:
    """What one vendor gets in one currency."""

    id: Any
    name: str
    currency: str
    items: int = 0
    overdue: Decimal = ZERO
    total: Decimal = ZERO


@dataclass
class FallingDue:
    """The sums. vendor_id: of one vendor only; by: day, week or month."""

    today: dt.date
    until: dt.date
    by: str
    vendor_id: int | None
    stopped: str = ""
    notes: list[str] = field(default_factory=list)
    periods: dict[str, dict[str, Amounts]] = field(default_factory=dict)
    """By period, then by what it is."""
    counts: dict[str, int] = field(default_factory=lambda: {BILLS: 0, OBLIGATIONS: 0})
    vendors: dict[tuple[Any, str], OfVendor] = field(default_factory=dict)
    required: Amounts = field(default_factory=Amounts)
    on_hold: Amounts = field(default_factory=Amounts)
    drafts: Amounts = field(default_factory=Amounts)
    later: Amounts = field(default_factory=Amounts)
    tied: int = 0
    """Obligations that a bill asks for."""
    of_orders: dict[int, Amounts] = field(default_factory=dict)
    """What of the obligations that were counted is of which purchase order, for the first so many."""
    perhaps_billed: Amounts = field(default_factory=Amounts)
    """Obligations that were counted and are tied to no bill, of orders that have one."""

    @property
    def of_vendor(self) -> dict[str, Any]:
        """The filter that the lists take."""
        return {} if self.vendor_id is None else {"vendor_id": self.vendor_id}

    def ended(self, stopped: str) -> None:
        """Tell that a list was read. stopped: why that ended early, empty when it was all."""
        self.stopped = self.stopped or stopped

    def add_bill(self, bill: Row) -> None:
        """Count a bill if it is owed; a draft apart."""
        if not self._is_of_vendor(bill):
            return
        if is_owed(bill):
            if self._count(BILLS, bill) and bill.get("status") == "hold":
                self.on_hold.add(bill.get("currency"), bill.get("total_due"))
        elif bill.get("status") in ("draft", "hold") and not self._is_later(bill):
            self.drafts.add(bill.get("currency"), bill.get("total_due"))

    def add_obligation(self, obligation: Row) -> None:
        """Count an obligation if it is open and no bill asks for it."""
        if not is_open(obligation) or not self._is_of_vendor(obligation):
            return
        if is_billed(obligation):
            self.tied += not self._is_later(obligation)
        elif self._count(OBLIGATIONS, obligation):
            order = obligation.get("purchase_order_id")
            if isinstance(order, int) and (order in self.of_orders or len(self.of_orders) < _MOST_ORDERS):
                amounts = self.of_orders.setdefault(order, Amounts())
                amounts.add(obligation.get("currency"), obligation.get("total_due"))

    def add_billed(self, order: int) -> None:
        """Tell of an order that has a bill. What was counted for it as not billed may be the same money."""
        self.perhaps_billed.merge(self.of_orders.pop(order, {}))

    def _is_of_vendor(self, row: Row) -> bool:
        return self.vendor_id is None or row.get("vendor_id") == self.vendor_id

    def _is_later(self, row: Row) -> bool:
        date = day(row.get("due_date"))
        return date is not None and date > self.until

    def _count(self, kind: str, row: Row) -> bool:
        """Whether it falls due in time."""
        currency, amount = row.get("currency"), row["total_due"]
        if self._is_later(row):
            self.later.add(currency, amount)
            return False
        date = day(row.get("due_date"))
        period = self._period(date)
        self.counts[kind] += 1
        self.required.add(currency, amount)
        self.periods.setdefault(period, {BILLS: Amounts(), OBLIGATIONS: Amounts()})[kind].add(currency, amount)
        self._count_vendor(row, period == OVERDUE)
        return True

    def _count_vendor(self, row: Row, is_overdue: bool) -> None:
        currency = str(row.get("currency") or "")
        key = (row.get("vendor_id"), currency)
        if key not in self.vendors:
            self.vendors[key] = OfVendor(key[0], str(row.get("vendor_name") or ""), currency)
        vendor = self.vendors[key]
        vendor.items += 1
        vendor.total += row["total_due"]
        if is_overdue:
            vendor.overdue += row["total_due"]

    def _period(self, date: dt.date | None) -> str:
        if date is None:
            return UNDATED
        if date < self.today:
            return OVERDUE
        if self.by == "week":
            date -= dt.timedelta(days=date.weekday())
        return (date.replace(day=1) if self.by == "month" else date).isoformat()

    def sum_of(self, period: str) -> Amounts:
        """What falls due in a period."""
        total = Amounts()
        for amounts in self.periods.get(period, {}).values():
            total.merge(amounts)
        return total

    def parts(self, period: str, currency: str) -> dict[str, Decimal]:
        """What falls due in a period and currency, by what it is."""
        return {kind: self.periods[period][kind].get(currency, ZERO) for kind in (BILLS, OBLIGATIONS)}

    def sum_of_kind(self, kind: str) -> Amounts:
        """All bills, or all obligations."""
        total = Amounts()
        for sums in self.periods.values():
            total.merge(sums[kind])
        return total

    @property
    def in_order(self) -> list[str]:
        """The periods in which something falls due, what is overdue first."""
        return sorted(self.periods, key=lambda name: (name != OVERDUE, name == UNDATED, name))
