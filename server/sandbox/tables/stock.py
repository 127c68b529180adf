"""Warehouses, their groups and locations, and the goods in them: what is there, what moved, and what it cost."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, UniqueConstraint

from server.sandbox.tables.base import (
    MONEY,
    QUANTITY,
    UNIT_PRICE,
    Instant,
    flag,
    key,
    metadata,
    ref,
    stamps,
    table,
    text,
)

warehouses = table(
    "warehouses",
    key(),
    text("name", nullable=False, index=True),
    text("status", nullable=False),
    text("code"),
    *map(text, ("address", "address_line_2", "city", "state", "postal_code", "country")),
    *map(text, ("contact_name", "email", "phone")),
    Column("parent_id", Integer),
    Column("deleted_at", Instant),
    *stamps(),
)
"""A deleted warehouse stays on record, because its goods' movements do."""

warehouse_groups = table(
    "warehouse_groups", key(), text("name", nullable=False, index=True), text("description"), *stamps()
)

warehouse_group_members = Table(
    "warehouse_group_members",
    metadata,
    ref("warehouse_group_id", "warehouse_groups", cascade=True),
    ref("warehouse_id", "warehouses", cascade=True),
    PrimaryKeyConstraint("warehouse_group_id", "warehouse_id"),
)

locations = table(
    "locations",
    key(),
    ref("warehouse_id", "warehouses", cascade=True),
    text("name", nullable=False),
    text("status", nullable=False),
    Column("is_pick_location", Boolean, nullable=False),
    *stamps(),
)

stocks = table(
    "stocks",
    key(),
    ref("product_id", "products"),
    ref("warehouse_id", "warehouses"),
    ref("location_id", "locations"),
    Column("on_hand", QUANTITY, nullable=False),
    Column("updated_at", Instant, nullable=False, index=True),
    UniqueConstraint("product_id", "location_id"),
)
"""What is at a location now: the sum of its movements."""

stock_movements = table(
    "stock_movements",
    key(),
    ref("product_id", "products"),
    ref("warehouse_id", "warehouses"),
    ref("location_id", "locations"),
    text("kind", nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("cost", MONEY, nullable=False),
    text("owner"),
    Column("owner_id", Integer),
    text("remarks"),
    Column("moved_at", Instant, nullable=False, index=True),
)
"""Goods that came (quantity above zero) or went; `cost` is what they cost, with the same sign."""

Index("ix_stock_movements_owner", stock_movements.c.owner, stock_movements.c.owner_id)

cost_layers = table(
    "cost_layers",
    key(),
    ref("product_id", "products"),
    ref("warehouse_id", "warehouses"),
    ref("movement_id", "stock_movements"),
    Column("received_on", Date, nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("remaining", QUANTITY, nullable=False),
    Column("unit_cost", UNIT_PRICE, nullable=False),
    flag("is_exhausted"),
)
"""What came in at one cost. Goods that leave are taken from the oldest layer of the warehouse first."""

Index("ix_cost_layers_open", cost_layers.c.product_id, cost_layers.c.warehouse_id, cost_layers.c.is_exhausted)
