"""Generates units of measure, and how products are packed."""

from collections.abc import Iterable
from fractions import Fraction

from server.sandbox.seeds.ledger import Ledger, Row

CLASSES = (
    ("Count", True, ("Each", "One piece"), (
        ("Pair", "Two pieces", "2"), ("Dozen", "Twelve pieces", "12"), ("Inner pack", "A small box of six", "6"),
        ("Case", "A carton of two dozen", "24"), ("Gross", "Twelve dozen", "144"),
        ("Pallet", "Forty cases", "960"),
    )),
    ("Weight", False, ("Kilogram", "Metric"), (
        ("Gram", "A thousandth of a kilogram", "1/1000"), ("Pound", "Avoirdupois", "0.453592"),
        ("Ounce", "A sixteenth of a pound", "0.0283495"), ("Tonne", "A thousand kilograms", "1000"),
    )),
    ("Length", False, ("Metre", "Metric"), (
        ("Centimetre", "A hundredth of a metre", "1/100"), ("Inch", "Imperial", "0.0254"),
        ("Foot", "Twelve inches", "0.3048"), ("Yard", "Three feet", "0.9144"),
    )),
    ("Volume", False, ("Litre", "Metric"), (
        ("Millilitre", "A thousandth of a litre", "1/1000"), ("Fluid ounce", "US", "0.0295735"),
        ("Gallon", "US", "3.785411784"),
    )),
    ("Time", False, ("Hour", "Sixty minutes"), (
        ("Minute", "A sixtieth of an hour", "1/60"), ("Day", "Eight hours of work", "8"),
    )),
)  # fmt: skip
"""Classes with their base unit, and the other units with what they are in it."""

CASES = ("12", "18", "36", "48")
"""Pieces in the case of a product that is not packed by the two dozen."""


def add(ledger: Ledger) -> None:
    """Generate the units, and what they are in each other."""
    for name, base_class, base, others in CLASSES:
        stamps = ledger.stamps()
        kind = ledger.add("unit_classes", status="active", name=name, base_class=base_class, **stamps)
        _units(ledger, kind, base, others)


def add_packings(ledger: Ledger) -> None:
    """Generate the products that are packed in their own way."""
    units = {unit["name"]: unit for unit in ledger.rows["units_of_measure"]}
    for product in ledger.rows["products"]:
        if ledger.chance(35):
            _rule(ledger, units["Case"], units["Each"], ledger.pick(CASES), product, product)


def _units(ledger: Ledger, kind: Row, base: tuple[str, str], others: Iterable[tuple[str, str, str]]) -> None:
    first = _unit(ledger, kind, *base, base_unit=True)
    for name, description, factor in others:
        _rule(ledger, _unit(ledger, kind, name, description, base_unit=False), first, factor, kind)


def _unit(ledger: Ledger, kind: Row, name: str, description: str, *, base_unit: bool) -> Row:
    return ledger.add(
        "units_of_measure",
        status="active",
        unit_class_id=kind["id"],
        name=name,
        description=description,
        base_unit=base_unit,
        created_at=kind["created_at"],
        updated_at=kind["updated_at"],
    )


def _rule(ledger: Ledger, unit: Row, base: Row, factor: str, stamped: Row, product: Row | None = None) -> None:
    ledger.add(
        "unit_conversion_rules",
        status="active",
        type="SKU" if product else "SYSTEM",
        base_unit_of_measure_id=unit["id"],
        converted_unit_of_measure_id=base["id"],
        conversion_factor=Fraction(factor),
        product_id=product["id"] if product else None,
        created_at=stamped["created_at"],
        updated_at=stamped["updated_at"],
    )
