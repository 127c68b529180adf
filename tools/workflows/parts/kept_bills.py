"""The bills that an answer shows: those that matter first, of however many came by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from tools.workflows.books import Row
from tools.workflows.parts.payables import is_owed
from tools.workflows.parts.record_values import day

_KEPT = 500
_NO_DATE = dt.date.max


class KeptBills:
    """At most some bills. comes_last: bills that only stand behind all others."""

    def __init__(self, comes_last: Callable[[Row], bool]) -> None:
        self._comes_last = comes_last
        self._rows: list[dict[str, Any]] = []

    def add(self, bill: dict[str, Any]) -> None:
        """Keep a bill, unless others come first."""
        self._rows.append(bill)
        if len(self._rows) >= 2 * _KEPT:
            self._trim()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The bills that are due first; of those that are not owed the latest."""
        self._trim()
        return self._rows

    def _trim(self) -> None:
        self._rows = sorted(self._rows, key=self._place)[:_KEPT]

    def _place(self, bill: Row) -> tuple[Any, ...]:
        order = (False, *_order(bill)) if is_owed(bill) else (True, *_order_of_others(bill))
        return (self._comes_last(bill), *order)


def _order(bill: Row) -> tuple[dt.date, int]:
    number = bill.get("id")
    return day(bill.get("due_date")) or _NO_DATE, number if isinstance(number, int) else 0


def _order_of_others(bill: Row) -> tuple[bool, int, int]:
    """Drafts that wait longest come first, of what is paid or void the latest."""
    entered, number = (day(bill.get("bill_date")) or _NO_DATE).toordinal(), bill.get("id")
    is_draft = bill.get("status") in ("draft", "hold")
    return not is_draft, entered if is_draft else -entered, number if isinstance(number, int) else 0
