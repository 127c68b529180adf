"""Customer returns as they are shown, and what may come back of an order."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, func, select

from server.sandbox.filters import Listing, fields
from server.sandbox.resources.sales_orders.record import by_owner, children
from server.sandbox.rows import Record, get_row, records
from server.sandbox.tables.goods import products
from server.sandbox.tables.returns import customer_refunds, customer_return_items, customer_returns
from server.sandbox.tables.selling import sales_order_items
from server.sandbox.wire import Answer, Call, data

PENDING, RECEIVED = "Pending", "Received"

RETURN_ONLY, REFUND_ONLY, RETURN_AND_REFUND = "return-only", "refund-only", "return-and-refund"
TYPES = (RETURN_ONLY, REFUND_ONLY, RETURN_AND_REFUND)

_OWN = (
    "id", "sales_order_id", "status", "restock", "order_date", "transaction_type", "created_at", "updated_at",
)  # fmt: skip

_META = ("current_page", "from", "last_page", "per_page", "to", "total")

ROWS: Select[Any] = select(customer_returns)

RETURNS = Listing(
    ROWS, fields(customer_returns.c, *_OWN), customer_returns.c.id, without_meta=frozenset(_META)
)  # fmt: skip


def load(call: Call) -> Record:
    """The return named in the path, as stored. Raises 404."""
    wanted = customer_returns.c.id == call.id("id", "Customer return")
    return get_row(call.connection, customer_returns, "Customer return", wanted)


def show(call: Call, return_id: int, status: int = 200) -> Answer:
    """One return with its lines."""
    rows = records(call.connection, ROWS.where(customer_returns.c.id == return_id))
    return data(present(call.connection, rows)[0], status)


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows with their lines, and what is refunded for them."""
    ids = [row["id"] for row in rows]
    items = items_of(connection, ids)
    refunds = children(connection, customer_refunds, "customer_return_id", ids)
    return [
        {
            **{name: row[name] for name in _OWN},
            "items": [_item(item) for item in items.get(row["id"], [])],
            "refund": _refund(refunds.get(row["id"], [])),
        }
        for row in rows
    ]


def items_of(connection: Connection, ids: Sequence[int]) -> dict[int, list[Record]]:
    """The lines of several returns, by return, each with its product."""
    query = (
        select(customer_return_items, sales_order_items.c.product_id, sales_order_items.c.unit_cost, products.c.sku)
        .join(sales_order_items, sales_order_items.c.id == customer_return_items.c.sales_order_item_id)
        .join(products, products.c.id == sales_order_items.c.product_id)
        .where(customer_return_items.c.customer_return_id.in_(ids))
        .order_by(customer_return_items.c.id)
    )
    return by_owner(records(connection, query), "customer_return_id")


def _item(item: Record) -> dict[str, Any]:
    return {name: item[name] for name in ("id", "sales_order_item_id", "sku", "quantity", "location_id", "lot_id")}


def _refund(refunds: Sequence[Record]) -> dict[str, Any] | None:
    return {"id": refunds[0]["id"], "amount": refunds[0]["amount"]} if refunds else None


def returned(connection: Connection, order_id: int) -> dict[int, Decimal]:
    """How much of the order is on returns already, by order line."""
    item = customer_return_items.c
    query = (
        select(item.sales_order_item_id, func.sum(item.quantity))
        .join(customer_returns, customer_returns.c.id == item.customer_return_id)
        .where(customer_returns.c.sales_order_id == order_id)
        .group_by(item.sales_order_item_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
