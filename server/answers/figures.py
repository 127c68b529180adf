"""Sums and counts over rows: money by currency, never across; how often a status or the like occurs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import reduce
from typing import Any

from schemas.common import View
from server.answers.values import amount, at, label, plain, text_of
from server.upstream.declared import is_number

_MOST_COUNTS = 8
_MOST_CURRENCIES = 8
"""Sums are said for so many currencies; nobody's books have more, so more is a sign of something else."""
_MOST_SUMS = 50
_EXACT = Context(prec=120, traps=[Inexact, InvalidOperation, Overflow])
"""What cannot be added up exactly is not added up."""


@dataclass(frozen=True)
class Figures:
    """sums: currency to column to amount. quantities: column to units. counts: column to value to how often.

    unsummed: columns of which no sum is told, because not all in them is plain numbers.
    """

    sums: dict[str, dict[str, Decimal]]
    quantities: dict[str, Decimal]
    counts: dict[str, dict[str, int]]
    unsummed: tuple[str, ...] = ()

    def said(self) -> list[str]:
        """In words, a part for each column; of several currencies those in which there is anything."""
        columns = dict.fromkeys(name for by in self.sums.values() for name in by)
        return [
            *(f"{column} {self._by_currency(column)}" for column in columns),
            *(f"{column} {plain(value)}" for column, value in self.quantities.items()),
            *(
                f"{column}: {', '.join(f'{value} {count}' for value, count in by.items())}"
                for column, by in self.counts.items()
            ),
        ]

    def structured_sums(self) -> dict[str, dict[str, str]]:
        """The sums as exact text, for so many currencies at most."""
        return {
            currency: {column: amount(value) for column, value in by.items()}
            for currency, by in list(self.sums.items())[:_MOST_SUMS]
        }

    def _by_currency(self, column: str) -> str:
        there = {currency: by[column] for currency, by in self.sums.items() if by.get(column)}
        if not there:
            return amount(0)
        amounts = [f"{amount(value)} {currency}".rstrip() for currency, value in there.items()]
        more = len(amounts) - _MOST_CURRENCIES
        return " + ".join(amounts[:_MOST_CURRENCIES]) + (f" and {more} more currencies" if more > 0 else "")


def figures(rows: Sequence[Mapping[str, Any]], view: View) -> Figures:
    """What a view adds up and counts over the rows."""
    summable = _summable(rows, (*view.sums, *view.quantities))
    unsummed = tuple(sorted({*view.sums, *view.quantities} - {*summable}))
    sums = _sums(rows, view, [name for name in view.sums if name in summable])
    return Figures(sums, _quantities(rows, view, summable), _counts(rows, view), unsummed)


def _summable(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    """The columns in which nothing but numbers stands that can be added up exactly."""

    def adds_up(column: str) -> bool:
        total = Decimal(0)
        try:
            for row in rows:
                if (value := row.get(column)) is None:
                    continue
                if not is_number(value):
                    return False
                total = _EXACT.add(total, value)
        except ArithmeticError:
            return False
        return True

    return [column for column in columns if adds_up(column)]


def _sums(rows: Sequence[Mapping[str, Any]], view: View, columns: Sequence[str]) -> dict[str, dict[str, Decimal]]:
    sums: dict[str, dict[str, Decimal]] = {}
    if view.within and len({text_of(row.get(view.within)) for row in rows}) > 1:
        return sums
    for row in rows if columns else ():
        said = view.currency_of(row)
        currency = said if isinstance(said, str) and said in sums else label(said) if said else ""
        for column in columns:
            if (value := row.get(column)) is not None:
                by_column = sums.setdefault(currency, {})
                by_column[column] = _EXACT.add(by_column.get(column, Decimal(0)), value)
    return sums


def _quantities(rows: Sequence[Mapping[str, Any]], view: View, summable: Sequence[str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for column in (name for name in view.quantities if name in summable):
        numbers = [value for row in rows if (value := row.get(column)) is not None]
        if numbers:
            found[column] = reduce(_EXACT.add, numbers, Decimal(0))
    return found


def _counts(rows: Sequence[Mapping[str, Any]], view: View) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for column in view.counts:
        there = [value for row in rows if (value := at(row, column)) is not None]
        texts = Counter(value if isinstance(value, str) else text_of(value) for value in there)
        counter: Counter[str] = Counter()
        for value, count in texts.items():
            counter[label(value)] += count
        if counter:
            found[column] = dict(counter.most_common(_MOST_COUNTS))
    return found
