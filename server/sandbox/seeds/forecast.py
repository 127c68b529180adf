"""Computes the forecast from the stock, the orders on their way, and the goods that went out."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Select, case, func, select

from server.sandbox.seeds.ledger import Ledger, Row
from server.sandbox.size import CLOSING_DAY
from server.sandbox.tables.goods import products
from server.sandbox.tables.purchasing import purchase_order_items, purchase_orders
from server.sandbox.tables.stock import stock_movements, stocks, warehouse_group_members

REFRESHED_AT = datetime.combine(CLOSING_DAY, time(20), UTC)
"""After the last goods of the closing day have moved."""

NOTHING = Decimal(0)
PERIODS = (7, 30, 90)
"""Days that sales are counted for."""
VELOCITY_DAYS = 30
KIT = "KIT"

Shelf = tuple[int, int]
"""A product in a warehouse."""
Counts = dict[str, Decimal]


def add(ledger: Ledger) -> None:
    """Compute a row for every active product, and one for every group of warehouses that deals in it.

    Kits have none: they are not kept in stock.
    """
    counted = _counted(ledger)
    by_product: dict[int, dict[int, Counts]] = defaultdict(dict)
    for (product_id, warehouse_id), counts in counted.items():
        by_product[product_id][warehouse_id] = counts
    groups = _groups(ledger)
    kept = select(products.c.id).where(products.c.status == "active", products.c.type != KIT).order_by(products.c.id)
    for product_id in [row["id"] for row in ledger.select(kept)]:
        shelves = by_product.get(product_id, {})
        _product_row(ledger, product_id, _sum(shelves.values()))
        for group_id, members in groups.items():
            dealt_in = [shelves[warehouse_id] for warehouse_id in members if warehouse_id in shelves]
            if dealt_in:
                where = {"product_id": product_id, "warehouse_group_id": group_id}
                ledger.add("warehouse_forecast_rows", **where, **_figures(_sum(dealt_in)))
        ledger.checkpoint()


def _groups(ledger: Ledger) -> dict[int, list[int]]:
    """The warehouses of each group."""
    member = warehouse_group_members.c
    groups: dict[int, list[int]] = defaultdict(list)
    query = select(warehouse_group_members).order_by(member.warehouse_group_id, member.warehouse_id)
    for row in ledger.select(query):
        groups[row["warehouse_group_id"]].append(row["warehouse_id"])
    return groups


def _counted(ledger: Ledger) -> dict[Shelf, Counts]:
    counted: dict[Shelf, Counts] = defaultdict(lambda: _sum(()))
    for name, query in (("qty_onhand", _on_hand()), ("qty_incoming", _incoming())):
        for row in ledger.select(query):
            counted[row["product_id"], row["warehouse_id"]][name] = row["quantity"]
    for row in ledger.select(_sold()):
        for days in PERIODS:
            counted[row["product_id"], row["warehouse_id"]][_sale(days)] = -row[_sale(days)]
    return counted


def _on_hand() -> Select[Any]:
    there = stocks.c
    shelf = (there.product_id, there.warehouse_id)
    return select(*shelf, func.sum(there.on_hand).label("quantity")).group_by(*shelf).order_by(*shelf)


def _incoming() -> Select[Any]:
    line = purchase_order_items.c
    shelf = (line.product_id, purchase_orders.c.warehouse_id)
    open_quantity = func.sum(line.quantity - line.received_quantity, type_=line.quantity.type)
    return (
        select(*shelf, open_quantity.label("quantity"))
        .join(purchase_orders, purchase_orders.c.id == line.purchase_order_id)
        .where(
            purchase_orders.c.order_status == "active",
            purchase_orders.c.warehouse_id.is_not(None),
            line.quantity > line.received_quantity,
        )
        .group_by(*shelf)
        .order_by(*shelf)
    )


def _sold() -> Select[Any]:
    moved = stock_movements.c
    shelf = (moved.product_id, moved.warehouse_id)
    sums = []
    for days in PERIODS:
        recent = moved.moved_at >= REFRESHED_AT - timedelta(days=days)
        sums.append(
            func.sum(case((recent, moved.quantity), else_=NOTHING), type_=moved.quantity.type).label(_sale(days))
        )
    since = REFRESHED_AT - timedelta(days=max(PERIODS))
    return (
        select(*shelf, *sums).where(moved.kind == "shipment", moved.moved_at >= since).group_by(*shelf).order_by(*shelf)
    )


def _sale(days: int) -> str:
    return f"sale_within_{days}_days"


def _sum(parts: Iterable[Counts]) -> Counts:
    names = ("qty_onhand", "qty_incoming", *map(_sale, PERIODS))
    total = dict.fromkeys(names, NOTHING)
    for part in parts:
        for name in names:
            total[name] += part[name]
    return total


def _figures(counts: Counts) -> Row:
    velocity = (counts[_sale(VELOCITY_DAYS)] / VELOCITY_DAYS).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    lasts = (counts["qty_onhand"] / velocity).quantize(Decimal("0.1"), ROUND_HALF_UP) if velocity else None
    return {
        **counts,
        "sale_velocity_30_days": velocity,
        "days_onhand_30_day_vel": lasts,
        "refreshed_at": REFRESHED_AT,
    }


def _product_row(ledger: Ledger, product_id: int, counts: Counts) -> None:
    figures, lead_time = _figures(counts), ledger.dice.randint(7, 60)
    needed = (figures["sale_velocity_30_days"] * lead_time).quantize(Decimal(1), ROUND_CEILING)
    ledger.add("forecast_rows", product_id=product_id, **figures, lead_time=lead_time, reorder_point=needed)
