"""Lists: `field[op]=value` filters, `sort`, pages, and the `data`/`meta` answer."""

import operator as operators
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, false, func, literal_column, not_
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import Boolean, Date, Integer, TypeEngine

from server.sandbox.rows import Record, records
from server.sandbox.tables.base import Instant, Scaled
from server.sandbox.wire import Answer, Call, as_date, as_decimal, invalid

Condition = ColumnElement[bool]

DEFAULT_PER_PAGE = 10
LARGEST_PER_PAGE = 100
LARGEST_PAGE = 10**9

_EQUALITY = {"eq", "neq", "set", "notset"}
_ORDER = {"gt", "gte", "lt", "lte"}
_LISTS = {"in", "notin"}
_TEXT = {"contains", "notcontains"}
OPERATORS = _EQUALITY | _ORDER | _LISTS | _TEXT

NEGATED = {"neq": "eq", "notset": "set", "notcontains": "contains", "notin": "in"}
"""Operators that match exactly the rows their counterpart does not, empty values among them."""

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){0,2})")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0{1,6})?)?Z?$", re.ASCII)
"""What follows the day where an answer shows a date as a date-time."""

_PAGING = {"page", "per_page", "limit", "sort"}


_COMPARISONS: dict[str, Callable[[Any, Any], Condition]] = {
    "eq": operators.eq,
    "gt": operators.gt,
    "gte": operators.ge,
    "lt": operators.lt,
    "lte": operators.le,
}


class BadValue(ValueError):
    """A filter value that its field cannot be compared with."""


@dataclass(frozen=True)
class Kind:
    """A type of field: the operators it takes and how its values are written."""

    name: str
    operators: frozenset[str]
    read: Callable[[str], Any]


@dataclass(frozen=True)
class Field:
    """A field that a list can be filtered and sorted by."""

    column: ColumnElement[Any]
    kind: Kind
    among: Callable[[Condition], Condition] | None = None
    """For a field with many values per row: turns "this value matches" into "one of the values matches"."""
    sorted_by: ColumnElement[Any] | None = None
    """For a field with many values per row: the one that the list is sorted by."""


def _split(key: str) -> tuple[str, str]:
    """Field and operator of a query key; `custom_fields[Name]` is another spelling of `custom_fields.Name`."""
    parts = _KEY.fullmatch(key)
    if not parts:
        return key, "eq"
    name, brackets = parts[1], parts[2][1:-1].split("][") if parts[2] else []
    if name == "custom_fields" and brackets:
        name = f"{name}.{brackets.pop(0)}"
    return name, "][".join(brackets) if brackets else "eq"


def _read_number(text: str) -> Decimal:
    number = as_decimal(text)
    if number is None:
        raise BadValue("must be a number")
    return number


def _read_date(text: str) -> date:
    day = as_date(_MIDNIGHT.sub("", text))
    if day is None:
        raise BadValue("must be a date (YYYY-MM-DD)")
    return day


def _read_instant(text: str) -> datetime:
    try:
        if not _INSTANT.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadValue("must be a date and time (YYYY-MM-DD HH:mm:ss)") from error


def _read_flag(text: str) -> bool:
    known = {"1": True, "true": True, "0": False, "false": False}
    if text not in known:
        raise BadValue("must be true or false")
    return known[text]


TEXT = Kind("text", frozenset(_EQUALITY | _LISTS | _TEXT), str)
NUMBER = Kind("number", frozenset(_EQUALITY | _ORDER | _LISTS), _read_number)
DATE = Kind("date", frozenset(_EQUALITY | _ORDER), _read_date)
INSTANT = Kind("date-time", frozenset(_EQUALITY | _ORDER), _read_instant)
FLAG = Kind("boolean", frozenset(_EQUALITY), _read_flag)


def field(column: ColumnElement[Any], among: Callable[[Condition], Condition] | None = None) -> Field:
    """A field of the kind its column has."""
    return Field(column, _kind_of(column.type), among)


def fields(columns: ReadOnlyColumnCollection[str, Any], *names: str) -> dict[str, Field]:
    """Fields that are called on the wire as their columns are."""
    return {name: field(columns[name]) for name in names}


def _kind_of(type_: TypeEngine[Any]) -> Kind:
    if isinstance(type_, Scaled | Integer):
        return NUMBER
    if isinstance(type_, Instant):
        return INSTANT
    if isinstance(type_, Date):
        return DATE
    return FLAG if isinstance(type_, Boolean) else TEXT


def _between(column: ColumnElement[Any], operator: str, value: Decimal) -> Condition | None:
    """The comparison with a value finer than the column stores; None when the column can hold the value."""
    step = Decimal(1).scaleb(-column.type.places if isinstance(column.type, Scaled) else 0)
    floor = value.quantize(step, rounding=ROUND_FLOOR)
    if floor == value:
        return None
    if operator in {"gt", "gte"}:
        return _COMPARISONS["gte"](column, value.quantize(step, rounding=ROUND_CEILING))
    return _COMPARISONS["lte"](column, floor) if operator in {"lt", "lte"} else false()


def _sorting(target: Field | None) -> ColumnElement[Any] | None:
    """What a field is sorted by; None for one that is unknown or has many values per row."""
    if target is None or target.among is None:
        return None if target is None else target.column
    return target.sorted_by


def _compare(column: ColumnElement[Any], operator: str, value: Any) -> Condition:
    if isinstance(value, Decimal):
        if (between := _between(column, operator, value)) is not None:
            return between
        value = value if isinstance(column.type, Scaled) else int(value)
    if operator == "contains":
        return func.instr(column, value) > 0  # LIKE would ignore case
    return _COMPARISONS[operator](column, value)


