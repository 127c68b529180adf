"""Contacts: people at one or several companies, some with a login to the portal. Passwords are not kept at all."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from server.sandbox.filters import Listing, field, fields, page
from server.sandbox.resources import tagging
from server.sandbox.resources.companies import companies as company_group
from server.sandbox.rows import Record, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Flag, Many, Secret, Shape, Text, Whole, optional, required
from server.sandbox.tables.parties import companies, contact_companies, contacts
from server.sandbox.wire import Answer, Call, Routes, data, done, invalid

routes = Routes()

LINK_FLAGS = (
    "is_primary", "receive_quotation_pdf", "receive_purchase_order_pdf", "receive_purchase_order_invoice_pdf",
)  # fmt: skip

_password = optional(Secret(8, 255))
_keys = {
    "last_name": optional(Text()),
    "email": optional(Text(email=True)),
    **{name: optional(Text()) for name in ("phone_1", "phone_2", "receiving_bank_name", "receiving_bank_address")},
    **{name: optional(Flag()) for name in LINK_FLAGS},
    "tags": tagging.TAGS,
    "password": _password,
}
_company_id = Whole(minimum=1)

NEW_CONTACT = Shape(
    {
        "first_name": required(Text()),
        "company_id": optional(_company_id, nullable=False),
        "company_ids": optional(Many(_company_id, minimum=1), nullable=False),
        **_keys,
    },
    computed=COMPUTED,
)
CONTACT = Shape(
    {"first_name": optional(Text()), "company_id": optional(_company_id, nullable=False), **_keys}, computed=COMPUTED
)
PASSWORD = Shape({"password": required(Secret(8, 255))})

_main_position = (
    select(func.min(contact_companies.c.position))
    .where(contact_companies.c.contact_id == contacts.c.id)
    .correlate(contacts)
    .scalar_subquery()
)
_main_link = contact_companies.c.position == _main_position


_full_name: ColumnElement[Any] = func.trim(contacts.c.first_name + " " + func.coalesce(contacts.c.last_name, ""))


def _listing(link: ColumnElement[bool]) -> Listing:
    """Contacts, each with the company that `link` picks for it."""
    joined = contacts.outerjoin(contact_companies, (contact_companies.c.contact_id == contacts.c.id) & link)
    rows = select(
        contacts,
        contact_companies.c.company_id,
        companies.c.name.label("company_name"),
        *(contact_companies.c[name] for name in LINK_FLAGS),
    ).select_from(joined.outerjoin(companies, companies.c.id == contact_companies.c.company_id))
    names = ("id", "status", "first_name", "last_name", "email", "phone_1", "phone_2", "created_at", "updated_at")
    return Listing(
        rows,
        {
            **fields(contacts.c, *names),
            "full_name": field(_full_name),
            "phone": field(contacts.c.phone_1),
            "has_portal_login": field(contacts.c.has_portal_login),
            "company_id": field(contact_companies.c.company_id),
            "company.id": field(contact_companies.c.company_id),
            "company.name": field(companies.c.name),
            "is_primary": field(contact_companies.c.is_primary),
            "tag": tagging.tag_field("contact", contacts.c.id),
        },
        contacts.c.id,
    )


CONTACTS = _listing(_main_link)


@routes.get("/contacts")
def list_contacts(call: Call) -> Answer:
    """All contacts."""
    return page(call, CONTACTS, present=_present)


@routes.get("/companies/{companyId}/contacts")
def list_company_contacts(call: Call) -> Answer:
    """The contacts of one company."""
    company_id = company_group.load(call)
    link = contact_companies.c.company_id == company_id
    return page(call, _listing(link), link, present=_present)


@routes.get("/contacts/{contactId}")
def get_contact(call: Call) -> Answer:
    """One contact."""
    return _show(call, _load(call)["id"])


@routes.post("/contacts")
def create_contact(call: Call) -> Answer:
    """Create a contact of one or several companies."""
    body = call.json()
    sent = NEW_CONTACT.check(body)
    if ("company_id" in sent) == ("company_ids" in sent):
        raise invalid({"company_id": "Send either company_id or company_ids."})
    path, ids = ("company_ids", sent["company_ids"]) if "company_ids" in sent else ("company_id", [sent["company_id"]])
    _check_companies(call.connection, path, ids)
    _check_login(call.connection, None, sent.get("email"), bool(sent.get("password")))
    own = {name: value for name, value in sent.items() if name in contacts.c}
    stamps = {"created_at": call.now, "updated_at": call.now}
    login = {"status": "active", "has_portal_login": bool(sent.get("password"))}
    contact_id = insert_row(call.connection, contacts, {**own, **login, **stamps})
    flags = {name: bool(sent.get(name)) for name in LINK_FLAGS}
    _link(call.connection, contact_id, list(dict.fromkeys(ids)), flags)
    tagging.retag(call.connection, "contact", contact_id, sent.get("tags") or [])
    return _show(call, contact_id, 201)


@routes.post("/contacts/{contactId}")
def update_contact(call: Call) -> Answer:
    """Change what is sent; a company that is sent takes the place of the contact's companies."""
    contact = _load(call)
    sent = CONTACT.check(call.json(), partial=True)
    if "company_id" in sent:
        _check_companies(call.connection, "company_id", [sent["company_id"]])
    login = contact["has_portal_login"] or bool(sent.get("password"))
    _check_login(call.connection, contact["id"], sent.get("email", contact["email"]), login)
    own = {name: value for name, value in sent.items() if name in contacts.c}
    if own.get("first_name", "") is None:
        del own["first_name"]
    values = {**own, "has_portal_login": login, "updated_at": call.now}
    call.connection.execute(update(contacts).where(contacts.c.id == contact["id"]).values(values))
    _relink(call.connection, contact["id"], sent)
    if "tags" in sent:
        tagging.retag(call.connection, "contact", contact["id"], sent["tags"] or [])
    return _show(call, contact["id"])


