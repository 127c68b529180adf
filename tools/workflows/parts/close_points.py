"""The period of a close, and one point of its checklist: how many there are to look at, and the worst of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any

from tools.workflows.books import ReadFailedError, Row
from tools.workflows.findings import Amounts
from tools.workflows.parts.record_values import day

WORST = 8
"""Rows that are shown of each point, as far as there is room."""


@dataclass(frozen=True)
class Period:
    """First and last day."""

    start: dt.date
    end: dt.date

    @property
    def arguments(self) -> dict[str, Any]:
        """As the reports take it."""
        return {"start_date": self.start.isoformat(), "end_date": self.end.isoformat()}

    def filters(self, column: str) -> dict[str, str]:
        """As lists take it. The last day is in it, also where the column has a time."""
        after = self.end + dt.timedelta(days=1)
        return {f"{column}[gte]": self.start.isoformat(), f"{column}[lt]": after.isoformat()}

    def filters_past(self, column: str) -> dict[str, str]:
        """As lists take it, with all that was before."""
        filters = self.filters(column)
        del filters[f"{column}[gte]"]
        return filters

    def has(self, value: object) -> bool:
        """Whether a date lies in it."""
        date = day(value)
        return date is not None and self.start <= date <= self.end

    def is_past(self, value: object) -> bool:
        """Whether a date lies in it or before."""
        date = day(value)
        return date is not None and date <= self.end


@dataclass
class Outcome:
    """What a check found. count: how many; rows: the worst; amounts: what they come to. stopped: why it is not all."""

    count: int = 0
    rows: list[Row] = field(default_factory=list)
    amounts: Amounts = field(default_factory=Amounts)
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    stopped: str = ""

    def add(self, rows: Sequence[Row], size: Callable[[Row], Any]) -> None:
        """Count rows, and keep the worst of all."""
        self.count += len(rows)
        self.rows = nlargest(WORST, [*self.rows, *rows], key=size)


@dataclass(frozen=True)
class Point:
    """A check that was made. tools: what shows it, then what mends it. failed: why it could not be made."""

    name: str
    tools: Sequence[str]
    columns: Sequence[str]
    outcome: Outcome
    failed: ReadFailedError | None = None

    @property
    def is_ok(self) -> bool:
        """Whether it was looked at, and nothing found."""
        return self.failed is None and not self.outcome.count

    @property
    def shown(self) -> list[str]:
        """The columns in which something stands."""
        return [name for name in self.columns if any(row.get(name) is not None for row in self.outcome.rows)]

    @property
    def facts(self) -> dict[str, Any]:
        """What was found: `ok`, or how many there are to look at, and what they come to."""
        if self.failed:
            return {self.name: "not read"}
        counted = {self.name: self.outcome.count or "ok"} if self.columns else {}
        amount = {f"{self.name}_amount": self.outcome.amounts} if self.outcome.amounts else {}
        return counted | amount | self.outcome.facts
