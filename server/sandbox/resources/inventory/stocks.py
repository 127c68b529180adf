"""Stock as it is now: one row per product with what is where, promised and on its way."""

from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, select, type_coerce, union_all
from sqlalchemy.sql.functions import coalesce

from server.sandbox.filters import Condition, Field, Listing, field, fields, page
from server.sandbox.resources.inventory.assembly import assembled, taken_apart
from server.sandbox.resources.inventory.commitments import incoming, pending
from server.sandbox.resources.inventory.levels import Places, present
from server.sandbox.tables.base import QUANTITY, Instant
from server.sandbox.tables.goods import alternate_skus, categories, products, subcategories
from server.sandbox.tables.stock import stocks
from server.sandbox.wire import Answer, Call, Routes, invalid

routes = Routes()

PER_PAGE = 100
DEFAULT_SORT = "updated_at:desc"

_PARAMETERS = frozenset({"location", "warehouse_ids", "warehouse_group_ids", "discontinued"})


def _called() -> Field:
    """The filter on what a product is called: its name, SKU, UPC or an alternate SKU; the list is sorted by the SKU."""
    called = union_all(
        select(products.c.id.label("product_id"), products.c.sku.label("text")),
        select(products.c.id, products.c.name),
        select(products.c.id, products.c.upc),
        select(alternate_skus.c.product_id, alternate_skus.c.sku),
    ).subquery("called")
    among = field(called.c.text, lambda matches: products.c.id.in_(select(called.c.product_id).where(matches)))
    return replace(among, sorted_by=products.c.sku)


_FIELDS = {
    **fields(products.c, "id", "name", "type", "category_id", "discontinued"),
    **{f"product.{name}": field(products.c[name]) for name in ("id", "sku", "name")},
    "product_name": field(products.c.name),
    "sku": _called(),
    "sub_category_id": field(products.c.subcategory_id),
    "category_name": field(categories.c.name),
    "sub_category_name": field(subcategories.c.name),
}


@routes.get("/inventory/stocks")
def list_inventory_stock(call: Call) -> Answer:
    """The stock of all products, or of those in the places that are asked for."""
    places = Places.asked(call)
    if call.argument("sort") is None:
        call = _sorted_by_default(call)
    return page(call, _listing(places), *_kept(call, places), present=partial(present, places))


def _sorted_by_default(call: Call) -> Call:
    return replace(call, query=[*call.query, ("sort", DEFAULT_SORT)])


def _kept(call: Call, places: Places) -> list[Condition]:
    """Which products are listed: with places only those that are or were there."""
    where: list[Condition] = []
    if places.narrowed:
        where.append(products.c.id.in_(select(stocks.c.product_id).where(*places.of(stocks.c))))
    asked = call.argument("discontinued")
    if asked is not None:
        if not (asked.isascii() and asked.isdigit()):
            raise invalid({"discontinued": "The discontinued must be 0, 1 or 2."})
        if asked.lstrip("0") in ("", "1"):
            where.append(products.c.discontinued.is_(asked.lstrip("0") == "1"))
    return where


def _levels(places: Places) -> Subquery:
    query = select(
        stocks.c.product_id,
        func.sum(stocks.c.on_hand, type_=QUANTITY).label("on_hand"),
        func.max(stocks.c.updated_at, type_=Instant).label("updated_at"),
    ).where(*places.of(stocks.c))
    return query.group_by(stocks.c.product_id).subquery("levels")


def _coming(places: Places) -> Subquery:
    rows = incoming()
    query = select(rows.c.product_id, func.sum(rows.c.quantity, type_=QUANTITY).label("quantity"))
    return query.where(*places.warehouses_of(rows.c.warehouse_id)).group_by(rows.c.product_id).subquery("coming")


def _listing(places: Places) -> Listing:
    levels, promised, coming = _levels(places), pending(), _coming(places)
    made, apart = assembled(levels), taken_apart(levels)
    beside = (levels, promised, coming, made, apart)
    quantities = _quantities(levels.c.on_hand, *(table.c.quantity for table in beside[1:]))
    updated_at = coalesce(levels.c.updated_at, products.c.updated_at, type_=Instant)
    columns = {"updated_at": updated_at, **quantities}
    source = products.outerjoin(categories, categories.c.id == products.c.category_id)
    source = source.outerjoin(subcategories, subcategories.c.id == products.c.subcategory_id)
    for table in beside:
        source = source.outerjoin(table, table.c.product_id == products.c.id)
    rows = select(
        *(products.c[name] for name in ("id", "sku", "name", "type", "cost")),
        *(column.label(name) for name, column in columns.items()),
        products.c.category_id,
        products.c.subcategory_id.label("sub_category_id"),
        categories.c.name.label("category_name"),
        subcategories.c.name.label("sub_category_name"),
    ).select_from(source)
    found = {**_FIELDS, **{name: field(column) for name, column in columns.items()}}
    return Listing(rows, found, products.c.id, parameters=_PARAMETERS, per_page=PER_PAGE)


def _quantities(*sums: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    """The quantities of a row, of what is on hand, promised, coming in, and what kits and their parts would give."""
    on_hand, promised, coming, made, apart = (coalesce(each, 0, type_=QUANTITY) for each in sums)
    missing = func.max(promised - on_hand, 0, type_=QUANTITY)
    quantities = {
        "qty_onhand": on_hand,
        "qty_pending": promised,
        "qty_available": on_hand - promised,
        "qty_incoming": coming,
        "qty_backordered": missing,
        "qty_available_via_assembly": made,
        "qty_recoverable_via_disassembly": apart,
        # What is promised, and neither in stock nor on its way.
        "qty_outstanding": func.max(missing - coming, 0, type_=QUANTITY),
    }
    return {name: type_coerce(quantity, QUANTITY) for name, quantity in quantities.items()}
