"""Warehouses, warehouse groups and locations: 12 operations.

No body is documented; arguments marked INFERRED are fields that the vendor's client shows.
"""

from __future__ import annotations

from typing import Annotated

from schemas.common import Arguments, Evidence, Id, Page
from schemas.filters import Filters
from schemas.listing import Paging
from schemas.luminous.warehouses import Location, Warehouse, WarehouseGroup
from tools.operation import System, Toolset

warehouses = Toolset("warehouses", System.LUMINOUS, Evidence.CLIENT)

INFERRED = Evidence.INFERRED


class WarehouseRef(Arguments):
    """Names one warehouse."""

    id: Id


class WarehouseGroupRef(Arguments):
    """Names one warehouse group."""

    id: Id


# Warehouses


@warehouses.read("GET", "/warehouses", returns=Page[Warehouse])
class ListWarehouses(Paging):
    """Warehouses; finds a warehouse_id by name."""

    filters: Filters | None = None


@warehouses.read("GET", "/warehouses/{id}", returns=Warehouse)
class GetWarehouse(WarehouseRef, extra="allow"):
    """One warehouse."""


@warehouses.write("POST", "/warehouses", returns=Warehouse)
class CreateWarehouse(Arguments, extra="allow"):
    """Add a warehouse."""

    name: Annotated[str, INFERRED]


@warehouses.write("PUT", "/warehouses/{id}", returns=Warehouse)
class UpdateWarehouse(WarehouseRef, extra="allow"):
    """Change a warehouse; only the fields given."""

    name: Annotated[str | None, INFERRED] = None
    status: Annotated[str | None, INFERRED] = None


@warehouses.destroy("DELETE", "/warehouses/{id}")
class DeleteWarehouse(WarehouseRef, extra="allow"):
    """Delete a warehouse; it stays on record as deleted."""


# Groups


@warehouses.read("GET", "/warehouse-groups", returns=Page[WarehouseGroup])
class ListWarehouseGroups(Paging):
    """Groups of warehouses that channels are served from."""

    filters: Filters | None = None


@warehouses.read("GET", "/warehouse-groups/{id}", returns=WarehouseGroup)
class GetWarehouseGroup(WarehouseGroupRef, extra="allow"):
    """One warehouse group."""


@warehouses.write("POST", "/warehouse-groups", returns=WarehouseGroup)
class CreateWarehouseGroup(Arguments, extra="allow"):
    """Add a warehouse group, with warehouses if wanted."""

    name: Annotated[str, INFERRED]
    description: Annotated[str | None, INFERRED] = None
    warehouse_ids: Annotated[list[Id] | None, INFERRED] = None


@warehouses.write("PUT", "/warehouse-groups/{id}", returns=WarehouseGroup)
class UpdateWarehouseGroup(WarehouseGroupRef, extra="allow"):
    """Change a warehouse group; only the fields given."""

    name: Annotated[str | None, INFERRED] = None
    description: Annotated[str | None, INFERRED] = None
    warehouse_ids: Annotated[list[Id] | None, INFERRED] = None


@warehouses.destroy("DELETE", "/warehouse-groups/{id}")
class DeleteWarehouseGroup(WarehouseGroupRef, extra="allow"):
    """Delete a warehouse group for good."""


# Locations


@warehouses.read("GET", "/locations", returns=Page[Location])
class ListLocations(Paging):
    """Shelves and bins inside warehouses; finds a location_id by name."""

    filters: Filters | None = None


@warehouses.read("GET", "/locations/{id}", returns=Location)
class GetLocation(Arguments, extra="allow"):
    """One location."""

    id: Id
