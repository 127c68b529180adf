"""Shipping goods of a sales order: what may be sent, and what becomes of the order."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, update

from server.sandbox import fulfillment
from server.sandbox.money import ZERO
from server.sandbox.resources.sales_orders import record as order_record
from server.sandbox.resources.sales_orders import statuses
from server.sandbox.resources.sales_orders.parcel import ShippedLine, shipped_lines, stored
from server.sandbox.rows import Record, find_row, insert_row
from server.sandbox.tables.fulfillment import fulfillment_order_items, fulfillment_orders
from server.sandbox.tables.selling import sales_order_items, sales_order_shipment_items, sales_order_shipments
from server.sandbox.tables.stock import warehouses
from server.sandbox.wire import Call, conflict, invalid

SENT = 1
"""The status code of a shipment that left."""


def ship(call: Call, order: Record, sent: Mapping[str, Any], part: Record | None = None) -> int:
    """Send goods of the order, with `part` those of a fulfillment order; the new shipment's id.

    Stock is not adjusted: that is what the API documents of shipments entered this way. A shipment marked as a return
    moves no status either. Raises 409 for an order nothing is shipped for, 422 for lines that do not fit.
    """
    returned = bool(sent.get("is_return"))
    if not returned:
        _check_open(order, part)
    _check_warehouse(call, sent["warehouse_id"])
    ordered = order_record.lines_of(call.connection, [order["id"]])[order["id"]]
    limits = _left(call, part) if part and not returned else None
    lines = shipped_lines(sent["items"], ordered, limits, returned=returned)
    made = {
        **stored(sent),
        "sales_order_id": order["id"],
        "fulfillment_order_id": part["id"] if part else None,
        "is_return": returned,
        "takes_stock": False,
        "status": SENT,
        "created_at": call.now,
        "updated_at": call.now,
    }
    shipment_id = insert_row(call.connection, sales_order_shipments, made)
    rows = [{**line.stored(), "shipment_id": shipment_id} for line in lines]
    call.connection.execute(insert(sales_order_shipment_items), rows)
    if not returned:
        _count(call, part, lines)
    _settle(call, order, sent, returned=returned)
    return shipment_id


def _check_open(order: Record, part: Record | None) -> None:
    if order["order_status"] in statuses.CLOSED:
        raise conflict(f"Sales order {order['id']} cannot be shipped: its status is {order['order_status']}.")
    if part and part["order_status"] in (fulfillment.SHIPPED, fulfillment.CANCELLED):
        raise conflict(f"Fulfillment order {part['id']} cannot be shipped: its status is {part['order_status']}.")


def _check_warehouse(call: Call, warehouse_id: int) -> None:
    warehouse = find_row(call.connection, warehouses, warehouses.c.id == warehouse_id)
    if warehouse is None or warehouse["status"] != "active":
        raise invalid({"warehouse_id": "The warehouse_id is no active warehouse."})


def _left(call: Call, part: Record) -> dict[int, Decimal]:
    """What is left to send of the fulfillment order, by order line."""
    rows = order_record.children(call.connection, fulfillment_order_items, "fulfillment_order_id", [part["id"]])
    return {row["sales_order_item_id"]: row["quantity"] - row["quantity_shipped"] for row in rows.get(part["id"], [])}


def _count(call: Call, part: Record | None, lines: Sequence[ShippedLine]) -> None:
    """Count the goods as shipped on the order, and on the fulfillment order they were sent for."""
    for line in lines:
        shipped = sales_order_items.c.quantity_shipped + line.quantity
        mine = sales_order_items.c.id == line.order_item_id
        call.connection.execute(update(sales_order_items).where(mine).values(quantity_shipped=shipped))
        if part:
            item = fulfillment_order_items.c
            of_part = (item.fulfillment_order_id == part["id"]) & (item.sales_order_item_id == line.order_item_id)
            change = update(fulfillment_order_items).where(of_part)
            call.connection.execute(change.values(quantity_shipped=item.quantity_shipped + line.quantity))
    if part:
        left = any(_left(call, part).values())
        after = {"order_status": fulfillment.PARTIALLY_SHIPPED if left else fulfillment.SHIPPED, "updated_at": call.now}
        call.connection.execute(update(fulfillment_orders).where(fulfillment_orders.c.id == part["id"]).values(after))


def _settle(call: Call, order: Record, sent: Mapping[str, Any], *, returned: bool) -> None:
    """Add the shipment's cost to the order, and let its status follow what was shipped."""
    lines = order_record.lines_of(call.connection, [order["id"]])[order["id"]]
    shipping = order["total_shipping"] + (sent.get("shipment_cost") or ZERO)
    sums = order_record.totals(lines, order["total_tax"], shipping)
    follows = {} if returned else {"order_status": statuses.after_shipping(lines), "ship_date": sent["ship_date"]}
    order_record.change(call, order["id"], **sums, **follows)
