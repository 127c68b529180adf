"""Suppliers, which the API also calls factories: who makes the goods, and where payments to them go (documented)."""

from __future__ import annotations

from typing import ClassVar

from schemas.common import Record, View


class Supplier(Record):
    """A factory with its address and bank details. status 1 is active."""

    id: int | None = None
    status: int | None = None
    name: str | None = None
    description: str | None = None
    city: str | None = None
    country: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    default_payment_term: str | None = None
    view: ClassVar[View] = View(
        "id", "name", "city", "country", "contact_name", "contact_email", "default_payment_term", counts=("country",)
    )
