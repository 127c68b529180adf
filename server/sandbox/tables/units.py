"""Classes of quantities, their units of measure, and the rules that convert between units."""

from fractions import Fraction
from typing import Any

from sqlalchemy import Column, Dialect, Index, String, TypeDecorator

from server.sandbox.tables.base import flag, key, ref, stamps, table, text


class Ratio(TypeDecorator[Fraction]):
    """A ratio kept exactly, as numerator/denominator: a twelfth has no end as a decimal."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Fraction | None, dialect: Dialect) -> str | None:
        """Written as 1/12."""
        return f"{value.numerator}/{value.denominator}" if value is not None else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Fraction | None:
        """The fraction."""
        return Fraction(value) if value is not None else None


unit_classes = table(
    "unit_classes",
    key(),
    text("status", nullable=False),
    text("name", nullable=False, index=True),
    flag("base_class"),
    *stamps(),
)
"""What can be counted or measured in the same units, such as weights."""

units_of_measure = table(
    "units_of_measure",
    key(),
    text("status", nullable=False),
    ref("unit_class_id", "unit_classes"),
    text("name", nullable=False, index=True),
    text("description", nullable=False),
    flag("base_unit"),
    *stamps(),
)

unit_conversion_rules = table(
    "unit_conversion_rules",
    key(),
    text("status", nullable=False),
    text("type", nullable=False, index=True),
    ref("base_unit_of_measure_id", "units_of_measure"),
    ref("converted_unit_of_measure_id", "units_of_measure"),
    Column("conversion_factor", Ratio, nullable=False),
    ref("product_id", "products", nullable=True, cascade=True),
    *stamps(),
)
"""So many converted units are one base unit: for a whole class, or for one product."""

Index(
    "ix_unit_conversion_rules_pair",
    unit_conversion_rules.c.base_unit_of_measure_id,
    unit_conversion_rules.c.converted_unit_of_measure_id,
)
