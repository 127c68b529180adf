"""The tables of the books, by subject. A new module is named here, so that its tables are made."""

from server.sandbox.tables import about, base, goods, parties, payables, purchasing, receivables, selling, stock

metadata = base.metadata

__all__ = ["about", "base", "goods", "metadata", "parties", "payables", "purchasing", "receivables", "selling", "stock"]
