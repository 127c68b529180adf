"""What vendors owe us and what we shall owe them: returns, credits, prepayments, obligations, and their application."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer

from server.sandbox.tables.base import MONEY, QUANTITY, UNIT_PRICE, Instant, key, ref, stamps, table, text


def _loose(name: str, target: str) -> Column[int]:
    """A reference that is emptied when the other row goes: money stays on record without it."""
    return Column(name, Integer, ForeignKey(f"{target}.id", ondelete="SET NULL"), index=True)


vendor_returns = table(
    "vendor_returns",
    key(),
    ref("vendor_id", "companies"),
    _loose("purchase_order_id", "purchase_orders"),
    ref("warehouse_id", "warehouses", nullable=True),
    text("status", nullable=False, index=True),
    Column("return_date", Date, nullable=False, index=True),
    text("currency", nullable=False),
    Column("total", MONEY, nullable=False),
    text("notes"),
    Column("processed_at", Instant),
    Column("cancelled_at", Instant),
    *stamps(),
)
"""Goods that go back to a vendor; `purchase_order_id` where they are all of one order."""

vendor_return_items = table(
    "vendor_return_items",
    key(),
    ref("vendor_return_id", "vendor_returns", cascade=True),
    Column("line_number", Integer, nullable=False),
    ref("purchase_order_item_id", "purchase_order_items"),
    ref("product_id", "products"),
    Column("quantity", QUANTITY, nullable=False),
    Column("unit_cost", UNIT_PRICE, nullable=False),
    Column("line_total", MONEY, nullable=False),
    text("reason"),
)

vendor_credits = table(
    "vendor_credits",
    key(),
    ref("vendor_id", "companies"),
    ref("vendor_return_id", "vendor_returns", nullable=True),
    text("status", nullable=False, index=True),
    Column("credit_date", Date, nullable=False, index=True),
    text("reference"),
    text("currency", nullable=False),
    Column("amount", MONEY, nullable=False, index=True),
    Column("applied_amount", MONEY, nullable=False),
    Column("remaining_amount", MONEY, nullable=False),
    text("notes"),
    Column("cancelled_at", Instant),
    *stamps(),
)

prepayments = table(
    "prepayments",
    key(),
    ref("vendor_id", "companies"),
    _loose("purchase_order_id", "purchase_orders"),
    text("status", nullable=False, index=True),
    Column("payment_date", Date, nullable=False, index=True),
    text("payment_type", nullable=False),
    text("reference"),
    text("currency", nullable=False),
    Column("amount", MONEY, nullable=False, index=True),
    Column("applied_amount", MONEY, nullable=False),
    Column("remaining_amount", MONEY, nullable=False),
    text("notes"),
    *stamps(),
)

payment_obligations = table(
    "payment_obligations",
    key(),
    ref("vendor_id", "companies"),
    _loose("purchase_order_id", "purchase_orders"),
    _loose("bill_id", "bills"),
    text("kind", nullable=False),
    text("status", nullable=False, index=True),
    Column("due_date", Date, nullable=False, index=True),
    text("currency", nullable=False),
    Column("amount", MONEY, nullable=False, index=True),
    Column("total_paid", MONEY, nullable=False),
    Column("total_due", MONEY, nullable=False, index=True),
    text("notes"),
    *stamps(),
)
"""Payments that will fall due. One with a `bill_id` is a part of what that bill asks for, not something on top of it.

A bill may carry several: the deposit and the balance of its order.
"""

applications = table(
    "applications",
    key(),
    ref("vendor_credit_id", "vendor_credits", nullable=True),
    ref("prepayment_id", "prepayments", nullable=True),
    ref("bill_id", "bills", nullable=True),
    ref("payment_obligation_id", "payment_obligations", nullable=True),
    Column("amount", MONEY, nullable=False),
    text("status", nullable=False),
    Column("applied_at", Instant, nullable=False),
    Column("reversed_at", Instant),
    CheckConstraint("(vendor_credit_id IS NULL) != (prepayment_id IS NULL)", name="one_source"),
)
"""Parts of a credit or a prepayment that were set off against a bill or an obligation.

With both, it was applied to the obligation, and the bill that the obligation is linked to carries it.
"""

Index("ix_applications_bill_status", applications.c.bill_id, applications.c.status)
