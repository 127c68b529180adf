"""Sales orders, the shipments that go out for them, and the packages these are made of."""

from sqlalchemy import JSON, Column, Date, Integer, PrimaryKeyConstraint, String, Table

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

sales_orders = table(
    "sales_orders",
    key(),
    Column("order_number", String, unique=True, nullable=False),
    ref("company_id", "companies", nullable=True),
    text("status", nullable=False),
    text("order_status", nullable=False, index=True),
    Column("order_date", Date, nullable=False, index=True),
    *(Column(name, Date) for name in ("ship_by_date", "ship_date", "hold_until_date", "earliest_ship_date")),
    Column("channel_id", Integer),
    text("source", nullable=False),
    *map(text, ("customer_username", "customer_email", "customer_po_number")),
    Column("bill_to", JSON, nullable=False),
    Column("ship_to", JSON, nullable=False),
    *map(text, ("requested_shipping_service", "carrier_code", "service_code")),
    *map(text, ("customer_notes", "internal_notes", "gift_message")),
    *map(flag, ("gift", "skip_inventory")),
    Column("international_options", JSON, nullable=False),
    Column("custom_fields", JSON, nullable=False),
    *(Column(name, MONEY, nullable=False) for name in ("product_total", "total_discount", "total_tax")),
    Column("total_shipping", MONEY, nullable=False),
    Column("total", MONEY, nullable=False),
    Column("total_quantity", QUANTITY, nullable=False),
    *stamps(),
)
"""`status` says whether the record is active, `order_status` how far the order is."""

sales_order_items = table(
    "sales_order_items",
    key(),
    ref("sales_order_id", "sales_orders", cascade=True),
    Column("line_number", Integer, nullable=False),
    ref("product_id", "products"),
    text("name", nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("quantity_shipped", QUANTITY, nullable=False),
    Column("unit_price", UNIT_PRICE, nullable=False),
    Column("unit_cost", UNIT_PRICE, nullable=False),
    Column("discount", MONEY, nullable=False),
    Column("line_total", MONEY, nullable=False),
)
"""What was ordered; the line total is after the discount."""

sales_order_shipments = table(
    "sales_order_shipments",
    key(),
    ref("sales_order_id", "sales_orders", cascade=True),
    ref("fulfillment_order_id", "fulfillment_orders", nullable=True),
    ref("warehouse_id", "warehouses"),
    Column("ship_date", Date, nullable=False),
    text("tracking_number", nullable=False),
    *map(text, ("bol_number", "pro_number", "partner_reference_number")),
    *map(flag, ("is_return", "takes_stock")),
    text("carrier_code", nullable=False),
    *map(text, ("service_code", "package_code")),
    Column("shipment_cost", MONEY, nullable=False),
    Column("insurance_cost", MONEY, nullable=False),
    Column("status", Integer, nullable=False),
    Column("ship_to", JSON, nullable=False),
    Column("weight_value", QUANTITY),
    text("weight_units"),
    *(Column(f"dimensions_{name}", QUANTITY) for name in ("length", "width", "height")),
    text("dimensions_units"),
    *stamps(),
)
"""Goods sent to a customer; `takes_stock` says whether stock went with them, as it does when a warehouse
sends them; a shipment that is entered through the API adjusts none."""

sales_order_shipment_items = table(
    "sales_order_shipment_items",
    key(),
    ref("shipment_id", "sales_order_shipments", cascade=True),
    ref("order_item_id", "sales_order_items"),
    ref("product_id", "products"),
    Column("quantity", QUANTITY, nullable=False),
    Column("unit_price", UNIT_PRICE, nullable=False),
    Column("weight_value", QUANTITY),
    text("weight_units"),
)

shipment_packages = table(
    "shipment_packages",
    key(),
    ref("shipment_id", "sales_order_shipments", cascade=True),
    Column("parent_package_id", Integer),
    Column("sscc", Integer),
    *map(text, ("tracking", "package_type", "packing_type")),
    Column("package_quantity", Integer, nullable=False),
    *(Column(name, QUANTITY) for name in ("length_in", "width_in", "height_in", "weight_lb")),
    *stamps(),
)

shipment_package_items = table(
    "shipment_package_items",
    key(),
    ref("package_id", "shipment_packages", cascade=True),
    ref("order_item_id", "sales_order_items"),
    Column("quantity", QUANTITY, nullable=False),
    *map(text, ("line_item_key", "sku", "internal_sku", "upc", "description", "lot_number", "serial_number")),
    Column("expiration_date", Date),
    Column("weight_lb", QUANTITY),
    Column("created_at", Instant, nullable=False),
)

shipment_item_fulfillments = Table(
    "shipment_item_fulfillments",
    metadata,
    ref("shipment_id", "sales_order_shipments", cascade=True),
    ref("order_item_id", "sales_order_items", cascade=True),
    *map(text, ("tracking_number", "carrier")),
    Column("pushed_at", Instant, nullable=False),
    PrimaryKeyConstraint("shipment_id", "order_item_id"),
)
"""Order lines that a shipment was reported for to the order's source."""
