"""Invoices with their lines and the payments received for them."""

from sqlalchemy import JSON, Column, Date, Integer

from server.sandbox.tables.base import MONEY, QUANTITY, UNIT_PRICE, key, ref, stamps, table, text

invoices = table(
    "invoices",
    key(),
    ref("company_id", "companies"),
    ref("sales_order_id", "sales_orders", nullable=True),
    text("status", nullable=False, index=True),
    text("payment_status", nullable=False, index=True),
    text("approval_status", nullable=False, index=True),
    Column("order_date", Date, nullable=False, index=True),
    Column("ship_by_date", Date, index=True),
    text("customer_po_number", index=True),
    text("payment_terms"),
    *map(text, ("public_note", "private_note")),
    Column("total_qty", QUANTITY, nullable=False),
    Column("total_shipping", MONEY, nullable=False),
    Column("tax_amount", MONEY, nullable=False),
    Column("total_discount", MONEY, nullable=False),
    Column("total", MONEY, nullable=False, index=True),
    Column("total_paid", MONEY, nullable=False, index=True),
    Column("total_due", MONEY, nullable=False, index=True),
    Column("warehouse_id", Integer),
    Column("ship_to", JSON, nullable=False),
    Column("custom_fields", JSON, nullable=False),
    Column("sales_channel_id", Integer),
    Column("revenue_account_id", Integer),
    Column("invoice_export_template_id", Integer),
    Column("alternate_ids", JSON, nullable=False),
    *stamps(),
)

invoice_items = table(
    "invoice_items",
    key(),
    ref("invoice_id", "invoices", cascade=True),
    ref("product_id", "products"),
    text("name", nullable=False),
    Column("qty", QUANTITY, nullable=False),
    Column("unit_price", UNIT_PRICE, nullable=False),
    Column("discount", MONEY, nullable=False),
    Column("total", MONEY, nullable=False),
    *stamps(),
)

invoice_payments = table(
    "invoice_payments",
    key(),
    ref("invoice_id", "invoices", cascade=True),
    *map(text, ("gateway", "type", "charge_type")),
    Column("amount", MONEY, nullable=False),
    Column("date", Date, nullable=False),
    text("status", nullable=False),
    *map(text, ("external_id", "notes", "reference_id")),
    Column("created_by", Integer),
    *stamps(),
)
