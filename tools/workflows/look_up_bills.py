"""Bills by vendor, number, status, due date, amount or text: totals, aging and the bills themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from tools.operation import System
from tools.workflows.books import Books, Row, system_of
from tools.workflows.findings import Amounts, Chart, Findings, Table
from tools.workflows.parts.bills_wanted import LookUpBills
from tools.workflows.parts.by_status import ByStatus
from tools.workflows.parts.document_numbers import ending, is_alike
from tools.workflows.parts.documents import is_bill_id
from tools.workflows.parts.kept_bills import KeptBills
from tools.workflows.parts.owed_by_vendor import OwedByVendor, Rank
from tools.workflows.parts.parties import Vendor, find_vendor, plain
from tools.workflows.parts.payables import (
    BUCKETS,
    LISTS,
    MONEY,
    NEEDS,
    OWED,
    PAYMENT_STATUS,
    Aging,
    bill_of,
    days_late,
    is_held_draft,
    is_owed,
    purchase_searches,
)
from tools.workflows.parts.record_values import day
from tools.workflows.parts.telling import vendor_notes
from tools.workflows.workflow import workflow

_TEXTS = ("bill_number", "notes", "hold_reason", "vendor_name")
"""Where a text is looked for. What only the vendor's name has says the least of a bill."""
_COLUMNS = ("id", "bill_number", "vendor_name", "status", "bill_date", "due_date", "days_overdue", "currency", "total")
_OF_ONE_VENDOR = 650
_CLOSED = ("void", "paid")
_KNOWN = frozenset({*OWED, *_CLOSED, "draft", "closed"})


@workflow(NEEDS)
async def look_up_bills(wanted: LookUpBills, books: Books) -> Findings:
    """What do we owe, to whom, what is overdue? Bills by vendor, number, status, due date, amount: totals, aging,
    rows."""
    system = system_of(books, wanted.system, NEEDS)
    vendor = await find_vendor(books, wanted.vendor, system) if wanted.vendor else None
    found = _Found(books.today, wanted, vendor, system)
    for arguments in await _searches(found, vendor, books, system):
        await _read(books, system, arguments, found)
    if wanted.number and not found.count and (digits := ending(wanted.number)) and system is System.LUMINOUS:
        found.spelled = wanted.number
        await _read(books, system, {"filters": {"bill_number[contains]": digits}}, found)
        found.is_id = not found.count and await is_bill_id(books, wanted.number)
    return found.findings(vendor)


async def _read(books: Books, system: System, arguments: dict[str, Any], found: _Found) -> None:
    late = arguments.get("payment_status") == "overdue"
    async with books.stream(LISTS[system], **arguments) as stream:
        async for rows in stream:
            for row in rows:
                found.add(bill_of(row, system), late=late)
        found.stopped = found.stopped or stream.stopped


async def _searches(found: _Found, vendor: Vendor | None, books: Books, system: System) -> list[dict[str, Any]]:
    """Arguments of the lists to read. What the API filters is checked again: which filters it takes is not
    documented."""
    wanted = found.wanted
    if system is System.BILLDIARY:
        return _billdiary(wanted, vendor)
    filters: dict[str, Any] = {}
    if vendor is not None:
        filters["vendor_id"] = vendor.id
    if wanted.wants == "open":
        filters["total_due[gt]"] = 0
    elif wanted.wants != "all":
        filters["status"] = wanted.wants
    if wanted.overdue and wanted.due_within_days is None:
        filters["due_date[lt]"] = books.today.isoformat()
    if wanted.due_within_days is not None:
        if not wanted.overdue:
            filters["due_date[gte]"] = books.today.isoformat()
        filters["due_date[lte]"] = (books.today + dt.timedelta(days=wanted.due_within_days)).isoformat()
    if wanted.amount_min is not None:
        filters[f"{wanted.measured}[gte]"] = wanted.amount_min
    if wanted.amount_max is not None:
        filters[f"{wanted.measured}[lte]"] = wanted.amount_max
    if wanted.currency:
        filters["currency"] = wanted.currency
    if not wanted.number:
        return [{"filters": filters}]
    searches = [{"filters": {**filters, "bill_number[contains]": wanted.number}}]
    orders = await _orders(wanted.number, books)
    found.orders = frozenset(orders)
    if orders:
        searches.append({"filters": {**filters, "purchase_order_id[in]": orders}})
    return searches


async def _orders(number: str, books: Books) -> list[int]:
    """Purchase orders of that number."""
    if not books.has("list_purchase_orders"):
        return []
    page = await books.page("list_purchase_orders", filters={"order_numbers[contains]": number})
    return [row["id"] for row in page.rows if number in (row.get("order_numbers") or [])]


def _billdiary(wanted: LookUpBills, vendor: Vendor | None) -> list[dict[str, Any]]:
    arguments: dict[str, Any] = {}
    if vendor is not None:
        arguments["contact_id"] = vendor.id
    if wanted.number and len(wanted.number) > 1:
        arguments["q"] = wanted.number
    return [{**arguments, **search} for search in purchase_searches(wanted.wants, overdue=wanted.overdue)]


