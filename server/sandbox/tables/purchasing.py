"""Purchase orders and the shipments that come in for them."""

from sqlalchemy import Column, Date, Integer, String

from server.sandbox.tables.base import MONEY, QUANTITY, UNIT_PRICE, key, ref, stamps, table, text

purchase_orders = table(
    "purchase_orders",
    key(),
    Column("order_number", String, unique=True, nullable=False),
    ref("vendor_id", "companies"),
    ref("supplier_id", "suppliers", nullable=True),
    text("order_status", nullable=False, index=True),
    Column("order_date", Date, nullable=False, index=True),
    text("payment_terms"),
    text("currency", nullable=False),
    text("public_note"),
    *stamps(),
)

purchase_order_items = table(
    "purchase_order_items",
    key(),
    ref("purchase_order_id", "purchase_orders", cascade=True),
    Column("line_number", Integer, nullable=False),
    ref("product_id", "products"),
    text("description", nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("received_quantity", QUANTITY, nullable=False),
    Column("unit_cost", UNIT_PRICE, nullable=False),
    Column("line_total", MONEY, nullable=False),
)

shipments = table(
    "shipments",
    key(),
    ref("purchase_order_id", "purchase_orders", cascade=True),
    Column("reference_number", String, unique=True, nullable=False),
    text("status", nullable=False, index=True),
    Column("shipping_date", Date, nullable=False, index=True),
    Column("received_date", Date),
    *stamps(),
)
"""Incoming shipments; a received one is the receipt of its goods."""

shipment_items = table(
    "shipment_items",
    key(),
    ref("shipment_id", "shipments", cascade=True),
    ref("purchase_order_item_id", "purchase_order_items"),
    Column("quantity", QUANTITY, nullable=False),
    Column("received_quantity", QUANTITY, nullable=False),
)
