"""Lines of purchase orders seen from the billing side: ordered, received, billed, and what is left to bill."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from server.sandbox.money import cents
from server.sandbox.rows import Record
from server.sandbox.tables.goods import products
from server.sandbox.tables.payables import bill_items, bills
from server.sandbox.tables.purchasing import purchase_order_items, purchase_orders

OrderLine = dict[str, Any]

DELETED = "deleted"
"""The status of orders that nothing comes of."""

_ordered = purchase_order_items.c

_billed_quantity = (
    select(func.coalesce(func.sum(bill_items.c.quantity), Decimal(0)))
    .join(bills, bills.c.id == bill_items.c.bill_id)
    .where(bill_items.c.purchase_order_item_id == _ordered.id, bills.c.status != "void")
    .scalar_subquery()
)

UNBILLED: ColumnElement[bool] = _ordered.received_quantity > _billed_quantity
"""Order lines of which more is received than billed."""

_LINES = (
    select(
        _ordered.id,
        _ordered.id.label("purchase_order_item_id"),
        _ordered.purchase_order_id,
        purchase_orders.c.order_number,
        purchase_orders.c.vendor_id,
        _ordered.product_id,
        products.c.sku,
        _ordered.description,
        _ordered.quantity,
        _ordered.quantity.label("ordered_quantity"),
        _ordered.received_quantity,
        _billed_quantity.label("billed_quantity"),
        _ordered.unit_cost,
        _ordered.line_total,
    )
    .join(purchase_orders, purchase_orders.c.id == _ordered.purchase_order_id)
    .join(products, products.c.id == _ordered.product_id)
)


def order_lines(connection: Connection, *where: ColumnElement[bool]) -> list[OrderLine]:
    """The order lines that fit, in the order of their purchase orders."""
    rows = connection.execute(_LINES.where(*where).order_by(_ordered.purchase_order_id, _ordered.line_number))
    return [_with_billable(dict(row)) for row in rows.mappings()]


def of_vendor(connection: Connection, vendor_id: int) -> list[OrderLine]:
    """All order lines of one vendor, but for those of deleted orders."""
    kept = purchase_orders.c.order_status != DELETED
    return order_lines(connection, purchase_orders.c.vendor_id == vendor_id, kept)


def of_bill(connection: Connection, bill: Mapping[str, Any]) -> list[OrderLine]:
    """The lines of the bill's purchase order; without one, of all its vendor's orders."""
    if bill["purchase_order_id"] is None:
        return of_vendor(connection, bill["vendor_id"])
    return order_lines(connection, _ordered.purchase_order_id == bill["purchase_order_id"])


def by_ids(connection: Connection, ids: list[int]) -> list[OrderLine]:
    """The order lines of these ids."""
    return order_lines(connection, _ordered.id.in_(ids))


def eligible_for(
    connection: Connection, bill: Record, item: Mapping[str, Any], items: list[dict[str, Any]]
) -> list[OrderLine]:
    """The order lines that a line of the bill may be allocated to.

    A product line goes to lines of the same product, those of the bill's own order first. Freight, duty and the
    like go to the lines the bill's products were ordered on, else to the lines of the bill's order.
    """
    if item["product_id"] is not None:
        same = [line for line in of_vendor(connection, bill["vendor_id"]) if line["product_id"] == item["product_id"]]
        own = (item["purchase_order_item_id"], bill["purchase_order_id"])
        return sorted(same, key=lambda line: (line["purchase_order_item_id"] != own[0], _foreign(line, own[1])))
    billed = [line["purchase_order_item_id"] for line in items if line["purchase_order_item_id"]]
    return by_ids(connection, billed) if billed else of_bill(connection, bill)


def _foreign(line: OrderLine, order_id: int | None) -> bool:
    return bool(line["purchase_order_id"] != order_id)


def _with_billable(line: OrderLine) -> OrderLine:
    quantity = max(line["received_quantity"] - line["billed_quantity"], Decimal(0))
    return {**line, "billable_quantity": quantity, "billable_amount": cents(quantity * line["unit_cost"])}
