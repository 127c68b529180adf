"""Fulfillment orders: list, look up, push to an order system and take back, ship, take lines out."""

from typing import Any

from sqlalchemy import delete

from server.sandbox.filters import page
from server.sandbox.fulfillment import CANCELLED, GIVES_BACK, PENDING, PICKED_OR_SENT, PUSHED
from server.sandbox.resources.fulfillment import record as part_record
from server.sandbox.resources.sales_orders import record as order_record
from server.sandbox.resources.sales_orders import shipment_record
from server.sandbox.resources.sales_orders.parcel import SHIPMENT
from server.sandbox.resources.sales_orders.shipping import ship
from server.sandbox.rows import Record
from server.sandbox.shapes import Flag, Shape, Whole, optional, required
from server.sandbox.tables.fulfillment import fulfillment_order_items
from server.sandbox.wire import Answer, Call, Routes, conflict, data, invalid

routes = Routes()

PUSH = Shape({"debug": optional(Flag())})

REMOVAL = Shape({"sales_order_item_id": required(Whole(minimum=1)), "allow_pushed": optional(Flag())})


@routes.get("/fulfillment-orders")
def list_fulfillment_orders(call: Call) -> Answer:
    """All fulfillment orders."""
    return page(call, part_record.FULFILLMENT_ORDERS, present=part_record.present)


@routes.get("/fulfillment-orders/{id}")
def get_fulfillment_order(call: Call) -> Answer:
    """One fulfillment order."""
    return part_record.show(call, part_record.load(call)["id"])


@routes.post("/fulfillment-orders/{id}/push")
def push_fulfillment_order(call: Call) -> Answer:
    """Send the order to the system its channel is mapped to."""
    part = part_record.load(call)
    debug = PUSH.check(call.json()).get("debug")
    if part["pushed_at"] is not None:
        raise conflict(f"Fulfillment order {part['id']} cannot be pushed: it already was.")
    if part["order_status"] in (*PICKED_OR_SENT, CANCELLED):
        raise conflict(f"Fulfillment order {part['id']} cannot be pushed: its status is {part['order_status']}.")
    if part["destination"] is None:
        raise conflict(f"Fulfillment order {part['id']} cannot be pushed: its channel is mapped to no order system.")
    items = part_record.items_of(call.connection, [part["id"]]).get(part["id"])
    if not items:
        raise conflict(f"Fulfillment order {part['id']} cannot be pushed: it has no lines.")
    reference = f"{part['destination'].upper()[:4].strip()}-{part['id']:08d}"
    part_record.change(call, part["id"], order_status=PUSHED, pushed_at=call.now, source_reference_identifier=reference)
    return _told(part, "pushed to", "POST", debug=bool(debug))


@routes.post("/fulfillment-orders/{id}/unpush")
def unpush_fulfillment_order(call: Call) -> Answer:
    """Take the order back from the system it was pushed to, where that gives orders back."""
    part = part_record.load(call)
    debug = PUSH.check(call.json()).get("debug")
    if part["pushed_at"] is None:
        raise conflict(f"Fulfillment order {part['id']} cannot be taken back: it was not pushed.")
    if part["order_status"] != PUSHED:
        raise conflict(f"Fulfillment order {part['id']} cannot be taken back: its status is {part['order_status']}.")
    if not GIVES_BACK.get(part["destination"], False):
        raise conflict(f"Fulfillment order {part['id']} cannot be taken back: {part['destination']} keeps its orders.")
    part_record.change(call, part["id"], order_status=PENDING, pushed_at=None, source_reference_identifier=None)
    return _told(part, "removed from", "DELETE", debug=bool(debug))


@routes.post("/fulfillment-orders/{id}/shipments")
def create_fulfillment_shipment(call: Call) -> Answer:
    """Send goods of the fulfillment order; its sales order follows."""
    part = part_record.load(call)
    sent = SHIPMENT.check(call.json())
    order = order_record.load_id(call.connection, part["sales_order_id"])
    return shipment_record.show(call, ship(call, order, sent, part), 201)


@routes.post("/fulfillment-orders/{id}/remove-so-item")
def remove_fulfillment_order_line(call: Call) -> Answer:
    """Take a sales order line out, as long as nothing was picked."""
    part = part_record.load(call)
    sent = REMOVAL.check(call.json())
    if part["order_status"] in PICKED_OR_SENT or part_record.picked(call.connection, part["id"]):
        raise _refused("sales_order_item_id", f"Fulfillment order {part['id']} was picked already.")
    if part["pushed_at"] is not None and not sent.get("allow_pushed"):
        raise _refused("allow_pushed", f"Fulfillment order {part['id']} was pushed: allow_pushed must be true.")
    item = fulfillment_order_items.c
    mine = (item.fulfillment_order_id == part["id"]) & (item.sales_order_item_id == sent["sales_order_item_id"])
    if not call.connection.execute(delete(fulfillment_order_items).where(mine)).rowcount:
        raise _refused("sales_order_item_id", "The sales_order_item_id is not on this fulfillment order.")
    part_record.settle(call, part["id"])
    line = sent["sales_order_item_id"]
    return data({"success": True, "message": f"Line {line} was removed from fulfillment order {part['id']}."})


def _refused(path: str, said: str) -> Exception:
    return invalid({path: said})


def _told(part: Record, said: str, method: str, *, debug: bool) -> Answer:
    """What the order system was told; with `debug` also how."""
    message = f"Fulfillment order {part['id']} was {said} {part['destination']}."
    answer: dict[str, Any] = {"success": True, "message": message}
    if debug:
        answer["debug"] = [{"method": method, "path": f"/orders/{part['order_key']}", "status": 200}]
    return data(answer)
