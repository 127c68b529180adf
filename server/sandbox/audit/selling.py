"""Sales orders: sums, what was shipped, packed and returned of them, and the goods that moved for it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from server.sandbox import fulfillment, stock
from server.sandbox.audit.sums import rows, sums
from server.sandbox.money import ZERO, cents
from server.sandbox.resources.sales_orders import statuses
from server.sandbox.tables.fulfillment import fulfillment_order_items, fulfillment_orders
from server.sandbox.tables.returns import customer_refunds, customer_return_items, customer_returns
from server.sandbox.tables.selling import (
    sales_order_items,
    sales_order_shipment_items,
    sales_order_shipments,
    sales_orders,
    shipment_package_items,
    shipment_packages,
)
from server.sandbox.tables.stock import stock_movements

NOTHING = Decimal(0)

_line, _sent, _shipment = sales_order_items.c, sales_order_shipment_items.c, sales_order_shipments.c

Moved = dict[tuple[int, int], Decimal]
"""Quantities by record and product."""


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the sales orders."""
    yield from _orders(connection)
    yield from _statuses(connection)
    yield from _lines(connection)
    yield from _shipment_goods(connection)
    yield from _packages(connection)
    yield from _fulfillment_orders(connection)
    yield from _returns(connection)
    yield from _return_goods(connection)


def _orders(connection: Connection) -> Iterator[str]:
    goods = sums(connection, _line.line_total, _line.sales_order_id)
    discounts = sums(connection, _line.discount, _line.sales_order_id)
    quantities = sums(connection, _line.quantity, _line.sales_order_id)
    costs = sums(connection, _shipment.shipment_cost, _shipment.sales_order_id)
    for order in rows(connection, sales_orders):
        name, order_id = f"Sales order {order['id']}", order["id"]
        discount = discounts.get(order_id, ZERO)
        if order["total_discount"] != discount or order["product_total"] != goods.get(order_id, ZERO) + discount:
            yield f"{name}: goods and discount are not the sums of its lines."
        if order["total_quantity"] != quantities.get(order_id, NOTHING):
            yield f"{name}: the quantity is not the sum of its lines."
        extra = order["total_tax"] + order["total_shipping"] - order["total_discount"]
        if order["total"] != order["product_total"] + extra:
            yield f"{name}: the total is not goods plus tax and shipping less discount."
        if order["total_shipping"] < costs.get(order_id, ZERO):
            yield f"{name}: shipping is less than its shipments cost."


def _statuses(connection: Connection) -> Iterator[str]:
    open_lines = func.sum(_line.quantity_shipped < _line.quantity)
    query = (
        select(_line.sales_order_id, sales_orders.c.order_status, func.sum(_line.quantity_shipped), open_lines)
        .join(sales_orders, sales_orders.c.id == _line.sales_order_id)
        .group_by(_line.sales_order_id)
        .order_by(_line.sales_order_id)
    )
    for order_id, status, shipped, left in connection.execute(query):
        fitting = statuses.STATUSES if not shipped else statuses.PARTLY_SENT if left else statuses.WHOLLY_SENT
        if status not in fitting:
            yield f"Sales order {order_id}: status {status} does not follow what was shipped."


def _lines(connection: Connection) -> Iterator[str]:
    outgoing = _shipment.is_return.is_(False)
    query = select(_sent.order_item_id, func.sum(_sent.quantity))
    query = query.join(sales_order_shipments, _shipment.id == _sent.shipment_id).where(outgoing)
    shipped = {row[0]: row[1] for row in connection.execute(query.group_by(_sent.order_item_id))}
    returned = sums(connection, customer_return_items.c.quantity, customer_return_items.c.sales_order_item_id)
    for line in rows(connection, sales_order_items):
        name = f"Sales order line {line['id']}"
        if line["line_total"] != cents(line["quantity"] * line["unit_price"]) - line["discount"]:
            yield f"{name}: the line total is not quantity times price less discount."
        if line["quantity_shipped"] != shipped.get(line["id"], NOTHING):
            yield f"{name}: what is shipped is not the sum of its shipments."
        if line["quantity_shipped"] > line["quantity"]:
            yield f"{name}: more was shipped than ordered."
        if returned.get(line["id"], NOTHING) > line["quantity_shipped"]:
            yield f"{name}: more came back than was shipped."


def _shipment_goods(connection: Connection) -> Iterator[str]:
    query = (
        select(_sent.shipment_id, _sent.product_id, func.sum(_sent.quantity))
        .join(sales_order_shipments, _shipment.id == _sent.shipment_id)
        .where(_shipment.takes_stock.is_(True))
        .group_by(_sent.shipment_id, _sent.product_id)
    )
    sent = {(row[0], row[1]): -row[2] for row in connection.execute(query)}
    moved = _moved(connection, sales_order_shipments.name, stock_movements.c.kind == stock.SHIPMENT)
    yield from _differences("Shipment", sent, moved)
    wrong = (
        select(_sent.id)
        .join(sales_order_shipments, _shipment.id == _sent.shipment_id)
        .join(sales_order_items, _line.id == _sent.order_item_id)
        .where((_line.sales_order_id != _shipment.sales_order_id) | (_line.product_id != _sent.product_id))
    )
    for line_id in connection.execute(wrong.order_by(_sent.id)).scalars():
        yield f"Shipment line {line_id}: it is not the order's."


