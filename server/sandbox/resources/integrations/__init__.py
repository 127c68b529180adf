"""Integrations: accounts, field mappings and integration mappings."""

from server.sandbox.resources.integrations import accounts, field_mappings, mappings, orders

GROUPS = (
    accounts.routes,
    field_mappings.routes,
    orders.routes,
    mappings.routes,
)
