"""Integrations with external order systems: field mappings (value for value) and integration mappings.

Fields of a field mapping are those of its documented update; of an integration mapping only id, name and type are known
(`client`).
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import StrictInt

from schemas.common import Id, Nested, Record, View


class NewFieldMapping(Nested):
    """A field mapping to create in bulk: the fields of create_field_mapping (`inferred`)."""

    field_name: str
    luminous_value: str
    external_value: str
    app_integration_account_id: Id | None = None
    mapping_group: str | None = None
    is_active: bool | None = None
    priority: StrictInt | None = None
    notes: str | None = None


class FieldMapping(Record):
    """Which external value stands for which Luminous value of a field. Without an account it holds for all."""

    id: int | None = None
    field_name: str | None = None
    luminous_value: str | None = None
    external_value: str | None = None
    app_integration_account_id: int | None = None
    mapping_group: str | None = None
    is_active: bool | None = None
    priority: int | None = None
    notes: str | None = None
    view: ClassVar[View] = View(
        "id",
        "field_name",
        "luminous_value",
        "external_value",
        "mapping_group",
        "app_integration_account_id",
        "is_active",
        "priority",
        counts=("field_name", "mapping_group"),
    )


class IntegrationMapping(Record):
    """How an object is translated field by field for an external system; a channel chooses it."""

    id: int | None = None
    name: str | None = None
    type: str | None = None
    view: ClassVar[View] = View("id", "name", "type", counts=("type",))
