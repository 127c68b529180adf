"""What could be put together of the parts in stock, and what could be got back by taking assembled goods apart."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, Subquery, func, literal, select, type_coerce, union_all

from server.sandbox.rows import records
from server.sandbox.tables.base import QUANTITY
from server.sandbox.tables.goods import bom_items, kit_items, product_boms
from server.sandbox.tables.stock import stocks

NOTHING = Decimal(0)
_SCALE = 10**QUANTITY.places

_RECIPES = union_all(
    select(
        kit_items.c.kit_id.label("product_id"),
        literal(0).label("bom_id"),
        kit_items.c.product_id.label("part_id"),
        kit_items.c.quantity.label("quantity"),
    ),
    select(product_boms.c.product_id, product_boms.c.bom_id, bom_items.c.product_id, bom_items.c.quantity).join(
        bom_items, bom_items.c.bom_id == product_boms.c.bom_id
    ),
).subquery("recipes")
"""The parts of one unit: of a kit its items, of a product the items of each of its BOMs."""

_quantity: ColumnElement[int] = type_coerce(_RECIPES.c.quantity, Integer)


def assembled(levels: Subquery) -> Subquery:
    """How many whole units the parts in stock would make, by product; of several BOMs the one that makes most."""
    here: ColumnElement[int] = func.coalesce(type_coerce(levels.c.on_hand, Integer), 0)
    made = func.min(here // func.nullif(_quantity, 0)).label("made")
    by_recipe = (
        select(_RECIPES.c.product_id, made)
        .outerjoin(levels, levels.c.product_id == _RECIPES.c.part_id)
        .group_by(_RECIPES.c.product_id, _RECIPES.c.bom_id)
        .subquery()
    )
    most = type_coerce(func.max(by_recipe.c.made) * _SCALE, QUANTITY).label("quantity")
    return select(by_recipe.c.product_id, most).group_by(by_recipe.c.product_id).subquery("assembled")


def taken_apart(levels: Subquery) -> Subquery:
    """How much of a part is in the whole units of kits that are in stock, by part."""
    whole: ColumnElement[int] = type_coerce(levels.c.on_hand, Integer) // _SCALE
    held = type_coerce(func.sum(whole * _quantity), QUANTITY).label("quantity")
    query = select(_RECIPES.c.part_id.label("product_id"), held).join(
        levels, levels.c.product_id == _RECIPES.c.product_id
    )
    return query.where(_RECIPES.c.bom_id == 0).group_by(_RECIPES.c.part_id).subquery("taken_apart")


class _Part(NamedTuple):
    product_id: int
    bom_id: int
    part_id: int
    quantity: Decimal


class Assembly:
    """The same for each location."""

    def __init__(self, connection: Connection, product_ids: Collection[int]) -> None:
        concerned = _RECIPES.c.product_id.in_(product_ids) | _RECIPES.c.part_id.in_(product_ids)
        self._parts = [_Part(*row) for row in connection.execute(select(_RECIPES).where(concerned))]
        ids = {part.part_id for part in self._parts} | {part.product_id for part in self._parts}
        query = select(stocks.c.product_id, stocks.c.location_id, stocks.c.on_hand).where(stocks.c.product_id.in_(ids))
        self._there: dict[tuple[int, int], Decimal] = {
            (row["product_id"], row["location_id"]): row["on_hand"] for row in records(connection, query)
        }

    def at(self, product_id: int, location_id: int) -> Mapping[str, Any]:
        """What a location's parts would make of the product, and what of it is in the kits there."""
        makes: dict[int, list[Decimal]] = defaultdict(list)
        held = NOTHING
        for part in self._parts:
            if part.product_id == product_id and part.quantity:
                there = self._there.get((part.part_id, location_id), NOTHING)
                makes[part.bom_id].append((there / part.quantity).to_integral_value(ROUND_FLOOR))
            if part.part_id == product_id and not part.bom_id:
                kits = self._there.get((part.product_id, location_id), NOTHING).to_integral_value(ROUND_FLOOR)
                held += kits * part.quantity
        return {
            "qty_available_via_assembly": max((min(counts) for counts in makes.values()), default=NOTHING),
            "qty_recoverable_via_disassembly": held,
        }
