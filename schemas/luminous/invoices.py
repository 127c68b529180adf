"""Customer invoices (accounts receivable), as documented. Amounts are in the company's base currency unless said."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from schemas.common import Id, Midnight, Money, Nested, Quantity, Record, UnitPrice, View


class NewInvoiceLine(Nested):
    """A line of an invoice to create: product_id or sku names the product (documented)."""

    product_id: Id | None = None
    sku: str | None = None
    quantity: Quantity | None = None
    unit_price: UnitPrice | None = None
    description: str | None = None


class ShipTo(Nested):
    """Where an invoice's goods go."""

    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None


class InvoiceLine(Record):
    """A line of an invoice."""

    id: int | None = None
    sku: str | None = None
    name: str | None = None
    product_id: int | None = None
    qty: Quantity | None = None
    unit_price: UnitPrice | None = None
    discount: Money | None = None
    total: Money | None = None
    view: ClassVar[View] = View("id", "sku", "name", "qty", "unit_price", "discount", "total")


class InvoicePayment(Record):
    """Money received for an invoice."""

    id: int | None = None
    invoice_id: int | None = None
    type: str | None = None
    amount: Money | None = None
    date: dt.datetime | None = None
    status: str | None = None
    view: ClassVar[View] = View("id", "date", "type", "amount", "status", sums=("amount",))


class Invoice(Record):
    """A customer's invoice: what was sold, received and is still due."""

    id: int | None = None
    status: str | None = None
    payment_status: str | None = None
    approval_status: str | None = None
    order_date: Midnight | None = None
    ship_by_date: Midnight | None = None
    customer_po_number: str | None = None
    payment_terms: str | None = None
    total_qty: Quantity | None = None
    total_shipping: Money | None = None
    total_discount: Money | None = None
    total: Money | None = None
    total_paid: Money | None = None
    total_due: Money | None = None
    items: list[InvoiceLine] | None = None
    payments: list[InvoicePayment] | None = None
    view: ClassVar[View] = View(
        "id",
        "customer.id",
        "customer.name",
        "status",
        "payment_status",
        "order_date",
        "currency",
        "total",
        "total_due",
        sums=("total", "total_paid", "total_due"),
        counts=("payment_status",),
    )
