"""What sold goods cost, line by line, and giving lines another cost."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from server.sandbox import stock
from server.sandbox.filters import page
from server.sandbox.money import ZERO, cents, prorate
from server.sandbox.resources.products.lookup import product_by_sku
from server.sandbox.resources.reports.periods import period_or_none
from server.sandbox.resources.reports.sold import SHIPPED_ON, SOLD
from server.sandbox.rows import records
from server.sandbox.shapes import Choice, Day, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.selling import (
    sales_order_items,
    sales_order_shipment_items,
    sales_order_shipments,
    sales_orders,
)
from server.sandbox.tables.stock import stock_movements
from server.sandbox.wire import Answer, Call, Routes, invalid

routes = Routes()

BY_LINE, BY_SKU, BY_ORDER = "sales_item_ids", "sku_date_range", "order_ids"

NEEDED = {BY_LINE: ("sales_item_ids",), BY_SKU: ("sku", "from_date", "to_date"), BY_ORDER: ("order_ids",)}
"""What a selection is made by."""

UPDATE = Shape(
    {
        "mode": required(Choice(tuple(NEEDED))),
        "cost_per_unit": required(Number(places=4, maximum=Decimal(1_000_000))),
        "sales_item_ids": optional(Many(Whole(minimum=1), minimum=1, maximum=1000)),
        "sku": optional(Text()),
        "from_date": optional(Day()),
        "to_date": optional(Day()),
        "order_ids": optional(Many(Whole(minimum=1), minimum=1, maximum=1000)),
    }
)

_line = sales_order_items.c

BATCH = 500
"""Lines whose costs are worked out together."""


@routes.get("/reports/transaction-cogs")
def list_transaction_cogs(call: Call) -> Answer:
    """The lines whose goods were sent, of a period if one is named."""
    asked = period_or_none(call)
    where = [SHIPPED_ON.between(asked.start, asked.end)] if asked else []
    return page(call, SOLD, *where)


@routes.post("/transaction-cogs/update-costs")
def update_transaction_cogs(call: Call) -> Answer:
    """Give the lines of the selection another unit cost, and their goods that were sent."""
    sent = UPDATE.check(call.json())
    missing = [name for name in NEEDED[sent["mode"]] if sent.get(name) is None]
    if missing:
        raise invalid({name: f"The {name} is required with the mode {sent['mode']}." for name in missing})
    query = select(_line.id, _line.sales_order_id).join(sales_orders, sales_orders.c.id == _line.sales_order_id)
    found = records(call.connection, query.where(*_selected(call.connection, sent)).order_by(_line.id))
    lines = [row["id"] for row in found]
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        changed = update(sales_order_items).where(_line.id.in_(batch)).values(unit_cost=sent["cost_per_unit"])
        call.connection.execute(changed)
        _revalue(call.connection, batch)
        orders = {row["sales_order_id"] for row in found[start : start + BATCH]}
        touched = update(sales_orders).where(sales_orders.c.id.in_(orders)).values(updated_at=call.now)
        call.connection.execute(touched)
    return Answer({"updated_count": len(lines)})


def _selected(connection: Connection, sent: dict[str, Any]) -> list[ColumnElement[bool]]:
    if sent["mode"] == BY_LINE:
        _require(connection, _line.id, "sales_item_ids", sent["sales_item_ids"])
        return [_line.id.in_(sent["sales_item_ids"])]
    if sent["mode"] == BY_ORDER:
        _require(connection, sales_orders.c.id, "order_ids", sent["order_ids"])
        orders = _line.sales_order_id.in_(sent["order_ids"])
        return [orders, *_of_product(connection, sent["sku"])] if sent.get("sku") else [orders]
    if sent["to_date"] < sent["from_date"]:
        raise invalid({"to_date": "The to_date may not be before the from_date."})
    shipped = sales_orders.c.ship_date.between(sent["from_date"], sent["to_date"])
    return [shipped, *_of_product(connection, sent["sku"])]


def _require(connection: Connection, column: ColumnElement[int], name: str, ids: list[int]) -> None:
    known = set(connection.execute(select(column).where(column.in_(ids))).scalars())
    unknown = [f"{name}.{index}" for index, number in enumerate(ids) if number not in known]
    if unknown:
        raise invalid({path: f"The {path} is not known." for path in unknown})


def _of_product(connection: Connection, sku: str) -> list[ColumnElement[bool]]:
    product = product_by_sku(connection, sku)
    if product is None:
        raise invalid({"sku": "The sku is no known product."})
    return [_line.product_id == product["id"]]


def _revalue(connection: Connection, line_ids: list[int]) -> None:
    """Let the movements of the goods that were sent for these lines cost what their lines say."""
    item, shipment = sales_order_shipment_items.c, sales_order_shipments.c
    concerned = select(item.shipment_id).where(item.order_item_id.in_(line_ids))
    query = (
        select(item.shipment_id, item.product_id, item.quantity, _line.unit_cost)
        .join(sales_order_items, _line.id == item.order_item_id)
        .join(sales_order_shipments, shipment.id == item.shipment_id)
        .where(item.shipment_id.in_(concerned), shipment.takes_stock)
    )
    costs: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    for row in connection.execute(query):
        costs[row.shipment_id, row.product_id] += cents(row.quantity * row.unit_cost)
    moved = _movements(connection, {shipment_id for shipment_id, _ in costs})
    revalued: list[dict[str, Any]] = []
    for key, movements in moved.items():
        shares = prorate(costs[key], [quantity for _, quantity in movements])
        revalued += [{"moved": move[0], "new_cost": -share} for move, share in zip(movements, shares, strict=True)]
    if revalued:
        change = update(stock_movements).where(stock_movements.c.id == bindparam("moved"))
        connection.execute(change.values(cost=bindparam("new_cost")), revalued)


def _movements(connection: Connection, shipment_ids: set[int]) -> dict[tuple[int, int], list[tuple[int, Decimal]]]:
    """The movements of these shipments' goods with their quantities, by shipment and product."""
    move = stock_movements.c
    query = (
        select(move.id, move.owner_id, move.product_id, move.quantity)
        .where(move.owner == sales_order_shipments.name, move.owner_id.in_(shipment_ids), move.kind == stock.SHIPMENT)
        .order_by(move.id)
    )
    found: dict[tuple[int, int], list[tuple[int, Decimal]]] = {}
    for row in connection.execute(query):
        found.setdefault((row.owner_id, row.product_id), []).append((row.id, -row.quantity))
    return found
