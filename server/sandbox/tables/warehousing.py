"""Papers of the warehouse: corrections of its stock, and goods sent from one warehouse to another."""

from sqlalchemy import Column, Date, Integer, String

from server.sandbox.tables.base import MONEY, QUANTITY, Instant, key, ref, stamps, table, text

inventory_adjustments = table(
    "inventory_adjustments", key(), text("remarks"), Column("posted_by", Integer, nullable=False), *stamps()
)

inventory_adjustment_entries = table(
    "inventory_adjustment_entries",
    key(),
    ref("inventory_adjustment_id", "inventory_adjustments", cascade=True),
    ref("product_id", "products"),
    ref("warehouse_id", "warehouses"),
    ref("location_id", "locations"),
    Column("quantity", QUANTITY, nullable=False),
)
"""What a correction changed at one location: above zero when more was there than the books said."""

transfer_orders = table(
    "transfer_orders",
    key(),
    Column("number", String, unique=True, nullable=False),
    text("status", nullable=False, index=True),
    Column("date", Date, nullable=False, index=True),
    Column("arrival_date", Date, nullable=False, index=True),
    ref("source_warehouse_id", "warehouses"),
    ref("destination_warehouse_id", "warehouses"),
    Column("items_cost", MONEY, nullable=False),
    Column("shipping_cost", MONEY, nullable=False),
    text("shipping_method"),
    *stamps(),
)

transfer_order_items = table(
    "transfer_order_items",
    key(),
    ref("transfer_order_id", "transfer_orders", cascade=True),
    ref("product_id", "products"),
    Column("quantity", QUANTITY, nullable=False),
    Column("ordered_uom_id", Integer),
)

warehouse_counts = table(
    "warehouse_counts",
    key(),
    ref("product_id", "products"),
    ref("warehouse_id", "warehouses"),
    Column("quantity", QUANTITY, nullable=False),
    Column("last_movement_id", Integer, nullable=False),
    text("counted_by", nullable=False),
    Column("counted_at", Instant, nullable=False, index=True),
)
"""What a warehouse found on its shelves, and the newest movement it knew of then."""
