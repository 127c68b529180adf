"""What a request body must look like. A `Shape` reads an object and reports every fault by its exact path."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from server.sandbox.wire import LARGEST_ID, Errors, as_date, as_decimal, as_id, invalid

COMPUTED = frozenset(
    {"id", "order_cost", "total_cost", "total_paid", "total_due", "line_total", "created_at", "updated_at"}
)
"""What a client of Luminous may not send of a record. It leaves these out of an answer that it sends back, and nothing
else: whatever more there is to read only is ignored, and so are these in lines."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class Fault(ValueError):
    """What is wrong with one value; `{name}` in it stands for the field's path."""


class Reader(Protocol):
    """Reads a value that was sent and is not null."""

    def read(self, value: Any, path: str, errors: Errors) -> Any:
        """The value as it is stored. Raises Fault, or adds to `errors` what is wrong below `path`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string of limited length."""

    max_length: int = 255
    min_length: int = 0
    email: bool = False

    def read(self, value: Any, path: str, errors: Errors) -> str:
        """The string, with surrounding blanks removed."""
        if not isinstance(value, str):
            raise Fault("The {name} must be a string.")
        text = value.strip()
        if len(text) > self.max_length:
            raise Fault(f"The {{name}} may not be longer than {self.max_length} characters.")
        if len(text) < self.min_length:
            raise Fault(f"The {{name}} must be at least {self.min_length} characters.")
        if self.email and not _EMAIL.fullmatch(text):
            raise Fault("The {name} must be a valid email address.")
        return text


@dataclass(frozen=True, slots=True)
class Secret:
    """A password: its blanks count."""

    min_length: int
    max_length: int

    def read(self, value: Any, path: str, errors: Errors) -> str:
        """The string as it was sent."""
        if not isinstance(value, str):
            raise Fault("The {name} must be a string.")
        if not self.min_length <= len(value) <= self.max_length:
            raise Fault(f"The {{name}} must be between {self.min_length} and {self.max_length} characters.")
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few strings."""

    allowed: Sequence[str]

    def read(self, value: Any, path: str, errors: Errors) -> str:
        """The string."""
        if not isinstance(value, str) or value not in self.allowed:
            raise Fault(f"The {{name}} must be one of {', '.join(self.allowed)}.")
        return value


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer; digits in a string count as one."""

    minimum: int = 0
    maximum: int = LARGEST_ID

    def read(self, value: Any, path: str, errors: Errors) -> int:
        """The integer."""
        number = as_id(value) if isinstance(value, str) else value
        if not isinstance(number, int) or isinstance(number, bool):
            raise Fault("The {name} must be an integer.")
        if not self.minimum <= number <= self.maximum:
            raise Fault(f"The {{name}} must be between {self.minimum} and {self.maximum}.")
        return number


@dataclass(frozen=True, slots=True)
class Number:
    """An exact decimal of at most `places` decimals, between `minimum` (or above it) and `maximum`."""

    places: int = 2
    minimum: Decimal | None = Decimal(0)
    above: bool = False
    maximum: Decimal = Decimal("999999999.99")

    def read(self, value: Any, path: str, errors: Errors) -> Decimal:
        """The decimal, with exactly `places` decimals."""
        number = _as_decimal(value)
        if number is None or number.copy_abs() > self.maximum:
            raise Fault(f"The {{name}} must be a number up to {self.maximum}.")
        if self.minimum is not None and (number <= self.minimum if self.above else number < self.minimum):
            raise Fault(f"The {{name}} must be {'greater than' if self.above else 'at least'} {self.minimum}.")
        stored = number.quantize(Decimal(1).scaleb(-self.places))
        if stored != number:
            raise Fault(f"The {{name}} may have at most {self.places} decimals.")
        return stored


def _as_decimal(value: Any) -> Decimal | None:
    if isinstance(value, str):
        return as_decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


@dataclass(frozen=True, slots=True)
class Day:
    """A date written YYYY-MM-DD."""

    def read(self, value: Any, path: str, errors: Errors) -> date:
        """The date."""
        day = as_date(value) if isinstance(value, str) else None
        if day is None or not 1900 <= day.year <= 2200:
            raise Fault("The {name} must be a real date (YYYY-MM-DD).")
        return day


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean."""

    def read(self, value: Any, path: str, errors: Errors) -> bool:
        """True or False; 1 and 0 are taken for them."""
        if value not in (True, False):
            raise Fault("The {name} must be true or false.")
        return bool(value)


@dataclass(frozen=True, slots=True)
class Free:
    """An object whose keys are the client's own."""

    def read(self, value: Any, path: str, errors: Errors) -> dict[str, Any]:
        """The object, with exact decimals as strings: it is kept as JSON."""
        if not isinstance(value, dict):
            raise Fault("The {name} must be an object.")
        kept: dict[str, Any] = _storable(value)
        return kept


@dataclass(frozen=True, slots=True)
class Anything:
    """A value of any kind."""

    def read(self, value: Any, path: str, errors: Errors) -> Any:
        """The value, with exact decimals as strings: it is kept as JSON."""
        return _storable(value)


def _storable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True)
class Many:
    """An array of one kind of value."""

    each: Reader
    minimum: int = 0
    maximum: int = 500

    def read(self, value: Any, path: str, errors: Errors) -> list[Any]:
        """The values; each fault is reported at its index."""
        if not isinstance(value, list):
            raise Fault("The {name} must be an array.")
        if not self.minimum <= len(value) <= self.maximum:
            raise Fault(f"The {{name}} must have {self.minimum} to {self.maximum} entries.")
        return [_read(self.each, inner, f"{path}.{index}", errors) for index, inner in enumerate(value)]


def _read(reader: Reader, value: Any, path: str, errors: Errors) -> Any:
    try:
        return reader.read(value, path, errors)
    except Fault as fault:
        errors.setdefault(path, []).append(str(fault).replace("{name}", path))
        return None


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a shape: how it is read, whether it must be there, whether it may be null."""

    reader: Reader
    required: bool = False
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """An object with known keys. Unknown keys are ignored; `computed` ones are refused."""

    keys: Mapping[str, Key]
    computed: frozenset[str] = frozenset()

    def read(self, value: Any, path: str, errors: Errors, *, partial: bool = False) -> dict[str, Any]:
        """The keys that were sent; with `partial` none has to be."""
        if not isinstance(value, dict):
            raise Fault("The {name} must be an object.")
        for name in sorted(self.computed & value.keys()):
            errors[_join(path, name)] = [f"The {_join(path, name)} is computed and cannot be sent."]
        return {
            name: self._value(key, value.get(name), _join(path, name), errors)
            for name, key in self.keys.items()
            if name in value or (key.required and not partial)
        }

    def _value(self, key: Key, value: Any, path: str, errors: Errors) -> Any:
        if value is None or (isinstance(value, str) and not value.strip()):
            if key.required:
                errors[path] = [f"The {path} is required."]
            elif not key.nullable:
                errors[path] = [f"The {path} may not be empty."]
            return None
        return _read(key.reader, value, path, errors)

    def check(self, body: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
        """Read a whole body. Raises 422 with every fault."""
        errors: Errors = {}
        values = self.read(body, "", errors, partial=partial)
        if errors:
            raise invalid(errors)
        return values


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def required(reader: Reader) -> Key:
    """A key that must be there and not be empty."""
    return Key(reader, required=True, nullable=False)


def optional(reader: Reader, *, nullable: bool = True) -> Key:
    """A key that may be left out."""
    return Key(reader, nullable=nullable)
