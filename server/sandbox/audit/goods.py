"""Products, what they consist of, and their prices."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sqlalchemy import Connection, func, select

from server.sandbox.audit.sums import rows
from server.sandbox.money import cents
from server.sandbox.tables.goods import (
    WEIGHTS,
    alternate_skus,
    bom_extra_costs,
    bom_items,
    boms,
    kit_items,
    price_tiers,
    product_boms,
    products,
    subcategories,
)
from server.sandbox.weights import stored

Parts = dict[int, set[int]]
"""What each product is made of, one step down."""


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the products."""
    yield from _products(connection)
    yield from _skus(connection)
    yield from _bom_lines(connection)
    yield from _made_of_themselves(connection)
    for tier in rows(connection, price_tiers):
        if tier["quantity"] < 0 or tier["discount_amount"] < 0:
            yield f"Price tier {tier['id']}: quantity or discount is below zero."


def _products(connection: Connection) -> Iterator[str]:
    own = products.c
    kinds = {row.id: row for row in connection.execute(select(own.id, own.type, own.parent_id))}
    full = set(connection.execute(select(kit_items.c.kit_id).distinct()).scalars())
    below = select(subcategories.c.id, subcategories.c.category_id)
    places = {row.id: row.category_id for row in connection.execute(below)}
    for product in rows(connection, products):
        name = f"Product {product['id']}"
        if (product["type"] == "KIT") != (product["id"] in full):
            yield f"{name}: its kit items do not go with the type {product['type']}."
        above = kinds.get(product["parent_id"])
        if above and (above.parent_id is not None or "KIT" in (above.type, product["type"])):
            yield f"{name}: it cannot be a variant of product {above.id}."
        if places.get(product["subcategory_id"], product["category_id"]) != product["category_id"]:
            yield f"{name}: the subcategory is not one of the category."
        if min(product["retail_price"], product["wholesale_price"], product["cost"]) < 0:
            yield f"{name}: a price is below zero."
        yield from (f"{name}: {said}" for said in _weight_faults(product))


def _weight_faults(product: Mapping[str, object]) -> Iterator[str]:
    for name in WEIGHTS:
        kept = product[name] or []
        parts = [{**part, "value": Decimal(part["value"])} for part in kept] if isinstance(kept, list) else []
        for column, value in stored(name, parts).items():
            if column != name and product[column] != value:
                yield f"the {column} is not what its parts add up to."


def _skus(connection: Connection) -> Iterator[str]:
    both = select(alternate_skus.c.sku).join(products, products.c.sku == alternate_skus.c.sku)
    for sku in connection.execute(both.order_by(alternate_skus.c.sku)).scalars():
        yield f"The SKU {sku} is a main one and an alternate one."


def _bom_lines(connection: Connection) -> Iterator[str]:
    for cost in rows(connection, bom_extra_costs):
        if cost["line_total"] != cents(cost["quantity"] * cost["unit_price"]):
            yield f"Extra cost {cost['id']}: the line total is not quantity times unit price."
    empty = select(boms.c.id).outerjoin(bom_items, bom_items.c.bom_id == boms.c.id).where(bom_items.c.id.is_(None))
    for bom_id in connection.execute(empty.order_by(boms.c.id)).scalars():
        yield f"BOM {bom_id} has no items."
    same = select(func.casefold(boms.c.name)).group_by(func.casefold(boms.c.name)).having(func.count() > 1)
    for name in connection.execute(same.order_by(func.casefold(boms.c.name))).scalars():
        yield f"There is more than one BOM of the name {name}."


def _made_of_themselves(connection: Connection) -> Iterator[str]:
    """Take away what is made of nothing left, again and again: what stays is a part of itself."""
    left = _parts(connection)
    while done := {whole for whole, parts in left.items() if not parts & left.keys()}:
        left = {whole: parts for whole, parts in left.items() if whole not in done}
    for product_id in sorted(left):
        yield f"Product {product_id} is made of itself."


def _parts(connection: Connection) -> Parts:
    found: Parts = {}
    made = select(product_boms.c.product_id, bom_items.c.product_id)
    made = made.join(bom_items, bom_items.c.bom_id == product_boms.c.bom_id)
    for query in (select(kit_items.c.kit_id, kit_items.c.product_id), made):
        for whole, part in connection.execute(query):
            found.setdefault(whole, set()).add(part)
    return found
