"""What the accounts with vendors should say: a model of bills, payments, credits, prepayments and obligations.

It shares nothing with the sandbox. It stores what was done and takes every sum anew when it is asked. `refuse_...` say
which error statuses an action may be answered with, one for each rule that it breaks; none means that it must succeed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
NOTHING = Decimal(0)

CONFLICT, INVALID = 409, 422

CREDITS, PREPAYMENTS = "vendor-credits", "prepayments"


def cents(amount: Decimal) -> Decimal:
    """The amount in whole cents, half a cent up."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def broken(*rules: tuple[bool, int]) -> set[int]:
    """The statuses of the rules that are broken."""
    return {status for is_broken, status in rules if is_broken}


@dataclass
class Payment:
    """A payment of a bill."""

    amount: Decimal
    counts: bool = True


@dataclass
class Bill:
    """A bill: `state` is draft, posted or void, whatever is paid of it."""

    id: int
    vendor: int
    currency: str
    order: int | None
    total: Decimal
    state: str = "draft"
    held: bool = False
    payments: dict[int, Payment] = field(default_factory=dict)


@dataclass
class Fund:
    """A vendor credit or a prepayment."""

    kind: str
    id: int
    vendor: int
    currency: str
    amount: Decimal
    cancelled: bool = False
    returned: int | None = None
    """The vendor return that a credit is for."""


@dataclass
class Obligation:
    """A payment that an order will require, carried by a bill or by none."""

    id: int
    order: int
    vendor: int
    currency: str
    amount: Decimal
    due: str
    cancelled: bool = False
    bill: int | None = None


@dataclass
class Application:
    """A part of a fund, set off against a bill or an obligation."""

    fund: Fund
    amount: Decimal
    bill: int | None
    obligation: int | None
    counts: bool = True


