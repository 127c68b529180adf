"""Generates bills: entering, posting, holding and paying them, and allocating their lines to purchase orders."""

from datetime import date, timedelta
from decimal import Decimal

from server.sandbox import terms
from server.sandbox.money import ZERO, cents, prorate
from server.sandbox.seeds import names
from server.sandbox.seeds.ledger import Ledger, Row, vendors
from server.sandbox.size import CLOSING_DAY

PAYMENT_TYPES = ("bank_transfer", "bank_transfer", "bank_transfer", "check", "credit_card")
DUPLICATES = 5
"""Drafts that bear the number of an earlier bill of the same vendor, as a second entry of it would."""
HOSTILE_EVERY = 20
"""Posted bills from one such note to the next."""

Order = tuple[Row, list[Row]]
"""A purchase order and its lines."""


def add(ledger: Ledger) -> None:
    """Generate what vendors sent for payment."""
    waiting: dict[int, list[Order]] = {}
    for order in reversed(ledger.orders):
        if any(line["received_quantity"] for line in order[1]):
            waiting.setdefault(order[0]["vendor_id"], []).append(order)
    planned: list[tuple[date, names.Vendor, Row, Order | None]] = []
    for vendor, company in _senders(ledger):
        orders = waiting.get(company["id"])
        billed = orders.pop() if orders and ledger.chance(80) else None
        planned.append((_bill_day(ledger, billed), vendor, company, billed))
    planned.sort(key=lambda plan: plan[0])  # ids grow with the dates
    oddities = _Oddities()
    for day, vendor, company, billed in planned:
        bill = _bill(ledger, vendor, company, day, billed)
        oddities.spread(bill)
        ledger.checkpoint()


class _Oddities:
    """What is wrong on purpose: second entries of a bill, and notes that try to give orders to whoever reads them."""

    def __init__(self) -> None:
        self._first: dict[int, Row] = {}
        self._left = DUPLICATES
        self._posted = 0
        self._hostile = list(names.HOSTILE_TEXTS)

    def spread(self, bill: Row) -> None:
        """Make the bill odd, if it is its turn."""
        earlier = self._first.get(bill["vendor_id"])
        if bill["status"] == "draft" and earlier and self._left:
            number = earlier["bill_number"]
            bill["bill_number"] = number.lower() if self._left == 1 else number
            self._left -= 1
        if bill["status"] in ("posted", "paid"):
            self._first.setdefault(bill["vendor_id"], {"bill_number": bill["bill_number"]})
        if bill["status"] == "posted":
            self._posted += 1
            if self._hostile and self._posted % HOSTILE_EVERY == 1:
                bill["notes"] = self._hostile.pop(0)


def _senders(ledger: Ledger) -> list[tuple[names.Vendor, Row]]:
    """Who sends each bill, in the order of the bills."""
    everyone = vendors(ledger)
    scale = Decimal(ledger.size.bills) / names.BILLS
    shares = [pair for pair in everyone for _ in range(pair[0].bills)]
    fixed = [pair for pair in everyone for _ in range(_fixed(pair[0], scale))]
    senders = fixed + [ledger.pick(shares) for _ in range(ledger.size.bills - len(fixed))]
    ledger.dice.shuffle(senders)
    return senders


def _fixed(vendor: names.Vendor, scale: Decimal) -> int:
    count = names.FIXED_BILLS.get(vendor.name, 0)
    return count if count < 2 else int(count * scale)


