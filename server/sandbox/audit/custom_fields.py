"""Custom fields and tags, and the records they belong to."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, exists, select

from server.sandbox.audit.sums import rows
from server.sandbox.resources.metadata.fields import DROPDOWN, read_value
from server.sandbox.resources.metadata.kinds import KINDS
from server.sandbox.shapes import Fault
from server.sandbox.tables.about import taggings
from server.sandbox.tables.custom_fields import custom_field_definitions, custom_field_values

NAMES = {kind.name for kind in KINDS}


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with custom fields and tags."""
    definitions = {row["id"]: row for row in rows(connection, custom_field_definitions)}
    yield from _definitions(definitions.values())
    for row in connection.execute(select(custom_field_values)).mappings():
        definition = definitions[row["definition_id"]]
        try:
            fits = read_value(dict(definition), row["value"]) == row["value"]
        except Fault:
            fits = False
        if not fits:
            yield f"The {row['owner']} {row['owner_id']}: its {definition['label']} does not fit the custom field."
    for table in (custom_field_values, taggings):
        yield from _owners(connection, table)


def _definitions(definitions: Any) -> Iterator[str]:
    labels: set[str] = set()
    for row in definitions:
        if row["label"].casefold() in labels:
            yield f"The custom field {row['label']} is there twice."
        labels.add(row["label"].casefold())
        if row["type"] == DROPDOWN and not row["options"].get("choices"):
            yield f"The custom field {row['label']} has nothing to choose from."
        if not NAMES.issuperset(row["object_types"]):
            yield f"The custom field {row['label']} belongs to unknown kinds of records."


def _owners(connection: Connection, table: Table) -> Iterator[str]:
    """Rows whose record is gone."""
    for kind in KINDS:
        lost = ~exists().where(kind.table.c.id == table.c.owner_id)
        query = select(table.c.owner_id).where(table.c.owner == kind.owner, lost).distinct()
        for owner_id in connection.execute(query.order_by(table.c.owner_id)).scalars():
            yield f"The {kind.owner} {owner_id} is gone, and there are still {table.name.replace('_', ' ')} of it."
