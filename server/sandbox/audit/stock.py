"""Stock: what is there is what moved, the cost layers hold exactly that, and transfers neither add nor lose goods."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import Connection, func, select

from server.sandbox.audit.sums import rows, sums
from server.sandbox.stock import TRANSFER_IN, TRANSFER_OUT
from server.sandbox.tables.stock import cost_layers, locations, stock_movements, stocks, warehouses
from server.sandbox.tables.warehousing import (
    inventory_adjustment_entries,
    inventory_adjustments,
    transfer_order_items,
    transfer_orders,
)

NOTHING = Decimal(0)

_MOVED = {"in_transit": ((1, 0),), "completed": ((1, 1),), "cancelled": ((0, 0), (1, 1))}
"""How much of a transfer's goods has left and how much arrived, by its status; those of a cancelled one came back."""
_ARRIVED = ("completed", "cancelled")


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the stock."""
    yield from _levels(connection)
    yield from _layers(connection)
    yield from _layer_origins(connection)
    yield from _places(connection)
    yield from _adjustments(connection)
    yield from _transfers(connection)


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


def _places(connection: Connection) -> Iterator[str]:
    for table in (stocks, stock_movements):
        query = select(table.c.id).join(locations, locations.c.id == table.c.location_id)
        strays = query.where(locations.c.warehouse_id != table.c.warehouse_id).order_by(table.c.id)
        for row_id in connection.execute(strays).scalars():
            yield f"{table.name} {row_id}: its location is in another warehouse."
    query = select(stocks.c.warehouse_id).join(warehouses, warehouses.c.id == stocks.c.warehouse_id).distinct()
    held = query.where(warehouses.c.deleted_at.is_not(None), stocks.c.on_hand > NOTHING)
    for warehouse_id in connection.execute(held.order_by(stocks.c.warehouse_id)).scalars():
        yield f"Warehouse {warehouse_id}: it is deleted, and goods are in it."


def _adjustments(connection: Connection) -> Iterator[str]:
    moved, entry = stock_movements.c, inventory_adjustment_entries.c
    owned = select(moved.owner_id, moved.product_id, moved.location_id, func.sum(moved.quantity)).where(
        moved.owner == inventory_adjustments.name
    )
    found = {row[:3]: row[3] for row in connection.execute(owned.group_by(*list(owned.selected_columns)[:3]))}
    key = (entry.inventory_adjustment_id, entry.product_id, entry.location_id)
    entered = select(*key, func.sum(entry.quantity)).group_by(*key)
    expected = {row[:3]: row[3] for row in connection.execute(entered)}
    for place in sorted(found.keys() | expected.keys()):
        if found.get(place, NOTHING) != expected.get(place, NOTHING):
            yield f"Adjustment {place[0]}, product {place[1]}: its entries are not what moved."


def _transfers(connection: Connection) -> Iterator[str]:
    ordered = sums(connection, transfer_order_items.c.quantity, transfer_order_items.c.transfer_order_id)
    moved = stock_movements.c
    mine = moved.owner == transfer_orders.name
    out = sums(connection, -moved.quantity, moved.owner_id, mine, moved.kind == TRANSFER_OUT)
    into = sums(connection, moved.quantity, moved.owner_id, mine, moved.kind == TRANSFER_IN)
    cost = sums(connection, moved.cost, moved.owner_id, mine)
    for order in rows(connection, transfer_orders):
        order_id, status = order["id"], order["status"]
        goods = ordered.get(order_id, NOTHING)
        allowed = [(part * goods, share * goods) for part, share in _MOVED.get(status, ((0, 0),))]
        if (out.get(order_id, NOTHING), into.get(order_id, NOTHING)) not in allowed:
            yield f"Transfer order {order_id}: what moved does not go with its lines and the status {status}."
        if status in _ARRIVED and cost.get(order_id):
            yield f"Transfer order {order_id}: its goods did not keep their costs."
    yield from _transferred_products(connection)


def _transferred_products(connection: Connection) -> Iterator[str]:
    """Completed transfers whose goods did not all arrive, product by product."""
    moved = stock_movements.c
    query = (
        select(moved.owner_id, moved.product_id)
        .join(transfer_orders, transfer_orders.c.id == moved.owner_id)
        .where(moved.owner == transfer_orders.name, transfer_orders.c.status == "completed")
        .group_by(moved.owner_id, moved.product_id)
        .having((func.sum(moved.quantity) != NOTHING) | (func.sum(moved.cost) != NOTHING))
    )
    for order_id, product_id in connection.execute(query.order_by(moved.owner_id, moved.product_id)):
        yield f"Transfer order {order_id}: product {product_id} did not arrive as it left."
