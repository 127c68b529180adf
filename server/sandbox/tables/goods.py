"""Products and price levels."""

from sqlalchemy import Column, String

from server.sandbox.tables.base import MONEY, UNIT_PRICE, key, stamps, table, text

price_levels = table(
    "price_levels",
    key(),
    text("status", nullable=False),
    text("name", nullable=False),
    text("type", nullable=False),
    Column("percent_increase", MONEY),
    *stamps(),
)

products = table(
    "products",
    key(),
    Column("sku", String, unique=True, nullable=False),
    text("name", nullable=False, index=True),
    text("description"),
    text("upc"),
    text("status", nullable=False),
    Column("retail_price", UNIT_PRICE, nullable=False),
    Column("wholesale_price", UNIT_PRICE, nullable=False),
    Column("cost", UNIT_PRICE, nullable=False),
    *stamps(),
)
