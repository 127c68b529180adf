"""A purchase order as it is stored, and the sums every change of it must leave right."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, exists, select, update

from server.sandbox.filters import Condition, Field, Listing, field, fields
from server.sandbox.ordering import order_totals
from server.sandbox.resources import order_lines, tagging
from server.sandbox.rows import Record, get_row, records
from server.sandbox.tables.parties import companies, suppliers
from server.sandbox.tables.purchasing import (
    purchase_order_items,
    purchase_order_numbers,
    purchase_order_payments,
    purchase_orders,
)
from server.sandbox.wire import Call, conflict

ACTIVE, COMPLETED, DELETED = "active", "completed", order_lines.DELETED
STATUSES = (ACTIVE, COMPLETED, DELETED)

WHAT = "Purchase order"
OWNER = "purchase_order"
"""What the tags of orders are stored under."""

OWN = (
    "id", "vendor_id", "supplier_id", "warehouse_id", "location_id", "order_status", "order_date", "invoice_date",
    "arrival_due_date", "requested_ship_date", "order_type", "incoterm", "tracking_info", "payment_terms", "currency",
    "public_note", "private_note", "starred", "item_count", "total_qty_ordered", "total_qty_received",
    "total_qty_remaining", "order_cost", "total_tax", "total_shipping_cost", "total_cost", "total_paid", "total_due",
    "down_payment", "created_at", "updated_at",
)  # fmt: skip

_order = purchase_orders.c


def _numbered(matches: Condition) -> Condition:
    number = purchase_order_numbers.c
    return exists(select(number.id).where(number.purchase_order_id == _order.id, matches))


def _named(table: Table, owner_id: ColumnElement[int]) -> Field:
    name = select(table.c.name).where(table.c.id == owner_id)
    return field(name.correlate(purchase_orders).scalar_subquery())


ORDERS = Listing(
    select(purchase_orders),
    {
        **fields(_order, *OWN),
        "order_number": field(_order.order_number),
        "order_numbers": replace(
            field(purchase_order_numbers.c.number, _numbered), sorted_by=purchase_orders.c.order_number
        ),
        "order_quantity": field(_order.total_qty_ordered),
        "supplier.id": field(_order.supplier_id),
        "supplier.name": _named(suppliers, _order.supplier_id),
        "vendor.id": field(_order.vendor_id),
        "vendor.name": _named(companies, _order.vendor_id),
        "tag": tagging.tag_field(OWNER, _order.id),
    },
    _order.id,
)


def load(call: Call, name: str = "purchaseOrderId") -> Record:
    """The order named in the path, as stored. Raises 404."""
    return load_id(call.connection, call.id(name, WHAT))


def load_id(connection: Connection, order_id: int) -> Record:
    """The order of that id, as stored. Raises 404."""
    return get_row(connection, purchase_orders, WHAT, _order.id == order_id)


def require_undeleted(order: Record) -> None:
    """409 for a deleted order."""
    if order["order_status"] == DELETED:
        raise conflict(f"Purchase order {order['id']} is deleted.")


def items_of(connection: Connection, order_id: int) -> list[Record]:
    """The order's lines as stored, in their order."""
    line = purchase_order_items.c
    query = select(purchase_order_items).where(line.purchase_order_id == order_id)
    return records(connection, query.order_by(line.line_number, line.id))


def payments_of(connection: Connection, order_id: int) -> list[Record]:
    """The order's payments as stored."""
    paid = purchase_order_payments.c
    query = select(purchase_order_payments).where(paid.purchase_order_id == order_id)
    return records(connection, query.order_by(paid.id))


def change(call: Call, order_id: int, **values: Any) -> None:
    """Store new values of the order's own columns."""
    changed = {**values, "updated_at": call.now}
    call.connection.execute(update(purchase_orders).where(_order.id == order_id).values(changed))


def settle(call: Call, order_id: int) -> Record:
    """Recompute what follows from the order's lines and payments; the order afterwards."""
    order = load_id(call.connection, order_id)
    lines = items_of(call.connection, order_id)
    payments = payments_of(call.connection, order_id)
    change(call, order_id, **order_totals(order, lines, payments))
    return load_id(call.connection, order_id)
