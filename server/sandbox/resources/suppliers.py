"""Suppliers: the factories goods are ordered from."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server.sandbox import terms
from server.sandbox.filters import Listing, fields, page
from server.sandbox.rows import Record, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Choice, Many, Shape, Text, Whole, optional, required
from server.sandbox.tables.parties import contacts, supplier_contacts, suppliers
from server.sandbox.wire import Answer, Call, Routes, data, done, invalid

routes = Routes()

ACTIVE, INACTIVE = 1, 0
CALLER = 1
"""The user the token belongs to."""

_texts = (
    "street_address", "city", "state", "zip", "country", "bank_name", "routing_number", "account_number", "swift_code",
)  # fmt: skip

SUPPLIER = Shape(
    {
        "name": required(Text()),
        "description": optional(Text(max_length=5000)),
        **{name: optional(Text()) for name in _texts},
        "factory_admin_id": optional(Whole(minimum=1)),
        "default_payment_term": optional(Choice(terms.LABELS)),
        "contact_ids": optional(Many(Whole(minimum=1))),
    },
    computed=COMPUTED,
)

SUPPLIERS = Listing(select(suppliers), fields(suppliers.c, *suppliers.c.keys()), suppliers.c.id)


@routes.get("/suppliers")
def list_suppliers(call: Call) -> Answer:
    """The active suppliers."""
    return page(call, SUPPLIERS, suppliers.c.status == ACTIVE, present=_present)


@routes.get("/suppliers/{supplierId}")
def get_supplier(call: Call) -> Answer:
    """One supplier, active or not."""
    return _show(call, _load(call))


@routes.post("/suppliers")
def create_supplier(call: Call) -> Answer:
    """Create a supplier."""
    sent = SUPPLIER.check(_body(call))
    own = {name: value for name, value in sent.items() if name in suppliers.c}
    _check_contacts(call.connection, sent)
    made = {
        "status": ACTIVE,
        "created_by": CALLER,
        "updated_by": CALLER,
        "created_at": call.now,
        "updated_at": call.now,
    }
    supplier_id = insert_row(call.connection, suppliers, {**own, **made})
    _replace_contacts(call.connection, supplier_id, sent)
    return _show(call, supplier_id, 201)


@routes.post("/suppliers/{supplierId}")
def update_supplier(call: Call) -> Answer:
    """Change what is sent."""
    supplier_id = _load(call)
    sent = SUPPLIER.check(_body(call), partial=True)
    _check_contacts(call.connection, sent)
    own = {name: value for name, value in sent.items() if name in suppliers.c}
    _change(call, supplier_id, own)
    _replace_contacts(call.connection, supplier_id, sent)
    return _show(call, supplier_id)


@routes.delete("/suppliers/{supplierId}")
def delete_supplier(call: Call) -> Answer:
    """Make a supplier inactive: it is not listed any more and stays on its orders."""
    _change(call, _load(call), {"status": INACTIVE})
    return done("Supplier deleted.")


def _body(call: Call) -> dict[str, Any]:
    body = call.json()
    if "contact_ids[]" in body:  # the key as forms spell it
        body.setdefault("contact_ids", body["contact_ids[]"])
    return body


def _load(call: Call) -> int:
    supplier_id = call.id("supplierId", "Supplier")
    get_row(call.connection, suppliers, "Supplier", suppliers.c.id == supplier_id)
    return supplier_id


def _change(call: Call, supplier_id: int, values: dict[str, Any]) -> None:
    changed = {**values, "updated_by": CALLER, "updated_at": call.now}
    call.connection.execute(update(suppliers).where(suppliers.c.id == supplier_id).values(changed))


def _check_contacts(connection: Connection, sent: dict[str, Any]) -> None:
    ids = sent.get("contact_ids") or []
    known = set(connection.execute(select(contacts.c.id).where(contacts.c.id.in_(ids))).scalars())
    paths = [f"contact_ids.{index}" for index, contact_id in enumerate(ids) if contact_id not in known]
    if paths:
        raise invalid({path: f"The {path} is no known contact." for path in paths})


def _replace_contacts(connection: Connection, supplier_id: int, sent: dict[str, Any]) -> None:
    if "contact_ids" not in sent:
        return
    connection.execute(delete(supplier_contacts).where(supplier_contacts.c.supplier_id == supplier_id))
    rows = [
        {"supplier_id": supplier_id, "contact_id": contact_id, "position": position}
        for position, contact_id in enumerate(dict.fromkeys(sent["contact_ids"] or []))
    ]
    if rows:
        connection.execute(insert(supplier_contacts), rows)


def _show(call: Call, supplier_id: int, status: int = 200) -> Answer:
    rows = records(call.connection, select(suppliers).where(suppliers.c.id == supplier_id))
    return data(_present(call.connection, rows)[0], status)


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    people = _contacts_of(connection, [row["id"] for row in rows])
    return [_with_contacts(row, people.get(row["id"], [])) for row in rows]


def _with_contacts(row: Record, people: list[dict[str, Any]]) -> dict[str, Any]:
    first = people[0] if people else {}
    return {
        **row,
        "supplier_admin_id": row["factory_admin_id"],
        **{f"contact_{name}": first.get(name) for name in ("name", "email", "phone")},
        **{name: first.get(name) for name in ("email", "phone")},
        "contacts": people,
    }


def _contacts_of(connection: Connection, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    query = (
        select(supplier_contacts.c.supplier_id, contacts)
        .join(contacts, contacts.c.id == supplier_contacts.c.contact_id)
        .where(supplier_contacts.c.supplier_id.in_(ids))
        .order_by(supplier_contacts.c.supplier_id, supplier_contacts.c.position)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(query).mappings():
        name = " ".join(filter(None, (row["first_name"], row["last_name"])))
        person = {"id": row["id"], "name": name, "email": row["email"], "phone": row["phone_1"]}
        found.setdefault(row["supplier_id"], []).append(person)
    return found
