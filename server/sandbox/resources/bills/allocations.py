"""Allocations: which purchase order lines bear the cost of a bill's line."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import delete, func, select

from server.sandbox.filters import page
from server.sandbox.money import ZERO, prorate
from server.sandbox.resources import order_lines
from server.sandbox.resources.bills import record as bill_record
from server.sandbox.resources.bills.bills import order_line_of
from server.sandbox.rows import Record, insert_row
from server.sandbox.shapes import COMPUTED, Many, Number, Shape, Whole, optional, required
from server.sandbox.tables.payables import bill_allocations, bill_items, bills
from server.sandbox.wire import NO_CONTENT, Answer, Call, Routes, conflict, created, data, invalid, not_found

routes = Routes()

ALLOCATION = Shape(
    {
        "bill_item_id": required(Whole(minimum=1)),
        "purchase_order_item_id": required(Whole(minimum=1)),
        "amount": required(Number(above=True)),
    },
    computed=COMPUTED,
)
PRORATE = Shape({"purchase_order_item_ids": optional(Many(Whole(minimum=1), minimum=1))})
SUGGEST = Shape({"limit": optional(Whole(minimum=1, maximum=50))})


@routes.get("/bills/allocation-inbox")
def get_bills_allocation_inbox(call: Call) -> Answer:
    """Bills with freight or duty that is not allocated in full."""
    allocated = (
        select(func.coalesce(func.sum(bill_allocations.c.amount), ZERO))
        .where(bill_allocations.c.bill_item_id == bill_items.c.id)
        .correlate(bill_items)
        .scalar_subquery()
    )
    pending = select(bill_items.c.bill_id).where(
        bill_items.c.type.in_(("freight", "duty")), allocated < bill_items.c.line_total
    )
    return page(call, bill_record.BILLS, bills.c.id.in_(pending), bills.c.status != "void")


@routes.get("/bills/{billId}/allocations")
def list_bill_allocations(call: Call) -> Answer:
    """The bill's allocations."""
    return data(bill_record.allocations_of(call.connection, bill_record.load(call)["id"]))


@routes.post("/bills/{billId}/allocations")
def create_bill_allocation(call: Call) -> Answer:
    """Allocate a part of one line by hand."""
    bill = _open_bill(call)
    sent = ALLOCATION.check(call.json())
    items = {item["id"]: item for item in bill_record.items_of(call.connection, bill["id"])}
    item = items.get(sent["bill_item_id"])
    if item is None:
        raise invalid({"bill_item_id": "The bill_item_id is no line of this bill."})
    if not order_line_of(call.connection, sent["purchase_order_item_id"], bill["vendor_id"]):
        raise invalid({"purchase_order_item_id": "The purchase_order_item_id is not of this vendor."})
    if sent["amount"] > _left(item):
        raise invalid({"amount": f"The amount may not be greater than the {_left(item)} left of the line."})
    return created(_store(call, bill, item, [(sent["purchase_order_item_id"], sent["amount"])], "manual")[0])


@routes.delete("/bills/{billId}/allocations/{allocationId}")
def delete_bill_allocation(call: Call) -> Answer:
    """Take an allocation back."""
    bill = bill_record.load(call)
    wanted = (bill_allocations.c.id == call.id("allocationId", "Allocation")) & (
        bill_allocations.c.bill_id == bill["id"]
    )
    if not call.connection.execute(delete(bill_allocations).where(wanted)).rowcount:
        raise not_found("Allocation")
    return NO_CONTENT


@routes.post("/bills/{billId}/auto-allocate")
def auto_allocate_bill(call: Call) -> Answer:
    """Allocate what is left of each product line to the order line that fits it best; freight is left alone."""
    bill = _open_bill(call)
    items = bill_record.items_of(call.connection, bill["id"])
    stored = []
    for item in items:
        if item["product_id"] is not None and _left(item):
            lines = order_lines.eligible_for(call.connection, bill, item, items)
            targets = [(line["purchase_order_item_id"], _left(item)) for line in lines[:1]]
            stored += _store(call, bill, item, targets, "auto")
    return data(stored)


