"""Purchase orders, their payments and shipments, and the receipt of their goods."""

from server.sandbox.resources.purchase_orders import (
    inbound,
    obligations,
    orders,
    payments,
    receipts,
    reports,
    shipments,
)

GROUPS = (
    orders.routes,
    payments.routes,
    obligations.routes,
    shipments.routes,
    inbound.routes,
    receipts.routes,
    reports.routes,
)
