"""Generates purchase orders, what was paid on them, the shipments that come in, and the goods these bring."""

from datetime import date, timedelta
from decimal import Decimal

from server.sandbox import ordering
from server.sandbox.money import ZERO, cents
from server.sandbox.seeds import receipts
from server.sandbox.seeds.ledger import Ledger, Row, vendors
from server.sandbox.size import CLOSING_DAY
from server.sandbox.tables.purchasing import EACH

Order = tuple[Row, list[Row]]
"""A purchase order and its lines."""

PAYMENT_TYPES = ("bank_transfer", "bank_transfer", "check", "credit_card")
INCOTERMS = ("FOB", "EXW", "CIF", "DDP")
COST_NAMES = ("Ocean freight", "Customs clearance", "Insurance", "Drayage", "Fumigation")
ALLOCATED_BY = ("value", "quantity", "weight")
PUBLIC_NOTES = ("Pack by style, please.", "Label every carton with our order number.", "Call before delivery.")
PRIVATE_NOTES = ("Reorder before the holidays.", "Price agreed by phone.", "Compare with last year's quality.")

STATES_TAX = Decimal("0.06")
SHORT_CLOSED_AFTER = timedelta(days=90)


def add(ledger: Ledger) -> None:
    """Generate what was ordered and what arrived. The orders stay at hand: bills are made of them."""
    sellers = [company for vendor, company in vendors(ledger) if vendor.trade == "goods"]
    products = {product["id"]: product for product in ledger.rows["products"]}
    sold: dict[int, list[Row]] = {}
    for link in ledger.rows["company_products"]:
        sold.setdefault(link["company_id"], []).append(products[link["product_id"]])
    days = sorted(ledger.recent_day() for _ in range(ledger.size.orders))
    # Dice of their own for everything that came later than the rows bills and stock are made of.
    details = ledger.part("purchase order details")
    arrivals = ledger.part("receiving reports")
    for number, day in enumerate(days):
        vendor = ledger.pick(sellers)
        order, lines = _order(ledger, number, vendor, sold, day)
        _detail(details, order, lines)
        if day <= CLOSING_DAY - timedelta(days=ledger.dice.randint(4, 12)):
            _shipment(ledger, details, arrivals, number, order, lines)
        _finish(details, order, lines)
        ledger.orders.append((order, lines))
        ledger.checkpoint()


def _order(ledger: Ledger, number: int, vendor: Row, sold: dict[int, list[Row]], day: date) -> Order:
    created = ledger.moment(day)
    order = ledger.add(
        "purchase_orders",
        order_number=f"PO-{10400 + number}",
        vendor_id=vendor["id"],
        supplier_id=ledger.pick(ledger.rows["suppliers"])["id"] if ledger.chance(35) else None,
        warehouse_id=None,
        location_id=None,
        order_status="active",
        order_date=day,
        invoice_date=None,
        arrival_due_date=None,
        requested_ship_date=None,
        order_type=1,
        incoterm=None,
        tracking_info=None,
        payment_terms=vendor["payment_term"],
        currency=vendor["currency"],
        public_note=None,
        private_note=None,
        starred=False,
        extra_tax=ZERO,
        total_shipping_cost=ZERO,
        down_payment=ZERO,
        created_at=created,
        updated_at=created,
        **ordering.order_totals({"extra_tax": ZERO, "total_shipping_cost": ZERO}, [], []),
    )
    lines = [
        _line(ledger, order, line_number, product)
        for line_number, product in enumerate(ledger.some(sold[vendor["id"]], ledger.dice.randint(2, 5)), 1)
    ]
    return order, lines


def _line(ledger: Ledger, order: Row, line_number: int, product: Row) -> Row:
    quantity = Decimal(ledger.dice.randint(2, 40) * 12)
    return ledger.add(
        "purchase_order_items",
        purchase_order_id=order["id"],
        line_number=line_number,
        product_id=product["id"],
        description=product["name"],
        quantity=quantity,
        received_quantity=Decimal(0),
        unit_cost=product["cost"],
        unit=EACH,
        tax=ZERO,
        discount_amount=ZERO,
        line_total=cents(quantity * product["cost"]),
        source_sku=product["sku"],
        created_at=order["created_at"],
        updated_at=order["created_at"],
    )


def _detail(details: Ledger, order: Row, lines: list[Row]) -> None:
    """What an order has besides its lines: supplier, dates, notes, freight, taxes and discounts."""
    suppliers = details.rows["suppliers"]
    day = order["order_date"]
    wanted = day + timedelta(days=details.dice.randint(5, 20))
    imported = order["currency"] != "USD"
    order.update(
        supplier_id=order["supplier_id"] or suppliers[order["vendor_id"] % (len(suppliers) - 1)]["id"],
        warehouse_id=details.pick(details.rows["warehouses"])["id"],
        invoice_date=wanted if details.chance(60) and wanted <= CLOSING_DAY else None,
        requested_ship_date=wanted,
        arrival_due_date=wanted + timedelta(days=details.dice.randint(4, 15)),
        incoterm=details.pick(INCOTERMS) if imported or details.chance(20) else None,
        tracking_info=f"1Z{details.dice.randint(10**9, 10**10 - 1)}" if details.chance(30) else None,
        public_note=details.pick(PUBLIC_NOTES) if details.chance(15) else None,
        private_note=details.pick(PRIVATE_NOTES) if details.chance(15) else None,
        starred=details.chance(6),
        total_shipping_cost=details.decimal(2500, 60000) if details.chance(40) else ZERO,
    )
    _number(details, order, imported)
    taxed = not imported and details.chance(10)
    for line in lines:
        gross = line["line_total"]
        line["tax"] = cents(gross * STATES_TAX) if taxed else ZERO
        line["discount_amount"] = cents(gross * details.dice.randint(2, 10) / 100) if details.chance(8) else ZERO
        line["line_total"] = ordering.line_total(line)
    if imported and details.chance(50):
        order["extra_tax"] = details.decimal(1500, 20000)
    for tag in details.some(details.rows["tags"], 1 if details.chance(8) else 0):
        details.link("taggings", owner="purchase_order", owner_id=order["id"], tag_id=tag["id"])


