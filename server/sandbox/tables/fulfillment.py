"""Fulfillment orders: what a group of warehouses has to send for a sales order, and how far picking is."""

from sqlalchemy import Column, Date, Integer, String

from server.sandbox.tables.base import MONEY, QUANTITY, Instant, key, ref, stamps, table, text

fulfillment_orders = table(
    "fulfillment_orders",
    key(),
    Column("order_number", String, unique=True, nullable=False),
    text("order_key", nullable=False),
    ref("sales_order_id", "sales_orders", cascade=True),
    text("order_status", nullable=False, index=True),
    Column("warehouse_group_id", Integer),
    Column("ship_by_date", Date),
    Column("total", MONEY, nullable=False),
    text("destination"),
    Column("pushed_at", Instant),
    text("source_reference_identifier"),
    *stamps(),
)
"""`destination` is the order system that the order's channel is mapped to."""

fulfillment_order_items = table(
    "fulfillment_order_items",
    key(),
    ref("fulfillment_order_id", "fulfillment_orders", cascade=True),
    ref("sales_order_item_id", "sales_order_items", cascade=True),
    Column("quantity", QUANTITY, nullable=False),
    Column("quantity_shipped", QUANTITY, nullable=False),
)

picklists = table(
    "picklists",
    key(),
    ref("fulfillment_order_id", "fulfillment_orders", cascade=True),
    ref("warehouse_id", "warehouses"),
    text("status", nullable=False),
    Column("picked_at", Instant),
    *stamps(),
)
