"""What was in stock at a point in time: the sum of all movements until then."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from server.sandbox.exports import every_row
from server.sandbox.filters import INSTANT, BadValue, Listing, field, page
from server.sandbox.resources.inventory.commitments import pending_on, spread
from server.sandbox.resources.inventory.files import EXPORT_PARAMETERS, asked_kind, report_file
from server.sandbox.rows import Record, records
from server.sandbox.tables.base import QUANTITY
from server.sandbox.tables.goods import categories, products
from server.sandbox.tables.stock import stock_movements, warehouses
from server.sandbox.wire import Answer, Call, Routes, invalid

routes = Routes()

_COLUMNS = (
    "product_id", "sku", "name", "upc", "category", "warehouse_id", "warehouse_name", "qty_opening", "qty_in",
    "qty_out", "qty_onhand", "qty_available",
)  # fmt: skip

_move = stock_movements.c


@routes.get("/stock-snapshot")
def get_stock_snapshot(call: Call) -> Answer:
    """Per product and warehouse: what was there at the start and at the end, and what came and went between."""
    start, end = _period(call)
    listing = _listing(start, end)
    present = partial(_with_available, end)
    if call.argument("export"):
        kind = asked_kind(call)
        return report_file(call, "stock-snapshot", _COLUMNS, every_row(call, listing, present=present), kind)
    return page(call, listing, present=present)


def _period(call: Call) -> tuple[datetime, datetime]:
    errors: dict[str, str] = {}
    read: list[datetime] = []
    for name in ("start_date", "end_date"):
        text = call.argument(name)
        try:
            if not text:
                raise BadValue("is required")
            read.append(INSTANT.read(text))
        except BadValue as problem:
            errors[name] = f"The {name} {problem}."
    if not errors and read[1] < read[0]:
        errors["end_date"] = "The end_date may not be before the start_date."
    if errors:
        raise invalid(errors)
    return read[0], read[1]


def _listing(start: datetime, end: datetime) -> Listing:
    """The stock of all products that had ever been in a warehouse by the end."""
    before, between = _move.moved_at < start, _move.moved_at >= start
    sums = (
        select(
            func.min(_move.id).label("first_id"),
            _move.product_id,
            _move.warehouse_id,
            _sum(before).label("qty_opening"),
            _sum(between & (_move.quantity > 0)).label("qty_in"),
            (-_sum(between & (_move.quantity < 0))).label("qty_out"),
            func.sum(_move.quantity, type_=QUANTITY).label("qty_onhand"),
        )
        .where(_move.moved_at <= end)
        .group_by(_move.product_id, _move.warehouse_id)
        .subquery()
    )
    rows = (
        select(
            sums.c.product_id,
            products.c.sku,
            products.c.name,
            products.c.upc,
            products.c.category_id,
            categories.c.name.label("category"),
            sums.c.warehouse_id,
            warehouses.c.name.label("warehouse_name"),
            *(sums.c[name] for name in ("qty_opening", "qty_in", "qty_out", "qty_onhand")),
        )
        .join(products, products.c.id == sums.c.product_id)
        .outerjoin(categories, categories.c.id == products.c.category_id)
        .join(warehouses, warehouses.c.id == sums.c.warehouse_id)
    )
    found = {name: field(column) for name, column in rows.selected_columns.items()}
    parameters = frozenset({"start_date", "end_date", *EXPORT_PARAMETERS})
    return Listing(rows, found, sums.c.first_id, parameters=parameters)


def _sum(where: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((where, _move.quantity), else_=0), type_=QUANTITY)


def _with_available(end: datetime, connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Available is what open orders had left; they take from a product's warehouses one after the other."""
    ids = {row["product_id"] for row in rows}
    query = (
        select(_move.product_id, _move.warehouse_id, func.sum(_move.quantity, type_=QUANTITY).label("there"))
        .where(_move.moved_at <= end, _move.product_id.in_(ids))
        .group_by(_move.product_id, _move.warehouse_id)
        .order_by(_move.product_id, _move.warehouse_id)
    )
    there: dict[int, dict[int, Any]] = {}
    for row in records(connection, query):
        there.setdefault(row["product_id"], {})[row["warehouse_id"]] = row["there"]
    pending = pending_on(connection, ids, end)
    committed = {product_id: spread(pending.get(product_id), levels) for product_id, levels in there.items()}
    return [
        {**row, "qty_available": row["qty_onhand"] - committed[row["product_id"]][row["warehouse_id"]]} for row in rows
    ]