class Ledger:
    """All of them, by id."""

    def __init__(self) -> None:
        self.bills: dict[int, Bill] = {}
        self.funds: dict[tuple[str, int], Fund] = {}
        self.obligations: dict[int, Obligation] = {}
        self.applications: dict[int, Application] = {}

    # Bills

    def paid(self, bill: Bill) -> Decimal:
        """What its payments come to."""
        return sum((payment.amount for payment in bill.payments.values() if payment.counts), NOTHING)

    def credited(self, bill: Bill) -> Decimal:
        """What is applied to it, or to an obligation that it carries."""
        own = (application.amount for application in self._live() if application.bill == bill.id)
        carried = {obligation.id for obligation in self.carried(bill)}
        return sum(own, NOTHING) + sum((a.amount for a in self._live() if a.obligation in carried), NOTHING)

    def settled(self, bill: Bill) -> Decimal:
        """What is paid and credited."""
        return self.paid(bill) + self.credited(bill)

    def due(self, bill: Bill) -> Decimal:
        """What is left to pay; nothing of a void bill."""
        return NOTHING if bill.state == "void" else bill.total - self.settled(bill)

    def status(self, bill: Bill) -> str:
        """The status it is shown with."""
        if bill.held:
            return "hold"
        if bill.state != "posted" or not self.settled(bill):
            return bill.state
        return "partially_paid" if self.due(bill) else "paid"

    def bill_shown(self, bill: Bill) -> dict[str, Any]:
        """What its record must say."""
        settled, due = self.settled(bill), self.due(bill)
        return {
            "vendor_id": bill.vendor,
            "currency": bill.currency,
            "status": self.status(bill),
            "payment_status": "unpaid" if not settled else "partial" if due else "paid",
            "total": bill.total,
            "total_paid": self.paid(bill),
            "total_credited": self.credited(bill),
            "total_due": due,
            "payments": {i: (p.amount, "posted" if p.counts else "void") for i, p in bill.payments.items()},
        }

    def refuse_action(self, bill: Bill, action: str) -> set[int]:
        """Post, hold, unhold, reopen and void: each from some statuses only, the last two of an unpaid bill."""
        allowed = {
            "post": {"draft"},
            "hold": {"draft", "posted", "partially_paid"},
            "unhold": {"hold"},
            "reopen": {"posted"},
            "void": {"draft", "posted", "hold"},
        }
        fits = self.status(bill) in allowed[action]
        return broken((not fits or (action in {"reopen", "void"} and bool(self.settled(bill))), CONFLICT))

    def act(self, bill: Bill, action: str) -> None:
        """Do what was allowed; a void bill carries no obligation any more."""
        if action in {"hold", "unhold"}:
            bill.held = action == "hold"
            return
        bill.state = {"post": "posted", "reopen": "draft", "void": "void"}[action]
        if action == "void":
            bill.held = False
            self.let_go(bill)

    def refuse_payment(self, bill: Bill, amount: Decimal) -> set[int]:
        """Only a posted bill is paid, and never more than it asks for."""
        payable = self.payable(bill)
        return broken((amount <= 0, INVALID), (not payable, CONFLICT), (amount > self.due(bill), INVALID))

    def payable(self, bill: Bill) -> bool:
        """Whether money may go to it."""
        return self.status(bill) in {"posted", "partially_paid"}

    def let_go(self, bill: Bill) -> None:
        """It carries no obligation any more."""
        for obligation in self.carried(bill):
            obligation.bill = None

    # Credits and prepayments

    def left(self, fund: Fund) -> Decimal:
        """What may still be applied."""
        return NOTHING if fund.cancelled else fund.amount - self.used(fund)

    def used(self, fund: Fund) -> Decimal:
        """What is applied."""
        return sum((application.amount for application in self._live() if application.fund is fund), NOTHING)

    def fund_shown(self, fund: Fund) -> dict[str, Any]:
        """What its record must say."""
        used = self.used(fund)
        status = "open" if not used else "applied" if used == fund.amount else "partially_applied"
        mine = {i: a for i, a in self.applications.items() if a.fund is fund}
        return {
            "vendor_id": fund.vendor,
            "currency": fund.currency,
            "amount": fund.amount,
            "status": "cancelled" if fund.cancelled else status,
            "applied_amount": used,
            "remaining_amount": self.left(fund),
            "applications": {i: (a.amount, "applied" if a.counts else "reversed") for i, a in mine.items()},
        }

    def refuse_cancel(self, fund: Fund) -> set[int]:
        """A credit is cancelled once, and not while something of it is applied."""
        return broken((fund.cancelled or bool(self.used(fund)), CONFLICT))

    def refuse_apply(self, fund: Fund, target: Bill | Obligation, amount: Decimal) -> set[int]:
        """Within vendor and currency, and never more than there is and is asked for."""
        bill = target if isinstance(target, Bill) else self.bills.get(target.bill or 0)
        said = broken(
            (amount <= 0, INVALID),
            ((fund.vendor, fund.currency) != (target.vendor, target.currency), INVALID),
            (fund.cancelled, CONFLICT),
            (amount > self.left(fund), INVALID),
        )
        if isinstance(target, Obligation):
            said |= broken((target.cancelled, CONFLICT), (amount > self.asked(target), INVALID))
        if bill is not None:
            said |= broken((not self.payable(bill), CONFLICT), (amount > self.due(bill), INVALID))
        return said

    # Obligations

    def carried(self, bill: Bill) -> list[Obligation]:
        """The obligations that a bill carries, in the order they fall due."""
        found = [obligation for obligation in self.obligations.values() if obligation.bill == bill.id]
        return sorted(found, key=lambda obligation: (obligation.due, obligation.id))

    def own(self, obligation: Obligation) -> Decimal:
        """What is applied to the obligation itself."""
        return sum((a.amount for a in self._live() if a.obligation == obligation.id), NOTHING)

    def covered(self, obligation: Obligation) -> Decimal:
        """What is paid of it: its own, and its turn of what else its bill got."""
        if obligation.bill is None:
            return self.own(obligation)
        bill = self.bills[obligation.bill]
        together = self.carried(bill)
        rest = self.settled(bill) - sum((self.own(one) for one in together), NOTHING)
        for one in together:
            share = min(one.amount - self.own(one), rest)
            rest -= share
            if one is obligation:
                return self.own(one) + share
        raise LookupError(f"bill {bill.id} does not carry obligation {obligation.id}")

    def asked(self, obligation: Obligation) -> Decimal:
        """What it still asks for."""
        return NOTHING if obligation.cancelled else obligation.amount - self.covered(obligation)

    def obligation_status(self, obligation: Obligation) -> str:
        """The status it is shown with."""
        if obligation.cancelled:
            return "cancelled"
        covered = self.covered(obligation)
        return "open" if not covered else "paid" if covered == obligation.amount else "partially_paid"

    def obligation_shown(self, obligation: Obligation) -> dict[str, Any]:
        """What its record must say."""
        return {
            "vendor_id": obligation.vendor,
            "currency": obligation.currency,
            "purchase_order_id": obligation.order,
            "bill_id": obligation.bill,
            "amount": obligation.amount,
            "due_date": obligation.due,
            "status": self.obligation_status(obligation),
            "total_paid": NOTHING if obligation.cancelled else self.covered(obligation),
            "total_due": self.asked(obligation),
        }

    def planned(self, order_id: int) -> Decimal:
        """What all obligations of an order come to."""
        mine = (one for one in self.obligations.values() if one.order == order_id and not one.cancelled)
        return sum((one.amount for one in mine), NOTHING)

    def refuse_link(self, obligation: Obligation, bill: Bill) -> set[int]:
        """Within vendor and currency, one bill at a time; what is applied already must fit onto the bill."""
        own = self.own(obligation)
        same = (obligation.vendor, obligation.currency) == (bill.vendor, bill.currency)
        taken = obligation.cancelled or obligation.bill is not None or bill.state == "void"
        room = not own or (self.payable(bill) and own <= self.due(bill))
        return broken((not same, INVALID), (taken, CONFLICT), (not room, CONFLICT))

    def refuse_amount(self, obligation: Obligation, amount: Decimal, order_total: Decimal) -> set[int]:
        """Not less than is paid; no rise beyond what the order costs."""
        others = self.planned(obligation.order) - obligation.amount
        return broken(
            (amount <= 0, INVALID),
            (obligation.cancelled, CONFLICT),
            (amount < self.covered(obligation), INVALID),
            (amount > obligation.amount and others + amount > order_total, INVALID),
        )

    def refuse_status(self, obligation: Obligation, status: str, order_total: Decimal) -> set[int]:
        """Only an unpaid one is cancelled, and one that is cancelled is opened again while its order has room."""
        now = self.obligation_status(obligation)
        if status == now:
            return set()
        if status == "cancelled":
            return broken((bool(self.covered(obligation)), CONFLICT))
        over = self.planned(obligation.order) + obligation.amount > order_total
        return broken((now != "cancelled" or status != "open" or over, CONFLICT))

    def _live(self) -> Iterable[Application]:
        return (application for application in self.applications.values() if application.counts)
