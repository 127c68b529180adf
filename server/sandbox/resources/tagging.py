"""Tags and custom fields, which companies, contacts and invoices have in common."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Float,
    Integer,
    String,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    type_coerce,
)

from server.sandbox.filters import Condition, Field, Listing, field
from server.sandbox.rows import insert_row
from server.sandbox.shapes import Key, Many, Text, optional
from server.sandbox.tables.about import taggings, tags
from server.sandbox.tables.base import Scaled
from server.sandbox.tables.custom_fields import custom_field_definitions
from server.sandbox.wire import Call, Errors

NAME = Text(min_length=1)
MOST = 100
"""Tags of one record."""

_NUMBER = Scaled(6, 0)


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag: its name, or an object with the name, as answers have it."""

    def read(self, value: Any, path: str, errors: Errors) -> str:
        """The name."""
        return NAME.read(value["name"] if isinstance(value, dict) and "name" in value else value, path, errors)


TAGS: Key = optional(Many(_Tag(), maximum=MOST))
"""Tag names in a body."""


def tags_of(connection: Connection, owner: str, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """The tags of several records of one kind, by record id."""
    query = (
        select(taggings.c.owner_id, tags)
        .join(tags, tags.c.id == taggings.c.tag_id)
        .where(taggings.c.owner == owner, taggings.c.owner_id.in_(ids))
        .order_by(tags.c.id)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(query).mappings():
        tag = dict(row)
        found.setdefault(tag.pop("owner_id"), []).append(tag)
    return found


def retag(connection: Connection, owner: str, owner_id: int, names: list[str]) -> None:
    """Give the record exactly these tags; names that do not exist yet become tags."""
    connection.execute(delete(taggings).where(taggings.c.owner == owner, taggings.c.owner_id == owner_id))
    for name in dict.fromkeys(names):
        tag_id = connection.execute(select(tags.c.id).where(tags.c.name == name)).scalar_one_or_none()
        if tag_id is None:
            tag_id = insert_row(connection, tags, {"name": name})
        connection.execute(insert(taggings).values(owner=owner, owner_id=owner_id, tag_id=tag_id))


def tag_field(owner: str, key: ColumnElement[int]) -> Field:
    """The filter on tag names: it matches a record when one of its tags does."""

    def among(matches: Condition) -> Condition:
        return exists(
            select(tags.c.id)
            .join(taggings, taggings.c.tag_id == tags.c.id)
            .where(taggings.c.owner == owner, taggings.c.owner_id == key, matches)
        )

    return field(tags.c.name, among)


def with_custom_fields(call: Call, listing: Listing, column: ColumnElement[Any]) -> Listing:
    """The list with its custom fields, `custom_fields.<label>`, each of the type that its definition has."""
    defined = select(custom_field_definitions.c.label, custom_field_definitions.c.type)
    types = {row.label: row.type for row in call.connection.execute(defined)}

    def lookup(name: str) -> Field | None:
        prefix, _, label = name.partition(".")
        if prefix != "custom_fields" or not label or '"' in label:
            return None
        return field(_typed(func.json_extract(column, f'$."{label}"'), types.get(label)))

    return replace(listing, more_fields=lookup)


def _typed(value: ColumnElement[Any], type_: str | None) -> ColumnElement[Any]:
    if type_ == "number":  # kept as text
        return type_coerce(cast(func.round(cast(value, Float) * 10**_NUMBER.places), Integer), _NUMBER)
    return type_coerce(value, Date if type_ == "date" else String)
