"""Definitions of custom fields, and the values of records that have no place of their own for them."""

from sqlalchemy import JSON, Column, Integer, PrimaryKeyConstraint, String, Table

from server.sandbox.tables.base import key, metadata, ref, stamps, table, text

custom_field_definitions = table(
    "custom_field_definitions",
    key(),
    Column("label", String, unique=True, nullable=False),
    text("type", nullable=False),
    Column("options", JSON, nullable=False),
    Column("object_types", JSON, nullable=False),
    *stamps(),
)

custom_field_values = Table(
    "custom_field_values",
    metadata,
    text("owner", nullable=False),
    Column("owner_id", Integer, nullable=False),
    ref("definition_id", "custom_field_definitions"),
    Column("value", JSON, nullable=False),
    PrimaryKeyConstraint("owner", "owner_id", "definition_id"),
)
"""Values of the kinds of records that do not keep them by label in a column of their own."""
