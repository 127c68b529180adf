"""Purchase orders: list, look up, place, change and delete."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, func, select

from server.sandbox.filters import page
from server.sandbox.money import ZERO
from server.sandbox.resources import order_lines, tagging
from server.sandbox.resources.bills.bills import CURRENCIES
from server.sandbox.resources.purchase_orders import deletion, lines, payments, present, vendors
from server.sandbox.resources.purchase_orders import record as order_record
from server.sandbox.resources.purchase_orders.places import check_place
from server.sandbox.resources.vendors import vendor_of
from server.sandbox.rows import Record, find_row, insert_row
from server.sandbox.shapes import COMPUTED, Choice, Day, Flag, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.purchasing import purchase_order_items, purchase_order_numbers, purchase_orders
from server.sandbox.wire import Answer, Call, Routes, data, done, invalid

routes = Routes()

INACTIVE = "inactive"
"""What the list's filter calls completed orders."""

FIRST_NUMBER = 8399
"""Added to an order's id it gives its own number."""

_keys = {
    "supplier_id": required(Whole(minimum=1)),
    "order_date": required(Day()),
    "vendor_id": optional(Whole(minimum=1), nullable=False),
    **{name: optional(Whole(minimum=1)) for name in ("warehouse_id", "location_id")},
    "order_status": optional(Choice(order_record.STATUSES), nullable=False),
    "order_numbers": optional(Many(Text(min_length=1), maximum=50)),
    **{name: optional(Day()) for name in ("invoice_date", "requested_ship_date", "arrival_due_date")},
    **{name: optional(Number()) for name in ("total_shipping_cost", "total_tax", "down_payment")},
    **{name: optional(Text(max_length=5000)) for name in ("public_note", "private_note")},
    **{name: optional(Text()) for name in ("incoterm", "tracking_info", "payment_terms")},
    "order_type": optional(Whole()),
    "currency": optional(Choice(CURRENCIES), nullable=False),
    "starred": optional(Flag()),
    "tags": tagging.TAGS,
    "payments": optional(Many(payments.ENTRY), nullable=False),
}
_computed = frozenset(
    {
        "id", "item_count", "order_quantity", "total_qty_ordered", "total_qty_received", "total_qty_remaining",
        "order_cost", "total_cost", "total_paid", "total_due", "created_at", "updated_at",
    }
)  # fmt: skip

NEW_ORDER = Shape({**_keys, "items": required(Many(lines.NEW_LINE, minimum=1))}, computed=COMPUTED)
CHANGED_ORDER = Shape({**_keys, "items": required(Many(lines.CHANGED_LINE, minimum=1))}, computed=COMPUTED)

_BLANKS = {"starred": False, "total_shipping_cost": ZERO, "down_payment": ZERO}
"""What null stands for in columns that always have a value."""


@routes.get("/purchase-orders")
def list_purchase_orders(call: Call) -> Answer:
    """All orders; deleted ones only where the query asks for a status."""
    query = [_renamed(key, value) for key, value in call.query]
    asked = any(key.partition("[")[0] == "order_status" for key, _ in query)
    where = () if asked else (purchase_orders.c.order_status != order_record.DELETED,)
    return page(replace(call, query=query), order_record.ORDERS, *where, present=present.orders)


@routes.get("/purchase-orders/items")
def list_purchase_order_items(call: Call) -> Answer:
    """The lines of all orders that are not deleted."""
    there = purchase_order_items.c.purchase_order_id.in_(
        select(purchase_orders.c.id).where(purchase_orders.c.order_status != order_record.DELETED)
    )
    return page(call, present.ITEMS, there, present=present.items)


@routes.get("/purchase-orders/{id}")
def get_purchase_order(call: Call) -> Answer:
    """One order, deleted or not."""
    return present.show(call, order_record.load(call, "id")["id"])


@routes.post("/purchase-orders")
def create_purchase_order(call: Call) -> Answer:
    """Place an order with a supplier."""
    sent = NEW_ORDER.check(call.json())
    connection = call.connection
    factory = vendors.supplier(connection, sent["supplier_id"])
    vendor = vendor_of(connection, sent["vendor_id"]) if "vendor_id" in sent else vendors.biller_of(call, factory)
    own = _own(connection, sent)
    status = own.pop("order_status", order_record.ACTIVE)
    own = {
        **own,
        "vendor_id": vendor["id"],
        "currency": own.get("currency") or vendor["currency"],
        "payment_terms": own.get("payment_terms") or factory["default_payment_term"] or vendor["payment_term"],
    }
    numbers = _numbers(connection, sent.get("order_numbers"), None) or [_next_number(connection)]
    stamps = {"created_at": call.now, "updated_at": call.now}
    row = {**own, "order_number": numbers[0], "order_status": status, **stamps}
    order_id = insert_row(connection, purchase_orders, row)
    _name(connection, order_id, numbers)
    tagging.retag(connection, order_record.OWNER, order_id, sent.get("tags") or [])
    lines.add(call, order_id, sent["items"])
    payments.replace(call, order_id, sent.get("payments", []))
    _settle(call, order_id, sent)
    return present.show(call, order_id, 201)


