"""Groups rows and adds them up as they come by: exact, and without holding them."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, Inexact, localcontext
from typing import Any

from schemas.common import Record
from tools.arguments import InvalidArgumentsError, Problem, nearest
from tools.workflows.books import Row
from tools.workflows.parts.figures import Field, Group, Value
from tools.workflows.parts.grouping import (
    GroupKey,
    Key,
    Kind,
    Metric,
    currency_of,
    declared,
    getter,
    has,
    is_date,
    is_number,
    names,
)

MAX_GROUPS = 10_000
MAX_KEYS = 3
MAX_METRICS = 10
TOP = 20

_NUMERAL = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
# Numbers of the trade never come near so many digits; what does is refused instead of rounded.
_EXACT = Context(prec=120, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_EVEN, traps=[])
_CURRENCY = "currency"
_CURRENCIES = (_CURRENCY, f"{_CURRENCY}.code")
_SAMPLE = 8
_NAMES = 40


@dataclass(frozen=True)
class Line:
    """One group, the rest of the groups, or a total.

    keys: as `group_by`, empty in a total. values: as `metrics`. currency: that of the amounts, None where rows name
    none or nothing here is an amount. others: how many groups are folded into this line.
    """

    keys: tuple[Key, ...]
    rows: int
    values: tuple[Value, ...]
    currency: str | None = None
    others: int = 0


@dataclass(frozen=True)
class SummaryResult:
    """The figures of all rows that came by.

    groups: per currency, those told one by one and then the rest of them. totals: one line, or one per currency.
    money: for each metric, whether it is an amount. rows: how many came by. found: how many groups there are.
    """

    group_by: tuple[str, ...]
    metrics: tuple[str, ...]
    money: tuple[bool, ...]
    groups: list[Line]
    totals: list[Line]
    rows: int
    found: int


class Summary:
    """Takes rows in and knows, at any time, the figures of all so far.

    group_by: up to three fields; dotted ones look into nested objects, `due_date:month` groups dates (weeks are ISO
    weeks, `2026-W47`). metrics: `count`, `sum:f`, `avg:f`, `min:f`, `max:f`; rows without a value do not count in
    them. Sums are exact; an average is the exact sum by the count, rounded half to even at four places. Amounts in
    different currencies are never added: they are grouped by the rows' field `currency` too.

    Raises InvalidArgumentsError: here for what cannot be meant, in `add` for what the rows show to be impossible.
    """

    def __init__(self, group_by: Sequence[str], metrics: Sequence[str], record: type[Record] | None = None) -> None:
        problems: list[Problem] = []
        self.keys = [GroupKey.parse(each, problems) for each in group_by]
        self._metrics = [Metric.parse(each, problems) for each in metrics or ("count",)]
        if len(self.keys) > MAX_KEYS:
            problems.append(Problem("group_by", f"takes at most {MAX_KEYS} fields"))
        if len(self._metrics) > MAX_METRICS:
            problems.append(Problem("metrics", f"takes at most {MAX_METRICS}"))
        if problems:
            raise InvalidArgumentsError(problems)
        self._record = record
        asked = dict.fromkeys(metric.field for metric in self._metrics if metric.field)
        self._fields = {name: Field(name, declared(record, name), self._metrics) for name in asked}
        # What is not declared may be an amount, and then it must not be added across currencies.
        self.has_amounts = any(field.kind in (Kind.MONEY, None) for field in self._fields.values())
        named = [n for n, key in enumerate(self.keys) if self.has_amounts and key.field in _CURRENCIES]
        self._named_at = named[0] if named else None
        self._implicit = self.has_amounts and not named
        self._groups: dict[tuple[Hashable, ...], Group] = {}
        self._rows = 0

    @property
    def amounts(self) -> list[str]:
        """The fields that are added up or compared."""
        return [*self._fields]

    # Rows come in.

    def add(self, rows: Sequence[Row]) -> None:
        """Take rows in."""
        if rows and not self._rows:
            self._inspect(rows)
        readers = self._readers()
        columns = [(number, field, getter(name)) for number, (name, field) in enumerate(self._fields.items())]
        groups = self._groups
        with localcontext(_EXACT) as exact:
            for row in rows:
                key = tuple([read(row) for read in readers])
                group = groups.get(key)
                if group is None:
                    group = groups[key] = self._new_group()
                group.rows += 1
                for number, field, get in columns:
                    value = get(row)
                    if value is None:
                        continue
                    if (type(value) is not Decimal and type(value) is not int) or field.dates:
                        value = self._usable(field, value, rows)
                    group.cells[number].add(value, field)
        self._rows += len(rows)
        _check(exact)

    def _readers(self) -> list[Callable[[Row], Hashable]]:
        readers = [key.reader() for key in self.keys]
        if self._implicit:
            get = getter(_CURRENCY)

            def currency(row: Row) -> Hashable:
                value = get(row)
                return value if type(value) is str and 0 < len(value) < 10 else currency_of(value)

            readers.append(currency)
        return readers

    def _new_group(self) -> Group:
        if len(self._groups) >= MAX_GROUPS:
            advice = "group by something coarser (a month instead of a day, a vendor instead of a number), or filter"
            raise InvalidArgumentsError([Problem("group_by", f"makes more than {MAX_GROUPS:,} groups; {advice}")])
        return Group(len(self._fields))

    def _usable(self, field: Field, value: object, rows: Sequence[Row]) -> Decimal | str:
        """A value that is no plain number: a numeral in a field of numbers, or a date that is only compared."""
        if isinstance(value, str) and not field.dates:
            if field.kind in (Kind.MONEY, Kind.NUMBER) and _NUMERAL.fullmatch(value):
                return Decimal(value)
            field.dates = field.only_compared and is_date(value) and not self._has_numbers(field)
        if field.dates and is_date(value):
            return str(value)
        raise InvalidArgumentsError([self._not_a_number(field, value, rows)])

    def _has_numbers(self, field: Field) -> bool:
        number = [*self._fields].index(field.name)
        return any(group.cells[number].count for group in self._groups.values())

    # What is refused.

    def _not_a_number(self, field: Field, value: object, rows: Sequence[Row]) -> Problem:
        metric = next(each for each in self._metrics if each.field == field.name)
        kind = "a date" if is_date(value) else "text" if isinstance(value, str) else "not always a number"
        done = "compared" if field.only_compared else "added up"
        usable = [name for name in names(rows[:_SAMPLE]) if any(map(is_number, map(getter(name), rows[:_SAMPLE])))]
        usable = [name for name in usable if not name.endswith("id")][:_SAMPLE]
        advice = f"numbers here are {', '.join(usable)}" if usable else "no field here is a number; use count"
        return Problem("metrics", f"{metric.text}: {field.name} is {kind} and cannot be {done}; {advice}")

    def _inspect(self, rows: Sequence[Row]) -> None:
        """Refuse names that neither the first rows nor the declaration know, and periods of what is no date."""
        asked = [("group_by", key.text, key.field) for key in self.keys]
        asked += [("metrics", metric.text, metric.field) for metric in self._metrics if metric.field]
        problems = [
            Problem(argument, f"{text}: no row has {field}; {said}")
            for argument, text, field in asked
            if (said := unknown_field(field, rows, self._record)) is not None
        ]
        for key in self.keys:
            values = [value for row in rows if (value := getter(key.field)(row)) is not None]
            if key.unit and values and not any(map(is_date, values)):
                dates = [name for name in names(rows) if any(is_date(getter(name)(row)) for row in rows)]
                advice = f"; dates here are {', '.join(dates[:_SAMPLE])}" if dates else ""
                problems.append(Problem("group_by", f"{key.text}: {key.field} is no date{advice}"))
        if problems:
            raise InvalidArgumentsError(problems)

    # Figures come out.

    def result(self, top: int = TOP) -> SummaryResult:
        """The figures so far. top: how many groups are told one by one, in each currency: those with the most of the
        first metric, with a negative number those with the least. The others are one line, so that the lines always
        make the total. Periods stand in their order.
        """
        groups: list[Line] = []
        totals: list[Line] = []
        with localcontext(_EXACT):
            for currency, members in self._by_currency().items():
                totals.append(self._line((), self._merged(members), currency))
                if not self.keys:
                    continue
                told, rest = self._ranked(members, top)
                groups += [self._line(key, group, currency) for key, group in told]
                if rest:
                    nothing = (None,) * len(self.keys)
                    groups.append(self._line(nothing, self._merged(rest), currency, len(rest)))
        return SummaryResult(
            group_by=tuple(key.text for key in self.keys),
            metrics=tuple(metric.text for metric in self._metrics),
            money=tuple(self._is_money(metric, [*groups, *totals]) for metric in self._metrics),
            groups=groups,
            totals=totals or [self._line((), Group(len(self._fields)), None)],
            rows=self._rows,
            found=len(self._groups) if self.keys else 0,
        )

    def _is_money(self, metric: Metric, lines: Sequence[Line]) -> bool:
        """Whether it is told as an amount: what is declared to be one, or may be and has cents somewhere."""
        kind = self._fields[metric.field].kind if metric.field else Kind.NUMBER
        if kind is not None:
            return kind is Kind.MONEY
        values = [line.values[self._metrics.index(metric)] for line in lines]
        return any(isinstance(each, Decimal) and each != each.to_integral_value() for each in values)

    def _by_currency(self) -> dict[str | None, list[_Member]]:
        """Groups by currency, the one with the most rows first. Where nothing is an amount all are of one kind."""
        found: dict[str | None, list[_Member]] = {}
        for whole, group in self._groups.items():
            key, currency = whole, None
            if self._implicit:
                key, currency = whole[:-1], whole[-1]
            elif self._named_at is not None:
                currency = currency_of(whole[self._named_at])
            found.setdefault(currency, []).append((key, group))  # type: ignore[arg-type]
        return dict(sorted(found.items(), key=lambda item: -sum(group.rows for _, group in item[1])))

    def _ranked(self, members: list[_Member], top: int) -> tuple[list[_Member], list[_Member]]:
        first = self._metrics[0]

        def rank(member: _Member) -> tuple[bool, Any]:
            value = self._value(member[1], first)
            return (value is None) is (top < 0), value or 0

        ranked = sorted(sorted(members, key=lambda member: _in_order(member[0])), key=rank, reverse=top >= 0)
        told = abs(top)
        if len(ranked) == told + 1:
            told += 1  # A line for one other group costs as much as the group.
        first_ones, rest = ranked[:told], ranked[told:]
        if self.keys[0].unit:
            first_ones.sort(key=lambda member: _in_order(member[0]))
        return first_ones, rest

    def _merged(self, members: Iterable[_Member]) -> Group:
        merged = Group(len(self._fields))
        with localcontext(_EXACT) as exact:
            for _, group in members:
                merged.rows += group.rows
                for mine, theirs in zip(merged.cells, group.cells, strict=True):
                    mine.merge(theirs)
        _check(exact)
        return merged

    def _line(self, keys: tuple[Any, ...], group: Group, currency: str | None, others: int = 0) -> Line:
        return Line(keys, group.rows, tuple(self._value(group, each) for each in self._metrics), currency, others)

    def _value(self, group: Group, metric: Metric) -> Value:
        if not metric.field:
            return group.rows
        return group.cells[[*self._fields].index(metric.field)].value(metric.function)


_Member = tuple[tuple[Hashable, ...], Group]


def _check(exact: Context) -> None:
    if exact.flags[Inexact]:
        raise InvalidArgumentsError([Problem("metrics", "there are numbers too long to be added up exactly")])


def _in_order(key: Iterable[Hashable]) -> list[tuple[int, Any]]:
    """Keys of any kind in an order: numbers, texts, nothing."""
    return [(2, 0) if each is None else (1, each) if isinstance(each, str) else (0, each) for each in key]


def _inside_lists(rows: Sequence[Row]) -> list[str]:
    """The fields of the entries of lists: `items.sku`."""
    found: dict[str, None] = {}
    for row in rows[:_SAMPLE]:
        for name, value in row.items():
            entry = value[0] if isinstance(value, list) and value else None
            found |= {f"{name}.{each}": None for each in entry} if isinstance(entry, dict) else {}
    return [*found]


def unknown_field(field: str, rows: Sequence[Row], record: type[Record] | None) -> str | None:
    """What to say where neither rows nor their declaration have a field: the nearest, and which there are."""
    if declared(record, field) is not None or any(has(row, field) for row in rows):
        return None
    known, columns = [*names(rows), *_inside_lists(rows)], record.view.columns if record else ()
    flags = {name for name in known if any(type(getter(name)(row)) is bool for row in rows)}
    # What people look at first comes first, yes-or-no fields last.
    known = sorted(known, key=lambda name: (name in flags, name not in columns))
    near = nearest(field, known)
    shown = ", ".join(known[:_NAMES]) + (", ..." if len(known) > _NAMES else "")
    return (f"did you mean {near}? " if near else "") + f"Fields: {shown or 'none'}"
