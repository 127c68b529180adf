"""Whether rows fit the filters of a list: which of them the API takes is mostly not documented."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from operator import ge, gt, le, lt
from typing import Any

from tools.workflows.books import Row

_KEY = re.compile(r"(?P<field>[^\[\]]+)(?:\[(?P<op>[a-z]+)\])?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
_TRUTH = {"1": True, "true": True, "0": False, "false": False}
_SHOWN = 5
_DAY = len("2026-11-20")
_OF_TEXT = ("contains", "notcontains", "set", "notset")

Check = Callable[[list[Any]], bool]
"""Whether what a row has under a field fits: one value, or those of the entries of a list inside it."""


class SentFilters:
    """Filters that the API was sent. Rows that certainly do not fit show that it does not filter by them.

    Only plain values that the row shows are certain. Capitals do not count, nor does the time of a day. filters:
    checked and as they are sent. unfit: by field, the rows that were left out. unseen: fields that no row
    showed, so that nothing could be checked.
    """

    def __init__(self, filters: Mapping[str, str]) -> None:
        self.unfit: Counter[str] = Counter()
        self.shown: dict[str, list[str]] = {}
        """By field, some values of the rows that were left out."""
        self.unseen = dict.fromkeys(map(field_of, filters))
        self._checks = [(field_of(key), _certain(key, value)) for key, value in filters.items()]

    def rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows that may fit."""
        for field in [*self.unseen]:
            if any(True for row in rows for _ in _values(row, field)):
                del self.unseen[field]
        return [row for row in rows if self._fits(row)] if self._checks else rows

    def _fits(self, row: Row) -> bool:
        for field, fits in self._checks:
            values = [row[field]] if field in row else [*_values(row, field)]
            if values and not fits(values):
                self.unfit[field] += 1
                shown = self.shown.setdefault(field, [])
                if len(shown) < _SHOWN and (text := str(values[0])[:40]) not in shown:
                    shown.append(text)
                return False
        return True


