"""Payments that an order will require: planned one by one, or all from its terms."""

from server.sandbox.money import ZERO
from server.sandbox.resources.payment_obligations import plan
from server.sandbox.resources.payment_obligations import record as obligation_record
from server.sandbox.resources.purchase_orders import record as order_record
from server.sandbox.rows import Record, find_row, records
from server.sandbox.shapes import COMPUTED, Choice, Day, Number, Shape, Text, optional, required
from server.sandbox.tables.credits import payment_obligations
from server.sandbox.tables.parties import companies
from server.sandbox.wire import Answer, Call, Routes, conflict, created, data, invalid

routes = Routes()

OBLIGATION = Shape(
    {
        "amount": required(Number(above=True)),
        "due_date": required(Day()),
        "kind": optional(Choice(plan.KINDS)),
        "notes": optional(Text(max_length=5000)),
    },
    computed=COMPUTED,
)

_obligation = payment_obligations.c


@routes.get("/purchase-orders/{purchaseOrderId}/payment-obligations")
def list_purchase_order_payment_obligations(call: Call) -> Answer:
    """The order's obligations as they fall due."""
    return data(_shown(call, order_record.load(call)["id"]))


@routes.post("/purchase-orders/{purchaseOrderId}/payment-obligations")
def create_purchase_order_payment_obligation(call: Call) -> Answer:
    """Plan one payment; all of them together never ask for more than the order costs."""
    order = order_record.load(call)
    sent = OBLIGATION.check(call.json())
    order_record.require_undeleted(order)
    open_amount = order["total_cost"] - obligation_record.asked(call.connection, order["id"])
    if sent["amount"] > open_amount:
        left = max(open_amount, ZERO)
        raise invalid({"amount": f"The amount may not be greater than the {left} of the order not planned yet."})
    sent["kind"] = sent.get("kind") or plan.FULL
    return obligation_record.show(call, obligation_record.enter(call, {**_of(order), **sent}), 201)


@routes.post("/purchase-orders/{purchaseOrderId}/payment-obligations/generate")
def generate_purchase_order_payment_obligations(call: Call) -> Answer:
    """Plan all payments from the order's terms: its down payment, if any, and the rest. Raises 409 when some are."""
    order = order_record.load(call)
    call.json()
    order_record.require_undeleted(order)
    if obligation_record.asked(call.connection, order["id"]):
        raise conflict(f"Purchase order {order['id']} has payment obligations already.")
    vendor = find_row(call.connection, companies, companies.c.id == order["vendor_id"])
    payments = plan.planned(
        order["total_cost"],
        order["order_date"],
        order["payment_terms"],
        deposit=order["down_payment"],
        custom_days=vendor["due_date_days"] if vendor else None,
    )
    for payment in payments:
        asked = {"kind": payment.kind, "amount": payment.amount, "due_date": payment.due_date}
        obligation_record.enter(call, {**_of(order), **asked})
    return created(_shown(call, order["id"]))


def _of(order: Record) -> Record:
    return {"purchase_order_id": order["id"], "vendor_id": order["vendor_id"], "currency": order["currency"]}


def _shown(call: Call, order_id: int) -> list[Record]:
    query = obligation_record.ROWS.where(_obligation.purchase_order_id == order_id)
    rows = records(call.connection, query.order_by(_obligation.due_date, _obligation.id))
    return obligation_record.present(call.connection, rows)
