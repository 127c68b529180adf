"""What fulfillment orders go through, and the order systems they are pushed to."""

PENDING, PUSHED, PICKED = "pending", "pushed", "picked"
PARTIALLY_SHIPPED, SHIPPED, CANCELLED = "partially_shipped", "shipped", "cancelled"

PICKED_OR_SENT = (PICKED, PARTIALLY_SHIPPED, SHIPPED)
"""Statuses of orders whose goods have left their shelves."""

GIVES_BACK = {"ShipStation": True, "Extensiv 3PL": True, "Cartonhaus": False}
"""Whether an order can be taken out of an order system again, by the system's name."""
