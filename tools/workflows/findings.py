"""What a workflow found: facts, tables and notes, without any wording of numbers. The server makes the answer of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row


class Amounts(dict[str, Decimal]):
    """Sums of money by currency code. Different currencies are never added."""

    def __init__(self, amounts: Mapping[str, Decimal] | None = None) -> None:
        super().__init__(amounts or {})
        self._counts: dict[str, int] = dict(amounts._counts) if isinstance(amounts, Amounts) else dict.fromkeys(self, 1)

    def add(self, currency: object, amount: object) -> None:
        """Add an amount; what is no number counts as nothing."""
        if isinstance(amount, Decimal | int) and not isinstance(amount, bool):
            key = currency if isinstance(currency, str) else ""
            self[key] = self.get(key, Decimal(0)) + amount
            self._counts[key] = self._counts.get(key, 0) + 1

    def merge(self, other: Mapping[str, Decimal], sign: int = 1) -> None:
        """Add every amount of another one, or subtract it with sign -1."""
        for currency, amount in other.items():
            self[currency] = self.get(currency, Decimal(0)) + sign * amount
            more = other._counts.get(currency, 1) if isinstance(other, Amounts) else 1
            self._counts[currency] = self._counts.get(currency, 0) + more

    def main(self, most: int) -> list[tuple[str, Decimal]]:
        """The currencies in which most amounts are, then those of the largest, at most so many; by code."""

        def weight(each: tuple[str, Decimal]) -> tuple[int, Decimal, str]:
            return -self._counts.get(each[0], 0), -each[1].copy_abs(), each[0]

        return sorted(sorted(self.items(), key=weight)[:most])

    @classmethod
    def of(cls, rows: Iterable[Row], column: str, currency: str = "currency") -> Amounts:
        """The sum of a column."""
        amounts = cls()
        for row in rows:
            amounts.add(row.get(currency), row.get(column))
        return amounts


@dataclass(frozen=True)
class Table:
    """Rows under a name. money, prices: the columns that hold amounts, and prices per unit.

    rows: what is shown as far as it fits. of: how many there are in all, when more than `rows`. way_on: how the caller
    gets the others.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Row]
    money: frozenset[str] = frozenset()
    prices: frozenset[str] = frozenset()
    of: int | None = None
    way_on: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture of amounts: one bar per label, stacked by series. values: per series, one amount per label."""

    title: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[Decimal]]
    unit: str = ""
    """The currency."""


@dataclass
class Findings:
    """The answer to one question.

    facts: name to value: text, number, date, Amounts; they come from records. notes: sentences of ours, free of
    record text. next: tools that could be called now. charts: pictures beside the numbers. tokens: how long the answer
    is, where that differs from what the workflow declares. stopped: why not all was read, empty when it was.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    next: list[str] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    tokens: int | None = None
    stopped: str = ""


@dataclass(frozen=True)
class Candidate:
    """One of several records that could be meant."""

    id: int | str
    name: str


class UnclearError(Exception):
    """It is not clear which record is meant, so nothing was answered.

    argument: where it was named. given: as what. candidates: what it could be, the likeliest first. fits: how many
    really fit; with 0 the candidates are only the nearest.
    """

    def __init__(self, argument: str, kind: str, given: str, candidates: Sequence[Candidate], fits: int) -> None:
        super().__init__(f"{argument}: {fits} {kind} fit")
        self.argument = argument
        self.kind = kind
        self.given = given
        self.candidates = tuple(candidates)
        self.fits = fits
