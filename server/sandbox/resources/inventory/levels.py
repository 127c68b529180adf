"""The places of a stock list, and the stock of each product place by place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from server.sandbox.filters import Condition
from server.sandbox.resources.inventory.assembly import Assembly
from server.sandbox.resources.inventory.commitments import incoming, spread
from server.sandbox.rows import Record, records
from server.sandbox.tables.stock import cost_layers, locations, stocks, warehouse_group_members, warehouses
from server.sandbox.wire import Call, as_id, invalid

NOTHING = Decimal(0)
UNIT = Decimal("0.0001")

_SHOWN = ("id", "status", "name", "created_at", "updated_at")


@dataclass(frozen=True)
class Places:
    """Which locations and warehouses count; None stands for all of them."""

    location_id: int | None
    warehouse_ids: frozenset[int] | None

    @classmethod
    def asked(cls, call: Call) -> "Places":
        """The places that the query names. Raises 422."""
        location = _ids(call, "location")
        if location and len(location) > 1:
            raise invalid({"location": "The location must be one id."})
        chosen = _ids(call, "warehouse_ids")
        groups = _ids(call, "warehouse_group_ids")
        if groups is not None:
            member = warehouse_group_members.c
            query = select(member.warehouse_id).where(member.warehouse_group_id.in_(groups))
            grouped = frozenset(call.connection.execute(query).scalars())
            chosen = grouped if chosen is None else chosen & grouped
        return cls(min(location) if location else None, chosen)

    @property
    def narrowed(self) -> bool:
        """Whether some places do not count."""
        return self.location_id is not None or self.warehouse_ids is not None

    def of(self, columns: ReadOnlyColumnCollection[str, Any]) -> list[Condition]:
        """The conditions on rows that are at a location."""
        where = [] if self.location_id is None else [columns.location_id == self.location_id]
        return where if self.warehouse_ids is None else [*where, columns.warehouse_id.in_(self.warehouse_ids)]

    def warehouses_of(self, column: ColumnElement[Any]) -> list[Condition]:
        """The conditions on rows that are in a warehouse."""
        where: list[Condition] = [] if self.warehouse_ids is None else [column.in_(self.warehouse_ids)]
        if self.location_id is not None:
            where.append(column.in_(select(locations.c.warehouse_id).where(locations.c.id == self.location_id)))
        return where


def _ids(call: Call, name: str) -> frozenset[int] | None:
    text = call.argument(name)
    if not text:
        return None
    ids = [as_id(part.strip()) for part in text.split(",")]
    if None in ids:
        raise invalid({name: f"The {name} must be ids separated by commas."})
    return frozenset(number for number in ids if number is not None)


def present(places: Places, connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as products with their stock at each location."""
    ids = [row["id"] for row in rows]
    costs = _costs(connection, ids)
    shelves = _shelves(connection, ids)
    assembly = Assembly(connection, ids)
    coming = _incoming(connection, ids)
    shown = []
    for row in rows:
        product_id, cost = row["id"], row.pop("cost")
        there = shelves.get(product_id, [])
        kept = _spread_out(row, there, coming.get(product_id, []), places)
        stock = [
            {
                **line,
                **assembly.at(product_id, line["location"]["id"]),
                "current_landed_unit_cost": costs.get((product_id, line["warehouse"]["id"]), cost),
            }
            for line in kept
        ]
        unit_cost = costs.get((product_id, None), cost)
        shown.append({**row, "id": str(product_id), "current_landed_unit_cost": unit_cost, "location_stocks": stock})
    return shown


def _spread_out(row: Record, there: list[Record], coming: list[Record], places: Places) -> list[dict[str, Any]]:
    """What is at the locations; what is promised is taken from one after the other, for orders name no place."""
    levels = {shelf["location_id"]: shelf["on_hand"] for shelf in there if _counts(shelf, places)}
    promised = spread(row["qty_pending"], levels)
    arriving = _arriving(there, coming)
    return [
        {
            "id": shelf["id"],
            "warehouse": {**_part(shelf, "warehouse"), "parent_id": None},
            "location": {**_part(shelf, "location"), "parent_id": shelf["warehouse_id"]},
            "qty_onhand": shelf["on_hand"],
            "qty_pending": promised[shelf["location_id"]],
            "qty_available": shelf["on_hand"] - promised[shelf["location_id"]],
            "qty_incoming": arriving.get(shelf["location_id"], NOTHING),
        }
        for shelf in there
        if _counts(shelf, places)
    ]


def _counts(shelf: Record, places: Places) -> bool:
    here = places.location_id is None or shelf["location_id"] == places.location_id
    return here and (places.warehouse_ids is None or shelf["warehouse_id"] in places.warehouse_ids)


def _arriving(there: list[Record], coming: list[Record]) -> dict[int, Decimal]:
    """What comes in, by location: the one that was named, otherwise the first of the warehouse."""
    known = {shelf["location_id"] for shelf in there}
    first: dict[int, int] = {}
    for shelf in there:
        first.setdefault(shelf["warehouse_id"], shelf["location_id"])
    found: dict[int, Decimal] = {}
    for row in coming:
        named = row["location_id"] if row["location_id"] in known else first.get(row["warehouse_id"])
        if named is not None:
            found[named] = found.get(named, NOTHING) + row["quantity"]
    return found


def _part(shelf: Record, name: str) -> dict[str, Any]:
    return {key: shelf[f"{name}_{key}"] for key in _SHOWN}


def _shelves(connection: Connection, ids: list[int]) -> dict[int, list[Record]]:
    query = (
        select(
            stocks.c.id,
            stocks.c.product_id,
            stocks.c.on_hand,
            *(warehouses.c[name].label(f"warehouse_{name}") for name in _SHOWN),
            *(locations.c[name].label(f"location_{name}") for name in _SHOWN),
        )
        .join(warehouses, warehouses.c.id == stocks.c.warehouse_id)
        .join(locations, locations.c.id == stocks.c.location_id)
        .where(stocks.c.product_id.in_(ids))
        .order_by(stocks.c.warehouse_id, locations.c.is_pick_location.desc(), locations.c.id)
    )
    return _by_product(records(connection, query))


def _incoming(connection: Connection, ids: list[int]) -> dict[int, list[Record]]:
    rows = incoming()
    return _by_product(records(connection, select(rows).where(rows.c.product_id.in_(ids))))


def _by_product(rows: list[Record]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = {}
    for row in rows:
        found.setdefault(row["product_id"], []).append(row)
    return found


def _costs(connection: Connection, ids: list[int]) -> Mapping[tuple[int, int | None], Decimal]:
    """What a unit in stock cost on average, by product and warehouse, and under None in all warehouses."""
    layer = cost_layers.c
    query = select(layer.product_id, layer.warehouse_id, layer.remaining, layer.unit_cost).where(
        layer.product_id.in_(ids), layer.is_exhausted.is_(False)
    )
    sums: dict[tuple[int, int | None], tuple[Decimal, Decimal]] = {}
    for row in connection.execute(query):
        for key in ((row.product_id, row.warehouse_id), (row.product_id, None)):
            quantity, value = sums.get(key, (NOTHING, NOTHING))
            sums[key] = (quantity + row.remaining, value + row.remaining * row.unit_cost)
    return {key: (value / quantity).quantize(UNIT, ROUND_HALF_UP) for key, (quantity, value) in sums.items()}
