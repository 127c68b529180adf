"""Purchase orders with their payments, the shipments that come in for them, and the reports of what was received."""

from decimal import Decimal

from sqlalchemy import JSON, Column, Date, Integer, String, UniqueConstraint

from server.sandbox.money import ZERO
from server.sandbox.tables.base import MONEY, QUANTITY, UNIT_PRICE, Instant, flag, key, ref, stamps, table, text

NOTHING = Decimal(0)
EACH = "each"

purchase_orders = table(
    "purchase_orders",
    key(),
    Column("order_number", String, unique=True, nullable=False),
    ref("vendor_id", "companies"),
    ref("supplier_id", "suppliers", nullable=True),
    ref("warehouse_id", "warehouses", nullable=True),
    Column("location_id", Integer, index=True),
    text("order_status", nullable=False, index=True),
    Column("order_date", Date, nullable=False, index=True),
    *(Column(name, Date) for name in ("invoice_date", "arrival_due_date", "requested_ship_date")),
    Column("order_type", Integer),
    *map(text, ("incoterm", "tracking_info", "payment_terms")),
    text("currency", nullable=False),
    *map(text, ("public_note", "private_note")),
    flag("starred"),
    Column("item_count", Integer, nullable=False, default=0),
    *(
        Column(f"total_qty_{name}", QUANTITY, nullable=False, default=NOTHING)
        for name in ("ordered", "received", "remaining")
    ),
    Column("extra_tax", MONEY, nullable=False, default=ZERO),
    *(
        Column(name, MONEY, nullable=False, default=ZERO)
        for name in ("order_cost", "total_tax", "total_shipping_cost", "total_cost", "total_paid", "total_due")
    ),
    Column("down_payment", MONEY, nullable=False, default=ZERO),
    *stamps(),
)
"""`vendor_id` is who bills the order, `supplier_id` the factory it goes to. `extra_tax` is on no single line.

`location_id` is no foreign key: a location may be removed that old orders still name.
"""

purchase_order_numbers = table(
    "purchase_order_numbers",
    key(),
    ref("purchase_order_id", "purchase_orders", cascade=True),
    text("number", nullable=False, index=True),
    UniqueConstraint("purchase_order_id", "number"),
)
"""What an order is called in different systems; its own `order_number` is the first of them."""

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
    Column("unit", String, nullable=False, default=EACH),
    Column("tax", MONEY, nullable=False, default=ZERO),
    Column("discount_amount", MONEY, nullable=False, default=ZERO),
    Column("line_total", MONEY, nullable=False),
    text("source_sku"),
    *stamps(),
)
"""`line_total` is quantity times unit cost, with tax and less discount."""

purchase_order_payments = table(
    "purchase_order_payments",
    key(),
    ref("purchase_order_id", "purchase_orders", cascade=True),
    Column("payment_date", Date, nullable=False),
    text("payment_type", nullable=False),
    Column("paid_amount", MONEY, nullable=False),
    text("remarks"),
    *stamps(),
)

shipments = table(
    "shipments",
    key(),
    ref("purchase_order_id", "purchase_orders", cascade=True),
    ref("warehouse_id", "warehouses", nullable=True),
    Column("reference_number", String, unique=True, nullable=False),
    text("status", nullable=False, index=True),
    Column("shipping_date", Date, nullable=False, index=True),
    Column("received_date", Date),
    Column("total_shipping_cost", MONEY, nullable=False, default=ZERO),
    text("sync_status"),
    Column("last_synced_at", Instant),
    text("last_synced_status"),
    *stamps(),
)
"""Shipments a supplier sent; a received one is the receipt of its goods."""

shipment_items = table(
    "shipment_items",
    key(),
    ref("shipment_id", "shipments", cascade=True),
    ref("purchase_order_item_id", "purchase_order_items"),
    Column("quantity", QUANTITY, nullable=False),
    Column("received_quantity", QUANTITY, nullable=False),
)

shipment_extra_costs = table(
    "shipment_extra_costs",
    key(),
    ref("shipment_id", "shipments", cascade=True),
    text("name", nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("unit_price", UNIT_PRICE, nullable=False),
    Column("line_total", MONEY, nullable=False),
    text("cost_allocation_type", nullable=False),
)
"""What a shipment costs besides its goods, and by what that is spread over them."""

receiving_reports = table(
    "receiving_reports",
    key(),
    text("status", nullable=False, index=True),
    Column("received_date", Date, nullable=False, index=True),
    Column("received_at", Instant, nullable=False),
    *map(text, ("received_by", "tracking_number", "shipped_via")),
    *(Column(name, MONEY, nullable=False, default=ZERO) for name in ("total_tax", "shipping_cost", "total_cost")),
    Column("total_quantity", QUANTITY, nullable=False, default=NOTHING),
    *stamps(),
)

receiving_report_items = table(
    "receiving_report_items",
    key(),
    ref("receiving_report_id", "receiving_reports", cascade=True),
    ref("purchase_order_item_id", "purchase_order_items"),
    ref("shipment_id", "shipments", nullable=True),
    Column("quantity", QUANTITY, nullable=False),
    Column("received_quantity", QUANTITY, nullable=False),
    Column("unit_cost", UNIT_PRICE, nullable=False),
    Column("tax", MONEY, nullable=False),
    Column("discount_amount", MONEY, nullable=False),
    Column("line_total", MONEY, nullable=False),
    text("remarks"),
)
"""What came of an order line. `received_quantity` is what of it still counts: nothing once the order is deleted."""

inbound_shipments = table(
    "inbound_shipments",
    key(),
    text("source", nullable=False, index=True),
    ref("purchase_order_id", "purchase_orders", nullable=True, cascade=True),
    ref("shipment_id", "shipments", nullable=True, cascade=True),
    Column("location_id", Integer),
    Column("reconciled_at", Instant),
    Column("arrival_date", Date),
    Column("external_shipment_id", String, unique=True, nullable=False),
    *map(text, ("external_warehouse_customer_id", "external_warehouse_id", "external_po_number")),
    *map(text, ("external_status", "external_raw_status", "external_supplier_name", "external_system_url")),
    Column("external_expected_arrival_date", Date),
    Column("external_tracking_numbers", JSON, nullable=False),
    Column("external_notes", JSON, nullable=False),
    Column("external_ship_from_address", JSON, nullable=False),
    *(Column(name, Instant, nullable=False) for name in ("external_date_created", "external_date_updated")),
    *stamps(),
)
"""Goods on their way as an outside warehouse reports them; `external_` fields are that system's own."""

inbound_shipment_items = table(
    "inbound_shipment_items",
    key(),
    ref("inbound_shipment_id", "inbound_shipments", cascade=True),
    *map(text, ("external_item_id", "external_id", "external_sku")),
    Column("expected_quantity", QUANTITY, nullable=False),
    Column("received_quantity", QUANTITY, nullable=False),
    Column("unit_cost", UNIT_PRICE),
)
