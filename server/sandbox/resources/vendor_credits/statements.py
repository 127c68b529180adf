"""Vendor statements: what a vendor billed, what was paid and credited, and what that leaves, by currency."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, Table, func, literal, null, select, union_all

from server.sandbox.exports import download
from server.sandbox.money import ZERO
from server.sandbox.resources.bills.reports import OPEN, OWED
from server.sandbox.resources.settlement import CANCELLED, COUNTS
from server.sandbox.resources.vendor_credits import pdf
from server.sandbox.rows import Record, get_row, records
from server.sandbox.shapes import Choice, Day, Shape, optional
from server.sandbox.tables.credits import applications, payment_obligations, prepayments, vendor_credits
from server.sandbox.tables.parties import companies
from server.sandbox.tables.payables import bill_payments, bills
from server.sandbox.wire import Answer, Call, Routes, data, invalid

routes = Routes()

USUAL_DAYS = 90
"""How far a statement goes back unless told."""

BOOKED = (*OWED, "paid")
_booked = bills.c.status.in_(BOOKED) | bills.c.status_before_hold.in_(BOOKED)

ARGUMENTS = Shape(
    {"start_date": optional(Day()), "end_date": optional(Day()), "format": optional(Choice(("json", "pdf")))}
)

TYPES = ("bill", "payment", "credit", "prepayment")
"""Kinds of entries, in their order within a day."""


@routes.get("/vendor-credits/vendor/{vendorId}/statement")
@routes.get("/vendors/{vendorId}/statement")
def get_vendor_statement(call: Call) -> Answer:
    """The account with one vendor from `start_date` to `end_date`, or the last ninety days and all that came later."""
    vendor = get_row(call.connection, companies, "Vendor", companies.c.id == call.id("vendorId", "Vendor"))
    asked = ARGUMENTS.check({name: call.argument(name) for name in ARGUMENTS.keys})
    start, end = _period(call, asked)
    statement = {
        "vendor_id": vendor["id"],
        "vendor_name": vendor["name"],
        "start_date": start,
        "end_date": end,
        "statement_date": call.today,
        "currencies": _accounts(call.connection, vendor, start, asked["end_date"]),
    }
    if asked["format"] == "pdf":
        return download(f"statement-{vendor['id']}.pdf", pdf.MEDIA_TYPE, pdf.of_lines(_lines(statement)))
    return data(statement)


def _period(call: Call, asked: Mapping[str, Any]) -> tuple[date, date | None]:
    end: date | None = asked["end_date"]
    start: date = asked["start_date"] or (end or call.today) - timedelta(days=USUAL_DAYS)
    if end and end < start:
        raise invalid({"end_date": "The end_date may not be before the start_date."})
    return start, end


def _accounts(connection: Connection, vendor: Record, start: date, end: date | None) -> list[dict[str, Any]]:
    """One account for each currency the vendor ever was dealt with in."""
    entry = entries(vendor["id"]).subquery().c
    before = select(entry.currency, func.sum(entry.amount)).where(entry.date < start).group_by(entry.currency)
    opening = {row[0]: row[1] for row in connection.execute(before)}
    within = select(*entry).where(entry.date >= start, *([entry.date <= end] if end else []))
    by_currency: dict[str, list[Record]] = {}
    for row in records(connection, within.order_by(entry.date, entry.rank, entry.id)):
        by_currency.setdefault(row["currency"], []).append(row)
    open_now = open_balances(connection, vendor["id"])
    currencies = opening.keys() | by_currency.keys() | open_now.keys() or {vendor["currency"]}
    return [
        _account(name, opening.get(name, ZERO), by_currency.get(name, []), open_now.get(name, _nothing_open()))
        for name in sorted(currencies)
    ]


def _account(currency: str, opening: Decimal, rows: list[Record], open_now: dict[str, Decimal]) -> dict[str, Any]:
    balance = opening
    shown = []
    totals = dict.fromkeys(TYPES, ZERO)
    for row in rows:
        balance += row["amount"]
        kind = TYPES[row["rank"]]
        totals[kind] += abs(row["amount"])
        kept = {name: row[name] for name in ("date", "id", "bill_id", "reference", "amount")}
        shown.append({"type": kind, **kept, "balance": balance})
    return {
        "currency": currency,
        "opening_balance": opening,
        "entries": shown,
        "totals": totals,
        "closing_balance": balance,
        "open_now": open_now,
    }


def entries(vendor_id: int | None = None) -> CompoundSelect[Any]:
    """Everything that changes what is owed to the vendor, or to any: bills add to it, the rest lessens it."""
    payment, credit, prepayment = bill_payments.c, vendor_credits.c, prepayments.c
    of_bill = bill_payments.join(bills, bills.c.id == payment.bill_id)
    parts = (
        _entry(bills, bills.c, bills.c.bill_date, bills.c.bill_number, bills.c.total).where(_booked),
        _entry(bills, payment, payment.payment_date, payment.reference, -payment.amount)
        .select_from(of_bill)
        .where(payment.status == "posted"),
        _entry(vendor_credits, credit, credit.credit_date, credit.reference, -credit.amount).where(
            credit.status != CANCELLED
        ),
        _entry(prepayments, prepayment, prepayment.payment_date, prepayment.reference, -prepayment.amount),
    )
    owners = (bills, bills, vendor_credits, prepayments)
    ranked = [part.add_columns(literal(rank).label("rank")) for rank, part in enumerate(parts)]
    if vendor_id is None:
        return union_all(*ranked)
    own = [part.where(owner.c.vendor_id == vendor_id) for part, owner in zip(ranked, owners, strict=True)]
    return union_all(*own)


def _entry(
    owner: Table, own: Any, day: ColumnElement[Any], reference: ColumnElement[Any], amount: ColumnElement[Any]
) -> Select[Any]:
    """Rows of one type; `owner` has the vendor and the currency, `own` are the entry's columns."""
    return select(
        own.id,
        (bills.c.id if owner is bills else null()).label("bill_id"),
        owner.c.vendor_id,
        owner.c.currency,
        day.label("date"),
        reference.label("reference"),
        amount.label("amount"),
    )


