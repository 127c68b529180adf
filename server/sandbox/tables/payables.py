"""Bills with their lines, payments, allocations and attachments."""

from decimal import Decimal

from sqlalchemy import Column, Date, Index, Integer, LargeBinary

from server.sandbox.tables.base import MONEY, QUANTITY, UNIT_PRICE, Instant, key, ref, stamps, table, text

bills = table(
    "bills",
    key(),
    text("bill_number", nullable=False, index=True),
    ref("vendor_id", "companies"),
    ref("purchase_order_id", "purchase_orders", nullable=True),
    text("status", nullable=False),
    text("payment_status", nullable=False, index=True),
    text("status_before_hold"),
    text("hold_reason"),
    Column("bill_date", Date, nullable=False),
    Column("due_date", Date, nullable=False),
    text("payment_term"),
    text("currency", nullable=False, index=True),
    Column("subtotal", MONEY, nullable=False),
    Column("tax_amount", MONEY, nullable=False),
    Column("total", MONEY, nullable=False, index=True),
    Column("total_paid", MONEY, nullable=False, index=True),
    # Apart from total_paid: that is the sum of the bill's own payments, which void and delete work on. The money of a
    # prepayment left the bank with the prepayment, and a credit never was money, so neither may count as a payment.
    Column("total_credited", MONEY, nullable=False, default=Decimal("0.00"), index=True),
    Column("total_due", MONEY, nullable=False),
    text("notes"),
    Column("posted_at", Instant),
    text("variance_method"),
    text("variance_note"),
    Column("variance_resolved_at", Instant),
    *stamps(),
)

Index("ix_bills_vendor_number", bills.c.vendor_id, bills.c.bill_number)
# What a list of bills is narrowed and sorted by together: a page of 100,000 bills needs the index alone.
Index("ix_bills_vendor", bills.c.vendor_id, bills.c.due_date, bills.c.status, bills.c.total_due)
Index("ix_bills_status", bills.c.status, bills.c.due_date, bills.c.total_due)
Index("ix_bills_due", bills.c.due_date, bills.c.status, bills.c.total_due)
Index("ix_bills_date", bills.c.bill_date, bills.c.status, bills.c.total_due)
Index("ix_bills_amount", bills.c.total_due, bills.c.due_date, bills.c.status)

bill_items = table(
    "bill_items",
    key(),
    ref("bill_id", "bills", cascade=True),
    Column("line_number", Integer, nullable=False),
    text("type", nullable=False),
    ref("product_id", "products", nullable=True),
    text("description", nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("unit_cost", UNIT_PRICE, nullable=False),
    Column("line_total", MONEY, nullable=False),
    ref("purchase_order_item_id", "purchase_order_items", nullable=True),
)

bill_payments = table(
    "bill_payments",
    key(),
    ref("bill_id", "bills", cascade=True),
    Column("amount", MONEY, nullable=False),
    Column("payment_date", Date, nullable=False),
    text("payment_type", nullable=False),
    text("reference"),
    text("remarks"),
    text("status", nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("voided_at", Instant),
)

bill_allocations = table(
    "bill_allocations",
    key(),
    ref("bill_id", "bills", cascade=True),
    ref("bill_item_id", "bill_items", cascade=True),
    ref("purchase_order_item_id", "purchase_order_items"),
    Column("amount", MONEY, nullable=False),
    text("method", nullable=False),
    Column("created_at", Instant, nullable=False),
)

bill_attachments = table(
    "bill_attachments",
    key(),
    ref("bill_id", "bills", cascade=True),
    text("file_name", nullable=False),
    text("content_type", nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)
