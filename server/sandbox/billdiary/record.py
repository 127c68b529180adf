"""How records are shown: short forms of contacts, places, people and taxes, and the payments of a transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from server.sandbox.rows import Record, records
from server.sandbox.tables.billdiary import (
    contacts,
    lines,
    locations,
    payments,
    products,
    taxes,
    units,
    users,
    variations,
)

Shown = dict[str, Any]

CONTACT = ("id", "name", "mobile", "contact_id", "supplier_business_name")
CONTACT_IN_FULL = ("id", "name", "mobile", "email", "contact_id", "supplier_business_name")
PLACE = ("id", "name")
PERSON = ("id", "name")
PERSON_IN_FULL = ("id", "name", "email")
TAX = ("id", "name", "amount")
ORDER_TAX = ("id", "name", "amount", "is_tax_group")


def named(connection: Connection, table: Table, names: Sequence[str], ids: Iterable[int | None]) -> dict[Any, Shown]:
    """The short forms of the rows, by id."""
    wanted = sorted({row_id for row_id in ids if row_id is not None})
    rows = records(connection, select(*(table.c[name] for name in names)).where(table.c.id.in_(wanted)))
    return {row["id"]: row for row in rows}


def with_parties(connection: Connection, rows: Sequence[Record]) -> list[Shown]:
    """Rows of a list with the short forms of contact, location and creator."""
    people = named(connection, users, PERSON, (row["created_by"] for row in rows))
    suppliers = named(connection, contacts, CONTACT, (row["contact_id"] for row in rows))
    places = named(connection, locations, PLACE, (row["location_id"] for row in rows))
    return [
        {
            **row,
            "contact": suppliers.get(row["contact_id"]),
            "location": places.get(row["location_id"]),
            "created_by": people.get(row["created_by"]),
        }
        for row in rows
    ]


def in_full(connection: Connection, row: Record) -> Shown:
    """A single row with the long forms of contact, location, creator and tax."""
    return {
        **row,
        "contact": named(connection, contacts, CONTACT_IN_FULL, [row["contact_id"]]).get(row["contact_id"]),
        "location": named(connection, locations, PLACE, [row["location_id"]]).get(row["location_id"]),
        "created_by": named(connection, users, PERSON_IN_FULL, [row["created_by"]]).get(row["created_by"]),
        "order_tax": named(connection, taxes, ORDER_TAX, [row["tax_id"]]).get(row["tax_id"]),
    }


def picked(row: Shown, names: Sequence[str]) -> Shown:
    """These keys of the row, in this order."""
    return {name: row[name] for name in names}


def lines_of(connection: Connection, transaction_id: int) -> list[Shown]:
    """The lines by id, with the names of what they are about and the short form of their tax."""
    query = (
        select(
            *lines.c,
            products.c.name.label("product_name"),
            products.c.sku,
            products.c.variation_label,
            variations.c.name.label("variation_name"),
            variations.c.sub_sku,
            units.c.short_name.label("unit"),
        )
        .join(products, products.c.id == lines.c.product_id)
        .join(variations, variations.c.id == lines.c.variation_id)
        .join(units, units.c.id == products.c.unit_id)
        .where(lines.c.transaction_id == transaction_id)
        .order_by(lines.c.id)
    )
    rows = records(connection, query)
    known = named(connection, taxes, TAX, (row["tax_id"] for row in rows))
    return [{**row, "product_label": _label(row), "line_tax": known.get(row["tax_id"])} for row in rows]


def _label(row: Record) -> str:
    name: str = row["product_name"]
    return f"{name} ({row['variation_name']})" if row["variation_name"] else name


PAYMENT = ("id", "amount", "method", "paid_on", "payment_ref_no", "note", "is_return")


def payments_of(connection: Connection, transaction_id: int) -> list[Shown]:
    """The payments of a purchase or a return, by id."""
    columns = (payments.c[name] for name in PAYMENT)
    query = select(*columns).where(payments.c.transaction_id == transaction_id).order_by(payments.c.id)
    return records(connection, query)
