"""Generates what orders oblige to pay, the bills that ask for it, and deposits paid ahead."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from server.sandbox.money import ZERO, cents
from server.sandbox.resources.payment_obligations.plan import DEPOSIT, Planned, planned
from server.sandbox.resources.settlement import APPLIED, CANCELLED, settled
from server.sandbox.seeds.held import Held, scaled
from server.sandbox.seeds.ledger import Ledger, Row
from server.sandbox.size import CLOSING_DAY
from server.sandbox.tables.payables import bills

ORDERS = 72
"""In books of the usual size."""

DEPOSIT_SHARE = Decimal("0.30")
DELETED = "deleted"


def add(ledger: Ledger) -> list[Held]:
    """Generate the obligations of some orders; the prepayments that were made for their deposits."""
    # An order that was paid as such is not to be paid by obligations once more.
    unpaid = [order for order, _ in ledger.orders if order["order_status"] != DELETED and not order["total_paid"]]
    chosen = ledger.some(unpaid, scaled(ledger, ORDERS, 8))
    billed = _bills(ledger, {order["id"] for order in chosen})
    ahead = []
    for order in chosen:
        split = order["currency"] != "USD" or ledger.chance(60)
        deposit = cents(order["total_cost"] * DEPOSIT_SHARE) if split else ZERO
        plans = planned(order["total_cost"], order["order_date"], order["payment_terms"], deposit=deposit)
        bill = billed.get(order["id"])
        if bill:
            _billed(ledger, order, plans, bill)
        else:
            ahead += _unbilled(ledger, order, plans)
        ledger.checkpoint()
    return ahead


def _bills(ledger: Ledger, order_ids: set[int]) -> dict[int, Row]:
    """The first live bill of each of the orders."""
    names = ("id", "purchase_order_id", "total_paid", "total_credited", "updated_at")
    live = bills.c.purchase_order_id.is_not(None) & (bills.c.status != "void")
    found: dict[int, Row] = {}
    for bill in ledger.select(select(*(bills.c[name] for name in names)).where(live).order_by(bills.c.id)):
        if bill["purchase_order_id"] in order_ids:
            found.setdefault(bill["purchase_order_id"], bill)
    return found


def _billed(ledger: Ledger, order: Row, plans: list[Planned], bill: Row) -> None:
    """What is settled of the bill goes to its obligations in the order they fall due."""
    rest = bill["total_paid"] + bill["total_credited"]
    for plan in plans:
        paid = min(plan.amount, rest)
        rest -= paid
        row = _obligation(ledger, order, plan, paid)
        row["bill_id"] = bill["id"]
        row["updated_at"] = max(row["created_at"], bill["updated_at"])


def _unbilled(ledger: Ledger, order: Row, plans: list[Planned]) -> list[Held]:
    ahead = []
    for plan in plans:
        is_paid = plan.kind == DEPOSIT and ledger.chance(55)
        row = _obligation(ledger, order, plan, plan.amount if is_paid else ZERO)
        if is_paid:
            ahead.append(_paid_ahead(ledger, order, row))
        elif ledger.chance(8):
            row.update(status=CANCELLED, total_due=ZERO, notes="Order terms were changed")
            row["updated_at"] = row["created_at"] + timedelta(hours=2)
        elif plan.kind == DEPOSIT and ledger.chance(40):
            ahead.append(_deposit(ledger, order, plan.amount))
    return ahead


def _obligation(ledger: Ledger, order: Row, plan: Planned, paid: Decimal) -> Row:
    created = order["created_at"]
    return ledger.add(
        "payment_obligations",
        vendor_id=order["vendor_id"],
        purchase_order_id=order["id"],
        bill_id=None,
        kind=plan.kind,
        due_date=plan.due_date,
        currency=order["currency"],
        amount=plan.amount,
        notes=None,
        **settled(plan.amount, paid),
        created_at=created,
        updated_at=created,
    )


def _deposit(ledger: Ledger, order: Row, amount: Decimal) -> Held:
    day = min(order["order_date"] + timedelta(days=ledger.dice.randrange(5)), CLOSING_DAY)
    return Held(day, order["vendor_id"], order["currency"], amount, origin=order["id"])


def _paid_ahead(ledger: Ledger, order: Row, obligation: Row) -> Held:
    held = _deposit(ledger, order, obligation["amount"])
    at = max(ledger.moment(held.day), obligation["created_at"])
    obligation["updated_at"] = at
    target = {"bill_id": None, "payment_obligation_id": obligation["id"], "amount": held.amount, "applied_at": at}
    held.applied.append({**target, "status": APPLIED, "reversed_at": None})
    return held
