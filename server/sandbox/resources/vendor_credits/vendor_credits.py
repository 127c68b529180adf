"""Vendor credits: list, enter, cancel, apply, and undo an application."""

from sqlalchemy import update

from server.sandbox.filters import page
from server.sandbox.money import ZERO
from server.sandbox.resources import applications, settlement
from server.sandbox.resources.applications import CREDIT
from server.sandbox.resources.bills.bills import CURRENCIES
from server.sandbox.resources.vendor_credits import record as credit_record
from server.sandbox.resources.vendor_credits import returns
from server.sandbox.resources.vendors import vendor_of
from server.sandbox.shapes import COMPUTED, Choice, Day, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.credits import applications as applied_amounts
from server.sandbox.tables.credits import vendor_credits
from server.sandbox.wire import NO_CONTENT, Answer, Call, Routes, conflict, created, data

routes = Routes()


NEW_CREDIT = Shape(
    {
        "vendor_id": required(Whole(minimum=1)),
        "amount": required(Number(above=True)),
        "credit_date": optional(Day()),
        "currency": optional(Choice(CURRENCIES)),
        "reference": optional(Text()),
        "notes": optional(Text(max_length=5000)),
    },
    computed=COMPUTED,
)


@routes.get("/vendor-credits")
def list_vendor_credits(call: Call) -> Answer:
    """All credits."""
    return page(call, credit_record.CREDITS, present=credit_record.present)


@routes.get("/vendor-credits/{vendorCreditId}")
def get_vendor_credit(call: Call) -> Answer:
    """One credit with its applications."""
    return credit_record.show(call, credit_record.load(call)["id"])


@routes.post("/vendor-credits")
def create_vendor_credit(call: Call) -> Answer:
    """Enter a credit that a vendor granted; in the vendor's currency unless told."""
    sent = NEW_CREDIT.check(call.json())
    vendor = vendor_of(call.connection, sent["vendor_id"])
    opened = {
        "credit_date": sent.get("credit_date") or call.today,
        "currency": sent.get("currency") or vendor["currency"],
    }
    return credit_record.show(call, credit_record.enter(call, {**sent, **opened}), 201)


@routes.post("/vendor-credits/{vendorCreditId}/cancel")
def cancel_vendor_credit(call: Call) -> Answer:
    """Cancel a credit of which nothing is applied; the return it was for may then be claimed anew."""
    credit = credit_record.load(call)
    if credit["status"] == settlement.CANCELLED:
        raise conflict(f"Vendor credit {credit['id']} is cancelled already.")
    applied = settlement.applied_where(call.connection, applied_amounts.c.vendor_credit_id == credit["id"])
    if applied:
        listed = settlement.spell(applied)
        raise conflict(f"Vendor credit {credit['id']} cannot be cancelled: reverse its applications first: {listed}.")
    values = {
        "status": settlement.CANCELLED,
        "remaining_amount": ZERO,
        "cancelled_at": call.now,
        "updated_at": call.now,
    }
    call.connection.execute(update(vendor_credits).where(vendor_credits.c.id == credit["id"]).values(values))
    if credit["vendor_return_id"] is not None:
        returns.unclaim(call, credit["vendor_return_id"])
    return credit_record.show(call, credit["id"])


@routes.post("/vendor-credits/{vendorCreditId}/apply")
def apply_vendor_credit(call: Call) -> Answer:
    """Set a part of the credit off against a bill or an obligation of the same vendor and currency."""
    return created(applications.apply(call, CREDIT, credit_record.load(call)))


@routes.post("/vendor-credits/{vendorCreditId}/applications/{applicationId}/reverse")
def reverse_vendor_credit_application(call: Call) -> Answer:
    """Undo an application, which stays on record."""
    application = applications.load(call, CREDIT, credit_record.load(call))
    return data(applications.undo(call, CREDIT, application))


@routes.delete("/vendor-credits/{vendorCreditId}/applications/{applicationId}")
def delete_vendor_credit_application(call: Call) -> Answer:
    """Remove an application from the record."""
    applications.erase(call, CREDIT, applications.load(call, CREDIT, credit_record.load(call)))
    return NO_CONTENT
