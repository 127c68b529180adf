"""Generates fulfillment orders, the shipments of sales orders, and their packages."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from server.sandbox.fulfillment import CANCELLED, GIVES_BACK, PARTIALLY_SHIPPED, PENDING, PICKED, PUSHED, SHIPPED
from server.sandbox.money import ZERO, cents
from server.sandbox.seeds.ledger import Flow, Ledger, Row
from server.sandbox.size import CLOSING_DAY

CARRIERS = (("fedex", "fedex_ground"), ("ups", "ups_ground"), ("ups", "ups_2nd_day_air"), ("usps", "usps_priority"))
HALF = 2

Part = tuple[Row, dict[int, Row]]
"""A fulfillment order, and its lines by sales order line."""

Load = list[tuple[Row, Decimal]]
"""Order lines, and how much of each is sent."""


def promise(ledger: Ledger, order: Row, lines: list[Row], percent: int) -> Part | None:
    """A fulfillment order, for so many sales orders out of a hundred."""
    if not ledger.chance(percent):
        return None
    groups = ledger.rows.get("warehouse_groups", [])
    created = order["created_at"] + timedelta(minutes=1)
    part = ledger.add(
        "fulfillment_orders",
        order_number=f"{order['order_number']}-A",
        order_key=f"fo-{order['id']}-1",
        sales_order_id=order["id"],
        order_status=PENDING,
        warehouse_group_id=ledger.pick(groups)["id"] if groups else None,
        ship_by_date=order["ship_by_date"],
        total=sum((cents(line["quantity"] * line["unit_price"]) for line in lines), ZERO),
        destination=ledger.pick(sorted(GIVES_BACK)) if ledger.chance(85) else None,
        pushed_at=None,
        source_reference_identifier=None,
        created_at=created,
        updated_at=created,
    )
    items = {}
    for line in lines:
        item = {"fulfillment_order_id": part["id"], "sales_order_item_id": line["id"]}
        row = ledger.add("fulfillment_order_items", **item, quantity=line["quantity"], quantity_shipped=Decimal(0))
        items[line["id"]] = row
    _hand_over(ledger, order, part)
    return part, items


def _hand_over(ledger: Ledger, order: Row, part: Row) -> None:
    """Push the fulfillment order to its system, and pick it where the order is not on its way yet."""
    if order["order_status"] == "cancelled":
        part["order_status"] = CANCELLED
        return
    if part["destination"] and ledger.chance(60):
        pushed = part["created_at"] + timedelta(minutes=ledger.dice.randint(2, 90))
        reference = f"{part['destination'].upper()[:4].strip()}-{part['id']:08d}"
        part.update(order_status=PUSHED, pushed_at=pushed, updated_at=pushed, source_reference_identifier=reference)
    elif order["order_status"] == "processing" and ledger.chance(50):
        _pick(ledger, part, part["created_at"] + timedelta(hours=5))
        part["order_status"] = PICKED


def _pick(ledger: Ledger, part: Row, at: datetime, warehouse: Row | None = None) -> None:
    ledger.add(
        "picklists",
        fulfillment_order_id=part["id"],
        warehouse_id=(warehouse or ledger.pick(ledger.rows["warehouses"]))["id"],
        status=PICKED,
        picked_at=at,
        created_at=at,
        updated_at=at,
    )
    part["updated_at"] = max(part["updated_at"], at)


def deliver(ledger: Ledger, order: Row, lines: list[Row], part: Part | None, day: date) -> Row:
    """Send the goods, mostly at once, sometimes in two shipments or with a rest to follow; the last shipment."""
    whole: Load = [(line, line["quantity"]) for line in lines]
    half: Load = [(line, line["quantity"] // HALF) for line in lines[:1]] if len(lines) == 1 else whole[:1]
    late = day > CLOSING_DAY - timedelta(days=25)
    waits = ledger.chance(30 if late else 3)
    if not waits and ledger.chance(92):
        return _shipment(ledger, order, whole, part, day)
    shipment = _shipment(ledger, order, half, part, day)
    following = day + timedelta(days=ledger.dice.randint(2, 8))
    if not waits and following <= CLOSING_DAY:
        rest = [(line, line["quantity"] - line["quantity_shipped"]) for line in lines]
        shipment = _shipment(ledger, order, [(line, left) for line, left in rest if left], part, following)
    return shipment


def _shipment(ledger: Ledger, order: Row, load: Load, part: Part | None, day: date) -> Row:
    created = max(ledger.moment(day), order["updated_at"])
    warehouse = ledger.pick(ledger.rows["warehouses"])
    carrier, service = ledger.pick(CARRIERS)
    weight = Decimal(sum(int(quantity) for _, quantity in load) * ledger.dice.randint(6, 20))
    shipment = ledger.add(
        "sales_order_shipments",
        sales_order_id=order["id"],
        fulfillment_order_id=part[0]["id"] if part else None,
        warehouse_id=warehouse["id"],
        ship_date=day,
        tracking_number=f"{ledger.dice.randint(10**11, 10**12 - 1)}",
        bol_number=None,
        pro_number=None,
        partner_reference_number=None,
        is_return=False,
        takes_stock=True,
        carrier_code=carrier,
        service_code=service,
        package_code="package",
        shipment_cost=ledger.decimal(600, 9000) if ledger.chance(60) else ZERO,
        insurance_cost=ZERO,
        status=1,
        ship_to=_ship_to(order["ship_to"]),
        weight_value=weight,
        weight_units="ounces",
        dimensions_length=None,
        dimensions_width=None,
        dimensions_height=None,
        dimensions_units=None,
        created_at=created,
        updated_at=created,
    )
    for line, quantity in load:
        _send(ledger, shipment, line, quantity, part)
    order.update(
        ship_date=day,
        updated_at=created,
        total_shipping=order["total_shipping"] + shipment["shipment_cost"],
        total=order["total"] + shipment["shipment_cost"],
        carrier_code=carrier,
        service_code=service,
    )
    if part:
        _pick(ledger, part[0], created - timedelta(minutes=40), warehouse)
        left = any(item["quantity_shipped"] < item["quantity"] for item in part[1].values())
        part[0].update(order_status=PARTIALLY_SHIPPED if left else SHIPPED, updated_at=created)
    if ledger.chance(20):
        _packages(ledger, shipment, load)
    return shipment


def _ship_to(address: Row) -> Row:
    kept = {name: value for name, value in address.items() if name != "postal_code"}
    return {**kept, "postalCode": address["postal_code"], "residential": False}


def _send(ledger: Ledger, shipment: Row, line: Row, quantity: Decimal, part: Part | None) -> None:
    ledger.add(
        "sales_order_shipment_items",
        shipment_id=shipment["id"],
        order_item_id=line["id"],
        product_id=line["product_id"],
        quantity=quantity,
        unit_price=line["unit_price"],
        weight_value=None,
        weight_units=None,
    )
    line["quantity_shipped"] += quantity
    if part:
        part[1][line["id"]]["quantity_shipped"] += quantity
    ledger.flow(
        Flow(
            at=shipment["created_at"],
            product_id=line["product_id"],
            warehouse_id=shipment["warehouse_id"],
            quantity=-int(quantity),
            kind="shipment",
            owner="sales_order_shipments",
            owner_id=shipment["id"],
        )
    )


def _packages(ledger: Ledger, shipment: Row, load: Load) -> None:
    """One package, or one for each line."""
    contents = [[entry] for entry in load] if ledger.chance(40) else [load]
    for number, content in enumerate(contents, 1):
        package = ledger.add(
            "shipment_packages",
            shipment_id=shipment["id"],
            parent_package_id=None,
            sscc=ledger.dice.randint(10**17, 10**18 - 1),
            tracking=f"{shipment['tracking_number']}-{number}",
            package_type="box",
            packing_type="standard",
            package_quantity=1,
            length_in=Decimal(ledger.dice.randint(8, 24)),
            width_in=Decimal(ledger.dice.randint(6, 18)),
            height_in=Decimal(ledger.dice.randint(4, 16)),
            weight_lb=ledger.decimal(200, 6000),
            created_at=shipment["created_at"],
            updated_at=shipment["updated_at"],
        )
        for line, quantity in content:
            _content(ledger, package, line, quantity)


def _content(ledger: Ledger, package: Row, line: Row, quantity: Decimal) -> None:
    product = next(product for product in ledger.rows["products"] if product["id"] == line["product_id"])
    ledger.add(
        "shipment_package_items",
        package_id=package["id"],
        order_item_id=line["id"],
        quantity=quantity,
        line_item_key=f"line-{line['line_number']}",
        sku=product["sku"],
        internal_sku=product["sku"],
        upc=product["upc"],
        description=line["name"],
        lot_number=None,
        serial_number=None,
        expiration_date=None,
        weight_lb=None,
        created_at=package["created_at"],
    )
