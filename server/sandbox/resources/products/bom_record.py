"""Bills of materials as they are shown, with their components, extra costs, and what they cost in all."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, select

from server.sandbox.filters import Condition, Listing, field, fields
from server.sandbox.money import ZERO, cents
from server.sandbox.resources.products.units import Units
from server.sandbox.rows import Record, records
from server.sandbox.tables.goods import bom_extra_costs, bom_items, boms, product_boms, products


def _with_component(matches: Condition) -> Condition:
    return boms.c.id.in_(select(bom_items.c.bom_id).where(matches))


def _of_product(matches: Condition) -> Condition:
    return boms.c.id.in_(select(product_boms.c.bom_id).where(matches))


BOMS = Listing(
    select(boms),
    {
        **fields(boms.c, *boms.c.keys()),
        "items.product_id": field(bom_items.c.product_id, _with_component),
        "product.id": field(product_boms.c.product_id, _of_product),
    },
    boms.c.id,
)


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as whole bills of materials."""
    ids = [row["id"] for row in rows]
    items = _items(connection, ids)
    costs = _of_boms(connection, bom_extra_costs, ids)
    return [_present(row, items.get(row["id"], []), costs.get(row["id"], [])) for row in rows]


def _present(bom: Record, items: list[Record], costs: list[Record]) -> dict[str, Any]:
    materials = sum((item.pop("cost") for item in items), ZERO)
    extra = sum((cost["line_total"] for cost in costs), ZERO)
    return {**bom, "items": items, "extra_costs": costs, "total_cost": materials + extra}


def _items(connection: Connection, ids: Sequence[int]) -> dict[int, list[Record]]:
    columns = [products.c[name].label(f"product_{name}") for name in ("name", "sku", "description", "cost")]
    query = (
        select(bom_items, *columns)
        .join(products, products.c.id == bom_items.c.product_id)
        .where(bom_items.c.bom_id.in_(ids))
        .order_by(bom_items.c.order, bom_items.c.id)
    )
    rows = records(connection, query)
    units = Units(connection, rows)
    found: dict[int, list[Record]] = {}
    for row in rows:
        found.setdefault(row["bom_id"], []).append(_item(row, units))
    return found


def _item(row: Record, units: Units) -> Record:
    product = {name: row.pop(f"product_{name}") for name in ("name", "sku", "description", "cost")}
    unit_cost: Decimal = product.pop("cost")
    quantity = units.base_quantity(row)
    return {
        **row,
        "product": {"id": row["product_id"], **product},
        "base_quantity": quantity,
        "unit_of_measure": units.shown(row),
        "cost": cents(quantity * unit_cost),
    }


def _of_boms(connection: Connection, table: Table, ids: Sequence[int]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = {}
    for row in records(connection, select(table).where(table.c.bom_id.in_(ids)).order_by(table.c.id)):
        found.setdefault(row.pop("bom_id"), []).append(row)
    return found