class _Found:
    """The bills that fit, counted as they come in."""

    def __init__(self, today: dt.date, wanted: LookUpBills, vendor: Vendor | None, system: System) -> None:
        self.system = system
        self.today = today
        self.wanted = wanted
        self.orders: frozenset[int] = frozenset()
        """Purchase orders whose number is looked for."""
        self.unknown = 0
        """Bills with something due, in a status of which it is not known whether that is owed."""
        self._vendor_id = str(vendor.id) if vendor else None
        self.stopped = ""
        self.spelled = ""
        """A number of which only other spellings are looked for."""
        self.is_id = False
        """Whether that is the id of a bill, and no bill's number."""
        self.count = 0
        self._owed_bills = 0
        self._drafts = 0
        self._totals = Amounts()
        self._late = Amounts()
        """Owed and overdue without a due date."""
        self._vendors = OwedByVendor()
        self._aging = Aging(today)
        self._seen: set[Any] = set()
        self._by_status = ByStatus()
        self._found_in: dict[str, int] = {}
        """Bills by the first field that has the text."""
        self._kept = KeptBills(lambda bill: bill.get("found_in") == _TEXTS[-1])

    def add(self, bill: dict[str, Any], *, late: bool = False) -> None:
        """Count a bill if it fits. late: the API says that it is overdue."""
        if not self._fits(bill) or self._is_known(bill, late):
            return
        self.count += 1
        self._totals.add(bill.get("currency"), bill.get("total"))
        self._by_status.add(bill)
        if bill.get("status") not in _KNOWN and (bill.get("total_due") or 0) > 0:
            self.unknown += 1
        if is_owed(bill):
            self._owed_bills += 1
            self._aging.add(bill)
            self._vendors.add(bill, late=late or self._days(bill) is not None)
            if late:
                self._late.add(bill.get("currency"), bill.get("total_due"))
        elif bill.get("status") == "draft" or is_held_draft(bill):
            self._drafts += 1
        told = {**bill, "days_overdue": self._days(bill)}
        if place := self._place_of_text(bill):
            self._found_in[place] = self._found_in.get(place, 0) + 1
            told["found_in"] = place
        self._kept.add(told)

    def _place_of_text(self, bill: Row) -> str | None:
        """The first field that has the text that is looked for."""
        text = plain(self.wanted.text or "")
        return next((name for name in _TEXTS if text and text in plain(str(bill.get(name) or ""))), None)

    def _is_known(self, bill: Row, late: bool) -> bool:
        """Whether another search already gave it: a number is searched for twice, and so is what is overdue."""
        if bill.get("id") in self._seen:
            return True
        if self.wanted.number or late:
            self._seen.add(bill.get("id"))
        return False

    def _fits(self, bill: Row) -> bool:
        wanted, due = self.wanted, day(bill.get("due_date"))
        if self._vendor_id is not None and str(bill.get("vendor_id")) != self._vendor_id:
            return False
        if not self._fits_status(bill) or not self._fits_number(bill):
            return False
        if self.spelled and not is_alike(str(bill.get("bill_number") or ""), self.spelled):
            return False
        if wanted.wants == "open" and (not (bill.get("total_due") or 0) > 0 or bill.get("status") in _CLOSED):
            return False
        if wanted.currency and bill.get("currency") not in (None, wanted.currency):
            return False
        if wanted.text and self._place_of_text(bill) is None:
            return False
        return self._fits_amounts(bill.get(wanted.measured)) and self._fits_dates(bill, due)

    def _fits_amounts(self, amount: Any) -> bool:
        low, high = self.wanted.amount_min, self.wanted.amount_max
        if amount is None:
            return low is None and high is None
        return (low is None or amount >= low) and (high is None or amount <= high)

    def _fits_status(self, bill: Row) -> bool:
        wants = self.wanted.wants
        return wants in ("open", "all") or bill.get("status") in (wants, PAYMENT_STATUS.get(wants))

    def _fits_number(self, bill: Row) -> bool:
        wanted = self.wanted.number
        if wanted is None or self.spelled or bill.get("purchase_order_id") in self.orders:
            return True
        return wanted.casefold() in str(bill.get("bill_number") or "").casefold()

    def _fits_dates(self, bill: Row, due: dt.date | None) -> bool:
        wanted = self.wanted
        late = due is not None and due < self.today
        if wanted.due_within_days is not None:
            soon = due is not None and self.today <= due <= self.today + dt.timedelta(days=wanted.due_within_days)
            return (soon or (wanted.overdue and late)) and is_owed(bill)
        # BillDiary says itself what is overdue; its rows have no due date.
        return not wanted.overdue or ((late or "due_date" not in bill) and is_owed(bill))

    def _days(self, bill: Row) -> int | None:
        return days_late(bill, self.today) if is_owed(bill) else None

    def findings(self, vendor: Vendor | None) -> Findings:
        """The answer."""
        owed, overdue = self._aging.owed, self._aging.overdue
        overdue.merge(self._late)
        facts = self._facts(vendor, owed, overdue)
        notes, usual = list(self._notes(vendor)), _OF_ONE_VENDOR if vendor else None
        findings = Findings(facts, notes=notes, stopped=self.stopped, tokens=usual)
        if len(self._by_status) > 1:
            findings.tables.append(self._by_status.table())
        if owed and owed != self._aging.undated and not self._leaves_overdue_out:
            findings.tables.append(Table("aging", ("currency", *BUCKETS, "total"), self._aging.rows(), MONEY))
        if vendor is None and len(self._vendors) > 1:
            findings.tables.append(self._vendors.table(self._rank))
        if self.count:
            findings.tables.append(self._bills(vendor))
        if self.wanted.aging_chart:
            findings.charts += self._charts()
        return findings

    def _facts(self, vendor: Vendor | None, owed: Amounts, overdue: Amounts) -> dict[str, Any]:
        """What is owed comes first, drafts apart from it: they are no debt yet."""
        facts: dict[str, Any] = {"vendor": vendor.name, "vendor_id": vendor.id} if vendor is not None else {}
        facts["as_of"] = self.today
        if owed:
            facts |= {"owed_bills": self._owed_bills, "owed": owed}
            if not self._leaves_overdue_out:
                facts["overdue"] = overdue
        if self._drafts:
            facts["drafts"] = self._drafts
        facts["bills"] = self.count
        if self.wanted.wants != "open":
            facts["total"] = self._totals
        if self._found_in:
            facts["found_in"] = ", ".join(f"{name} {self._found_in[name]}" for name in _TEXTS if name in self._found_in)
        return facts

    @property
    def _leaves_overdue_out(self) -> bool:
        return self.wanted.due_within_days is not None and not self.wanted.overdue

    @property
    def _asks_for_due_dates(self) -> bool:
        """Whether bills are looked for by due dates that the list does not have."""
        return self.system is System.BILLDIARY and self.wanted.due_within_days is not None

    @property
    def _rank(self) -> Rank:
        """By what vendors are ranked."""
        return "overdue" if self.wanted.overdue else "owed"

    def _bills(self, vendor: Vendor | None) -> Table:
        columns, rows = [*_COLUMNS, "total_due"], self._kept.rows
        if vendor is not None:
            columns.remove("vendor_name")
        if self.wanted.wants == "hold":
            columns[columns.index("status")] = "hold_reason"  # All have that status.
        if len(self._found_in) > 1:
            columns.append("found_in")
        columns = [name for name in columns if any(bill.get(name) is not None for bill in rows)]
        way_on = "narrow the question, or list_bills page by page" if self.count > len(rows) else ""
        return Table("bills", columns, rows, MONEY, of=self.count, way_on=way_on)

    def _charts(self) -> Iterator[Chart]:
        for row in self._aging.rows():
            values = [row[name] for name in BUCKETS]
            yield Chart(f"Owed by days overdue, {self.today}", BUCKETS, {"owed": values}, str(row["currency"]))

    def _notes(self, vendor: Vendor | None) -> Iterator[str]:
        yield from vendor_notes(vendor)
        if self.spelled and self.count:
            yield "No bill has exactly this number; other spellings of it are shown."
        elif self.is_id:
            yield "No bill has this number, but it is the id of one: explain_bill takes ids."
        if self._asks_for_due_dates:
            yield "BillDiary's lists give no due dates: what is due within some days cannot be told."
        elif self.wanted.wants == "open" and not self.count:
            nothing = "Nothing open fits" if self.wanted.is_narrow else "Nothing is open"
            yield f"{nothing}; status=all shows paid and void bills too."
        elif self.wanted.wants == "open":
            yield "Open bills only; status=all counts paid and void ones too. owed leaves out drafts."
        if self.unknown:
            yield f"{self.unknown} bills with something due are in a status not known here; owed leaves them out."
        if vendor is None and len(self._vendors) > 1:
            yield self._vendors.note(self._rank)
        if self.wanted.amount_min is not None or self.wanted.amount_max is not None:
            meant = "what is still due" if self.wanted.measured == "total_due" else "the whole bill, paid or not"
            yield f"amount_min and amount_max are about {meant}."
        if [*self._found_in] == [_TEXTS[-1]]:
            yield "No bill number, note or hold reason has this text: these are the bills of vendors named so."
        elif _TEXTS[-1] in self._found_in:
            yield "Bills that have the text in the vendor's name alone come last."
        if self._leaves_overdue_out:
            yield "What is overdue is not in this; with overdue=true it is."
        if self.wanted.wants == "all" and self.wanted.status is None:
            yield "Bills of every status were searched."
        if self.wanted.text and not self.count:
            yield "Looked through are numbers, notes, hold reasons and vendors; lists do not carry the lines of bills."
        if self._aging.undated and self._aging.owed == self._aging.undated:
            yield "This list says no due dates."
        elif self._aging.undated:
            yield "Some of it has no due date: it is in the total of the aging, and in none of its buckets."
