"""Bills and everything that happens to one."""

from server.sandbox.resources.bills import (
    allocations,
    attachments,
    bills,
    imports,
    lifecycle,
    lines,
    payments,
    reports,
    variances,
)

GROUPS = (
    bills.routes,
    lifecycle.routes,
    payments.routes,
    allocations.routes,
    lines.routes,
    variances.routes,
    attachments.routes,
    imports.routes,
    reports.routes,
)