@routes.put("/purchase-orders/{id}")
def update_purchase_order(call: Call) -> Answer:
    """Change what is sent; items and payments take the place of the stored ones."""
    order = order_record.load(call, "id")
    sent = CHANGED_ORDER.check(call.json(), partial=True)
    if order["order_status"] == order_record.DELETED and sent.get("order_status") in {None, order_record.DELETED}:
        order_record.require_undeleted(order)
    own = {**_own(call.connection, {**_place(order, sent), **sent}), **_vendor(call, order, sent)}
    numbers = _numbers(call.connection, sent.get("order_numbers"), order)
    if "order_numbers" in sent:
        numbers = numbers or [order["order_number"]]
        own["order_number"] = numbers[0]
        _name(call.connection, order["id"], numbers)
    deleted = own.get("order_status") == order_record.DELETED
    if deleted:
        own.pop("order_status")
    order_record.change(call, order["id"], **own)
    if "tags" in sent:
        tagging.retag(call.connection, order_record.OWNER, order["id"], sent["tags"] or [])
    if "items" in sent:
        lines.replace(call, order["id"], sent["items"])
    if "payments" in sent:
        payments.replace(call, order["id"], sent["payments"])
    _settle(call, order["id"], sent)
    if deleted:
        deletion.delete_order(call, order)
    return present.show(call, order["id"])


@routes.delete("/purchase-orders/{id}")
def delete_purchase_order(call: Call) -> Answer:
    """Delete an order: what it brought leaves the stock, what is still to come comes no more."""
    order = order_record.load(call, "id")
    order_record.require_undeleted(order)
    deletion.delete_order(call, order)
    return done("Purchase order deleted.")


@routes.get("/purchase-orders/{purchaseOrderId}/billable-lines")
def list_purchase_order_billable_lines(call: Call) -> Answer:
    """Received goods of the order that no bill covers yet."""
    order = order_record.load(call)
    found = order_lines.order_lines(call.connection, purchase_order_items.c.purchase_order_id == order["id"])
    return data([line for line in found if line["billable_quantity"]])


def _renamed(key: str, value: str) -> tuple[str, str]:
    if key.partition("[")[0] != "order_status":
        return key, value
    statuses = [order_record.COMPLETED if part.strip() == INACTIVE else part for part in value.split(",")]
    return key, ",".join(statuses)


def _own(connection: Connection, sent: dict[str, Any]) -> dict[str, Any]:
    """The columns that were sent; nulls become the blanks of their columns. Raises 422 for places that do not fit."""
    own = {name: sent[name] for name in sent if name in purchase_orders.c and name != "total_tax"}
    own |= {name: blank for name, blank in _BLANKS.items() if name in own and own[name] is None}
    if "warehouse_id" in own or "location_id" in own:
        own |= check_place(connection, own.get("warehouse_id"), own.get("location_id"))
    return own


def _place(order: Record, sent: dict[str, Any]) -> dict[str, Any]:
    """What an update leaves of warehouse and location: a location stays only within its warehouse."""
    if "location_id" in sent and sent["location_id"] is None and "warehouse_id" not in sent:
        return {"warehouse_id": order["warehouse_id"]}
    if "warehouse_id" in sent and "location_id" not in sent and sent["warehouse_id"] == order["warehouse_id"]:
        return {"location_id": order["location_id"]}
    return {}


def _vendor(call: Call, order: Record, sent: dict[str, Any]) -> dict[str, Any]:
    """Vendor and currency after an update. Both stay where other documents name the order. Raises 409 and 422."""
    vendor_id = order["vendor_id"]
    if sent.get("supplier_id", order["supplier_id"]) != order["supplier_id"]:
        vendor_id = vendors.biller_of(call, vendors.supplier(call.connection, sent["supplier_id"]))["id"]
    if "vendor_id" in sent:
        vendor_id = vendor_of(call.connection, sent["vendor_id"])["id"]
    after = {"vendor_id": vendor_id, "currency": sent.get("currency", order["currency"])}
    if any(order[name] != value for name, value in after.items()):
        vendors.require_alone(call.connection, order)
    return after


def _settle(call: Call, order_id: int, sent: dict[str, Any]) -> None:
    """Recompute the order. Raises 422 when its taxes do not fit or more is paid than it costs."""
    if "total_tax" in sent:
        on_lines = sum((line["tax"] for line in order_record.items_of(call.connection, order_id)), ZERO)
        extra = ZERO if sent["total_tax"] is None else sent["total_tax"] - on_lines
        if extra < 0:
            raise invalid({"total_tax": f"The total_tax may not be less than the {on_lines} of its lines."})
        order_record.change(call, order_id, extra_tax=extra)
    order = order_record.settle(call, order_id)
    if order["total_due"] < 0:
        changed = ("payments", "items", "total_shipping_cost", "total_tax")
        path = next((name for name in changed if name in sent), "payments")
        raise invalid(
            {path: f"The payments of {order['total_paid']} are more than the {order['total_cost']} it costs."}
        )


def _numbers(connection: Connection, sent: list[str] | None, order: Record | None) -> list[str]:
    """The order's numbers, each once. Raises 422 when the first one names another order."""
    numbers = list(dict.fromkeys(sent or []))
    if numbers:
        namesake = find_row(connection, purchase_orders, purchase_orders.c.order_number == numbers[0])
        if namesake and (order is None or namesake["id"] != order["id"]):
            raise invalid({"order_numbers.0": "The order_numbers.0 is the number of another order."})
    return numbers


def _next_number(connection: Connection) -> str:
    number = (connection.execute(select(func.max(purchase_orders.c.id))).scalar_one() or 0) + 1 + FIRST_NUMBER
    while find_row(connection, purchase_orders, purchase_orders.c.order_number == f"PO-{number}"):
        number += 1
    return f"PO-{number}"


def _name(connection: Connection, order_id: int, numbers: list[str]) -> None:
    link = purchase_order_numbers.c
    connection.execute(delete(purchase_order_numbers).where(link.purchase_order_id == order_id))
    for number in numbers:
        insert_row(connection, purchase_order_numbers, {"purchase_order_id": order_id, "number": number})
