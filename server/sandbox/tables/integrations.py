"""Accounts with external systems, and how values and objects are translated for them."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, UniqueConstraint

from server.sandbox.tables.base import flag, key, ref, stamps, table, text

integration_accounts = table(
    "integration_accounts",
    key(),
    Column("name", String, unique=True, nullable=False),
    text("app", nullable=False),
    text("kind", nullable=False),
    *map(flag, ("needs_store_id", "auto_carrier_mapping")),
    *stamps(),
)
"""A login at another system: `app` is the product, `kind` what it is to the company (an OMS, a marketplace ...)."""

oms_shipping_methods = table(
    "oms_shipping_methods",
    key(),
    ref("app_integration_account_id", "integration_accounts"),
    text("code", nullable=False),
    text("name", nullable=False),
    text("carrier", nullable=False),
    UniqueConstraint("app_integration_account_id", "code"),
)
"""What the system behind an account offers; the company cannot change it."""

field_mappings = table(
    "field_mappings",
    key(),
    text("field_name", nullable=False, index=True),
    text("luminous_value", nullable=False, index=True),
    text("external_value", nullable=False),
    ref("app_integration_account_id", "integration_accounts", nullable=True),
    text("mapping_group", nullable=False, index=True),
    Column("is_active", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    text("notes"),
    *stamps(),
)
"""Which external value stands for a Luminous value of a field; without an account, for all accounts."""

integration_mappings = table(
    "integration_mappings",
    key(),
    Column("name", String, unique=True, nullable=False),
    text("type", index=True),
    text("description"),
    Column("fields", JSON, nullable=False),
    *stamps(),
)
"""How an object is translated field by field: external names by Luminous ones."""

Index("ix_field_mappings_value", field_mappings.c.field_name, field_mappings.c.luminous_value)
