"""The rules of the wire: what a handler is given, what it answers, JSON with exact decimals, and errors.

Query strings are read in `filters.py`, bodies are checked in `shapes.py`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from sqlalchemy import Connection

BASE_PATH = "/external/api/v1"
LARGEST_ID = 2**63 - 1

_DECIMAL = re.compile(r"-?\d{1,14}(\.\d{1,8})?", re.ASCII)

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")

Errors = dict[str, list[str]]


class WireError(Exception):
    """An error answer: a status and a Laravel-style JSON body."""

    def __init__(self, status: int, message: str, errors: Errors | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors

    def answer(self) -> "Answer":
        """The answer that tells the client."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = self.errors
        return Answer(body, self.status)


def not_found(what: str) -> WireError:
    """404: there is no such `what`."""
    return WireError(404, f"{what} not found.")


def conflict(message: str) -> WireError:
    """409: the record's state does not allow it."""
    return WireError(409, message)


def invalid(errors: Errors | Mapping[str, str]) -> WireError:
    """422: what is wrong, by field path."""
    listed: Errors = {path: [said] if isinstance(said, str) else said for path, said in errors.items()}
    messages = [message for said in listed.values() for message in said]
    more = len(messages) - 1
    rest = f" (and {more} more error{'s' if more > 1 else ''})" if more else ""
    return WireError(422, messages[0] + rest, listed)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers: a JSON body, or with `content` the bytes of a file."""

    body: Any = None
    status: int = 200
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        """The bytes that go out; none for an answer without a body."""
        if self.content is not None:
            return self.content
        return b"" if self.body is None else _encoder.encode(self.body)


def data(value: Any, status: int = 200) -> Answer:
    """A record or a list in the `data` envelope."""
    return Answer({"data": value}, status)


def created(value: Any) -> Answer:
    """201 with the new record."""
    return data(value, 201)


def done(message: str) -> Answer:
    """200 with nothing but a sentence."""
    return Answer({"message": message})


NO_CONTENT = Answer(status=204)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in a multipart body."""

    file_name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request inside its transaction: everything a handler may look at."""

    connection: Connection
    now: datetime
    today: date
    """The closing day of the books: what "today" means in reports."""
    path: Mapping[str, str]
    query: list[tuple[str, str]]
    body: bytes = b""
    files: Mapping[str, Upload] = field(default_factory=dict)
    multipart: bool = False

    def id(self, name: str, what: str) -> int:
        """An id out of the path; 404 when it cannot be one."""
        number = as_id(self.path[name])
        if number is None:
            raise not_found(what)
        return number

    def argument(self, name: str) -> str | None:
        """A plain query parameter, `name[eq]` being another spelling; the last one counts when it is repeated."""
        return next((value for key, value in reversed(self.query) if key in {name, f"{name}[eq]"}), None)

    def json(self) -> dict[str, Any]:
        """The body as an object; no body at all counts as an empty one."""
        if not self.body.strip():
            return {}
        try:
            value = _decoder.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise WireError(400, "The request body is not valid JSON.") from error
        if not isinstance(value, dict):
            raise WireError(422, "The request body must be a JSON object.", {})
        return value


def as_id(text: str) -> int | None:
    """The id a piece of text spells, or None."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > LARGEST_ID:
        return None
    return int(text)


def as_decimal(text: str) -> Decimal | None:
    """The plain decimal a piece of text spells, without exponent, or None."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def as_date(text: str) -> date | None:
    """The day a piece of text spells as YYYY-MM-DD, or None."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def query_pairs(raw: bytes) -> list[tuple[str, str]]:
    """The decoded pairs of a query string in order, `?field[set]` among them."""
    return parse_qsl(raw.decode("latin-1"), keep_blank_values=True)


Handler = Callable[[Call], Answer]


class Routes:
    """The operations of one resource group, by path and method."""

    def __init__(self) -> None:
        self.handlers: dict[tuple[str, str], Handler] = {}

    def _route(self, method: str, path: str) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.handlers[path, method] = handler
            return handler

        return add

    def get(self, path: str) -> Callable[[Handler], Handler]:
        """Serve GET on the path."""
        return self._route("GET", path)

    def post(self, path: str) -> Callable[[Handler], Handler]:
        """Serve POST on the path."""
        return self._route("POST", path)

    def put(self, path: str) -> Callable[[Handler], Handler]:
        """Serve PUT on the path."""
        return self._route("PUT", path)

    def patch(self, path: str) -> Callable[[Handler], Handler]:
        """Serve PATCH on the path."""
        return self._route("PATCH", path)

    def delete(self, path: str) -> Callable[[Handler], Handler]:
        """Serve DELETE on the path."""
        return self._route("DELETE", path)
