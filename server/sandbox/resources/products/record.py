"""Products as they are shown, with everything that belongs to them, and the fields a list is narrowed by."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, func, select, union_all

from server.sandbox import weights
from server.sandbox.filters import Condition, Field, Listing, field, fields
from server.sandbox.money import cents
from server.sandbox.resources import tagging
from server.sandbox.resources.products.deletion import TAGGED_AS
from server.sandbox.resources.products.lookup import alternate_skus
from server.sandbox.resources.products.units import Units
from server.sandbox.resources.products.variants import variants_of
from server.sandbox.rows import Record, records
from server.sandbox.tables import goods
from server.sandbox.tables.goods import LENGTHS, WEIGHTS, categories, products, subcategories
from server.sandbox.tables.parties import suppliers
from server.sandbox.wire import Call

ROWS: Select[Any] = select(
    products,
    categories.c.name.label("category_name"),
    subcategories.c.name.label("subcategory_name"),
    suppliers.c.name.label("supplier_name"),
).select_from(
    products.outerjoin(categories, categories.c.id == products.c.category_id)
    .outerjoin(subcategories, subcategories.c.id == products.c.subcategory_id)
    .outerjoin(suppliers, suppliers.c.id == products.c.supplier_id)
)

WHOLE = products.c.parent_id.is_(None)
"""Variants are shown inside their products, not beside them."""

_skus = union_all(
    select(products.c.id.label("product_id"), products.c.sku.label("sku")),
    select(products.c.parent_id, products.c.sku).where(products.c.parent_id.is_not(None)),
    select(goods.alternate_skus.c.product_id, goods.alternate_skus.c.sku),
).subquery("skus")
"""Every SKU a product is found by: its own, its alternate ones, and those of its variants."""

_OWN = (
    "id", "sku", "name", "description", "upc", "status", "type", "retail_price", "wholesale_price", "sellable",
    "discontinued", "lot_tracking", "image_url", "qty_low_alert", "qty_reorder_threshold", "qty_minimum",
    "priority_list_id", "default_receiving_location_id", "parent_id", "variant_attributes", "created_at", "updated_at",
    *LENGTHS,
)  # fmt: skip


def _within(column: Any, owner: Any) -> Field:
    """A field with many values per product: it matches when one of them does."""

    def among(matches: Condition) -> Condition:
        return products.c.id.in_(select(owner).where(matches))

    return field(column, among)


_fields: dict[str, Field] = {
    **fields(products.c, *(name for name in _OWN if name not in ("sku", "variant_attributes"))),
    **fields(products.c, *(f"{name}_{unit}" for name in WEIGHTS for unit in ("oz", "lb"))),
    **fields(products.c, "category_id", "subcategory_id", "supplier_id"),
    "unit_cost": field(products.c.cost),
    "category.id": field(products.c.category_id),
    "category.name": field(categories.c.name),
    "sub_category.id": field(products.c.subcategory_id),
    "sub_category.name": field(subcategories.c.name),
    "supplier.id": field(products.c.supplier_id),
    "supplier.name": field(suppliers.c.name),
    "bom.id": _within(goods.product_boms.c.bom_id, goods.product_boms.c.product_id),
    "kit_items.product_id": _within(goods.kit_items.c.product_id, goods.kit_items.c.kit_id),
    "tag": tagging.tag_field(TAGGED_AS, products.c.id),
}
PRODUCTS = Listing(
    ROWS,
    {**_fields, "sku": replace(_within(_skus.c.sku, _skus.c.product_id), sorted_by=products.c.sku)},
    products.c.id,
    parameters=frozenset({"q", "company_id"}),
)


def catalogue(call: Call) -> Listing:
    """The list of products with their custom fields."""
    return tagging.with_custom_fields(call, PRODUCTS, products.c.custom_fields)


def searched(text: str | None) -> list[Condition]:
    """The search for a text in name, UPC or SKU, small letters or capitals."""
    if not text:
        return []
    wanted = text.casefold()
    by_sku = select(_skus.c.product_id).where(func.instr(func.casefold(_skus.c.sku), wanted) > 0)
    return [
        (func.instr(func.casefold(products.c.name), wanted) > 0)
        | (func.instr(func.coalesce(products.c.upc, ""), text) > 0)
        | products.c.id.in_(by_sku)
    ]


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as whole products; weights as lists of parts."""
    belongings = _Belongings(connection, rows)
    return [{**belongings.product(row), **weights.in_parts(row)} for row in rows]


