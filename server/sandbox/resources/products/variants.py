"""The variants of a product."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from server.sandbox.resources.products.deletion import delete_products
from server.sandbox.resources.products.own import Faults, blank, columns_of
from server.sandbox.rows import Record, insert_row, records
from server.sandbox.tables.goods import products
from server.sandbox.wire import Call

INHERITED = ("retail_price", "wholesale_price", "cost")
"""What a new variant takes from its product unless it is told otherwise."""
SHARED = ("category_id", "subcategory_id")
"""What a variant always has in common with its product."""


def variants_of(connection: Connection, product_ids: Sequence[int]) -> list[Record]:
    """The variants of several products, in the order they were made."""
    query = select(products).where(products.c.parent_id.in_(product_ids)).order_by(products.c.id)
    return records(connection, query)


def matches(stored: Sequence[Record], sent: Sequence[Record], faults: Faults) -> list[int | None]:
    """The stored variant that each variant of a body stands for, by its id or else by its SKU."""
    ids = {variant["id"] for variant in stored}
    by_sku = {variant["sku"]: variant["id"] for variant in stored}
    found: list[int | None] = []
    for index, variant in enumerate(sent):
        path = f"variants.{index}"
        wanted = variant.get("id") or by_sku.get(variant["sku"])
        if wanted is not None and wanted not in ids:
            faults[f"{path}.id"] = f"The {path}.id is no variant of this product."
        elif wanted is not None and wanted in found:
            faults[f"{path}.id"] = f"The {path} stands for the same variant as another one."
        if wanted is None and not variant.get("name"):
            faults[f"{path}.name"] = f"The {path}.name is required."
        found.append(wanted)
    return found


def replace(call: Call, product: Record, sent: Sequence[Record], kept: Sequence[int | None], faults: Faults) -> None:
    """Store exactly these variants. One that stays keeps its id and what is not sent of it."""
    stored = {variant["id"]: variant for variant in variants_of(call.connection, [product["id"]])}
    for index, (variant, variant_id) in enumerate(zip(sent, kept, strict=True)):
        before = stored.get(variant_id) if variant_id is not None else None
        values = columns_of(call, variant, f"variants.{index}.", faults, before)
        if values.get("name", "") is None:
            del values["name"]
        if faults:
            continue
        shared = {name: product[name] for name in SHARED}
        if variant_id is None:
            inherited = {name: product[name] for name in INHERITED}
            row = {**blank(call), **inherited, **values, **shared, "parent_id": product["id"]}
            insert_row(call.connection, products, row)
        else:
            changed = {**values, **shared, "updated_at": call.now}
            call.connection.execute(update(products).where(products.c.id == variant_id).values(changed))


def remove_others(connection: Connection, product_id: int, kept: Sequence[int | None]) -> None:
    """Delete the variants that are not kept. Raises 409 for one that other records refer to."""
    gone = [variant["id"] for variant in variants_of(connection, [product_id]) if variant["id"] not in kept]
    delete_products(connection, gone)
