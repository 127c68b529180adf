"""Lines that name a product: of kits and BOMs, and the products that may take another one's place."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from server.sandbox.resources.products.lookup import named_product
from server.sandbox.resources.products.own import Faults
from server.sandbox.resources.products.units import unit_fault
from server.sandbox.rows import Record, replace_rows
from server.sandbox.tables.goods import kit_items, substitutions

FIRST_PRIORITY = 1


def component_of(
    connection: Connection, line: Record, path: str, wholes: Collection[int], faults: Faults
) -> Record | None:
    """The product in a line of a kit or BOM. It cannot be one of the `wholes`: that would be a part of itself."""
    faults |= unit_fault(connection, line, path)
    product = named_product(connection, line, path, faults)
    if product is None:
        return None
    if product["id"] in wholes:
        key = "product_id" if line.get("product_id") else "sku"
        faults[f"{path}.{key}"] = f"The {path}.{key} contains what it would be a part of."
    return product


def replace_kit_items(
    connection: Connection, kit_id: int, sent: Sequence[Record], wholes: Collection[int], faults: Faults
) -> None:
    """Store exactly these items of a kit."""
    mine = kit_items.c.kit_id == kit_id
    priceless = select(kit_items.c.product_id).where(mine, kit_items.c.price.is_(None))
    following = set(connection.execute(priceless).scalars())
    rows = []
    for index, line in enumerate(sent):
        product = component_of(connection, line, f"kit_items.{index}", wholes, faults)
        if product is not None:
            price = line.get("price")
            if product["id"] in following and price == product["retail_price"]:
                price = None  # as it is shown where the item has no price of its own
            kept = {"quantity": line["quantity"], "uom_id": line.get("uom_id"), "price": price}
            rows.append({"kit_id": kit_id, "product_id": product["id"], **kept})
    if not faults:
        replace_rows(connection, kit_items, mine, rows)


def replace_substitutions(connection: Connection, product_id: int, sent: Sequence[Record], faults: Faults) -> None:
    """Store exactly these substitutes of a product."""
    rows: list[Record] = []
    for index, line in enumerate(sent):
        path = f"substitutions.{index}"
        product = named_product(connection, line, path, faults)
        if product is None:
            continue
        if product["id"] == product_id or product["id"] in {row["substitute_id"] for row in rows}:
            faults[f"{path}.product_id"] = f"The {path} is no other product."
        priority = line.get("priority")
        place = index + FIRST_PRIORITY if priority is None else priority
        rows.append({"product_id": product_id, "substitute_id": product["id"], "priority": place})
    if not faults:
        replace_rows(connection, substitutions, substitutions.c.product_id == product_id, rows)
