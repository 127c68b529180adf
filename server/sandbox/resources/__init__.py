"""The operations of the API, by toolset. A new module is added to GROUPS."""

from server.sandbox.resources import bills, companies, invoices, suppliers
from server.sandbox.wire import Routes

GROUPS: tuple[Routes, ...] = (
    *bills.GROUPS,
    *companies.GROUPS,
    *invoices.GROUPS,
    suppliers.routes,
)
