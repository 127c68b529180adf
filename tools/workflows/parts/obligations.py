"""Payment obligations: planned payments, mostly of purchase orders, and whether a bill asks for the same money."""

from __future__ import annotations

from decimal import Decimal

from tools.workflows.books import Row
from tools.workflows.parts.record_values import ZERO, amount, decimal, objects

LIST = "list_payment_obligations"


def is_open(obligation: Row) -> bool:
    """Whether something of it is still to be paid."""
    return amount(obligation, "total_due") > 0 and obligation.get("status") not in ("cancelled", "paid")


def paid_of(obligation: Row) -> Decimal:
    """What was paid on it or applied to it."""
    planned, due = decimal(obligation.get("amount")), decimal(obligation.get("total_due"))
    return ZERO if planned is None or due is None else planned - due


def is_billed(obligation: Row) -> bool:
    """Whether a bill asks for it, so that the bill's due counts and not the obligation on top."""
    linked = obligation.get("bills")
    if isinstance(linked, list) and linked:
        return any(not isinstance(bill, dict) or bill.get("status") != "void" for bill in linked)
    return obligation.get("bill_id") is not None


def is_tied_to_a_bill(obligation: Row) -> bool:
    """Whether it names a bill at all, be it a void one."""
    return bool(obligation.get("bill_id") or obligation.get("bills"))


def concerns(obligation: Row, bill: Row) -> bool:
    """Whether it is tied to this bill, or to no bill but to this bill's order."""
    tied = [obligation.get("bill_id"), *(each.get("id") for each in objects(obligation.get("bills")))]
    order = bill.get("purchase_order_id")
    of_order = order is not None and obligation.get("purchase_order_id") == order
    return bill["id"] in tied or (of_order and not is_tied_to_a_bill(obligation))
