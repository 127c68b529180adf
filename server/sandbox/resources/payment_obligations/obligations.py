"""Payment obligations: list, change, tie to the bill that asks for them."""

from decimal import Decimal

from sqlalchemy import update

from server.sandbox.filters import page
from server.sandbox.money import ZERO
from server.sandbox.resources import settlement
from server.sandbox.resources.applications import fitting
from server.sandbox.resources.bills import record as bill_record
from server.sandbox.resources.bills.payments import PAYABLE
from server.sandbox.resources.order_lines import DELETED
from server.sandbox.resources.payment_obligations import record as obligation_record
from server.sandbox.rows import Record, find_row
from server.sandbox.shapes import COMPUTED, Choice, Day, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.credits import applications
from server.sandbox.tables.payables import bills
from server.sandbox.tables.purchasing import purchase_orders
from server.sandbox.wire import Answer, Call, Routes, conflict, invalid, not_found

routes = Routes()

CHANGES = Shape(
    {
        "amount": optional(Number(above=True), nullable=False),
        "due_date": optional(Day(), nullable=False),
        "notes": optional(Text(max_length=5000)),
    },
    computed=COMPUTED,
)
STATUS = Shape({"status": required(Choice(settlement.STATUSES))})
LINK = Shape({"bill_id": required(Whole(minimum=1))})


@routes.get("/payment-obligations")
def list_payment_obligations(call: Call) -> Answer:
    """All obligations; those with a `bill_id` are parts of what that bill asks for."""
    return page(call, obligation_record.OBLIGATIONS, present=obligation_record.present)


@routes.get("/payment-obligations/{paymentObligationId}")
def get_payment_obligation(call: Call) -> Answer:
    """One obligation with its bill and what is applied to it."""
    return obligation_record.show(call, obligation_record.load(call)["id"])


@routes.post("/payment-obligations/{paymentObligationId}")
def update_payment_obligation(call: Call) -> Answer:
    """Change amount, due date or notes; the amount never to less than what is paid nor beyond what the order costs."""
    obligation = obligation_record.load(call)
    sent = CHANGES.check(call.json(), partial=True)
    changed = any(value != obligation[name] for name, value in sent.items())
    if obligation["status"] == settlement.CANCELLED and changed:
        raise conflict(f"Payment obligation {obligation['id']} cannot be changed: its status is cancelled.")
    if sent.get("amount") is not None and sent["amount"] < obligation["total_paid"]:
        paid = f"{obligation['total_paid']:.2f}"
        raise invalid({"amount": f"The amount may not be less than the {paid} that is paid already."})
    room = max(_room(call, obligation), ZERO)
    if (sent.get("amount") or ZERO) - obligation["amount"] > room:
        most = f"{obligation['amount'] + room:.2f}"
        raise invalid({"amount": f"The amount may not be greater than the {most} of the order not planned otherwise."})
    obligation_record.change(call, obligation["id"], **sent)
    _settle(call, obligation["id"], obligation["bill_id"])
    return obligation_record.show(call, obligation["id"])


@routes.patch("/payment-obligations/{paymentObligationId}/status")
def update_payment_obligation_status(call: Call) -> Answer:
    """Cancel an obligation, or open a cancelled one again. The other statuses follow from what is paid."""
    obligation = obligation_record.load(call)
    status = STATUS.check(call.json())["status"]
    if status == obligation["status"]:
        pass
    elif status == settlement.CANCELLED:
        _cancel(call, obligation)
    elif status == settlement.OPEN and obligation["status"] == settlement.CANCELLED:
        _reopen(call, obligation)
    else:
        paid = f"{obligation['total_paid']} of {obligation['amount']} is paid"
        said = f"Payment obligation {obligation['id']} is {obligation['status']}: {paid}."
        raise conflict(f"{said} Pay its bill, or apply a prepayment or a vendor credit to it.")
    return obligation_record.show(call, obligation["id"])


