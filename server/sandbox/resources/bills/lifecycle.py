"""What a bill goes through: posted, held, released, reopened, void."""

from server.sandbox.resources import settlement
from server.sandbox.resources.bills import record as bill_record
from server.sandbox.shapes import Choice, Shape, Text, optional, required
from server.sandbox.wire import Answer, Call, Routes, conflict

routes = Routes()

HOLD = Shape({"reason": optional(Text(max_length=1000))})
STATUS = Shape({"status": required(Choice(("draft", "posted", "void")))})

HOLDABLE = ("draft", "posted", "partially_paid")
VOIDABLE = ("draft", "posted", "hold")


@routes.post("/bills/{billId}/post")
def post_bill(call: Call) -> Answer:
    """Make a draft final."""
    bill = bill_record.load(call)
    bill_record.require(bill, ("draft",), "posted")
    bill_record.change(call, bill["id"], status="posted", posted_at=call.now)
    return bill_record.show(call, bill["id"])


@routes.post("/bills/{billId}/hold")
def hold_bill(call: Call) -> Answer:
    """Keep a bill from being paid; the status it had is remembered."""
    bill = bill_record.load(call)
    reason = HOLD.check(call.json()).get("reason")
    bill_record.require(bill, HOLDABLE, "held")
    bill_record.change(call, bill["id"], status="hold", status_before_hold=bill["status"], hold_reason=reason)
    return bill_record.show(call, bill["id"])


@routes.post("/bills/{billId}/unhold")
def unhold_bill(call: Call) -> Answer:
    """Give a held bill its former status back."""
    bill = bill_record.load(call)
    bill_record.require(bill, ("hold",), "released")
    released = {"status": bill["status_before_hold"], "status_before_hold": None, "hold_reason": None}
    bill_record.change(call, bill["id"], **released)
    return bill_record.show(call, bill["id"])


@routes.post("/bills/{billId}/reopen")
def reopen_bill(call: Call) -> Answer:
    """Make a posted bill a draft again."""
    bill = bill_record.load(call)
    _refuse_settled(call, bill["id"], "reopened")
    bill_record.require(bill, ("posted",), "reopened")
    bill_record.change(call, bill["id"], status="draft", posted_at=None)
    return bill_record.show(call, bill["id"])


@routes.patch("/bills/{billId}/status")
def update_bill_status(call: Call) -> Answer:
    """Set the status by name; the rules are those of the actions."""
    status = STATUS.check(call.json())["status"]
    return {"posted": post_bill, "draft": reopen_bill, "void": _void}[status](call)


def _void(call: Call) -> Answer:
    bill = bill_record.load(call)
    _refuse_settled(call, bill["id"], "voided")
    bill_record.require(bill, VOIDABLE, "voided")
    bill_record.change(call, bill["id"], status="void", status_before_hold=None, hold_reason=None)
    bill_record.settle(call, bill["id"])
    return bill_record.show(call, bill["id"])


def _refuse_settled(call: Call, bill_id: int, action: str) -> None:
    paid = [p for p in bill_record.payments_of(call.connection, bill_id) if p["status"] == "posted"]
    if paid:
        listed = ", ".join(f"{p['id']} ({p['amount']})" for p in paid)
        raise conflict(f"Bill {bill_id} cannot be {action}: void or delete its payments first: {listed}.")
    settlement.refuse_applications(call.connection, bill_id, action)
