"""Units of measure."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, func, or_, select, update

from server.sandbox.filters import page
from server.sandbox.resources.units.bases import ACTIVE, SYSTEM, base_of, move_base, set_factor
from server.sandbox.resources.units.record import UNITS, present_units
from server.sandbox.rows import Record, find_row, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Flag, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables import metadata
from server.sandbox.tables.units import unit_classes, unit_conversion_rules, units_of_measure
from server.sandbox.wire import NO_CONTENT, Answer, Call, Routes, conflict, data, invalid

routes = Routes()

FACTOR = Number(places=12, above=True, maximum=Decimal(1_000_000_000))


UNIT = Shape(
    {
        "unit_class_id": required(Whole(minimum=1)),
        "name": required(Text()),
        "description": required(Text(max_length=1000)),
        "base_unit": optional(Flag(), nullable=False),
        "conversion_factor": optional(FACTOR, nullable=False),
    },
    computed=COMPUTED,
)
"""The conversion factor says how many of the class's base unit one of the unit is."""

REFERENCES = ("uom_id", "unit_of_measure_id")
"""How columns end that name a unit."""


@routes.get("/unit-of-measures")
def list_units_of_measure(call: Call) -> Answer:
    """The units of all classes."""
    return page(call, UNITS, present=present_units)


@routes.get("/unit-of-measures/{id}")
def get_unit_of_measure(call: Call) -> Answer:
    """One unit with its conversion rules."""
    return _show(call, _load(call)["id"])


@routes.post("/unit-of-measures")
def create_unit_of_measure(call: Call) -> Answer:
    """Create a unit of a class; its conversion factor becomes a rule of the class."""
    sent = UNIT.check(call.json())
    _check_class(call.connection, sent["unit_class_id"])
    _check_name(call.connection, sent["unit_class_id"], sent["name"])
    own = {name: sent[name] for name in ("unit_class_id", "name", "description")}
    made = {"status": ACTIVE, "base_unit": False, "created_at": call.now, "updated_at": call.now}
    unit_id = insert_row(call.connection, units_of_measure, {**own, **made})
    _count(call, unit_id, sent)
    return _show(call, unit_id, 201)


@routes.post("/unit-of-measures/{id}")
def update_unit_of_measure(call: Call) -> Answer:
    """Change what is sent."""
    unit = _load(call)
    sent = UNIT.check(_without_shown_factor(call, unit), partial=True)
    own: Record = {name: sent[name] for name in ("unit_class_id", "name", "description") if name in sent}
    after = {**unit, **own}
    if after["unit_class_id"] != unit["unit_class_id"]:
        _check_class(call.connection, after["unit_class_id"])
        _check_free_to_move(call.connection, unit)
    _check_name(call.connection, after["unit_class_id"], after["name"], unit["id"])
    change = update(units_of_measure).where(units_of_measure.c.id == unit["id"])
    call.connection.execute(change.values(**own, updated_at=call.now))
    _count(call, unit["id"], sent)
    return _show(call, unit["id"])


@routes.delete("/unit-of-measures/{id}")
def delete_unit_of_measure(call: Call) -> Answer:
    """Delete a unit that nothing is counted in."""
    unit = _load(call)
    users = [table.name for table in metadata.sorted_tables if _uses(call.connection, table, unit["id"])]
    if users:
        named = " and ".join(name.replace("_", " ") for name in users)
        raise conflict(f"Unit of measure {unit['id']} cannot be deleted: it is used in {named}.")
    call.connection.execute(delete(units_of_measure).where(units_of_measure.c.id == unit["id"]))
    return NO_CONTENT


def _load(call: Call) -> Record:
    wanted = units_of_measure.c.id == call.id("id", "Unit of measure")
    return get_row(call.connection, units_of_measure, "Unit of measure", wanted)


def _show(call: Call, unit_id: int, status: int = 200) -> Answer:
    rows = records(call.connection, UNITS.rows.where(units_of_measure.c.id == unit_id))
    return data(present_units(call.connection, rows)[0], status)


def _without_shown_factor(call: Call, unit: Record) -> dict[str, Any]:
    """The body without a factor that is the one shown: a ratio without an end is not shown exactly."""
    body = call.json()
    shown = present_units(call.connection, [unit])[0]["conversion_factor"]
    stays = body.get("unit_class_id", unit["unit_class_id"]) == unit["unit_class_id"]
    if stays and body.get("conversion_factor") == shown:
        body.pop("conversion_factor", None)
    return body


def _check_class(connection: Connection, class_id: int) -> None:
    if find_row(connection, unit_classes, unit_classes.c.id == class_id) is None:
        raise invalid({"unit_class_id": "The unit_class_id is no known unit class."})


def _check_name(connection: Connection, class_id: int, name: str, unit_id: int | None = None) -> None:
    unit = units_of_measure.c
    same = (unit.unit_class_id == class_id) & (func.casefold(unit.name) == name.casefold())
    if connection.execute(select(unit.id).where(same, unit.id.is_distinct_from(unit_id))).first():
        raise invalid({"name": "The name belongs to another unit of the class."})


def _check_free_to_move(connection: Connection, unit: Record) -> None:
    rule = unit_conversion_rules.c
    used = or_(rule.base_unit_of_measure_id == unit["id"], rule.converted_unit_of_measure_id == unit["id"])
    if unit["base_unit"]:
        raise conflict(f"{unit['name']} is the base unit of its class and cannot change to another class.")
    if connection.execute(select(rule.id).where(used, rule.type == SYSTEM)).first():
        raise conflict(f"{unit['name']} is used in conversion rules of its class and cannot change to another class.")


def _count(call: Call, unit_id: int, sent: dict[str, Any]) -> None:
    """Carry out what was sent of base unit and conversion factor. Raises 422."""
    unit = get_row(call.connection, units_of_measure, "Unit of measure", units_of_measure.c.id == unit_id)
    base = base_of(call.connection, unit["unit_class_id"])
    is_base = base is not None and base["id"] == unit_id
    if is_base and sent.get("base_unit") is False:
        raise invalid({"base_unit": "The class needs a base unit: make another unit the base instead."})
    if "conversion_factor" in sent:
        factor = Fraction(sent["conversion_factor"])
        if base is not None and not is_base:
            set_factor(call.connection, unit_id, base["id"], factor, call.now)
        elif not (is_base or sent.get("base_unit")):
            raise invalid({"conversion_factor": "The conversion_factor counts from a base unit; the class has none."})
        elif factor != 1:
            raise invalid({"conversion_factor": "The conversion_factor of the base unit is 1."})
    if sent.get("base_unit"):
        move_base(call.connection, unit, call.now)


def _uses(connection: Connection, table: Table, unit_id: int) -> bool:
    columns = [column for column in table.c if column.name.endswith(REFERENCES)]
    if not columns:
        return False
    found: bool = connection.execute(
        select(exists().where(or_(*(column == unit_id for column in columns))))
    ).scalar_one()
    return found
