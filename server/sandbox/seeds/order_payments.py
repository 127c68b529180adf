"""Settles what was paid on orders that are billed by now: what is due then is paid on the bill, not once more here."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from server.sandbox.money import ZERO
from server.sandbox.seeds.ledger import Ledger, Row
from server.sandbox.tables.payables import bills
from server.sandbox.tables.purchasing import purchase_order_payments, purchase_orders

OPEN = ("posted", "partially_paid", "hold")
BOOKED = (*OPEN, "paid")
"""Statuses of bills that are not a draft any more; these books hold posted bills only."""


def add(ledger: Ledger) -> None:
    """Take the payments off the orders of booked bills, but for a few that stay as the mistakes of real books.

    Payments are made with the orders, when nobody knows yet which of them will be billed.
    """
    paid = list(_paid_and_billed(ledger))
    mistakes = _mistakes(paid)
    orders = {row["order_id"]: row["total_cost"] for row in paid if row["order_id"] not in mistakes}
    of_order = purchase_order_payments.c.purchase_order_id == bindparam("order")
    ledger.execute(delete(purchase_order_payments).where(of_order), [{"order": each} for each in orders])
    unpaid: dict[str, Any] = {"down_payment": ZERO, "total_paid": ZERO, "total_due": bindparam("cost")}
    changed = update(purchase_orders).where(purchase_orders.c.id == bindparam("order")).values(unpaid)
    ledger.execute(changed, [{"order": each, "cost": cost} for each, cost in orders.items()])


def _paid_and_billed(ledger: Ledger) -> Iterator[Row]:
    """Orders that something is paid on, each with a booked bill, the oldest bill first."""
    order = purchase_orders.c
    query = (
        select(bills.c.status, order.id.label("order_id"), order.total_cost, order.total_paid)
        .join(purchase_orders, order.id == bills.c.purchase_order_id)
        .where(order.total_paid > 0, bills.c.status.in_(BOOKED))
        .order_by(bills.c.id)
    )
    yield from ledger.select(query)


def _mistakes(paid: list[Row]) -> set[int]:
    """The first order paid in full whose bill is open, the first such with a deposit, the first that is paid twice."""
    found: dict[tuple[bool, bool], int] = {}
    for row in paid:
        in_full = row["total_paid"] == row["total_cost"]
        found.setdefault((row["status"] in OPEN, in_full), row["order_id"])
    found.pop((False, False), None)
    return set(found.values())
