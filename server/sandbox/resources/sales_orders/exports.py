"""Sales orders for other systems, in the order they changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from server.sandbox.exports import LARGEST_LIMIT, cursor_page
from server.sandbox.money import prorate
from server.sandbox.resources.sales_orders import record as order_record
from server.sandbox.resources.sales_orders import shipment_record, statuses
from server.sandbox.rows import Record
from server.sandbox.tables.fulfillment import fulfillment_orders
from server.sandbox.tables.selling import sales_orders
from server.sandbox.wire import Answer, Call, Routes, invalid

routes = Routes()

_OWN = (
    "order_number", "status", "order_status", "total_tax", "total_shipping", "total_paid", "customer_username",
    "customer_email", "order_date", "created_at", "updated_at",
)  # fmt: skip

_FULFILLMENT = ("order_number", "warehouse_group_id", "created_at", "updated_at")


@routes.get("/sales-orders/export")
def export_sales_orders(call: Call) -> Answer:
    """Orders that changed, with lines, shipments and fulfillment orders: a run starts with since."""
    if not call.argument("since") and not call.argument("cursor"):
        raise invalid({"since": "Send either since or cursor."})
    if not call.argument("limit"):
        call = replace(call, query=[*call.query, ("limit", str(LARGEST_LIMIT))])
    active = sales_orders.c.status == order_record.ACTIVE
    return cursor_page(call, order_record.SALES_ORDERS, active, present=_present)


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    ids = [row["id"] for row in rows]
    lines = order_record.lines_of(connection, ids)
    shipments = shipment_record.of_orders(connection, ids)
    parts = order_record.children(connection, fulfillment_orders, "sales_order_id", ids)
    return [
        {
            "order_id": row["id"],
            **{name: row[name] for name in _OWN},
            "total_amount": row["total"],
            "customer_id": row["company_id"],
            "items": _items(row, lines.get(row["id"], [])),
            "shipments": shipments.get(row["id"], []),
            "fulfillment_orders": [_fulfillment_order(part) for part in parts.get(row["id"], [])],
        }
        for row in rows
    ]


def _items(order: Record, lines: Sequence[Record]) -> list[dict[str, Any]]:
    taxes = prorate(order["total_tax"], [line["line_total"] for line in lines])
    return [_item(order, line, tax) for line, tax in zip(lines, taxes, strict=True)]


def _item(order: Record, line: Mapping[str, Any], tax: Decimal) -> dict[str, Any]:
    cancelled = order["order_status"] == statuses.CANCELLED
    return {
        "order_item_id": line["id"],
        "sku": line["sku"],
        "name": line["name"],
        "quantity": line["quantity"],
        "price": line["unit_price"],
        "tax": tax,
        "quantity_ordered": line["quantity"],
        "quantity_shipped": line["quantity_shipped"],
        "quantity_cancelled": line["quantity"] - line["quantity_shipped"] if cancelled else Decimal(0),
        "created_at": order["created_at"],
        "updated_at": order["updated_at"],
    }


def _fulfillment_order(part: Record) -> dict[str, Any]:
    return {
        "fulfillment_order_id": part["id"],
        "status": part["order_status"],
        **{name: part[name] for name in _FULFILLMENT},
    }
