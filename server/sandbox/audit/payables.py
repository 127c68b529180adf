"""Bills, what was paid on them and what is allocated of them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from server.sandbox.audit.sums import rows, sums
from server.sandbox.money import ZERO, cents
from server.sandbox.resources.bills.reports import OPEN, OWED
from server.sandbox.resources.settlement import COUNTS
from server.sandbox.tables.credits import applications
from server.sandbox.tables.payables import bill_allocations, bill_items, bill_payments, bills


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the bills."""
    yield from _bill_lines(connection)
    yield from _bills(connection)
    yield from _allocations(connection)
    yield from _open_bills(connection)


def _bill_lines(connection: Connection) -> Iterator[str]:
    for line in rows(connection, bill_items):
        if line["line_total"] != cents(line["quantity"] * line["unit_cost"]):
            yield f"Bill line {line['id']}: the line total is not quantity times unit cost."


def _bills(connection: Connection) -> Iterator[str]:
    lines = sums(connection, bill_items.c.line_total, bill_items.c.bill_id)
    paid = sums(connection, bill_payments.c.amount, bill_payments.c.bill_id, bill_payments.c.status != "void")
    credited = sums(connection, applications.c.amount, applications.c.bill_id, COUNTS)
    for bill in rows(connection, bills):
        name = f"Bill {bill['id']}"
        if bill["subtotal"] != lines.get(bill["id"], ZERO):
            yield f"{name}: the subtotal is not the sum of its lines."
        if bill["total"] != bill["subtotal"] + bill["tax_amount"]:
            yield f"{name}: the total is not subtotal plus tax."
        if bill["total_paid"] != paid.get(bill["id"], ZERO):
            yield f"{name}: what is paid is not the sum of its payments."
        if bill["total_credited"] != credited.get(bill["id"], ZERO):
            yield f"{name}: what is credited is not the sum of what is applied to it."
        due = ZERO if bill["status"] == "void" else bill["total"] - bill["total_paid"] - bill["total_credited"]
        if bill["total_due"] != due or due < 0:
            yield f"{name}: what is due is not the total less what is paid and credited."
        yield from (f"{name}: {said}" for said in _status_faults(bill))


def _status_faults(bill: Any) -> Iterator[str]:
    status = bill["status_before_hold"] if bill["status"] == "hold" else bill["status"]
    settled = bill["total_paid"] + bill["total_credited"]
    paid = "unpaid" if not settled else "partial" if bill["total_due"] else "paid"
    allowed = {"unpaid": ("draft", "posted", "void"), "partial": ("partially_paid",), "paid": ("paid",)}[paid]
    if bill["payment_status"] != paid:
        yield f"payment status {bill['payment_status']} where it is {paid}."
    if status not in allowed:
        yield f"status {status} does not go with payment status {paid}."
    if (bill["status"] == "hold") != (bill["status_before_hold"] is not None):
        yield "the status before the hold does not go with the status."
    if status in ("posted", "partially_paid", "paid") and bill["posted_at"] is None:
        yield f"status {status} without a time of posting."


def _allocations(connection: Connection) -> Iterator[str]:
    allocated = sums(connection, bill_allocations.c.amount, bill_allocations.c.bill_item_id)
    for line in rows(connection, bill_items):
        if allocated.get(line["id"], ZERO) > line["line_total"]:
            yield f"Bill line {line['id']}: more is allocated than the line total."
    query = select(bill_allocations.c.id).join(bill_items, bill_items.c.id == bill_allocations.c.bill_item_id)
    for allocation_id in connection.execute(query.where(bill_items.c.bill_id != bill_allocations.c.bill_id)).scalars():
        yield f"Allocation {allocation_id}: its line is on another bill."


def _open_bills(connection: Connection) -> Iterator[str]:
    aged = connection.execute(select(func.coalesce(func.sum(bills.c.total_due), ZERO)).where(OPEN)).scalar_one()
    owed = ZERO
    for bill in rows(connection, bills):
        status = bill["status_before_hold"] or bill["status"]
        owed += bill["total_due"] if status in OWED else ZERO
    if aged != owed:
        yield f"The ageing adds up to {aged}, the open bills to {owed}."
