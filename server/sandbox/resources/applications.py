"""Setting vendor credits and prepayments off against bills and payment obligations, and undoing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, func, select, update

from server.sandbox.money import ZERO
from server.sandbox.resources import settlement
from server.sandbox.resources.bills import record as bill_record
from server.sandbox.resources.bills.payments import PAYABLE
from server.sandbox.resources.settlement import APPLIED, CANCELLED, COUNTS, REVERSED
from server.sandbox.rows import Record, find_row, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Number, Shape, Whole, optional, required
from server.sandbox.tables.credits import applications, payment_obligations, prepayments, vendor_credits
from server.sandbox.tables.payables import bills
from server.sandbox.wire import Call, conflict, invalid

AVAILABLE, PARTIALLY_APPLIED, USED_UP = "open", "partially_applied", "applied"
"""The status of a credit or prepayment, by what is left of it; a credit may also be cancelled."""

APPLICATION = Shape(
    {
        "amount": required(Number(above=True)),
        "bill_id": optional(Whole(minimum=1)),
        "payment_obligation_id": optional(Whole(minimum=1)),
    },
    computed=COMPUTED,
)


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record that has an amount to apply."""

    name: str
    table: Table
    reference: Column[int]
    """Where an application names it."""


CREDIT = Source("Vendor credit", vendor_credits, applications.c.vendor_credit_id)
PREPAYMENT = Source("Prepayment", prepayments, applications.c.prepayment_id)


def apply(call: Call, source: Source, held: Record) -> Record:
    """Apply a part of what is held to the bill or the obligation that the body names; the new application."""
    sent = APPLICATION.check(call.json())
    amount = sent["amount"]
    obligation = _obligation(call.connection, held, sent)
    bill = _bill(call.connection, held, sent, obligation)
    if held["status"] == CANCELLED:
        raise conflict(f"{source.name} {held['id']} is cancelled.")
    _within(amount, held["remaining_amount"], f"{source.name.lower()} still has")
    if obligation:
        if obligation["status"] == CANCELLED:
            raise conflict(f"Payment obligation {obligation['id']} is cancelled.")
        _within(amount, obligation["total_due"], "payment obligation still asks for")
    if bill:
        bill_record.require(bill, PAYABLE, "settled")
        _within(amount, bill["total_due"], "bill still asks for")
    row = {
        source.reference.name: held["id"],
        "bill_id": bill["id"] if bill else None,
        "payment_obligation_id": obligation["id"] if obligation else None,
        "amount": amount,
        "status": APPLIED,
        "applied_at": call.now,
    }
    application_id = insert_row(call.connection, applications, row)
    _settle(call, source, {**row, "id": application_id})
    return shown(call.connection, source, applications.c.id == application_id)[0]


def load(call: Call, source: Source, held: Record) -> Record:
    """The application named in the path. Raises 404."""
    wanted = applications.c.id == call.id("applicationId", "Application")
    return get_row(call.connection, applications, "Application", wanted, source.reference == held["id"])


def undo(call: Call, source: Source, application: Record) -> Record:
    """Reverse the application: it stays on record and no longer counts."""
    if application["status"] == REVERSED:
        raise conflict(f"Application {application['id']} is reversed already.")
    values = {"status": REVERSED, "reversed_at": call.now}
    call.connection.execute(update(applications).where(applications.c.id == application["id"]).values(values))
    _settle(call, source, application)
    return shown(call.connection, source, applications.c.id == application["id"])[0]


def erase(call: Call, source: Source, application: Record) -> None:
    """Remove the application from the record."""
    call.connection.execute(delete(applications).where(applications.c.id == application["id"]))
    _settle(call, source, application)


def shown(connection: Connection, source: Source, *where: Any) -> list[Record]:
    """The source's applications as they are shown."""
    own = [column for column in applications.c if column.name not in _REFERENCES or column is source.reference]
    query = select(*own).where(source.reference.is_not(None), *where).order_by(applications.c.id)
    return records(connection, query)


_REFERENCES = (CREDIT.reference.name, PREPAYMENT.reference.name)


def by_source(connection: Connection, source: Source, ids: Sequence[int]) -> dict[int, list[Record]]:
    """The applications of several credits or prepayments, by the id of these."""
    found: dict[int, list[Record]] = {}
    for row in shown(connection, source, source.reference.in_(ids)):
        found.setdefault(row[source.reference.name], []).append(row)
    return found


def _obligation(connection: Connection, held: Record, sent: dict[str, Any]) -> Record | None:
    bill_id, obligation_id = sent.get("bill_id"), sent.get("payment_obligation_id")
    if bill_id is None and obligation_id is None:
        raise invalid({"bill_id": "Either the bill_id or the payment_obligation_id is required."})
    if bill_id is not None and obligation_id is not None:
        raise invalid({"payment_obligation_id": "Send either the bill_id or the payment_obligation_id."})
    if obligation_id is None:
        return None
    obligation = find_row(connection, payment_obligations, payment_obligations.c.id == obligation_id)
    return fitting(obligation, held, "payment_obligation_id", "payment obligation")


def _bill(connection: Connection, held: Record, sent: dict[str, Any], obligation: Record | None) -> Record | None:
    """The bill that is named, or that carries the obligation."""
    if obligation is None:
        return fitting(find_row(connection, bills, bills.c.id == sent["bill_id"]), held, "bill_id", "bill")
    return bill_record.load_id(connection, obligation["bill_id"]) if obligation["bill_id"] else None


def fitting(target: Record | None, held: Record, field: str, what: str) -> Record:
    """The target. Raises 422 when there is none, or when it is of another vendor or currency."""
    if target is None:
        raise invalid({field: f"The {field} is no known {what}."})
    if target["vendor_id"] != held["vendor_id"]:
        raise invalid({field: f"The {field} is a {what} of another vendor."})
    if target["currency"] != held["currency"]:
        raise invalid({field: f"The {field} is a {what} in {target['currency']}, not in {held['currency']}."})
    return target


def _within(amount: Decimal, limit: Decimal, what: str) -> None:
    if amount > limit:
        raise invalid({"amount": f"The amount may not be greater than the {limit:.2f} that the {what}."})


def _settle(call: Call, source: Source, application: Record) -> None:
    """Bring both ends of a changed application up to date."""
    _settle_source(call, source, application[source.reference.name])
    if application["bill_id"] is not None:
        bill_record.settle(call, application["bill_id"])
    elif application["payment_obligation_id"] is not None:
        settlement.follow_applications(call.connection, call.now, application["payment_obligation_id"])


def _settle_source(call: Call, source: Source, source_id: int) -> None:
    counted = select(func.coalesce(func.sum(applications.c.amount), ZERO)).where(source.reference == source_id, COUNTS)
    applied: Decimal = call.connection.execute(counted).scalar_one()
    amount: Decimal = get_row(call.connection, source.table, source.name, source.table.c.id == source_id)["amount"]
    values = {**balance(amount, applied), "updated_at": call.now}
    # A cancelled credit has nothing applied; removing a reversed application does not bring it back.
    live = (source.table.c.id == source_id) & (source.table.c.status != CANCELLED)
    call.connection.execute(update(source.table).where(live).values(values))


def balance(amount: Decimal, applied: Decimal) -> dict[str, Any]:
    """The sums and the status of a credit or prepayment of which so much is applied."""
    status = AVAILABLE if not applied else PARTIALLY_APPLIED if applied < amount else USED_UP
    return {"status": status, "applied_amount": applied, "remaining_amount": amount - applied}
