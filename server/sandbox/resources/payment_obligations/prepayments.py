"""Money paid to vendors ahead: recorded, applied to what they bill, and taken back from there."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from server.sandbox.filters import Listing, field, fields, page
from server.sandbox.money import ZERO
from server.sandbox.resources import applications
from server.sandbox.resources.applications import PREPAYMENT
from server.sandbox.resources.bills.bills import CURRENCIES
from server.sandbox.resources.bills.payments import PAYMENT_TYPES
from server.sandbox.resources.vendors import order_of, vendor_of
from server.sandbox.rows import Record, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Choice, Day, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.credits import prepayments
from server.sandbox.tables.parties import companies
from server.sandbox.wire import Answer, Call, Routes, created, data, invalid

routes = Routes()

ROWS: Select[Any] = select(prepayments, companies.c.name.label("vendor_name")).select_from(
    prepayments.join(companies, companies.c.id == prepayments.c.vendor_id)
)

PREPAYMENTS = Listing(
    ROWS,
    {
        **fields(prepayments.c, *prepayments.c.keys()),
        "vendor_name": field(companies.c.name),
        "vendor.id": field(prepayments.c.vendor_id),
        "vendor.name": field(companies.c.name),
    },
    prepayments.c.id,
)

NEW_PREPAYMENT = Shape(
    {
        "vendor_id": required(Whole(minimum=1)),
        "amount": required(Number(above=True)),
        "payment_date": optional(Day()),
        "payment_type": optional(Choice(PAYMENT_TYPES)),
        "purchase_order_id": optional(Whole(minimum=1)),
        "currency": optional(Choice(CURRENCIES)),
        "reference": optional(Text()),
        "notes": optional(Text(max_length=5000)),
    },
    computed=COMPUTED,
)


@routes.get("/prepayments")
def list_prepayments(call: Call) -> Answer:
    """All prepayments."""
    return page(call, PREPAYMENTS, present=_present)


@routes.post("/prepayments")
def create_prepayment(call: Call) -> Answer:
    """Record money that was paid ahead; in the currency of its order, else of the vendor, unless told."""
    sent = NEW_PREPAYMENT.check(call.json())
    vendor = vendor_of(call.connection, sent["vendor_id"])
    order = order_of(call.connection, sent.get("purchase_order_id"), vendor["id"])
    usual = order["currency"] if order else vendor["currency"]
    currency = sent.get("currency") or usual
    if order and currency != usual:
        raise invalid({"currency": f"The currency of the purchase order is {usual}."})
    completed = {
        "payment_date": sent.get("payment_date") or call.today,
        "payment_type": sent.get("payment_type") or "bank_transfer",
        "currency": currency,
        **applications.balance(sent["amount"], ZERO),
        "created_at": call.now,
        "updated_at": call.now,
    }
    prepayment_id = insert_row(call.connection, prepayments, {**sent, **completed})
    rows = records(call.connection, ROWS.where(prepayments.c.id == prepayment_id))
    return created(_present(call.connection, rows)[0])


@routes.post("/prepayments/{prepaymentId}/apply")
def apply_prepayment(call: Call) -> Answer:
    """Set a part of it off against a bill or an obligation of the same vendor and currency."""
    return created(applications.apply(call, PREPAYMENT, _load(call)))


@routes.post("/prepayments/{prepaymentId}/applications/{applicationId}/reverse")
def reverse_prepayment_application(call: Call) -> Answer:
    """Undo an application, which stays on record."""
    return data(applications.undo(call, PREPAYMENT, applications.load(call, PREPAYMENT, _load(call))))


def _load(call: Call) -> Record:
    wanted = prepayments.c.id == call.id("prepaymentId", "Prepayment")
    return get_row(call.connection, prepayments, "Prepayment", wanted)


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    applied = applications.by_source(connection, PREPAYMENT, [row["id"] for row in rows])
    return [{**row, "applications": applied.get(row["id"], [])} for row in rows]
