"""Generates the accounts with external systems, their shipping methods, and the mappings for them."""

from typing import NamedTuple

from server.sandbox.seeds.ledger import Ledger, Row


class Account(NamedTuple):
    """An account to be; `store` says whether its orders are kept by store."""

    name: str
    app: str
    kind: str
    store: bool
    automatic: bool = False


ACCOUNTS = (
    Account("ShipStation", "shipstation", "oms", store=True),
    Account("Extensiv 3PL", "trackstar", "oms", store=False, automatic=True),
    Account("Cartonhaus", "trackstar", "oms", store=False),
    Account("Shopify storefront", "shopify", "marketplace", store=True),
    Account("Amazon Seller Central", "amazon", "marketplace", store=True),
    Account("Hollow Oak Stores EDI", "sps", "edi", store=False),
    Account("Ridgeline Freight", "ridgeline", "carrier", store=False),
)

SHIPPING_METHODS = {
    "Extensiv 3PL": (
        ("UPS_GROUND", "UPS Ground", "ups"),
        ("UPS_2DAY", "UPS 2nd Day Air", "ups"),
        ("FEDEX_HOME", "FedEx Home Delivery", "fedex"),
        ("USPS_PRIORITY", "USPS Priority Mail", "usps"),
        ("LTL_ESTES", "Estes LTL", "estes"),
    ),
    "Cartonhaus": (
        ("STD", "Standard parcel", "ups"),
        ("EXP", "Express parcel", "fedex"),
        ("INTL", "International parcel", "dhl_express"),
    ),
}

VALUES = (
    ("carrier", "shipping", ("ups", "UPS"), ("fedex", "FDX"), ("usps", "USPS"), ("dhl_express", "DHL")),
    ("shipping_method", "shipping", ("ups_ground", "GND"), ("ups_2nd_day_air", "2DA"), ("usps_priority", "PM")),
    ("packaging", "shipping", ("Carton", "PKG"), ("Pallet", "PLT")),
    ("order_status", "orders", ("shipped", "fulfilled"), ("cancelled", "canceled"), ("on_hold", "hold")),
    ("payment_terms", "payments", ("Net 30", "N30"), ("Net 60", "N60"), ("Due on receipt", "COD")),
    ("currency", "payments", ("USD", "840"), ("EUR", "978"), ("GBP", "826")),
    ("country", "addresses", ("USA", "US"), ("United Kingdom", "GB"), ("Germany", "DE"), ("France", "FR")),
    ("warehouse", "inventory", ("Columbus Main", "CMH-1"), ("Reno West", "RNO-1")),
    ("unit_of_measure", "inventory", ("each", "EA"), ("case", "CS")),
)
"""Field, group, and pairs of the company's own value and the external one."""

MAPPINGS = (
    ("Storefront orders", "sales_order", {"order_number": "name", "customer_email": "email", "total": "total_price"}),
    ("Marketplace orders", "sales_order", {"order_number": "AmazonOrderId", "total": "OrderTotal.Amount"}),
    ("EDI 850 orders", "sales_order", {"order_number": "BEG03", "customer_po_number": "BEG03", "ship_to": "N1*ST"}),
    ("3PL fulfillment", "fulfillment_order", {"order_number": "referenceNum", "ship_to": "shipTo", "total": "charge"}),
    ("ShipStation fulfillment", "fulfillment_order", {"order_number": "orderNumber", "ship_to": "shipTo"}),
    ("Stock levels", "stock", {"sku": "sku", "qty_onhand": "available"}),
    ("Landed costs", "cost", {"sku": "sku", "cost": "cost_per_item"}),
)


def add(ledger: Ledger) -> None:
    """Generate what connects the company with other systems."""
    accounts = {each.name: _account(ledger, each) for each in ACCOUNTS}
    for name, methods in SHIPPING_METHODS.items():
        for code, label, carrier in methods:
            method = {"code": code, "name": label, "carrier": carrier}
            ledger.add("oms_shipping_methods", app_integration_account_id=accounts[name]["id"], **method)
    for name, type_, pairs in MAPPINGS:
        ledger.add("integration_mappings", name=name, type=type_, description=None, fields=pairs, **ledger.stamps())
    _field_mappings(ledger, list(accounts.values()))


def _account(ledger: Ledger, account: Account) -> Row:
    return ledger.add(
        "integration_accounts",
        name=account.name,
        app=account.app,
        kind=account.kind,
        needs_store_id=account.store,
        auto_carrier_mapping=account.automatic,
        **ledger.stamps(),
    )


def _field_mappings(ledger: Ledger, accounts: list[Row]) -> None:
    """Each value for all accounts or for some; each account spells it in its own way."""
    for field_name, group, *pairs in VALUES:
        for own, external in pairs:
            if ledger.chance(25):
                _field_mapping(ledger, field_name, group, own, external, None)
                continue
            for account in ledger.some(accounts, ledger.dice.randint(2, 5)):
                spelled = external if account["app"] != "sps" else f"{external}*EDI"
                _field_mapping(ledger, field_name, group, own, spelled, account)


def _field_mapping(ledger: Ledger, field_name: str, group: str, own: str, external: str, account: Row | None) -> None:
    ledger.add(
        "field_mappings",
        field_name=field_name,
        luminous_value=own,
        external_value=external,
        app_integration_account_id=account["id"] if account else None,
        mapping_group=group,
        is_active=not ledger.chance(8),
        priority=ledger.dice.randint(0, 3) * 10,
        notes="Agreed with their support team" if ledger.chance(12) else None,
        **ledger.stamps(),
    )
