"""Bills by vendor, number, status, due date, amount or text: totals, aging and the bills themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema, model_validator

from schemas.common import Money
from tools.operation import System
from tools.workflows.books import Books, Row, system_of
from tools.workflows.findings import Amounts, Chart, Findings, Table
from tools.workflows.parts.document_numbers import ending, is_alike
from tools.workflows.parts.parties import Vendor, find_vendor, plain
from tools.workflows.parts.payables import (
    BUCKETS,
    LISTS,
    MONEY,
    NEEDS,
    OWED,
    Aging,
    bill_of,
    days_overdue,
    is_owed,
)
from tools.workflows.parts.record_values import day
from tools.workflows.workflow import QuestionToEither, workflow

Status = Literal["open", "all", "draft", "posted", "partially_paid", "paid", "hold", "void"]

_BILLDIARY_STATUS = {"paid": "paid", "posted": "due", "partially_paid": "partial"}
_TEXTS = ("bill_number", "vendor_name", "notes", "hold_reason")
_KEPT = 500
"""Bills that are kept for the rows of the answer; all are counted."""
_COLUMNS = ("id", "bill_number", "vendor_name", "status", "bill_date", "due_date", "days_overdue", "currency", "total")
_OF_ONE_VENDOR = 650
_VENDORS = 8
_VENDOR_MONEY = frozenset({"owed", "overdue"})
_CLOSED = ("void", "paid")
_KNOWN = frozenset({*OWED, *_CLOSED, "draft", "closed"})
_NO_DATE = dt.date.max


Days = Annotated[int, Field(ge=0, le=3650, strict=True), WithJsonSchema({"type": "integer"})]
Text = Annotated[str, Field(min_length=1, max_length=255), WithJsonSchema({"type": "string"})]


class LookUpBills(QuestionToEither):
    """What bills to look for; everything given must hold."""

    vendor: Text | None = Field(None, description="Name or id")
    number: Text | None = Field(None, description="Of the bill or its PO")
    status: Status | None = Field(None, description="Default open: something is due")
    overdue: bool = False
    due_within_days: Days | None = None
    amount_min: Money | None = None
    amount_max: Money | None = None
    text: Text | None = None
    currency: Text | None = None
    aging_chart: bool = False

    @model_validator(mode="after")
    def _range_is_one(self) -> LookUpBills:
        if self.amount_min is not None and self.amount_max is not None and self.amount_max < self.amount_min:
            raise ValueError("amount_max is less than amount_min")
        if self.text is not None and not plain(self.text):
            raise ValueError("text has no letter or digit to look for")
        return self

    @property
    def wants(self) -> str:
        """The status to look for: a search by number or text looks everywhere."""
        return self.status or ("all" if self.number or self.text else "open")


@workflow(NEEDS)
async def look_up_bills(wanted: LookUpBills, books: Books) -> Findings:
    """What do we owe, to whom, what is overdue? Bills by vendor, number, status, due date, amount: totals, aging,
    rows."""
    system = system_of(books, wanted.system, NEEDS)
    vendor = await find_vendor(books, wanted.vendor, system) if wanted.vendor else None
    found = _Found(books.today, wanted, vendor)
    for arguments in await _searches(found, vendor, books, system):
        await _read(books, system, arguments, found)
    if wanted.number and not found.count and (digits := ending(wanted.number)) and system is System.LUMINOUS:
        found.spelled = wanted.number
        await _read(books, system, {"filters": {"bill_number[contains]": digits}}, found)
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
        filters["total[gte]"] = wanted.amount_min
    if wanted.amount_max is not None:
        filters["total[lte]"] = wanted.amount_max
    if wanted.currency:
        filters["currency"] = wanted.currency.strip().upper()
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
    """BillDiary's rows have no due date; it tells what is overdue by a list of its own, which is read first."""
    arguments: dict[str, Any] = {}
    if vendor is not None:
        arguments["contact_id"] = vendor.id
    if wanted.number and len(wanted.number) > 1:
        arguments["q"] = wanted.number
    searches = [{**arguments, "payment_status": "overdue"}]
    if wanted.wants in _BILLDIARY_STATUS:
        searches.append({**arguments, "payment_status": _BILLDIARY_STATUS[wanted.wants]})
    elif wanted.wants == "open":
        searches += [{**arguments, "payment_status": status} for status in ("due", "partial")]
    elif not wanted.overdue:
        searches.append(arguments)
    return searches[:1] if wanted.overdue else searches