def _bill(ledger: Ledger, vendor: names.Vendor, company: Row, day: date, order: Order | None) -> Row:
    number = ledger.count("bills")
    entered = min(day + timedelta(days=ledger.dice.randrange(4)), CLOSING_DAY)
    created = ledger.moment(entered)
    bill = ledger.add(
        "bills",
        bill_number=_bill_number(ledger, vendor, number),
        vendor_id=company["id"],
        purchase_order_id=order[0]["id"] if order else None,
        status="draft",
        payment_status="unpaid",
        status_before_hold=None,
        hold_reason=None,
        bill_date=day,
        due_date=terms.due_date(day, company["payment_term"]),
        payment_term=company["payment_term"],
        currency=company["currency"],
        subtotal=ZERO,
        tax_amount=ZERO,
        total=ZERO,
        total_paid=ZERO,
        total_due=ZERO,
        notes=ledger.pick(names.BILL_NOTES) if ledger.chance(12) else None,
        posted_at=None,
        variance_method=None,
        variance_note=None,
        variance_resolved_at=None,
        created_at=created,
        updated_at=created,
    )
    lines = _order_lines(ledger, bill, order[1]) if order else _free_lines(ledger, bill, vendor)
    bill["subtotal"] = sum((line["line_total"] for line in lines), ZERO)
    if vendor.trade == "services" and ledger.chance(50):
        bill["tax_amount"] = cents(bill["subtotal"] * Decimal("0.07"))
    bill["total"] = bill["total_due"] = bill["subtotal"] + bill["tax_amount"]
    _live(ledger, vendor, bill, entered)
    if order and bill["status"] != "void":
        _allocate(ledger, bill, lines, order[1])
    if number == 3:
        lines[0]["description"] = f"Setup fee. {names.HOSTILE_TEXTS[0]}"
    return bill


def _bill_day(ledger: Ledger, order: Order | None) -> date:
    if order:
        ordered: date = order[0]["order_date"]
        return min(ordered + timedelta(days=ledger.dice.randint(18, 40)), CLOSING_DAY)
    return ledger.recent_day()


def _bill_number(ledger: Ledger, vendor: names.Vendor, number: int) -> str:
    initials = "".join(word[0] for word in vendor.name.split() if word[0].isascii() and word[0].isalpha())
    return f"{initials}-{2600 + number * 3 + ledger.dice.randrange(3)}"


def _line(ledger: Ledger, bill: Row, line_number: int, kind: str, text: str, quantity: Decimal, cost: Decimal) -> Row:
    return ledger.add(
        "bill_items",
        bill_id=bill["id"],
        line_number=line_number,
        type=kind,
        product_id=None,
        description=text,
        quantity=quantity,
        unit_cost=cost,
        line_total=cents(quantity * cost),
        purchase_order_item_id=None,
    )


def _order_lines(ledger: Ledger, bill: Row, ordered: list[Row]) -> list[Row]:
    lines = []
    for line_number, wanted in enumerate((line for line in ordered if line["received_quantity"]), 1):
        cost = wanted["unit_cost"] * Decimal("1.04") if ledger.chance(12) else wanted["unit_cost"]
        cost = cost.quantize(Decimal("0.0001"))
        quantity = wanted["received_quantity"]
        line = _line(ledger, bill, line_number, "product", wanted["description"], quantity, cost)
        line["product_id"], line["purchase_order_item_id"] = wanted["product_id"], wanted["id"]
        lines.append(line)
    if ledger.chance(65):
        cost = ledger.decimal(4000, 65000)
        lines.append(_line(ledger, bill, len(lines) + 1, "freight", ledger.pick(names.FREIGHT), Decimal(1), cost))
    if bill["currency"] != "USD":
        cost = ledger.decimal(3000, 30000)
        lines.append(_line(ledger, bill, len(lines) + 1, "duty", "Import duty", Decimal(1), cost))
    return lines


def _free_lines(ledger: Ledger, bill: Row, vendor: names.Vendor) -> list[Row]:
    lines = []
    for line_number in range(1, 1 + ledger.dice.randint(1, 3)):
        if vendor.trade == "goods":
            product = ledger.pick(ledger.rows["products"])
            quantity = Decimal(ledger.dice.randint(1, 20) * 6)
            line = _line(ledger, bill, line_number, "product", product["name"], quantity, product["cost"])
            line["product_id"] = product["id"]
        else:
            kind = "freight" if vendor.trade == "freight" else "other"
            text = ledger.pick(names.FREIGHT if kind == "freight" else names.SERVICES)
            line = _line(ledger, bill, line_number, kind, text, Decimal(1), ledger.decimal(4500, 180000))
        lines.append(line)
    return lines


