"""Sales orders."""

from sqlalchemy import Column, Date, String

from server.sandbox.tables.base import MONEY, QUANTITY, key, ref, stamps, table, text

sales_orders = table(
    "sales_orders",
    key(),
    Column("order_number", String, unique=True, nullable=False),
    ref("company_id", "companies"),
    text("status", nullable=False),
    Column("order_date", Date, nullable=False),
    Column("ship_by_date", Date),
    Column("total", MONEY, nullable=False),
    Column("total_shipping", MONEY, nullable=False),
    Column("total_quantity", QUANTITY, nullable=False),
    text("customer_po_number"),
    *stamps(),
)
