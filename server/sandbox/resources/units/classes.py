"""Classes of units, and which unit is the base of its class."""

from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from server.sandbox.filters import page
from server.sandbox.resources.units.bases import ACTIVE, move_base
from server.sandbox.resources.units.record import CLASSES, present_classes
from server.sandbox.rows import get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Flag, Shape, Text, optional, required
from server.sandbox.tables.units import unit_classes, units_of_measure
from server.sandbox.wire import NO_CONTENT, Answer, Call, Routes, conflict, data, invalid

routes = Routes()


CLASS = Shape({"name": required(Text()), "base_class": optional(Flag(), nullable=False)}, computed=COMPUTED)


@routes.get("/unit-classes")
def list_unit_classes(call: Call) -> Answer:
    """All classes with their units."""
    return page(call, CLASSES, present=present_classes)


@routes.get("/unit-classes/{id}")
def get_unit_class(call: Call) -> Answer:
    """One class."""
    return _show(call, _load(call, "id"))


@routes.post("/unit-classes")
def create_unit_class(call: Call) -> Answer:
    """Create a class; it has no units yet."""
    sent = CLASS.check(call.json())
    _check_name(call.connection, sent["name"])
    made = {"status": ACTIVE, "base_class": False, "created_at": call.now, "updated_at": call.now}
    return _show(call, insert_row(call.connection, unit_classes, {**made, **sent}), 201)


@routes.post("/unit-classes/{id}")
def update_unit_class(call: Call) -> Answer:
    """Change what is sent."""
    class_id = _load(call, "id")
    sent = CLASS.check(call.json(), partial=True)
    if "name" in sent:
        _check_name(call.connection, sent["name"], class_id)
    change = update(unit_classes).where(unit_classes.c.id == class_id)
    call.connection.execute(change.values(**sent, updated_at=call.now))
    return _show(call, class_id)


@routes.delete("/unit-classes/{id}")
def delete_unit_class(call: Call) -> Answer:
    """Delete a class that has no units."""
    class_id = _load(call, "id")
    used = select(func.count()).where(units_of_measure.c.unit_class_id == class_id)
    if count := call.connection.execute(used).scalar_one():
        raise conflict(f"Unit class {class_id} cannot be deleted: it has {count} unit{'s' if count > 1 else ''}.")
    call.connection.execute(delete(unit_classes).where(unit_classes.c.id == class_id))
    return NO_CONTENT


@routes.post("/unit-classes/{unitClassId}/default-unit-of-measure/{unitOfMeasureId}")
def set_base_unit_of_measure(call: Call) -> Answer:
    """Make a unit the base of its class; the factors count from it afterwards."""
    class_id = _load(call, "unitClassId")
    unit = units_of_measure.c
    wanted = (unit.id == call.id("unitOfMeasureId", "Unit of measure")) & (unit.unit_class_id == class_id)
    move_base(call.connection, get_row(call.connection, units_of_measure, "Unit of measure", wanted), call.now)
    return _show(call, class_id)


def _load(call: Call, name: str) -> int:
    class_id = call.id(name, "Unit class")
    get_row(call.connection, unit_classes, "Unit class", unit_classes.c.id == class_id)
    return class_id


def _check_name(connection: Connection, name: str, class_id: int | None = None) -> None:
    same = func.casefold(unit_classes.c.name) == name.casefold()
    others: Any = unit_classes.c.id.is_distinct_from(class_id)
    if connection.execute(select(unit_classes.c.id).where(same, others)).first():
        raise invalid({"name": "The name belongs to another unit class."})


def _show(call: Call, class_id: int, status: int = 200) -> Answer:
    rows = records(call.connection, CLASSES.rows.where(unit_classes.c.id == class_id))
    return data(present_classes(call.connection, rows)[0], status)
