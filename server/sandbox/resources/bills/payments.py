"""Payments made on bills: record, void, delete."""

from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, update

from server.sandbox.resources.bills import record as bill_record
from server.sandbox.rows import Record, get_row, insert_row
from server.sandbox.shapes import COMPUTED, Choice, Day, Number, Shape, Text, optional, required
from server.sandbox.tables.payables import bill_payments
from server.sandbox.wire import Answer, Call, Routes, conflict, created, data, done, invalid

routes = Routes()

PAYMENT_TYPES = ("cash", "credit_card", "debit_card", "check", "bank_transfer")
PAYABLE = ("posted", "partially_paid")

PAYMENT = Shape(
    {
        "amount": required(Number(above=True)),
        "payment_date": required(Day()),
        "payment_type": optional(Choice(PAYMENT_TYPES)),
        "reference": optional(Text()),
        "remarks": optional(Text(max_length=1000)),
    },
    computed=COMPUTED,
)


@routes.post("/bills/{billId}/payments")
def record_bill_payment(call: Call) -> Answer:
    """Record a payment; never more than what is due."""
    bill = bill_record.load(call)
    payment = PAYMENT.check(call.json())
    bill_record.require(bill, PAYABLE, "paid")
    if payment["amount"] > bill["total_due"]:
        raise invalid({"amount": f"The amount may not be greater than the {_plain(bill['total_due'])} that is due."})
    payment["payment_type"] = payment.get("payment_type") or "bank_transfer"
    row = {**payment, "bill_id": bill["id"], "status": "posted", "created_at": call.now}
    new_id = insert_row(call.connection, bill_payments, row)
    bill_record.settle(call, bill["id"])
    return created(_show(call, new_id))


@routes.post("/bills/{billId}/payments/{paymentId}/void")
def void_bill_payment(call: Call) -> Answer:
    """Void a payment: it stays on record and no longer counts."""
    payment = _load(call)
    if payment["status"] == "void":
        raise conflict(f"Payment {payment['id']} is void already.")
    values = {"status": "void", "voided_at": call.now}
    call.connection.execute(update(bill_payments).where(bill_payments.c.id == payment["id"]).values(values))
    bill_record.settle(call, payment["bill_id"])
    return data(_show(call, payment["id"]))


@routes.delete("/bills/{billId}/payments/{paymentId}")
def delete_bill_payment(call: Call) -> Answer:
    """Remove a payment from the record."""
    payment = _load(call)
    call.connection.execute(delete(bill_payments).where(bill_payments.c.id == payment["id"]))
    bill_record.settle(call, payment["bill_id"])
    return done("Payment deleted.")


def _load(call: Call) -> Record:
    bill = bill_record.load(call)
    wanted = (bill_payments.c.id == call.id("paymentId", "Payment")) & (bill_payments.c.bill_id == bill["id"])
    return get_row(call.connection, bill_payments, "Payment", wanted)


def _show(call: Call, payment_id: int) -> dict[str, Any]:
    return dict(call.connection.execute(select(bill_payments).where(bill_payments.c.id == payment_id)).mappings().one())


def _plain(amount: Decimal) -> str:
    return f"{amount:.2f}"
