"""What is paid of a purchase or a return, and what that makes of its payment status.

A purchase is owed less by what its return is worth, and more again by what the supplier paid back for that.
"""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Connection, case, func, select, update

from server.sandbox.billdiary.numbering import RETURN
from server.sandbox.money import ZERO
from server.sandbox.rows import Record, get_row, records
from server.sandbox.tables.billdiary import contacts, payments, transactions

PAID, PARTIAL, DUE = "paid", "partial", "due"
OVERDUE = "overdue"
"""Only lists are asked for it: due or partial, and past the pay term."""

ADVANCE = "advance"

_signed = case((payments.c.is_return, -payments.c.amount), else_=payments.c.amount)


def paid_of(connection: Connection, ids: Sequence[int]) -> dict[int, Decimal]:
    """What is paid of each of the transactions, less what came back."""
    query = (
        select(payments.c.transaction_id, func.sum(_signed, type_=payments.c.amount.type))
        .where(payments.c.transaction_id.in_(ids))
        .group_by(payments.c.transaction_id)
    )
    found = {row[0]: row[1] for row in connection.execute(query)}
    return {transaction_id: found.get(transaction_id, ZERO) for transaction_id in ids}


def status_of(total: Decimal, paid: Decimal, credit: Decimal = ZERO) -> str:
    """The payment status of so much, of which so much is paid and so much was sent back."""
    if total <= paid + credit:
        return PAID
    return PARTIAL if paid > 0 else DUE


def settle(connection: Connection, transaction_id: int) -> str:
    """Bring the payment status up to date, and that of the purchase a return belongs to; the status."""
    row = get_row(connection, transactions, "Transaction", transactions.c.id == transaction_id)
    paid = paid_of(connection, [transaction_id])[transaction_id]
    status = status_of(row["final_total"], paid, _credit(connection, transaction_id))
    connection.execute(update(transactions).where(transactions.c.id == transaction_id).values(payment_status=status))
    if row["return_parent_id"]:
        settle(connection, row["return_parent_id"])
    return status


def return_of(connection: Connection, purchase_id: int) -> Record | None:
    """The purchase's return, if there is one."""
    wanted = (transactions.c.return_parent_id == purchase_id) & (transactions.c.type == RETURN)
    found = records(connection, select(transactions).where(wanted))
    return found[0] if found else None


def _credit(connection: Connection, purchase_id: int) -> Decimal:
    """What the purchase's return is worth and the supplier did not pay back."""
    sent_back = return_of(connection, purchase_id)
    if sent_back is None:
        return ZERO
    refunded = paid_of(connection, [sent_back["id"]])[sent_back["id"]]
    credit: Decimal = sent_back["final_total"] - refunded
    return max(ZERO, credit)


def balance(connection: Connection, contact_id: int | None) -> Decimal:
    """What is left of what was paid to the contact in advance."""
    if contact_id is None:
        return ZERO
    prepaid: Decimal = get_row(connection, contacts, "Contact", contacts.c.id == contact_id)["prepaid"]
    query = select(func.coalesce(func.sum(payments.c.amount), ZERO)).where(
        payments.c.contact_id == contact_id, payments.c.method == ADVANCE, payments.c.is_return.is_(False)
    )
    used: Decimal = connection.execute(query).scalar_one()
    return prepaid - used
