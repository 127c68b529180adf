"""Finding a product by what people call it."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, select

from server.sandbox.rows import Record, find_row, records
from server.sandbox.tables.goods import alternate_skus as alternates
from server.sandbox.tables.goods import products
from server.sandbox.wire import Call, not_found


def product_by_sku(connection: Connection, sku: str) -> Record | None:
    """The product of that SKU, its main one or an alternate one, or None."""
    found = find_row(connection, products, products.c.sku == sku)
    if found is not None:
        return found
    named = select(alternates.c.product_id).where(alternates.c.sku == sku)
    product_id = connection.execute(named).scalar_one_or_none()
    return product_by_id(connection, product_id) if product_id is not None else None


def product_by_id(connection: Connection, product_id: int) -> Record | None:
    """The product of that id, or None."""
    return find_row(connection, products, products.c.id == product_id)


def alternate_skus(connection: Connection, product_ids: Collection[int]) -> dict[int, list[Record]]:
    """The alternate SKUs of several products, by product id."""
    found: dict[int, list[Record]] = {}
    query = select(alternates).where(alternates.c.product_id.in_(product_ids)).order_by(alternates.c.id)
    for row in records(connection, query):
        found.setdefault(row.pop("product_id"), []).append(row)
    return found


def load(call: Call, placeholder: str) -> Record:
    """The product named in the path. Raises 404."""
    product = product_by_id(call.connection, call.id(placeholder, "Product"))
    if product is None:
        raise not_found("Product")
    return product


def named_product(connection: Connection, line: Mapping[str, Any], path: str, errors: dict[str, str]) -> Record | None:
    """The product that a line of a body names by `product_id` or `sku`; otherwise what is wrong goes to `errors`."""
    name = next((name for name in ("product_id", "sku") if line.get(name)), None)
    if name is None:
        errors[f"{path}.product_id"] = f"The {path}.product_id or sku is required."
        return None
    find_by: Any = {"product_id": product_by_id, "sku": product_by_sku}[name]
    found: Record | None = find_by(connection, line[name])
    if found is None:
        errors[f"{path}.{name}"] = f"The {path}.{name} is no known product."
    return found
