"""The fields that rows are grouped and added up by: how they are written, looked up and declared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal, get_args, get_origin

from schemas.common import Midnight, Money, Quantity, Record, UnitPrice
from tools.arguments import Problem
from tools.workflows.books import Row

Key = str | int | Decimal | None
"""A value that groups are told apart by; None where a row has nothing there."""

UNITS = ("day", "week", "month", "quarter", "year")
FUNCTIONS = ("count", "sum", "avg", "min", "max")

_LENGTH = 200
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}(?:\.[A-Za-z0-9_]{1,100}){0,5}")
_CALLED = re.compile(r"(?P<function>[A-Za-z]+)\(\s*(?P<field>[A-Za-z0-9_.]+)\s*\)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]{5,20}(?:Z|[+-][0-9:]{2,6})?)?")


class Kind(StrEnum):
    """What a field of a record is declared to hold."""

    MONEY = "money"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    OTHER = "other"


@dataclass(frozen=True)
class GroupKey:
    """A field to group by. unit: its dates by day, week, month, quarter or year."""

    text: str
    field: str
    unit: str = ""

    @classmethod
    def parse(cls, text: str, problems: list[Problem]) -> GroupKey:
        """Read `field` or `field:unit`; what is wrong with it goes to `problems`."""
        field, colon, unit = text.strip().partition(":")
        if not _FIELD.fullmatch(field):
            problems.append(Problem("group_by", "must be names of fields, such as vendor_name or due_date:month"))
        elif colon and unit not in UNITS:
            problems.append(Problem("group_by", f"{field}: dates are grouped by {', '.join(UNITS)}"))
        return cls(text.strip(), field, unit)

    def reader(self) -> Callable[[Row], Hashable]:
        """A function that gives a row's key."""
        get, unit = getter(self.field), self.unit
        if unit:
            return lambda row: period(value, unit) if type(value := get(row)) is str else key_of(value)
        return lambda row: value if type(value := get(row)) is str and len(value) <= _LENGTH else key_of(value)


@dataclass(frozen=True)
class Metric:
    """A figure of a group: how many rows, or what a function makes of a field."""

    text: str
    function: str
    field: str = ""

    @classmethod
    def parse(cls, text: str, problems: list[Problem]) -> Metric:
        """Read `count` or `function:field`, also `sum(field)` and `field:sum`; what is wrong goes to `problems`."""
        plain = text.strip()
        if called := _CALLED.fullmatch(plain):
            plain = f"{called['function'].lower()}:{called['field']}"
        function, colon, field = plain.partition(":")
        if field in FUNCTIONS and function not in FUNCTIONS:
            function, field = field, function
        if function == "count":
            if colon:
                problems.append(Problem("metrics", "count takes no field: it counts rows"))
            return cls("count", function)
        if function not in FUNCTIONS or not _FIELD.fullmatch(field):
            said = "must be count, sum:field, avg:field, min:field or max:field"
            problems.append(Problem("metrics", f"{plain[:80]!r}: {said}"))
        return cls(f"{function}:{field}", function, field)


def getter(field: str) -> Callable[[Row], Any]:
    """A function that gives a row's value of a field. A dotted one looks into nested objects."""
    if "." not in field:
        return lambda row: row.get(field)
    parts = field.split(".")

    def nested(row: Row) -> Any:
        value: Any = row
        if field in row:
            return row[field]
        for part in parts:
            if not isinstance(value, Mapping):
                return None
            value = value.get(part)
        return value

    return nested


def has(row: Row, field: str) -> bool:
    """Whether a row has a field, be it null."""
    if field in row:
        return True
    head, _, rest = field.partition(".")
    inner = row.get(head)
    return bool(rest) and isinstance(inner, Mapping) and has(inner, rest)


def names(rows: Iterable[Row]) -> list[str]:
    """The fields that rows have, also those of objects in them, in the order of their appearance."""
    found: dict[str, None] = {}
    for row in rows:
        for name, value in row.items():
            inner = [f"{name}.{each}" for each in value] if isinstance(value, Mapping) else [name]
            found.update(dict.fromkeys(inner))
    return [name for name in found if _FIELD.fullmatch(name)]


def declared(record: type[Record] | None, field: str) -> Kind | None:
    """What a record declares a field to hold, None where it does not know the field."""
    head, _, rest = field.partition(".")
    info = record.model_fields.get(head) if record else None
    if info is None:
        return None
    kinds = get_args(info.annotation) or (info.annotation,)
    if rest:
        inner = next((each for each in kinds if isinstance(each, type) and issubclass(each, Record)), None)
        return declared(inner, rest)
    return _kind(kinds)


def _kind(kinds: Sequence[Any]) -> Kind:
    if Money in kinds or (UnitPrice in kinds and Quantity not in kinds):
        return Kind.MONEY
    plain = {get_args(each)[0] if get_origin(each) is not None and get_args(each) else each for each in kinds}
    if Midnight in kinds or plain & {dt.date, dt.datetime}:
        return Kind.DATE
    if plain & {Decimal, int, float}:
        return Kind.NUMBER
    return Kind.TEXT if str in plain or any(get_origin(each) is Literal for each in kinds) else Kind.OTHER


def is_number(value: object) -> bool:
    """Whether a value is an exact number."""
    return type(value) is Decimal or type(value) is int


def is_date(value: object) -> bool:
    """Whether a value is a day or a moment as the API writes it."""
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


@lru_cache(maxsize=8192)
def period(value: str, unit: str) -> str:
    """The day, ISO week, month, quarter or year of a date, and any other text as it is."""
    try:
        day = dt.date.fromisoformat(value[:10]) if is_date(value) else None
    except ValueError:
        day = None
    if day is None:
        return _bounded(value)
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    if unit == "quarter":
        return f"{day.year:04d}-Q{(day.month + 2) // 3}"
    return value[: {"day": 10, "month": 7, "year": 4}[unit]]


def key_of(value: object) -> Key:
    """A value as a key: lists joined, objects by their name and id, long texts bounded but still told apart."""
    if value is None or type(value) is int or type(value) is Decimal:
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return _bounded(", ".join(str(key_of(each)) for each in value if each is not None))
    if isinstance(value, Mapping):
        name = next((value[each] for each in ("code", "name", "full_name") if value.get(each)), None)
        number = value.get("id")
        if name is None and number is None:
            return _bounded(", ".join(f"{each} {key_of(inner)}" for each, inner in value.items()))
        return _bounded(str(name if number is None else number if name is None else f"{name} ({number})"))
    return _bounded(str(value))


def currency_of(value: object) -> str | None:
    """The currency that a row names, as a code or as an object that has one."""
    if isinstance(value, Mapping):
        value = value.get("code") or value.get("name") or value.get("id")
    return _bounded(str(value)) if value not in (None, "") else None


def _bounded(text: str) -> str:
    if len(text) <= _LENGTH:
        return text
    mark = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{text[: _LENGTH - 10]}…{mark}"
