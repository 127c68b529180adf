"""Generates what is made of the plain products: variants, kits, BOMs, further SKUs, substitutes and files."""

from decimal import Decimal

from sqlalchemy import bindparam, update

from server.sandbox.money import cents
from server.sandbox.seeds.goods import IMAGES, product
from server.sandbox.seeds.ledger import Ledger, Row
from server.sandbox.tables.goods import products

STYLES = ["Workshop", "Bistro", "Garden", "Barista", "Florist", "Bakery", "Market", "Studio"]
COLOURS = ["Charcoal", "Sage", "Oat", "Denim"]
SIZES = ["S", "M", "L", "XL"]

GIFT_SETS = ["Evening in", "Housewarming", "Morning ritual", "Sunday table", "Winter warmer", "Thank you", "New home"]

PACKAGING = ("BOX", "JAR", "CRD", "BAG")
"""Kinds of goods that other goods are made with, and not made themselves."""

EXTRA_COSTS = [("Labour", 90, 450), ("Filling", 20, 160), ("Labels", 4, 30), ("Quality check", 10, 60)]
"""What making costs besides, with the price in cents from and to."""

APRON_COST = (60000, 110000)
"""In hundredths of a cent, from and to."""

BOMS_PER_VARIANT = 3
KITS_PER_VARIANT = 2


def add(ledger: Ledger) -> None:
    """Generate everything around the plain products."""
    plain = ledger.rows["products"]
    _suppliers(ledger, plain)
    for item in plain:
        _belongings(ledger, item)
        ledger.checkpoint()
    _substitutes(ledger, plain)
    for number in range(ledger.size.variants):
        _apron(ledger, number)
        ledger.checkpoint()
    _kits(ledger, plain)
    _boms(ledger, plain)


def _suppliers(ledger: Ledger, plain: list[Row]) -> None:
    active = [supplier for supplier in ledger.rows["suppliers"] if supplier["status"]]
    for item in plain:
        item["supplier_id"] = ledger.pick(active)["id"] if ledger.chance(85) else None
    change = update(products).where(products.c.id == bindparam("product")).values(supplier_id=bindparam("supplier"))
    ledger.execute(change, [{"product": item["id"], "supplier": item["supplier_id"]} for item in plain])


def _belongings(ledger: Ledger, item: Row) -> None:
    if ledger.chance(40):
        ledger.add(
            "alternate_skus", product_id=item["id"], sku=f"{item['upc'][-6:]}-{item['sku']}", **_rule(ledger, item)
        )
    if ledger.chance(60):
        _photo(ledger, item)
    for tag in ledger.some(ledger.rows["tags"], ledger.dice.randint(1, 2) if ledger.chance(25) else 0):
        ledger.link("taggings", owner="product", owner_id=item["id"], tag_id=tag["id"])


def _rule(ledger: Ledger, item: Row) -> Row:
    """Some alternate SKUs stand for a whole case of the product."""
    own = [rule["id"] for rule in ledger.rows["unit_conversion_rules"] if rule["product_id"] == item["id"]]
    return {"unit_conversion_rule_id": own[0] if own and ledger.chance(50) else None}


def _photo(ledger: Ledger, item: Row) -> None:
    name = f"{item['sku'].lower()}.jpg"
    ledger.add(
        "product_attachments",
        product_id=item["id"],
        name=name,
        type="image/jpeg",
        size=ledger.dice.randint(40_000, 900_000),
        full_url=f"{IMAGES}/full/{name}",
        thumb_url=f"{IMAGES}/thumb/{name}",
    )


def _substitutes(ledger: Ledger, plain: list[Row]) -> None:
    per_kind = ledger.size.variants
    for index, item in enumerate(plain):
        first = index - index % per_kind
        others = [other for other in plain[first : first + per_kind] if other is not item]
        if ledger.chance(25):
            for priority, other in enumerate(ledger.some(others, ledger.dice.randint(1, 2)), 1):
                ledger.add("substitutions", product_id=item["id"], substitute_id=other["id"], priority=priority)


