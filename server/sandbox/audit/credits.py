"""Credits, prepayments, obligations and returns to vendors, and that the statements agree with the open bills."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, func, select

from server.sandbox.audit.sums import Sums, rows, sums
from server.sandbox.money import ZERO, cents
from server.sandbox.resources.applications import CREDIT, PREPAYMENT, Source, balance
from server.sandbox.resources.settlement import CANCELLED, COUNTS, settled
from server.sandbox.resources.vendor_credits.returns import CREDITED, PROCESSED
from server.sandbox.resources.vendor_credits.statements import AHEAD, entries, open_queries
from server.sandbox.stock import VENDOR_RETURN
from server.sandbox.tables.credits import (
    applications,
    payment_obligations,
    vendor_credits,
    vendor_return_items,
    vendor_returns,
)
from server.sandbox.tables.payables import bills
from server.sandbox.tables.purchasing import purchase_order_items
from server.sandbox.tables.stock import stock_movements


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with them."""
    yield from _balances(connection, CREDIT)
    yield from _balances(connection, PREPAYMENT)
    yield from _targets(connection)
    yield from _obligations(connection)
    yield from _returns(connection)
    yield from _statements(connection)


def _balances(connection: Connection, source: Source) -> Iterator[str]:
    applied = sums(connection, applications.c.amount, source.reference, COUNTS)
    for row in rows(connection, source.table):
        name, used = f"{source.name} {row['id']}", applied.get(row["id"], ZERO)
        expected = balance(row["amount"], used)
        if row["status"] == CANCELLED:
            expected |= {"status": CANCELLED, "remaining_amount": ZERO}
        if used > (ZERO if row["status"] == CANCELLED else row["amount"]):
            yield f"{name}: more is applied than there is."
        for field, value in expected.items():
            if row[field] != value:
                yield f"{name}: {field} is {row[field]} where it is {value}."


def _targets(connection: Connection) -> Iterator[str]:
    """Applications and links stay with one vendor and one currency."""
    for source in (CREDIT, PREPAYMENT):
        for target, column in (
            (bills, applications.c.bill_id),
            (payment_obligations, applications.c.payment_obligation_id),
        ):
            joined = applications.join(source.table, source.table.c.id == source.reference).join(
                target, target.c.id == column
            )
            query = select(applications.c.id).select_from(joined).where(_strange(source.table, target), COUNTS)
            for application_id in connection.execute(query).scalars():
                yield f"Application {application_id}: its {target.name} are of another vendor or currency."
    linked = payment_obligations.join(bills, bills.c.id == payment_obligations.c.bill_id)
    wrong = _strange(payment_obligations, bills) | (bills.c.status == "void")
    for obligation_id in connection.execute(
        select(payment_obligations.c.id).select_from(linked).where(wrong)
    ).scalars():
        yield f"Payment obligation {obligation_id}: its bill is void or of another vendor or currency."
    of_obligation = applications.join(
        payment_obligations, payment_obligations.c.id == applications.c.payment_obligation_id
    )
    astray = applications.c.bill_id.is_distinct_from(payment_obligations.c.bill_id) & COUNTS
    for application_id in connection.execute(
        select(applications.c.id).select_from(of_obligation).where(astray)
    ).scalars():
        yield f"Application {application_id}: it is not carried by the bill of its obligation."


def _strange(one: Table, other: Table) -> Any:
    return (one.c.vendor_id != other.c.vendor_id) | (one.c.currency != other.c.currency)


