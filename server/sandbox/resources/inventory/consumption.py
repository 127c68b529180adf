"""Consumption: goods that left for good, one by one or summed up."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, func, select, type_coerce

from server.sandbox import stock
from server.sandbox.exports import every_row, file_of
from server.sandbox.filters import Listing, field, fields, page
from server.sandbox.resources.inventory.files import EXPORT_PARAMETERS, asked_kind
from server.sandbox.tables.base import MONEY, QUANTITY
from server.sandbox.tables.goods import products
from server.sandbox.tables.stock import stock_movements, warehouses
from server.sandbox.wire import Answer, Call, Routes, invalid

routes = Routes()

STAYING = (stock.TRANSFER_OUT, stock.VENDOR_RETURN)
"""Goods that leave a warehouse and are not used up: they go to another one, or back where they came from."""

TRANSACTION = "transaction"

_move = stock_movements.c
_date: ColumnElement[Any] = type_coerce(func.substr(_move.moved_at, 1, 10), Date)
_month = func.substr(_move.moved_at, 1, 7)
_quantity: ColumnElement[Any] = type_coerce(-_move.quantity, QUANTITY)
_cost: ColumnElement[Any] = type_coerce(-_move.cost, MONEY)

_PRODUCT = (
    _move.product_id, products.c.sku, products.c.name.label("product"), products.c.name.label("product_name")
)  # fmt: skip
_WAREHOUSE = (_move.warehouse_id, warehouses.c.name.label("warehouse_name"))

_GROUPED: dict[str, tuple[ColumnElement[Any], ...]] = {
    "product": _PRODUCT,
    "warehouse": _WAREHOUSE,
    "product_warehouse": (*_PRODUCT, *_WAREHOUSE),
    "type": (_move.kind.label("type"),),
    "day": (_date.label("date"),),
    "month": (_month.label("month"),),
}
GROUPS = (TRANSACTION, *_GROUPED)
"""What a row stands for; single transactions unless told."""

_FROM = stock_movements.join(products, products.c.id == _move.product_id).join(
    warehouses, warehouses.c.id == _move.warehouse_id
)
_USED = (_move.quantity < 0) & _move.kind.not_in(STAYING)

TRANSACTIONS = Listing(
    select(
        _move.id,
        _date.label("date"),
        *_PRODUCT,
        *_WAREHOUSE,
        _move.location_id,
        _move.kind.label("type"),
        _quantity.label("quantity"),
        _cost.label("cost"),
        _move.owner.label("reference_type"),
        _move.owner_id.label("reference_id"),
        _move.remarks,
    )
    .select_from(_FROM)
    .where(_USED),
    {
        **fields(_move, "id", "product_id", "warehouse_id", "location_id", "remarks"),
        "date": field(_date),
        "sku": field(products.c.sku),
        "product": field(products.c.name),
        "product_name": field(products.c.name),
        "warehouse_name": field(warehouses.c.name),
        "type": field(_move.kind),
        "quantity": field(_quantity),
        "cost": field(_cost),
    },
    _move.id,
    parameters=frozenset({"group", *EXPORT_PARAMETERS}),
)


@routes.get("/inventory/transactions/consumption")
def get_consumption_report(call: Call) -> Answer:
    """What was used up, by the `group` that is asked for."""
    call, listing = _grouped(call)
    return page(call, listing)


@routes.get("/inventory/transactions/consumption/export")
def export_consumption_report(call: Call) -> Answer:
    """The report with all its rows as a file."""
    kind = asked_kind(call)
    call, listing = _grouped(call)
    columns = [column.name for column in listing.rows.selected_columns]
    return file_of("consumption", columns, every_row(call, listing), kind)


def _grouped(call: Call) -> tuple[Call, Listing]:
    """The list of the group, and the call without the filters that went into it. Raises 422."""
    group = call.argument("group") or TRANSACTION
    if group not in GROUPS:
        raise invalid({"group": f"The group must be one of {', '.join(GROUPS)}."})
    if group == TRANSACTION:
        return call, TRANSACTIONS
    sums = _sums(call, _GROUPED[group]).subquery()
    shown = [column for column in sums.c if column is not sums.c.first_id]
    listing = Listing(select(*shown), fields(sums.c, *(column.name for column in shown)), sums.c.first_id)
    kept = [pair for pair in call.query if pair[0] in ("page", "per_page", "limit", "sort")]
    return replace(call, query=kept), listing


def _sums(call: Call, by: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    last = () if "date" in (column.name for column in by) else (func.max(_date, type_=Date).label("date"),)
    sums = (
        func.min(_move.id).label("first_id"),
        *last,
        func.count().label("transactions"),
        func.sum(_quantity, type_=QUANTITY).label("quantity"),
        func.sum(_cost, type_=MONEY).label("cost"),
    )
    query = select(*by, *sums).select_from(_FROM).where(_USED, *TRANSACTIONS.where(call.query))
    return query.group_by(*by)
