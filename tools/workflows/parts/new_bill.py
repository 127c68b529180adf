"""Checks of a bill that is to be entered, the same for both systems: what was checked, and which bills are like it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tools.workflows.books import Row
from tools.workflows.findings import Table
from tools.workflows.parts.amounts import decimal, table
from tools.workflows.parts.document_numbers import is_alike
from tools.workflows.parts.payables import day

NEAR_DAYS = 10
"""Bills of the same total that are dated so many days apart may be the same."""
OLD_DAYS = 365
"""A bill dated longer ago is asked about."""

_SHOWN = ("id", "bill_number", "why", "status", "bill_date", "currency", "total")


class Result(StrEnum):
    """What a check says: go on, ask the person, do not enter it."""

    OK = "ok"
    ASK = "ask"
    STOP = "stop"


@dataclass
class Checks:
    """What was checked, in order."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, check: str, result: Result, said: str) -> None:
        """One check."""
        self.rows.append({"check": check, "result": result.value, "said": said})

    def named(self, result: Result) -> list[str]:
        """The checks with this result."""
        return list(dict.fromkeys(row["check"] for row in self.rows if row["result"] == result))

    @property
    def verdict(self) -> str:
        """In all."""
        if stops := self.named(Result.STOP):
            return f"do not enter it: {', '.join(stops)}"
        if asks := self.named(Result.ASK):
            return f"ask first about: {', '.join(asks)}"
        return "ready to enter"

    @property
    def is_ready(self) -> bool:
        """Whether nothing is to be asked."""
        return all(row["result"] == Result.OK for row in self.rows)

    def table(self) -> list[Table]:
        """The checks, what hinders first."""
        order = [Result.STOP, Result.ASK, Result.OK]
        rows = sorted(self.rows, key=lambda row: order.index(row["result"]))
        return table("checks", ("check", "result", "said"), rows)

    def notes(self) -> Iterator[str]:
        """What to ask the person."""
        if asks := self.named(Result.ASK):
            yield f"Ask the user before it is entered: {', '.join(asks)}."
        if self.named(Result.STOP):
            yield "It must not be entered as it is."


def check_dates(checks: Checks, bill_date: dt.date, today: dt.date) -> None:
    """Whether the bill's date is a likely one."""
    age = (today - bill_date).days
    if age < 0:
        checks.add("bill_date", Result.ASK, f"{-age} days in the future")
    elif age > OLD_DAYS:
        checks.add("bill_date", Result.ASK, f"{age} days ago")
    else:
        checks.add("bill_date", Result.OK, f"{age} days ago")


class Likes:
    """Bills of the vendor that may be the same, found as they come in."""

    def __init__(self, number: str, bill_date: dt.date, total: Decimal, currency: str | None) -> None:
        self._number = number.strip()
        self._date = bill_date
        self._total = total
        self._currency = currency
        self.found: dict[Any, dict[str, Any]] = {}

    def look_at(self, bills: Sequence[Row], why: str = "") -> None:
        """Keep those that may be the same. why: how they are known to be."""
        for bill in bills:
            reason = why or self._why(bill)
            known = self.found.get(bill.get("id"))
            if reason and (known is None or known["why"] != "same number"):
                self.found[bill.get("id")] = {**bill, "why": reason}

    def _why(self, bill: Row) -> str:
        number = str(bill.get("bill_number") or "").strip()
        if number.casefold() == self._number.casefold():
            return "same number"
        if is_alike(number, self._number):
            return "number written otherwise"
        dated = day(bill.get("bill_date"))
        near = dated is not None and abs((dated - self._date).days) <= NEAR_DAYS
        comparable = self._currency is None or bill.get("currency") in (None, self._currency)
        same = comparable and decimal(bill.get("total")) == self._total
        return f"same total within {NEAR_DAYS} days" if near and same else ""

    def check(self, checks: Checks) -> None:
        """Say what was found. A void bill with the number may be entered anew."""
        counting = [row for row in self.found.values() if row.get("status") != "void"]
        same = [row for row in counting if row["why"] == "same number"]
        if same:
            checks.add("duplicate", Result.STOP, f"{len(same)} with this number already")
        if others := len(counting) - len(same):
            checks.add("similar bills", Result.ASK, f"{others} may be the same")
        if not counting:
            void = " but void ones" if self.found else ""
            checks.add("duplicate", Result.OK, f"none of this vendor{void}")

    def table(self) -> list[Table]:
        """The bills that may be the same, the surest first."""
        order = ("same number", "number written otherwise")
        rows = sorted(self.found.values(), key=lambda row: order.index(row["why"]) if row["why"] in order else 2)
        return table("similar_bills", _SHOWN, rows, money=("total",))


def arguments_table(name: str, arguments: dict[str, Any]) -> list[Table]:
    """The arguments of the call that enters it, ready."""
    rows = [{"argument": key, "value": value} for key, value in arguments.items() if value is not None]
    return table(name, ("argument", "value"), rows)