@routes.post("/payment-obligations/{paymentObligationId}/link-bill")
def link_bill_to_payment_obligation(call: Call) -> Answer:
    """Tie the obligation to the bill that asks for it; what is applied to the obligation then counts on the bill."""
    obligation = obligation_record.load(call)
    sent = LINK.check(call.json())
    bill = fitting(find_row(call.connection, bills, bills.c.id == sent["bill_id"]), obligation, "bill_id", "bill")
    if obligation["status"] == settlement.CANCELLED:
        raise conflict(f"Payment obligation {obligation['id']} cannot be linked: its status is cancelled.")
    if obligation["bill_id"] is not None:
        said = f"Payment obligation {obligation['id']} is linked to bill {obligation['bill_id']}"
        raise conflict(f"{said}: unlink that one first.")
    if bill["status"] == "void":
        raise conflict(f"Bill {bill['id']} is void.")
    _hand_over(call, obligation, bill)
    obligation_record.change(call, obligation["id"], bill_id=bill["id"])
    bill_record.settle(call, bill["id"])
    return obligation_record.show(call, obligation["id"])


@routes.delete("/payment-obligations/{paymentObligationId}/bills/{billId}")
def unlink_bill_from_payment_obligation(call: Call) -> Answer:
    """Untie the obligation from its bill; what was applied to the obligation stays with it."""
    obligation = obligation_record.load(call)
    bill_id = call.id("billId", "Linked bill")
    if obligation["bill_id"] != bill_id:
        raise not_found("Linked bill")
    _move(call, obligation, None)
    obligation_record.change(call, obligation["id"], bill_id=None)
    bill_record.settle(call, bill_id)
    settlement.follow_applications(call.connection, call.now, obligation["id"])
    return obligation_record.show(call, obligation["id"])


def _cancel(call: Call, obligation: Record) -> None:
    applied = settlement.applied_where(call.connection, applications.c.payment_obligation_id == obligation["id"])
    name = f"Payment obligation {obligation['id']}"
    if applied:
        listed = settlement.spell(applied)
        raise conflict(f"{name} cannot be cancelled: reverse what is applied to it first: {listed}.")
    if obligation["total_paid"]:
        raise conflict(f"{name} cannot be cancelled: {obligation['total_paid']} of it is paid.")
    values = {"status": settlement.CANCELLED, "bill_id": None, "total_due": ZERO}
    obligation_record.change(call, obligation["id"], **values)


def _reopen(call: Call, obligation: Record) -> None:
    if obligation["amount"] > _room(call, obligation):
        order = f"purchase order {obligation['purchase_order_id']}"
        raise conflict(f"Payment obligation {obligation['id']} cannot be opened again: {order} has no room for it.")
    obligation_record.change(call, obligation["id"], status=settlement.OPEN, total_due=obligation["amount"])


def _room(call: Call, obligation: Record) -> Decimal:
    """What the obligation's order costs and is not planned yet; nothing of a deleted one."""
    order = find_row(call.connection, purchase_orders, purchase_orders.c.id == obligation["purchase_order_id"])
    if order is None:
        return Decimal("Infinity")
    if order["order_status"] == DELETED:
        return ZERO
    cost: Decimal = order["total_cost"]
    return cost - obligation_record.asked(call.connection, order["id"])


def _hand_over(call: Call, obligation: Record, bill: Record) -> None:
    """What is applied to the obligation counts on the bill from now on. Raises 409 when the bill has no room for it."""
    applied = settlement.applied_where(call.connection, applications.c.payment_obligation_id == obligation["id"])
    if not applied:
        return
    bill_record.require(bill, PAYABLE, "linked to an obligation that something is applied to")
    amount = sum((row["amount"] for row in applied), ZERO)
    if amount > bill["total_due"]:
        listed = settlement.spell(applied)
        raise conflict(f"Bill {bill['id']} has only {bill['total_due']} due: reverse some of this first: {listed}.")
    _move(call, obligation, bill["id"])


def _move(call: Call, obligation: Record, bill_id: int | None) -> None:
    applied = (applications.c.payment_obligation_id == obligation["id"]) & settlement.COUNTS
    call.connection.execute(update(applications).where(applied).values(bill_id=bill_id))


def _settle(call: Call, obligation_id: int, bill_id: int | None) -> None:
    if bill_id is None:
        settlement.follow_applications(call.connection, call.now, obligation_id)
    else:
        bill_record.settle(call, bill_id)
