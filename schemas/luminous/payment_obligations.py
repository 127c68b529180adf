"""Payment obligations and prepayments.

The vendor's client shows id, vendor_name, amount, status and due_date or created_at; the other fields are `inferred`.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from schemas.common import Money, Record, View


class ObligationBill(Record):
    """A bill that is linked to an obligation (`inferred`)."""

    id: int | None = None
    bill_number: str | None = None
    status: str | None = None
    total: Money | None = None
    total_due: Money | None = None
    view: ClassVar[View] = View("id", "bill_number", "status", "total", "total_due")


class PaymentObligation(Record):
    """A payment to a vendor that will fall due, such as the deposit on an order."""

    id: int | None = None
    vendor_id: int | None = None
    vendor_name: str | None = None
    purchase_order_id: int | None = None
    status: str | None = None
    due_date: dt.date | None = None
    currency: str | None = None
    amount: Money | None = None
    total_paid: Money | None = None
    total_due: Money | None = None
    notes: str | None = None
    bills: list[ObligationBill] | None = None
    view: ClassVar[View] = View(
        "id",
        "vendor_id",
        "vendor_name",
        "purchase_order_id",
        "status",
        "due_date",
        "currency",
        "amount",
        "total_due",
        sums=("amount", "total_due"),
        counts=("status",),
    )


class PrepaymentApplication(Record):
    """The part of a prepayment that was set off against a bill or an obligation (`inferred`)."""

    id: int | None = None
    prepayment_id: int | None = None
    bill_id: int | None = None
    payment_obligation_id: int | None = None
    amount: Money | None = None
    status: str | None = None
    applied_at: dt.datetime | None = None
    view: ClassVar[View] = View(
        "id", "bill_id", "payment_obligation_id", "amount", "status", "applied_at", sums=("amount",), counts=("status",)
    )


class Prepayment(Record):
    """Money paid to a vendor ahead. remaining_amount: what of it has not been applied."""

    id: int | None = None
    vendor_id: int | None = None
    vendor_name: str | None = None
    purchase_order_id: int | None = None
    status: str | None = None
    payment_date: dt.date | None = None
    payment_type: str | None = None
    reference: str | None = None
    currency: str | None = None
    amount: Money | None = None
    applied_amount: Money | None = None
    remaining_amount: Money | None = None
    created_at: dt.datetime | None = None
    applications: list[PrepaymentApplication] | None = None
    view: ClassVar[View] = View(
        "id",
        "vendor_id",
        "vendor_name",
        "status",
        "payment_date",
        "currency",
        "amount",
        "remaining_amount",
        "created_at",
        sums=("amount", "remaining_amount"),
        counts=("status",),
    )