def present_for_export(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as an export has them: each weight is one value."""
    belongings = _Belongings(connection, rows)
    return [{**belongings.product(row), **weights.in_one(row)} for row in rows]


def present_plainly(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as price lists have them: each weight is a number of pounds."""
    belongings = _Belongings(connection, rows)
    return [{**belongings.product(row), **weights.in_pounds(row)} for row in rows]


class _Belongings:
    """What belongs to the products of a page, read together."""

    def __init__(self, connection: Connection, rows: Sequence[Record]) -> None:
        ids = [row["id"] for row in rows]
        below = variants_of(connection, ids)
        self.variants = _grouped(below, "parent_id")
        self.attachments = _attachments(connection, [*ids, *(variant["id"] for variant in below)])
        self.alternate_skus = alternate_skus(connection, ids)
        self.tags = tagging.tags_of(connection, TAGGED_AS, ids)
        self.substitutions = _substitutions(connection, ids)
        self.boms = _boms(connection, ids)
        self.kit_items = _kit_items(connection, ids)

    def product(self, row: Record) -> dict[str, Any]:
        """One product without its weights."""
        product_id = row["id"]
        return {
            **{name: row[name] for name in _OWN},
            "unit_cost": row["cost"],
            "landed_cost": row["cost"] + row["freight_and_duty"],
            "category": _named(row, "category"),
            "subcategory": _named(row, "subcategory"),
            "supplier": _named(row, "supplier"),
            "custom_fields": row["custom_fields"],
            "attachments": self.attachments.get(product_id, []),
            "variants": [self._variant(variant) for variant in self.variants.get(product_id, [])],
            "alternate_skus": self.alternate_skus.get(product_id, []),
            "tags": self.tags.get(product_id, []),
            "substitutions": self.substitutions.get(product_id, []),
            "boms": self.boms.get(product_id, []),
            "kit_items": self.kit_items.get(product_id, []),
        }

    def _variant(self, row: Record) -> dict[str, Any]:
        names = (
            "id", "sku", "name", "description", "upc", "retail_price", "wholesale_price", "variant_attributes",
            "sellable", "discontinued", "image_url", "created_at", "updated_at",
        )  # fmt: skip
        return {
            **{name: row[name] for name in names},
            "unit_cost": row["cost"],
            "attachments": self.attachments.get(row["id"], []),
            "custom_fields": [{"name": name, "value": value} for name, value in row["custom_fields"].items()],
        }


def _named(row: Record, what: str) -> dict[str, Any] | None:
    return {"id": row[f"{what}_id"], "name": row[f"{what}_name"]} if row[f"{what}_id"] else None


def _grouped(rows: Sequence[Record], owner: str) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = {}
    for row in rows:
        found.setdefault(row[owner], []).append(row)
    return found


def _attachments(connection: Connection, ids: Sequence[int]) -> dict[int, list[Record]]:
    attached = goods.product_attachments
    found: dict[int, list[Record]] = {}
    for row in records(connection, select(attached).where(attached.c.product_id.in_(ids)).order_by(attached.c.id)):
        found.setdefault(row.pop("product_id"), []).append(row)
    return found


def _substitutions(connection: Connection, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    link = goods.substitutions.c
    query = (
        select(products, link.id.label("link_id"), link.product_id.label("instead_of"), link.priority)
        .join(goods.substitutions, link.substitute_id == products.c.id)
        .where(link.product_id.in_(ids))
        .order_by(link.priority, link.id)
    )
    names = (
        "id", "name", "sku", "description", "retail_price", "wholesale_price", "product_length", "product_width",
        "product_height",
    )  # fmt: skip
    found: dict[int, list[dict[str, Any]]] = {}
    for row in records(connection, query):
        shown = {name: row[name] for name in names}
        shown |= {"unit_cost": row["cost"], "product_weight": row["product_weight_lb"]}
        entry = {"id": row["link_id"], "priority": row["priority"], "product": shown}
        found.setdefault(row["instead_of"], []).append(entry)
    return found


def _boms(connection: Connection, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    link = goods.product_boms.c
    query = (
        select(link.product_id, goods.boms.c.id, goods.boms.c.name)
        .join(goods.boms, goods.boms.c.id == link.bom_id)
        .where(link.product_id.in_(ids))
        .order_by(goods.boms.c.id)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in records(connection, query):
        found.setdefault(row.pop("product_id"), []).append(row)
    return found


def _kit_items(connection: Connection, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    items = goods.kit_items
    query = (
        select(items, products.c.sku, products.c.name, products.c.retail_price)
        .join(products, products.c.id == items.c.product_id)
        .where(items.c.kit_id.in_(ids))
        .order_by(items.c.id)
    )
    rows = records(connection, query)
    units = Units(connection, rows)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        price: Decimal = row["retail_price"] if row["price"] is None else row["price"]
        shown = {name: row[name] for name in ("id", "product_id", "sku", "name", "quantity", "uom_id")}
        shown |= {"base_uom_quantity": units.base_quantity(row), "unit_of_measure": units.shown(row)}
        shown |= {"price": price, "original_price": row["retail_price"], "total": cents(price * row["quantity"])}
        found.setdefault(row["kit_id"], []).append(shown)
    return found
