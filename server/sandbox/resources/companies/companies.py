"""Companies: customers and vendors alike."""

from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from server.sandbox import terms
from server.sandbox.filters import Listing, fields, page
from server.sandbox.resources import tagging
from server.sandbox.resources.companies.record import COMPANIES, ROWS, present
from server.sandbox.resources.metadata.fields import checked
from server.sandbox.rows import insert_row, records, replace_rows
from server.sandbox.shapes import COMPUTED, Choice, Flag, Free, Key, Many, Shape, Text, Whole, optional, required
from server.sandbox.tables.about import taggings
from server.sandbox.tables.goods import products
from server.sandbox.tables.parties import companies, company_products, company_types, shipping_addresses
from server.sandbox.tables.payables import bills
from server.sandbox.tables.purchasing import purchase_orders
from server.sandbox.tables.receivables import invoices
from server.sandbox.tables.selling import sales_orders
from server.sandbox.wire import Answer, Call, Errors, Routes, conflict, data, done, invalid, not_found

routes = Routes()

_ADDRESS = Shape(
    {
        **{name: required(Text()) for name in ("address_1", "city", "state", "country", "zip")},
        **{name: optional(Text()) for name in ("address_2", "first_name", "last_name", "phone")},
        "email": optional(Text(email=True)),
        "is_default": optional(Flag()),
    }
)

_AS_SHOWN = {"address": "address_1", "address_line_2": "address_2", "postal_code": "zip"}
"""What answers call parts of an address, and what bodies call them."""


class _Address:
    """An address; its parts may also be called as answers call them."""

    def read(self, value: Any, path: str, errors: Errors) -> dict[str, Any]:
        """The parts, as bodies call them."""
        if isinstance(value, dict):
            shown = {name: value[other] for other, name in _AS_SHOWN.items() if other in value}
            value = {**shown, **value}
        return _ADDRESS.read(value, path, errors)


_texts = ("address", "address_line_2", "city", "state", "postal_code", "country", "phone", "fein")
_keys: dict[str, Key] = {
    "client_type": optional(Shape({"id": optional(Whole(minimum=1)), "name": optional(Text())})),
    "parent_company_id": optional(Whole(minimum=1)),
    **{name: optional(Text()) for name in _texts},
    "tax_exempt": optional(Flag()),
    "notes": optional(Text(max_length=5000)),
    "payment_term": optional(Choice(terms.LABELS)),
    "due_date_days": optional(Whole(maximum=3650)),
    "tags": tagging.TAGS,
    "custom_fields": optional(Free()),
    "shipping_addresses": optional(Many(_Address())),
}

COMPANY = Shape({"name": required(Text()), **_keys}, computed=COMPUTED)

_PRODUCT = ("id", "sku", "name", "description", "upc", "status", "retail_price", "wholesale_price", "cost")
_PRODUCT_COLUMNS = [products.c[name] for name in (*_PRODUCT, "created_at", "updated_at")]


@routes.get("/companies")
def list_companies(call: Call) -> Answer:
    """All companies."""
    return page(call, tagging.with_custom_fields(call, COMPANIES, companies.c.custom_fields), present=present)


@routes.get("/companies/{companyId}")
def get_company(call: Call) -> Answer:
    """One company."""
    return _show(call, load(call))


@routes.post("/companies")
def create_company(call: Call) -> Answer:
    """Create a company."""
    sent = COMPANY.check(call.json())
    own = {name: value for name, value in _own(call.connection, sent).items() if value is not None}
    blank = {"status": "active", "currency": "USD", "custom_fields": {}, "tax_exempt": False}
    stamps = {"created_at": call.now, "updated_at": call.now}
    company_id = insert_row(call.connection, companies, {**blank, **own, **stamps})
    _replace_arrays(call, company_id, sent)
    return _show(call, company_id, 201)


@routes.post("/companies/{companyId}")
def update_company(call: Call) -> Answer:
    """Change what is sent; arrays take the place of the stored ones."""
    company_id = load(call)
    sent = COMPANY.check(call.json(), partial=True)
    own = _own(call.connection, sent, company_id)
    for name, blank in (("tax_exempt", False), ("custom_fields", {})):
        if name in own and own[name] is None:
            own[name] = blank
    values = {**own, "updated_at": call.now}
    call.connection.execute(update(companies).where(companies.c.id == company_id).values(values))
    _replace_arrays(call, company_id, sent)
    return _show(call, company_id)


