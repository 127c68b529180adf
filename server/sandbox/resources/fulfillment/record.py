"""Fulfillment orders as they are stored and shown: with sales order, picklists and lines."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from server.sandbox.filters import Listing, field, fields
from server.sandbox.money import ZERO, cents
from server.sandbox.resources.sales_orders.record import by_owner, children
from server.sandbox.rows import Record, get_row, records
from server.sandbox.tables.fulfillment import fulfillment_order_items, fulfillment_orders, picklists
from server.sandbox.tables.goods import products
from server.sandbox.tables.selling import sales_order_items, sales_orders
from server.sandbox.wire import Answer, Call, data

_OWN = (
    "id", "order_number", "order_key", "order_status", "sales_order_id", "warehouse_group_id", "ship_by_date", "total",
    "source_reference_identifier", "destination", "pushed_at", "created_at", "updated_at",
)  # fmt: skip

_ORDER = (
    "id", "order_number", "status", "order_status", "order_date", "ship_by_date", "company_id", "channel_id",
    "customer_username", "customer_po_number", "total",
)  # fmt: skip

_ADDRESS = (
    "name", "company", "street1", "street2", "street3", "city", "state", "postal_code", "country", "phone",
)  # fmt: skip

_sold = sales_orders.c

ROWS: Select[Any] = select(
    fulfillment_orders,
    *(_sold[name].label(f"sales_order_{name}") for name in (*_ORDER, "bill_to", "ship_to") if name != "id"),
).select_from(fulfillment_orders.join(sales_orders, fulfillment_orders.c.sales_order_id == _sold.id))

FULFILLMENT_ORDERS = Listing(
    ROWS,
    {
        **fields(fulfillment_orders.c, *_OWN),
        **{f"sales_order.{name}": field(_sold[name]) for name in _ORDER},
    },
    fulfillment_orders.c.id,
)


def load(call: Call) -> Record:
    """The fulfillment order named in the path, as stored. Raises 404."""
    wanted = fulfillment_orders.c.id == call.id("id", "Fulfillment order")
    return get_row(call.connection, fulfillment_orders, "Fulfillment order", wanted)


def show(call: Call, part_id: int) -> Answer:
    """One fulfillment order."""
    rows = records(call.connection, ROWS.where(fulfillment_orders.c.id == part_id))
    return data(present(call.connection, rows)[0])


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as whole fulfillment orders."""
    ids = [row["id"] for row in rows]
    items = items_of(connection, ids)
    picking = children(connection, picklists, "fulfillment_order_id", ids)
    return [
        {
            **{name: row[name] for name in _OWN},
            "status": row["order_status"],
            "bill_to": _address(row["sales_order_bill_to"]),
            "ship_to": _address(row["sales_order_ship_to"]),
            "invoice_to": _address(row["sales_order_bill_to"]),
            "sales_order": {name: row["sales_order_id" if name == "id" else f"sales_order_{name}"] for name in _ORDER},
            "picklists": picking.get(row["id"], []),
            "fulfillment_order_items": items.get(row["id"], []),
            "purchase_orders": [],
        }
        for row in rows
    ]


def items_of(connection: Connection, ids: Sequence[int]) -> dict[int, list[Record]]:
    """The lines of several fulfillment orders, by fulfillment order, each with its product."""
    ordered = sales_order_items.c
    query = (
        select(fulfillment_order_items, ordered.product_id, ordered.name, ordered.unit_price, products.c.sku)
        .join(sales_order_items, ordered.id == fulfillment_order_items.c.sales_order_item_id)
        .join(products, products.c.id == ordered.product_id)
        .where(fulfillment_order_items.c.fulfillment_order_id.in_(ids))
        .order_by(fulfillment_order_items.c.id)
    )
    return by_owner(records(connection, query), "fulfillment_order_id")


def _address(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: kept.get(name) for name in _ADDRESS}


def change(call: Call, part_id: int, **values: Any) -> None:
    """Store new values of the fulfillment order's own columns."""
    changed = {**values, "updated_at": call.now}
    call.connection.execute(update(fulfillment_orders).where(fulfillment_orders.c.id == part_id).values(changed))


def settle(call: Call, part_id: int) -> None:
    """Recompute the fulfillment order's total from its lines."""
    items = items_of(call.connection, [part_id]).get(part_id, [])
    total = sum((cents(item["quantity"] * item["unit_price"]) for item in items), ZERO)
    change(call, part_id, total=total)


def picked(connection: Connection, part_id: int) -> bool:
    """Whether something of the fulfillment order was picked."""
    mine = (picklists.c.fulfillment_order_id == part_id) & picklists.c.picked_at.is_not(None)
    count: int = connection.execute(select(func.count()).select_from(picklists).where(mine)).scalar_one()
    return count > 0
