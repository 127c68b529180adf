"""The figures of a group of rows: of each field its count, exact sum, least and greatest value."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tools.workflows.parts.grouping import Kind, Metric

Value = Decimal | int | str | None
"""A number, a date as the API writes it, or None where no row has a value."""

_PLACES = Decimal("0.0001")


class Field:
    """A field that is added up or compared. kind: as declared, None where it is not. dates: its values are dates."""

    def __init__(self, name: str, kind: Kind | None, metrics: Iterable[Metric]) -> None:
        functions = {metric.function for metric in metrics if metric.field == name}
        self.name = name
        self.kind = kind
        self.compared = bool(functions & {"min", "max"})
        self.only_compared = functions <= {"min", "max"}
        self.dates = False


class Cell:
    """The figures of one field in one group."""

    __slots__ = ("count", "high", "low", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total: Decimal | int = 0
        self.low: Any = None
        self.high: Any = None

    def add(self, value: Any, field: Field) -> None:
        """Count a value of the field."""
        self.count += 1
        if not field.dates:
            self.total += value
        if field.compared:
            if self.low is None or value < self.low:
                self.low = value
            if self.high is None or value > self.high:
                self.high = value

    def merge(self, other: Cell) -> None:
        """Count what another group has."""
        self.count += other.count
        self.total += other.total
        for value in (other.low, other.high):
            if value is not None:
                self.low = value if self.low is None else min(self.low, value)
                self.high = value if self.high is None else max(self.high, value)

    def value(self, function: str) -> Value:
        """What sum, avg, min or max make of the values so far."""
        if function == "sum":
            return Decimal(self.total)
        if not self.count:
            return None
        if function == "avg":
            return _average(self.total, self.count)
        extreme: Value = self.low if function == "min" else self.high
        return extreme


class Group:
    """How many rows a group has, and the figures of its fields."""

    __slots__ = ("cells", "rows")

    def __init__(self, fields: int) -> None:
        self.rows = 0
        self.cells = [Cell() for _ in range(fields)]


def _average(total: Decimal | int, count: int) -> Decimal:
    average = Decimal(total) / count
    exponent = average.as_tuple().exponent
    return average.quantize(_PLACES) if isinstance(exponent, int) and exponent < -4 else average
