"""Vendor credits, their applications, and goods returned to vendors.

The vendor's client shows id, vendor_name, amount, status and created_at; the other fields are `inferred` from bills.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from schemas.common import Id, Money, Nested, Quantity, Record, ShortText, UnitPrice, View


class NewVendorReturnLine(Nested, extra="allow"):
    """Goods to send back: product_id or sku, how many, at which cost each (`inferred`)."""

    product_id: Id | None = None
    sku: ShortText | None = None
    quantity: Quantity
    unit_cost: UnitPrice | None = None
    reason: ShortText | None = None


class VendorCreditApplication(Record):
    """The part of a credit that was set off against a bill or an obligation (`inferred`)."""

    id: int | None = None
    vendor_credit_id: int | None = None
    bill_id: int | None = None
    payment_obligation_id: int | None = None
    amount: Money | None = None
    status: str | None = None
    applied_at: dt.datetime | None = None
    view: ClassVar[View] = View(
        "id",
        "bill_id",
        "payment_obligation_id",
        "amount",
        "status",
        "applied_at",
        sums=("amount",),
        counts=("status",),
    )


class VendorCredit(Record):
    """What a vendor owes us. remaining_amount: what of it has not been applied."""

    id: int | None = None
    vendor_id: int | None = None
    vendor_name: str | None = None
    vendor_return_id: int | None = None
    status: str | None = None
    credit_date: dt.date | None = None
    reference: str | None = None
    currency: str | None = None
    amount: Money | None = None
    applied_amount: Money | None = None
    remaining_amount: Money | None = None
    notes: str | None = None
    created_at: dt.datetime | None = None
    applications: list[VendorCreditApplication] | None = None
    view: ClassVar[View] = View(
        "id",
        "vendor_id",
        "vendor_name",
        "status",
        "credit_date",
        "reference",
        "currency",
        "amount",
        "remaining_amount",
        "created_at",
        sums=("amount", "remaining_amount"),
        counts=("status",),
    )


class VendorReturnItem(Record):
    """A line of a return (`inferred`)."""

    id: int | None = None
    product_id: int | None = None
    sku: str | None = None
    quantity: Quantity | None = None
    unit_cost: UnitPrice | None = None
    line_total: Money | None = None
    reason: str | None = None
    view: ClassVar[View] = View("id", "product_id", "sku", "quantity", "unit_cost", "line_total", "reason")


class VendorReturn(Record):
    """Goods that go back to a vendor."""

    id: int | None = None
    vendor_id: int | None = None
    vendor_name: str | None = None
    purchase_order_id: int | None = None
    vendor_credit_id: int | None = None
    status: str | None = None
    return_date: dt.date | None = None
    currency: str | None = None
    total: Money | None = None
    notes: str | None = None
    created_at: dt.datetime | None = None
    items: list[VendorReturnItem] | None = None
    view: ClassVar[View] = View(
        "id",
        "vendor_id",
        "vendor_name",
        "purchase_order_id",
        "status",
        "return_date",
        "currency",
        "total",
        "created_at",
        sums=("total",),
        counts=("status",),
    )
