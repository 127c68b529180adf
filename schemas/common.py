"""The types that every toolset shares: ids, money, dates, argument and record base classes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, WithJsonSchema


class Evidence(StrEnum):
    """How a fact about the remote API is known. Also used as a marker on a single argument."""

    DOCUMENTED = "documented"
    """The vendor's own page says so."""
    CLIENT = "client"
    """The vendor's open-source client sends it so."""
    INFERRED = "inferred"
    """Read off sibling operations; the server may differ."""


class Mark(StrEnum):
    """How an argument travels, where the rule of the method (query on GET/DELETE, else body) does not hold."""

    LOCAL = "local"
    """Shapes the answer; never sent."""
    NULLABLE = "nullable"
    """Null is a value here: it clears the field. Elsewhere null means "left out"."""
    UNLISTED = "unlisted"
    """The same in many tools: taken everywhere, told in the server's instructions, not repeated in each schema."""
    FOLDED = "folded"
    """An object or lines that are seldom needed: hosts list the field without what is inside, describe_tool tells."""
    FILE = "file"
    """A file, sent as a part of a multipart body."""
    BODY = "body"
    """Travels in the body although the method is DELETE."""
    QUERY = "query"
    """Travels in the query although the method has a body."""
    FILTERS = "filters"
    """A mapping whose entries become query parameters as they are written."""


# Floats reach us only as JSON numbers, already parsed by the protocol layer. Their shortest text is the text
# that was sent as long as it has at most 15 significant digits; beyond that the number was altered on its way.
_EXACT_FLOAT_DIGITS = 15
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]+)?")


