"""Generates sales orders: more of them before summer and before the holidays, most of the old ones shipped."""

from datetime import date, timedelta
from decimal import Decimal

from server.sandbox.money import ZERO, cents
from server.sandbox.seeds import names
from server.sandbox.seeds.deliveries import deliver, promise
from server.sandbox.seeds.ledger import OPENING_DAY, Ledger, Row, customers
from server.sandbox.seeds.returns import come_back
from server.sandbox.size import CLOSING_DAY

SEASON = {5: 140, 6: 130, 10: 120, 11: 180, 12: 170}
"""How busy a month is, where it is not just average."""

AVERAGE, BUSIEST = 100, 180

WAITING = ("pending", "awaiting_shipment", "awaiting_shipment", "processing", "committed", "backorder", "on_hold")
DONE = ("shipped", "shipped", "shipped", "completed", "fulfilled")
DAYS_TO_SHIP = (1, 2, 2, 3, 4, 6, 9, 14, 21)
SERVICES = ("FedEx Ground", "UPS Ground", "UPS 2nd Day Air", "USPS Priority", "LTL")
SOURCES = ("shopify", "shopify", "manual", "edi", "external_api")
NOTES = ("Call before delivery", "Leave at the dock", "Ship complete only", "Gift receipt, please")

SOME, MOST = 22, 70
"""Orders out of a hundred that have a fulfillment order."""

HOSTILE_NUMBER = 7
"""The order whose notes try to give orders to whoever reads them."""


def add(ledger: Ledger) -> None:
    """Generate what customers ordered, and what became of it."""
    addresses: dict[int, Row] = {}
    for address in ledger.rows["shipping_addresses"]:
        addresses.setdefault(address["company_id"], address)
    buyers = customers(ledger)
    for day in sorted(_day(ledger) for _ in range(ledger.size.sales_orders)):
        buyer = ledger.pick(buyers)
        order = _order(ledger, buyer, addresses[buyer["id"]], day)
        lines = _lines(ledger, order)
        _add_up(ledger, order, lines, buyer)
        _live(ledger, order, lines)
        ledger.checkpoint()


def _day(ledger: Ledger) -> date:
    span = (CLOSING_DAY - OPENING_DAY).days
    while True:
        day = OPENING_DAY + timedelta(days=ledger.dice.randrange(span + 1))
        if ledger.dice.randrange(BUSIEST) < SEASON.get(day.month, AVERAGE):
            return day


def _order(ledger: Ledger, buyer: Row, address: Row, day: date) -> Row:
    number = ledger.count("sales_orders")
    created = ledger.moment(day)
    channels = [row for row in ledger.rows.get("channels", []) if row["channel_type"] != "fulfillment_channel"]
    notes = names.HOSTILE_TEXTS[0] if number == HOSTILE_NUMBER else ledger.pick(NOTES) if ledger.chance(12) else None
    order = ledger.add(
        "sales_orders",
        order_number=f"SO-{30100 + number}",
        company_id=buyer["id"],
        status="Active",
        order_status="pending",
        order_date=day,
        ship_by_date=day + timedelta(days=ledger.dice.randint(3, 21)) if ledger.chance(80) else None,
        ship_date=None,
        hold_until_date=None,
        earliest_ship_date=None,
        channel_id=ledger.pick(channels)["id"] if channels else None,
        source=ledger.pick(SOURCES),
        customer_username=buyer["name"].lower().replace(" ", ".") if ledger.chance(60) else None,
        customer_email=address["email"],
        customer_po_number=f"C{ledger.dice.randint(10000, 99999)}" if ledger.chance(60) else None,
        bill_to=_address(buyer, buyer["name"], buyer),
        ship_to=_address(buyer, f"{address['first_name']} {address['last_name']}", address),
        requested_shipping_service=ledger.pick(SERVICES) if ledger.chance(70) else None,
        carrier_code=None,
        service_code=None,
        customer_notes=notes,
        internal_notes=None,
        gift_message=None,
        gift=False,
        skip_inventory=False,
        international_options=[],
        custom_fields=[],
        product_total=ZERO,
        total_discount=ZERO,
        total_tax=ZERO,
        total_shipping=ledger.decimal(0, 6000) if ledger.chance(50) else ZERO,
        total=ZERO,
        total_quantity=Decimal(0),
        created_at=created,
        updated_at=created,
    )
    for tag in ledger.some(ledger.rows["tags"], 1) if ledger.chance(10) else []:
        ledger.link("taggings", owner="sales_order", owner_id=order["id"], tag_id=tag["id"])
    return order


def _address(buyer: Row, name: str, place: Row) -> Row:
    return {
        "name": name,
        "company": buyer["name"],
        "street1": place["address"],
        "street2": place["address_line_2"],
        "street3": None,
        **{part: place[part] for part in ("city", "state", "postal_code", "country", "phone")},
    }


def _lines(ledger: Ledger, order: Row) -> list[Row]:
    lines = []
    products = ledger.some(ledger.rows["products"], ledger.pick((1, 1, 2, 2, 2, 3, 4)))
    for line_number, product in enumerate(products, 1):
        quantity = Decimal(ledger.dice.randint(1, 12) * 4)
        amount = cents(quantity * product["wholesale_price"])
        discount = cents(amount * ledger.pick((5, 10)) / 100) if ledger.chance(12) else ZERO
        lines.append(
            ledger.add(
                "sales_order_items",
                sales_order_id=order["id"],
                line_number=line_number,
                product_id=product["id"],
                name=product["name"],
                quantity=quantity,
                quantity_shipped=Decimal(0),
                unit_price=product["wholesale_price"],
                unit_cost=product["cost"],
                discount=discount,
                line_total=amount - discount,
            )
        )
    return lines


def _add_up(ledger: Ledger, order: Row, lines: list[Row], buyer: Row) -> None:
    goods = sum((line["line_total"] for line in lines), ZERO)
    order["total_discount"] = sum((line["discount"] for line in lines), ZERO)
    order["product_total"] = goods + order["total_discount"]
    order["total_quantity"] = sum((line["quantity"] for line in lines), Decimal(0))
    if not buyer["tax_exempt"]:
        order["total_tax"] = cents(goods * buyer["tax_rate"] / 100)
    order["total"] = goods + order["total_tax"] + order["total_shipping"]


def _live(ledger: Ledger, order: Row, lines: list[Row]) -> None:
    """Let the order be promised, shipped and sent back up to the closing day."""
    first = order["order_date"] + timedelta(days=ledger.pick(DAYS_TO_SHIP))
    if ledger.chance(4):
        order["order_status"] = "cancelled"
        promise(ledger, order, lines, SOME)
        return
    if first > CLOSING_DAY:
        order["order_status"] = ledger.pick(WAITING)
        if order["order_status"] == "on_hold":
            order["hold_until_date"] = CLOSING_DAY + timedelta(days=ledger.dice.randint(3, 20))
        promise(ledger, order, lines, MOST)
        return
    part = promise(ledger, order, lines, SOME)
    shipment = deliver(ledger, order, lines, part, first)
    left = any(line["quantity_shipped"] < line["quantity"] for line in lines)
    order["order_status"] = "partially_shipped" if left else ledger.pick(DONE)
    if ledger.chance(6) or not ledger.count("customer_returns"):
        come_back(ledger, order, lines, shipment["warehouse_id"])
