"""Integration mappings: how whole objects are translated for an external system. Channels use them."""

from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from server.sandbox.filters import Listing, fields, page
from server.sandbox.resources.integrations.vocabulary import OBJECTS
from server.sandbox.rows import Record, find_row, get_row, insert_row
from server.sandbox.shapes import COMPUTED, Choice, Free, Shape, Text, optional, required
from server.sandbox.tables.channels import channels
from server.sandbox.tables.integrations import integration_mappings
from server.sandbox.wire import Answer, Call, Routes, conflict, created, data, done, invalid

routes = Routes()

MAPPING = Shape(
    {
        "name": required(Text()),
        "type": optional(Choice(OBJECTS)),
        "description": optional(Text(max_length=5000)),
        "fields": optional(Free(), nullable=False),
    },
    computed=COMPUTED,
)

_COLUMNS = integration_mappings.c
MAPPINGS = Listing(
    select(integration_mappings),
    fields(_COLUMNS, "id", "name", "type", "description", "created_at", "updated_at"),
    _COLUMNS.id,
)

USES = [column for column in channels.c if column.name.endswith("_mapping_id")]
"""The columns of a channel that name an integration mapping."""


@routes.get("/integration-mappings")
def list_integration_mappings(call: Call) -> Answer:
    """All integration mappings."""
    return page(call, MAPPINGS)


@routes.get("/integration-mappings/{id}")
def get_integration_mapping(call: Call) -> Answer:
    """One integration mapping."""
    return data(_load(call))


@routes.post("/integration-mappings")
def create_integration_mapping(call: Call) -> Answer:
    """Add a mapping; it translates nothing until it has fields."""
    sent = MAPPING.check(call.json())
    _check_name(call.connection, sent, None)
    blank: dict[str, Any] = {"fields": {}}
    stamps = {"created_at": call.now, "updated_at": call.now}
    mapping_id = insert_row(call.connection, integration_mappings, {**blank, **sent, **stamps})
    return created(_get(call.connection, mapping_id))


@routes.post("/integration-mappings/{id}")
@routes.put("/integration-mappings/{id}")
def update_integration_mapping(call: Call) -> Answer:
    """Change what is sent; `fields` takes the place of the stored ones."""
    mapping_id = _load(call)["id"]
    sent = MAPPING.check(call.json(), partial=True)
    _check_name(call.connection, sent, mapping_id)
    changed = {**sent, "updated_at": call.now}
    call.connection.execute(update(integration_mappings).where(_COLUMNS.id == mapping_id).values(changed))
    return data(_get(call.connection, mapping_id))


@routes.delete("/integration-mappings/{id}")
def delete_integration_mapping(call: Call) -> Answer:
    """Delete a mapping that no channel uses."""
    mapping_id = _load(call)["id"]
    uses = or_(*(column == mapping_id for column in USES))
    used = find_row(call.connection, channels, uses, channels.c.deleted_at.is_(None))
    if used is not None:
        raise conflict(f"Integration mapping {mapping_id} is used by channel {used['label']}.")
    call.connection.execute(delete(integration_mappings).where(_COLUMNS.id == mapping_id))
    return done("Integration mapping deleted.")


def _check_name(connection: Connection, sent: dict[str, Any], own_id: int | None) -> None:
    if "name" not in sent:
        return
    other = find_row(connection, integration_mappings, _COLUMNS.name == sent["name"])
    if other is not None and other["id"] != own_id:
        raise invalid({"name": "The name has already been taken."})


def _load(call: Call) -> Record:
    return _get(call.connection, call.id("id", "Integration mapping"))


def _get(connection: Connection, mapping_id: int) -> Record:
    return get_row(connection, integration_mappings, "Integration mapping", _COLUMNS.id == mapping_id)
