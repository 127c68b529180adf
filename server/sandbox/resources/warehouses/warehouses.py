"""Warehouses: list, look up, open, change and close."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from server.sandbox.filters import Listing, fields, page
from server.sandbox.resources.warehouses.uses import uses_of
from server.sandbox.rows import Record, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Choice, Key, Shape, Text, optional, required
from server.sandbox.tables.stock import locations, warehouses
from server.sandbox.wire import Answer, Call, Routes, conflict, created, data, done

routes = Routes()

ACTIVE, INACTIVE = "active", "inactive"
DEFAULT_LOCATION = "Default"

LIVE = warehouses.c.deleted_at.is_(None)
"""Warehouses that were not deleted."""

_texts = ("address", "address_line_2", "city", "state", "postal_code", "country", "contact_name", "phone")
_details: dict[str, Key] = {name: optional(Text()) for name in _texts}

WAREHOUSE = Shape(
    {
        "name": required(Text()),
        "status": optional(Choice((ACTIVE, INACTIVE)), nullable=False),
        "code": optional(Text(max_length=20)),
        "email": optional(Text(email=True)),
        **_details,
    },
    computed=COMPUTED,
)

_SHOWN = [column for column in warehouses.c if column.name != "deleted_at"]

WAREHOUSES = Listing(select(*_SHOWN), fields(warehouses.c, *(column.name for column in _SHOWN)), warehouses.c.id)


@routes.get("/warehouses")
def list_warehouses(call: Call) -> Answer:
    """All warehouses that were not deleted."""
    return page(call, WAREHOUSES, LIVE, present=_present)


@routes.get("/warehouses/{id}")
def get_warehouse(call: Call) -> Answer:
    """One warehouse with its locations."""
    return data(_show(call.connection, _load(call)))


@routes.post("/warehouses")
def create_warehouse(call: Call) -> Answer:
    """Open a warehouse; a first location is made in it, so that goods can be put there."""
    sent = WAREHOUSE.check(call.json())
    stamps = {"created_at": call.now, "updated_at": call.now}
    warehouse_id = insert_row(call.connection, warehouses, {"status": ACTIVE, **sent, **stamps})
    first = {"warehouse_id": warehouse_id, "name": DEFAULT_LOCATION, "status": ACTIVE, "is_pick_location": True}
    call.connection.execute(insert(locations).values({**first, **stamps}))
    return created(_show(call.connection, warehouse_id))


@routes.put("/warehouses/{id}")
def update_warehouse(call: Call) -> Answer:
    """Change what is sent."""
    warehouse_id = _load(call)
    sent = WAREHOUSE.check(call.json(), partial=True)
    _change(call, warehouse_id, sent)
    return data(_show(call.connection, warehouse_id))


@routes.delete("/warehouses/{id}")
def delete_warehouse(call: Call) -> Answer:
    """Close an empty warehouse that nothing is on its way to or from; its history stays."""
    warehouse_id = _load(call)
    uses = uses_of(call.connection, warehouse_id)
    if uses:
        raise conflict(f"Warehouse {warehouse_id} cannot be deleted: it has {' and '.join(uses)}.")
    _change(call, warehouse_id, {"status": INACTIVE, "deleted_at": call.now})
    closed = {"status": INACTIVE, "updated_at": call.now}
    call.connection.execute(update(locations).where(locations.c.warehouse_id == warehouse_id).values(closed))
    return done("Warehouse deleted.")


def _load(call: Call) -> int:
    warehouse_id = call.id("id", "Warehouse")
    get_row(call.connection, warehouses, "Warehouse", warehouses.c.id == warehouse_id, LIVE)
    return warehouse_id


def _change(call: Call, warehouse_id: int, values: dict[str, Any]) -> None:
    changed = {**values, "updated_at": call.now}
    call.connection.execute(update(warehouses).where(warehouses.c.id == warehouse_id).values(changed))


def _show(connection: Connection, warehouse_id: int) -> dict[str, Any]:
    rows = records(connection, WAREHOUSES.rows.where(warehouses.c.id == warehouse_id))
    return _present(connection, rows)[0]


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    shelf = locations.c
    query = (
        select(shelf.warehouse_id, shelf.id, shelf.name, shelf.status, shelf.is_pick_location)
        .where(shelf.warehouse_id.in_([row["id"] for row in rows]))
        .order_by(shelf.id)
    )
    inside: dict[int, list[Record]] = {}
    for row in records(connection, query):
        inside.setdefault(row.pop("warehouse_id"), []).append(row)
    return [{**row, "locations": inside.get(row["id"], [])} for row in rows]
