"""What is owed to vendors, in one shape for both systems: a Luminous bill, or a BillDiary purchase told as a bill."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from tools.operation import System
from tools.workflows.books import Books, Row
from tools.workflows.findings import Amounts, Chart, Table
from tools.workflows.parts.parties import contact_name
from tools.workflows.parts.reading import read_rows
from tools.workflows.parts.record_values import ZERO, amount, day, decimal

LISTS = {System.LUMINOUS: "list_bills", System.BILLDIARY: "billdiary_list_purchases"}
NEEDS = {system: (operation,) for system, operation in LISTS.items()}
"""By system, what answers about payables cannot do without; a vendor's name takes list_companies as well."""

OWED = frozenset({"posted", "partially_paid", "hold", "due", "partial"})
"""Statuses in which something is owed: Luminous's, and the payment statuses of BillDiary. A draft is not owed yet."""

PAYABLE = frozenset({"posted", "partially_paid"})
"""Statuses in which a bill of Luminous takes payments."""

PAYMENT_STATUS = {"paid": "paid", "posted": "due", "partially_paid": "partial"}
"""What BillDiary calls statuses of bills."""

BUCKETS = ("current", "1-30", "31-60", "61-90", "over 90")
"""Aging buckets by days overdue; what is due today is current."""
_LAST_DAYS = (0, 30, 60, 90)
"""The last day of each bucket but the open one."""

MONEY = frozenset({"total", "total_paid", "total_due", *BUCKETS})


def bill_of(row: Row, system: System) -> dict[str, Any]:
    """A row of the list as a bill. BillDiary's rows say neither a due date nor a currency."""
    if system is System.LUMINOUS:
        return dict(row)
    contact = row.get("contact") or {}
    total, paid = decimal(row.get("final_total")), decimal(row.get("total_paid"))
    return {
        "id": row.get("id"),
        "bill_number": row.get("ref_no"),
        "vendor_id": contact.get("id"),
        "vendor_name": contact_name(row),
        "status": row.get("payment_status"),
        "bill_date": str(row.get("transaction_date") or "")[:10] or None,
        "currency": None,
        "total": row.get("final_total"),
        "total_paid": row.get("total_paid"),
        "total_due": None if total is None or paid is None else total - paid,
    }


def purchase_searches(status: str, *, overdue: bool) -> list[dict[str, str]]:
    """Arguments of BillDiary's list for bills of a status, `open` and `all` too, or for what is overdue alone.

    Its rows have no due date; it tells what is overdue by a list of its own, which is to be read first.
    """
    late = {"payment_status": "overdue"}
    if overdue:
        return [late]
    if status == "open":
        return [late, *({"payment_status": name} for name in ("due", "partial"))]
    return [late, {"payment_status": PAYMENT_STATUS[status]} if status in PAYMENT_STATUS else {}]


async def read_open_purchases(books: Books, contact_id: int | None, take: Callable[[dict[str, Any]], object]) -> str:
    """Hand every purchase of BillDiary on which something is due to `take`, as a bill; of all suppliers or of one.

    BillDiary says which purchases are overdue, but of none when it falls due: an overdue one is given yesterday as its
    due date, any other none. Returns why reading ended early, empty when it was all. Raises ReadFailedError.
    """
    of_contact = {} if contact_id is None else {"contact_id": contact_id}
    yesterday = books.today - dt.timedelta(days=1)
    late: set[Any] = set()

    def take_purchase(row: Row) -> None:
        bill = bill_of(row, System.BILLDIARY)
        take({**bill, "due_date": yesterday} if bill["id"] in late else bill)

    stopped = ""
    steps: tuple[tuple[str, Callable[[Row], object]], ...] = (
        ("overdue", lambda row: late.add(row.get("id"))),
        ("due", take_purchase),
        ("partial", take_purchase),
    )
    for status, taker in steps:
        ended = await read_rows(books, LISTS[System.BILLDIARY], taker, payment_status=status, **of_contact)
        stopped = stopped or ended
    return stopped


def is_owed(bill: Row) -> bool:
    """Whether something has to be paid on it: posted, also when it is on hold since."""
    return amount(bill, "total_due") > 0 and bill.get("status") in OWED and not is_held_draft(bill)


def is_held_draft(bill: Row) -> bool:
    """Whether it is on hold and was never posted. Where the API does not say when it was posted, it counts as such."""
    return bill.get("status") == "hold" and "posted_at" in bill and bill["posted_at"] is None


def days_overdue(bill: Row, today: dt.date) -> int | None:
    """Days since the due date; zero or less is not overdue, None has no due date."""
    due = day(bill.get("due_date"))
    return (today - due).days if due else None


def days_late(bill: Row, today: dt.date) -> int | None:
    """Days since the due date of what is overdue, else None."""
    days = days_overdue(bill, today)
    return days if days is not None and days > 0 else None


def _bucket(days: int) -> str:
    """The aging bucket of so many days overdue."""
    return next((name for name, last in zip(BUCKETS, _LAST_DAYS, strict=False) if days <= last), BUCKETS[-1])


class Aging:
    """What is owed by currency and aging bucket."""

    def __init__(self, today: dt.date) -> None:
        self._today = today
        self._by_bucket: dict[str, Amounts] = {name: Amounts() for name in BUCKETS}
        self.undated = Amounts()
        """Owed without a due date."""

    def add(self, bill: Row) -> None:
        """Count a bill that is owed."""
        days = days_overdue(bill, self._today)
        target = self.undated if days is None else self._by_bucket[_bucket(days)]
        target.add(bill.get("currency"), bill.get("total_due"))

    @property
    def owed(self) -> Amounts:
        """Everything that is owed."""
        total = Amounts(self.undated)
        for amounts in self._by_bucket.values():
            total.merge(amounts)
        return total

    @property
    def overdue(self) -> Amounts:
        """What is past its due date."""
        total = Amounts()
        for name in BUCKETS[1:]:
            total.merge(self._by_bucket[name])
        return total

    def rows(self) -> list[dict[str, Any]]:
        """One row per currency: the buckets and their total."""
        return [
            {
                "currency": currency,
                **{name: amounts.get(currency, ZERO) for name, amounts in self._by_bucket.items()},
                "total": total,
            }
            for currency, total in sorted(self.owed.items())
        ]

    def table(self) -> Table:
        """The rows as a table."""
        return Table("aging", ("currency", *BUCKETS, "total"), self.rows(), MONEY)

    def charts(self, title: str) -> Iterator[Chart]:
        """A picture of the buckets per currency."""
        for row in self.rows():
            yield Chart(title, BUCKETS, {"owed": [row[name] for name in BUCKETS]}, str(row["currency"]))
