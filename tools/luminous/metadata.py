"""Custom fields and tags: 11 operations."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from schemas.common import Arguments, Evidence, Id, Page, ShortText
from schemas.luminous.metadata import (
    CustomFieldDefinition,
    FieldOptions,
    FieldType,
    RecordTags,
    RecordType,
    Tag,
)
from tools.operation import System, Toolset

metadata = Toolset("metadata", System.LUMINOUS, Evidence.CLIENT)


class RecordRef(Arguments):
    """Names one record of any kind that has custom fields and tags."""

    record_type: RecordType
    record_id: Id


class DefinitionRef(Arguments):
    """Names one custom field definition."""

    custom_field_id: Id


# Custom field definitions


@metadata.read("GET", "/custom-fields", returns=Page[CustomFieldDefinition], evidence=Evidence.DOCUMENTED)
class ListCustomFieldDefinitions(Arguments):
    """Which custom fields exist. Values of one record: get_custom_field_values."""

    object_type: str | None = None


@metadata.read("GET", "/custom-fields/{custom_field_id}", returns=CustomFieldDefinition, evidence=Evidence.DOCUMENTED)
class GetCustomFieldDefinition(DefinitionRef):
    """One custom field's label, type and choices."""


@metadata.write("POST", "/custom-fields", returns=CustomFieldDefinition, evidence=Evidence.DOCUMENTED)
class CreateCustomFieldDefinition(Arguments, extra="allow"):
    """Add a custom field. object_types such as sales-orders, products, companies; a dropdown needs choices."""

    label: ShortText
    type: FieldType
    options: FieldOptions | None = None
    object_types: list[str] | None = None

    @model_validator(mode="after")
    def _dropdown_has_choices(self) -> CreateCustomFieldDefinition:
        if self.type == "dropdown" and not (self.options and self.options.choices):
            raise ValueError("type dropdown needs options.choices")
        return self


@metadata.write("PUT", "/custom-fields/{custom_field_id}", returns=CustomFieldDefinition)
class UpdateCustomFieldDefinition(DefinitionRef, extra="allow"):
    """Change a custom field. object_types replaces the stored ones; an empty list detaches it from all."""

    label: ShortText | None = None
    type: FieldType | None = None
    options: FieldOptions | None = None
    object_types: list[str]


@metadata.destroy("DELETE", "/custom-fields/{custom_field_id}")
class DeleteCustomFieldDefinition(DefinitionRef, extra="allow"):
    """Delete a custom field that no record uses."""


# Custom field values


@metadata.read("GET", "/{record_type}/{record_id}/custom-fields")
class GetCustomFieldValues(RecordRef, extra="allow"):
    """Custom field values of one record."""


@metadata.write("PUT", "/{record_type}/{record_id}/custom-fields")
class UpdateCustomFieldValues(RecordRef, extra="allow"):
    """Set custom fields of a record: add each as an argument, key and value, keys as get_custom_field_values shows."""


# Tags


@metadata.read("GET", "/{record_type}/{record_id}/tags", returns=Page[Tag])
class ListRecordTags(RecordRef, extra="allow"):
    """Tags of one record."""


@metadata.write("POST", "/{record_type}/{record_id}/tags", returns=RecordTags)
class AttachRecordTags(RecordRef, extra="allow"):
    """Add tags by name to a record."""

    tags: Annotated[list[str], Evidence.INFERRED]


@metadata.destroy("PUT", "/{record_type}/{record_id}/tags", returns=RecordTags, evidence=Evidence.DOCUMENTED)
class ReplaceRecordTags(RecordRef):
    """Replace all tags of a record. To add some: attach_record_tags."""

    tags: list[str]


@metadata.destroy("DELETE", "/{record_type}/{record_id}/tags/{tag}")
class DetachRecordTag(RecordRef, extra="allow"):
    """Take one tag, by name, off a record."""

    tag: str
