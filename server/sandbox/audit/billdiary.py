"""BillDiary: totals, payment statuses, returns, reference numbers and stock."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from server.sandbox.audit.sums import rows, sums
from server.sandbox.billdiary.entry import head_of
from server.sandbox.billdiary.numbering import ORDER, PURCHASE, RETURN
from server.sandbox.billdiary.settlement import ADVANCE, status_of
from server.sandbox.billdiary.shapes import RECEIVED
from server.sandbox.billdiary.totals import final_total, lines_total
from server.sandbox.money import ZERO, cents
from server.sandbox.rows import records
from server.sandbox.tables.billdiary import contacts, lines, payments, sales, stocks, transactions, units

Lines = dict[int, list[Any]]


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the transactions."""
    of = _lines(connection)
    yield from _totals(connection, of)
    yield from _returns(connection, of)
    yield from _payment_statuses(connection)
    yield from _advances(connection)
    yield from _numbers(connection)
    yield from _stock(connection, of)


def _lines(connection: Connection) -> Lines:
    found: Lines = {}
    for line in rows(connection, lines):
        found.setdefault(line["transaction_id"], []).append(line)
    return found


def _totals(connection: Connection, of: Lines) -> Iterator[str]:
    for row in rows(connection, transactions):
        if row["type"] not in (ORDER, PURCHASE):
            continue
        name = f"BillDiary {row['type']} {row['id']}"
        if row["total_before_tax"] != lines_total(of.get(row["id"], [])):
            yield f"{name}: the total before tax is not the sum of its lines."
        if row["final_total"] != final_total(head_of(dict(row), {})):
            yield f"{name}: the final total is not the lines less discount plus tax and charges."


def _returns(connection: Connection, of: Lines) -> Iterator[str]:
    parents: dict[int, int] = {}
    for row in rows(connection, transactions):
        if row["type"] != RETURN:
            continue
        name = f"BillDiary return {row['id']}"
        owner = row["return_parent_id"] or row["id"]
        parents[owner] = parents.get(owner, 0) + 1
        returned = (cents(line["quantity_returned"] * line["purchase_price_inc_tax"]) for line in of.get(owner, []))
        if row["total_before_tax"] != sum(returned, ZERO):
            yield f"{name}: the total before tax is not what was sent back."
        if row["final_total"] != row["total_before_tax"] + row["tax_amount"]:
            yield f"{name}: the final total is not total plus tax."
    yield from (f"BillDiary purchase {owner} has {count} returns." for owner, count in parents.items() if count > 1)
    for owner, group in of.items():
        for line in group:
            if not 0 <= line["quantity_returned"] <= line["quantity"]:
                yield f"BillDiary line {line['id']}: more is sent back than was purchased."
            if line["quantity_returned"] and owner not in parents:
                yield f"BillDiary line {line['id']}: something is sent back without a return."


def _payment_statuses(connection: Connection) -> Iterator[str]:
    paid = sums(connection, payments.c.amount, payments.c.transaction_id, payments.c.is_return.is_(False))
    back = sums(connection, payments.c.amount, payments.c.transaction_id, payments.c.is_return.is_(True))
    query = select(transactions).where(transactions.c.return_parent_id.is_not(None))
    credit = {
        row["return_parent_id"]: max(ZERO, row["final_total"] - paid.get(row["id"], ZERO) + back.get(row["id"], ZERO))
        for row in records(connection, query)
    }
    for row in rows(connection, transactions):
        if row["type"] not in (PURCHASE, RETURN):
            continue
        net = paid.get(row["id"], ZERO) - back.get(row["id"], ZERO)
        status = status_of(row["final_total"], net, credit.get(row["id"], ZERO))
        if row["payment_status"] != status:
            yield f"BillDiary {row['type']} {row['id']}: payment status {row['payment_status']} where it is {status}."


def _advances(connection: Connection) -> Iterator[str]:
    used = sums(
        connection,
        payments.c.amount,
        payments.c.contact_id,
        payments.c.method == ADVANCE,
        payments.c.is_return.is_(False),
    )
    for contact in rows(connection, contacts):
        if used.get(contact["id"], ZERO) > contact["prepaid"]:
            yield f"BillDiary contact {contact['id']}: more is paid by advance than was advanced."


def _numbers(connection: Connection) -> Iterator[str]:
    folded = func.casefold(transactions.c.ref_no)
    query = (
        select(transactions.c.contact_id, folded)
        .where(transactions.c.type == PURCHASE)
        .group_by(transactions.c.contact_id, folded)
        .having(func.count() > 1)
    )
    for contact_id, ref_no in connection.execute(query):
        yield f"BillDiary contact {contact_id}: the number {ref_no} is used twice."


def _stock(connection: Connection, of: Lines) -> Iterator[str]:
    each = {unit["id"]: unit["multiplier"] for unit in rows(connection, units)}
    expected: dict[tuple[int, int], Decimal] = {}

    def move(location_id: int, variation_id: int, quantity: Decimal) -> None:
        place = (location_id, variation_id)
        expected[place] = expected.get(place, ZERO) + quantity

    for row in rows(connection, transactions):
        came = row["type"] == PURCHASE and row["status"] == RECEIVED
        for line in of.get(row["id"], []) if came or row["type"] == RETURN else []:
            quantity = line["quantity"] - line["quantity_returned"] if came else -line["quantity_returned"]
            move(row["location_id"], line["variation_id"], quantity * each.get(line["sub_unit_id"], 1))
    for sale in rows(connection, sales):
        move(sale["location_id"], sale["variation_id"], -sale["quantity"])
    there = {(row.location_id, row.variation_id): row.quantity for row in connection.execute(select(stocks))}
    for place in sorted(expected.keys() | there.keys()):
        if expected.get(place, ZERO) != there.get(place, ZERO):
            yield f"BillDiary variation {place[1]} at location {place[0]}: the stock is not what came less what went."
