"""Currencies and what they were worth in each other."""

from sqlalchemy import Column, Date, Integer, String

from server.sandbox.tables.base import Scaled, flag, key, ref, stamps, table, text

RATE = Scaled(10, shown=2)

currencies = table(
    "currencies",
    key(),
    Column("code", String, unique=True, nullable=False),
    text("name", nullable=False),
    text("symbol", nullable=False),
    Column("decimals", Integer, nullable=False),
    flag("is_available"),
    flag("is_base"),
)
"""The books are kept in the base currency; only available ones can be used at all."""

currency_rates = table(
    "currency_rates",
    key(),
    ref("from_id", "currencies"),
    ref("to_id", "currencies"),
    Column("rate", RATE, nullable=False),
    Column("date", Date, nullable=False, index=True),
    *stamps(),
)
"""So much of the second currency was one unit of the first, from that day until a later rate."""
