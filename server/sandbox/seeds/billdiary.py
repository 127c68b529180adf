"""Generates BillDiary: what its businesses asked for, ordered, bought, paid and sent back."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from server.sandbox.billdiary.entry import months_after
from server.sandbox.billdiary.numbering import ORDER, PAYMENT, PURCHASE, REQUISITION, RETURN
from server.sandbox.billdiary.settlement import ADVANCE, status_of
from server.sandbox.billdiary.shapes import FIXED, MONTHS, PERCENTAGE, RECEIVED
from server.sandbox.billdiary.totals import final_total, lines_total
from server.sandbox.billdiary.workflow import COMPLETED, ORDERED, PARTLY
from server.sandbox.money import ZERO, cents
from server.sandbox.seeds import names
from server.sandbox.seeds.billdiary_desk import Desk, Line, line_of, transaction
from server.sandbox.seeds.billdiary_parties import CLERKS_LOCATION, businesses
from server.sandbox.seeds.ledger import OPENING_DAY, Ledger, Row
from server.sandbox.size import CLOSING_DAY

MOST_PURCHASES = 2000
OF_OTHERS = 4
"""Purchases of each business beside the main one."""

BUYERS = ("owner", "owner", "buyer", "buyer", "own")
"""Who enters what in the main business; at the clerk's location the clerk does it too."""

HOSTILE = 7
"""Which of the main business's purchases has a note that tries to give orders."""


