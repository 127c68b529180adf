"""How we stand with one vendor: what we owe, what the vendor has or owes us, what is ordered, what was paid last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import Field

from tools.operation import System
from tools.workflows.books import Books, ReadFailedError, Row, system_of, together
from tools.workflows.findings import Amounts, Chart, Findings, Table
from tools.workflows.parts import open_orders, payables
from tools.workflows.parts.falling_due import is_billed
from tools.workflows.parts.last_payments import last_payments
from tools.workflows.parts.open_orders import OpenOrders
from tools.workflows.parts.parties import Vendor, find_vendor
from tools.workflows.parts.payables import BUCKETS, MONEY, Aging, bill_of, day, days_overdue, is_owed
from tools.workflows.workflow import QuestionToEither, workflow

_KEPT = 100
_TOKENS = 1_000
_FACTS_OF = {
    "credits": ("credits",),
    "returns": ("returns_not_paid_back",),
    "prepayments": ("prepayments",),
    "obligations": ("obligations_not_billed", "of_these_due_by_now"),
    "purchase orders": ("open_orders",),
}
"""By part, what is not said when it could not be read."""


class VendorPosition(QuestionToEither):
    """Which vendor."""

    vendor: str = Field(min_length=1, description="Name or id")
    aging_chart: bool = False


@workflow(payables.NEEDS, tokens=_TOKENS)
async def vendor_position(wanted: VendorPosition, books: Books) -> Findings:
    """How we stand with one vendor: open and overdue bills, aging, credits, prepayments, unbilled obligations, open
    purchase orders, last payments, terms, and the net owed."""
    system = system_of(books, wanted.system, payables.NEEDS)
    vendor = await find_vendor(books, wanted.vendor, system)
    position = _Position(books.today, vendor)
    if system is System.BILLDIARY:
        await _read_billdiary(books, position)
    else:
        await _read_luminous(books, position)
    return _findings(position, system, with_chart=wanted.aging_chart)


@dataclass
class _Position:
    """What was found, summed as it comes in."""

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
        days = days_overdue(bill, self.today)
        self.bills.append({**bill, "days_overdue": days if days is not None and days > 0 else None})
        if len(self.bills) >= 2 * _KEPT:
            self.trim()

    def trim(self) -> None:
        """Keep the bills that are due first."""
        self.bills.sort(key=lambda bill: (day(bill.get("due_date")) or dt.date.max, str(bill.get("id"))))
        del self.bills[_KEPT:]

    def add_obligation(self, obligation: Row) -> None:
        """Count an obligation if it is open and no bill asks for it."""
        due = obligation.get("total_due")
        is_open = isinstance(due, Decimal | int) and due > 0 and obligation.get("status") not in ("cancelled", "paid")
        if not is_open or obligation.get("vendor_id") != self.vendor.id or is_billed(obligation):
            return
        self.obligations.add(obligation.get("currency"), due)
        date = day(obligation.get("due_date"))
        if date is not None and date <= self.today:
            self.obligations_due.add(obligation.get("currency"), due)

    @property
    def net(self) -> Amounts:
        """What is owed less what the vendor owes us or has of us already."""
        net = Amounts(self.aging.owed)
        net.merge(self.credits, -1)
        net.merge(self.prepayments, -1)
        return net


# Luminous


async def _read_luminous(books: Books, position: _Position) -> None:
    await together(
        _read_bills(books, position),
        *(
            _part(position, name, read, books)
            for name, read in (
                ("terms", _read_terms),
                ("credits", _read_credits),
                ("prepayments", _read_prepayments),
                ("obligations", _read_obligations),
                ("purchase orders", _read_orders),
                ("last payments", _read_payments),
            )
        ),
    )


async def _part(
    position: _Position, name: str, read: Callable[[Books, _Position], Awaitable[None]], books: Books
) -> None:
    """Read a part that may be missing."""
    try:
        await read(books, position)
    except ReadFailedError:
        position.missing.append(name)


async def _read_all(
    books: Books, position: _Position, operation: str, arguments: dict[str, Any], add: Callable[[Row], None]
) -> None:
    if not books.has(operation):
        raise ReadFailedError(operation)
    async with books.stream(operation, **arguments) as stream:
        async for rows in stream:
            for row in rows:
                add(row)
    position.stopped = position.stopped or stream.stopped


async def _read_bills(books: Books, position: _Position) -> None:
    filters = {"vendor_id": position.vendor.id, "total_due[gt]": 0}
    await _read_all(books, position, "list_bills", {"filters": filters}, position.add_bill)


async def _read_credits(books: Books, position: _Position) -> None:
    await _read_remaining(books, position, "list_vendor_credits", position.credits)


async def _read_prepayments(books: Books, position: _Position) -> None:
    await _read_remaining(books, position, "list_prepayments", position.prepayments)


async def _read_remaining(books: Books, position: _Position, operation: str, into: Amounts) -> None:
    def add(row: Row) -> None:
        if row.get("vendor_id") == position.vendor.id and row.get("status") != "cancelled":
            into.add(row.get("currency"), row.get("remaining_amount"))

    filters = {"vendor_id": position.vendor.id, "remaining_amount[gt]": 0}
    await _read_all(books, position, operation, {"filters": filters}, add)


async def _read_obligations(books: Books, position: _Position) -> None:
    filters = {"vendor_id": position.vendor.id, "total_due[gt]": 0}
    await _read_all(books, position, "list_payment_obligations", {"filters": filters}, position.add_obligation)


async def _read_orders(books: Books, position: _Position) -> None:
    position.orders = await open_orders.of_vendor(books, position.vendor)


async def _read_payments(books: Books, position: _Position) -> None:
    position.payments = await last_payments(books, position.vendor.id)


async def _read_terms(books: Books, position: _Position) -> None:
    record = position.vendor.record
    if not record and books.has("get_company"):
        record = await books.record("get_company", company_id=position.vendor.id)
    days = record.get("due_date_days")
    position.terms = str(record.get("payment_term") or (f"{days} days" if days is not None else ""))


# BillDiary


async def _read_billdiary(books: Books, position: _Position) -> None:
    await _read_purchases(books, position)
    await together(
        _part(position, "purchase orders", _read_billdiary_orders, books),
        _part(position, "returns", _read_returns, books),
    )


async def _read_purchases(books: Books, position: _Position) -> None:
    """BillDiary says which purchases are overdue, but of none when it falls due."""
    of_vendor = {"contact_id": position.vendor.id}
    late: set[Any] = set()

    def add(row: Row) -> None:
        bill = bill_of(row, System.BILLDIARY)
        position.add_bill({**bill, "due_date": position.today - dt.timedelta(days=1)} if bill["id"] in late else bill)

    def add_late(row: Row) -> None:
        late.add(row.get("id"))

    for status, taker in (("overdue", add_late), ("due", add), ("partial", add)):
        await _read_all(books, position, "billdiary_list_purchases", {"payment_status": status, **of_vendor}, taker)


async def _read_billdiary_orders(books: Books, position: _Position) -> None:
    position.orders = await open_orders.of_contact(books, position.vendor.id)


async def _read_returns(books: Books, position: _Position) -> None:
    """What the supplier still has to pay back."""

    def add(row: Row) -> None:
        contact, total, paid = row.get("contact") or {}, row.get("final_total"), row.get("total_paid")
        if contact.get("id") == position.vendor.id and isinstance(total, Decimal | int):
            position.credits.add(None, max(total - (paid if isinstance(paid, Decimal | int) else 0), Decimal(0)))

    arguments = {"contact_id": position.vendor.id}
    await _read_all(books, position, "billdiary_list_purchase_returns", arguments, add)


# The answer


def _findings(position: _Position, system: System, *, with_chart: bool) -> Findings:
    owed, aging = position.aging.owed, position.aging
    is_luminous = system is System.LUMINOUS
    facts: dict[str, Any] = {
        "vendor": position.vendor.name,
        "vendor_id": position.vendor.id,
        "terms": position.terms,
        "as_of": position.today,
        "net_owed": position.net,
        "owed": owed,
        "overdue": aging.overdue,
        "open_bills": position.owed_bills,
        "on_hold": position.on_hold or None,
        "drafts_not_owed_yet": position.drafts or None,
        "credits" if is_luminous else "returns_not_paid_back": position.credits,
        "prepayments": position.prepayments if is_luminous else None,
        "obligations_not_billed": position.obligations if is_luminous else None,
        "of_these_due_by_now": position.obligations_due if position.obligations else None,
        **position.orders.facts(),
    }
    for part, names in _FACTS_OF.items():
        if part in position.missing:
            facts |= dict.fromkeys(names)
    findings = Findings(facts, notes=list(_notes(position, system)))
    findings.tables += _tables(position, is_luminous)
    if is_luminous:
        findings.next += ["explain_bill", "apply_vendor_credit"] if position.credits and owed else ["explain_bill"]
        if with_chart:
            findings.charts += _charts(aging)
    return findings


def _tables(position: _Position, is_luminous: bool) -> Iterator[Table]:
    if is_luminous and position.aging.owed:
        yield Table("aging", ("currency", *BUCKETS, "total"), position.aging.rows(), MONEY)
    if position.bills:
        position.trim()
        columns = ["id", "bill_number", "status", "due_date", "days_overdue", "currency", "total_due"]
        if not is_luminous:
            columns = ["id", "bill_number", "status", "bill_date", "total_due"]
        yield Table(
            "open_bills", columns, position.bills, MONEY, of=position.owed_bills, way_on="look_up_bills has all"
        )
    if position.orders.rows:
        yield position.orders.table()
    if position.payments:
        columns = ["date", "paid", "currency", "for", "reference"]
        yield Table("last_payments", columns, position.payments, frozenset({"paid"}))


def _notes(position: _Position, system: System) -> Iterator[str]:
    if position.stopped or position.orders.stopped:
        yield f"Not all was read: {position.stopped or position.orders.stopped}. The figures are of what was read."
    if position.vendor.assumed:
        yield "No vendor has exactly this name; it was taken for the one above."
    if position.missing:
        yield f"Could not be read here, and not counted: {', '.join(sorted(position.missing))}."
    if system is System.LUMINOUS:
        yield "net_owed is owed less credits and prepayments that are not applied; drafts and orders are not in it."
    else:
        yield "net_owed is owed less returns not paid back. BillDiary's lists give no due dates, terms or payments."
    yield from position.orders.notes()


def _charts(aging: Aging) -> Iterator[Chart]:
    for row in aging.rows():
        yield Chart("Owed by days overdue", BUCKETS, {"owed": [row[name] for name in BUCKETS]}, str(row["currency"]))
