"""Price schedules: discounts by quantity during a time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from server.sandbox.filters import Condition, Field, Listing, field, fields, page
from server.sandbox.rows import Record, records
from server.sandbox.tables.goods import (
    price_levels,
    price_schedule_companies,
    price_schedule_levels,
    price_schedule_products,
    price_schedules,
    price_tiers,
)
from server.sandbox.tables.parties import companies
from server.sandbox.wire import Answer, Call, Routes, not_found

routes = Routes()

_SHOWN = (
    "id", "name", "description", "status", "start_date", "end_date", "priority", "created_at", "updated_at",
    "counting_algorithm", "modification_type", "global",
)  # fmt: skip


def _linked(links: Table, name: str) -> Field:
    def among(matches: Condition) -> Condition:
        return price_schedules.c.id.in_(select(links.c.price_schedule_id).where(matches))

    return field(links.c[name], among)


SCHEDULES = Listing(
    select(price_schedules),
    {
        **fields(price_schedules.c, *_SHOWN),
        "price_level.id": _linked(price_schedule_levels, "price_level_id"),
        "company.id": _linked(price_schedule_companies, "company_id"),
        "product.id": _linked(price_schedule_products, "product_id"),
    },
    price_schedules.c.id,
)


@routes.get("/price-schedules")
def list_price_schedules(call: Call) -> Answer:
    """All price schedules."""
    return page(call, SCHEDULES, present=present)


@routes.get("/price-schedules/{scheduleId}")
def get_price_schedule(call: Call) -> Answer:
    """One price schedule, bare."""
    wanted = price_schedules.c.id == call.id("scheduleId", "Price schedule")
    rows = records(call.connection, SCHEDULES.rows.where(wanted))
    if not rows:
        raise not_found("Price schedule")
    return Answer(present(call.connection, rows)[0])


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows with the levels and companies they are limited to, and their tiers."""
    ids = [row["id"] for row in rows]
    levels = _named(connection, price_schedule_levels, price_levels, "price_level_id", ids)
    buyers = _named(connection, price_schedule_companies, companies, "company_id", ids)
    tiers = _tiers(connection, ids)
    return [
        {
            **{name: row[name] for name in _SHOWN},
            "type": row["modification_type"],
            "price_levels": levels.get(row["id"], []),
            "companies": buyers.get(row["id"], []),
            "tiers": tiers.get(row["id"], []),
        }
        for row in rows
    ]


def _named(
    connection: Connection, links: Table, named: Table, column: str, ids: Sequence[int]
) -> dict[int, list[Record]]:
    query = (
        select(links.c.price_schedule_id, named.c.id, named.c.name)
        .join(named, named.c.id == links.c[column])
        .where(links.c.price_schedule_id.in_(ids))
        .order_by(named.c.id)
    )
    found: dict[int, list[Record]] = {}
    for row in connection.execute(query):
        found.setdefault(row.price_schedule_id, []).append({"id": str(row.id), "name": row.name})
    return found


def _tiers(connection: Connection, ids: Sequence[int]) -> dict[int, list[Record]]:
    tier = price_tiers.c
    query = select(price_tiers).where(tier.price_schedule_id.in_(ids)).order_by(tier.quantity, tier.id)
    found: dict[int, list[Record]] = {}
    for row in records(connection, query):
        shown = {**row, "price_schedule_id": str(row["price_schedule_id"])}
        found.setdefault(row["price_schedule_id"], []).append(shown)
    return found
