"""One bill with everything around it, and what stands between it and payment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from tools.operation import System
from tools.workflows.books import Books, Row, system_of, together
from tools.workflows.findings import Findings, Table
from tools.workflows.parts.amounts import amount, decimal, money, objects, said, table
from tools.workflows.parts.around import Around, receipts
from tools.workflows.parts.bills import NEEDS, PAYABLE, find_bill, order_number
from tools.workflows.parts.document_numbers import Reference
from tools.workflows.parts.payables import days_overdue
from tools.workflows.parts.purchases import explain_purchase
from tools.workflows.parts.three_way import COSTS
from tools.workflows.workflow import QuestionToEither, workflow

_LINES = ("line", "type", "sku", "description", "quantity", "unit_cost", "line_total", "allocated", "order_line")
_MOST_SOURCES = 10
"""Credits and prepayments that are shown, the oldest first; all are counted."""
_SOURCES = ("kind", "id", "date", "reference", "remaining")
_OBLIGATIONS = ("id", "kind", "tied", "status", "due_date", "amount", "total_due")
_PAYMENTS = ("id", "payment_date", "amount", "payment_type", "reference", "status")
_ALLOCATIONS = ("id", "line", "order_line", "amount", "method")
_BEFORE = ("what", "amount", "blocks", "call")


class ExplainBill(QuestionToEither):
    """Which bill."""

    bill: Reference


@workflow(NEEDS)
async def explain_bill(wanted: ExplainBill, books: Books) -> Findings:
    """One bill by id or number: amounts due, lines, allocations, variance, PO, receipts, payments, credits to apply,
    and what stands between it and payment."""
    system = system_of(books, wanted.system, NEEDS)
    found = await find_bill(books, wanted.bill, system)
    if system is System.BILLDIARY:
        return explain_purchase(found)
    return _Explanation(found.record, await _around(books, found.record), books.today).findings(found.notes)


@dataclass(frozen=True)
class _Context:
    """What was read around a bill; None where it could not be read."""

    variance: Row | None
    order: Row | None
    reports: Sequence[Row] | None
    credits: Sequence[Row] | None
    prepayments: Sequence[Row] | None
    obligations: Sequence[Row] | None
    twins: Sequence[Row]
    notes: Sequence[str]


async def _around(books: Books, bill: Row) -> _Context:
    around = Around(books)
    vendor, order_id = bill.get("vendor_id"), bill.get("purchase_order_id")
    of_vendor = {"vendor_id": vendor}

    def can_be_used(row: Row) -> bool:
        same = row.get("vendor_id") == vendor and row.get("currency") in (None, bill.get("currency"))
        return same and amount(row, "remaining_amount") > 0 and row.get("status") != "cancelled"

    def belongs(row: Row) -> bool:
        linked = row.get("bill_id") == bill["id"] or bill["id"] in [
            each.get("id") for each in objects(row.get("bills"))
        ]
        of_order = order_id is not None and row.get("purchase_order_id") == order_id
        return linked or (of_order and not row.get("bill_id") and not row.get("bills"))

    async def nothing() -> None:
        return None

    unused = {"filters": {**of_vendor, "remaining_amount[gt]": 0}}
    reads: list[Any] = await together(
        around.record("variance", "get_bill_variance", bill_id=bill["id"]),
        around.record("the purchase order", "get_purchase_order", id=order_id) if order_id else nothing(),
        around.reports([order_id] if order_id else []),
        around.rows("vendor credits", "list_vendor_credits", can_be_used, **unused),
        around.rows("prepayments", "list_prepayments", can_be_used, **unused),
        around.rows("payment obligations", "list_payment_obligations", belongs, filters=of_vendor),
        around.record(
            "the check for duplicates", "check_duplicate_bill", vendor_id=vendor, bill_number=bill.get("bill_number")
        ),
    )
    variance, order, reports, vendor_credits, prepayments, obligations, same = reads
    twins = [
        row for row in objects((same or {}).get("bills")) if row.get("status") != "void" and row.get("id") != bill["id"]
    ]
    notes = list(around.notes())
    return _Context(variance, order, reports, vendor_credits, prepayments, obligations, twins, notes)


class _Explanation:
    """What is told of a bill."""

    def __init__(self, bill: dict[str, Any], around: _Context, today: dt.date) -> None:
        self.bill = bill
        self.around = around
        self.today = today
        self.status = str(bill.get("status") or "")
        self.items = objects(bill.get("items"))
        self.total, self.paid = amount(bill, "total"), amount(bill, "total_paid")
        self.due = self._due()
        self.credited = self._credited()
        self.sources = [
            {"kind": kind, "date": row.get("credit_date") or row.get("payment_date"), **row}
            for kind, rows in (("vendor credit", around.credits), ("prepayment", around.prepayments))
            for row in rows or []
        ]
        self.open_credits = sum((amount(row, "remaining_amount") for row in self.sources), Decimal(0))
        self.receipts = receipts(around.reports or [], [bill.get("purchase_order_id")])
        self.received = sum((amount(row, "units") for row in self.receipts), Decimal(0))
        self.before = self._before()

    def _due(self) -> Decimal:
        due = decimal(self.bill.get("total_due"))
        if due is None:
            due = self.total - self.paid - self._applied()
        return Decimal(0) if self.status == "void" else due

    def _credited(self) -> Decimal:
        credited = decimal(self.bill.get("total_credited"))
        return self._applied() if credited is None else credited

    def _applied(self) -> Decimal:
        applied = objects(self.bill.get("applications"))
        return sum((amount(row, "amount") for row in applied if row.get("status") == "applied"), Decimal(0))

    def findings(self, notes: Sequence[str]) -> Findings:
        """The answer."""
        found = Findings(self._head() | self._money() | self._goods(), notes=[*notes, *self.around.notes])
        found.tables = list(self._tables())
        found.next = self._next()
        if self.status != "void" and self.total - self.paid - self.credited != self.due:
            found.notes.append("The amount due is not the total less what is paid and credited; it is the API's own.")
        return found

    def _head(self) -> dict[str, Any]:
        bill = self.bill
        late = days_overdue(bill, self.today) if self.due > 0 else None
        return {
            "bill": bill.get("bill_number"),
            "bill_id": bill.get("id"),
            "vendor": bill.get("vendor_name"),
            "vendor_id": bill.get("vendor_id"),
            "status": self.status,
            "hold_reason": bill.get("hold_reason"),
            "can_be_paid": self._verdict(),
            "bill_date": bill.get("bill_date"),
            "due_date": bill.get("due_date"),
            "days_overdue": late if late and late > 0 else None,
        }

    def _verdict(self) -> str:
        if self.status == "void":
            return "no, it is void"
        if self.due <= 0:
            return "no, nothing is due"
        blocks = [row["what"] for row in self.before if row["blocks"] == "yes"]
        if blocks:
            return f"no: {'; '.join(blocks)}"
        return "yes, after a look at what is below" if self.before else "yes"

    def _money(self) -> dict[str, Any]:
        currency = self.bill.get("currency")
        sums = f"{said(self.total)} total - {said(self.paid)} paid - {said(self.credited)} credited"
        facts: dict[str, Any] = {"total": money(currency, self.total), "due": money(currency, self.due)}
        facts["due_is"] = sums if self.status != "void" else f"{sums}; void, so nothing"
        if self.due > 0 and self.open_credits:
            applied = min(self.open_credits, self.due)
            facts["credits_open"] = money(currency, self.open_credits)
            facts["to_pay"] = money(currency, self.due - applied)
            facts["to_pay_is"] = f"{said(self.due)} due - {said(applied)} credits"
        if amount(self.bill, "tax_amount"):
            facts["tax_in_total"] = money(currency, amount(self.bill, "tax_amount"))
        return facts

    def _goods(self) -> dict[str, Any]:
        order, facts = self.around.order, dict[str, Any]()
        if order is not None:
            facts |= {"purchase_order": order_number(order), "purchase_order_id": order.get("id")}
            facts["order_status"] = order.get("order_status")
            if self.around.reports is not None:
                ordered = sum((amount(item, "quantity") for item in objects(order.get("items"))), Decimal(0))
                facts["units_received"] = f"{self.received:f} of {ordered:f} ordered"
        if any(item.get("allocated_amount") for item in self.items):
            allocated = sum((amount(item, "allocated_amount") for item in self.items), Decimal(0))
            lines = sum((amount(item, "line_total") for item in self.items), Decimal(0))
            facts["allocated"] = f"{said(allocated)} of {said(lines)} on lines"
        if (variance := self._variance()) is not None:
            resolution = (self.around.variance or {}).get("resolution") or {}
            how = resolution.get("method") if isinstance(resolution, dict) else None
            facts["variance"] = f"{said(variance)}{f', settled: {how}' if how else ''}"
        return facts | {"notes": self.bill.get("notes")}

    def _variance(self) -> Decimal | None:
        return decimal((self.around.variance or {}).get("variance_total"))

    # What stands between the bill and payment

    def _before(self) -> list[dict[str, Any]]:
        """What is to be done or looked at first, what blocks payment before what does not."""
        rows: list[dict[str, Any]] = []

        def point(what: str, call: str, value: Decimal | None = None, *, blocks: bool = False) -> None:
            rows.append({"what": what, "amount": value, "blocks": "yes" if blocks else "no", "call": call})

        if self.status == "void" or self.due <= 0:
            return rows
        if self.status == "hold":
            point("on hold", "unhold_bill", blocks=True)
        held_draft = self.status == "hold" and "posted_at" in self.bill and self.bill["posted_at"] is None
        if self.status == "draft" or held_draft:
            point("a draft, not posted", "post_bill", blocks=True)
        elif self.status not in (*PAYABLE, "hold"):
            point("its status takes no payment", "get_bill", blocks=True)
        if self.around.twins:
            point(f"same number as {len(self.around.twins)} other bill(s)", "explain_bill")
        if (variance := self._variance()) and not (self.around.variance or {}).get("resolved"):
            point("variance not settled", "match_bill, resolve_bill_variance", variance)
        if left := self._not_allocated():
            point("freight or duty not allocated", "prorate_bill_item_allocation", left)
        if self.bill.get("purchase_order_id") and self.around.reports is not None and not self.received:
            point("nothing received on its order", "list_receiving_reports")
        return rows

    def _not_allocated(self) -> Decimal:
        costs = [item for item in self.items if item.get("type") in COSTS]
        return sum((amount(item, "line_total") - amount(item, "allocated_amount") for item in costs), Decimal(0))

    def _next(self) -> list[str]:
        if self.status == "void" or self.due <= 0:
            return []
        calls = [call for row in self.before for call in str(row["call"]).split(", ")]
        kinds = {row["kind"] for row in self.sources}
        if self.status in PAYABLE:
            calls += ["apply_vendor_credit"] * ("vendor credit" in kinds) + ["apply_prepayment"] * (
                "prepayment" in kinds
            )
            calls += ["record_bill_payment"] * (self.due > self.open_credits)
        return list(dict.fromkeys(calls))

    # Tables

    def _tables(self) -> Iterator[Table]:
        bill, twins = self.bill, self.around.twins
        applied = [
            {**row, "credit": row.get("vendor_credit_id"), "prepayment": row.get("prepayment_id")}
            for row in objects(bill.get("applications"))
        ]
        dated = sorted(self.sources, key=lambda row: str(row["date"]))[:_MOST_SOURCES]
        sources = [{**row, "remaining": row.get("remaining_amount")} for row in dated]
        yield from table("before_payment", _BEFORE, self.before, money=("amount",))
        yield from table("same_number", ("id", "bill_number", "status", "bill_date", "total"), twins, money=("total",))
        for each in table("could_be_applied", _SOURCES, sources, money=("remaining",)):
            yield replace(each, of=len(self.sources), way_on="list_vendor_credits and list_prepayments show all")
        yield from table("obligations", _OBLIGATIONS, self._obliged(), money=("amount", "total_due"))
        yield from table("payments", _PAYMENTS, objects(bill.get("payments")), money=("amount",))
        yield from table("credits_applied", ("credit", "prepayment", "amount", "status"), applied, money=("amount",))
        yield from table("receipts", ("id", "date", "status", "units"), self.receipts)
        yield from table("attachments", ("id", "file_name", "content_type", "size"), objects(bill.get("attachments")))
        lines = [{**item, **_line(item)} for item in self.items]
        yield from table("lines", _LINES, lines, money=("line_total", "allocated"), prices=("unit_cost",))
        yield from table("allocations", _ALLOCATIONS, self._allocations(), money=("amount",))

    def _obliged(self) -> list[dict[str, Any]]:
        linked = "this bill"
        return [
            {**row, "tied": linked if row.get("bill_id") or row.get("bills") else "its order only"}
            for row in self.around.obligations or []
        ]

    def _allocations(self) -> list[dict[str, Any]]:
        lines = {item.get("id"): item.get("line_number") for item in self.items}
        return [
            {**row, "line": lines.get(row.get("bill_item_id")), "order_line": row.get("purchase_order_item_id")}
            for row in objects(self.bill.get("allocations"))
        ]


def _line(item: Row) -> dict[str, Any]:
    return {
        "line": item.get("line_number"),
        "order_line": item.get("purchase_order_item_id"),
        "allocated": item.get("allocated_amount"),
    }
