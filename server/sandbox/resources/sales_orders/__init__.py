"""Sales orders, their shipments and packages, and customer returns."""

from server.sandbox.resources.sales_orders import exports, orders, packages, returns, shipments, source

GROUPS = (
    orders.routes,
    exports.routes,
    shipments.routes,
    packages.routes,
    source.routes,
    returns.routes,
)
