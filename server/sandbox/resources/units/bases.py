"""The base unit of a class: what the factors of the other units count from."""

from datetime import datetime
from fractions import Fraction

from sqlalchemy import Connection, or_, select, update

from server.sandbox.rows import Record, find_row, insert_row, records
from server.sandbox.tables.units import unit_conversion_rules, units_of_measure
from server.sandbox.wire import conflict

SYSTEM, SKU = "SYSTEM", "SKU"
ACTIVE = "active"

_rule = unit_conversion_rules.c

Pairs = dict[tuple[int, int], Record]
"""Rules by the units they convert between."""


def base_of(connection: Connection, class_id: int) -> Record | None:
    """The base unit of the class, if it has one."""
    unit = units_of_measure.c
    return find_row(connection, units_of_measure, unit.unit_class_id == class_id, unit.base_unit)


def set_factor(connection: Connection, unit_id: int, base_id: int, factor: Fraction, now: datetime) -> None:
    """Make one of the unit that many of the base unit: change the class's rule, or make it."""
    wanted = (_rule.base_unit_of_measure_id == unit_id) & (_rule.converted_unit_of_measure_id == base_id)
    rule = find_row(connection, unit_conversion_rules, wanted, _rule.type == SYSTEM)
    if rule is not None:
        _change(connection, rule, now, conversion_factor=factor)
        return
    pair = {"base_unit_of_measure_id": unit_id, "converted_unit_of_measure_id": base_id}
    made = {"status": ACTIVE, "type": SYSTEM, "product_id": None, "created_at": now, "updated_at": now}
    insert_row(connection, unit_conversion_rules, {**pair, **made, "conversion_factor": factor})


def move_base(connection: Connection, unit: Record, now: datetime) -> None:
    """Make the unit the base of its class, and count the factors of the class from it.

    Whatever one unit was worth in another it is worth afterwards, too. Raises 409 where that cannot be said: when
    other units count from the present base and nothing says what the new one is worth in it.
    """
    before = base_of(connection, unit["unit_class_id"])
    if before is not None and before["id"] == unit["id"]:
        return
    if before is not None:
        _recount(connection, before, unit, now)
        _flag(connection, before["id"], now, base=False)
    _flag(connection, unit["id"], now, base=True)


def _recount(connection: Connection, old: Record, new: Record, now: datetime) -> None:
    rules = _rules_with(connection, old["id"]) | _rules_with(connection, new["id"])
    counted = [pair for pair in rules if old["id"] in pair]
    if not counted:
        return
    worth = _worth(rules, old["id"], new["id"])
    if worth is None:
        raise conflict(
            f"{new['name']} cannot become the base unit: no rule says how many {old['name']} it is, "
            f"from which the other units count."
        )
    for pair in counted:
        _turn(connection, rules, pair, old["id"], new["id"], worth, now)


def _turn(
    connection: Connection, rules: Pairs, pair: tuple[int, int], old: int, new: int, worth: Fraction, now: datetime
) -> None:
    """Make a rule that counts from the old base count from the new one, unless there is such a rule already."""
    rule = rules[pair]
    if pair == (new, old):
        turned, factor = (old, new), 1 / worth
    elif pair == (old, new):
        return
    elif pair[1] == old:
        turned, factor = (pair[0], new), rule["conversion_factor"] / worth
    else:
        turned, factor = (new, pair[1]), rule["conversion_factor"] * worth
    if turned not in rules:
        ids = {"base_unit_of_measure_id": turned[0], "converted_unit_of_measure_id": turned[1]}
        _change(connection, rule, now, conversion_factor=factor, **ids)


def _worth(rules: Pairs, old: int, new: int) -> Fraction | None:
    """How many of the old base the new one is."""
    if (new, old) in rules:
        factor: Fraction = rules[new, old]["conversion_factor"]
        return factor
    return 1 / rules[old, new]["conversion_factor"] if (old, new) in rules else None


def _rules_with(connection: Connection, unit_id: int) -> Pairs:
    uses = or_(_rule.base_unit_of_measure_id == unit_id, _rule.converted_unit_of_measure_id == unit_id)
    query = select(unit_conversion_rules).where(_rule.type == SYSTEM, uses).order_by(_rule.id)
    return {
        (rule["base_unit_of_measure_id"], rule["converted_unit_of_measure_id"]): rule
        for rule in records(connection, query)
    }


def _change(connection: Connection, rule: Record, now: datetime, **values: object) -> None:
    statement = update(unit_conversion_rules).where(_rule.id == rule["id"])
    connection.execute(statement.values(**values, updated_at=now))


def _flag(connection: Connection, unit_id: int, now: datetime, *, base: bool) -> None:
    statement = update(units_of_measure).where(units_of_measure.c.id == unit_id)
    connection.execute(statement.values(base_unit=base, updated_at=now))