def _obligations(connection: Connection) -> Iterator[str]:
    own = sums(connection, applications.c.amount, applications.c.payment_obligation_id, COUNTS)
    rest = _settled_of_bills(connection)
    query = select(payment_obligations.c.bill_id, payment_obligations.c.id).where(
        payment_obligations.c.bill_id.is_not(None)
    )
    for bill_id, obligation_id in connection.execute(query):
        rest[bill_id] -= own.get(obligation_id, ZERO)
    in_order = select(payment_obligations).order_by(payment_obligations.c.due_date, payment_obligations.c.id)
    for row in connection.execute(in_order.execution_options(yield_per=1000)).mappings():
        paid = own.get(row["id"], ZERO)
        if row["bill_id"] is not None:
            share = min(row["amount"] - paid, rest[row["bill_id"]])
            rest[row["bill_id"]] -= share
            paid += share
        expected = settled(row["amount"], paid)
        if row["status"] == CANCELLED:
            expected = {"status": CANCELLED, "total_paid": ZERO, "total_due": ZERO}
        for field, value in expected.items():
            if row[field] != value:
                yield f"Payment obligation {row['id']}: {field} is {row[field]} where it is {value}."


def _settled_of_bills(connection: Connection) -> Sums:
    """What is paid and credited of each bill that carries an obligation."""
    query = select(bills.c.id, bills.c.total_paid, bills.c.total_credited).where(
        bills.c.id.in_(select(payment_obligations.c.bill_id))
    )
    return {row[0]: row[1] + row[2] for row in connection.execute(query)}


def _returns(connection: Connection) -> Iterator[str]:
    item = vendor_return_items.c
    lines = sums(connection, item.line_total, item.vendor_return_id)
    goods = sums(connection, item.quantity, item.vendor_return_id)
    left = sums(
        connection,
        stock_movements.c.quantity,
        stock_movements.c.owner_id,
        stock_movements.c.kind == VENDOR_RETURN,
        stock_movements.c.owner == vendor_returns.name,
    )
    live = vendor_credits.c.status != CANCELLED
    claimed = sums(connection, vendor_credits.c.amount, vendor_credits.c.vendor_return_id, live)
    yield from _returnable(connection)
    for line in rows(connection, vendor_return_items):
        if line["line_total"] != cents(line["quantity"] * line["unit_cost"]):
            yield f"Vendor return line {line['id']}: the line total is not quantity times unit cost."
    for row in rows(connection, vendor_returns):
        name = f"Vendor return {row['id']}"
        if row["total"] != lines.get(row["id"], ZERO):
            yield f"{name}: the total is not the sum of its lines."
        gone = goods.get(row["id"], Decimal(0)) if row["status"] in (PROCESSED, CREDITED) else Decimal(0)
        if -left.get(row["id"], Decimal(0)) != gone:
            yield f"{name}: what left the stock does not go with status {row['status']}."
        if claimed.get(row["id"], ZERO) != (row["total"] if row["status"] == CREDITED else ZERO):
            yield f"{name}: its credit does not go with status {row['status']}."


def _returnable(connection: Connection) -> Iterator[str]:
    """No more goes back than came."""
    item, ordered = vendor_return_items.c, purchase_order_items.c
    query = (
        select(ordered.id)
        .join(vendor_return_items, item.purchase_order_item_id == ordered.id)
        .join(vendor_returns, vendor_returns.c.id == item.vendor_return_id)
        .where(vendor_returns.c.status != CANCELLED)
        .group_by(ordered.id, ordered.received_quantity)
        .having(func.sum(item.quantity) > ordered.received_quantity)
    )
    for line_id in connection.execute(query).scalars():
        yield f"Purchase order line {line_id}: more is returned than was received."


def _statements(connection: Connection) -> Iterator[str]:
    """What the statements close with is what is open."""
    entry = entries().subquery().c
    query = select(entry.vendor_id, entry.currency, func.sum(entry.amount)).group_by(entry.vendor_id, entry.currency)
    closing = {(row[0], row[1]): row[2] for row in connection.execute(query)}
    open_now: dict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    for name, asked in open_queries().items():
        vendor, currency = list(asked.selected_columns)[:2]
        for row in connection.execute(asked.group_by(vendor, currency)):
            open_now[row[0], row[1]] += -row[2] if name in AHEAD else row[2]
    for key in sorted(closing.keys() | open_now.keys()):
        if closing.get(key, ZERO) != open_now.get(key, ZERO):
            yield f"Vendor {key[0]}: the statement in {key[1]} does not close with what is open."
