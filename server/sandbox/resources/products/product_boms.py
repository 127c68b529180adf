"""Which BOMs a product is made by."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, insert, select

from server.sandbox.resources.products import store
from server.sandbox.resources.products.composition import with_wholes
from server.sandbox.resources.products.lookup import load
from server.sandbox.resources.products.shapes import body_of
from server.sandbox.rows import find_row
from server.sandbox.shapes import Many, Shape, Whole, required
from server.sandbox.tables.goods import bom_items, boms, product_boms
from server.sandbox.wire import Answer, Call, Routes, data, invalid

routes = Routes()

BOM_IDS = Shape({"bom_ids": required(Many(Whole(minimum=1), minimum=1))})


@routes.post("/products/{productId}/boms")
def attach_product_boms(call: Call) -> Answer:
    """Say that a product is made by these BOMs, besides those it is made by already."""
    product_id = load(call, "productId")["id"]
    ids: list[int] = BOM_IDS.check(body_of(call))["bom_ids"]
    wholes = with_wholes(call.connection, [product_id])
    _check(ids, [_attach_fault(call.connection, bom_id, wholes) for bom_id in ids])
    there = _attached(call.connection, product_id)
    rows = [{"product_id": product_id, "bom_id": bom_id} for bom_id in dict.fromkeys(ids) if bom_id not in there]
    if rows:
        call.connection.execute(insert(product_boms), rows)
        store.touch(call, product_id)
    return _show(call, product_id)


@routes.delete("/products/{productId}/boms")
def detach_product_boms(call: Call) -> Answer:
    """Say that a product is not made by these BOMs any more."""
    product_id = load(call, "productId")["id"]
    ids: list[int] = BOM_IDS.check(body_of(call))["bom_ids"]
    there = _attached(call.connection, product_id)
    _check(ids, [None if bom_id in there else "is no BOM of this product" for bom_id in ids])
    link = product_boms.c
    call.connection.execute(delete(product_boms).where(link.product_id == product_id, link.bom_id.in_(ids)))
    store.touch(call, product_id)
    return _show(call, product_id)


def _attach_fault(connection: Connection, bom_id: int, wholes: Collection[int]) -> str | None:
    if find_row(connection, boms, boms.c.id == bom_id) is None:
        return "is no known BOM"
    parts = connection.execute(select(bom_items.c.product_id).where(bom_items.c.bom_id == bom_id)).scalars()
    return "contains the product itself" if set(wholes).intersection(parts) else None


def _check(ids: Sequence[int], faults: Sequence[str | None]) -> None:
    paths = {f"bom_ids.{index}": said for index, said in enumerate(faults) if said}
    if paths:
        raise invalid({path: f"The {path} {said}." for path, said in paths.items()})


def _attached(connection: Connection, product_id: int) -> list[int]:
    query = select(product_boms.c.bom_id).where(product_boms.c.product_id == product_id)
    return list(connection.execute(query.order_by(product_boms.c.bom_id)).scalars())


def _show(call: Call, product_id: int) -> Answer:
    query = select(boms.c.id, boms.c.name).join(product_boms, product_boms.c.bom_id == boms.c.id)
    rows = call.connection.execute(query.where(product_boms.c.product_id == product_id).order_by(boms.c.id))
    attached = [{"id": row.id, "name": row.name} for row in rows]
    return data({"product_id": product_id, "boms": attached})
