"""Stock as it is and was, its age and use, corrections of it, and transfers between warehouses."""

from server.sandbox.resources.inventory import adjustments, aging, consumption, snapshot, stocks, transfers

GROUPS = (
    stocks.routes,
    adjustments.routes,
    snapshot.routes,
    aging.routes,
    consumption.routes,
    transfers.routes,
)
