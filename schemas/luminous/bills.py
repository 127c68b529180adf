"""Vendor bills (accounts payable): bill, lines, payments, allocations, attachments, aging.

The vendor's client shows eight columns of a bill (`client`); the other fields are `inferred` from the documented
invoice and purchase order records. Amounts are in the bill's currency.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar, Literal

from schemas.common import (
    Id,
    Money,
    Nested,
    Quantity,
    Record,
    ShortText,
    UnitPrice,
    View,
)

PaymentType = Literal["cash", "credit_card", "debit_card", "check", "bank_transfer"]
"""How money was paid (documented for purchase order payments)."""


class NewBillLine(Nested):
    """A line of a bill to enter: what was billed, how many, at which cost each (`inferred`)."""

    description: ShortText | None = None
    product_id: Id | None = None
    sku: ShortText | None = None
    quantity: Quantity
    unit_cost: UnitPrice
    type: Literal["product", "freight", "duty", "other"] | None = None
    purchase_order_item_id: Id | None = None


class BillLine(Record):
    """A line of a bill. allocated_amount: how much of it was spread over purchase order lines."""

    id: int | None = None
    line_number: int | None = None
    type: str | None = None
    product_id: int | None = None
    sku: str | None = None
    description: str | None = None
    quantity: Quantity | None = None
    unit_cost: UnitPrice | None = None
    line_total: Money | None = None
    allocated_amount: Money | None = None
    purchase_order_item_id: int | None = None
    view: ClassVar[View] = View(
        "id", "type", "sku", "description", "quantity", "unit_cost", "line_total", "allocated_amount"
    )


class BillPayment(Record):
    """Money paid to the vendor against a bill. A void payment stays on record and no longer counts."""

    id: int | None = None
    bill_id: int | None = None
    amount: Money | None = None
    payment_date: dt.date | None = None
    payment_type: str | None = None
    reference: str | None = None
    remarks: str | None = None
    status: str | None = None
    view: ClassVar[View] = View(
        "id", "amount", "payment_date", "payment_type", "reference", "status", sums=("amount",), counts=("status",)
    )


class BillAllocation(Record):
    """A part of a bill line's cost that is carried by a purchase order line."""

    id: int | None = None
    bill_id: int | None = None
    bill_item_id: int | None = None
    purchase_order_item_id: int | None = None
    amount: Money | None = None
    method: str | None = None
    view: ClassVar[View] = View(
        "id", "bill_item_id", "purchase_order_item_id", "amount", "method", sums=("amount",), counts=("method",)
    )


class BillAttachment(Record):
    """A file kept with a bill; size in bytes."""

    id: int | None = None
    bill_id: int | None = None
    file_name: str | None = None
    content_type: str | None = None
    size: int | None = None
    view: ClassVar[View] = View("id", "file_name", "content_type", "size")


class Bill(Record):
    """A vendor's bill: what is owed, what was paid, what is still due."""

    id: int | None = None
    bill_number: str | None = None
    vendor_id: int | None = None
    vendor_name: str | None = None
    purchase_order_id: int | None = None
    status: str | None = None
    payment_status: str | None = None
    hold_reason: str | None = None
    bill_date: dt.date | None = None
    due_date: dt.date | None = None
    payment_term: str | None = None
    currency: str | None = None
    subtotal: Money | None = None
    tax_amount: Money | None = None
    total: Money | None = None
    total_paid: Money | None = None
    total_due: Money | None = None
    notes: str | None = None
    items: list[BillLine] | None = None
    payments: list[BillPayment] | None = None
    allocations: list[BillAllocation] | None = None
    attachments: list[BillAttachment] | None = None
    view: ClassVar[View] = View(
        "id",
        "bill_number",
        "vendor_id",
        "vendor_name",
        "status",
        "bill_date",
        "due_date",
        "currency",
        "total",
        "total_due",
        sums=("total", "total_paid", "total_due"),
        counts=("status",),
    )


class OrderLine(Record):
    """A purchase order or shipment line that a bill can be matched to (`inferred`)."""

    id: int | None = None
    purchase_order_id: int | None = None
    purchase_order_item_id: int | None = None
    sku: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit_cost: UnitPrice | None = None
    line_total: Money | None = None


class BillVariance(Record):
    """Billed against ordered and received, line by line (`inferred`)."""


class AgingVendor(Record):
    """What one vendor is owed, by days overdue: not yet due, 1-30, 31-60, 61-90, over 90."""

    vendor_id: int | None = None
    vendor_name: str | None = None
    current: Money | None = None
    bucket_1_30: Money | None = None
    bucket_31_60: Money | None = None
    bucket_61_90: Money | None = None
    bucket_90_plus: Money | None = None
    total: Money | None = None
    view: ClassVar[View] = View(
        "vendor_id",
        "vendor_name",
        "currency",
        "current",
        "bucket_1_30",
        "bucket_31_60",
        "bucket_61_90",
        "bucket_90_plus",
        "total",
        sums=("current", "bucket_1_30", "bucket_31_60", "bucket_61_90", "bucket_90_plus", "total"),
    )


class BillsAging(Record):
    """Accounts payable by vendor and aging bucket, as of one day (`documented`)."""

    as_of_date: dt.date | None = None
    vendors: list[AgingVendor] | None = None
    totals: dict[str, Money] | None = None
    # The documented totals have no currency: amounts in different ones are added up in them.
    view: ClassVar[View] = View("as_of_date", hidden=("totals",))