class _Found:
    """The bills that fit, counted as they come in."""

    def __init__(self, today: dt.date, wanted: LookUpBills, vendor: Vendor | None) -> None:
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
        self.count = 0
        self._totals = Amounts()
        self._late = Amounts()
        """Owed and overdue without a due date."""
        self._vendors: dict[tuple[str, str], dict[str, Any]] = {}
        self._aging = Aging(today)
        self._seen: set[Any] = set()
        self._by_status: dict[tuple[str, str], dict[str, Any]] = {}
        self._kept: list[dict[str, Any]] = []

    def add(self, bill: dict[str, Any], *, late: bool = False) -> None:
        """Count a bill if it fits. late: the API says that it is overdue."""
        if not self._fits(bill) or self._is_known(bill, late):
            return
        self.count += 1
        self._totals.add(bill.get("currency"), bill.get("total"))
        key = (str(bill.get("status") or ""), str(bill.get("currency") or ""))
        sums = self._by_status.setdefault(
            key, {"status": key[0], "currency": key[1], "bills": 0, "total": 0, "total_due": 0}
        )
        sums["bills"] += 1
        for column in ("total", "total_due"):
            sums[column] += bill.get(column) or 0
        if bill.get("status") not in _KNOWN and (bill.get("total_due") or 0) > 0:
            self.unknown += 1
        if is_owed(bill):
            self._aging.add(bill)
            self._add_vendor(bill, late)
            if late:
                self._late.add(bill.get("currency"), bill.get("total_due"))
        self._kept.append({**bill, "days_overdue": self._days(bill)})
        if len(self._kept) >= 2 * _KEPT:
            self._trim()

    def _add_vendor(self, bill: Row, late: bool) -> None:
        key = (str(bill.get("vendor_id") or bill.get("vendor_name")), str(bill.get("currency") or ""))
        sums = self._vendors.setdefault(
            key,
            {
                "vendor_id": bill.get("vendor_id"),
                "vendor": bill.get("vendor_name"),
                "currency": key[1],
                "owed": 0,
                "overdue": 0,
            },
        )
        sums["owed"] += bill["total_due"]
        if late or self._days(bill):
            sums["overdue"] += bill["total_due"]

    def _is_known(self, bill: Row, late: bool) -> bool:
        """Whether another search already gave it: a number is searched for twice, and so is what is overdue."""
        if bill.get("id") in self._seen:
            return True
        if self.wanted.number or late:
            self._seen.add(bill.get("id"))
        return False

    def _fits(self, bill: Row) -> bool:
        wanted, due, total = self.wanted, day(bill.get("due_date")), bill.get("total")
        if self._vendor_id is not None and str(bill.get("vendor_id")) != self._vendor_id:
            return False
        if not self._fits_status(bill) or not self._fits_number(bill):
            return False
        if self.spelled and not is_alike(str(bill.get("bill_number") or ""), self.spelled):
            return False
        if wanted.wants == "open" and (not (bill.get("total_due") or 0) > 0 or bill.get("status") in _CLOSED):
            return False
        if wanted.currency and bill.get("currency") not in (None, wanted.currency.strip().upper()):
            return False
        if wanted.amount_min is not None and not (total is not None and total >= wanted.amount_min):
            return False
        if wanted.amount_max is not None and not (total is not None and total <= wanted.amount_max):
            return False
        if wanted.text and not any(plain(wanted.text) in plain(str(bill.get(name) or "")) for name in _TEXTS):
            return False
        return self._fits_dates(bill, due)

    def _fits_status(self, bill: Row) -> bool:
        wants = self.wanted.wants
        return wants in ("open", "all") or bill.get("status") in (wants, _BILLDIARY_STATUS.get(wants))

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
        days = days_overdue(bill, self.today) if is_owed(bill) else None
        return days if days is not None and days > 0 else None

    def _trim(self) -> None:
        """Keep the bills that are due first; of those that are not owed the latest."""
        owed = sorted(filter(is_owed, self._kept), key=_order)
        others = sorted((bill for bill in self._kept if not is_owed(bill)), key=_order_of_others)
        self._kept = [*owed, *others]
        del self._kept[_KEPT:]

    def findings(self, vendor: Vendor | None) -> Findings:
        """The answer."""
        self._trim()
        owed, overdue = self._aging.owed, self._aging.overdue
        overdue.merge(self._late)
        facts: dict[str, Any] = {"as_of": self.today, "bills": self.count, "total": self._totals}
        if vendor is not None:
            facts = {"vendor": vendor.name, "vendor_id": vendor.id, **facts}
        if owed:
            facts["owed"] = owed
            if not self._leaves_overdue_out:
                facts["overdue"] = overdue
        notes, usual = list(self._notes(vendor)), _OF_ONE_VENDOR if vendor else None
        findings = Findings(facts, notes=notes, stopped=self.stopped, tokens=usual)
        if len(self._by_status) > 1:
            rows = [self._by_status[key] for key in sorted(self._by_status)]
            findings.tables.append(
                Table("by_status", ("status", "currency", "bills", "total", "total_due"), rows, MONEY)
            )
        if owed and owed != self._aging.undated and not self._leaves_overdue_out:
            findings.tables.append(Table("aging", ("currency", *BUCKETS, "total"), self._aging.rows(), MONEY))
        if vendor is None and len(self._vendors) > 1:
            findings.tables.append(self._by_vendor())
        if self._kept:
            findings.tables.append(self._bills(vendor))
        if self.wanted.aging_chart:
            findings.charts += self._charts()
        return findings

    @property
    def _leaves_overdue_out(self) -> bool:
        return self.wanted.due_within_days is not None and not self.wanted.overdue

    def _by_vendor(self) -> Table:
        """Vendors with the most overdue, else with the most owed, in each currency."""
        most = "overdue" if any(row["overdue"] for row in self._vendors.values()) else "owed"
        rows = sorted(self._vendors.values(), key=lambda row: (-row[most], -row["owed"], str(row["vendor"])))
        columns = ("vendor_id", "vendor", "currency", "owed", "overdue")
        way_on = "summarize_records gives all"
        return Table("by_vendor", columns, rows[:_VENDORS], _VENDOR_MONEY, of=len(rows), way_on=way_on)

    def _bills(self, vendor: Vendor | None) -> Table:
        columns = [*_COLUMNS, "total_due"]
        if vendor is not None:
            columns.remove("vendor_name")
        columns = [name for name in columns if any(bill.get(name) is not None for bill in self._kept)]
        way_on = "narrow the question, or list_bills page by page" if self.count > len(self._kept) else ""
        return Table("bills", columns, self._kept, MONEY, of=self.count, way_on=way_on)

    def _charts(self) -> Iterator[Chart]:
        for row in self._aging.rows():
            values = [row[name] for name in BUCKETS]
            yield Chart(f"Owed by days overdue, {self.today}", BUCKETS, {"owed": values}, str(row["currency"]))

    def _notes(self, vendor: Vendor | None) -> Iterator[str]:
        if vendor is not None and vendor.assumed:
            yield "No vendor has exactly this name; it was taken for the one above."
        if self.spelled:
            yield "No bill has exactly this number; other spellings of it are shown."
        if self.wanted.wants == "open" and not self.count:
            yield "Nothing is open; status=all shows paid and void bills too."
        elif self.wanted.wants == "open":
            yield "Open bills only; status=all counts paid and void ones too. owed leaves out drafts."
        if self.unknown:
            yield f"{self.unknown} bills with something due are in a status not known here; owed leaves them out."
        if self._leaves_overdue_out:
            yield "What is overdue is not in this; with overdue=true it is."
        if self.wanted.wants == "all" and self.wanted.status is None:
            yield "Bills of every status were searched."
        if self._aging.undated and self._aging.owed == self._aging.undated:
            yield "This list says no due dates."
        elif self._aging.undated:
            yield "Some of it has no due date: it is in the total of the aging, and in none of its buckets."


def _order_of_others(bill: Row) -> tuple[bool, int, int]:
    """Drafts that wait longest come first, of what is paid or void the latest."""
    entered, number = (day(bill.get("bill_date")) or _NO_DATE).toordinal(), bill.get("id")
    is_draft = bill.get("status") in ("draft", "hold")
    return not is_draft, entered if is_draft else -entered, number if isinstance(number, int) else 0


def _order(bill: Row) -> tuple[dt.date, int]:
    number = bill.get("id")
    return day(bill.get("due_date")) or _NO_DATE, number if isinstance(number, int) else 0
