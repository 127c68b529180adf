"""Locations: the shelves and bins of warehouses."""

from sqlalchemy import select

from server.sandbox.filters import Listing, field, fields, page
from server.sandbox.rows import records
from server.sandbox.tables.stock import locations, warehouses
from server.sandbox.wire import Answer, Call, Routes, data, not_found

routes = Routes()

_SHOWN = ("id", "name", "status", "is_pick_location", "warehouse_id", "created_at", "updated_at")

# A warehouse is the location above its shelves.
_parent = locations.c.warehouse_id.label("parent_id")

LOCATIONS = Listing(
    select(*(locations.c[name] for name in _SHOWN), _parent)
    .join(warehouses, warehouses.c.id == locations.c.warehouse_id)
    .where(warehouses.c.deleted_at.is_(None)),
    {**fields(locations.c, *_SHOWN), "parent_id": field(locations.c.warehouse_id)},
    locations.c.id,
)


@routes.get("/locations")
def list_locations(call: Call) -> Answer:
    """The locations of all warehouses."""
    return page(call, LOCATIONS)


@routes.get("/locations/{id}")
def get_location(call: Call) -> Answer:
    """One location."""
    found = records(call.connection, LOCATIONS.rows.where(locations.c.id == call.id("id", "Location")))
    if not found:
        raise not_found("Location")
    return data(found[0])