def _apron(ledger: Ledger, number: int) -> None:
    """A product that comes in sizes."""
    series, style = divmod(number, len(STYLES))
    colour = ledger.pick(COLOURS)
    name = f"Apron, {STYLES[style]}" + (f" {series + 1}" if series else "")
    cost = ledger.decimal(*APRON_COST, places=4)
    stamps = ledger.stamps()
    own = {"name": name, "description": f"Cotton apron in {colour.lower()}", "upc": None, **stamps}
    parent = ledger.add("products", **product(ledger, "APR", f"APR-{number + 1:03d}", cost, own))
    for size in SIZES:
        values = {
            **own,
            "name": f"{name}, {size}",
            "upc": f"8{ledger.dice.randint(10**10, 10**11 - 1)}",
            "parent_id": parent["id"],
            "variant_attributes": {"Size": size, "Colour": colour},
        }
        variant = ledger.add("products", **product(ledger, "APR", f"{parent['sku']}-{size}", cost, values))
        if ledger.chance(30):
            _photo(ledger, variant)


def _kits(ledger: Ledger, plain: list[Row]) -> None:
    """Gift sets; every fourth contains the set before it."""
    before: Row | None = None
    for number in range(ledger.size.variants * KITS_PER_VARIANT):
        series, title = divmod(number, len(GIFT_SETS))
        items = [(item, Decimal(ledger.dice.randint(1, 3))) for item in ledger.some(plain, ledger.dice.randint(2, 4))]
        if before is not None and number % 4 == 3:
            items.append((before, Decimal(1)))
        name = f"Gift set, {GIFT_SETS[title]}" + (f" {series + 1}" if series else "")
        before = _kit(ledger, f"SET-{number + 1:03d}", name, items)
        ledger.checkpoint()


def _kit(ledger: Ledger, sku: str, name: str, items: list[tuple[Row, Decimal]]) -> Row:
    cost = sum((item["cost"] * quantity for item, quantity in items), Decimal(0))
    retail = sum((item["retail_price"] * quantity for item, quantity in items), Decimal(0))
    asked = cents(retail * Decimal("0.9"))
    values = {"name": name, "description": "Sold as one, packed from the shelf", "upc": None, **ledger.stamps()}
    values |= {"type": "KIT", "retail_price": asked, "wholesale_price": cents(asked / 2)}
    values |= {"freight_and_duty": Decimal(0), "custom_fields": {}}
    kit = ledger.add("products", **product(ledger, "SET", sku, cost, values))
    for item, quantity in items:
        own = cents(item["retail_price"] * Decimal("0.9")) if ledger.chance(50) else None
        line = {"kit_id": kit["id"], "product_id": item["id"], "quantity": quantity, "uom_id": None, "price": own}
        ledger.add("kit_items", **line)
    return kit


def _boms(ledger: Ledger, plain: list[Row]) -> None:
    packaging = [item for item in plain if item["sku"][:3] in PACKAGING]
    made = [item for item in plain if item["sku"][:3] not in PACKAGING]
    units = {unit["name"]: unit["id"] for unit in ledger.rows["units_of_measure"]}
    for item in ledger.some(made, ledger.size.variants * BOMS_PER_VARIANT):
        stamps = ledger.stamps()
        bom = ledger.add("boms", name=f"{item['name']}, boxed", **stamps)
        for order, part in enumerate(ledger.some(packaging, ledger.dice.randint(2, 4)), 1):
            ledger.add(
                "bom_items",
                bom_id=bom["id"],
                product_id=part["id"],
                quantity=Decimal(ledger.dice.randint(1, 3)),
                note="One more for every tenth" if ledger.chance(10) else None,
                uom_id=units["Pair"] if ledger.chance(10) else None,
                order=order,
                **stamps,
            )
        _extra_costs(ledger, bom, stamps)
        ledger.link("product_boms", product_id=item["id"], bom_id=bom["id"])
        ledger.checkpoint()


def _extra_costs(ledger: Ledger, bom: Row, stamps: Row) -> None:
    for name, low, high in ledger.some(EXTRA_COSTS, ledger.dice.randint(1, 3)):
        quantity, unit_price = Decimal(ledger.dice.randint(1, 2)), ledger.decimal(low, high)
        total = cents(quantity * unit_price)
        cost = {"bom_id": bom["id"], "name": name, "quantity": quantity, "unit_price": unit_price, "line_total": total}
        ledger.add("bom_extra_costs", **cost, **stamps)