@routes.delete("/contacts/{contactId}")
def delete_contact(call: Call) -> Answer:
    """Make a contact inactive."""
    values = {"status": "inactive", "updated_at": call.now}
    call.connection.execute(update(contacts).where(contacts.c.id == _load(call)["id"]).values(values))
    return done("Contact deleted.")


@routes.post("/contacts/{contactId}/password")
@routes.post("/contacts/{contactId}/b2b-portal-password")
def set_contact_portal_password(call: Call) -> Answer:
    """Give the contact a portal login."""
    contact = _load(call)
    PASSWORD.check(call.json())
    _check_login(call.connection, contact["id"], contact["email"], login=True)
    values = {"has_portal_login": True, "updated_at": call.now}
    call.connection.execute(update(contacts).where(contacts.c.id == contact["id"]).values(values))
    return _show(call, contact["id"])


def _load(call: Call) -> Record:
    wanted = contacts.c.id == call.id("contactId", "Contact")
    return get_row(call.connection, contacts, "Contact", wanted)


def _show(call: Call, contact_id: int, status: int = 200) -> Answer:
    rows = records(call.connection, CONTACTS.rows.where(contacts.c.id == contact_id))
    return data(_present(call.connection, rows)[0], status)


def _check_companies(connection: Connection, path: str, ids: list[int]) -> None:
    known = set(connection.execute(select(companies.c.id).where(companies.c.id.in_(ids))).scalars())
    errors = {}
    for index, company_id in enumerate(ids):
        if company_id not in known:
            place = path if path == "company_id" else f"{path}.{index}"
            errors[place] = f"The {place} is no known company."
    if errors:
        raise invalid(errors)


def _check_login(connection: Connection, contact_id: int | None, email: str | None, login: bool) -> None:
    """A portal login needs an email address that no other login has."""
    if not login:
        return
    if not email:
        raise invalid({"email": "The email is required for a portal login."})
    taken = select(contacts.c.id).where(
        contacts.c.has_portal_login,
        func.casefold(contacts.c.email) == email.casefold(),
        contacts.c.id.is_distinct_from(contact_id),
    )
    if connection.execute(taken).first():
        raise invalid({"email": "The email belongs to another portal login."})


def _link(connection: Connection, contact_id: int, ids: list[int], flags: dict[str, bool]) -> None:
    rows = [
        {"contact_id": contact_id, "company_id": company_id, "position": position, **flags}
        for position, company_id in enumerate(ids)
    ]
    connection.execute(insert(contact_companies), rows)


def _relink(connection: Connection, contact_id: int, sent: dict[str, Any]) -> None:
    own = contact_companies.c.contact_id == contact_id
    flags = {name: bool(sent[name]) for name in LINK_FLAGS if name in sent}
    if "company_id" not in sent:
        if flags:
            connection.execute(update(contact_companies).where(own).values(flags))
        return
    query = select(*(contact_companies.c[name] for name in LINK_FLAGS)).where(own)
    before = connection.execute(query.order_by(contact_companies.c.position)).mappings().first()
    connection.execute(delete(contact_companies).where(own))
    _link(connection, contact_id, [sent["company_id"]], {**dict.fromkeys(LINK_FLAGS, False), **(before or {}), **flags})


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    ids = [row["id"] for row in rows]
    links = _companies_of(connection, ids)
    tags = tagging.tags_of(connection, "contact", ids)
    return [
        {
            "id": str(row["id"]),
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            "status": row["status"],
            "first_name": row["first_name"],
            "last_name": row["last_name"],
            "full_name": " ".join(filter(None, (row["first_name"], row["last_name"]))),
            "email": row["email"],
            "phone": row["phone_1"],
            "phone_1": row["phone_1"],
            "phone_2": row["phone_2"],
            "receiving_bank_name": row["receiving_bank_name"],
            "receiving_bank_address": row["receiving_bank_address"],
            **_company_of(row),
            **{name: bool(row[name]) for name in LINK_FLAGS},
            "has_portal_login": row["has_portal_login"],
            "companies": links.get(row["id"], []),
            "tags": tags.get(row["id"], []),
        }
        for row in rows
    ]


def _company_of(row: Record) -> dict[str, Any]:
    if row["company_id"] is None:
        return {"company_id": None, "company": None}
    company_id = str(row["company_id"])
    return {"company_id": company_id, "company": {"id": company_id, "name": row["company_name"]}}


def _companies_of(connection: Connection, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    columns = (contact_companies.c[name] for name in LINK_FLAGS)
    query = (
        select(contact_companies.c.contact_id, companies.c.id, companies.c.name, *columns)
        .join(companies, companies.c.id == contact_companies.c.company_id)
        .where(contact_companies.c.contact_id.in_(ids))
        .order_by(contact_companies.c.contact_id, contact_companies.c.position)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(query).mappings():
        link = dict(row)
        found.setdefault(link.pop("contact_id"), []).append(link)
    return found
