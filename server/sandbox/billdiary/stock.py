"""Goods of purchases: what is at a location, and which purchase the goods came from that were sold.

Quantities of lines are in their sub-unit; stock and sales are in base units.
"""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from server.sandbox.rows import Record, records
from server.sandbox.tables.billdiary import lines, sales, stocks, units

NOTHING = Decimal(0)


def put(connection: Connection, location_id: int, goods: Iterable[Record], sign: int = 1) -> None:
    """The goods of the lines come to the location, or with sign -1 leave it. Stock may fall below zero."""
    rows = list(goods)
    each = multipliers(connection, rows)
    for line in rows:
        move(connection, location_id, line["variation_id"], sign * line["quantity"] * each[line["id"]])


def move(connection: Connection, location_id: int, variation_id: int, quantity: Decimal) -> None:
    """That many base units come to the location, or leave it."""
    row = {"location_id": location_id, "variation_id": variation_id, "quantity": quantity}
    added = {"quantity": stocks.c.quantity + quantity}
    keys = ["location_id", "variation_id"]
    connection.execute(upsert(stocks).values(row).on_conflict_do_update(index_elements=keys, set_=added))


def multipliers(connection: Connection, rows: Iterable[Record]) -> dict[int, int]:
    """Base units per unit of each line."""
    ids = {row["sub_unit_id"] for row in rows if row["sub_unit_id"]}
    query = select(units.c.id, units.c.multiplier).where(units.c.id.in_(list(ids)))
    known = {unit.id: unit.multiplier for unit in connection.execute(query)}
    return {row["id"]: known.get(row["sub_unit_id"], 1) for row in rows}


def cover_oversold(connection: Connection, location_id: int, goods: Iterable[Record]) -> None:
    """Goods that were sold before any had come are taken from these lines, the oldest sale first."""
    rows = list(goods)
    each = multipliers(connection, rows)
    for line in rows:
        free = (line["quantity"] - line["quantity_returned"]) * each[line["id"]] - sold(connection, [line["id"]])
        for sale in _oversold(connection, location_id, line["variation_id"]):
            if sale["quantity"] <= free:
                free -= sale["quantity"]
                connection.execute(update(sales).where(sales.c.id == sale["id"]).values(line_id=line["id"]))


def release_sales(connection: Connection, line_ids: Iterable[int]) -> None:
    """What was sold from these lines is oversold from now on."""
    connection.execute(update(sales).where(sales.c.line_id.in_(list(line_ids))).values(line_id=None))


def sold(connection: Connection, line_ids: Iterable[int]) -> Decimal:
    """How much was sold from these lines."""
    query = select(func.coalesce(func.sum(sales.c.quantity), NOTHING)).where(sales.c.line_id.in_(list(line_ids)))
    total: Decimal = connection.execute(query).scalar_one()
    return total


def has_sold_lots(connection: Connection, transaction_id: int) -> bool:
    """Whether goods were sold from a line of the purchase that has a lot number."""
    query = (
        select(sales.c.id)
        .join(lines, lines.c.id == sales.c.line_id)
        .where(lines.c.transaction_id == transaction_id, lines.c.lot_number.is_not(None))
    )
    return connection.execute(query).first() is not None


def _oversold(connection: Connection, location_id: int, variation_id: int) -> list[Record]:
    wanted = (sales.c.location_id == location_id) & (sales.c.variation_id == variation_id) & sales.c.line_id.is_(None)
    return records(connection, select(sales).where(wanted).order_by(sales.c.id))
