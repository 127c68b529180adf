"""BillDiary: businesses with their users and master data, and the transactions between buying and sending back.

A requisition, an order, a purchase and a return are transactions of one table, told apart by `type`; so their ids are
all different.
"""

from sqlalchemy import JSON, Column, Date, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table

from server.sandbox.tables.base import (
    MONEY,
    QUANTITY,
    UNIT_PRICE,
    Instant,
    Scaled,
    flag,
    key,
    metadata,
    ref,
    stamps,
    table,
    text,
)

EXCHANGE_RATE = Scaled(10, shown=0)

businesses = table(
    "billdiary_businesses",
    key(),
    text("name", nullable=False),
    *map(flag, ("is_subscribed", "is_demo", "has_requisitions", "has_orders", "tracks_lots")),
    Column("transaction_edit_days", Integer, nullable=False),
    Column("purchase_exchange_rate", EXCHANGE_RATE, nullable=False),
)

users = table(
    "billdiary_users",
    key(),
    ref("business_id", "billdiary_businesses"),
    text("login", nullable=False),
    *map(text, ("name", "email")),
    flag("is_admin"),
    Column("permissions", JSON, nullable=False),
    Column("location_ids", JSON, nullable=True),
)
"""`location_ids` is null for a user of all locations."""

Index("ix_billdiary_users_login", users.c.login, unique=True)

locations = table(
    "billdiary_locations",
    key(),
    ref("business_id", "billdiary_businesses"),
    text("name", nullable=False),
    Column("payment_methods", JSON, nullable=False),
)

contacts = table(
    "billdiary_contacts",
    key(),
    ref("business_id", "billdiary_businesses"),
    text("contact_id", nullable=False),
    *map(text, ("name", "supplier_business_name", "mobile", "email")),
    Column("prepaid", MONEY, nullable=False),
)
"""`prepaid` is all that was ever paid in advance; payments of the method `advance` use it up."""

taxes = table(
    "billdiary_taxes",
    key(),
    ref("business_id", "billdiary_businesses"),
    text("name", nullable=False),
    Column("amount", UNIT_PRICE, nullable=False),
    flag("is_tax_group"),
)

units = table(
    "billdiary_units",
    key(),
    ref("business_id", "billdiary_businesses"),
    text("short_name", nullable=False),
    Column("multiplier", Integer, nullable=False),
)
"""`multiplier` says how many base units one of it is."""

accounts = table("billdiary_accounts", key(), ref("business_id", "billdiary_businesses"), text("name", nullable=False))

products = table(
    "billdiary_products",
    key(),
    ref("business_id", "billdiary_businesses"),
    text("name", nullable=False),
    text("sku", nullable=False),
    ref("unit_id", "billdiary_units"),
    text("variation_label"),
)

variations = table(
    "billdiary_variations",
    key(),
    ref("product_id", "billdiary_products"),
    text("name"),
    text("sub_sku", nullable=False),
)

transactions = table(
    "billdiary_transactions",
    key(),
    ref("business_id", "billdiary_businesses"),
    ref("location_id", "billdiary_locations"),
    ref("contact_id", "billdiary_contacts", nullable=True),
    text("type", nullable=False),
    text("ref_no", nullable=False),
    *map(text, ("invoice_no", "status", "payment_status", "shipping_status", "document")),
    Column("transaction_date", Instant, nullable=False),
    Column("delivery_date", Instant),
    Column("due_date", Date),
    Column("exchange_rate", EXCHANGE_RATE, nullable=False),
    Column("total_before_tax", MONEY, nullable=False),
    text("discount_type"),
    Column("discount_amount", UNIT_PRICE, nullable=False),
    ref("tax_id", "billdiary_taxes", nullable=True),
    Column("tax_amount", MONEY, nullable=False),
    Column("shipping_charges", MONEY, nullable=False),
    Column("final_total", MONEY, nullable=False),
    Column("pay_term_number", Scaled(0, shown=0)),
    *map(text, ("pay_term_type", "shipping_details", "shipping_address", "delivered_to")),
    *map(text, ("additional_notes", "staff_note")),
    Column("more", JSON, nullable=False),
    ref("return_parent_id", "billdiary_transactions", nullable=True),
    ref("created_by", "billdiary_users"),
    *stamps(),
)
"""`more` keeps the fields nothing depends on and the additional expenses, exact amounts as text."""

