"""Customer returns: what comes back of a sales order, and what is refunded for it."""

from sqlalchemy import Column, Date, Integer

from server.sandbox.tables.base import MONEY, QUANTITY, Instant, flag, key, ref, stamps, table, text

customer_returns = table(
    "customer_returns",
    key(),
    ref("sales_order_id", "sales_orders"),
    text("status", nullable=False, index=True),
    text("transaction_type", nullable=False),
    flag("restock"),
    Column("order_date", Date, nullable=False, index=True),
    Column("received_at", Instant),
    *stamps(),
)

customer_return_items = table(
    "customer_return_items",
    key(),
    ref("customer_return_id", "customer_returns", cascade=True),
    ref("sales_order_item_id", "sales_order_items"),
    Column("quantity", QUANTITY, nullable=False),
    Column("uom_id", Integer),
    ref("location_id", "locations", nullable=True),
    Column("lot_id", Integer),
)

customer_refunds = table(
    "customer_refunds",
    key(),
    ref("customer_return_id", "customer_returns", cascade=True),
    Column("amount", MONEY, nullable=False),
    *stamps(),
)
"""Money given back for the lines of a return."""
