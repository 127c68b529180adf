"""What to know before a bill is entered: vendor, duplicates, dates, sums and its purchase order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema, model_validator

from schemas.common import Date, Money, ShortText
from schemas.luminous.bills import NewBillLine
from tools.operation import System
from tools.workflows.books import Books, NotFoundError, Row, system_of, together
from tools.workflows.findings import Findings, Table
from tools.workflows.parts.amounts import amount, decimal, money, objects, said, table
from tools.workflows.parts.around import Around
from tools.workflows.parts.bills import find_order, order_number
from tools.workflows.parts.document_numbers import Reference, tail
from tools.workflows.parts.new_bill import NEAR_DAYS, Checks, Likes, Result, arguments_table, check_dates
from tools.workflows.parts.new_purchase import PURCHASE_NEEDS, check_purchase
from tools.workflows.parts.parties import Vendor, find_vendor
from tools.workflows.parts.payables import day
from tools.workflows.workflow import QuestionToEither, workflow

_NEEDS = {System.LUMINOUS: ("list_bills", "list_companies", "get_company"), System.BILLDIARY: PURCHASE_NEEDS}
_ZERO = Decimal(0)
_CENT = Decimal("0.01")
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


@dataclass
class _OfOrder:
    """What of an order is billed and could be billed. Amounts are of the order's currency."""

    billed: Decimal | None = None
    bills: int = 0
    billable: Sequence[Row] | None = None

    @property
    def open(self) -> Decimal | None:
        """What was received and is not billed, None where that is not told."""
        values = [decimal(row.get("billable_amount")) for row in self.billable or []]
        return None if self.billable is None or None in values else sum(filter(None, values), _ZERO)


