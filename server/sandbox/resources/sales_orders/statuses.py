"""How far a sales order is, and what its shipments allow it to be called."""

from collections.abc import Iterable

from server.sandbox.rows import Record
from server.sandbox.wire import conflict

PARTIALLY_SHIPPED, SHIPPED, CANCELLED, ON_HOLD = "partially_shipped", "shipped", "cancelled", "on_hold"

STATUSES = (
    "pending", SHIPPED, "fulfilled", CANCELLED, "awaiting_shipment", PARTIALLY_SHIPPED, ON_HOLD, "backorder",
    "partially_refunded", "committed", "processing", "completed",
)  # fmt: skip

WHOLLY_SENT = (SHIPPED, "fulfilled", "completed", "partially_refunded")
"""What an order may be called when all of it was sent."""

PARTLY_SENT = (PARTIALLY_SHIPPED, ON_HOLD, "backorder", "partially_refunded")
"""What an order may be called when some of it was sent."""

CLOSED = (CANCELLED, ON_HOLD)
"""Orders that nothing is shipped for."""


def allowed(lines: Iterable[Record]) -> tuple[str, ...]:
    """What an order with these lines may be called."""
    sent = [(line["quantity_shipped"], line["quantity"]) for line in lines]
    if not any(shipped for shipped, _ in sent):
        return STATUSES
    return WHOLLY_SENT if all(shipped == ordered for shipped, ordered in sent) else PARTLY_SENT


def after_shipping(lines: Iterable[Record]) -> str:
    """What an order is called once something was shipped."""
    return SHIPPED if allowed(lines) is WHOLLY_SENT else PARTIALLY_SHIPPED


def check(order_id: int, status: str, lines: Iterable[Record]) -> None:
    """Raises 409 for a status that the order's shipments contradict."""
    fitting = allowed(lines)
    if status not in fitting:
        raise conflict(f"Sales order {order_id} cannot be {status}: by its shipments it is {' or '.join(fitting)}.")
