"""Stock that a warehouse counted differently: its own quantity against what the cost layers hold."""

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select

from server.sandbox import stock
from server.sandbox.rows import Record, get_row, records
from server.sandbox.shapes import Shape, Whole, optional
from server.sandbox.tables.base import QUANTITY
from server.sandbox.tables.goods import products
from server.sandbox.tables.stock import cost_layers, stock_movements, warehouses
from server.sandbox.tables.warehousing import warehouse_counts
from server.sandbox.wire import Answer, Call, Routes, data

routes = Routes()

NOTHING = Decimal(0)

ARGUMENTS = Shape({"warehouse_id": optional(Whole(minimum=1))})

_count, _move, _layer = warehouse_counts.c, stock_movements.c, cost_layers.c


def _sum(quantity: ColumnElement[Any], *where: ColumnElement[bool]) -> ColumnElement[Any]:
    query = select(func.coalesce(func.sum(quantity), 0, type_=QUANTITY)).where(*where).correlate(warehouse_counts)
    return query.scalar_subquery()


_moved_since = _sum(
    _move.quantity,
    _move.product_id == _count.product_id,
    _move.warehouse_id == _count.warehouse_id,
    _move.id > _count.last_movement_id,
    # The warehouse knows of goods that come and go. A correction of the books is none of those: it settles the matter.
    _move.kind != stock.ADJUSTMENT,
)

_layered = _sum(_layer.remaining, _layer.product_id == _count.product_id, _layer.warehouse_id == _count.warehouse_id)

_ROWS = (
    select(
        _count.product_id,
        products.c.sku,
        products.c.name.label("product_name"),
        _count.warehouse_id,
        warehouses.c.name.label("warehouse_name"),
        _count.quantity,
        _moved_since.label("moved_since"),
        _layered.label("cost_layer_quantity"),
        _count.counted_by,
        _count.counted_at,
    )
    .join(products, products.c.id == _count.product_id)
    .join(warehouses, warehouses.c.id == _count.warehouse_id)
    .order_by(_count.warehouse_id, _count.product_id)
)


@routes.get("/reports/inventory-discrepancy")
def list_stock_discrepancies(call: Call) -> Answer:
    """Each product and warehouse whose count and cost layers do not agree."""
    return data(_discrepancies(call))


@routes.get("/reports/inventory-discrepancy/dashboard")
def get_discrepancy_summary(call: Call) -> Answer:
    """How many discrepancies there are, and how much is missing and left over, in all and by warehouse."""
    rows = _discrepancies(call)
    named = {row["warehouse_id"]: row["warehouse_name"] for row in rows}
    by_warehouse = [
        {"warehouse_id": key, "warehouse_name": name, **_totals([row for row in rows if row["warehouse_id"] == key])}
        for key, name in named.items()
    ]
    return data({**_totals(rows), "warehouses": by_warehouse})


def _discrepancies(call: Call) -> list[Record]:
    """Raises 404 for an unknown warehouse."""
    warehouse_id = ARGUMENTS.check({"warehouse_id": call.argument("warehouse_id")})["warehouse_id"]
    query = _ROWS
    if warehouse_id:
        get_row(call.connection, warehouses, "Warehouse", warehouses.c.id == warehouse_id)
        query = query.where(_count.warehouse_id == warehouse_id)
    rows = [_compared(row) for row in records(call.connection, query)]
    return [row for row in rows if row["difference"]]


def _compared(row: Record) -> Record:
    counted = row.pop("quantity") + row.pop("moved_since")
    return {**row, "stock_quantity": counted, "difference": counted - row["cost_layer_quantity"]}


def _totals(rows: list[Record]) -> dict[str, Any]:
    differences = [row["difference"] for row in rows]
    return {
        "discrepancy_count": len(rows),
        "missing_quantity": -sum((number for number in differences if number < 0), NOTHING),
        "surplus_quantity": sum((number for number in differences if number > 0), NOTHING),
        "net_difference": sum(differences, NOTHING),
    }
