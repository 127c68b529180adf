"""Bills against purchase orders and receipts: lines that can be billed or matched, and bills begun from shipments."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from server.sandbox import terms
from server.sandbox.money import ZERO, cents
from server.sandbox.resources import order_lines
from server.sandbox.resources.bills import record as bill_record
from server.sandbox.rows import get_row
from server.sandbox.tables.parties import companies
from server.sandbox.tables.purchasing import purchase_order_items, purchase_orders, shipment_items, shipments
from server.sandbox.wire import Answer, Call, Routes, as_id, data, invalid

routes = Routes()

_NAMES = (
    "vendor_id", "vendor_name", "purchase_order_id", "bill_number", "bill_date", "due_date", "payment_term", "currency",
)  # fmt: skip
_NOTHING: dict[str, Any] = {
    **dict.fromkeys(_NAMES),
    "shipment_ids": [],
    "items": [],
    **dict.fromkeys(("subtotal", "tax_amount", "total"), ZERO),
}
"""The bill for no shipments."""


@routes.get("/bills/{billId}/billable-lines")
def list_bill_billable_lines(call: Call) -> Answer:
    """Received goods of the bill's order, or of its vendor, that no bill covers yet."""
    bill = bill_record.load(call)
    return data([line for line in order_lines.of_bill(call.connection, bill) if line["billable_quantity"]])


@routes.get("/bills/{billId}/candidate-lines")
def list_bill_candidate_lines(call: Call) -> Answer:
    """Order lines that may stand behind the bill: those of its order, and those of the same products."""
    bill = bill_record.load(call)
    items = bill_record.items_of(call.connection, bill["id"])
    found = []
    for line in order_lines.of_vendor(call.connection, bill["vendor_id"]):
        matches = [item["id"] for item in items if item["product_id"] == line["product_id"]]
        if matches or (bill["purchase_order_id"] and line["purchase_order_id"] == bill["purchase_order_id"]):
            found.append({**line, "bill_item_ids": matches})
    return data(found)


@routes.get("/bills/{billId}/bill-items/{billItemId}/eligible-lines")
def list_bill_item_eligible_lines(call: Call) -> Answer:
    """Order lines that this line of the bill may be allocated to."""
    bill = bill_record.load(call)
    item = bill_record.load_item(call, bill)
    items = bill_record.items_of(call.connection, bill["id"])
    return data(order_lines.eligible_for(call.connection, bill, item, items))


@routes.get("/shipments/{shipmentId}/billable-lines")
def list_shipment_billable_lines(call: Call) -> Answer:
    """Goods received with an incoming shipment that no bill covers yet."""
    shipment_id = call.id("shipmentId", "Shipment")
    get_row(call.connection, shipments, "Shipment", shipments.c.id == shipment_id)
    return data([line for line in _shipped(call.connection, shipment_id) if line["billable_quantity"]])


@routes.get("/bills/from-shipments/prefill")
def prefill_bill_from_shipments(call: Call) -> Answer:
    """A bill for the goods of these shipments, ready to be entered; nothing is stored.

    Without ids it is for all shipments to be billed of the vendor that sent the newest of them.
    """
    ids = _shipment_ids(call)
    if ids is None:
        ids = _unbilled(call.connection)
    if not ids:
        return data(_NOTHING)
    query = (
        select(purchase_orders.c.id, purchase_orders.c.vendor_id, purchase_orders.c.currency)
        .join(shipments, shipments.c.purchase_order_id == purchase_orders.c.id)
        .where(shipments.c.id.in_(ids))
    )
    orders = call.connection.execute(query).all()
    if len(orders) != len(ids):
        raise invalid({"shipment_ids": "The shipment_ids name a shipment that does not exist."})
    if len({order.vendor_id for order in orders}) > 1:
        raise invalid({"shipment_ids": "The shipment_ids belong to different vendors."})
    items = _begin(call.connection, ids)
    vendor = call.connection.execute(select(companies).where(companies.c.id == orders[0].vendor_id)).mappings().one()
    subtotal = sum((item["line_total"] for item in items), ZERO)
    order_ids = {order.id for order in orders}
    return data(
        {
            "vendor_id": vendor["id"],
            "vendor_name": vendor["name"],
            "purchase_order_id": order_ids.pop() if len(order_ids) == 1 else None,
            "shipment_ids": ids,
            "bill_number": None,
            "bill_date": call.today,
            "due_date": terms.due_date(call.today, vendor["payment_term"], vendor["due_date_days"]),
            "payment_term": vendor["payment_term"],
            "currency": orders[0].currency,
            "items": items,
            "subtotal": subtotal,
            "tax_amount": ZERO,
            "total": subtotal,
        }
    )