def _one_of(target: Field, text: str) -> Condition:
    values = [target.kind.read(part.strip()) for part in text.split(",")]
    if target.kind is NUMBER:
        exact = isinstance(target.column.type, Scaled)
        values = [v if exact else int(v) for v in values if _between(target.column, "eq", v) is None]
    return target.column.in_(values)


def _is_set(target: Field) -> Condition:
    present = target.column.is_not(None)
    return present & (target.column != "") if target.kind is TEXT else present


def condition(target: Field, operator: str, text: str) -> Condition:
    """The SQL of one filter. Raises BadValue."""
    positive = NEGATED.get(operator, operator)
    if operator == "neq" and target.among is None and target.kind in (TEXT, DATE):
        return target.column.is_distinct_from(target.kind.read(text))  # An index serves this, and not its general form.
    if positive == "set":
        matches = _is_set(target)
    elif positive == "in":
        matches = _one_of(target, text)
    else:
        matches = _compare(target.column, positive, target.kind.read(text))
    if target.among:
        matches = target.among(matches)
    return not_(func.coalesce(matches, literal_column("0"))) if operator in NEGATED else matches


Lookup = Callable[[str], Field | None]


@dataclass(frozen=True)
class Listing:
    """A list the API serves: its rows, the fields it can be narrowed by, and the id that settles ties."""

    rows: Select[Any]
    fields: Mapping[str, Field]
    key: ColumnElement[Any]
    more_fields: Lookup | None = None
    """Fields that are not known beforehand, such as custom ones."""
    parameters: frozenset[str] = frozenset()
    """Query parameters that are no filters; the handler reads them itself."""
    per_page: int = DEFAULT_PER_PAGE
    """Rows of a page unless told."""
    without_meta: frozenset[str] = frozenset()
    """What the documented `meta` of this list lacks, such as `last_page`."""

    def find(self, name: str) -> Field | None:
        """The field of that name on the wire."""
        return self.fields.get(name) or (self.more_fields(name) if self.more_fields else None)

    def where(self, query: Sequence[tuple[str, str]]) -> list[Condition]:
        """All filters of the query, to be combined with AND. Raises 422."""
        errors: dict[str, str] = {}
        conditions: list[Condition] = []
        for key, text in dict(query).items():  # a repeated key: the last one counts
            if key.removesuffix("[eq]") not in _PAGING | self.parameters:
                self._add(key, text, conditions, errors)
        if errors:
            raise invalid(errors)
        return conditions

    def _add(self, key: str, text: str, conditions: list[Condition], errors: dict[str, str]) -> None:
        name, operator = _split(key)
        target = self.find(name)
        if target is None:
            errors[name] = f"The field {name} cannot be filtered."
        elif operator not in OPERATORS:
            errors[name] = f"The filter operator {operator} is unknown."
        elif operator not in target.kind.operators:
            errors[name] = f"The filter operator {operator} does not apply to {name}, a {target.kind.name} field."
        else:
            try:
                conditions.append(condition(target, operator, text))
            except BadValue as problem:
                errors[name] = f"The value of {name} {problem}."

    def order(self, sort: str | None) -> list[ColumnElement[Any]]:
        """The ORDER BY of `field:asc` or `field:desc`, several separated by commas. Raises 422.

        Ties go by id, in the direction of the last field: an index then serves the whole order.
        """
        order: list[ColumnElement[Any]] = []
        direction = "asc"
        for part in (sort or "").split(",") if sort else []:
            name, _, direction = part.strip().partition(":")
            target = self.find(name)
            column = _sorting(target)
            if column is None:
                raise invalid({"sort": f"The list cannot be sorted by {name}."})
            if direction not in {"asc", "desc"}:
                raise invalid({"sort": "The sort must be given as field:asc or field:desc."})
            order.append(column.asc() if direction == "asc" else column.desc())
        return [*order, self.key.asc() if direction == "asc" else self.key.desc()]


def _whole(call: Call, name: str, default: int, largest: int) -> int:
    text = call.argument(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 1 <= int(text) <= largest):
        raise invalid({name: f"The {name} must be between 1 and {largest}."})
    return int(text)


def paging(call: Call, default: int = DEFAULT_PER_PAGE) -> tuple[int, int]:
    """Page number and rows per page; `limit` is another name of `per_page`. Raises 422."""
    limit = _whole(call, "limit", default, LARGEST_PER_PAGE)
    return _whole(call, "page", 1, LARGEST_PAGE), _whole(call, "per_page", limit, LARGEST_PER_PAGE)


Present = Callable[[Connection, Sequence[Record]], list[dict[str, Any]]]


def plain(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Rows as they are selected."""
    return list(rows)


def page(call: Call, listing: Listing, *where: Condition, present: Present = plain) -> Answer:
    """One page of the list, narrowed by the query and by `where`."""
    number, size = paging(call, listing.per_page)
    matching = listing.rows.where(*where, *listing.where(call.query))
    order = listing.order(call.argument("sort"))
    count = matching.with_only_columns(func.count(), maintain_column_froms=True)
    total = call.connection.execute(count).scalar_one()
    start = (number - 1) * size
    # The keys first: sorting and skipping whole rows takes several times as long.
    keys = matching.with_only_columns(listing.key, maintain_column_froms=True).order_by(*order)
    shown_keys = list(call.connection.execute(keys.limit(size).offset(start)).scalars())
    rows = records(call.connection, matching.where(listing.key.in_(shown_keys)).order_by(*order))
    meta = {
        "current_page": number,
        "from": start + 1 if rows else None,
        "last_page": max(1, -(-total // size)),
        "per_page": size,
        "to": start + len(rows) if rows else None,
        "total": total,
    }
    shown = {name: value for name, value in meta.items() if name not in listing.without_meta}
    return Answer({"data": present(call.connection, rows), "meta": shown})
