"""Custom field definitions and tags, as documented."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from schemas.common import Nested, Record, View

RecordType = Literal["sales-orders", "sales-order-items", "invoices", "products"]
"""Records that carry custom fields and tags by these operations (documented)."""

FieldType = Literal["number", "date", "string", "dropdown"]


class FieldOptions(Nested):
    """Settings of a custom field; a dropdown needs choices (documented)."""

    choices: list[str] | None = None
    min_length: int | None = Field(None, serialization_alias="minLength")
    max_length: int | None = Field(None, serialization_alias="maxLength")
    help_text: str | None = Field(None, serialization_alias="helpText")


class CustomFieldDefinition(Record):
    """A custom field: its label, the kind of its values and the kinds of records that have it."""

    id: int | None = None
    label: str | None = None
    type: str | None = None
    object_types: list[str] | None = None
    view: ClassVar[View] = View("id", "label", "type", "object_types", "options.choices", counts=("type",))


class Tag(Record):
    """A tag."""

    id: int | None = None
    name: str | None = None
    description: str | None = None
    icon: str | None = None
    color: str | None = None
    view: ClassVar[View] = View("id", "name", "description", "color")


class RecordTags(Record):
    """The tags of a record after a change."""

    message: str | None = None
    tags: list[Tag] | None = None
