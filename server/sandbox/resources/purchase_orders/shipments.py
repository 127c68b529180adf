"""Shipments that suppliers sent, with their lines and extra costs."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, exists, select

from server.sandbox.filters import Condition, Listing, field, fields, page
from server.sandbox.resources.purchase_orders import record as order_record
from server.sandbox.resources.purchase_orders.newest import newest_first
from server.sandbox.resources.purchase_orders.reports import moment
from server.sandbox.resources.purchase_orders.units import counted_in
from server.sandbox.rows import Record, get_row, records
from server.sandbox.tables.purchasing import purchase_order_items, shipment_extra_costs, shipment_items, shipments
from server.sandbox.tables.stock import warehouses
from server.sandbox.wire import Answer, Call, Routes, data

routes = Routes()

STATUSES = {"in_transit": (1, "In transit"), "received": (2, "Received"), "cancelled": (3, "Cancelled")}
"""Id and name of a shipment's status on the wire."""

WHAT = "Shipment"

_OWN = (
    "id", "created_at", "updated_at", "reference_number", "total_shipping_cost", "warehouse_id", "sync_status",
    "last_synced_at", "last_synced_status",
)  # fmt: skip
_WAREHOUSE = ("id", "status", "name", "parent_id", "created_at", "updated_at")

_shipment, _item, _cost = shipments.c, shipment_items.c, shipment_extra_costs.c


def _carrying(matches: Condition) -> Condition:
    return exists(
        select(_item.id)
        .join(purchase_order_items, purchase_order_items.c.id == _item.purchase_order_item_id)
        .where(_item.shipment_id == _shipment.id, matches)
    )


SHIPMENTS = Listing(
    select(shipments),
    {
        **fields(_shipment, *_OWN, "shipping_date", "status", "received_date"),
        "shipment_status.name": field(_shipment.status),
        "supplier_purchase_order_id": field(purchase_order_items.c.purchase_order_id, _carrying),
        "purchase_order_id": field(purchase_order_items.c.purchase_order_id, _carrying),
    },
    _shipment.id,
)


@routes.get("/purchase-order-shipments")
def list_purchase_order_shipments(call: Call) -> Answer:
    """All shipments, the latest change first."""
    return page(newest_first(call), SHIPMENTS, present=_present)


@routes.get("/purchase-order-shipments/{id}")
def get_purchase_order_shipment(call: Call) -> Answer:
    """One shipment."""
    shipment_id = call.id("id", WHAT)
    return _show(call, _shipment.id == shipment_id)


@routes.get("/purchase-orders/{purchaseOrderId}/shipments")
def list_shipments_by_purchase_order(call: Call) -> Answer:
    """The shipments with goods of an order."""
    order = order_record.load(call)
    return page(newest_first(call), SHIPMENTS, _with_goods_of(order["id"]), present=_present)


@routes.get("/purchase-orders/{purchaseOrderId}/shipments/{shipmentId}")
def get_shipment_by_purchase_order(call: Call) -> Answer:
    """One shipment, if goods of the order are in it."""
    order = order_record.load(call)
    shipment_id = call.id("shipmentId", WHAT)
    return _show(call, (_shipment.id == shipment_id) & _with_goods_of(order["id"]))


def _with_goods_of(order_id: int) -> Condition:
    return _carrying(purchase_order_items.c.purchase_order_id == order_id)


def _show(call: Call, wanted: Condition) -> Answer:
    return data(_present(call.connection, [get_row(call.connection, shipments, WHAT, wanted)])[0])


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    ids = [row["id"] for row in rows]
    lines = _by_shipment(records(connection, _lines_of(ids)))
    costs = _by_shipment(
        records(connection, select(shipment_extra_costs).where(_cost.shipment_id.in_(ids)).order_by(_cost.id))
    )
    places = _warehouses(connection, {row["warehouse_id"] for row in rows})
    unit = {"unit_of_measure_id": (counted_in(connection) or {}).get("id")}
    shown = {owner: [{**_line(line), **unit} for line in some] for owner, some in lines.items()}
    return [_shown(row, shown.get(row["id"], []), costs.get(row["id"], []), places) for row in rows]


def _lines_of(ids: list[int]) -> Any:
    columns = (_item.id, _item.shipment_id, _item.quantity, _item.received_quantity)
    return (
        select(*columns, _item.purchase_order_item_id, purchase_order_items.c.purchase_order_id)
        .join(purchase_order_items, purchase_order_items.c.id == _item.purchase_order_item_id)
        .where(_item.shipment_id.in_(ids))
        .order_by(_item.id)
    )


def _shown(
    row: Record, lines: list[dict[str, Any]], costs: list[Record], places: dict[int | None, dict[str, Any]]
) -> dict[str, Any]:
    status_id, name = STATUSES[row["status"]]
    stamps = {"created_at": row["created_at"], "updated_at": row["updated_at"]}
    return {
        **{column: row[column] for column in _OWN},
        "purchase_order_id": row["purchase_order_id"],
        "status": name,
        "ship_date": row["shipping_date"],
        "shipping_date": moment(row["shipping_date"]),
        "received_date": moment(row["received_date"]),
        "shipment_status_id": status_id,
        "shipment_status": {"id": status_id, "name": name},
        "warehouse": places.get(row["warehouse_id"]),
        "shipment_items": [{**line, **stamps} for line in lines],
        "shipment_extra_costs": [{**_extra(cost), **stamps} for cost in costs],
    }


def _line(line: Record) -> dict[str, Any]:
    return {
        "id": line["id"],
        "supplier_purchase_order_shipment_id": line["shipment_id"],
        "supplier_purchase_order_id": line["purchase_order_id"],
        "supplier_purchase_order_item_id": line["purchase_order_item_id"],
        "quantity": line["quantity"],
        "received_quantity": line["received_quantity"],
    }


def _extra(cost: Record) -> dict[str, Any]:
    shown = dict(cost)
    shown["supplier_purchase_order_shipment_id"] = shown.pop("shipment_id")
    return shown


def _warehouses(connection: Connection, ids: set[int | None]) -> dict[int | None, dict[str, Any]]:
    known = sorted(number for number in ids if number is not None)
    query = select(*(warehouses.c[name] for name in _WAREHOUSE)).where(warehouses.c.id.in_(known))
    return {row["id"]: row for row in records(connection, query)}


def _by_shipment(rows: Sequence[Record]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = {}
    for row in rows:
        found.setdefault(row["shipment_id"], []).append(row)
    return found
