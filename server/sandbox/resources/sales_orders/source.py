"""Telling an order's source what was shipped, line by line where SKUs do not match."""

from typing import Any

from sqlalchemy import delete, insert

from server.sandbox.resources.sales_orders import record as order_record
from server.sandbox.resources.sales_orders import shipment_record
from server.sandbox.shapes import Many, Shape, Text, Whole, optional, required
from server.sandbox.tables.selling import shipment_item_fulfillments
from server.sandbox.wire import Answer, Call, Routes, conflict, data, invalid

routes = Routes()

PUSH = Shape(
    {
        "sales_order_item_ids": required(Many(Whole(minimum=1), minimum=1)),
        "tracking_number": optional(Text()),
        "carrier": optional(Text()),
    }
)


@routes.post("/sales-orders/{salesOrderId}/shipments/{shipmentId}/force-push-source-fulfillment")
def force_push_shipment_fulfillment(call: Call) -> Answer:
    """Report the shipment for exactly these lines; they take the place of those reported before."""
    order = order_record.load(call, "salesOrderId")
    shipment = shipment_record.load(call, order["id"])
    sent = PUSH.check(call.json())
    if shipment["is_return"]:
        raise conflict(f"Shipment {shipment['id']} cannot be reported as fulfilled: it is a return.")
    lines = _lines(call, order["id"], sent["sales_order_item_ids"])
    told = {
        "shipment_id": shipment["id"],
        "tracking_number": sent.get("tracking_number") or shipment["tracking_number"],
        "carrier": sent.get("carrier") or shipment["carrier_code"],
        "pushed_at": call.now,
    }
    before = shipment_item_fulfillments.c.shipment_id == shipment["id"]
    call.connection.execute(delete(shipment_item_fulfillments).where(before))
    rows: list[dict[str, Any]] = [{**told, "order_item_id": line_id} for line_id in lines]
    call.connection.execute(insert(shipment_item_fulfillments), rows)
    message = f"Fulfillment of {len(rows)} lines was pushed to {order['source']}."
    return data({"success": True, "message": message, "shipment_item_fulfillments": rows})


def _lines(call: Call, order_id: int, ids: list[int]) -> list[int]:
    """The ids, once each. Raises 422 for lines of other orders."""
    known = {line["id"] for line in order_record.lines_of(call.connection, [order_id])[order_id]}
    paths = [f"sales_order_item_ids.{index}" for index, line_id in enumerate(ids) if line_id not in known]
    if paths:
        raise invalid({path: f"The {path} is no line of this sales order." for path in paths})
    return list(dict.fromkeys(ids))
