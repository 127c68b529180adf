"""Finding a product by what people call it."""

from sqlalchemy import Connection

from server.sandbox.rows import Record, find_row
from server.sandbox.tables.goods import products


def product_by_sku(connection: Connection, sku: str) -> Record | None:
    """The product of that SKU, or None."""
    return find_row(connection, products, products.c.sku == sku)


def product_by_id(connection: Connection, product_id: int) -> Record | None:
    """The product of that id, or None."""
    return find_row(connection, products, products.c.id == product_id)
