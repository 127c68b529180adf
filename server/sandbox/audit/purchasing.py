"""Purchase orders against their lines and payments, and what was received of them against the stock."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from server.sandbox.audit.sums import rows, sums
from server.sandbox.money import ZERO
from server.sandbox.ordering import NOTHING, gross_of, line_total
from server.sandbox.tables.purchasing import (
    purchase_order_items,
    purchase_order_numbers,
    purchase_order_payments,
    purchase_orders,
    receiving_report_items,
    receiving_reports,
    shipment_items,
    shipments,
)
from server.sandbox.tables.stock import stock_movements

_line, _receipt = purchase_order_items.c, receiving_report_items.c


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the purchase orders."""
    yield from _lines(connection)
    yield from _orders(connection)
    yield from _numbers(connection)
    yield from _reports(connection)
    yield from _stock(connection)
    yield from _shipments(connection)


def _lines(connection: Connection) -> Iterator[str]:
    received = sums(connection, _receipt.received_quantity, _receipt.purchase_order_item_id)
    for line in rows(connection, purchase_order_items):
        name = f"Purchase order line {line['id']}"
        if line["line_total"] != line_total(line):
            yield f"{name}: the line total is not quantity times price with tax and less discount."
        if line["discount_amount"] > gross_of(line):
            yield f"{name}: the discount is more than the goods cost."
        if line["received_quantity"] != received.get(line["id"], NOTHING):
            yield f"{name}: what is received is not the sum of its receiving reports."
        if not NOTHING <= line["received_quantity"] <= line["quantity"]:
            yield f"{name}: more is received than was ordered."


def _orders(connection: Connection) -> Iterator[str]:
    count = select(_line.purchase_order_id, func.count()).group_by(_line.purchase_order_id)
    counts: dict[int, int] = {row[0]: row[1] for row in connection.execute(count)}
    totals = {
        name: sums(connection, _line[column], _line.purchase_order_id)
        for name, column in (
            ("total_qty_ordered", "quantity"), ("total_qty_received", "received_quantity"), ("lines", "line_total"),
            ("tax", "tax"),
        )
    }  # fmt: skip
    paid = sums(connection, purchase_order_payments.c.paid_amount, purchase_order_payments.c.purchase_order_id)
    for order in rows(connection, purchase_orders):
        found = {name: by_order.get(order["id"], ZERO) for name, by_order in totals.items()}
        for said in _order_faults(order, found, counts.get(order["id"], 0), paid.get(order["id"], ZERO)):
            yield f"Purchase order {order['id']}: {said}"


def _order_faults(order: Any, lines: dict[str, Decimal], count: int, paid: Decimal) -> Iterator[str]:
    tax = lines["tax"] + order["extra_tax"]
    total = lines["lines"] + order["extra_tax"] + order["total_shipping_cost"]
    expected = {
        "item_count": count,
        "total_qty_ordered": lines["total_qty_ordered"],
        "total_qty_received": lines["total_qty_received"],
        "total_qty_remaining": lines["total_qty_ordered"] - lines["total_qty_received"],
        "order_cost": lines["lines"] - lines["tax"],
        "total_tax": tax,
        "total_cost": total,
        "total_paid": paid,
        "total_due": total - paid,
    }
    for name, value in expected.items():
        if order[name] != value:
            yield f"{name} is {order[name]}, its lines and payments say {value}."
    if order["total_due"] < 0:
        yield "more is paid than it costs."
    if not count:
        yield "it has no lines."
    if order["order_status"] == "deleted" and order["total_qty_received"]:
        yield "it is deleted, and something of it is received."


def _numbers(connection: Connection) -> Iterator[str]:
    number = purchase_order_numbers.c
    query = select(number.purchase_order_id, number.number)
    named = {(order_id, text) for order_id, text in connection.execute(query)}
    for order in rows(connection, purchase_orders):
        if (order["id"], order["order_number"]) not in named:
            yield f"Purchase order {order['id']}: its own number is not among its numbers."


def _reports(connection: Connection) -> Iterator[str]:
    owner = _receipt.receiving_report_id
    costs, taxes = sums(connection, _receipt.line_total, owner), sums(connection, _receipt.tax, owner)
    quantities = sums(connection, _receipt.quantity, owner)
    for report in rows(connection, receiving_reports):
        name = f"Receiving report {report['id']}"
        if report["total_cost"] != costs.get(report["id"], ZERO) + report["shipping_cost"]:
            yield f"{name}: the cost is not that of its lines and the shipping."
        if report["total_tax"] != taxes.get(report["id"], ZERO):
            yield f"{name}: the tax is not the sum of its lines."
        if report["total_quantity"] != quantities.get(report["id"], NOTHING):
            yield f"{name}: the quantity is not the sum of its lines."


def _stock(connection: Connection) -> Iterator[str]:
    """Each receipt is a movement of the same quantity; a receipt that counts no more was taken out again."""
    moved = stock_movements.c
    own = moved.owner == receiving_report_items.name
    came = sums(connection, moved.quantity, moved.owner_id, own, moved.quantity > 0)
    left = sums(connection, moved.quantity, moved.owner_id, own)
    for receipt in rows(connection, receiving_report_items):
        name = f"Receiving report line {receipt['id']}"
        if came.pop(receipt["id"], None) != receipt["quantity"]:
            yield f"{name}: the stock did not rise by its quantity."
        if left.get(receipt["id"]) != receipt["received_quantity"]:
            yield f"{name}: what it left in stock is not what counts of it."
    for item_id in sorted(came):
        yield f"Receiving report line {item_id}: there is no such line, and goods came in for it."


def _shipments(connection: Connection) -> Iterator[str]:
    item = shipment_items.c
    received = sums(connection, _receipt.received_quantity, _receipt.shipment_id)
    unloaded = sums(connection, item.received_quantity, item.shipment_id)
    for shipment in rows(connection, shipments):
        if unloaded.get(shipment["id"], NOTHING) != received.get(shipment["id"], NOTHING):
            yield f"Shipment {shipment['id']}: what is received of it is not the sum of its receiving reports."
    over = select(item.id).where((item.received_quantity > item.quantity) | (item.received_quantity < 0))
    for item_id in connection.execute(over.order_by(item.id)).scalars():
        yield f"Shipment line {item_id}: more is received than it carries."
