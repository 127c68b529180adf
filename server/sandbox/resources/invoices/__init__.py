"""Customer invoices."""

from server.sandbox.resources.invoices import invoices

GROUPS = (invoices.routes,)