@routes.delete("/companies/{companyId}")
def delete_company(call: Call) -> Answer:
    """Delete a company that has no orders, bills or invoices."""
    company_id = load(call)
    owners = {
        "bills": bills.c.vendor_id,
        "invoices": invoices.c.company_id,
        "purchase orders": purchase_orders.c.vendor_id,
        "sales orders": sales_orders.c.company_id,
    }
    kept = [what for what, owner in owners.items() if _count(call.connection, owner, company_id)]
    if kept:
        raise conflict(f"Company {company_id} cannot be deleted: it has {' and '.join(kept)}.")
    orphans = update(companies).where(companies.c.parent_company_id == company_id)
    call.connection.execute(orphans.values(parent_company_id=None))
    tagged = (taggings.c.owner == "company") & (taggings.c.owner_id == company_id)
    call.connection.execute(delete(taggings).where(tagged))
    call.connection.execute(delete(companies).where(companies.c.id == company_id))
    return done("Company deleted.")


@routes.get("/companies/{companyId}/products")
def list_company_products(call: Call) -> Answer:
    """The products a company buys or sells."""
    company_id = load(call)
    rows = select(*_PRODUCT_COLUMNS).join(company_products, company_products.c.product_id == products.c.id)
    names = (*_PRODUCT, "created_at", "updated_at")
    return page(call, Listing(rows, fields(products.c, *names), products.c.id), _of(company_id))


@routes.get("/companies/{companyId}/product-price-overrides")
def list_company_price_overrides(call: Call) -> Answer:
    """The prices that were agreed with a company."""
    query = (
        select(company_products.c.product_id, products.c.sku, products.c.name, company_products.c.price)
        .join(products, products.c.id == company_products.c.product_id)
        .where(_of(load(call)), company_products.c.price.is_not(None))
        .order_by(products.c.id)
    )
    return data(records(call.connection, query))


def load(call: Call) -> int:
    """The id of the company named in the path. Raises 404."""
    company_id = call.id("companyId", "Company")
    if not _count(call.connection, companies.c.id, company_id):
        raise not_found("Company")
    return company_id


def _of(company_id: int) -> Any:
    return company_products.c.company_id == company_id


def _count(connection: Connection, column: Any, value: int) -> int:
    return connection.execute(select(func.count()).where(column == value)).scalar_one()


def _show(call: Call, company_id: int, status: int = 200) -> Answer:
    rows = records(call.connection, ROWS.where(companies.c.id == company_id))
    return data(present(call.connection, rows)[0], status)


def _own(connection: Connection, sent: dict[str, Any], company_id: int | None = None) -> dict[str, Any]:
    """The columns that were sent. Raises 422 for references to nothing and a term without its days."""
    own = {name: sent[name] for name in sent if name in companies.c}
    if sent.get("custom_fields"):
        own["custom_fields"] = checked(connection, "companies", sent["custom_fields"])
    if sent.get("client_type"):
        own["type_id"] = _type_id(connection, sent["client_type"])
    parent = own.get("parent_company_id")
    if parent is not None and (parent == company_id or not _count(connection, companies.c.id, parent)):
        raise invalid({"parent_company_id": "The parent_company_id is no other company."})
    term = own.get("payment_term")
    kept = select(companies.c.due_date_days).where(companies.c.id == company_id)
    if term == terms.CUSTOM and own.get("due_date_days", connection.execute(kept).scalar()) is None:
        raise invalid({"due_date_days": "The due_date_days are required with the payment term Custom."})
    if term is not None and term != terms.CUSTOM:
        own["due_date_days"] = terms.days_of(term)
    return own


def _type_id(connection: Connection, sent: dict[str, Any]) -> int | None:
    if sent.get("id"):
        if not _count(connection, company_types.c.id, sent["id"]):
            raise invalid({"client_type.id": "The client_type.id is no known type."})
        found: int = sent["id"]
        return found
    if not sent.get("name"):
        return None
    known = select(company_types.c.id).where(company_types.c.name == sent["name"])
    type_id: int | None = connection.execute(known).scalar_one_or_none()
    if type_id is None:
        type_id = insert_row(connection, company_types, {"name": sent["name"]})
    return type_id


def _replace_arrays(call: Call, company_id: int, sent: dict[str, Any]) -> None:
    if "tags" in sent:
        tagging.retag(call.connection, "company", company_id, sent["tags"] or [])
    if "shipping_addresses" in sent:
        old = shipping_addresses.c.company_id == company_id
        rows = _addresses(call, company_id, sent["shipping_addresses"] or [])
        replace_rows(call.connection, shipping_addresses, old, rows)


def _addresses(call: Call, company_id: int, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    default = next((index for index, address in enumerate(sent) if address.get("is_default")), 0)
    same = ("city", "state", "country", "first_name", "last_name", "email", "phone")
    return [
        {
            **{stored: address.get(name) for stored, name in _AS_SHOWN.items()},
            **{name: address.get(name) for name in same},
            "company_id": company_id,
            "is_default": index == default,
            "created_at": call.now,
            "updated_at": call.now,
        }
        for index, address in enumerate(sent)
    ]
