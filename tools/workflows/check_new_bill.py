"""What to know before a bill is entered: vendor, duplicates, dates, sums and its purchase order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema, model_validator

from schemas.common import Date, Money, ShortText
from schemas.luminous.bills import NewBillLine
from tools.operation import System
from tools.workflows.books import Books, NotFoundError, Row, system_of, together
from tools.workflows.findings import Findings, Table
from tools.workflows.parts.around import Around
from tools.workflows.parts.checks import Checks, Result, arguments_table, check_dates
from tools.workflows.parts.document_numbers import Reference, tail
from tools.workflows.parts.documents import find_order
from tools.workflows.parts.new_purchase import PURCHASE_NEEDS, check_purchase
from tools.workflows.parts.order_to_bill import OrderToBill, read_order_to_bill
from tools.workflows.parts.paid_on_order import paid_on
from tools.workflows.parts.parties import Vendor, find_vendor
from tools.workflows.parts.reading import read_rows
from tools.workflows.parts.record_values import ZERO, amount, day, line_value, objects
from tools.workflows.parts.similar_bills import SimilarBills
from tools.workflows.parts.telling import amount_text, as_table
from tools.workflows.workflow import QuestionToEither, workflow

_NEEDS = {System.LUMINOUS: ("list_bills", "list_companies", "get_company"), System.BILLDIARY: PURCHASE_NEEDS}
_ITEMS = tuple(
    name
    for name in ("purchase_order_item_id", "type", "product_id", "sku", "quantity", "unit_cost")
    if name in NewBillLine.model_fields
)
"""What of an order line create_bill takes."""

Lines = Annotated[list[NewBillLine], WithJsonSchema({"type": "array", "items": {"type": "object"}})]


class CheckNewBill(QuestionToEither):
    """The bill as it came in."""

    vendor: Reference
    bill_number: ShortText = Field(min_length=1)
    bill_date: Date
    total: Money = Field(gt=0)
    currency: str | None = None
    due_date: Date | None = None
    tax_amount: Money | None = Field(None, ge=0)
    purchase_order: Reference | None = None
    lines: Lines | None = Field(None, description="As items of create_bill")

    @model_validator(mode="after")
    def _dates_fit(self) -> CheckNewBill:
        if self.due_date is not None and self.due_date < self.bill_date:
            raise ValueError("due_date is before bill_date")
        if self.tax_amount is not None and self.tax_amount > self.total:
            raise ValueError("tax_amount is more than total")
        return self


@workflow(_NEEDS)
async def check_new_bill(wanted: CheckNewBill, books: Books) -> Findings:
    """Before create_bill: entered already? Vendor, due date, sums, fit with its purchase order. Gives the arguments of
    create_bill, or what to ask."""
    system = system_of(books, wanted.system, _NEEDS)
    if system is System.BILLDIARY:
        return await _purchase(wanted, books)
    reads: list[Any] = await together(find_vendor(books, wanted.vendor), _order(books, wanted.purchase_order))
    vendor, order = reads
    if not vendor.record:
        vendor = replace(vendor, record=await books.record("get_company", company_id=vendor.id))
    check = _NewBill(wanted, vendor, order, books.today)
    await check.read(books)
    return check.findings()


async def _purchase(wanted: CheckNewBill, books: Books) -> Findings:
    found = await check_purchase(
        books, wanted.vendor, wanted.bill_number, wanted.bill_date, wanted.total, wanted.purchase_order
    )
    names = ("currency", "due_date", "tax_amount", "lines")
    if given := [name for name in names if getattr(wanted, name) is not None]:
        found.notes.append(f"Not checked in BillDiary: {', '.join(given)}.")
    return found


async def _order(books: Books, given: str | None) -> dict[str, Any] | None:
    """The order that was named; None when there is none, an empty one when it is not there."""
    if not given or not books.has("get_purchase_order", "list_purchase_orders"):
        return None
    try:
        return await find_order(books, given)
    except NotFoundError:
        return {}


class _NewBill:
    """A bill to be entered in Luminous, and what was found about it."""

    def __init__(self, wanted: CheckNewBill, vendor: Vendor, order: Row | None, today: dt.date) -> None:
        self.wanted, self.vendor, self.order, self.today = wanted, vendor, order, today
        self.to_bill: OrderToBill | None = None
        self.terms: Row = {}
        self.notes: list[str] = []
        self.stopped = ""
        own = vendor.record.get("currency")
        self.usual = own if isinstance(own, str) else None
        self.currency = (wanted.currency or self.usual or "").upper() or None
        self.similar = SimilarBills(wanted.bill_number, wanted.bill_date, wanted.total, self.currency)
        self.checks = Checks()

    # What is read

    async def read(self, books: Books) -> None:
        """Read everything that depends on the vendor and the order."""
        around = Around(books)
        wanted = self.wanted
        of_vendor = {"vendor_id": self.vendor.id}
        reads: list[Any] = await together(
            around.record(
                "the check for duplicates", "check_duplicate_bill", **of_vendor, bill_number=wanted.bill_number
            ),
            around.record("the due date", "calculate_bill_due_date", **of_vendor, bill_date=wanted.bill_date),
            self._read_similar(books),
            self._read_order(around),
        )
        same_number, terms, *_ = reads
        self.similar.look_at(objects((same_number or {}).get("bills")), have_the_number=True)
        self.terms = terms or {}
        self.notes += around.notes()

    async def _read_similar(self, books: Books) -> None:
        """All bills of the vendor where they are one page; else those that could be like it."""
        mine = {"vendor_id": self.vendor.id}
        first = await books.page("list_bills", filters=mine, sort="bill_date:desc")
        self._look_at(first.rows)
        if first.are_all:
            return
        same_total = {**mine, "total": self.wanted.total}
        digits = tail(self.wanted.bill_number)
        for filters in (same_total, {**mine, "bill_number[contains]": digits} if digits else mine):
            if stopped := await read_rows(books, "list_bills", lambda row: self._look_at([row]), filters=filters):
                self.stopped = stopped

    def _look_at(self, rows: Sequence[Row]) -> None:
        self.similar.look_at([row for row in rows if row.get("vendor_id") in (None, self.vendor.id)])

    async def _read_order(self, around: Around) -> None:
        if self.order:
            self.to_bill = await read_order_to_bill(around, self.order)

    # What is checked

    def findings(self) -> Findings:
        """The answer."""
        if self.vendor.assumed:
            self.checks.add("vendor", Result.ASK, "no vendor has exactly this name")
        if self.vendor.other_type:
            self.checks.add("vendor", Result.ASK, f"it is a company of type {self.vendor.other_type}, not a vendor")
        self.similar.check(self.checks)
        check_dates(self.checks, self.wanted.bill_date, self.today)
        self._check_due()
        self._check_currency()
        self._check_order()
        self._check_lines()
        facts = {
            "verdict": self.checks.verdict,
            "vendor": self.vendor.name,
            "vendor_id": self.vendor.id,
            "bill_number": self.wanted.bill_number,
            "due_date_by_terms": self.due_by_terms,
            "payment_term": self.terms.get("payment_term"),
            **(self.to_bill.facts() if self.to_bill else {}),
        }
        tables, notes = [*self.checks.table(), *self.similar.table()], [*self.notes, *self.checks.notes()]
        found = Findings(facts, tables, notes, stopped=self.stopped)
        if self.checks.named(Result.STOP):
            found.next = ["explain_bill"] * bool(self.similar.found)
            return found
        found.tables += self._ready()
        found.next = ["create_bill"] * self.checks.is_ready
        return found

    @property
    def due_by_terms(self) -> dt.date | None:
        """The due date that the vendor's terms give."""
        return day(self.terms.get("due_date"))

    def _check_due(self) -> None:
        terms, given = self.due_by_terms, self.wanted.due_date
        if terms is None:
            self.checks.add("due_date", Result.OK if given else Result.ASK, "the vendor's terms say none")
        elif given is None or given == terms:
            self.checks.add("due_date", Result.OK, f"{terms} by the vendor's terms")
        else:
            days = (given - terms).days
            told = f"{abs(days)} days {'after' if days > 0 else 'before'} {terms}, the vendor's terms"
            self.checks.add("due_date", Result.ASK, told)

    def _check_currency(self) -> None:
        if self.usual and self.currency != self.usual:
            self.checks.add("currency", Result.ASK, f"the vendor bills in {self.usual}")
        of_order = self.order and self.order.get("currency")
        if of_order and self.currency and of_order != self.currency:
            self.checks.add("currency", Result.ASK, f"the order is in {of_order}")

    def _check_order(self) -> None:
        order, wanted = self.order, self.wanted
        if order is None:
            if wanted.purchase_order:
                self.notes.append("Purchase orders are not enabled here; the order was not checked.")
            return
        if not order:
            self.checks.add("purchase_order", Result.ASK, "no order has this number or id")
        elif order.get("vendor_id") not in (None, self.vendor.id):
            self.checks.add("purchase_order", Result.STOP, "it is an order of another vendor")
        elif order.get("order_status") == "deleted":
            self.checks.add("purchase_order", Result.STOP, "the order is deleted")
        elif self.to_bill is not None:
            goods = wanted.total - (wanted.tax_amount or ZERO)
            self.checks.add("purchase_order", *self.to_bill.fit(goods, self.currency))
            if paid_on(order):
                self.notes.append("A bill does not take off what was paid on its order; look at it before paying.")

    def _check_lines(self) -> None:
        wanted = self.wanted
        rows = self._items()
        if not rows:
            self.checks.add("lines", Result.ASK, "none given and none on an order to take; they are needed")
            return
        tax = wanted.tax_amount or ZERO
        sums = sum((line_value(amount(row, "quantity"), amount(row, "unit_cost")) for row in rows), ZERO)
        source = "lines" if wanted.lines else "lines left on the order"
        told = f"{source} {amount_text(sums)} + tax {amount_text(tax)}"
        if sums + tax == wanted.total:
            self.checks.add("lines", Result.OK, f"{told} = total")
        else:
            self.checks.add("lines", Result.ASK, f"{told} is {amount_text(sums + tax - wanted.total)} off the total")

    def _items(self) -> list[dict[str, Any]]:
        """The lines to enter: those given, else what is received on the order and not billed."""
        if self.wanted.lines:
            return [line.model_dump(exclude_none=True) for line in self.wanted.lines]
        return self.to_bill.items() if self.to_bill else []

    def _ready(self) -> list[Table]:
        """The arguments of create_bill; items have a table of their own."""
        wanted = self.wanted
        arguments = {
            "vendor_id": self.vendor.id,
            "bill_number": wanted.bill_number,
            "bill_date": wanted.bill_date,
            "due_date": wanted.due_date or self.due_by_terms,
            "currency": self.currency if wanted.currency else None,
            "purchase_order_id": self.order["id"] if self.order else None,
            "items": "as given in lines" if wanted.lines else None,
            "tax_amount": amount_text(wanted.tax_amount) if wanted.tax_amount is not None else None,
        }
        rows = [] if wanted.lines else self._items()
        items = as_table("create_bill items", _ITEMS, rows, prices=("unit_cost",))
        return [*arguments_table("create_bill", arguments), *items]