def _moved(connection: Connection, owner: str, *where: ColumnElement[bool]) -> Moved:
    """What moved for the records of a table; movements that cancel each other out are none."""
    moved = stock_movements.c
    query = select(moved.owner_id, moved.product_id, func.sum(moved.quantity)).where(moved.owner == owner, *where)
    found = connection.execute(query.group_by(moved.owner_id, moved.product_id))
    return {(row[0], row[1]): row[2] for row in found if row[2]}


def _differences(what: str, expected: Moved, moved: Moved) -> Iterator[str]:
    for record_id, product_id in sorted(expected.keys() | moved.keys()):
        key = (record_id, product_id)
        if expected.get(key, NOTHING) != moved.get(key, NOTHING):
            yield f"{what} {record_id}: the stock of product {product_id} did not move as it should."


def _packages(connection: Connection) -> Iterator[str]:
    packed = shipment_package_items.c
    query = (
        select(shipment_packages.c.shipment_id, packed.order_item_id, func.sum(packed.quantity))
        .join(shipment_packages, shipment_packages.c.id == packed.package_id)
        .group_by(shipment_packages.c.shipment_id, packed.order_item_id)
    )
    held = select(_sent.shipment_id, _sent.order_item_id, func.sum(_sent.quantity))
    shipped = {
        (row[0], row[1]): row[2] for row in connection.execute(held.group_by(_sent.shipment_id, _sent.order_item_id))
    }
    for shipment_id, line_id, quantity in connection.execute(query):
        if quantity > shipped.get((shipment_id, line_id), NOTHING):
            yield f"Shipment {shipment_id}: its packages hold more of line {line_id} than was shipped."


def _fulfillment_orders(connection: Connection) -> Iterator[str]:
    item = fulfillment_order_items.c
    query = (
        select(item.fulfillment_order_id, item.quantity, item.quantity_shipped, _line.unit_price)
        .join(sales_order_items, _line.id == item.sales_order_item_id)
        .order_by(item.id)
    )
    parts: dict[int, list[Any]] = {}
    for row in connection.execute(query):
        parts.setdefault(row.fulfillment_order_id, []).append(row)
    for part in rows(connection, fulfillment_orders):
        items, name = parts.get(part["id"], []), f"Fulfillment order {part['id']}"
        if part["total"] != sum((cents(row.quantity * row.unit_price) for row in items), ZERO):
            yield f"{name}: the total is not the sum of its lines."
        sent, left = (
            any(row.quantity_shipped for row in items),
            any(row.quantity_shipped < row.quantity for row in items),
        )
        shipped = fulfillment.PARTIALLY_SHIPPED if sent and left else fulfillment.SHIPPED if sent else None
        shown = (
            part["order_status"]
            if part["order_status"] in (fulfillment.PARTIALLY_SHIPPED, fulfillment.SHIPPED)
            else None
        )
        if shown != shipped:
            yield f"{name}: status {part['order_status']} does not follow what was shipped."
        if part["order_status"] == fulfillment.PUSHED and part["pushed_at"] is None:
            yield f"{name}: status pushed without a time of pushing."


def _returns(connection: Connection) -> Iterator[str]:
    refunds = {row["customer_return_id"]: row["amount"] for row in rows(connection, customer_refunds)}
    item = customer_return_items.c
    query = (
        select(item.customer_return_id, item.quantity, _line.quantity.label("ordered"), _line.line_total)
        .join(sales_order_items, _line.id == item.sales_order_item_id)
        .order_by(item.id)
    )
    owed: dict[int, Decimal] = {}
    for row in connection.execute(query):
        share = cents(row.line_total * row.quantity / row.ordered)
        owed[row.customer_return_id] = owed.get(row.customer_return_id, ZERO) + share
    for returned in rows(connection, customer_returns):
        name, refund = f"Customer return {returned['id']}", refunds.get(returned["id"])
        if refund != (None if returned["transaction_type"] == "return-only" else owed.get(returned["id"], ZERO)):
            yield f"{name}: the refund is not what its lines cost."
        if (returned["status"] == "Received") != (returned["received_at"] is not None):
            yield f"{name}: its status does not go with the time of receipt."


def _return_goods(connection: Connection) -> Iterator[str]:
    item = customer_return_items.c
    query = (
        select(item.customer_return_id, _line.product_id, func.sum(item.quantity))
        .join(customer_returns, customer_returns.c.id == item.customer_return_id)
        .join(sales_order_items, _line.id == item.sales_order_item_id)
        .where(customer_returns.c.status == "Received", customer_returns.c.restock.is_(True))
        .group_by(item.customer_return_id, _line.product_id)
    )
    back = {(row[0], row[1]): row[2] for row in connection.execute(query)}
    yield from _differences("Customer return", back, _moved(connection, customer_returns.name))
