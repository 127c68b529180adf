"""Units of measure on the lines of kits and BOMs."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from server.sandbox.ratios import rounded
from server.sandbox.rows import Record, find_row, records
from server.sandbox.tables.units import unit_classes, unit_conversion_rules, units_of_measure

_PLACES = 4
"""Decimals of a quantity."""

_unit, _rule = units_of_measure.c, unit_conversion_rules.c


class Units:
    """The units that lines are measured in, and how many base units one of each is."""

    def __init__(self, connection: Connection, lines: Iterable[Record]) -> None:
        ids = {line["uom_id"] for line in lines if line["uom_id"]}
        self._default = _default(connection)
        query = select(units_of_measure).where(_unit.id.in_(ids))
        self._units = {unit["id"]: unit for unit in records(connection, query)}
        self._factors = _factors(connection, ids)

    def shown(self, line: Record) -> dict[str, Any] | None:
        """The unit of a line, the default one where it names none."""
        unit = self._units.get(line["uom_id"], self._default)
        return {"id": unit["id"], "name": unit["name"]} if unit else None

    def base_quantity(self, line: Record) -> Decimal:
        """The line's quantity in the base unit of its unit's class; a rule of the product itself comes first."""
        quantity: Decimal = line["quantity"]
        own, general = (line["uom_id"], line["product_id"]), (line["uom_id"], None)
        factor = self._factors.get(own, self._factors.get(general))
        if factor is None:
            return quantity
        return rounded(Fraction(quantity) * factor, _PLACES)


def unit_fault(connection: Connection, line: Record, path: str) -> dict[str, str]:
    """What is wrong with the unit of a line in a body."""
    unit_id = line.get("uom_id")
    if unit_id is None or find_row(connection, units_of_measure, _unit.id == unit_id):
        return {}
    return {f"{path}.uom_id": f"The {path}.uom_id is no known unit of measure."}


def rule_fault(connection: Connection, alternate: Record, path: str) -> dict[str, str]:
    """What is wrong with the conversion rule of an alternate SKU in a body."""
    rule_id = alternate.get("unit_conversion_rule_id")
    if rule_id is None or find_row(connection, unit_conversion_rules, _rule.id == rule_id):
        return {}
    name = f"{path}unit_conversion_rule_id"
    return {name: f"The {name} is no known rule."}


def _default(connection: Connection) -> Record | None:
    """The base unit of the base class."""
    query = (
        select(units_of_measure)
        .join(unit_classes, unit_classes.c.id == _unit.unit_class_id)
        .where(_unit.base_unit)
        .order_by(unit_classes.c.base_class.desc(), _unit.id)
        .limit(1)
    )
    return next(iter(records(connection, query)), None)


def _factors(connection: Connection, ids: set[int]) -> dict[tuple[int, int | None], Fraction]:
    """How many base units one unit is, by unit and product; without a product in general."""
    base = units_of_measure.alias("base")
    query = (
        select(_rule.base_unit_of_measure_id, _rule.product_id, _rule.conversion_factor)
        .join(base, base.c.id == _rule.converted_unit_of_measure_id)
        .where(_rule.base_unit_of_measure_id.in_(ids), base.c.base_unit)
        .order_by(_rule.id)
    )
    return {(unit_id, product_id): factor for unit_id, product_id, factor in connection.execute(query)}
