"""What was paid on purchase orders themselves: money of which the bills of these orders know nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row
from tools.workflows.findings import Amounts
from tools.workflows.parts.record_values import day, decimal, objects, total

_MOST_DATES = 4


def paid_on(order: Row) -> Decimal:
    """What was paid on an order: as it says, else the sum of the payments that it shows."""
    said = decimal(order.get("total_paid"))
    return total(objects(order.get("payments")), "paid_amount") if said is None else said


def is_paid_in_full(order: Row) -> bool:
    """Whether nothing of its cost is left to pay on it."""
    cost = decimal(order.get("total_cost"))
    return cost is not None and 0 < cost <= paid_on(order)


def paid_facts(orders: Sequence[Row]) -> dict[str, Any]:
    """How much was paid on the orders, and when; nothing where nothing was."""
    paid = Amounts()
    for order in orders:
        if amount := paid_on(order):
            paid.add(order.get("currency"), amount)
    if not paid:
        return {}
    known = {
        date for order in orders for each in objects(order.get("payments")) if (date := day(each.get("payment_date")))
    }
    dates = [str(date) for date in sorted(known)]
    more = [f"{len(dates) - _MOST_DATES} more"] if len(dates) > _MOST_DATES else []
    return {"paid_on_order": paid, "paid_on_order_dates": ", ".join([*dates[:_MOST_DATES], *more])}