def _live(ledger: Ledger, vendor: names.Vendor, bill: Row, entered: date) -> None:
    """Let the bill go through posting, holding and paying up to the closing day."""
    if vendor.name not in (names.ALL_PAID, names.ONE_BILL):
        if ledger.chance(3):
            bill.update(status="void", total_due=ZERO)
            return
        if ledger.chance(20) and entered > CLOSING_DAY - timedelta(days=21):
            return
    posted = min(entered + timedelta(days=ledger.dice.randrange(3)), CLOSING_DAY)
    posted_at = max(ledger.moment(posted), bill["created_at"])
    bill.update(status="posted", posted_at=posted_at, updated_at=posted_at)
    late = ledger.pick((-3, 0, 2, 5, 9, 20, 35, 70, 90, 130))
    pays_on = max(bill["due_date"] + timedelta(days=late), posted_at.date())
    if vendor.name == names.ALL_PAID:
        _pay(ledger, bill, bill["total"], min(pays_on, CLOSING_DAY))
    elif pays_on <= CLOSING_DAY - timedelta(days=1) and vendor.name != names.ONE_BILL:
        _settle(ledger, bill, pays_on)
    elif ledger.chance(14):
        part = cents(bill["total"] * ledger.decimal(20, 70))
        _pay(ledger, bill, part, max(posted, CLOSING_DAY - timedelta(days=ledger.dice.randint(1, 20))))
    if bill["status"] in ("posted", "partially_paid") and ledger.chance(6):
        reason = ledger.pick(names.HOLD_REASONS)
        bill.update(status="hold", status_before_hold=bill["status"], hold_reason=reason)


def _settle(ledger: Ledger, bill: Row, pays_on: date) -> None:
    if ledger.chance(4):
        bounced = _pay(ledger, bill, bill["total"], pays_on)
        bounced.update(status="void", voided_at=bounced["created_at"] + timedelta(hours=5))
        bill.update(status="posted", payment_status="unpaid", total_paid=ZERO, total_due=bill["total"])
        bill["updated_at"] = max(bill["updated_at"], bounced["voided_at"])
        return
    if ledger.chance(12):
        half = cents(bill["total"] / 2)
        _pay(ledger, bill, half, max(bill["posted_at"].date(), pays_on - timedelta(days=10)))
    _pay(ledger, bill, bill["total_due"], pays_on)


def _pay(ledger: Ledger, bill: Row, amount: Decimal, day: date) -> Row:
    created = ledger.moment(day)
    kind = ledger.pick(PAYMENT_TYPES)
    payment = ledger.add(
        "bill_payments",
        bill_id=bill["id"],
        amount=amount,
        payment_date=day,
        payment_type=kind,
        reference=f"{'CHK' if kind == 'check' else 'TRX'}{ledger.dice.randint(10000, 99999)}",
        remarks=None,
        status="posted",
        created_at=created,
        voided_at=None,
    )
    bill["total_paid"] += amount
    bill["total_due"] -= amount
    paid = bill["total_due"] == 0
    bill.update(status="paid" if paid else "partially_paid", payment_status="paid" if paid else "partial")
    bill["updated_at"] = max(bill["updated_at"], created)
    return payment


def _allocate(ledger: Ledger, bill: Row, lines: list[Row], ordered: list[Row]) -> None:
    if not ledger.chance(70):
        return
    for line in lines:
        if line["type"] == "product":
            _allocation(ledger, bill, line, line["purchase_order_item_id"], line["line_total"], "auto")
        elif ledger.chance(40):
            shares = prorate(line["line_total"], [wanted["line_total"] for wanted in ordered])
            for wanted, share in zip(ordered, shares, strict=True):
                if share:
                    _allocation(ledger, bill, line, wanted["id"], share, "prorated")


def _allocation(ledger: Ledger, bill: Row, line: Row, target: int, amount: Decimal, method: str) -> None:
    ledger.add(
        "bill_allocations",
        bill_id=bill["id"],
        bill_item_id=line["id"],
        purchase_order_item_id=target,
        amount=amount,
        method=method,
        created_at=bill["updated_at"],
    )
