"""One bill with everything around it, and what stands between it and payment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tools.operation import System
from tools.workflows.books import Books, Row, system_of
from tools.workflows.findings import Findings, Table
from tools.workflows.parts import obligations
from tools.workflows.parts.before_payment import hindrances
from tools.workflows.parts.bill_context import BillContext, read_context
from tools.workflows.parts.document_numbers import Reference
from tools.workflows.parts.documents import BILL_NEEDS, find_bill, order_number
from tools.workflows.parts.paid_on_order import paid_facts, paid_on
from tools.workflows.parts.payables import PAYABLE, days_late
from tools.workflows.parts.purchases import explain_purchase
from tools.workflows.parts.receiving_reports import with_units
from tools.workflows.parts.record_values import ZERO, amount, decimal, objects, total
from tools.workflows.parts.telling import amount_text, as_table, in_currency
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


@workflow(BILL_NEEDS)
async def explain_bill(wanted: ExplainBill, books: Books) -> Findings:
    """One bill by id or number: amounts due, lines, allocations, variance, PO, receipts, payments, credits, and what
    stands before payment."""
    system = system_of(books, wanted.system, BILL_NEEDS)
    found = await find_bill(books, wanted.bill, system)
    if system is System.BILLDIARY:
        return explain_purchase(found)
    context = await read_context(books, found.record)
    return _Explanation(found.record, context, books.today).findings(found.notes)


class _Explanation:
    """What is told of a bill."""

    def __init__(self, bill: dict[str, Any], context: BillContext, today: dt.date) -> None:
        self.bill = bill
        self.context = context
        self.today = today
        self.status = str(bill.get("status") or "")
        self.items = objects(bill.get("items"))
        self.total, self.paid = amount(bill, "total"), amount(bill, "total_paid")
        self.due = self._due()
        self.credited = self._credited()
        self.sources = context.sources
        self.open_credits = total(self.sources, "remaining_amount")
        self.receipts = with_units(context.reports or [], [bill.get("purchase_order_id")])
        self.received = total(self.receipts, "units")
        self.before = hindrances(bill, self.due, context, self.received)

    def _due(self) -> Decimal:
        due = decimal(self.bill.get("total_due"))
        if due is None:
            due = self.total - self.paid - self._applied()
        return ZERO if self.status == "void" else due

    def _credited(self) -> Decimal:
        credited = decimal(self.bill.get("total_credited"))
        return self._applied() if credited is None else credited

    def _applied(self) -> Decimal:
        applied = objects(self.bill.get("applications"))
        return total((row for row in applied if row.get("status") == "applied"), "amount")

    def findings(self, notes: Sequence[str]) -> Findings:
        """The answer."""
        found = Findings(self._head() | self._money() | self._goods(), notes=[*notes, *self.context.notes])
        found.tables = list(self._tables())
        found.next = self._next()
        if self.status != "void" and self.total - self.paid - self.credited != self.due:
            found.notes.append("The amount due is not the total less what is paid and credited; it is the API's own.")
        return found

    def _head(self) -> dict[str, Any]:
        bill = self.bill
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
            "days_overdue": days_late(bill, self.today) if self.due > 0 else None,
        }

    def _verdict(self) -> str:
        if self.status == "void":
            return "no, it is void"
        if self.due <= 0:
            return "no, nothing is due"
        blocks = [each.what for each in self.before if each.blocks]
        if blocks:
            return f"no: {'; '.join(blocks)}"
        return "yes, after a look at what is below" if self.before else "yes"

    def _money(self) -> dict[str, Any]:
        currency = self.bill.get("currency")
        sums = (
            f"{amount_text(self.total)} total - {amount_text(self.paid)} paid - {amount_text(self.credited)} credited"
        )
        facts: dict[str, Any] = {"total": in_currency(currency, self.total), "due": in_currency(currency, self.due)}
        facts["due_is"] = sums if self.status != "void" else f"{sums}; void, so nothing"
        if self.due > 0 and self.open_credits:
            applied = min(self.open_credits, self.due)
            facts["credits_open"] = in_currency(currency, self.open_credits)
            facts["to_pay"] = in_currency(currency, self.due - applied)
            facts["to_pay_is"] = f"{amount_text(self.due)} due - {amount_text(applied)} credits"
        if amount(self.bill, "tax_amount"):
            facts["tax_in_total"] = in_currency(currency, amount(self.bill, "tax_amount"))
        return facts

    def _goods(self) -> dict[str, Any]:
        order, facts = self.context.order, dict[str, Any]()
        if order is not None:
            facts |= {"purchase_order": order_number(order), "purchase_order_id": order.get("id")}
            facts["order_status"] = order.get("order_status")
            facts |= paid_facts([order])
            if self.context.reports is not None:
                ordered = total(objects(order.get("items")), "quantity")
                facts["units_received"] = f"{self.received:f} of {ordered:f} ordered"
        if any(item.get("allocated_amount") for item in self.items):
            allocated, lines = total(self.items, "allocated_amount"), total(self.items, "line_total")
            facts["allocated"] = f"{amount_text(allocated)} of {amount_text(lines)} on lines"
        if (variance := self.context.variance_total) is not None:
            resolution = (self.context.variance or {}).get("resolution") or {}
            how = resolution.get("method") if isinstance(resolution, dict) else None
            facts["variance"] = f"{amount_text(variance)}{f', settled: {how}' if how else ''}"
        return facts | {"notes": self.bill.get("notes")}

    def _next(self) -> list[str]:
        if self.status == "void" or self.due <= 0:
            return []
        calls = [call for each in self.before for call in each.call.split(", ")]
        kinds = {row["kind"] for row in self.sources}
        if self.status in PAYABLE:
            calls += ["apply_vendor_credit"] * ("vendor credit" in kinds)
            calls += ["apply_prepayment"] * ("prepayment" in kinds)
            calls += ["record_bill_payment"] * (self.due > self.open_credits + paid_on(self.context.order or {}))
        return list(dict.fromkeys(calls))

    # Tables

    def _tables(self) -> Iterator[Table]:
        bill, twins = self.bill, self.context.twins
        applied = [
            {**row, "credit": row.get("vendor_credit_id"), "prepayment": row.get("prepayment_id")}
            for row in objects(bill.get("applications"))
        ]
        dated = sorted(self.sources, key=lambda row: str(row["date"]))[:_MOST_SOURCES]
        sources = [{**row, "remaining": row.get("remaining_amount")} for row in dated]
        yield from as_table("before_payment", _BEFORE, [each.row for each in self.before], money=("amount",))
        yield from as_table(
            "same_number", ("id", "bill_number", "status", "bill_date", "total"), twins, money=("total",)
        )
        for each in as_table("could_be_applied", _SOURCES, sources, money=("remaining",)):
            yield replace(each, of=len(self.sources), way_on="list_vendor_credits and list_prepayments show all")
        yield from as_table("obligations", _OBLIGATIONS, self._obliged(), money=("amount", "total_due"))
        yield from as_table("payments", _PAYMENTS, objects(bill.get("payments")), money=("amount",))
        yield from as_table("credits_applied", ("credit", "prepayment", "amount", "status"), applied, money=("amount",))
        yield from as_table("receipts", ("id", "date", "status", "units"), self.receipts)
        yield from as_table(
            "attachments", ("id", "file_name", "content_type", "size"), objects(bill.get("attachments"))
        )
        lines = [{**item, **_line(item)} for item in self.items]
        yield from as_table("lines", _LINES, lines, money=("line_total", "allocated"), prices=("unit_cost",))
        yield from as_table("allocations", _ALLOCATIONS, self._allocations(), money=("amount",))

    def _obliged(self) -> list[dict[str, Any]]:
        return [
            {**row, "tied": "this bill" if obligations.is_tied_to_a_bill(row) else "its order only"}
            for row in self.context.obligations or []
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