class OwnFilters:
    """Filters that the API does not take, so that they are only carried out here, with all operators.

    Capitals do not count. Of a list inside a row one entry has to fit, or with neq, notin and notcontains all.
    """

    def __init__(self, filters: Mapping[str, str]) -> None:
        self.fields = tuple(dict.fromkeys(map(field_of, filters)))
        self._filters = filters
        self._checks = [(field_of(key), _strict(key, value)) for key, value in filters.items()]

    def rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows that fit."""
        if not self._checks:
            return rows
        return [row for row in rows if all(fits([*_values(row, field)]) for field, fits in self._checks)]

    def misfits(self, rows: Sequence[Row]) -> Iterator[str]:
        """What is wrong with filters whose value is of another kind than those of the rows: nothing would fit it."""
        for key, wanted in self._filters.items():
            there = [value for row in rows for value in _values(row, field_of(key)) if value not in (None, "")]
            if not there or _operator(key) in _OF_TEXT:
                continue
            several = _several(wanted) if _operator(key) in ("in", "notin") else [wanted]
            if all(_number(value) is not None for value in there) and None in map(_number, several):
                yield f"{key}: {wanted[:40]!r} is no number, and all values there are, such as {there[0]}"
            elif all(_is_date(value) for value in there) and not all(map(_is_date, several)):
                yield f"{key}: {wanted[:40]!r} is no date; write YYYY-MM-DD"


def field_of(key: str) -> str:
    """The field of a filter such as `total_due[gt]`."""
    match = _KEY.fullmatch(key)
    return match["field"] if match else key


def _operator(key: str) -> str:
    match = _KEY.fullmatch(key)
    return (match["op"] if match else None) or "eq"


def _values(value: Any, field: str) -> Iterator[Any]:
    """What stands under a dotted name, in each entry of the lists on the way."""
    if isinstance(value, list):
        for entry in value:
            yield from _values(entry, field)
    elif not field:
        yield value
    elif isinstance(value, Mapping):
        if field in value:
            yield from _values(value[field], "")
            return
        head, _, rest = field.partition(".")
        yield from _values(value.get(head), rest) if rest else ()


def _certain(key: str, wanted: str) -> Check:
    """A check that only what certainly does not fit fails."""
    op = _operator(key)
    several = _several(wanted) if op in ("in", "notin") else [wanted]
    if op in ("eq", "in"):
        return lambda values: any(_may_be(value, each) for value in values for each in several)
    if op in ("neq", "notin"):
        return lambda values: not any(_is_exactly(value, each) for value in values for each in several)
    if op == "contains":
        return lambda values: any(not isinstance(value, str) or _contains(value, wanted) for value in values)
    if op == "notcontains":
        return lambda values: not any(isinstance(value, str) and wanted in value for value in values)
    if op in ("set", "notset"):
        return lambda values: any(value not in (None, "", [], {}) for value in values) is (op == "set")
    return lambda values: any(
        _is_same_day(value, wanted) or _is_within(value, wanted, op) is not False for value in values
    )


def _strict(key: str, wanted: str) -> Check:
    op = _operator(key)
    several = _several(wanted) if op in ("in", "notin") else [wanted]
    if op in ("eq", "in"):
        return lambda values: any(_is_same(value, each) for value in values for each in several)
    if op in ("neq", "notin"):
        return lambda values: not any(_is_same(value, each) for value in values for each in several)
    if op in ("contains", "notcontains"):
        return lambda values: any(_contains(value, wanted) for value in values) is (op == "contains")
    if op in ("set", "notset"):
        return lambda values: any(value not in (None, "") for value in values) is (op == "set")
    return lambda values: any(_is_within(value, wanted, op) for value in values)


def _several(wanted: str) -> list[str]:
    return [each.strip() for each in wanted.split(",")]


def _may_be(value: Any, wanted: str) -> bool:
    """Whether a value may be what was asked for: how the API compares what is no plain value is not known."""
    return isinstance(value, bool | list | dict) or _is_same(value, wanted) or _is_same_day(value, wanted)


def _is_exactly(value: Any, wanted: str) -> bool:
    """Whether a value is what was asked for, capitals and all."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return False
    number, other = _number(value), _number(wanted)
    return number == other if number is not None and other is not None else str(value) == wanted


def _is_same(value: Any, wanted: str) -> bool:
    if value is None or isinstance(value, list | dict):
        return False
    if isinstance(value, bool):
        return _TRUTH.get(wanted.casefold()) is value
    number, other = _number(value), _number(wanted)
    if number is not None and other is not None:
        return number == other
    text, sought = str(value).casefold(), wanted.casefold()
    return text == sought or (len(sought) == _DAY and _is_same_day(value, wanted))


def _is_same_day(value: Any, wanted: str) -> bool:
    return isinstance(value, str) and bool(_DATE.match(value)) and value[:10] == wanted[:10]


def _contains(value: Any, wanted: str) -> bool:
    return isinstance(value, str | int | Decimal) and wanted.casefold() in str(value).casefold()


def _is_within(value: Any, bound: str, op: str) -> bool | None:
    """Whether a value is within a bound; None where the two cannot be compared. A bound without a time is a day."""
    if value is None:
        return False
    number, other = _number(value), _number(bound)
    if number is not None and other is not None:
        return _COMPARED[op](number, other)
    moment, limit = _moment(value), _moment(bound)
    if moment is None or limit is None:
        return None
    if len(bound) == _DAY:
        return _COMPARED[op](moment.date(), limit.date())
    return _COMPARED[op](moment, limit)


def _moment(value: Any) -> dt.datetime | None:
    """A day or a moment as the API writes it; without a zone it is UTC, as the API's are."""
    if not isinstance(value, str) or not _DATE.match(value):
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _is_date(value: Any) -> bool:
    return _moment(value) is not None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
