"""What settles a bill besides its payments, and what that settles of the obligations the bill carries."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from server.sandbox.money import ZERO
from server.sandbox.rows import Record, records
from server.sandbox.tables.credits import applications, payment_obligations
from server.sandbox.wire import conflict

APPLIED, REVERSED = "applied", "reversed"
OPEN, PARTIALLY_PAID, PAID, CANCELLED = "open", "partially_paid", "paid", "cancelled"
STATUSES = (OPEN, PARTIALLY_PAID, PAID, CANCELLED)
"""Of an obligation."""

COUNTS: ColumnElement[bool] = applications.c.status == APPLIED
"""Applications that were not reversed."""


def credited(connection: Connection, bill_id: int) -> Decimal:
    """What credits and prepayments settle of the bill."""
    query = select(func.coalesce(func.sum(applications.c.amount), ZERO)).where(
        applications.c.bill_id == bill_id, COUNTS
    )
    amount: Decimal = connection.execute(query).scalar_one()
    return amount


def applied_where(connection: Connection, *where: ColumnElement[bool]) -> list[Record]:
    """The applications that count and fit."""
    return records(connection, select(applications).where(COUNTS, *where).order_by(applications.c.id))


def of_bill(connection: Connection, bill_id: int) -> list[Record]:
    """What was applied to the bill, reversed applications included."""
    return records(
        connection, select(applications).where(applications.c.bill_id == bill_id).order_by(applications.c.id)
    )


def spell(applied: Sequence[Record]) -> str:
    """Applications as a sentence lists them, each with the credit or prepayment to find it by."""
    return ", ".join(f"application {row['id']} of {_source(row)} ({row['amount']})" for row in applied)


def _source(application: Record) -> str:
    if application["prepayment_id"] is not None:
        return f"prepayment {application['prepayment_id']}"
    return f"vendor credit {application['vendor_credit_id']}"


def refuse_applications(connection: Connection, bill_id: int, action: str) -> None:
    """409 when credits or prepayments are applied to the bill; the sentence says what to reverse."""
    applied = applied_where(connection, applications.c.bill_id == bill_id)
    if applied:
        raise conflict(f"Bill {bill_id} cannot be {action}: reverse what is applied to it first: {spell(applied)}.")


def follow_bill(connection: Connection, at: datetime, bill: Record) -> None:
    """Bring the bill's obligations up to date with what is settled of it.

    What was applied to an obligation is that one's; the rest goes to the obligations in the order they fall due.
    """
    _let_go(connection, at, bill)
    carried = _obligations(connection, payment_obligations.c.bill_id == bill["id"])
    own = _own(connection, [row["id"] for row in carried])
    rest = bill["total_paid"] + bill["total_credited"] - sum(own.values(), ZERO)
    for row in carried:
        taken = own.get(row["id"], ZERO)
        share = min(row["amount"] - taken, rest)
        rest -= share
        _settle(connection, at, row, taken + share)


def follow_applications(connection: Connection, at: datetime, obligation_id: int) -> None:
    """Bring an obligation that no bill carries up to date with what is applied to it."""
    own = _own(connection, [obligation_id]).get(obligation_id, ZERO)
    for row in _obligations(connection, payment_obligations.c.id == obligation_id):
        _settle(connection, at, row, own)


def _let_go(connection: Connection, at: datetime, bill: Record) -> None:
    """Untie obligations that the bill cannot carry any more: it is void, or went to another vendor or currency."""
    linked = payment_obligations.c.bill_id == bill["id"]
    if bill["status"] != "void":
        strange = payment_obligations.c.vendor_id != bill["vendor_id"]
        linked &= strange | (payment_obligations.c.currency != bill["currency"])
    for row in _obligations(connection, linked):
        freed = {"bill_id": None, "updated_at": at}
        connection.execute(update(payment_obligations).where(payment_obligations.c.id == row["id"]).values(freed))
        follow_applications(connection, at, row["id"])


def _obligations(connection: Connection, *where: ColumnElement[bool]) -> list[Record]:
    column = payment_obligations.c
    query = select(payment_obligations).where(column.status != CANCELLED, *where)
    return records(connection, query.order_by(column.due_date, column.id))


def _own(connection: Connection, ids: Sequence[int]) -> dict[int, Decimal]:
    column = applications.c.payment_obligation_id
    query = select(column, func.sum(applications.c.amount)).where(column.in_(ids), COUNTS).group_by(column)
    return {row[0]: row[1] for row in connection.execute(query)}


def _settle(connection: Connection, at: datetime, obligation: Record, paid: Decimal) -> None:
    values: dict[str, Any] = settled(obligation["amount"], paid)
    if any(obligation[name] != value for name, value in values.items()):
        changed = {**values, "updated_at": at}
        query = update(payment_obligations).where(payment_obligations.c.id == obligation["id"])
        connection.execute(query.values(changed))


def settled(amount: Decimal, paid: Decimal) -> dict[str, Any]:
    """The sums and the status of an obligation of which so much is paid."""
    status = OPEN if not paid else PAID if paid >= amount else PARTIALLY_PAID
    return {"status": status, "total_paid": paid, "total_due": amount - paid}
