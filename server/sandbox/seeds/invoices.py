"""Generates invoices, most of them for sales orders that were shipped, and the payments received for them."""

from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from sqlalchemy import func, select

from server.sandbox import terms
from server.sandbox.money import ZERO, cents
from server.sandbox.seeds.ledger import OPENING_DAY, Ledger, Row, customers
from server.sandbox.size import CLOSING_DAY
from server.sandbox.tables.selling import sales_order_items, sales_orders

BILLABLE = sales_orders.c.order_status.in_(("shipped", "fulfilled", "completed"))
"""Sales orders that invoices are made of."""

FROM_ORDERS = 70
"""Invoices out of a hundred that are made of sales orders."""


def add(ledger: Ledger) -> None:
    """Generate what customers are asked to pay."""
    buyers = customers(ledger)
    by_id = {buyer["id"]: buyer for buyer in buyers}
    orders = _chosen_orders(ledger)
    span = (CLOSING_DAY - OPENING_DAY).days
    rolls = range(ledger.size.invoices - len(orders))
    alone = deque(sorted(OPENING_DAY + timedelta(days=ledger.dice.randrange(span + 1)) for _ in rolls))
    for order, lines in _orders(ledger, orders):
        while alone and alone[0] <= order["order_date"]:  # ids grow with the dates
            _without_order(ledger, ledger.pick(buyers), alone.popleft())
        _of_order(ledger, by_id[order["company_id"]], order, lines)
        ledger.checkpoint()
    for day in alone:
        _without_order(ledger, ledger.pick(buyers), day)
        ledger.checkpoint()


