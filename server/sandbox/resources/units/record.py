"""Unit classes, units and conversion rules as they are shown: each with what belongs to it."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from server.sandbox import ratios
from server.sandbox.filters import Listing, field, fields
from server.sandbox.rows import Record, records
from server.sandbox.tables.goods import alternate_skus, products
from server.sandbox.tables.units import unit_classes, unit_conversion_rules, units_of_measure

_STAMPS = ("id", "created_at", "updated_at", "status")
_SHORT_META = frozenset({"from", "last_page", "to"})

CLASSES = Listing(
    select(unit_classes),
    fields(unit_classes.c, *_STAMPS, "name", "base_class"),
    unit_classes.c.id,
    without_meta=_SHORT_META,
)

UNITS = Listing(
    select(units_of_measure).join(unit_classes, unit_classes.c.id == units_of_measure.c.unit_class_id),
    {
        **fields(units_of_measure.c, *_STAMPS, "unit_class_id", "name", "description", "base_unit"),
        "unit_class.id": field(unit_classes.c.id),
        "unit_class.name": field(unit_classes.c.name),
    },
    units_of_measure.c.id,
    without_meta=_SHORT_META,
)

_PAIR = ("base_unit_of_measure_id", "converted_unit_of_measure_id")

RULES = Listing(
    select(unit_conversion_rules),
    fields(unit_conversion_rules.c, *_STAMPS, "type", "product_id", *_PAIR),
    unit_conversion_rules.c.id,
    without_meta=_SHORT_META,
)


def present_classes(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as whole classes, with all their units."""
    ids = [row["id"] for row in rows]
    own = select(units_of_measure).where(units_of_measure.c.unit_class_id.in_(ids)).order_by(units_of_measure.c.id)
    stored = records(connection, own)
    base = {unit["unit_class_id"]: unit for unit in stored if unit["base_unit"]}
    units: dict[int, list[dict[str, Any]]] = {}
    for unit in present_units(connection, stored):
        units.setdefault(unit["unit_class_id"], []).append(unit)
    return [
        {**row, "unit_of_measures": units.get(row["id"], []), "base_unit_of_measure": base.get(row["id"])}
        for row in rows
    ]


def present_units(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as whole units, each with the rules that convert from it or to it."""
    classes = _by_id(connection, unit_classes, {row["unit_class_id"] for row in rows})
    rules = _rules_of(connection, [row["id"] for row in rows])
    factors = _factors(connection)
    shown = []
    for row in rows:
        kind = classes[row["unit_class_id"]]
        short = {name: kind[name] for name in ("id", "name", "base_class")}
        factor = Decimal(1) if row["base_unit"] else factors.get(row["id"])
        belonging = {"unit_class": short, "unit_conversion_rules": rules.get(row["id"], [])}
        shown.append({**row, "conversion_factor": factor, **belonging})
    return shown


def _factors(connection: Connection) -> dict[int, Decimal]:
    """How many base units of its class a unit is, by unit; some are tied to none."""
    base, rule = units_of_measure.alias("base"), unit_conversion_rules.c
    query = (
        select(rule.base_unit_of_measure_id, rule.conversion_factor)
        .join(base, base.c.id == rule.converted_unit_of_measure_id)
        .where(base.c.base_unit, rule.product_id.is_(None))
    )
    return {unit_id: ratios.as_decimal(factor) for unit_id, factor in connection.execute(query)}


def present_rules(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as whole rules, with their units and, where they are a product's, the product."""
    units = _by_id(connection, units_of_measure, {row[name] for row in rows for name in _PAIR})
    product_ids = {row["product_id"] for row in rows if row["product_id"] is not None}
    goods = _by_id(connection, products, product_ids)
    skus = _alternate_skus(connection, [row["id"] for row in rows])
    return [
        {
            **row,
            "conversion_factor": ratios.as_decimal(row["conversion_factor"]),
            "base_unit_of_measure": _short_unit(units[row["base_unit_of_measure_id"]]),
            "converted_unit_of_measure": _short_unit(units[row["converted_unit_of_measure_id"]]),
            "product": _short_product(goods.get(row["product_id"])),
            "product_alternate_skus": skus.get(row["id"], []),
        }
        for row in rows
    ]


def _rules_of(connection: Connection, ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    rule = unit_conversion_rules.c
    used = or_(*(rule[name].in_(ids) for name in _PAIR))
    found: dict[int, list[dict[str, Any]]] = {}
    stored = records(connection, select(unit_conversion_rules).where(used).order_by(rule.id))
    for row in present_rules(connection, stored):
        for name in _PAIR:
            found.setdefault(row[name], []).append(row)
    return found


def _alternate_skus(connection: Connection, ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The SKUs that stand for a product in a rule's unit, by rule."""
    sku = alternate_skus.c
    query = select(sku.unit_conversion_rule_id, sku.id, sku.product_id, sku.sku)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in records(connection, query.where(sku.unit_conversion_rule_id.in_(ids)).order_by(sku.id)):
        found.setdefault(row.pop("unit_conversion_rule_id"), []).append(row)
    return found


def _by_id(connection: Connection, table: Table, ids: Collection[int]) -> dict[int, Record]:
    return {row["id"]: row for row in records(connection, select(table).where(table.c.id.in_(ids)))}


def _short_unit(unit: Record) -> dict[str, Any]:
    return {name: unit[name] for name in ("id", "name", "unit_class_id", "base_unit")}


def _short_product(product: Record | None) -> dict[str, Any] | None:
    return {name: product[name] for name in ("id", "sku", "name")} if product else None
