"""Definitions of custom fields: their labels, types and options, and the kinds of records that have them."""

from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from server.sandbox.exports import every_row
from server.sandbox.filters import Listing, fields
from server.sandbox.resources.metadata.fields import (
    DROPDOWN,
    LONGEST_VALUE,
    TYPES,
    read_value,
    rename,
    used_values,
)
from server.sandbox.resources.metadata.kinds import kind_called
from server.sandbox.rows import Record, get_row, insert_row
from server.sandbox.shapes import COMPUTED, Choice, Fault, Key, Many, Shape, Text, Whole, optional, required
from server.sandbox.tables.custom_fields import custom_field_definitions
from server.sandbox.wire import Answer, Call, Routes, created, data, done, invalid

routes = Routes()

_length = Whole(maximum=LONGEST_VALUE)

OPTIONS = Shape(
    {
        "choices": optional(Many(Text(min_length=1))),
        "minLength": optional(_length),
        "maxLength": optional(_length),
        "helpText": optional(Text(max_length=1000)),
    }
)

_options: dict[str, Key] = {"options": optional(OPTIONS, nullable=False)}
_object_types = Many(Text(min_length=1), maximum=100)

NEW_DEFINITION = Shape(
    {
        "label": required(Text()),
        "type": required(Choice(TYPES)),
        "object_types": optional(_object_types, nullable=False),
        **_options,
    },
    computed=COMPUTED,
)
DEFINITION = Shape(
    {
        "label": optional(Text(), nullable=False),
        "type": optional(Choice(TYPES), nullable=False),
        "object_types": required(_object_types),
        **_options,
    },
    computed=COMPUTED,
)

_definition = custom_field_definitions.c

DEFINITIONS = Listing(
    select(custom_field_definitions),
    fields(_definition, "id", "label", "type", "created_at", "updated_at"),
    _definition.id,
    parameters=frozenset({"object_type"}),
)


@routes.get("/custom-fields")
def list_custom_field_definitions(call: Call) -> Answer:
    """All definitions, or those of one kind of records, without pages."""
    found = every_row(call, DEFINITIONS)
    asked = call.argument("object_type")
    if not asked:
        return data(found)
    kind = kind_called(asked)
    if kind is None:
        raise invalid({"object_type": "The object_type is no known kind of records."})
    return data([row for row in found if kind.name in row["object_types"]])


@routes.get("/custom-fields/{customFieldId}")
def get_custom_field_definition(call: Call) -> Answer:
    """One definition."""
    return data(_load(call))


@routes.post("/custom-fields")
def create_custom_field_definition(call: Call) -> Answer:
    """Define a field."""
    sent = NEW_DEFINITION.check(call.json())
    values = {
        "label": sent["label"],
        "type": sent["type"],
        "options": _merged({}, sent.get("options", {})),
        "object_types": _kind_names(sent.get("object_types", [])),
    }
    _check(call.connection, values)
    stamps = {"created_at": call.now, "updated_at": call.now}
    made = insert_row(call.connection, custom_field_definitions, {**values, **stamps})
    return created(_get(call.connection, made))


@routes.put("/custom-fields/{customFieldId}")
def update_custom_field_definition(call: Call) -> Answer:
    """Change what is sent. Records keep their values, so these must fit what the field becomes."""
    before = _load(call)
    sent = DEFINITION.check(call.json())
    values: dict[str, Any] = {
        "label": sent.get("label", before["label"]),
        "type": sent.get("type", before["type"]),
        "options": _merged(before["options"], sent.get("options", {})),
        "object_types": _kind_names(sent["object_types"]),
    }
    _check(call.connection, values, before["id"])
    _check_used(call.connection, before, values)
    change = update(custom_field_definitions).where(_definition.id == before["id"])
    call.connection.execute(change.values(**values, updated_at=call.now))
    if values["label"] != before["label"]:
        rename(call.connection, before["label"], values["label"], call.now)
    return data(_get(call.connection, before["id"]))


@routes.delete("/custom-fields/{customFieldId}")
def delete_custom_field_definition(call: Call) -> Answer:
    """Delete a field that no record uses."""
    definition = _load(call)
    if next(used_values(call.connection, definition), None) is not None:
        raise invalid({"customFieldId": "The custom field is in use on records and cannot be deleted."})
    call.connection.execute(delete(custom_field_definitions).where(_definition.id == definition["id"]))
    return done("Custom field deleted.")


def _load(call: Call) -> Record:
    return _get(call.connection, call.id("customFieldId", "Custom field"))


def _get(connection: Connection, definition_id: int) -> Record:
    return get_row(connection, custom_field_definitions, "Custom field", _definition.id == definition_id)


def _merged(before: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """The options after those that were sent; a null takes one away."""
    return {name: value for name, value in {**before, **sent}.items() if value is not None}


def _kind_names(sent: list[str]) -> list[str]:
    kinds = [kind_called(text) for text in sent]
    wrong = [f"object_types.{index}" for index, kind in enumerate(kinds) if kind is None]
    if wrong:
        raise invalid({path: f"The {path} is no known kind of records." for path in wrong})
    return list(dict.fromkeys(kind.name for kind in kinds if kind))


def _check(connection: Connection, values: dict[str, Any], definition_id: int | None = None) -> None:
    same = func.casefold(_definition.label) == values["label"].casefold()
    others: Any = _definition.id.is_distinct_from(definition_id)
    if connection.execute(select(_definition.id).where(same, others)).first():
        raise invalid({"label": "The label belongs to another custom field."})
    options = values["options"]
    if values["type"] == DROPDOWN and not options.get("choices"):
        raise invalid({"options.choices": "The options.choices are required for the type dropdown."})
    if options.get("minLength", 0) > options.get("maxLength", LONGEST_VALUE):
        raise invalid({"options.maxLength": "The options.maxLength must be at least the options.minLength."})


def _check_used(connection: Connection, before: Record, values: dict[str, Any]) -> None:
    if (before["type"], before["options"]) == (values["type"], values["options"]):
        return
    for kept in used_values(connection, before):
        try:
            read_value(values, kept)
        except Fault as fault:
            path = "type" if before["type"] != values["type"] else "options"
            raise invalid({path: f"The {path} does not fit values that records have in the field."}) from fault
