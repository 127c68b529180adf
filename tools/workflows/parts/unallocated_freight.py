"""Bills of a period with freight or duty that is not spread over order lines, and how much of it."""

from __future__ import annotations

from typing import Any

from tools.workflows.books import Books, Row
from tools.workflows.parts.before_payment import not_allocated
from tools.workflows.parts.close_points import Outcome, Period
from tools.workflows.parts.reading import read_rows
from tools.workflows.parts.record_values import amount
from tools.workflows.parts.whole_bills import read_whole

LIST = "get_bills_allocation_inbox"
COLUMNS = ("id", "bill_number", "vendor_name", "bill_date", "currency", "total", "not_allocated")

_MOST = 100
"""Bills that are read for their lines: the list says neither what of them is freight nor what is allocated."""


async def find_unallocated_freight(books: Books, period: Period, outcome: Outcome) -> None:
    """Find the bills, and add up what is not allocated of those that can be read. Raises ReadFailedError."""
    bills: dict[Any, dict[str, Any]] = {}

    def take(row: Row) -> None:
        if period.has(row.get("bill_date")):
            bills[row.get("id")] = dict(row)

    # Its pages are not documented: with the first one named, the others are asked for as well.
    arguments: dict[str, Any] = {**period.filters("bill_date"), "page": 1, "per_page": 100}
    outcome.stopped = await read_rows(books, LIST, take, **arguments)
    largest = sorted(bills, key=lambda key: -amount(bills[key], "total"))

    def weigh(bill: Row) -> None:
        left = not_allocated(bill)
        bills[bill["id"]] |= {"not_allocated": left, "total": None}
        outcome.amounts.add(bill.get("currency"), left)

    read = await read_whole(books, largest, weigh, _MOST) if books.has("get_bill") else 0
    outcome.add(list(bills.values()), lambda row: (amount(row, "not_allocated"), amount(row, "total")))
    if read < len(bills):
        outcome.notes.append(_how_far(read, len(bills)))


def _how_far(read: int, count: int) -> str:
    if not read:
        return "How much freight is not allocated could not be read; its bills are counted."
    return f"unallocated_freight_amount is of {read} of the {count} bills, those with the largest totals."
