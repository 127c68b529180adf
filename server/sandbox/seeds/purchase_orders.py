"""Generates purchase orders, the shipments that come in for them, and the goods these bring."""

from datetime import date, timedelta
from decimal import Decimal

from server.sandbox.money import cents
from server.sandbox.seeds.ledger import CLOSING_DAY, Flow, Ledger, Row, vendors

Order = tuple[Row, list[Row]]
"""A purchase order and its lines."""


def add(ledger: Ledger) -> None:
    """Generate what was ordered and what arrived. The orders stay at hand: bills are made of them."""
    sellers = [company for vendor, company in vendors(ledger) if vendor.trade == "goods"]
    products = {product["id"]: product for product in ledger.rows["products"]}
    sold: dict[int, list[Row]] = {}
    for link in ledger.rows["company_products"]:
        sold.setdefault(link["company_id"], []).append(products[link["product_id"]])
    days = sorted(ledger.recent_day() for _ in range(ledger.size.orders))
    for number, day in enumerate(days):
        order, lines = _order(ledger, number, ledger.pick(sellers), sold, day)
        if day <= CLOSING_DAY - timedelta(days=ledger.dice.randint(4, 12)):
            _shipment(ledger, number, order, lines)
        ledger.orders.append((order, lines))
        ledger.checkpoint()


def _order(ledger: Ledger, number: int, vendor: Row, sold: dict[int, list[Row]], day: date) -> Order:
    created = ledger.moment(day)
    order = ledger.add(
        "purchase_orders",
        order_number=f"PO-{10400 + number}",
        vendor_id=vendor["id"],
        supplier_id=ledger.pick(ledger.rows["suppliers"])["id"] if ledger.chance(35) else None,
        order_status="active",
        order_date=day,
        payment_terms=vendor["payment_term"],
        currency=vendor["currency"],
        public_note=None,
        created_at=created,
        updated_at=created,
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
        line_total=cents(quantity * product["cost"]),
    )


def _shipment(ledger: Ledger, number: int, order: Row, lines: list[Row]) -> None:
    shipped = order["order_date"] + timedelta(days=ledger.dice.randint(5, 20))
    arrived = shipped + timedelta(days=ledger.dice.randint(2, 12))
    received = arrived <= CLOSING_DAY
    created = ledger.moment(min(shipped, CLOSING_DAY))
    shipment = ledger.add(
        "shipments",
        purchase_order_id=order["id"],
        reference_number=f"ASN-{70100 + number}",
        status="received" if received else "in_transit",
        shipping_date=shipped,
        received_date=arrived if received else None,
        created_at=created,
        updated_at=created,
    )
    warehouse = ledger.pick(ledger.rows["warehouses"])
    for line in lines:
        quantity = line["quantity"] if ledger.chance(85) else line["quantity"] - 6
        arrived_quantity = quantity if received else Decimal(0)
        line["received_quantity"] = arrived_quantity
        item = {"shipment_id": shipment["id"], "purchase_order_item_id": line["id"]}
        ledger.add("shipment_items", **item, quantity=quantity, received_quantity=arrived_quantity)
        if received:
            _receive(ledger, shipment, line, warehouse["id"], arrived)
    if received and all(line["received_quantity"] == line["quantity"] for line in lines):
        order["order_status"] = "completed"


def _receive(ledger: Ledger, shipment: Row, line: Row, warehouse_id: int, day: date) -> None:
    ledger.flow(
        Flow(
            at=ledger.moment(day),
            product_id=line["product_id"],
            warehouse_id=warehouse_id,
            quantity=int(line["received_quantity"]),
            kind="receipt",
            owner="shipments",
            owner_id=shipment["id"],
            unit_cost=line["unit_cost"],
        )
    )