def _chosen_orders(ledger: Ledger) -> set[int]:
    """Which of the billable orders are invoiced, by their number among them."""
    count = select(func.count().label("orders")).select_from(sales_orders).where(BILLABLE)
    billable = next(iter(ledger.select(count)))["orders"]
    wanted = min(billable, ledger.size.invoices * FROM_ORDERS // 100)
    return set(ledger.dice.sample(range(billable), wanted))


def _orders(ledger: Ledger, chosen: set[int]) -> Iterator[tuple[Row, list[Row]]]:
    """The chosen orders with their lines, by date."""
    names = ("company_id", "order_date", "ship_by_date", "customer_po_number", "total_shipping", "total_tax")
    columns = [sales_orders.c[name] for name in (*names, "total_discount")]
    query = (
        select(sales_order_items, *columns)
        .join(sales_orders, sales_orders.c.id == sales_order_items.c.sales_order_id)
        .where(BILLABLE)
        .order_by(sales_order_items.c.id)
    )
    by_order = groupby(ledger.select(query), key=lambda row: row["sales_order_id"])
    for number, (_, lines) in enumerate(by_order):
        if number in chosen:
            rows = list(lines)
            yield rows[0], rows


def _of_order(ledger: Ledger, customer: Row, order: Row, lines: list[Row]) -> None:
    """Invoice an order: its lines, its total."""
    invoice = _invoice(ledger, customer, order["order_date"])
    kept = ("ship_by_date", "customer_po_number", "total_shipping", "total_discount", "sales_order_id")
    invoice.update({name: order[name] for name in kept}, tax_amount=order["total_tax"])
    for line in lines:
        product = {"id": line["product_id"], "name": line["name"]}
        _line(ledger, invoice, product, line["quantity"], line["unit_price"])
    _finish(ledger, invoice)


def _without_order(ledger: Ledger, customer: Row, day: date) -> None:
    """Invoice what was never ordered in writing."""
    invoice = _invoice(ledger, customer, day)
    goods = ZERO
    for product in ledger.some(ledger.rows["products"], ledger.dice.randint(1, 4)):
        quantity = Decimal(ledger.dice.randint(1, 12) * 4)
        goods += _line(ledger, invoice, product, quantity, product["wholesale_price"])["total"]
    invoice.update(
        status="cancelled" if ledger.chance(6) else "active",
        ship_by_date=day + timedelta(days=ledger.dice.randint(3, 21)) if ledger.chance(80) else None,
        customer_po_number=f"C{ledger.dice.randint(10000, 99999)}" if ledger.chance(60) else None,
        total_shipping=ledger.decimal(0, 9000) if ledger.chance(70) else ZERO,
        total_discount=cents(goods * Decimal("0.05")) if ledger.chance(15) else ZERO,
        tax_amount=ZERO if customer["tax_exempt"] else cents(goods * customer["tax_rate"] / 100),
    )
    _finish(ledger, invoice)


def _invoice(ledger: Ledger, customer: Row, day: date) -> Row:
    created = ledger.moment(day)
    place = {"address_1": customer["address"], "address_2": customer["address_line_2"], "zip": customer["postal_code"]}
    return ledger.add(
        "invoices",
        company_id=customer["id"],
        sales_order_id=None,
        status="active",
        payment_status="unpaid",
        approval_status=ledger.pick(("approved", "approved", "approved", "pending")),
        order_date=day,
        ship_by_date=None,
        customer_po_number=None,
        payment_terms=customer["payment_term"],
        public_note="Thank you for your order" if ledger.chance(15) else None,
        private_note=None,
        total_qty=Decimal(0),
        total_shipping=ZERO,
        tax_amount=ZERO,
        total_discount=ZERO,
        total=ZERO,
        total_paid=ZERO,
        total_due=ZERO,
        warehouse_id=ledger.dice.randint(1, 4) if ledger.chance(85) else None,
        ship_to={**place, "city": customer["city"], "state": customer["state"], "country": customer["country"]},
        custom_fields={"Order source": ledger.pick(("Web", "Phone", "Show"))} if ledger.chance(30) else {},
        sales_channel_id=None,
        revenue_account_id=None,
        invoice_export_template_id=None,
        alternate_ids=[],
        created_at=created,
        updated_at=created,
    )


def _line(ledger: Ledger, invoice: Row, product: Row, quantity: Decimal, unit_price: Decimal) -> Row:
    line = ledger.add(
        "invoice_items",
        invoice_id=invoice["id"],
        product_id=product["id"],
        name=product["name"],
        qty=quantity,
        unit_price=unit_price,
        discount=ZERO,
        total=cents(quantity * unit_price),
        created_at=invoice["created_at"],
        updated_at=invoice["updated_at"],
    )
    invoice["total_qty"] += quantity
    invoice["total"] += line["total"]
    return line


def _finish(ledger: Ledger, invoice: Row) -> None:
    """Add the invoice up, and let it be paid."""
    invoice["total"] += invoice["total_shipping"] + invoice["tax_amount"] - invoice["total_discount"]
    invoice["total_due"] = invoice["total"]
    if invoice["status"] == "active":
        _receive(ledger, invoice)
    for tag in ledger.some(ledger.rows["tags"], 1) if ledger.chance(20) else []:
        ledger.link("taggings", owner="invoice", owner_id=invoice["id"], tag_id=tag["id"])


def _receive(ledger: Ledger, invoice: Row) -> None:
    late = ledger.pick((-5, 0, 0, 4, 10, 25, 60))
    day = terms.due_date(invoice["order_date"], invoice["payment_terms"]) + timedelta(days=late)
    if day <= CLOSING_DAY:
        _payment(ledger, invoice, invoice["total_due"], max(day, invoice["order_date"]))
    elif ledger.chance(12):
        _payment(ledger, invoice, cents(invoice["total"] / 3), invoice["order_date"])


def _payment(ledger: Ledger, invoice: Row, amount: Decimal, day: date) -> None:
    moment = ledger.moment(day)
    ledger.add(
        "invoice_payments",
        invoice_id=invoice["id"],
        gateway="manual",
        type=ledger.pick(("check", "bank_transfer", "credit_card")),
        charge_type="payment",
        amount=amount,
        date=day,
        status="completed",
        external_id=None,
        notes=None,
        reference_id=f"RCV{ledger.dice.randint(10000, 99999)}",
        created_by=1,
        created_at=moment,
        updated_at=moment,
    )
    invoice["total_paid"] += amount
    invoice["total_due"] -= amount
    invoice["payment_status"] = "partial" if invoice["total_due"] else "paid"
    invoice["updated_at"] = max(moment, invoice["updated_at"])