class _NewBill:
    """A bill to be entered in Luminous, and what was found about it."""

    def __init__(self, wanted: CheckNewBill, vendor: Vendor, order: Row | None, today: dt.date) -> None:
        self.wanted, self.vendor, self.order, self.today = wanted, vendor, order, today
        self.of_order = _OfOrder()
        self.terms: Row = {}
        self.notes: list[str] = []
        own = vendor.record.get("currency")
        self.usual = own if isinstance(own, str) else None
        self.currency = (wanted.currency or self.usual or "").upper() or None
        self.likes = Likes(wanted.bill_number, wanted.bill_date, wanted.total, self.currency)
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
            self._read_likes(books),
            self._read_order(around),
        )
        self.likes.look_at(objects((reads[0] or {}).get("bills")), "same number")
        self.terms = reads[1] or {}
        self.notes += around.notes()

    async def _read_likes(self, books: Books) -> None:
        """All bills of the vendor where they are one page; else those that could be like it."""
        mine = {"vendor_id": self.vendor.id}
        first = await books.page("list_bills", filters=mine, sort="bill_date:desc")
        self._look_at(first.rows)
        if first.are_all:
            return
        apart = dt.timedelta(days=NEAR_DAYS)
        dated = {"bill_date[gte]": self.wanted.bill_date - apart, "bill_date[lte]": self.wanted.bill_date + apart}
        near = {**mine, **{key: value.isoformat() for key, value in dated.items()}, "total": self.wanted.total}
        digits = tail(self.wanted.bill_number)
        for filters in (near, {**mine, "bill_number[contains]": digits} if digits else mine):
            async with books.stream("list_bills", filters=filters) as stream:
                async for rows in stream:
                    self._look_at(rows)
            if stream.stopped:
                self.notes.append(f"Not all bills of the vendor were looked at: {stream.stopped}.")

    def _look_at(self, rows: Sequence[Row]) -> None:
        self.likes.look_at([row for row in rows if row.get("vendor_id") in (None, self.vendor.id)])

    async def _read_order(self, around: Around) -> None:
        if not self.order:
            return
        order_id = self.order["id"]
        reads: list[Any] = await together(
            around.rows("bills of the order", "list_bills_by_purchase_order", _counts, purchase_order_id=order_id),
            around.rows("what can be billed", "list_purchase_order_billable_lines", bool, purchase_order_id=order_id),
        )
        bills, billable = reads
        if bills is not None:
            self.of_order.billed, self.of_order.bills = sum((amount(row, "total") for row in bills), _ZERO), len(bills)
        self.of_order.billable = billable

    # What is checked

    def findings(self) -> Findings:
        """The answer."""
        if self.vendor.assumed:
            self.checks.add("vendor", Result.ASK, "no vendor has exactly this name")
        self.likes.check(self.checks)
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
            **self._of_order(),
        }
        found = Findings(facts, [*self.checks.table(), *self.likes.table()], [*self.notes, *self.checks.notes()])
        if self.checks.named(Result.STOP):
            found.next = ["explain_bill"] * bool(self.likes.found)
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
        else:
            self.checks.add("purchase_order", *self._fit(order))

    def _fit(self, order: Row) -> tuple[Result, str]:
        """How the bill's total without tax fits what the order leaves to bill."""
        of_order, ordered = self.of_order, decimal(order.get("total_cost"))
        left, what = of_order.open, "received and not billed"
        if left is None and ordered is not None and of_order.billed is not None:
            left, what = max(ordered - of_order.billed, _ZERO), "ordered and not billed"
        if left is None or order.get("currency") not in (None, self.currency):
            return Result.ASK, "what is left to bill cannot be compared"
        goods = self.wanted.total - (self.wanted.tax_amount or _ZERO)
        if goods > left:
            return Result.ASK, f"{said(goods - left)} more than {what}; freight?"
        return Result.OK, f"{said(left - goods)} stays {what}" if goods < left else f"exactly what is {what}"

    def _of_order(self) -> dict[str, Any]:
        """The order's own figures."""
        order, of_order = self.order, self.of_order
        if not order:
            return {}
        currency = order.get("currency")
        facts: dict[str, Any] = {"purchase_order": order_number(order), "purchase_order_id": order.get("id")}
        facts["order_status"] = order.get("order_status")
        figures = {
            "ordered": decimal(order.get("total_cost")),
            "billed": of_order.billed,
            "received_not_billed": of_order.open,
        }
        return facts | {name: money(currency, value) for name, value in figures.items() if value is not None}

    def _check_lines(self) -> None:
        wanted = self.wanted
        rows = self._items()
        if not rows:
            self.checks.add("lines", Result.ASK, "none given and none on an order to take; they are needed")
            return
        tax = wanted.tax_amount or _ZERO
        sums = sum((_cents(amount(row, "quantity") * amount(row, "unit_cost")) for row in rows), _ZERO)
        source = "lines" if wanted.lines else "lines left on the order"
        told = f"{source} {said(sums)} + tax {said(tax)}"
        if sums + tax == wanted.total:
            self.checks.add("lines", Result.OK, f"{told} = total")
        else:
            self.checks.add("lines", Result.ASK, f"{told} is {said(sums + tax - wanted.total)} off the total")

    def _items(self) -> list[dict[str, Any]]:
        """The lines to enter: those given, else what is received on the order and not billed."""
        if self.wanted.lines:
            return [line.model_dump(exclude_none=True) for line in self.wanted.lines]
        return [
            {**row, "type": "product", "quantity": row.get("billable_quantity"), "unit_cost": row.get("unit_cost")}
            for row in self.of_order.billable or []
            if amount(row, "billable_quantity") > 0
        ]

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
            "tax_amount": said(wanted.tax_amount) if wanted.tax_amount is not None else None,
        }
        rows = [] if wanted.lines else self._items()
        items = table("create_bill items", _ITEMS, rows, prices=("unit_cost",))
        return [*arguments_table("create_bill", arguments), *items]


def _counts(row: Row) -> bool:
    return row.get("status") != "void"


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)
