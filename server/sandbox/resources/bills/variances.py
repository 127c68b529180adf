"""Variance: what a bill charges beyond what was ordered and received, and what was decided about it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from server.sandbox.money import ZERO, cents
from server.sandbox.resources import order_lines
from server.sandbox.resources.bills import record as bill_record
from server.sandbox.rows import Record
from server.sandbox.shapes import Choice, Shape, Text, optional
from server.sandbox.tables.payables import bill_items
from server.sandbox.wire import Answer, Call, Routes, conflict, data

routes = Routes()

RESOLUTION = Shape({"method": optional(Choice(("accept", "adjust"))), "note": optional(Text(max_length=1000))})


@routes.get("/bills/{billId}/variance")
def get_bill_variance(call: Call) -> Answer:
    """The bill's lines against the order and the receipt."""
    return data(_variance(call, bill_record.load(call)))


@routes.post("/bills/{billId}/resolve-variance")
def resolve_bill_variance(call: Call) -> Answer:
    """Accept the variance as it is, or adjust the lines to what was ordered and received."""
    bill = bill_record.load(call)
    sent = RESOLUTION.check(call.json())
    method = sent.get("method") or "accept"
    variance = _variance(call, bill)
    if bill["status"] == "void":
        raise conflict(f"Bill {bill['id']} is void.")
    if variance["resolved"]:
        raise conflict(f"Bill {bill['id']} has no open variance.")
    if method == "adjust":
        _adjust(call, bill, variance["lines"])
    decided = {"variance_method": method, "variance_note": sent.get("note"), "variance_resolved_at": call.now}
    bill_record.change(call, bill["id"], **decided)
    bill_record.settle(call, bill["id"])
    return data(_variance(call, bill_record.load(call)))


def _variance(call: Call, bill: Record) -> dict[str, Any]:
    items = bill_record.items_of(call.connection, bill["id"])
    matched = [item for item in items if item["purchase_order_item_id"]]
    ordered = {
        line["purchase_order_item_id"]: line
        for line in order_lines.by_ids(call.connection, [item["purchase_order_item_id"] for item in matched])
    }
    counted = bill["status"] != "void"
    lines = [_line(item, ordered[item["purchase_order_item_id"]], counted) for item in matched]
    total = sum((line["variance_amount"] for line in lines), ZERO)
    resolution = None
    if bill["variance_resolved_at"]:
        names = ("method", "note", "resolved_at")
        resolution = {name: bill[f"variance_{name}"] for name in names}
    open_lines = any(line["variance_amount"] for line in lines)
    return {
        "bill_id": bill["id"],
        "lines": lines,
        "variance_total": total,
        "resolved": resolution is not None or not open_lines,
        "resolution": resolution,
    }


def _line(item: Mapping[str, Any], ordered: Mapping[str, Any], counted: bool) -> dict[str, Any]:
    """One line; `counted` says that the line itself is in the order line's billed quantity."""
    elsewhere = ordered["billed_quantity"] - (item["quantity"] if counted else 0)
    expected = min(item["quantity"], max(ordered["received_quantity"] - elsewhere, Decimal(0)))
    amount = cents(expected * ordered["unit_cost"])
    return {
        "bill_item_id": item["id"],
        "line_number": item["line_number"],
        "description": item["description"],
        "purchase_order_item_id": item["purchase_order_item_id"],
        "purchase_order_id": ordered["purchase_order_id"],
        "billed_quantity": item["quantity"],
        "ordered_quantity": ordered["ordered_quantity"],
        "received_quantity": ordered["received_quantity"],
        "expected_quantity": expected,
        "quantity_variance": item["quantity"] - expected,
        "billed_unit_cost": item["unit_cost"],
        "ordered_unit_cost": ordered["unit_cost"],
        "unit_cost_variance": item["unit_cost"] - ordered["unit_cost"],
        "billed_amount": item["line_total"],
        "expected_amount": amount,
        "variance_amount": item["line_total"] - amount,
        "allocated_amount": item["allocated_amount"],
    }


def _adjust(call: Call, bill: Record, lines: list[dict[str, Any]]) -> None:
    if bill["status"] not in ("draft", "posted") or bill["total_paid"]:
        raise conflict(f"Bill {bill['id']} cannot be adjusted: its status is {bill['status']}.")
    for line in lines:
        if line["allocated_amount"] > line["expected_amount"]:
            raise conflict(f"More than the adjusted amount of line {line['line_number']} is allocated already.")
        values = {
            "quantity": line["expected_quantity"],
            "unit_cost": line["ordered_unit_cost"],
            "line_total": line["expected_amount"],
        }
        call.connection.execute(update(bill_items).where(bill_items.c.id == line["bill_item_id"]).values(values))
