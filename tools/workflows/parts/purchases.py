"""A BillDiary purchase, explained and matched as a bill is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from tools.operation import System
from tools.workflows.books import Books, Row, together
from tools.workflows.findings import Findings
from tools.workflows.parts.around import Around
from tools.workflows.parts.documents import FoundBill
from tools.workflows.parts.parties import contact_name
from tools.workflows.parts.payables import bill_of
from tools.workflows.parts.record_values import ZERO, amount, day, decimal, line_value, objects, totals_by_key
from tools.workflows.parts.telling import amount_text, as_table
from tools.workflows.parts.three_way import Match, Papers, Tolerance

_PAYMENTS = ("id", "paid_on", "amount", "method", "payment_ref_no", "is_return")
_PRICE = "purchase_price_inc_tax"


def explain_purchase(found: FoundBill) -> Findings:
    """A BillDiary purchase. It knows neither holds nor credits, and no currency."""
    record = found.record
    total, paid = amount(record, "final_total"), amount(record, "total_paid")
    due, contact = total - paid, record.get("contact") or {}
    facts = {
        "bill": record.get("ref_no"),
        "purchase_id": record.get("id"),
        "supplier": contact_name(record),
        "contact_id": contact.get("id"),
        "status": record.get("status"),
        "payment_status": record.get("payment_status"),
        "can_be_paid": "yes" if due > 0 else "no, nothing is due",
        "date": day(record.get("transaction_date")),
        "due": due,
        "due_is": f"{amount_text(total)} total - {amount_text(paid)} paid",
        "tax_in_total": decimal(record.get("tax_amount")) or None,
        "purchase_order_ids": record.get("purchase_order_ids") or None,
        "document": record.get("document"),
        "notes": record.get("additional_notes"),
    }
    before = []
    if due > 0 and record.get("status") in ("pending", "ordered"):
        what = "goods not received" if record["status"] == "pending" else "only ordered, goods not received"
        before.append({"what": what, "blocks": "no", "call": "billdiary_update_purchase"})
    paid_with = [{**row, "paid_on": day(row.get("paid_on"))} for row in objects(record.get("payments"))]
    lines, columns = objects(record.get("lines")), ("id", "sub_sku", "product_label", "quantity", _PRICE)
    tables = [
        *as_table("before_payment", ("what", "blocks", "call"), before),
        *as_table("payments", _PAYMENTS, paid_with, money=("amount",)),
        *as_table("lines", columns, lines, prices=(_PRICE,)),
    ]
    notes = [*found.notes, "Amounts are in the business's currency; BillDiary names none."]
    calls = ["billdiary_record_purchase_payment"] if due > 0 else []
    return Findings(facts, tables, notes, calls)


async def match_purchase(books: Books, found: FoundBill, tolerance: Tolerance) -> Findings:
    """A purchase against the orders that it names. BillDiary keeps no receiving reports."""
    record = found.record
    bill = {**bill_of(record, System.BILLDIARY), "items": [*map(_bill_line, count(1), objects(record.get("lines")))]}
    around = Around(books)
    ids = [each for each in record.get("purchase_order_ids") or [] if isinstance(each, int)]
    read = await together(*(around.record("an order", "billdiary_get_purchase_order", id=each) for each in ids))
    orders = [_order_as_of_luminous(order) for order in read if order is not None]
    papers = Papers(orders, billed=_billed_elsewhere(bill["items"], orders), keeps_receipts=False)
    match = Match(bill, papers, tolerance)
    answer = match.findings() if orders else match.without_order()
    answer.facts["goods"] = record.get("status")
    answer.next = []
    answer.notes = [*found.notes, *answer.notes, *around.notes(), "BillDiary keeps no receiving reports."]
    return answer


def _billed_elsewhere(items: Sequence[Row], orders: Sequence[Row]) -> dict[Any, Decimal]:
    """What other purchases bill of each order line: all that is purchased of it less what this one has."""
    own = totals_by_key((item["product_id"], item["quantity"]) for item in items)
    return {
        line["id"]: max(amount(line, "po_quantity_purchased") - own.get(line["product_id"], ZERO), ZERO)
        for order in orders
        for line in order["items"]
    }


def _bill_line(line_number: int, line: Row) -> dict[str, Any]:
    quantity, cost = amount(line, "quantity"), amount(line, "purchase_price")
    return {
        "line_number": line_number,
        "product_id": line.get("variation_id"),
        "sku": line.get("sub_sku"),
        "description": line.get("product_label"),
        "quantity": quantity,
        "unit_cost": cost,
        "line_total": line_value(quantity, cost),
    }


def _order_as_of_luminous(order: Row) -> dict[str, Any]:
    items = [
        {
            **line,
            "product_id": line.get("variation_id"),
            "unit_price": line.get("purchase_price"),
            "source_sku": line.get("sub_sku"),
        }
        for line in objects(order.get("lines"))
    ]
    return {"id": order.get("id"), "order_numbers": [order.get("ref_no")], "items": items}
