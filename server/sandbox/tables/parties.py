"""Companies that buy and sell, their people, and the factories of suppliers."""

from sqlalchemy import JSON, Column, Integer, PrimaryKeyConstraint, String, Table

from server.sandbox.tables.base import MONEY, UNIT_PRICE, flag, key, metadata, ref, stamps, table, text

company_types = table("company_types", key(), Column("name", String, unique=True, nullable=False))

companies = table(
    "companies",
    key(),
    text("status", nullable=False),
    text("name", nullable=False, index=True),
    ref("type_id", "company_types", nullable=True),
    ref("parent_company_id", "companies", nullable=True),
    *map(text, ("phone", "address", "address_line_2", "city", "state", "postal_code", "country")),
    text("payment_term"),
    Column("due_date_days", Integer),
    flag("tax_exempt"),
    Column("tax_rate", MONEY),
    text("currency", nullable=False),
    ref("price_level_id", "price_levels", nullable=True),
    text("notes"),
    text("fein"),
    Column("custom_fields", JSON, nullable=False),
    *stamps(),
)

shipping_addresses = table(
    "shipping_addresses",
    key(),
    ref("company_id", "companies", cascade=True),
    *map(text, ("address", "address_line_2", "city", "state", "postal_code", "country")),
    *map(text, ("first_name", "last_name", "phone", "email")),
    flag("is_default"),
    *stamps(),
)

contacts = table(
    "contacts",
    key(),
    text("status", nullable=False),
    text("first_name", nullable=False, index=True),
    text("last_name", index=True),
    text("email", index=True),
    *map(text, ("phone_1", "phone_2", "receiving_bank_name", "receiving_bank_address")),
    flag("has_portal_login"),
    *stamps(),
)

contact_companies = Table(
    "contact_companies",
    metadata,
    ref("contact_id", "contacts", cascade=True),
    ref("company_id", "companies", cascade=True),
    Column("position", Integer, nullable=False),
    *map(flag, ("is_primary", "receive_quotation_pdf")),
    *map(flag, ("receive_purchase_order_pdf", "receive_purchase_order_invoice_pdf")),
    PrimaryKeyConstraint("contact_id", "company_id"),
)

company_products = Table(
    "company_products",
    metadata,
    ref("company_id", "companies", cascade=True),
    ref("product_id", "products", cascade=True),
    Column("price", UNIT_PRICE),
    PrimaryKeyConstraint("company_id", "product_id"),
)
"""What a company buys or sells; `price` is its own price where one was agreed."""

suppliers = table(
    "suppliers",
    key(),
    Column("status", Integer, nullable=False, index=True),
    text("name", nullable=False, index=True),
    *map(text, ("description", "street_address", "city", "state", "zip", "country")),
    Column("factory_admin_id", Integer),
    *map(text, ("bank_name", "routing_number", "account_number", "swift_code", "default_payment_term")),
    Column("created_by", Integer, nullable=False),
    Column("updated_by", Integer, nullable=False),
    *stamps(),
)

supplier_contacts = Table(
    "supplier_contacts",
    metadata,
    ref("supplier_id", "suppliers", cascade=True),
    ref("contact_id", "contacts", cascade=True),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("supplier_id", "contact_id"),
)
