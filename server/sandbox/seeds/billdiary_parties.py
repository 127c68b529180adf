"""Generates BillDiary's businesses: their users, places, suppliers and goods."""

from dataclasses import dataclass, field
from decimal import Decimal

from server.sandbox.billdiary.users import LOGINS
from server.sandbox.seeds import names
from server.sandbox.seeds.ledger import Ledger, Row

CLERKS_LOCATION = 1
"""Place of the clerk's only location among those of the main business."""

EDIT_DAYS = 30

METHODS = [
    ["cash", "card", "cheque", "bank_transfer", "advance", "custom_pay_1", "other"],
    ["cash", "cheque", "bank_transfer", "advance"],
    ["cash", "card", "bank_transfer", "advance", "custom_pay_1", "custom_pay_2"],
]
"""What each location of a business takes."""

TAXES = [("Sales tax 8.25%", "8.25", False), ("Reduced 4%", "4", False), ("State and city", "9.75", True)]
UNITS = [("Pc(s)", 1), ("Dozen", 12), ("Case", 24)]

LABELS = ("Scent", "Kind", "Glaze", "Pattern", "Finish", "Size", "Size", "Style", "Occasion", "Scent")
"""What the variants of each kind of goods differ in."""


@dataclass
class Business:
    """A seeded business and what its transactions refer to."""

    row: Row
    locations: list[Row] = field(default_factory=list)
    users: dict[str, Row] = field(default_factory=dict)
    contacts: list[Row] = field(default_factory=list)
    taxes: list[Row] = field(default_factory=list)
    units: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    goods: list[tuple[Row, Row, Decimal]] = field(default_factory=list)
    """Each variation with its product and its price."""


def businesses(ledger: Ledger) -> list[Business]:
    """All businesses, the main one first."""
    main = _business(ledger, 0, "Fernhill Trading", tracks_lots=True)
    lapsed = _business(ledger, 1, "Old Mill Supplies", is_subscribed=False)
    demo = _business(ledger, 2, "Showroom Demo", is_demo=True)
    basic = _business(ledger, 3, "Corner Shop Basics", has_requisitions=False, has_orders=False)
    return [main, lapsed, demo, basic]


def _business(ledger: Ledger, place: int, name: str, **switches: bool) -> Business:
    features = {"is_subscribed": True, "has_requisitions": True, "has_orders": True}
    flags = {"is_demo": False, "tracks_lots": False, **features, **switches}
    row = ledger.add(
        "billdiary_businesses",
        name=name,
        **flags,
        transaction_edit_days=EDIT_DAYS,
        purchase_exchange_rate=Decimal(1),
    )
    business = Business(row)
    own = {"business_id": row["id"]}
    for number, methods in enumerate(METHODS if place == 0 else METHODS[:1]):
        kind = ("Warehouse", "Shop", "Outlet")[number]
        first = name.split(" ", maxsplit=1)[0]
        location = ledger.add("billdiary_locations", **own, name=f"{first} {kind}", payment_methods=methods)
        business.locations.append(location)
    for tax, amount, is_group in TAXES:
        added = ledger.add("billdiary_taxes", **own, name=tax, amount=Decimal(amount), is_tax_group=is_group)
        business.taxes.append(added)
    for unit, multiplier in UNITS:
        business.units.append(ledger.add("billdiary_units", **own, short_name=unit, multiplier=multiplier))
    for account in ("Current account", "Petty cash"):
        business.accounts.append(ledger.add("billdiary_accounts", **own, name=account))
    _users(ledger, business, place)
    _contacts(ledger, business, 30 if place == 0 else 3)
    _goods(ledger, business, ledger.size.variants if place == 0 else 1)
    return business


def _users(ledger: Ledger, business: Business, place: int) -> None:
    for login, seeded in LOGINS.items():
        if seeded.business == place:
            only = [business.locations[CLERKS_LOCATION]["id"]] if seeded.one_location else None
            business.users[login] = ledger.add(
                "billdiary_users",
                business_id=business.row["id"],
                login=login,
                name=seeded.name,
                email=f"{seeded.name.split(' ', maxsplit=1)[0].lower()}@billdiary.example",
                is_admin=seeded.is_admin,
                permissions=[permission.value for permission in seeded.permissions],
                location_ids=only,
            )


def _contacts(ledger: Ledger, business: Business, count: int) -> None:
    for number, vendor in enumerate(ledger.some(names.VENDORS, count), 1):
        first, last = ledger.pick(names.FIRST_NAMES), ledger.pick(names.LAST_NAMES)
        business.contacts.append(
            ledger.add(
                "billdiary_contacts",
                business_id=business.row["id"],
                contact_id=f"CO{number:04d}",
                name=f"{first} {last}",
                supplier_business_name=vendor.name,
                mobile=f"555-{ledger.dice.randint(200, 989)}-{ledger.dice.randint(1000, 9999)}",
                email=f"orders{number}@suppliers.example" if ledger.chance(80) else None,
                prepaid=Decimal(ledger.dice.randint(2, 30) * 100) if number % 3 == 1 else Decimal(0),
            )
        )


def _goods(ledger: Ledger, business: Business, variants: int) -> None:
    for (code, kind, names_, cost), label in zip(names.GOODS, LABELS, strict=True):
        several = variants > 1
        product = ledger.add(
            "billdiary_products",
            business_id=business.row["id"],
            name=kind,
            sku=f"{code}{business.row['id']:02d}",
            unit_id=business.units[0]["id"],
            variation_label=label if several else None,
        )
        for number, variant in enumerate(names_[: min(variants, len(names_))], 1):
            sub_sku = f"{product['sku']}-{number}"
            name = variant if several else None
            variation = ledger.add("billdiary_variations", product_id=product["id"], name=name, sub_sku=sub_sku)
            price = Decimal(cost + ledger.dice.randrange(200)).scaleb(-2)
            business.goods.append((variation, product, price))
