"""Warehouses, warehouse groups and locations; known are the fields that the vendor's client shows."""

from __future__ import annotations

from typing import ClassVar

from schemas.common import Record, View


class Warehouse(Record):
    """A place that holds stock: a location at the top level."""

    id: int | None = None
    name: str | None = None
    status: str | None = None
    view: ClassVar[View] = View("id", "name", "code", "city", "state", "country", "status", counts=("status",))


class WarehouseGroup(Record):
    """Warehouses that serve channels together."""

    id: int | None = None
    name: str | None = None
    description: str | None = None
    view: ClassVar[View] = View("id", "name", "description", "warehouses.name")


class Location(Record):
    """A shelf or bin. Goods for orders are taken from pick locations."""

    id: int | None = None
    name: str | None = None
    status: str | None = None
    is_pick_location: bool | None = None
    view: ClassVar[View] = View(
        "id", "name", "warehouse.name", "warehouse_id", "is_pick_location", "status", counts=("status",)
    )
