"""Units and the rules between them."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from server.sandbox.audit.sums import rows
from server.sandbox.resources.units.bases import SKU, SYSTEM
from server.sandbox.tables.units import unit_classes, unit_conversion_rules, units_of_measure

Rule = tuple[int, int, int | None]


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the units."""
    unit = units_of_measure.c
    bases = select(unit.unit_class_id).where(unit.base_unit).group_by(unit.unit_class_id).having(func.count() > 1)
    for class_id in connection.execute(bases.order_by(unit.unit_class_id)).scalars():
        yield f"Unit class {class_id} has more than one base unit."
    yield from _same_names(connection)
    yield from _rules(connection)


def _same_names(connection: Connection) -> Iterator[str]:
    seen: set[tuple[int | None, str]] = set()
    for row in [*rows(connection, unit_classes), *rows(connection, units_of_measure)]:
        name = (row.get("unit_class_id"), row["name"].casefold())
        if name in seen:
            yield f"The unit or unit class {row['name']} is there twice."
        seen.add(name)


def _rules(connection: Connection) -> Iterator[str]:
    unit = units_of_measure.c
    classes = {row.id: row.unit_class_id for row in connection.execute(select(unit.id, unit.unit_class_id))}
    seen: set[Rule] = set()
    for rule in rows(connection, unit_conversion_rules):
        name = f"Unit conversion rule {rule['id']}"
        start, end = rule["base_unit_of_measure_id"], rule["converted_unit_of_measure_id"]
        if start == end or rule["conversion_factor"] <= 0:
            yield f"{name} converts nothing."
        if rule["type"] == SYSTEM and classes[start] != classes[end]:
            yield f"{name} leads out of its class."
        if rule["type"] != (SYSTEM if rule["product_id"] is None else SKU):
            yield f"{name}: the type {rule['type']} does not go with its product."
        if (start, end, rule["product_id"]) in seen:
            yield f"{name} is there twice."
        seen.add((start, end, rule["product_id"]))
