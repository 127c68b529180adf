"""Bills of a vendor that may be the one to be entered: with its number, a spelling of it, or its total."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row
from tools.workflows.findings import Table
from tools.workflows.parts.checks import Checks, Result
from tools.workflows.parts.document_numbers import ending, is_alike
from tools.workflows.parts.record_values import amount, day, decimal
from tools.workflows.parts.telling import as_table

NEAR_DAYS = 10
"""Bills of the same total that are dated so many days apart may be the same; unpaid ones whatever their date."""

_SAME_NUMBER = "same number"
_WRITTEN_OTHERWISE = "number written otherwise"
_SAME_DIGITS = "the same digits"
_SAME_TOTAL = f"same total within {NEAR_DAYS} days"
_SAME_UNPAID = "same total, not paid yet"
_SUREST = (_SAME_NUMBER, _WRITTEN_OTHERWISE, _SAME_TOTAL, _SAME_UNPAID, _SAME_DIGITS)
_TELLING_DIGITS = 4
"""Digits from which two numbers of a vendor are likely the same with and without their letters."""
_SHOWN = ("id", "bill_number", "why", "status", "bill_date", "currency", "total")


class SimilarBills:
    """Bills of the vendor that may be the same, found as they come in."""

    def __init__(self, number: str, bill_date: dt.date, total: Decimal, currency: str | None) -> None:
        self._number = number.strip()
        self._date = bill_date
        self._total = total
        self._currency = currency
        self.found: dict[Any, dict[str, Any]] = {}

    def look_at(self, bills: Sequence[Row], *, have_the_number: bool = False) -> None:
        """Keep those that may be the same. have_the_number: the API says that they have."""
        for bill in bills:
            reason = _SAME_NUMBER if have_the_number else self._why(bill)
            known = self.found.get(bill.get("id"))
            if reason and (known is None or known["why"] != _SAME_NUMBER):
                self.found[bill.get("id")] = {**bill, "why": reason}

    def _why(self, bill: Row) -> str:
        number = str(bill.get("bill_number") or "").strip()
        if number.casefold() == self._number.casefold():
            return _SAME_NUMBER
        if is_alike(number, self._number):
            return _WRITTEN_OTHERWISE
        return self._why_by_total(bill) or (_SAME_DIGITS if self._has_the_digits(number) else "")

    def _has_the_digits(self, number: str) -> bool:
        """Whether one of the two numbers is only the digits at the end of the other."""
        mine, theirs = ending(self._number), ending(number)
        bare = {self._number.strip().lstrip("0"), number.strip().lstrip("0")} & {mine, theirs}
        return mine == theirs and len(mine) >= _TELLING_DIGITS and bool(bare)

    def _why_by_total(self, bill: Row) -> str:
        comparable = self._currency is None or bill.get("currency") in (None, self._currency)
        if not comparable or decimal(bill.get("total")) != self._total:
            return ""
        dated = day(bill.get("bill_date"))
        if dated is not None and abs((dated - self._date).days) <= NEAR_DAYS:
            return _SAME_TOTAL
        # Sent once more later, under another number: what is paid long since is another month's.
        is_unpaid = bill.get("status") != "void" and amount(bill, "total_due") > 0
        return _SAME_UNPAID if is_unpaid else ""

    def check(self, checks: Checks) -> None:
        """Say what was found. A void bill with the number may be entered anew."""
        counting = [row for row in self.found.values() if row.get("status") != "void"]
        same = [row for row in counting if row["why"] == _SAME_NUMBER]
        if same:
            checks.add("duplicate", Result.STOP, f"{len(same)} with this number already")
        if others := len(counting) - len(same):
            checks.add("similar bills", Result.ASK, f"{others} may be the same")
        if not counting:
            void = " but void ones" if self.found else ""
            checks.add("duplicate", Result.OK, f"none of this vendor{void}")

    def table(self) -> list[Table]:
        """The bills that may be the same, the surest first."""
        rows = sorted(self.found.values(), key=lambda row: _SUREST.index(row["why"]))
        return as_table("similar_bills", _SHOWN, rows, money=("total",))
