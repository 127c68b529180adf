"""Warehouses and locations that orders and receipts name."""

from typing import Any

from sqlalchemy import Connection, select

from server.sandbox import stock
from server.sandbox.rows import Record, find_row
from server.sandbox.tables.stock import locations, warehouses
from server.sandbox.wire import conflict, invalid

ACTIVE = "active"

_in_use = (warehouses.c.status == ACTIVE) & warehouses.c.deleted_at.is_(None)


def check_place(connection: Connection, warehouse_id: int | None, location_id: int | None) -> dict[str, Any]:
    """Warehouse and location as they are stored; a location brings its warehouse along. Raises 422."""
    if location_id is not None:
        location = find_row(connection, locations, locations.c.id == location_id)
        if location is None:
            raise invalid({"location_id": "The location_id is no known location."})
        if warehouse_id is not None and location["warehouse_id"] != warehouse_id:
            raise invalid({"location_id": "The location_id is not in this warehouse."})
        warehouse_id = location["warehouse_id"]
    if warehouse_id is not None and not _serves(connection, warehouse_id):
        raise invalid({"warehouse_id": "The warehouse_id is no active warehouse."})
    return {"warehouse_id": warehouse_id, "location_id": location_id}


def place_for(connection: Connection, *wishes: Record) -> stock.Place:
    """Where goods go: the first of the wishes that names a place in use, else the first warehouse. Raises 409."""
    for wish in wishes:
        warehouse_id, location_id = wish.get("warehouse_id"), wish.get("location_id")
        if warehouse_id is None or not _serves(connection, warehouse_id):
            continue
        if location_id is not None and _is_open(connection, warehouse_id, location_id):
            return stock.Place(warehouse_id, location_id)
        return stock.default_place(connection, warehouse_id)
    first = select(warehouses.c.id).where(_in_use).order_by(warehouses.c.id).limit(1)
    warehouse_id = connection.execute(first).scalar_one_or_none()
    if warehouse_id is None:
        raise conflict("There is no active warehouse to receive goods.")
    return stock.default_place(connection, warehouse_id)


def _serves(connection: Connection, warehouse_id: int) -> bool:
    return find_row(connection, warehouses, warehouses.c.id == warehouse_id, _in_use) is not None


def _is_open(connection: Connection, warehouse_id: int, location_id: int) -> bool:
    wanted = (locations.c.id == location_id) & (locations.c.warehouse_id == warehouse_id)
    return find_row(connection, locations, wanted, locations.c.status == ACTIVE) is not None
