"""Shipments as they are shown, with what is in them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from server.sandbox.filters import Listing, fields
from server.sandbox.resources.sales_orders.record import by_owner, children
from server.sandbox.rows import Record, get_row, records
from server.sandbox.tables.selling import sales_order_shipment_items, sales_order_shipments
from server.sandbox.wire import Answer, Call

_OWN = (
    "id", "sales_order_id", "fulfillment_order_id", "ship_date", "tracking_number", "bol_number", "pro_number",
    "partner_reference_number", "is_return", "carrier_code", "service_code", "package_code", "shipment_cost",
    "insurance_cost", "warehouse_id", "status", "created_at", "updated_at",
)  # fmt: skip

MEASURES = ("length", "width", "height")

ROWS: Select[Any] = select(sales_order_shipments)

SHIPMENTS = Listing(ROWS, fields(sales_order_shipments.c, *_OWN), sales_order_shipments.c.id)


def load(call: Call, order_id: int) -> Record:
    """The order's shipment that the path names. Raises 404."""
    wanted = sales_order_shipments.c.id == call.id("shipmentId", "Shipment")
    return get_row(
        call.connection, sales_order_shipments, "Shipment", wanted, sales_order_shipments.c.sales_order_id == order_id
    )


def show(call: Call, shipment_id: int, status: int = 200) -> Answer:
    """One shipment, without an envelope."""
    rows = records(call.connection, ROWS.where(sales_order_shipments.c.id == shipment_id))
    return Answer(present(call.connection, rows)[0], status)


def of_orders(connection: Connection, order_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The shipments of several orders, by order."""
    query = ROWS.where(sales_order_shipments.c.sales_order_id.in_(order_ids)).order_by(sales_order_shipments.c.id)
    return by_owner(present(connection, records(connection, query)), "sales_order_id")


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as whole shipments."""
    items = children(connection, sales_order_shipment_items, "shipment_id", [row["id"] for row in rows])
    return [
        {
            **{name: row[name] for name in _OWN},
            "ship_to": row["ship_to"],
            "weight": weight_of(row),
            "dimensions": _dimensions(row),
            "items": [_item(item, row) for item in items.get(row["id"], [])],
        }
        for row in rows
    ]


def weight_of(row: Record) -> dict[str, Any] | None:
    """A weight with its unit, or None."""
    if row["weight_value"] is None:
        return None
    return {"value": row["weight_value"], "units": row["weight_units"]}


def _dimensions(row: Record) -> dict[str, Any] | None:
    measures = {name: row[f"dimensions_{name}"] for name in MEASURES}
    if all(measure is None for measure in measures.values()):
        return None
    return {"units": row["dimensions_units"], **measures}


def _item(item: Record, shipment: Record) -> dict[str, Any]:
    names = ("id", "shipment_id", "product_id", "order_item_id", "quantity", "unit_price")
    return {
        **{name: item[name] for name in names},
        "weight": weight_of(item),
        "created_at": shipment["created_at"],
        "updated_at": shipment["updated_at"],
    }