@routes.post("/bills/{billId}/bill-items/{billItemId}/prorate-allocate")
def prorate_bill_item_allocation(call: Call) -> Answer:
    """Spread what is left of one line over its eligible order lines, by their value."""
    bill = _open_bill(call)
    item_id = bill_record.load_item(call, bill)["id"]
    chosen = PRORATE.check(call.json()).get("purchase_order_item_ids")
    items = bill_record.items_of(call.connection, bill["id"])
    item = next(item for item in items if item["id"] == item_id)
    lines = order_lines.eligible_for(call.connection, bill, item, items)
    if chosen is not None:
        lines = _chosen(chosen, lines)
    if not _left(item):
        raise conflict(f"Line {item['line_number']} is allocated in full already.")
    if not lines:
        raise conflict(f"Line {item['line_number']} has no eligible lines.")
    shares = prorate(_left(item), [line["line_total"] for line in lines])
    targets = [(line["purchase_order_item_id"], share) for line, share in zip(lines, shares, strict=True) if share]
    return data(_store(call, bill, item, targets, "prorated"))


@routes.post("/bills/{billId}/bill-items/{billItemId}/ai-suggestions")
def suggest_bill_item_allocations(call: Call) -> Answer:
    """The order lines that fit a line best, each with a score from 0 to 1 and the reason for it."""
    bill = bill_record.load(call)
    item = bill_record.load_item(call, bill)
    limit = SUGGEST.check(call.json()).get("limit") or 5
    lines = order_lines.of_vendor(call.connection, bill["vendor_id"])
    scored = [_suggestion(bill, item, line) for line in lines]
    scored.sort(key=lambda suggestion: (-suggestion["score"], suggestion["purchase_order_item_id"]))
    return data([suggestion for suggestion in scored if suggestion["score"] > 0][:limit])


def _open_bill(call: Call) -> Record:
    bill = bill_record.load(call)
    if bill["status"] == "void":
        raise conflict(f"Bill {bill['id']} cannot be allocated: its status is void.")
    return bill


def _left(item: Mapping[str, Any]) -> Decimal:
    left: Decimal = item["line_total"] - item["allocated_amount"]
    return left


def _chosen(ids: list[int], lines: list[order_lines.OrderLine]) -> list[order_lines.OrderLine]:
    eligible = {line["purchase_order_item_id"]: line for line in lines}
    foreign = {
        f"purchase_order_item_ids.{index}": f"The purchase_order_item_ids.{index} is not eligible."
        for index, number in enumerate(ids)
        if number not in eligible
    }
    if foreign:
        raise invalid(foreign)
    return [eligible[number] for number in dict.fromkeys(ids)]


def _store(
    call: Call, bill: Record, item: Mapping[str, Any], targets: list[tuple[int, Decimal]], method: str
) -> list[dict[str, Any]]:
    stored = []
    for target, amount in targets:
        row = {
            "bill_id": bill["id"],
            "bill_item_id": item["id"],
            "purchase_order_item_id": target,
            "amount": amount,
            "method": method,
            "created_at": call.now,
        }
        new_id = insert_row(call.connection, bill_allocations, row)
        stored.append({"id": new_id, **row})
    return stored


def _suggestion(bill: Record, item: Record, line: order_lines.OrderLine) -> dict[str, Any]:
    likeness = round(fuzz.token_set_ratio(item["description"], line["description"]))
    signs = [
        (50, "same product", item["product_id"] is not None and item["product_id"] == line["product_id"]),
        (25, "on the bill's purchase order", line["purchase_order_id"] == bill["purchase_order_id"]),
        (10, "same unit cost", item["unit_cost"] == line["unit_cost"]),
        (likeness * 15 // 100, "similar description", likeness >= 60),
    ]
    found = [(points, reason) for points, reason, applies in signs if applies]
    names = ("purchase_order_item_id", "purchase_order_id", "order_number", "sku", "description")
    return {
        **{name: line[name] for name in names},
        "amount": item["line_total"],
        "score": Decimal(sum(points for points, _ in found)).scaleb(-2),
        "reason": ", ".join(reason for _, reason in found),
    }