def _number(details: Ledger, order: Row, imported: bool) -> None:
    numbers = [order["order_number"]]
    if imported or details.chance(12):
        numbers.append(f"SUP-{details.dice.randint(100, 999)}-{order['id']}")
    for number in numbers:
        details.add("purchase_order_numbers", purchase_order_id=order["id"], number=number)


def _shipment(ledger: Ledger, details: Ledger, arrivals: Ledger, number: int, order: Row, lines: list[Row]) -> None:
    shipped = order["order_date"] + timedelta(days=ledger.dice.randint(5, 20))
    arrived = shipped + timedelta(days=ledger.dice.randint(2, 12))
    received = arrived <= CLOSING_DAY
    created = ledger.moment(min(shipped, CLOSING_DAY))
    warehouse = ledger.pick(ledger.rows["warehouses"])
    order["warehouse_id"] = warehouse["id"]
    synced = details.chance(40)
    shipment = ledger.add(
        "shipments",
        purchase_order_id=order["id"],
        warehouse_id=warehouse["id"],
        reference_number=f"ASN-{70100 + number}",
        status="received" if received else "in_transit",
        shipping_date=shipped,
        received_date=arrived if received else None,
        total_shipping_cost=ZERO,
        sync_status="synced" if synced else None,
        last_synced_at=created + timedelta(minutes=20) if synced else None,
        last_synced_status="success" if synced else None,
        created_at=created,
        updated_at=created,
    )
    for line in lines:
        quantity = line["quantity"] if ledger.chance(85) else line["quantity"] - 6
        arrived_quantity = quantity if received else Decimal(0)
        line["received_quantity"] = arrived_quantity
        item = {"shipment_id": shipment["id"], "purchase_order_item_id": line["id"]}
        ledger.add("shipment_items", **item, quantity=quantity, received_quantity=arrived_quantity)
        if received:
            line["updated_at"] = ledger.moment(arrived)
    _extra_costs(details, shipment)
    if received:
        shipment["updated_at"] = receipts.report(arrivals, shipment, lines)
    if arrivals.chance(25):
        receipts.announce(arrivals, shipment, order, lines)


def _extra_costs(details: Ledger, shipment: Row) -> None:
    for name in details.some(COST_NAMES, details.dice.randint(1, 2) if details.chance(30) else 0):
        price = details.decimal(4000, 90000)
        details.add(
            "shipment_extra_costs",
            shipment_id=shipment["id"],
            name=name,
            quantity=Decimal(1),
            unit_price=price,
            line_total=price,
            cost_allocation_type=details.pick(ALLOCATED_BY),
        )
        shipment["total_shipping_cost"] += price


def _finish(details: Ledger, order: Row, lines: list[Row]) -> None:
    """Close the order or delete it, pay on it, and add it up."""
    received = [line["received_quantity"] for line in lines]
    if received == [line["quantity"] for line in lines]:
        order["order_status"] = "completed"
    elif any(received):
        old = order["order_date"] < CLOSING_DAY - SHORT_CLOSED_AFTER
        order["order_status"] = "completed" if old and details.chance(60) else "active"
    elif details.chance(8):
        order["order_status"] = "deleted"
    total = ordering.order_totals(order, lines, [])["total_cost"]
    paid = [] if order["order_status"] == "deleted" else _payments(details, order, total)
    order.update(ordering.order_totals(order, lines, paid))
    changes = (record["updated_at"] for record in (*lines, *paid))
    order["updated_at"] = max(order["updated_at"], *changes)


def _payments(details: Ledger, order: Row, total: Decimal) -> list[Row]:
    """A deposit when the order is placed, sometimes the rest later on."""
    if not details.chance(30):
        return []
    deposit = cents(total * details.dice.randint(2, 5) / 10)
    order["down_payment"] = deposit
    paid = [_payment(details, order, deposit, order["order_date"] + timedelta(days=details.dice.randrange(4)))]
    later = order["order_date"] + timedelta(days=details.dice.randint(30, 60))
    if later <= CLOSING_DAY and details.chance(50):
        paid.append(_payment(details, order, total - deposit, later))
    return paid


def _payment(details: Ledger, order: Row, amount: Decimal, day: date) -> Row:
    day = min(day, CLOSING_DAY)
    entered = max(details.moment(day), order["created_at"])
    return details.add(
        "purchase_order_payments",
        purchase_order_id=order["id"],
        payment_date=day,
        payment_type=details.pick(PAYMENT_TYPES),
        paid_amount=amount,
        remarks="Deposit" if amount == order["down_payment"] else None,
        created_at=entered,
        updated_at=entered,
    )
