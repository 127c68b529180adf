"""What is owed to vendors, in one shape for both systems: a Luminous bill, or a BillDiary purchase told as a bill."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tools.operation import System
from tools.workflows.books import Row
from tools.workflows.findings import Amounts
from tools.workflows.parts.parties import contact_name

LISTS = {System.LUMINOUS: "list_bills", System.BILLDIARY: "billdiary_list_purchases"}
NEEDS = {
    System.LUMINOUS: ("list_bills",),
    System.BILLDIARY: ("billdiary_list_purchases",),
}
"""By system, what answers about payables cannot do without; a vendor's name takes list_companies as well."""

OWED = frozenset({"posted", "partially_paid", "hold", "due", "partial"})
"""Statuses in which something is owed: Luminous's, and the payment statuses of BillDiary. A draft is not owed yet."""

BUCKETS = ("current", "1-30", "31-60", "61-90", "over 90")
"""Aging buckets by days overdue; what is due today is current."""

MONEY = frozenset({"total", "total_paid", "total_due", *BUCKETS})


def bill_of(row: Row, system: System) -> dict[str, Any]:
    """A row of the list as a bill. BillDiary's rows say neither a due date nor a currency."""
    if system is System.LUMINOUS:
        return dict(row)
    contact = row.get("contact") or {}
    total, paid = row.get("final_total"), row.get("total_paid")
    return {
        "id": row.get("id"),
        "bill_number": row.get("ref_no"),
        "vendor_id": contact.get("id"),
        "vendor_name": contact_name(row),
        "status": row.get("payment_status"),
        "bill_date": str(row.get("transaction_date") or "")[:10] or None,
        "currency": None,
        "total": total,
        "total_paid": paid,
        "total_due": total - paid if isinstance(total, Decimal | int) and isinstance(paid, Decimal | int) else None,
    }


def is_owed(bill: Row) -> bool:
    """Whether something has to be paid on it: posted, also when it is on hold since."""
    due = bill.get("total_due")
    if not isinstance(due, Decimal | int) or due <= 0 or bill.get("status") not in OWED:
        return False
    held_as_draft = bill.get("status") == "hold" and "posted_at" in bill and bill["posted_at"] is None
    return not held_as_draft


def day(value: object) -> dt.date | None:
    """A date as the API writes it, with or without a time."""
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def days_overdue(bill: Row, today: dt.date) -> int | None:
    """Days since the due date; zero or less is not overdue, None has no due date."""
    due = day(bill.get("due_date"))
    return (today - due).days if due else None


def bucket(days: int) -> str:
    """The aging bucket of so many days overdue."""
    return BUCKETS[next((index for index, most in enumerate((0, 30, 60, 90)) if days <= most), 4)]


class Aging:
    """What is owed by currency and aging bucket."""

    def __init__(self, today: dt.date) -> None:
        self._today = today
        self.by_bucket: dict[str, Amounts] = {name: Amounts() for name in BUCKETS}
        self.undated = Amounts()
        """Owed without a due date."""

    def add(self, bill: Row) -> None:
        """Count a bill that is owed."""
        days = days_overdue(bill, self._today)
        target = self.undated if days is None else self.by_bucket[bucket(days)]
        target.add(bill.get("currency"), bill.get("total_due"))

    @property
    def owed(self) -> Amounts:
        """Everything that is owed."""
        total = Amounts(self.undated)
        for amounts in self.by_bucket.values():
            total.merge(amounts)
        return total

    @property
    def overdue(self) -> Amounts:
        """What is past its due date."""
        total = Amounts()
        for name in BUCKETS[1:]:
            total.merge(self.by_bucket[name])
        return total

    def rows(self) -> list[dict[str, Any]]:
        """One row per currency: the buckets and their total."""
        owed = self.owed
        return [
            {
                "currency": currency,
                **{name: amounts.get(currency, Decimal(0)) for name, amounts in self.by_bucket.items()},
                "total": total,
            }
            for currency, total in sorted(owed.items())
        ]


def statuses(mapping: Mapping[tuple[str, str], dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a table of totals by status and currency, in their order."""
    return [mapping[key] for key in sorted(mapping)]
