"""Whether rows fit the filters they were asked for with: which filters a list takes is mostly not documented."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from operator import ge, gt, le, lt
from typing import Any

from tools.workflows.books import Row

_KEY = re.compile(r"(?P<field>[A-Za-z0-9_.]+)(?:\[(?P<op>[a-z]+)\])?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
_Check = Callable[[Any], bool]


class Filtered:
    """Lets through the rows that fit; those that certainly do not are counted by the filter's field.

    Only what is certain counts: equality and ranges of fields that the row shows. Capitals do not, nor does the time
    of a day.
    """

    def __init__(self, filters: Mapping[str, Any]) -> None:
        self.unfit: dict[str, int] = {}
        self._checks: list[tuple[str, _Check]] = []
        for key, value in filters.items():
            match = _KEY.fullmatch(str(key))
            check = _check(match["op"] or "eq", value) if match else None
            if match and check:
                self._checks.append((match["field"], check))

    def rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows that may fit."""
        return [row for row in rows if self._fits(row)] if self._checks else rows

    def _fits(self, row: Row) -> bool:
        for field, fits in self._checks:
            if field in row and not fits(row[field]):
                self.unfit[field] = self.unfit.get(field, 0) + 1
                return False
        return True


def _check(op: str, wanted: Any) -> _Check | None:
    """What a value must be for a filter, None for filters that are not checked here."""
    if op in ("eq", "in"):
        several = wanted if isinstance(wanted, list) else str(wanted).split(",") if op == "in" else [wanted]
        return lambda value: any(_is_same(value, each) for each in several)
    if op in _COMPARED and not isinstance(wanted, bool | list | dict):
        return lambda value: _is_within(value, str(wanted), _COMPARED[op])
    return None


def _is_same(value: Any, wanted: Any) -> bool:
    if isinstance(value, bool | list | dict) or isinstance(wanted, bool | list | dict):
        return True  # How the API compares these is not known.
    if value is None or wanted is None:
        return value is wanted
    number, other = _number(value), _number(wanted)
    if number is not None and other is not None:
        return number == other
    text, sought = str(value).casefold(), str(wanted).casefold()
    return text == sought or bool(_DATE.match(text) and text.startswith(sought[:10]))


def _is_within(value: Any, bound: str, compare: Callable[[Any, Any], bool]) -> bool:
    if value is None:
        return False
    number, other = _number(value), _number(bound)
    if number is not None and other is not None:
        return compare(number, other)
    if isinstance(value, str) and _DATE.match(value) and _DATE.match(bound):
        return value[:10] == bound[:10] or compare(value[:10], bound[:10])
    return True


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
