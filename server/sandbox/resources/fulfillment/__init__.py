"""Fulfillment orders, and labels for what they send."""

from server.sandbox.resources.fulfillment import labels, orders

GROUPS = (
    orders.routes,
    labels.routes,
)
