"""How long stock lies and what it is worth, from the cost layers it is in."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, Subquery, func, select

from server.sandbox.exports import every_row, file_of
from server.sandbox.filters import Listing, field, fields, page
from server.sandbox.money import ZERO, cents
from server.sandbox.resources.inventory.files import EXPORT_PARAMETERS, asked_kind
from server.sandbox.rows import Record, records
from server.sandbox.shapes import Day, Shape, optional
from server.sandbox.tables.base import QUANTITY
from server.sandbox.tables.goods import categories, products
from server.sandbox.tables.stock import cost_layers, stock_movements, stocks
from server.sandbox.wire import Answer, Call, Routes

routes = Routes()

NOTHING = Decimal(0)
ONE_PLACE = Decimal("0.1")

BUCKETS = {"0_30": 30, "31_60": 60, "61_90": 90, "91_180": 180, "181_365": 365, "over_365": None}
"""The most days in stock by bucket."""

ARGUMENTS = Shape({"as_of_date": optional(Day())})

_COLUMNS = (
    "product_id", "sku", "product_name", "category", "as_of_date", "qty_onhand", "total_value", "average_days",
    "oldest_days", *(f"{what}_{bucket}" for bucket in BUCKETS for what in ("qty", "value")),
)  # fmt: skip


class _Layer(NamedTuple):
    received_on: date
    quantity: Decimal
    unit_cost: Decimal


@routes.get("/inventory/aging")
def get_inventory_aging(call: Call) -> Answer:
    """The products in stock, by how long their goods are there; today unless a day is named."""
    asked = _asked(call)
    return page(call, _listing(asked), present=partial(_aged, asked, call.today))


@routes.get("/inventory/aging/export")
def export_inventory_aging(call: Call) -> Answer:
    """The report with all its rows as a file."""
    kind, asked = asked_kind(call), _asked(call)
    rows = every_row(call, _listing(asked), present=partial(_aged, asked, call.today))
    return file_of("inventory-aging", _COLUMNS, rows, kind)


def _asked(call: Call) -> date | None:
    day: date | None = ARGUMENTS.check({"as_of_date": call.argument("as_of_date")})["as_of_date"]
    return day


def _listing(as_of: date | None) -> Listing:
    levels = _levels(as_of)
    rows = (
        select(
            products.c.id.label("product_id"),
            products.c.sku,
            products.c.name.label("product_name"),
            categories.c.name.label("category"),
            levels.c.qty_onhand,
        )
        .join(levels, levels.c.product_id == products.c.id)
        .outerjoin(categories, categories.c.id == products.c.category_id)
        .where(levels.c.qty_onhand > 0)
    )
    found = {
        **fields(products.c, "sku", "category_id"),
        "product_id": field(products.c.id),
        "product_name": field(products.c.name),
        "category": field(categories.c.name),
        "qty_onhand": field(levels.c.qty_onhand),
    }
    return Listing(rows, found, products.c.id, parameters=frozenset({"as_of_date", *EXPORT_PARAMETERS}))


def _levels(as_of: date | None) -> Subquery:
    """What is in stock of each product; of an earlier day the sum of what had moved by then."""
    if as_of is None:
        now = stocks.c
        query = select(now.product_id, func.sum(now.on_hand, type_=QUANTITY).label("qty_onhand"))
        return query.group_by(now.product_id).subquery("levels")
    move = stock_movements.c
    query = select(move.product_id, func.sum(move.quantity, type_=QUANTITY).label("qty_onhand"))
    return query.where(move.moved_at < _end_of(as_of)).group_by(move.product_id).subquery("levels")


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def _aged(as_of: date | None, today: date, connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    ids = [row["product_id"] for row in rows]
    day = as_of or today
    layers: dict[int, list[_Layer]] = {}
    for product_id, layer in _layers_now(connection, ids) if as_of is None else _layers_then(connection, ids, as_of):
        layers.setdefault(product_id, []).append(layer)
    return [{**row, "as_of_date": day, **_sums(layers.get(row["product_id"], []), day)} for row in rows]


def _layers_now(connection: Connection, ids: list[int]) -> Iterator[tuple[int, _Layer]]:
    layer = cost_layers.c
    query = select(layer.product_id, layer.received_on, layer.remaining, layer.unit_cost).where(
        layer.product_id.in_(ids), layer.is_exhausted.is_(False)
    )
    for row in connection.execute(query.order_by(layer.id)):
        yield row.product_id, _Layer(row.received_on, row.remaining, row.unit_cost)


def _layers_then(connection: Connection, ids: list[int], day: date) -> Iterator[tuple[int, _Layer]]:
    """What was left of the layers that had come in by the day: what had left was taken from the oldest."""
    move, layer = stock_movements.c, cost_layers.c
    gone = (
        select(move.product_id, move.warehouse_id, func.sum(-move.quantity, type_=QUANTITY).label("quantity"))
        .where(move.product_id.in_(ids), move.quantity < 0, move.moved_at < _end_of(day))
        .group_by(move.product_id, move.warehouse_id)
    )
    left = {(row["product_id"], row["warehouse_id"]): row["quantity"] for row in records(connection, gone)}
    came = (
        select(layer.product_id, layer.warehouse_id, layer.received_on, layer.quantity, layer.unit_cost)
        .join(stock_movements, move.id == layer.movement_id)
        .where(layer.product_id.in_(ids), move.moved_at < _end_of(day))
        .order_by(layer.received_on, layer.movement_id)
    )
    for row in connection.execute(came):
        key = (row.product_id, row.warehouse_id)
        taken = min(row.quantity, left.get(key, NOTHING))
        left[key] = left.get(key, NOTHING) - taken
        if taken < row.quantity:
            yield row.product_id, _Layer(row.received_on, row.quantity - taken, row.unit_cost)


def _sums(layers: list[_Layer], day: date) -> dict[str, Any]:
    quantities, values = dict.fromkeys(BUCKETS, NOTHING), dict.fromkeys(BUCKETS, ZERO)
    weighted, oldest = NOTHING, 0
    for layer in layers:
        days = max((day - layer.received_on).days, 0)
        bucket = next(name for name, limit in BUCKETS.items() if limit is None or days <= limit)
        quantities[bucket] += layer.quantity
        values[bucket] += cents(layer.quantity * layer.unit_cost)
        weighted += days * layer.quantity
        oldest = max(oldest, days)
    total = sum(quantities.values(), NOTHING)
    average = (weighted / total).quantize(ONE_PLACE, ROUND_HALF_UP) if total else NOTHING
    by_bucket = {
        f"{what}_{bucket}": sums[bucket]
        for bucket in BUCKETS
        for what, sums in (("qty", quantities), ("value", values))
    }
    return {
        "total_value": sum(values.values(), ZERO),
        "average_days": average,
        "oldest_days": oldest,
        **by_bucket,
    }