def open_balances(connection: Connection, vendor_id: int) -> dict[str, dict[str, Decimal]]:
    """What is open with the vendor now, by currency; `balance` is what a statement up to now closes with."""
    found: dict[str, dict[str, Decimal]] = {}
    for name, query in open_queries().items():
        vendor, currency = list(query.selected_columns)[:2]
        for row in connection.execute(query.where(vendor == vendor_id).group_by(vendor, currency)):
            found.setdefault(row[1], _nothing_open())[name] = row[2]
    for sums in found.values():
        sums["balance"] = sums["bills_due"] - sum(sums[name] for name in AHEAD)
    return found


AHEAD = ("unapplied_credits", "unapplied_prepayments", "applied_to_obligations")
"""What the vendor has of us already, or owes us, and no bill was lessened by yet."""


def _nothing_open() -> dict[str, Decimal]:
    return dict.fromkeys(("bills_due", *AHEAD, "balance"), ZERO)


def open_queries() -> dict[str, Select[Any]]:
    """What each of the open amounts is the sum of: vendor, currency, sum, to be grouped by the first two."""
    unbilled = select(
        payment_obligations.c.vendor_id, payment_obligations.c.currency, func.sum(applications.c.amount)
    ).join(applications, applications.c.payment_obligation_id == payment_obligations.c.id)
    return {
        "bills_due": _sum(bills, bills.c.total_due).where(OPEN),
        "unapplied_credits": _sum(vendor_credits, vendor_credits.c.remaining_amount),
        "unapplied_prepayments": _sum(prepayments, prepayments.c.remaining_amount),
        "applied_to_obligations": unbilled.where(COUNTS, applications.c.bill_id.is_(None)),
    }


def _sum(owner: Any, amount: ColumnElement[Any]) -> Select[Any]:
    return select(owner.c.vendor_id, owner.c.currency, func.sum(amount))


def _lines(statement: Mapping[str, Any]) -> list[str]:
    """The statement as it is printed."""
    until = statement["end_date"] or statement["statement_date"]
    lines = [f"Statement of {statement['vendor_name']}", f"{statement['start_date']} to {until}"]
    for account in statement["currencies"]:
        lines += ["", account["currency"], _line("", "Opening balance", "", account["opening_balance"])]
        for entry in account["entries"]:
            what = f"{entry['type']} {entry['reference'] or entry['id']}"
            lines.append(_line(entry["date"], what, entry["amount"], entry["balance"]))
        lines.append(_line("", "Closing balance", "", account["closing_balance"]))
    return lines


def _line(day: Any, what: str, amount: Any, balance: Any) -> str:
    return f"{day!s:<12}{what[:34]:<36}{amount!s:>18}{balance!s:>20}"
