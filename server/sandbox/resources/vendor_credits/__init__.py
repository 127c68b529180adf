"""Vendor credits, what they are applied to, returns to vendors, and the statements of vendors."""

from server.sandbox.resources.vendor_credits import returns, statements, vendor_credits

GROUPS = (vendor_credits.routes, returns.routes, statements.routes)
