"""The unit of measure that quantities of orders and shipments are counted in."""

from typing import Any

from sqlalchemy import Connection, select

from server.sandbox.rows import records
from server.sandbox.tables.units import unit_classes, units_of_measure


def counted_in(connection: Connection) -> dict[str, Any] | None:
    """The base unit of the base class, or None where there is none."""
    unit = units_of_measure.c
    query = (
        select(unit.id, unit.name)
        .join(unit_classes, unit_classes.c.id == unit.unit_class_id)
        .where(unit.base_unit)
        .order_by(unit_classes.c.base_class.desc(), unit.id)
        .limit(1)
    )
    found = next(iter(records(connection, query)), None)
    return {**found, "abbreviation": None} if found else None
