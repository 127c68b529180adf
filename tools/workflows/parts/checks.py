"""Checks of a bill that is to be entered, the same for both systems: what was checked, and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tools.workflows.findings import Table
from tools.workflows.parts.telling import as_table

OLD_DAYS = 365
"""A bill dated longer ago is asked about."""


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
        return as_table("checks", ("check", "result", "said"), rows)

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


def arguments_table(name: str, arguments: dict[str, Any]) -> list[Table]:
    """The arguments of the call that enters it, ready."""
    rows = [{"argument": key, "value": value} for key, value in arguments.items() if value is not None]
    return as_table(name, ("argument", "value"), rows)