def _decimal(value: object, places: int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("must be a number, such as 120.50")
    text = repr(value) if isinstance(value, float) else str(value).strip()
    if not _NUMBER.fullmatch(text):
        raise ValueError("must be a plain number of at most 15 digits, such as 120.50")
    number = Decimal(text)
    decimals = text.partition(".")[2].rstrip("0")
    if len(decimals) > places:
        raise ValueError(f"has more than {places} decimals")
    if isinstance(value, float) and len(text.strip("+-").replace(".", "").strip("0")) > _EXACT_FLOAT_DIGITS:
        raise ValueError("has too many digits for a JSON number; send it as a string")
    return number.quantize(Decimal(1).scaleb(-places)) if places <= 2 else number


def _money(value: object) -> Decimal:
    return _decimal(value, 2)


# Two functions for one rule: types are told apart by what they are made of.
def _unit_price(value: object) -> Decimal:
    return _decimal(value, 4)


def _quantity(value: object) -> Decimal:
    return _decimal(value, 4)


Money = Annotated[Decimal, BeforeValidator(_money), WithJsonSchema({"type": "number"})]
"""An amount in the record's currency, at most 2 decimals. Exact: Decimal from the wire to the text."""

UnitPrice = Annotated[Decimal, BeforeValidator(_unit_price), WithJsonSchema({"type": "number"})]
"""A price or cost per unit in the record's currency, at most 4 decimals."""

Quantity = Annotated[Decimal, BeforeValidator(_quantity), WithJsonSchema({"type": "number"})]
"""A number of units, at most 4 decimals."""


def _number(value: object) -> Decimal:
    return _decimal(value, 15)


Number = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
"""A number of which no more is known. Exact."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _date(value: object) -> object:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise ValueError("is no day of the calendar") from None
    if type(value) is dt.date:
        return value
    raise ValueError("must be a date, YYYY-MM-DD")


Date = Annotated[dt.date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
"""A calendar day without zone, `YYYY-MM-DD`."""

Midnight = Annotated[dt.date, WithJsonSchema({"type": "string", "format": "date-time"})]
"""A calendar day that the API answers as its first moment, `2026-11-20T00:00:00Z`."""

_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?")


def _moment(value: object) -> str:
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("must be a date or a time, YYYY-MM-DD or YYYY-MM-DD HH:mm:ss")
    try:
        moment = dt.datetime.fromisoformat(f"{match[1]} {match[2] or '00:00:00'}")
    except ValueError:
        raise ValueError("is no moment of the calendar") from None
    return moment.isoformat(" ", "seconds") if match[2] else match[1]


Moment = Annotated[str, BeforeValidator(_moment), WithJsonSchema({"type": "string"})]
"""A point in time as the API's filters spell it, `YYYY-MM-DD HH:mm:ss` (zone of the company); a bare day passes."""


def _id(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


# Where a bound is checked here but not shown in the schema, the schema stays small and the error names the bound.
Id = Annotated[int, BeforeValidator(_id), Field(ge=1, le=2**63 - 1, strict=True), WithJsonSchema({"type": "integer"})]
"""The number of a record. Digits as text are taken too: some answers give ids that way."""


Count = Annotated[int, Field(ge=0, strict=True), WithJsonSchema({"type": "integer"})]
"""A whole number, zero or more."""


def _text_id(value: object) -> str:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdigit():
        raise ValueError("must be the number of a record, digits only")
    return text


TextId = Annotated[str, BeforeValidator(_text_id), WithJsonSchema({"type": "string"})]
"""The number of a record where the API documents it as a string; a JSON number is taken too."""

_TEXT = WithJsonSchema({"type": "string"})
ShortText = Annotated[str, Field(max_length=255), _TEXT]
LongText = Annotated[str, Field(max_length=1000), _TEXT]
Email = Annotated[
    str,
    Field(max_length=255, pattern=r"^[^@\s]+@[^@\s]+$"),
    WithJsonSchema({"type": "string", "format": "email"}),
]
Password = Annotated[SecretStr, Field(min_length=8, max_length=255), WithJsonSchema({"type": "string", "minLength": 8})]
"""A password of 8 to 255 characters. It is sent, and masked everywhere else."""

CustomFields = Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]
"""Custom field values by field name."""


class Arguments(BaseModel):
    """Arguments of one operation, flat and in snake_case; `serialization_alias` carries another wire spelling.

    Models are built when first used: a server that lists its tools needs none of them.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True, frozen=True, validate_default=False)

    def caveat(self, today: dt.date) -> str:
        """What somebody could take the answer for and what it is not; mostly nothing."""
        return ""


class Nested(BaseModel):
    """An object inside the arguments (a line, an address)."""

    model_config = ConfigDict(extra="forbid", defer_build=True, frozen=True)


class View:
    """Which fields of a record a person looks at first, and what can be added up.

    columns: shown in lists, in this order; `items.sku` looks into a list. sums: money columns added up per currency.
    quantities: columns of units that can be added up. counts: columns whose values are counted. entries: lists inside a
    record whose entries are shown where few records are. currency: the field that says the currency of the amounts,
    `orders.currency` where it stands in an object or a list inside. within: where amounts are in the currency of
    another record, the field with its id; only rows of the same one are added up. newest: the date by which a list that
    comes whole is shown, the newest first. hidden: fields that are not shown, since they mislead. Money is told by the
    field's type.
    """

    def __init__(
        self,
        *columns: str,
        sums: tuple[str, ...] = (),
        quantities: tuple[str, ...] = (),
        counts: tuple[str, ...] = (),
        entries: tuple[str, ...] = (),
        currency: str = "currency",
        within: str = "",
        newest: str = "",
        hidden: tuple[str, ...] = (),
    ) -> None:
        self.columns = columns
        self.sums = sums
        self.quantities = quantities
        self.counts = counts
        self.entries = entries
        self.currency = currency
        self.within = within
        self.newest = newest
        self.hidden = hidden

    def currency_of(self, row: Mapping[str, Any]) -> Any:
        """The currency that a row names; None where it names none, or the entries of a list inside it disagree."""
        whole, dot, part = self.currency.partition(".")
        if self.currency in row or not dot:
            return row.get(self.currency)
        inside = row.get(whole)
        entries = inside if isinstance(inside, list) else [inside]
        found = {each.get(part) for each in entries if isinstance(each, dict) and isinstance(each.get(part), str)}
        return found.pop() if len(found) == 1 else None


class Record(BaseModel):
    """A record as the API answers it. Fields are what is known; the API may answer with fewer or with more."""

    model_config = ConfigDict(extra="allow", defer_build=True)
    view: ClassVar[View] = View()


class File(Record):
    """Marks an operation that answers with a file's bytes, whatever their type."""


R = TypeVar("R", bound=Record)


class Page(Generic[R]):
    """Marks an operation that answers with a list of `R`, in pages where the API has pages."""
