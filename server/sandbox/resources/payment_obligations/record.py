"""A payment obligation as it is stored and shown."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, select, update

from server.sandbox.filters import Listing, field, fields
from server.sandbox.money import ZERO
from server.sandbox.resources import settlement
from server.sandbox.rows import Record, get_row, insert_row, records
from server.sandbox.tables.credits import applications, payment_obligations
from server.sandbox.tables.parties import companies
from server.sandbox.tables.payables import bills
from server.sandbox.wire import Answer, Call, data

ROWS: Select[Any] = select(payment_obligations, companies.c.name.label("vendor_name")).select_from(
    payment_obligations.join(companies, companies.c.id == payment_obligations.c.vendor_id)
)

OBLIGATIONS = Listing(
    ROWS,
    {
        **fields(payment_obligations.c, *payment_obligations.c.keys()),
        "vendor_name": field(companies.c.name),
        "vendor.id": field(payment_obligations.c.vendor_id),
        "vendor.name": field(companies.c.name),
    },
    payment_obligations.c.id,
)


def load(call: Call) -> Record:
    """The obligation named in the path, as stored. Raises 404."""
    wanted = payment_obligations.c.id == call.id("paymentObligationId", "Payment obligation")
    return get_row(call.connection, payment_obligations, "Payment obligation", wanted)


def enter(call: Call, obligation: Mapping[str, Any]) -> int:
    """Store a new obligation, of which nothing is paid; its id.

    It names `vendor_id`, `currency`, `amount`, `due_date` and `kind`, and may name `purchase_order_id` and `notes`.
    """
    begun = {**settlement.settled(obligation["amount"], ZERO), "created_at": call.now, "updated_at": call.now}
    return insert_row(call.connection, payment_obligations, {**obligation, **begun})


def change(call: Call, obligation_id: int, **values: Any) -> None:
    """Store new values of the obligation's own columns."""
    changed = {**values, "updated_at": call.now}
    query = update(payment_obligations).where(payment_obligations.c.id == obligation_id)
    call.connection.execute(query.values(changed))


def asked(connection: Connection, order_id: int) -> Decimal:
    """What the obligations of an order that are not cancelled come to."""
    column = payment_obligations.c
    wanted = (column.purchase_order_id == order_id) & (column.status != settlement.CANCELLED)
    return sum(connection.execute(select(column.amount).where(wanted)).scalars(), ZERO)


def show(call: Call, obligation_id: int, status: int = 200) -> Answer:
    """The obligation with its bill and what is applied to it."""
    rows = records(call.connection, ROWS.where(payment_obligations.c.id == obligation_id))
    return data(present(call.connection, rows)[0], status)


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Obligations as they are shown; `bills` has the bill that `bill_id` names."""
    names = ("id", "bill_number", "status", "total", "total_due")
    wanted = bills.c.id.in_({row["bill_id"] for row in rows if row["bill_id"] is not None})
    linked = {bill["id"]: bill for bill in records(connection, select(*(bills.c[n] for n in names)).where(wanted))}
    column = applications.c.payment_obligation_id
    applied: dict[int, list[Record]] = {}
    query = select(applications).where(column.in_([row["id"] for row in rows])).order_by(applications.c.id)
    for application in records(connection, query):
        applied.setdefault(application["payment_obligation_id"], []).append(application)
    return [
        {
            **row,
            "bills": [linked[row["bill_id"]]] if row["bill_id"] is not None else [],
            "applications": applied.get(row["id"], []),
        }
        for row in rows
    ]
