"""Generates what vendors owe us and what they were paid ahead: returns, credits, prepayments and obligations."""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select, update

from server.sandbox.money import ZERO, cents
from server.sandbox.resources.applications import balance
from server.sandbox.resources.settlement import APPLIED, CANCELLED, REVERSED
from server.sandbox.seeds import obligations, vendor_returns
from server.sandbox.seeds.bills import PAYMENT_TYPES
from server.sandbox.seeds.held import Held, scaled
from server.sandbox.seeds.ledger import Ledger, Row, vendors
from server.sandbox.size import CLOSING_DAY
from server.sandbox.tables.payables import bills

CREDITS, PREPAYMENTS = 47, 33
"""In books of the usual size, besides the credits of returns and the deposits of orders."""

USES = ("partly", "wholly", "open", "partly", "open", "cancelled", "bill", "open")
"""What became of one credit after the other: `bill` settles a bill by itself."""

NOTES = (
    "Short shipment, two cartons missing", "Price correction", "Damaged on arrival", "Volume rebate", "Billed twice",
    "Goodwill for the late delivery",
)  # fmt: skip

CHANGED = ("total_credited", "total_due", "status", "payment_status", "updated_at")

Key = tuple[int, str]
"""A vendor and a currency."""


def add(ledger: Ledger) -> None:
    """Generate all of it; bills that something is applied to are changed."""
    claims = vendor_returns.add(ledger)
    wanted = scaled(ledger, CREDITS + PREPAYMENTS, 10) + len(claims)
    pool = _Pool(ledger, wanted)
    granted = [*_claimed(ledger, claims, pool), *_granted(ledger, pool)]
    ahead = _paid_ahead(ledger, pool)
    pool.store()
    ahead += obligations.add(ledger)
    _write(ledger, "vendor_credits", granted)
    _write(ledger, "prepayments", ahead)


class _Pool:
    """Open bills that something may be applied to, each once."""

    def __init__(self, ledger: Ledger, wanted: int) -> None:
        self._ledger = ledger
        self._changed: list[Row] = []
        is_open = bills.c.status.in_(("posted", "partially_paid")) & (bills.c.total_due > 0)
        count = next(iter(ledger.select(select(func.count().label("count")).where(is_open))))["count"]
        chosen = set(ledger.dice.sample(range(count), min(count, wanted * 2)))
        rows = ledger.select(select(bills).where(is_open).order_by(bills.c.id))
        self._left = {row["id"]: row for index, row in enumerate(rows) if index in chosen}
        self._begun = deque(bill["id"] for bill in self._left.values() if bill["total_paid"])
        self._by_vendor: dict[Key, list[int]] = {}
        for bill in self._left.values():
            self._by_vendor.setdefault((bill["vendor_id"], bill["currency"]), []).append(bill["id"])

    def take(self, key: Key | None = None) -> Row | None:
        """The oldest bill that is left, of the vendor and currency if they matter."""
        ids: Iterable[int] = self._by_vendor.get(key, []) if key else self._left
        bill_id = next((bill_id for bill_id in ids if bill_id in self._left), None)
        return self._left.pop(bill_id) if bill_id is not None else None

    def take_begun(self) -> Row | None:
        """The oldest bill that is left of which a part is paid; when there is none, any."""
        while self._begun:
            bill = self._left.pop(self._begun.popleft(), None)
            if bill:
                return bill
        return self.take()

    def apply(self, held: Held, bill: Row, amount: Decimal) -> None:
        """Set a part of what is held off against the bill, now and then after a first attempt that was reversed."""
        ledger = self._ledger
        day = max(held.day, bill["posted_at"].date())
        at = max(ledger.moment(min(day + timedelta(days=ledger.dice.randrange(6)), CLOSING_DAY)), bill["updated_at"])
        target = {"bill_id": bill["id"], "payment_obligation_id": None, "amount": amount, "applied_at": at}
        if ledger.chance(12):
            held.applied.append({**target, "status": REVERSED, "reversed_at": at + timedelta(minutes=25)})
            target["applied_at"] = at + timedelta(minutes=30)
        held.applied.append({**target, "status": APPLIED, "reversed_at": None})
        due = bill["total_due"] - amount
        settled = {"status": "partially_paid" if due else "paid", "payment_status": "partial" if due else "paid"}
        bill.update(total_credited=bill["total_credited"] + amount, total_due=due, **settled)
        bill["updated_at"] = target["applied_at"]
        self._changed.append({f"new_{name}": bill[name] for name in CHANGED} | {"bill": bill["id"]})

    def store(self) -> None:
        """Write what became of the bills."""
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in CHANGED}
        self._ledger.execute(update(bills).where(bills.c.id == bindparam("bill")).values(values), self._changed)
        self._changed = []