def add(ledger: Ledger) -> None:
    """Generate everything of BillDiary."""
    for place, business in enumerate(businesses(ledger)):
        advances = {contact["id"]: contact["prepaid"] for contact in business.contacts}
        desk = Desk(ledger, business, advances=advances)
        count = min(ledger.size.bills // 5, MOST_PURCHASES) if place == 0 else OF_OTHERS
        for number, day in enumerate(sorted(ledger.recent_day() for _ in range(count))):
            _deal(desk, number, day, in_main=place == 0)
            ledger.checkpoint()
        _close(desk)


def _deal(desk: Desk, number: int, day: date, *, in_main: bool) -> None:
    """One purchase, and what goes before and after it."""
    ledger, business = desk.ledger, desk.business
    location = ledger.pick(business.locations)
    is_clerks = in_main and location is business.locations[CLERKS_LOCATION]
    who = ledger.pick(("clerk", *BUYERS) if is_clerks else BUYERS) if in_main else next(iter(business.users))
    deal = {
        "location_id": location["id"],
        "contact_id": ledger.pick(business.contacts)["id"],
        "created_by": business.users[who]["id"],
    }
    wanted = [line_of(desk, goods) for goods in ledger.some(business.goods, ledger.dice.randint(1, 3))]
    order = None
    if business.row["has_orders"] and (ledger.chance(25) or number < 2):
        order = _ordered(desk, deal, wanted, day)
        if ledger.chance(25):  # another one that nothing has come of yet
            _ordered(desk, deal, wanted, day)
    _purchase(desk, number, deal, _bought(desk, wanted, order), day, order)
    if ledger.chance(4):
        _standalone_return(desk, deal, day)


def _ordered(desk: Desk, deal: Row, wanted: list[Line], day: date) -> tuple[Row, list[Row]]:
    """An order, nearly half of them made from a requisition."""
    ledger = desk.ledger
    ordered_on = max(OPENING_DAY, day - timedelta(days=ledger.dice.randint(3, 15)))
    requisition = _requisition(desk, deal, wanted, ordered_on) if ledger.chance(45) else None
    if ledger.chance(10):  # one that nobody ordered yet
        _requisition(desk, deal, wanted, day, status=ORDERED)
    total = lines_total(wanted)
    order = transaction(
        desk,
        ORDER,
        ordered_on,
        deal,
        status=ORDERED,
        shipping_status=ledger.pick((None, "ordered", "packed", "shipped", "delivered")),
        delivery_date=datetime.combine(ordered_on + timedelta(days=14), time(), UTC),
        total_before_tax=total,
        final_total=total,
        delivered_to="Goods-in" if ledger.chance(30) else None,
    )
    sources = requisition[1] if requisition else [None] * len(wanted)
    rows = [
        ledger.add("billdiary_lines", transaction_id=order["id"], **{**line, "requisition_line_id": source})
        for line, source in zip(wanted, sources, strict=True)
    ]
    if requisition:
        ledger.link("billdiary_links", transaction_id=order["id"], source_id=requisition[0])
    return order, rows


def _requisition(
    desk: Desk, deal: Row, wanted: list[Line], day: date, status: str = COMPLETED
) -> tuple[int, list[int]]:
    """A requisition's id and those of its lines."""
    asked_on = max(OPENING_DAY, day - timedelta(days=desk.ledger.dice.randint(1, 6)))
    needed = datetime.combine(asked_on + timedelta(days=21), time(), UTC)
    asker = {name: deal[name] for name in ("location_id", "created_by")}
    head = transaction(desk, REQUISITION, asked_on, asker, status=status, delivery_date=needed)
    prices = ("pp_without_discount", "discount_percent", "purchase_price", "item_tax", "purchase_price_inc_tax")
    unpriced = {**dict.fromkeys(prices, ZERO), "tax_id": None, "lot_number": None, "exp_date": None}
    rows = [desk.ledger.add("billdiary_lines", transaction_id=head["id"], **{**line, **unpriced}) for line in wanted]
    return head["id"], [row["id"] for row in rows]


def _bought(desk: Desk, wanted: list[Line], order: tuple[Row, list[Row]] | None) -> list[Line]:
    """What comes of what was wanted: of an order all, or a part of it."""
    if order is None:
        return wanted
    in_part = desk.ledger.chance(25)
    bought = [
        {**line, "order_line_id": row["id"], "quantity": max(Decimal(1), line["quantity"] // 2)}
        if in_part
        else {**line, "order_line_id": row["id"]}
        for line, row in zip(wanted, order[1], strict=True)
    ]
    is_all = all(line["quantity"] >= row["quantity"] for line, row in zip(bought, order[1], strict=True))
    order[0]["status"] = COMPLETED if is_all else PARTLY
    return bought


def _purchase(
    desk: Desk, number: int, deal: Row, bought: list[Line], day: date, order: tuple[Row, list[Row]] | None
) -> None:
    ledger = desk.ledger
    status = ledger.pick((RECEIVED,) * 17 + ("pending", "pending", "ordered"))
    purchase = transaction(
        desk,
        PURCHASE,
        day,
        deal,
        ref_no=f"S{deal['contact_id']}-{4000 + number}" if ledger.chance(65) else None,
        invoice_no=f"INV{ledger.dice.randint(100000, 999999)}",
        status=status,
        additional_notes=names.HOSTILE_TEXTS[1] if number == HOSTILE else None,
        staff_note="Count on arrival" if ledger.chance(8) else None,
        **_amounts(desk, bought),
        **_terms(ledger, day),
    )
    rows = [ledger.add("billdiary_lines", transaction_id=purchase["id"], **line) for line in bought]
    if order:
        ledger.link("billdiary_links", transaction_id=purchase["id"], source_id=order[0]["id"])
    if ledger.chance(8):
        _document(ledger, purchase)
    credit = ZERO
    if status == RECEIVED:
        credit = _return(desk, purchase, rows, day) if ledger.chance(12) else ZERO
        _stock(desk, purchase, rows)
    paid = _pay(desk, purchase, purchase["final_total"] - credit, day)
    purchase["payment_status"] = status_of(purchase["final_total"], paid, credit)


def _amounts(desk: Desk, bought: list[Line]) -> Row:
    """What the purchase comes to."""
    ledger = desk.ledger
    head: Row = {"total_before_tax": lines_total(bought)}
    if ledger.chance(20):
        kind = ledger.pick((FIXED, PERCENTAGE))
        amount = Decimal(5) if kind == PERCENTAGE else min(Decimal(3), head["total_before_tax"])
        head |= {"discount_type": kind, "discount_amount": amount}
    if ledger.chance(30):
        tax = ledger.pick(desk.business.taxes)
        head |= {"tax_id": tax["id"], "tax_amount": cents(final_total(head) * tax["amount"] / 100)}
    if ledger.chance(35):
        head["shipping_charges"] = ledger.decimal(500, 9000)
    head["final_total"] = final_total(head)
    return head


def _terms(ledger: Ledger, day: date) -> Row:
    if ledger.chance(15):
        return {}
    if ledger.chance(20):
        return {"pay_term_number": 1, "pay_term_type": MONTHS, "due_date": months_after(day, 1)}
    days = ledger.pick((15, 30, 30, 45))
    return {"pay_term_number": days, "pay_term_type": "days", "due_date": day + timedelta(days=days)}


def _document(ledger: Ledger, purchase: Row) -> None:
    purchase["document"] = f"{purchase['invoice_no']}.pdf"
    content = f"%PDF-1.4\n% {purchase['invoice_no']}\n%%EOF\n".encode()
    file = {"kind": "document", "file_name": purchase["document"], "content_type": "application/pdf"}
    ledger.add("billdiary_documents", transaction_id=purchase["id"], **file, content=content)


def _pay(desk: Desk, owner: Row, owed: Decimal, day: date) -> Decimal:
    """Payments of a purchase or a return, older ones more often in full; what they come to."""
    ledger = desk.ledger
    settled = ledger.chance(90 if (CLOSING_DAY - day).days > 90 else 35)
    if owed <= 0 or (not settled and ledger.chance(60)):
        return ZERO
    first = owed if settled and ledger.chance(75) else cents(owed * ledger.dice.randint(2, 8) / 10)
    amounts = [first, owed - first] if settled else [first]
    paid = ZERO
    for amount in amounts:
        if amount > 0:
            paid_on = min(CLOSING_DAY, day + timedelta(days=ledger.dice.randint(0, 40)))
            _payment(desk, owner, amount, paid_on)
            paid += amount
    return paid


def _payment(desk: Desk, owner: Row, amount: Decimal, day: date) -> None:
    ledger, contact_id = desk.ledger, owner["contact_id"]
    method = ledger.pick(("cash", "bank_transfer", "bank_transfer", "bank_transfer"))
    if owner["type"] == PURCHASE and amount <= desk.advances.get(contact_id, ZERO) and ledger.chance(40):
        method = ADVANCE
        desk.advances[contact_id] -= amount
    ledger.add(
        "billdiary_payments",
        transaction_id=owner["id"],
        contact_id=contact_id,
        account_id=None if method == ADVANCE else ledger.pick(desk.business.accounts)["id"],
        amount=amount,
        method=method,
        paid_on=ledger.moment(day),
        payment_ref_no=desk.number(PAYMENT, day),
        note="Paid with the monthly run" if ledger.chance(10) else None,
        is_return=False,
        details={},
    )


def _return(desk: Desk, purchase: Row, rows: list[Row], day: date) -> Decimal:
    """A return of a part of one line; what of it was not paid back."""
    row = desk.ledger.pick(rows)
    row["quantity_returned"] = max(Decimal(1), row["quantity"] // 4)
    total = cents(row["quantity_returned"] * row["purchase_price_inc_tax"])
    deal = {name: purchase[name] for name in ("location_id", "contact_id", "created_by", "tax_id")}
    sent_on = min(CLOSING_DAY, day + timedelta(days=desk.ledger.dice.randint(1, 20)))
    amounts = {"total_before_tax": total, "final_total": total}
    sent_back = transaction(desk, RETURN, sent_on, deal, **amounts, status="final", return_parent_id=purchase["id"])
    refunded = _pay(desk, sent_back, total, sent_on)
    sent_back["payment_status"] = status_of(total, refunded)
    return total - refunded


def _standalone_return(desk: Desk, deal: Row, day: date) -> None:
    """Goods that go back without naming a purchase."""
    line = line_of(desk, desk.ledger.pick(desk.business.goods))
    price = line["pp_without_discount"]
    plain = {"discount_percent": ZERO, "purchase_price": price, "purchase_price_inc_tax": price, "item_tax": ZERO}
    quantity = Decimal(desk.ledger.dice.randint(1, 3))
    line |= {**plain, "tax_id": None, "sub_unit_id": None, "quantity": quantity, "quantity_returned": quantity}
    total = cents(quantity * price)
    amounts = {"total_before_tax": total, "final_total": total}
    sent_back = transaction(desk, RETURN, day, deal, **amounts, status="final")
    desk.ledger.add("billdiary_lines", transaction_id=sent_back["id"], **line)
    desk.move(deal["location_id"], line["variation_id"], -quantity)
    sent_back["payment_status"] = status_of(total, _pay(desk, sent_back, total, day))


def _stock(desk: Desk, purchase: Row, rows: list[Row]) -> None:
    """The goods come in, less what goes back; a part of them is sold."""
    for row in rows:
        unit = next((unit for unit in desk.business.units if unit["id"] == row["sub_unit_id"]), None)
        left = (row["quantity"] - row["quantity_returned"]) * (unit["multiplier"] if unit else 1)
        desk.move(purchase["location_id"], row["variation_id"], left)
        if left > 1 and desk.ledger.chance(25):
            quantity = Decimal(desk.ledger.dice.randint(1, int(left)))
            sale = {"location_id": purchase["location_id"], "variation_id": row["variation_id"]}
            desk.ledger.add("billdiary_sales", **sale, quantity=quantity, line_id=row["id"])
            desk.move(purchase["location_id"], row["variation_id"], -quantity)


def _close(desk: Desk) -> None:
    """Write what has come together: stock, and the last numbers."""
    for (location_id, variation_id), quantity in desk.stock.items():
        place = {"location_id": location_id, "variation_id": variation_id}
        desk.ledger.link("billdiary_stocks", **place, quantity=quantity)
    for kind, last in desk.numbers.items():
        desk.ledger.link("billdiary_numbers", business_id=desk.business.row["id"], kind=kind, last=last)
