"""Companies (customers and vendors alike), their shipping addresses, contacts, products and price overrides."""

from __future__ import annotations

from typing import ClassVar

from schemas.common import Id, Nested, Record, ShortText, UnitPrice, View


class ClientType(Nested):
    """A customer type, by id or by name; an unknown name creates the type (documented)."""

    id: Id | None = None
    name: str | None = None


class NewShippingAddress(Nested):
    """A shipping address to store (documented); read back with other keys: address, postal_code."""

    address_1: str
    city: str
    state: str
    country: str
    zip: str
    address_2: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    is_default: bool | None = None


class Company(Record):
    """A customer or a vendor. due_date_days: days until a bill or invoice falls due."""

    id: int | str | None = None
    name: str | None = None
    type: str | None = None
    status: str | None = None
    phone: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    payment_term: str | None = None
    due_date_days: int | None = None
    currency: str | None = None
    tax_exempt: bool | None = None
    notes: str | None = None
    view: ClassVar[View] = View(
        "id", "name", "type", "status", "payment_term", "currency", "city", "country", counts=("type",)
    )


class Contact(Record):
    """A person at one or several companies. The first phone is written phone_1 and read as phone."""

    id: int | str | None = None
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    status: str | None = None
    company_id: int | str | None = None
    is_primary: bool | None = None
    view: ClassVar[View] = View(
        "id", "full_name", "company.name", "email", "phone", "is_primary", "status", "company_id", counts=("status",)
    )


class CompanyProduct(Record):
    """A product that is tied to a company."""

    id: int | None = None
    sku: str | None = None
    name: str | None = None
    view: ClassVar[View] = View("id", "sku", "name", "retail_price", "wholesale_price", "status")


class PriceOverride(Record):
    """What one company pays for one product instead of the list price."""

    product_id: int | None = None
    sku: str | None = None
    price: UnitPrice | None = None
    view: ClassVar[View] = View("product_id", "sku", "price", "currency")


TagNames = list[ShortText]
"""Tags by name; the names that are sent replace the stored ones."""
