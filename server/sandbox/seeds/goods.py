"""Generates products, price levels, tags and company types."""

from decimal import Decimal

from server.sandbox.seeds import names
from server.sandbox.seeds.ledger import Ledger


def add(ledger: Ledger) -> None:
    """Generate what is bought and sold."""
    _groundwork(ledger)
    _products(ledger)


def _groundwork(ledger: Ledger) -> None:
    for name, description, icon, color in names.TAGS:
        ledger.add("tags", name=name, description=description, icon=icon, color=color)
    for name in ("Vendor", "Retail", "Wholesale"):
        ledger.add("company_types", name=name)
    for name, percent in (("Retail", "0.00"), ("Wholesale", "-15.50"), ("Partner", "-22.00")):
        level = {"status": "active", "type": "percentage", "percent_increase": Decimal(percent)}
        ledger.add("price_levels", name=name, **level, **ledger.stamps())


def _products(ledger: Ledger) -> None:
    for prefix, noun, variants, base in names.GOODS:
        for number in range(1, ledger.size.variants + 1):
            series, variant = divmod(number - 1, len(variants))
            name = f"{noun}, {variants[variant]}" + (f" {series + 1}" if series else "")
            _product(ledger, f"{prefix}-{number:03d}", name, f"{noun} in {variants[variant].lower()}", base)


def _product(ledger: Ledger, sku: str, name: str, description: str, base: int) -> None:
    cost = ledger.decimal(base * 80, base * 120, places=4)
    retail = (cost * 3).quantize(Decimal("0.01"))
    ledger.add(
        "products",
        sku=sku,
        name=name,
        description=description,
        upc=f"8{ledger.dice.randint(10**10, 10**11 - 1)}",
        status="active",
        retail_price=retail,
        wholesale_price=(retail / 2).quantize(Decimal("0.01")),
        cost=cost,
        **ledger.stamps(),
    )
