"""Reference numbers: those that are given out, and those of suppliers, which may be used once."""

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from server.sandbox.billdiary.wire import Visit
from server.sandbox.tables.billdiary import numbers, payments, transactions
from server.sandbox.wire import invalid

REQUISITION, ORDER, PURCHASE, RETURN = "purchase_requisition", "purchase_order", "purchase", "purchase_return"
PAYMENT = "payment"

PREFIXES = {REQUISITION: "PR", ORDER: "PO", PURCHASE: "PUR", RETURN: "RET", PAYMENT: "PAY"}


def spelled(kind: str, year: int, number: int) -> str:
    """A reference number as it is given out."""
    return f"{PREFIXES[kind]}{year}/{number:04d}"


def next_number(visit: Visit, kind: str) -> str:
    """A reference number that no document of that kind has in the business."""
    while True:
        number = spelled(kind, visit.now.year, _count(visit.connection, visit.user.business_id, kind))
        if not _is_used(visit, kind, number):
            return number


def is_available(visit: Visit, ref_no: str, contact_id: int, except_id: int | None = None) -> bool:
    """Whether the supplier has no other purchase of that number; upper and lower case are the same."""
    query = select(transactions.c.id).where(
        transactions.c.business_id == visit.user.business_id,
        transactions.c.type == PURCHASE,
        transactions.c.contact_id == contact_id,
        func.casefold(transactions.c.ref_no) == ref_no.casefold(),
        transactions.c.id != (except_id or 0),
    )
    return visit.connection.execute(query).first() is None


def check_available(visit: Visit, ref_no: str, contact_id: int, except_id: int | None = None) -> None:
    """Refuse a supplier's number that is used already. Raises 422."""
    if not is_available(visit, ref_no, contact_id, except_id):
        raise invalid({"ref_no": "The ref_no has already been taken for this supplier."})


def _count(connection: Connection, business_id: int, kind: str) -> int:
    statement = upsert(numbers).values(business_id=business_id, kind=kind, last=1)
    counted = statement.on_conflict_do_update(index_elements=["business_id", "kind"], set_={"last": numbers.c.last + 1})
    last: int = connection.execute(counted.returning(numbers.c.last)).scalar_one()
    return last


def _is_used(visit: Visit, kind: str, number: str) -> bool:
    if kind == PAYMENT:
        owner = payments.join(transactions, transactions.c.id == payments.c.transaction_id)
        query = select(payments.c.id).select_from(owner).where(payments.c.payment_ref_no == number)
    else:
        query = select(transactions.c.id).where(transactions.c.type == kind, transactions.c.ref_no == number)
    mine = query.where(transactions.c.business_id == visit.user.business_id)
    return visit.connection.execute(mine).first() is not None
