"""Whether products may go, and their going."""

from collections.abc import Collection

from sqlalchemy import Column, Connection, ForeignKey, delete, exists, select

from server.sandbox.tables import metadata
from server.sandbox.tables.about import taggings
from server.sandbox.tables.goods import products
from server.sandbox.wire import conflict

TAGGED_AS = "product"


def delete_products(connection: Connection, product_ids: Collection[int]) -> None:
    """Delete products with all that is theirs alone. Raises 409 for one that other records refer to."""
    for product_id in product_ids:
        where = uses(connection, product_id)
        if where:
            raise conflict(f"Product {product_id} cannot be deleted: it is on {' and '.join(where)}.")
    tagged = (taggings.c.owner == TAGGED_AS) & taggings.c.owner_id.in_(product_ids)
    connection.execute(delete(taggings).where(tagged))
    connection.execute(delete(products).where(products.c.id.in_(product_ids)))


def uses(connection: Connection, product_id: int) -> list[str]:
    """The kinds of records that a product cannot be taken away from: kits, BOMs, documents, stock."""
    return [
        column.table.name.replace("_", " ")
        for column in _references()
        if connection.execute(select(exists().where(column == product_id))).scalar_one()
    ]


def _references() -> list[Column[int]]:
    """Every column that refers to a product and would be left pointing at nothing."""
    return [
        key.parent
        for table in metadata.sorted_tables
        for key in sorted(table.foreign_keys, key=lambda key: str(key.parent))
        if _is_firm(key)
    ]


def _is_firm(key: ForeignKey) -> bool:
    return key.column is products.c.id and key.ondelete is None
