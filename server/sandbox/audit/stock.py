"""Stock: what is there is what moved, and the cost layers hold exactly that."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import Connection, func, select

from server.sandbox.audit.sums import sums
from server.sandbox.tables.stock import cost_layers, stock_movements, stocks

NOTHING = Decimal(0)


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the stock."""
    yield from _levels(connection)
    yield from _layers(connection)
    yield from _layer_origins(connection)


def _levels(connection: Connection) -> Iterator[str]:
    moved = stock_movements.c
    query = select(moved.product_id, moved.location_id, func.sum(moved.quantity))
    expected = {row[:2]: row[2] for row in connection.execute(query.group_by(moved.product_id, moved.location_id))}
    found = {
        row[:2]: row[2]
        for row in connection.execute(select(stocks.c.product_id, stocks.c.location_id, stocks.c.on_hand))
    }
    for product_id, location_id in sorted(expected.keys() | found.keys()):
        key = (product_id, location_id)
        level = found.get(key, NOTHING)
        if level != expected.get(key, NOTHING):
            yield f"Product {product_id} at location {location_id}: stock is not the sum of its movements."
        if level < 0:
            yield f"Product {product_id} at location {location_id}: stock is below zero."


def _layers(connection: Connection) -> Iterator[str]:
    layer, stock = cost_layers.c, stocks.c
    query = select(layer.product_id, layer.warehouse_id, func.sum(layer.remaining))
    left = {row[:2]: row[2] for row in connection.execute(query.group_by(layer.product_id, layer.warehouse_id))}
    levels = select(stock.product_id, stock.warehouse_id, func.sum(stock.on_hand))
    there = {row[:2]: row[2] for row in connection.execute(levels.group_by(stock.product_id, stock.warehouse_id))}
    for key in sorted(left.keys() | there.keys()):
        if left.get(key, NOTHING) != there.get(key, NOTHING):
            yield f"Product {key[0]} in warehouse {key[1]}: the cost layers do not hold what is in stock."


def _layer_origins(connection: Connection) -> Iterator[str]:
    layer = cost_layers.c
    wrong = (layer.remaining < 0) | (layer.remaining > layer.quantity) | (layer.is_exhausted != (layer.remaining == 0))
    for layer_id in connection.execute(select(layer.id).where(wrong).order_by(layer.id)).scalars():
        yield f"Cost layer {layer_id}: what remains does not fit what came in."
    brought = sums(connection, layer.quantity, layer.movement_id)
    came = select(stock_movements.c.id, stock_movements.c.quantity).where(stock_movements.c.quantity > 0)
    for movement_id, quantity in connection.execute(came.order_by(stock_movements.c.id)):
        if brought.get(movement_id) != quantity:
            yield f"Stock movement {movement_id}: its cost layer does not hold what came in."
