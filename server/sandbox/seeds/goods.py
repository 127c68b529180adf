"""Generates products, price levels, tags and company types. What is made of products is in `catalogue.py`."""

from decimal import Decimal

from server.sandbox.seeds import names
from server.sandbox.seeds.ledger import Ledger, Row
from server.sandbox.tables.goods import LENGTHS, WEIGHTS
from server.sandbox.weights import stored

CATEGORIES = {
    "Home fragrance": {"Candles": ("CAN",), "Diffusers": ("DIF",)},
    "Bath and body": {"Soap": ("SOP",), "Towels": ("TOW",)},
    "Tableware": {"Mugs": ("MUG",), "Glasses": ("GLS",), "Jars": ("JAR",)},
    "Packaging": {"Boxes": ("BOX",), "Cards": ("CRD",)},
    "Accessories": {"Bags": ("BAG",), "Aprons": ("APR",), "Gift sets": ("SET",)},
}
"""Subcategories by category, and the kinds of goods in them."""

IMAGES = "https://images.luminous.example/products"

Weight = list[dict[str, str | Decimal]]


def add(ledger: Ledger) -> None:
    """Generate what is bought and sold."""
    _groundwork(ledger)
    _categories(ledger)
    _products(ledger)


def _groundwork(ledger: Ledger) -> None:
    for name, description, icon, color in names.TAGS:
        ledger.add("tags", name=name, description=description, icon=icon, color=color)
    for name in ("Vendor", "Retail", "Wholesale"):
        ledger.add("company_types", name=name)
    for name, percent in (("Retail", "0.00"), ("Wholesale", "-15.50"), ("Partner", "-22.00")):
        level = {"status": "active", "type": "percentage", "percent_increase": Decimal(percent)}
        ledger.add("price_levels", name=name, **level, **ledger.stamps())


def _categories(ledger: Ledger) -> None:
    dates = ledger.part("categories", keep=True)
    for name, below in CATEGORIES.items():
        category = dates.add("categories", name=name, **dates.stamps())
        for subcategory in below:
            dates.add("subcategories", category_id=category["id"], name=subcategory, **dates.stamps())


def _products(ledger: Ledger) -> None:
    looks = ledger.part("looks of goods")
    for prefix, noun, variants, base in names.GOODS:
        for number in range(1, ledger.size.variants + 1):
            series, variant = divmod(number - 1, len(variants))
            name = f"{noun}, {variants[variant]}" + (f" {series + 1}" if series else "")
            cost = ledger.decimal(base * 80, base * 120, places=4)
            values = {"name": name, "description": f"{noun} in {variants[variant].lower()}"}
            values |= {"upc": f"8{ledger.dice.randint(10**10, 10**11 - 1)}", **ledger.stamps()}
            ledger.add("products", **product(looks, prefix, f"{prefix}-{number:03d}", cost, values))


def product(ledger: Ledger, prefix: str, sku: str, cost: Decimal, values: Row) -> Row:
    """A whole row of a product of that kind of goods; `values` come before what is made up here."""
    retail = (cost * 3).quantize(Decimal("0.01"))
    low = ledger.dice.randint(2, 10) * 12
    season = {"Shelf life in days": str(ledger.dice.randint(6, 30) * 30)}
    return {
        "sku": sku,
        "status": "active",
        "type": "PRODUCT",
        "parent_id": None,
        "variant_attributes": {},
        **_kind_of(ledger, prefix),
        "supplier_id": None,
        "default_receiving_location_id": ledger.pick(_docks(ledger)),
        "retail_price": retail,
        "wholesale_price": (retail / 2).quantize(Decimal("0.01")),
        "cost": cost,
        "freight_and_duty": (cost * ledger.dice.randint(4, 18) / 100).quantize(Decimal("0.0001")),
        "sellable": True,
        "discontinued": False,
        "lot_tracking": prefix in ("CAN", "SOP", "DIF"),
        "image_url": f"{IMAGES}/{sku.lower()}.jpg",
        "qty_low_alert": Decimal(low),
        "qty_reorder_threshold": Decimal(low * 2),
        "qty_minimum": Decimal(12),
        "priority_list_id": None,
        **_measures(ledger),
        "custom_fields": season if prefix in ("CAN", "SOP") and ledger.chance(40) else {},
        **values,
    }


def _kind_of(ledger: Ledger, prefix: str) -> Row:
    place = [prefix in kinds for below in CATEGORIES.values() for kinds in below.values()].index(True)
    subcategory = ledger.rows["subcategories"][place]
    return {"category_id": subcategory["category_id"], "subcategory_id": subcategory["id"]}


def _docks(ledger: Ledger) -> list[int]:
    return [location["id"] for location in ledger.rows["locations"] if not location["is_pick_location"]]


def _measures(ledger: Ledger) -> Row:
    """Sizes and weights: a product in a box, a dozen boxes in a carton, forty cartons on a pallet."""
    sides = [ledger.decimal(8, 60, places=1) * 2 for _ in range(3)]
    box = [side + 1 for side in sides]
    carton = [box[0] * 4, box[1] * 3, box[2]]
    pallet = [Decimal(48), Decimal(40), carton[2] * 4 + 6]
    lengths = [*sides, *box, *carton, *box, *pallet]
    net = ledger.dice.randint(6, 60)
    gross = net + 2
    volume = (box[0] * box[1] * box[2] / 139).quantize(Decimal("0.1"))
    weights: dict[str, Weight] = {
        "product_weight": _ounces(net),
        "dimensional_weight": _part("lb", max(volume, Decimal("0.1"))),
        "box_weight": _ounces(gross),
        "carton_weight": _ounces(gross * 12 + 16),
        "shipping_weight": _ounces(gross + 4),
        "pallet_weight": _part("lb", Decimal((gross * 12 + 16) * 40 // 16 + 40)),
    }
    columns: Row = dict(zip(LENGTHS, lengths, strict=True))
    for name in WEIGHTS:
        columns |= stored(name, weights[name])
    return columns


def _ounces(ounces: int) -> Weight:
    """As people say it: pounds, and the ounces over."""
    pounds, over = divmod(ounces, 16)
    return [*(_part("lb", Decimal(pounds)) if pounds else []), *(_part("oz", Decimal(over)) if over else [])]


def _part(unit: str, value: Decimal) -> Weight:
    return [{"unit": unit, "value": value}]