Index(
    "ix_billdiary_transactions_list",
    transactions.c.business_id,
    transactions.c.type,
    transactions.c.transaction_date,
    transactions.c.id,
)

lines = table(
    "billdiary_lines",
    key(),
    ref("transaction_id", "billdiary_transactions", cascade=True),
    ref("product_id", "billdiary_products"),
    ref("variation_id", "billdiary_variations"),
    Column("quantity", QUANTITY, nullable=False),
    Column("secondary_unit_quantity", QUANTITY),
    Column("quantity_returned", QUANTITY, nullable=False),
    ref("sub_unit_id", "billdiary_units", nullable=True),
    ref("product_unit_id", "billdiary_units", nullable=True),
    *(
        Column(name, UNIT_PRICE, nullable=False)
        for name in ("pp_without_discount", "discount_percent", "purchase_price", "item_tax", "purchase_price_inc_tax")
    ),
    ref("tax_id", "billdiary_taxes", nullable=True),
    ref("requisition_line_id", "billdiary_lines", nullable=True),
    ref("order_line_id", "billdiary_lines", nullable=True),
    text("lot_number"),
    Column("mfg_date", Date),
    Column("exp_date", Date),
)
"""An order's line may name the requisition's line it fulfils, a purchase's line the order's."""

links = Table(
    "billdiary_links",
    metadata,
    ref("transaction_id", "billdiary_transactions", cascade=True),
    ref("source_id", "billdiary_transactions", cascade=True),
    PrimaryKeyConstraint("transaction_id", "source_id"),
)
"""The requisitions an order was made from, and the orders of a purchase."""

payments = table(
    "billdiary_payments",
    key(),
    ref("transaction_id", "billdiary_transactions", cascade=True),
    ref("contact_id", "billdiary_contacts", nullable=True),
    ref("account_id", "billdiary_accounts", nullable=True),
    Column("amount", MONEY, nullable=False),
    text("method", nullable=False),
    Column("paid_on", Instant, nullable=False),
    text("payment_ref_no", nullable=False),
    text("note"),
    flag("is_return"),
    Column("details", JSON, nullable=False),
)
"""`contact_id` is whose advance an advance payment uses."""

documents = table(
    "billdiary_documents",
    key(),
    ref("transaction_id", "billdiary_transactions", cascade=True),
    text("kind", nullable=False),
    text("file_name", nullable=False),
    text("content_type", nullable=False),
    Column("content", LargeBinary, nullable=False),
)

sales = table(
    "billdiary_sales",
    key(),
    ref("location_id", "billdiary_locations"),
    ref("variation_id", "billdiary_variations"),
    Column("quantity", QUANTITY, nullable=False),
    ref("line_id", "billdiary_lines", nullable=True),
)
"""Goods that were sold, in base units, and the purchase's line they came from; without one they were oversold."""

stocks = Table(
    "billdiary_stocks",
    metadata,
    ref("location_id", "billdiary_locations"),
    ref("variation_id", "billdiary_variations"),
    Column("quantity", QUANTITY, nullable=False),
    PrimaryKeyConstraint("location_id", "variation_id"),
)
"""What is there, in base units."""

numbers = Table(
    "billdiary_numbers",
    metadata,
    ref("business_id", "billdiary_businesses"),
    text("kind", nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("business_id", "kind"),
)
"""The last number that was given to a document of the kind."""

activities = table(
    "billdiary_activities",
    key(),
    ref("business_id", "billdiary_businesses"),
    ref("user_id", "billdiary_users"),
    text("action", nullable=False),
    Column("subject_id", Integer, nullable=False),
    text("subject", nullable=False),
    Column("at", Instant, nullable=False),
)
