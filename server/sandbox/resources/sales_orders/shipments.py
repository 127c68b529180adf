"""Shipments of a sales order."""

from sqlalchemy import Connection

from server.sandbox.filters import page
from server.sandbox.resources.sales_orders import record as order_record
from server.sandbox.resources.sales_orders import shipment_record
from server.sandbox.resources.sales_orders.parcel import ORDER_SHIPMENT
from server.sandbox.resources.sales_orders.shipping import ship
from server.sandbox.rows import Record, find_row
from server.sandbox.tables.fulfillment import fulfillment_orders
from server.sandbox.tables.selling import sales_order_shipments
from server.sandbox.wire import Answer, Call, Routes, invalid

routes = Routes()


@routes.get("/sales-orders/{salesOrderId}/shipments")
def list_sales_order_shipments(call: Call) -> Answer:
    """What was sent for an order."""
    order = order_record.load(call, "salesOrderId")
    mine = sales_order_shipments.c.sales_order_id == order["id"]
    return page(call, shipment_record.SHIPMENTS, mine, present=shipment_record.present)


@routes.post("/sales-orders/{salesOrderId}/shipments")
def create_sales_order_shipment(call: Call) -> Answer:
    """Send goods of an order, on the order's own account or on that of one of its fulfillment orders."""
    order = order_record.load(call, "salesOrderId")
    sent = ORDER_SHIPMENT.check(call.json())
    part = _fulfillment_order(call.connection, order["id"], sent.get("fulfillment_order_id"))
    return shipment_record.show(call, ship(call, order, sent, part), 201)


def _fulfillment_order(connection: Connection, order_id: int, part_id: int | None) -> Record | None:
    if part_id is None:
        return None
    mine = (fulfillment_orders.c.id == part_id) & (fulfillment_orders.c.sales_order_id == order_id)
    part = find_row(connection, fulfillment_orders, mine)
    if part is None:
        raise invalid({"fulfillment_order_id": "The fulfillment_order_id is not of this sales order."})
    return part