def _claimed(ledger: Ledger, claims: Sequence[vendor_returns.Claim], pool: _Pool) -> list[Held]:
    """The credits that vendors granted for returned goods."""
    granted = []
    for claim in claims:
        held = Held(claim.day, claim.vendor_id, claim.currency, claim.amount, origin=claim.return_id)
        bill = pool.take((claim.vendor_id, claim.currency)) if ledger.chance(60) else None
        if bill:
            pool.apply(held, bill, min(held.amount, bill["total_due"]))
        granted.append(held)
    return granted


def _granted(ledger: Ledger, pool: _Pool) -> list[Held]:
    """Credits for everything else: what was short, broken or charged too high."""
    granted = []
    everyone = [company for _, company in vendors(ledger)]
    for number in range(scaled(ledger, CREDITS, len(USES))):
        use = USES[number % len(USES)]
        note = ledger.pick(NOTES)
        bill = None if use in ("open", "cancelled") else pool.take()
        if bill is None:
            vendor = ledger.pick(everyone)
            amount = ledger.decimal(2500, 90000)
            held = Held(ledger.recent_day(), vendor["id"], vendor["currency"], amount, note)
            held.cancelled = use == "cancelled"
        else:
            used = bill["total_due"] if use == "bill" else cents(bill["total_due"] * ledger.decimal(5, 60))
            amount = used + ledger.decimal(1000, 60000) if use == "partly" else used
            held = Held(_between(ledger, bill), bill["vendor_id"], bill["currency"], amount, note)
            pool.apply(held, bill, used)
        granted.append(held)
    return granted


def _paid_ahead(ledger: Ledger, pool: _Pool) -> list[Held]:
    """Money paid before the bill came, half of it used since; for orders: `obligations`."""
    ahead = []
    everyone = [company for vendor, company in vendors(ledger) if vendor.trade == "goods"]
    for number in range(scaled(ledger, PREPAYMENTS, 3)):
        bill = pool.take_begun() if number % 3 else None
        if bill is None:
            vendor = ledger.pick(everyone)
            amount = ledger.decimal(20, 400) * 100
            ahead.append(Held(ledger.recent_day(), vendor["id"], vendor["currency"], amount))
            continue
        used = cents(bill["total_due"] * ledger.decimal(20, 50))
        amount = used if number % 3 == 1 else used + ledger.decimal(5, 90) * 100
        day = bill["bill_date"] - timedelta(days=ledger.dice.randint(1, 20))
        held = Held(day, bill["vendor_id"], bill["currency"], amount, origin=bill["purchase_order_id"])
        pool.apply(held, bill, used)
        ahead.append(held)
    return ahead


def _between(ledger: Ledger, bill: Row) -> date:
    """A day from the posting of the bill to the closing day."""
    posted: date = bill["posted_at"].date()
    return posted + timedelta(days=ledger.dice.randrange(min((CLOSING_DAY - posted).days, 30) + 1))


def _write(ledger: Ledger, table: str, plans: list[Held]) -> None:
    for held in sorted(plans, key=lambda held: held.day):  # ids grow with the dates
        row = _credit(ledger, held) if table == "vendor_credits" else _prepayment(ledger, held)
        for application in held.applied:
            sources = {"vendor_credit_id": None, "prepayment_id": None}
            sources["vendor_credit_id" if table == "vendor_credits" else "prepayment_id"] = row["id"]
            ledger.add("applications", **sources, **application)
        ledger.checkpoint()


def _common(ledger: Ledger, held: Held) -> Row:
    used = sum((row["amount"] for row in held.applied if row["status"] == APPLIED), ZERO)
    created = ledger.moment(held.day)
    events = [row["reversed_at"] or row["applied_at"] for row in held.applied]
    row = {"vendor_id": held.vendor_id, "currency": held.currency, "amount": held.amount, "notes": held.note}
    stamps = {"created_at": created, "updated_at": max([created, *events])}
    return {**row, **balance(held.amount, used), **stamps}


def _credit(ledger: Ledger, held: Held) -> Row:
    row = _common(ledger, held)
    cancelled_at = row["created_at"] + timedelta(days=1) if held.cancelled else None
    if cancelled_at:
        row |= {"status": CANCELLED, "remaining_amount": ZERO, "updated_at": cancelled_at}
    reference = f"Return {held.origin}" if held.origin else f"CM-{ledger.dice.randint(10000, 99999)}"
    own = {"vendor_return_id": held.origin, "credit_date": held.day, "reference": reference}
    return ledger.add("vendor_credits", **row, **own, cancelled_at=cancelled_at)


def _prepayment(ledger: Ledger, held: Held) -> Row:
    own = {
        "purchase_order_id": held.origin,
        "payment_date": held.day,
        "payment_type": ledger.pick(PAYMENT_TYPES),
        "reference": f"ADV{ledger.dice.randint(10000, 99999)}",
    }
    return ledger.add("prepayments", **_common(ledger, held), **own)
