"""Money paid on purchase orders themselves: record, correct, delete, and the payments an order is sent with."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, update

from server.sandbox.money import CENT, ZERO
from server.sandbox.resources.bills.payments import PAYMENT_TYPES
from server.sandbox.resources.purchase_orders import present
from server.sandbox.resources.purchase_orders import record as order_record
from server.sandbox.rows import Record, get_row, insert_row
from server.sandbox.shapes import COMPUTED, Choice, Day, Number, Reader, Shape, Text, Whole, optional, required
from server.sandbox.tables.purchasing import purchase_order_payments
from server.sandbox.wire import Answer, Call, Routes, done, invalid

routes = Routes()

_readers: dict[str, Reader] = {
    "payment_date": Day(),
    "payment_type": Choice(PAYMENT_TYPES),
    "paid_amount": Number(minimum=CENT),
}
_remarks = optional(Text(max_length=1000))

PAYMENT = Shape(
    {**{name: required(reader) for name, reader in _readers.items()}, "remarks": _remarks}, computed=COMPUTED
)
ENTRY = Shape(
    {
        "id": optional(Whole(minimum=1)),
        **{name: optional(reader, nullable=False) for name, reader in _readers.items()},
        "remarks": _remarks,
    }
)
"""A payment inside an order; with an id it is one that is stored."""

_paid = purchase_order_payments.c


@routes.post("/purchase-orders/{purchaseOrderId}/payments")
def record_purchase_order_payment(call: Call) -> Answer:
    """Record a payment; never more than what is due. Answers with the whole order."""
    order = order_record.load(call)
    sent = PAYMENT.check(call.json())
    order_record.require_undeleted(order)
    _check_due(sent["paid_amount"], order["total_due"])
    _add(call, order["id"], sent)
    order_record.settle(call, order["id"])
    return present.show(call, order["id"], 201)


@routes.put("/purchase-orders/{purchaseOrderId}/payments/{paymentId}")
def update_purchase_order_payment(call: Call) -> Answer:
    """Correct what is sent. Answers with the whole order."""
    order, payment = _load(call)
    sent = PAYMENT.check(call.json(), partial=True)
    order_record.require_undeleted(order)
    _check_due(sent.get("paid_amount", ZERO), order["total_due"] + payment["paid_amount"])
    _change(call, payment["id"], sent)
    order_record.settle(call, order["id"])
    return present.show(call, order["id"])


@routes.delete("/purchase-orders/{purchaseOrderId}/payments/{paymentId}")
def delete_purchase_order_payment(call: Call) -> Answer:
    """Erase a payment; what is paid and due follows."""
    order, payment = _load(call)
    call.connection.execute(delete(purchase_order_payments).where(_paid.id == payment["id"]))
    order_record.settle(call, order["id"])
    return done("Payment deleted successfully")


def replace(call: Call, order_id: int, sent: Sequence[dict[str, Any]]) -> None:
    """Make these the order's payments: those with an id stay and change, the others are new, the rest goes.

    Raises 422. Whether they are more than the order costs is seen when the order is settled.
    """
    stored = {payment["id"] for payment in order_record.payments_of(call.connection, order_id)}
    errors: dict[str, str] = {}
    kept: set[int] = set()
    for index, entry in enumerate(sent):
        if entry.get("id"):
            if entry["id"] not in stored or entry["id"] in kept:
                errors[f"payments.{index}.id"] = f"The payments.{index}.id is no further payment of this order."
            kept.add(entry["id"])
        else:
            missing = [f"payments.{index}.{name}" for name in _readers if name not in entry]
            errors |= {path: f"The {path} is required." for path in missing}
    if errors:
        raise invalid(errors)
    call.connection.execute(delete(purchase_order_payments).where(_paid.id.in_(sorted(stored - kept))))
    for entry in sent:
        values = {name: value for name, value in entry.items() if name != "id"}
        if entry.get("id"):
            _change(call, entry["id"], values)
        else:
            _add(call, order_id, values)


def _add(call: Call, order_id: int, values: dict[str, Any]) -> None:
    row = {**values, "purchase_order_id": order_id, "created_at": call.now, "updated_at": call.now}
    insert_row(call.connection, purchase_order_payments, row)


def _change(call: Call, payment_id: int, values: dict[str, Any]) -> None:
    changed = {**values, "updated_at": call.now}
    call.connection.execute(update(purchase_order_payments).where(_paid.id == payment_id).values(changed))


def _check_due(amount: Decimal, due: Decimal) -> None:
    if amount > due:
        raise invalid({"paid_amount": f"The paid_amount may not be greater than the {due} that is due."})


def _load(call: Call) -> tuple[Record, Record]:
    order = order_record.load(call)
    wanted = (_paid.id == call.id("paymentId", "Payment")) & (_paid.purchase_order_id == order["id"])
    return order, get_row(call.connection, purchase_order_payments, "Payment", wanted)