def _shipment_ids(call: Call) -> list[int] | None:
    """The ids in `shipment_ids`, separated by commas, repeated, or as `shipment_ids[]`; None when none are sent."""
    names = {"shipment_ids", "shipment_ids[]", "shipment_id"}
    parts = [part.strip() for key, value in call.query if key in names for part in value.split(",")]
    if not parts:
        return None
    ids = [as_id(part) for part in parts]
    if None in ids:
        raise invalid({"shipment_ids": "The shipment_ids must be integers."})
    return list(dict.fromkeys(number for number in ids if number is not None))


def _unbilled(connection: Connection) -> list[int]:
    """The newest shipment with goods that are received and not billed, and the others like it of its vendor."""
    query = (
        select(shipments.c.id, purchase_orders.c.vendor_id, purchase_orders.c.currency)
        .join(purchase_orders, purchase_orders.c.id == shipments.c.purchase_order_id)
        .join(shipment_items, shipment_items.c.shipment_id == shipments.c.id)
        .join(purchase_order_items, purchase_order_items.c.id == shipment_items.c.purchase_order_item_id)
        .where(shipment_items.c.received_quantity > Decimal(0), order_lines.UNBILLED)
        .order_by(shipments.c.id.desc())
    )
    newest = connection.execute(query.limit(1)).first()
    if newest is None:
        return []
    like_it = (purchase_orders.c.vendor_id == newest.vendor_id) & (purchase_orders.c.currency == newest.currency)
    return sorted(set(connection.execute(query.where(like_it)).scalars()))


def _begin(connection: Connection, shipment_ids: list[int]) -> list[dict[str, Any]]:
    """The lines of a bill for these shipments; an order line that is in several is billed once."""
    shipped = [line for shipment_id in shipment_ids for line in _shipped(connection, shipment_id)]
    ordered = order_lines.by_ids(connection, [line["purchase_order_item_id"] for line in shipped])
    left = {line["purchase_order_item_id"]: line["billable_quantity"] for line in ordered}
    items = []
    for line in shipped:
        item_id = line["purchase_order_item_id"]
        quantity = min(line["billable_quantity"], left[item_id])
        left[item_id] -= quantity
        if quantity:
            items.append(_begun(line, quantity))
    return items


def _shipped(connection: Connection, shipment_id: int) -> list[dict[str, Any]]:
    """The shipment's lines, with what was received with it and may still be billed."""
    query = select(shipment_items).where(shipment_items.c.shipment_id == shipment_id)
    shipped = {row["purchase_order_item_id"]: row for row in connection.execute(query).mappings()}
    lines = []
    for line in order_lines.by_ids(connection, list(shipped)):
        item = shipped[line["purchase_order_item_id"]]
        quantity = min(line["billable_quantity"], item["received_quantity"])
        lines.append(
            {
                **line,
                "shipment_id": shipment_id,
                "shipment_item_id": item["id"],
                "shipped_quantity": item["quantity"],
                "received_quantity": item["received_quantity"],
                "billable_quantity": quantity,
                "billable_amount": cents(quantity * line["unit_cost"]),
            }
        )
    return lines


def _begun(line: dict[str, Any], quantity: Decimal) -> dict[str, Any]:
    kept = {name: line[name] for name in ("product_id", "sku", "description")}
    return {
        "type": "product",
        **kept,
        "quantity": quantity,
        "unit_cost": line["unit_cost"],
        "line_total": cents(quantity * line["unit_cost"]),
        "purchase_order_item_id": line["purchase_order_item_id"],
        "shipment_id": line["shipment_id"],
    }
