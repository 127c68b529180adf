"""What was paid to a vendor last, on bills and ahead of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tools.workflows.books import Books, ReadFailedError, Row
from tools.workflows.parts.record_values import day, decimal, objects, whole

_SHOWN = 5
_LONG_AGO = dt.timedelta(days=3 * 366)
_PAID = ("payment", "prepayment")
"""Entries of a vendor's statement that are money paid."""


async def last_payments(books: Books, vendor_id: int) -> list[dict[str, Any]]:
    """The last five, the latest first: of the time that a statement usually covers, else of three years.

    Raises ReadFailedError.
    """
    if not books.has("get_vendor_statement"):
        raise ReadFailedError("get_vendor_statement is not enabled")
    found: list[dict[str, Any]] = []
    for since in ({}, {"start_date": (books.today - _LONG_AGO).isoformat()}):
        found = _payments(await books.record("get_vendor_statement", vendor_id=vendor_id, **since))
        if len(found) >= _SHOWN:
            break
    return found


def _payments(statement: Row) -> list[dict[str, Any]]:
    """The payments of a statement. Raises ReadFailedError for a statement of another shape: it is not documented."""
    accounts = statement.get("currencies")
    if not isinstance(accounts, list):
        raise ReadFailedError("The statement is of another shape.")
    found = [
        {
            "date": date,
            "paid": abs(paid),
            "currency": account.get("currency"),
            "for": entry.get("type") if entry.get("bill_id") is None else f"bill {entry['bill_id']}",
            "reference": entry.get("reference"),
            "id": entry.get("id"),
        }
        for account in objects(accounts)
        for entry in objects(account.get("entries"))
        if entry.get("type") in _PAID
        and (paid := decimal(entry.get("amount"))) is not None
        and (date := day(entry.get("date"))) is not None
    ]
    return sorted(found, key=lambda each: (each["date"], whole(each["id"]) or 0), reverse=True)[:_SHOWN]
