"""Warehouses, the groups they form, and the locations inside them."""

from server.sandbox.resources.warehouses import groups, locations, warehouses

GROUPS = (warehouses.routes, groups.routes, locations.routes)
