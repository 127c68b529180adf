"""How the goods of a transfer order move: they leave the source, and arrive at the destination or come back."""

from decimal import ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import select

from server.sandbox import stock
from server.sandbox.money import ZERO, cents
from server.sandbox.rows import records
from server.sandbox.stock import Cause, Part
from server.sandbox.tables.stock import stock_movements
from server.sandbox.tables.warehousing import transfer_orders
from server.sandbox.wire import Call, Errors, invalid

ONE = Decimal(1)
UNIT_COST = Decimal("0.0001")


def send(call: Call, order: dict[str, Any], lines: list[dict[str, Any]], *, arrives: bool) -> Decimal:
    """Move the goods out of the source, and into the destination when they arrive at once; what they cost."""
    connection, source = call.connection, order["source_warehouse_id"]
    target = stock.default_place(connection, order["destination_warehouse_id"])
    out, into = _cause(order, stock.TRANSFER_OUT), _cause(order, stock.TRANSFER_IN)
    errors: Errors = {}
    moved: list[Part] = []
    for index, line in enumerate(lines):
        product_id, quantity, path = line["product_id"], line["quantity"], f"items.{index}.quantity"
        there = stock.on_hand_in(connection, product_id, source)
        if there < quantity:
            errors[path] = [f"The {path} is more than the {there:f} on hand in the source warehouse."]
            continue
        for place, taken in stock.gather(connection, product_id, source, quantity):
            parts = stock.issue(connection, call.now, product_id, place, taken, out)
            moved += parts
            if arrives:
                stock.receive(connection, call.now, product_id, target, parts, into)
    if errors:
        raise invalid(errors)
    return sum((cents(part.quantity * part.unit_cost) for part in moved), ZERO)


def arrive(call: Call, order: dict[str, Any], warehouse_id: int) -> None:
    """Goods that are under way arrive in the warehouse, for what they cost when they left."""
    connection, into = call.connection, _cause(order, stock.TRANSFER_IN)
    target = stock.default_place(connection, warehouse_id)
    moved = stock_movements.c
    mine = (moved.owner == transfer_orders.name) & (moved.owner_id == order["id"])
    query = select(stock_movements).where(mine, moved.kind == stock.TRANSFER_OUT).order_by(moved.id)
    for left in records(connection, query):
        parts = _parts(-left["quantity"], -left["cost"])
        stock.receive(connection, call.now, left["product_id"], target, parts, into)


def _cause(order: dict[str, Any], kind: str) -> Cause:
    return Cause(kind, transfer_orders.name, order["id"])


def _parts(quantity: Decimal, cost: Decimal) -> list[Part]:
    """The goods with unit costs that come to exactly that cost: one unit takes what rounding leaves."""
    unit_cost = (cost / quantity).quantize(UNIT_COST, ROUND_FLOOR)
    if cents(quantity * unit_cost) == cost:
        return [Part(quantity, unit_cost)]
    rest = quantity - ONE
    return [Part(rest, unit_cost), Part(ONE, cost - cents(rest * unit_cost))]
