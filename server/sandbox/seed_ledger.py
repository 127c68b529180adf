"""Where generated rows are collected, and the dice that decide about them."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from server.sandbox import seed_names as names

CLOSING_DAY = date(2026, 11, 20)
"""The last day of the generated books; reports take it for today."""

OPENING_DAY = date(2025, 6, 1)
"""The first day of the generated books."""

FOUNDED = datetime(2024, 3, 4, 15, 0, tzinfo=UTC)

FIRST_IDS = {
    "companies": 101, "contacts": 501, "products": 1001, "purchase_orders": 2001, "purchase_order_items": 20001,
    "shipments": 3001, "bills": 5001, "bill_items": 50001, "bill_payments": 60001, "invoices": 7001,
    "sales_orders": 9001,
}  # fmt: skip
"""Ids start apart from each other, so that one taken for another is found out."""

Row = dict[str, Any]
Item = TypeVar("Item")


class Ledger:
    """The rows generated so far, by table, and the dice that make them."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - believable data, not secrets
        self.rows: dict[str, list[Row]] = {}

    def add(self, table: str, **values: Any) -> Row:
        """Append a row under the next id of its table."""
        rows = self.rows.setdefault(table, [])
        row = {"id": FIRST_IDS.get(table, 1) + len(rows), **values}
        rows.append(row)
        return row

    def link(self, table: str, **values: Any) -> None:
        """Append a row of a table without ids."""
        self.rows.setdefault(table, []).append(values)

    def chance(self, percent: int) -> bool:
        """True in that many cases out of a hundred."""
        return self.dice.randrange(100) < percent

    def pick(self, options: Sequence[Item]) -> Item:
        """One of the options."""
        return options[self.dice.randrange(len(options))]

    def some(self, options: Sequence[Item], count: int) -> list[Item]:
        """Different ones of the options, in their order."""
        chosen = self.dice.sample(range(len(options)), min(count, len(options)))
        return [options[index] for index in sorted(chosen)]

    def decimal(self, low: int, high: int, places: int = 2) -> Decimal:
        """A decimal whose units (10**-places) lie between low and high."""
        return Decimal(self.dice.randint(low, high)).scaleb(-places)

    def moment(self, day: date) -> datetime:
        """A moment in the office hours of that day."""
        return datetime.combine(day, time(8), UTC) + timedelta(seconds=self.dice.randrange(10 * 3600))

    def stamps(self) -> Row:
        """Creation and last change of a record that is older than the books."""
        created = FOUNDED + timedelta(minutes=self.dice.randrange(60 * 24 * 400))
        return {"created_at": created, "updated_at": created + timedelta(minutes=self.dice.randrange(60 * 24 * 60))}


def vendors(ledger: Ledger) -> list[tuple[names.Vendor, Row]]:
    """Each vendor with its company record."""
    return list(zip(names.VENDORS, ledger.rows["companies"], strict=False))


def customers(ledger: Ledger) -> list[Row]:
    """The companies that buy."""
    return ledger.rows["companies"][len(names.VENDORS) :]
