"""The operations of the API, one module per resource group. A new module is added to GROUPS."""

from server.sandbox.resources import (
    bill_allocations,
    bill_attachments,
    bill_imports,
    bill_lifecycle,
    bill_lines,
    bill_payments,
    bill_reports,
    bill_variances,
    bills,
    companies,
    contacts,
    invoices,
    suppliers,
)
from server.sandbox.wire import Routes

GROUPS: tuple[Routes, ...] = (
    bills.routes,
    bill_lifecycle.routes,
    bill_payments.routes,
    bill_allocations.routes,
    bill_lines.routes,
    bill_variances.routes,
    bill_attachments.routes,
    bill_imports.routes,
    bill_reports.routes,
    companies.routes,
    contacts.routes,
    invoices.routes,
    suppliers.routes,
)
