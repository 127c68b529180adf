"""What products consist of: kits of their items, and products of the items of their BOMs."""

from collections.abc import Iterable

from sqlalchemy import Connection, select, union

from server.sandbox.tables.goods import bom_items, kit_items, product_boms

_parts = union(
    select(kit_items.c.kit_id.label("whole_id"), kit_items.c.product_id.label("part_id")),
    select(product_boms.c.product_id, bom_items.c.product_id).join(
        bom_items, bom_items.c.bom_id == product_boms.c.bom_id
    ),
).subquery("parts")


def with_wholes(connection: Connection, product_ids: Iterable[int]) -> set[int]:
    """These products and all that they are in, directly or indirectly: none of those can be a part of them."""
    found = set(product_ids)
    fresh = found
    while fresh:
        query = select(_parts.c.whole_id).where(_parts.c.part_id.in_(fresh))
        fresh = set(connection.execute(query).scalars()) - found
        found |= fresh
    return found
