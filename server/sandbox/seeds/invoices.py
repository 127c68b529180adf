"""Generates what the company sells: sales orders, invoices and the payments received for them."""

from datetime import date, timedelta
from decimal import Decimal

from server.sandbox import terms
from server.sandbox.money import ZERO, cents
from server.sandbox.seeds.ledger import CLOSING_DAY, OPENING_DAY, Ledger, Row, customers


def add(ledger: Ledger) -> None:
    """Generate the selling side of the books."""
    span = (CLOSING_DAY - OPENING_DAY).days
    days = sorted(ledger.dice.randrange(span + 1) for _ in range(ledger.size.invoices))
    buyers = customers(ledger)
    for day in days:
        _invoice(ledger, ledger.pick(buyers), OPENING_DAY + timedelta(days=day))
        ledger.checkpoint()


def _invoice(ledger: Ledger, customer: Row, day: date) -> None:
    created = ledger.moment(day)
    stamps = {"created_at": created, "updated_at": created}
    place = {"address_1": customer["address"], "address_2": customer["address_line_2"], "zip": customer["postal_code"]}
    invoice = ledger.add(
        "invoices",
        company_id=customer["id"],
        sales_order_id=None,
        status="cancelled" if ledger.chance(3) else "active",
        payment_status="unpaid",
        approval_status=ledger.pick(("approved", "approved", "approved", "pending")),
        order_date=day,
        ship_by_date=day + timedelta(days=ledger.dice.randint(3, 21)) if ledger.chance(80) else None,
        customer_po_number=f"C{ledger.dice.randint(10000, 99999)}" if ledger.chance(60) else None,
        payment_terms=customer["payment_term"],
        public_note="Thank you for your order" if ledger.chance(15) else None,
        private_note=None,
        total_qty=Decimal(0),
        total_shipping=ledger.decimal(0, 9000) if ledger.chance(70) else ZERO,
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
        **stamps,
    )
    lines = _lines(ledger, invoice)
    goods = sum((line["total"] for line in lines), ZERO)
    invoice["total_qty"] = sum((line["qty"] for line in lines), Decimal(0))
    if ledger.chance(15):
        invoice["total_discount"] = cents(goods * Decimal("0.05"))
    if not customer["tax_exempt"]:
        invoice["tax_amount"] = cents(goods * customer["tax_rate"] / 100)
    total = goods + invoice["total_shipping"] + invoice["tax_amount"] - invoice["total_discount"]
    invoice.update(total=total, total_due=total)
    if ledger.chance(70):
        _sales_order(ledger, invoice)
    if invoice["status"] == "active":
        _receive(ledger, invoice)
    for tag in ledger.some(ledger.rows["tags"], 1) if ledger.chance(20) else []:
        ledger.link("taggings", owner="invoice", owner_id=invoice["id"], tag_id=tag["id"])


def _lines(ledger: Ledger, invoice: Row) -> list[Row]:
    lines = []
    for product in ledger.some(ledger.rows["products"], ledger.dice.randint(1, 4)):
        quantity = Decimal(ledger.dice.randint(1, 12) * 4)
        lines.append(
            ledger.add(
                "invoice_items",
                invoice_id=invoice["id"],
                product_id=product["id"],
                name=product["name"],
                qty=quantity,
                unit_price=product["wholesale_price"],
                discount=ZERO,
                total=cents(quantity * product["wholesale_price"]),
                created_at=invoice["created_at"],
                updated_at=invoice["updated_at"],
            )
        )
    return lines


def _sales_order(ledger: Ledger, invoice: Row) -> None:
    number = ledger.count("sales_orders")
    order = ledger.add(
        "sales_orders",
        order_number=f"SO-{30100 + number}",
        company_id=invoice["company_id"],
        status="active",
        order_date=invoice["order_date"],
        ship_by_date=invoice["ship_by_date"],
        total=invoice["total"],
        total_shipping=invoice["total_shipping"],
        total_quantity=invoice["total_qty"],
        customer_po_number=invoice["customer_po_number"],
        created_at=invoice["created_at"],
        updated_at=invoice["updated_at"],
    )
    invoice["sales_order_id"] = order["id"]


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
