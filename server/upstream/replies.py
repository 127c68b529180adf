"""What an HTTP answer means: data, a file, or an error of the small tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from server.text import clean
from server.upstream.errors import (
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    OutcomeUnknownError,
    UnavailableError,
    UpstreamError,
)
from tools.request import MASK

if TYPE_CHECKING:
    import msgspec

_MESSAGE_LENGTH = 300
_MAX_FIELDS = 20


@dataclass(frozen=True)
class Reply:
    """What the API answered. data: parsed JSON with exact Decimals, None for an empty body. content: a file's bytes."""

    status: int
    data: Any = None
    content: bytes | None = None
    content_type: str = ""
    file_name: str = ""


def lost(read: bool, text: str, *, advice: str | None = None) -> UpstreamError:
    """No usable answer: harmless for a read, an open question for a write."""
    if read:
        return UnavailableError(text, advice=advice)
    return OutcomeUnknownError(f"{text} Whether the change was made is not known.")


def _revealed(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


@cache
def _encoder() -> msgspec.json.Encoder:
    import msgspec

    return msgspec.json.Encoder(decimal_format="number", enc_hook=_revealed)


@cache
def _decoder() -> msgspec.json.Decoder[Any]:
    import msgspec

    return msgspec.json.Decoder(float_hook=Decimal)


def encode(body: Mapping[str, Any]) -> bytes:
    """A body as JSON: Decimals as exact number literals, dates as ISO text, secrets revealed."""
    return _encoder().encode(body)


def decode(content: bytes) -> Any:
    """JSON with exact Decimals. Raises ValueError when it is none."""
    import msgspec

    try:
        return _decoder().decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation) as error:
        raise ValueError("not JSON") from error


def parsed(status: int, headers: Mapping[str, str], content: bytes, read: bool, *, file: bool = False) -> Reply:
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if not content.strip():
        return Reply(status, content_type=kind)
    if kind == "application/json" or kind.endswith("+json") or not kind:
        try:
            return Reply(status, decode(content), content_type=kind)
        except ValueError:
            raise lost(read, "The answer is cut off or is no JSON.") from None
    if kind == "text/html" and not file:
        text = "The answer is a web page, not data: the address is not that of the API, or something stands before it."
        raise lost(read, text)
    return Reply(status, content=content, content_type=kind, file_name=_file_name(headers))


def _file_name(headers: Mapping[str, str]) -> str:
    """The name that a download was given, without any folder."""
    from email.message import Message

    message = Message()
    message["Content-Disposition"] = headers.get("content-disposition", "")
    return clean((message.get_filename() or "").replace("\\", "/").rsplit("/", 1)[-1], 120)


def refusal(who: str, status: int, content: bytes, secrets: Sequence[str]) -> UpstreamError:
    """The error that a status of 400 to 499 stands for. `secrets` are masked in what the API says."""
    message, fields = _laravel(content, secrets)
    said = f'{who} says: "{message}"' if message else ""
    match status:
        case 401:
            return AuthenticationError(f"{who} does not accept the API key (401).")
        case 402:
            return ForbiddenError(
                f"{who} asks for an active subscription (402).",
                advice="Ask the user to renew it; do not retry.",
                said=said,
            )
        case 403:
            return ForbiddenError(f"{who} does not allow this (403).", said=said)
        case 404:
            return NotFoundError(f"{who} has no such record (404).", said=said)
        case 409:
            return ConflictError("The record's state does not allow this (409).", said=said)
        case 400 | 422:
            return InvalidError(f"{who} refused the values ({status}).", fields, said=said)
    return UnavailableError(f"{who} refused the call with status {status}.", advice="Nothing was changed.", said=said)


def _laravel(content: bytes, secrets: Sequence[str]) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The message and the messages on fields of an error answer, as far as it has that shape. `secrets` are masked."""

    def text(said: object, length: int) -> str:
        shown = str(said)
        for secret in secrets:
            shown = shown.replace(secret, MASK)
        return clean(shown, length)

    try:
        body = decode(content)
    except ValueError:
        return "", {}
    if not isinstance(body, dict):
        return "", {}
    message = body.get("message")
    errors = body.get("errors")
    fields: dict[str, tuple[str, ...]] = {}
    for name, said in list(errors.items())[:_MAX_FIELDS] if isinstance(errors, dict) else ():
        texts = said if isinstance(said, list) else [said]
        fields[text(name, 80)] = tuple(text(each, 200) for each in texts[:5])
    return text(message, _MESSAGE_LENGTH) if isinstance(message, str) else "", fields
