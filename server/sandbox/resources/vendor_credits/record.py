"""A vendor credit as it is stored and shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from server.sandbox.filters import Listing, field, fields
from server.sandbox.money import ZERO
from server.sandbox.resources import applications
from server.sandbox.rows import Record, get_row, insert_row, records
from server.sandbox.tables.credits import vendor_credits
from server.sandbox.tables.parties import companies
from server.sandbox.wire import Answer, Call, data

ROWS: Select[Any] = select(vendor_credits, companies.c.name.label("vendor_name")).select_from(
    vendor_credits.join(companies, companies.c.id == vendor_credits.c.vendor_id)
)

CREDITS = Listing(
    ROWS,
    {
        **fields(vendor_credits.c, *vendor_credits.c.keys()),
        "vendor_name": field(companies.c.name),
        "vendor.id": field(vendor_credits.c.vendor_id),
        "vendor.name": field(companies.c.name),
    },
    vendor_credits.c.id,
)


def load(call: Call) -> Record:
    """The credit named in the path, as stored. Raises 404."""
    wanted = vendor_credits.c.id == call.id("vendorCreditId", "Vendor credit")
    return get_row(call.connection, vendor_credits, "Vendor credit", wanted)


def enter(call: Call, credit: Mapping[str, Any]) -> int:
    """Store a new credit, of which nothing is applied; its id."""
    begun = {**applications.balance(credit["amount"], ZERO), "created_at": call.now, "updated_at": call.now}
    return insert_row(call.connection, vendor_credits, {**credit, **begun})


def show(call: Call, credit_id: int, status: int = 200) -> Answer:
    """The credit with its applications."""
    rows = records(call.connection, ROWS.where(vendor_credits.c.id == credit_id))
    return data(present(call.connection, rows)[0], status)


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Credits as they are shown, reversed applications included."""
    applied = applications.by_source(connection, applications.CREDIT, [row["id"] for row in rows])
    return [{**row, "applications": applied.get(row["id"], [])} for row in rows]
