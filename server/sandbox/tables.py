"""The tables of the books. Money and quantities are stored as scaled integers and never become floats."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    TypeDecorator,
)


class Scaled(TypeDecorator[Decimal]):
    """An exact decimal kept as an integer of `places` decimals.

    Read back with at least `shown` decimals; zeros beyond those are dropped.
    """

    impl = Integer
    cache_ok = True

    def __init__(self, places: int, shown: int) -> None:
        super().__init__()
        self.places = places
        self.shown = shown

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        """Scale up; a value finer than the column is a programming error, not something to round away."""
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if scaled != (units := int(scaled)):
            raise ValueError(f"{value} has more than {self.places} decimals")
        return units

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        """Scale down."""
        if value is None:
            return None
        units, places = int(value), self.places
        while places > self.shown and units % 10 == 0:
            units, places = units // 10, places - 1
        return Decimal(units).scaleb(-places)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, to the second, kept as sortable ISO text."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """ISO 8601 with Z."""
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z" if value else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """An aware datetime."""
        return datetime.fromisoformat(value) if value else None


MONEY = Scaled(2, shown=2)
UNIT_PRICE = Scaled(4, shown=2)
QUANTITY = Scaled(4, shown=0)

metadata = MetaData()


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False, cascade: bool = False) -> Column[int]:
    key = ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None)
    return Column(name, Integer, key, nullable=nullable, index=True)


def _text(name: str, *, nullable: bool = True, index: bool = False) -> Column[str]:
    return Column(name, String, nullable=nullable, index=index)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=False)


def _stamps() -> tuple[Column[datetime], Column[datetime]]:
    return (
        Column("created_at", Instant, nullable=False, index=True),
        Column("updated_at", Instant, nullable=False, index=True),
    )


def _table(name: str, *parts: Any) -> Table:
    # AUTOINCREMENT: the id of a deleted row is never given to another one.
    return Table(name, metadata, *parts, sqlite_autoincrement=True)


about = Table("about", metadata, Column("key", String, primary_key=True), _text("value", nullable=False))
"""What these books are: format, seed, closing day."""

tags = _table(
    "tags", _key(), Column("name", String, unique=True, nullable=False), *map(_text, ("description", "icon", "color"))
)

taggings = Table(
    "taggings",
    metadata,
    _text("owner", nullable=False),
    Column("owner_id", Integer, nullable=False),
    _ref("tag_id", "tags"),
    PrimaryKeyConstraint("owner", "owner_id", "tag_id"),
)

price_levels = _table(
    "price_levels",
    _key(),
    _text("status", nullable=False),
    _text("name", nullable=False),
    _text("type", nullable=False),
    Column("percent_increase", MONEY),
    *_stamps(),
)

company_types = _table("company_types", _key(), Column("name", String, unique=True, nullable=False))

companies = _table(
    "companies",
    _key(),
    _text("status", nullable=False),
    _text("name", nullable=False, index=True),
    _ref("type_id", "company_types", nullable=True),
    _ref("parent_company_id", "companies", nullable=True),
    *map(_text, ("phone", "address", "address_line_2", "city", "state", "postal_code", "country")),
    _text("payment_term"),
    Column("due_date_days", Integer),
    _flag("tax_exempt"),
    Column("tax_rate", MONEY),
    _text("currency", nullable=False),
    _ref("price_level_id", "price_levels", nullable=True),
    _text("notes"),
    _text("fein"),
    Column("custom_fields", JSON, nullable=False),
    *_stamps(),
)

shipping_addresses = _table(
    "shipping_addresses",
    _key(),
    _ref("company_id", "companies", cascade=True),
    *map(_text, ("address", "address_line_2", "city", "state", "postal_code", "country")),
    *map(_text, ("first_name", "last_name", "phone", "email")),
    _flag("is_default"),
    *_stamps(),
)

contacts = _table(
    "contacts",
    _key(),
    _text("status", nullable=False),
    _text("first_name", nullable=False, index=True),
    _text("last_name", index=True),
    _text("email", index=True),
    *map(_text, ("phone_1", "phone_2", "receiving_bank_name", "receiving_bank_address")),
    _flag("has_portal_login"),
    *_stamps(),
)

contact_companies = Table(
    "contact_companies",
    metadata,
    _ref("contact_id", "contacts", cascade=True),
    _ref("company_id", "companies", cascade=True),
    Column("position", Integer, nullable=False),
    *map(_flag, ("is_primary", "receive_quotation_pdf")),
    *map(_flag, ("receive_purchase_order_pdf", "receive_purchase_order_invoice_pdf")),
    PrimaryKeyConstraint("contact_id", "company_id"),
)

products = _table(
    "products",
    _key(),
    Column("sku", String, unique=True, nullable=False),
    _text("name", nullable=False, index=True),
    _text("description"),
    _text("upc"),
    _text("status", nullable=False),
    Column("retail_price", UNIT_PRICE, nullable=False),
    Column("wholesale_price", UNIT_PRICE, nullable=False),
    Column("cost", UNIT_PRICE, nullable=False),
    *_stamps(),
)

company_products = Table(
    "company_products",
    metadata,
    _ref("company_id", "companies", cascade=True),
    _ref("product_id", "products", cascade=True),
    Column("price", UNIT_PRICE),
    PrimaryKeyConstraint("company_id", "product_id"),
)
"""What a company buys or sells; `price` is its own price where one was agreed."""

suppliers = _table(
    "suppliers",
    _key(),
    Column("status", Integer, nullable=False, index=True),
    _text("name", nullable=False, index=True),
    *map(_text, ("description", "street_address", "city", "state", "zip", "country")),
    Column("factory_admin_id", Integer),
    *map(_text, ("bank_name", "routing_number", "account_number", "swift_code", "default_payment_term")),
    Column("created_by", Integer, nullable=False),
    Column("updated_by", Integer, nullable=False),
    *_stamps(),
)

supplier_contacts = Table(
    "supplier_contacts",
    metadata,
    _ref("supplier_id", "suppliers", cascade=True),
    _ref("contact_id", "contacts", cascade=True),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("supplier_id", "contact_id"),
)

purchase_orders = _table(
    "purchase_orders",
    _key(),
    Column("order_number", String, unique=True, nullable=False),
    _ref("vendor_id", "companies"),
    _ref("supplier_id", "suppliers", nullable=True),
    _text("order_status", nullable=False, index=True),
    Column("order_date", Date, nullable=False, index=True),
    _text("payment_terms"),
    _text("currency", nullable=False),
    _text("public_note"),
    *_stamps(),
)

purchase_order_items = _table(
    "purchase_order_items",
    _key(),
    _ref("purchase_order_id", "purchase_orders", cascade=True),
    Column("line_number", Integer, nullable=False),
    _ref("product_id", "products"),
    _text("description", nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("received_quantity", QUANTITY, nullable=False),
    Column("unit_cost", UNIT_PRICE, nullable=False),
    Column("line_total", MONEY, nullable=False),
)

shipments = _table(
    "shipments",
    _key(),
    _ref("purchase_order_id", "purchase_orders", cascade=True),
    Column("reference_number", String, unique=True, nullable=False),
    _text("status", nullable=False, index=True),
    Column("shipping_date", Date, nullable=False, index=True),
    Column("received_date", Date),
    *_stamps(),
)
"""Incoming shipments; a received one is the receipt of its goods."""

shipment_items = _table(
    "shipment_items",
    _key(),
    _ref("shipment_id", "shipments", cascade=True),
    _ref("purchase_order_item_id", "purchase_order_items"),
    Column("quantity", QUANTITY, nullable=False),
    Column("received_quantity", QUANTITY, nullable=False),
)

bills = _table(
    "bills",
    _key(),
    _text("bill_number", nullable=False, index=True),
    _ref("vendor_id", "companies"),
    _ref("purchase_order_id", "purchase_orders", nullable=True),
    _text("status", nullable=False, index=True),
    _text("payment_status", nullable=False, index=True),
    _text("status_before_hold"),
    _text("hold_reason"),
    Column("bill_date", Date, nullable=False, index=True),
    Column("due_date", Date, nullable=False, index=True),
    _text("payment_term"),
    _text("currency", nullable=False, index=True),
    Column("subtotal", MONEY, nullable=False),
    Column("tax_amount", MONEY, nullable=False),
    Column("total", MONEY, nullable=False, index=True),
    Column("total_paid", MONEY, nullable=False, index=True),
    Column("total_due", MONEY, nullable=False, index=True),
    _text("notes"),
    Column("posted_at", Instant),
    _text("variance_method"),
    _text("variance_note"),
    Column("variance_resolved_at", Instant),
    *_stamps(),
)

Index("ix_bills_vendor_number", bills.c.vendor_id, bills.c.bill_number)

bill_items = _table(
    "bill_items",
    _key(),
    _ref("bill_id", "bills", cascade=True),
    Column("line_number", Integer, nullable=False),
    _text("type", nullable=False),
    _ref("product_id", "products", nullable=True),
    _text("description", nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("unit_cost", UNIT_PRICE, nullable=False),
    Column("line_total", MONEY, nullable=False),
    _ref("purchase_order_item_id", "purchase_order_items", nullable=True),
)

bill_payments = _table(
    "bill_payments",
    _key(),
    _ref("bill_id", "bills", cascade=True),
    Column("amount", MONEY, nullable=False),
    Column("payment_date", Date, nullable=False),
    _text("payment_type", nullable=False),
    _text("reference"),
    _text("remarks"),
    _text("status", nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("voided_at", Instant),
)

bill_allocations = _table(
    "bill_allocations",
    _key(),
    _ref("bill_id", "bills", cascade=True),
    _ref("bill_item_id", "bill_items", cascade=True),
    _ref("purchase_order_item_id", "purchase_order_items"),
    Column("amount", MONEY, nullable=False),
    _text("method", nullable=False),
    Column("created_at", Instant, nullable=False),
)

bill_attachments = _table(
    "bill_attachments",
    _key(),
    _ref("bill_id", "bills", cascade=True),
    _text("file_name", nullable=False),
    _text("content_type", nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)

sales_orders = _table(
    "sales_orders",
    _key(),
    Column("order_number", String, unique=True, nullable=False),
    _ref("company_id", "companies"),
    _text("status", nullable=False),
    Column("order_date", Date, nullable=False),
    Column("ship_by_date", Date),
    Column("total", MONEY, nullable=False),
    Column("total_shipping", MONEY, nullable=False),
    Column("total_quantity", QUANTITY, nullable=False),
    _text("customer_po_number"),
    *_stamps(),
)

invoices = _table(
    "invoices",
    _key(),
    _ref("company_id", "companies"),
    _ref("sales_order_id", "sales_orders", nullable=True),
    _text("status", nullable=False, index=True),
    _text("payment_status", nullable=False, index=True),
    _text("approval_status", nullable=False, index=True),
    Column("order_date", Date, nullable=False, index=True),
    Column("ship_by_date", Date, index=True),
    _text("customer_po_number", index=True),
    _text("payment_terms"),
    *map(_text, ("public_note", "private_note")),
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
    *_stamps(),
)

invoice_items = _table(
    "invoice_items",
    _key(),
    _ref("invoice_id", "invoices", cascade=True),
    _ref("product_id", "products"),
    _text("name", nullable=False),
    Column("qty", QUANTITY, nullable=False),
    Column("unit_price", UNIT_PRICE, nullable=False),
    Column("discount", MONEY, nullable=False),
    Column("total", MONEY, nullable=False),
    *_stamps(),
)

invoice_payments = _table(
    "invoice_payments",
    _key(),
    _ref("invoice_id", "invoices", cascade=True),
    *map(_text, ("gateway", "type", "charge_type")),
    Column("amount", MONEY, nullable=False),
    Column("date", Date, nullable=False),
    _text("status", nullable=False),
    *map(_text, ("external_id", "notes", "reference_id")),
    Column("created_by", Integer),
    *_stamps(),
)
