"""One request and its answer: sending, size and time limits, retries, and errors made of statuses."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import anyio
from pydantic import SecretStr

from server.text import clean
from server.upstream.connection import Connection
from server.upstream.errors import (
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    UnavailableError,
    UpstreamError,
)
from tools.request import MASK, Request

if TYPE_CHECKING:
    import datetime as dt

    import httpx
    import msgspec
    from tenacity import AsyncRetrying

CONNECT_SECONDS = 5.0
CALL_SECONDS = 30.0
TRIES = 3
RETRY_SECONDS = 60.0
MAX_BODY = 10 * 1024 * 1024

_MESSAGE_LENGTH = 300
_MAX_FIELDS = 20
_RETRIED_STATUSES = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Reply:
    """What the API answered. data: parsed JSON with exact Decimals, None for an empty body. content: a file's bytes."""

    status: int
    data: Any = None
    content: bytes | None = None
    content_type: str = ""


class _Again(Exception):
    """This try failed in a way that another may not. `final` is raised when there is no other."""

    def __init__(self, final: UpstreamError, after: float | None = None) -> None:
        super().__init__(str(final))
        self.final = final
        self.after = after


class Upstream:
    """The API of one company.

    Reads are tried again on connection errors, 429 and 502/503/504, at most 3 times within 60 s. A write is sent again
    only where the API cannot have acted on it: no connection, or 429.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        now: Callable[[], dt.datetime] | None = None,
    ) -> None:
        self.connection = connection
        self._sleep = sleep
        self._now = now
        self._readers: httpx.AsyncClient | None = None
        self._writers: httpx.AsyncClient | None = None
        self._retrying: AsyncRetrying | None = None

    async def aclose(self) -> None:
        """Close all connections."""
        for client in (self._readers, self._writers):
            if client is not None:
                await client.aclose()
        self._readers = self._writers = None

    async def send(self, request: Request, *, read: bool) -> Reply:
        """Send one request and return the answer to it.

        read: the operation changes nothing, whatever its method. Raises UpstreamError.
        """
        if self._retrying is None:
            self._retrying = _retrying(self._sleep)
        try:
            return await self._retrying(self._once, request, read)
        except _Again as error:
            raise error.final from None

    async def _once(self, request: Request, read: bool) -> Reply:
        import httpx

        try:
            with anyio.fail_after(CALL_SECONDS):
                response = await self._client(read).send(self._build(request, read), stream=True)
                try:
                    status, content = response.status_code, await _bounded(response)
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise _Again(UnavailableError(_unreachable(error))) from None
        except _BodyTooLargeError:
            text = f"The answer is larger than {MAX_BODY // 2**20} MiB; it was not read."
            raise _lost(read, text, advice="Ask for fewer rows (per_page) or narrower filters.") from None
        except TimeoutError:
            raise _lost(read, f"Luminous did not answer within {CALL_SECONDS:.0f} s.") from None
        except httpx.TransportError:
            lost = _lost(read, "The connection broke before the answer was complete.")
            raise (_Again(lost) if read else lost) from None
        except httpx.DecodingError:
            raise _lost(read, "The answer could not be decoded.") from None
        return self._judge(status, response.headers, content, read)

    def _client(self, read: bool) -> httpx.AsyncClient:
        client = self._opened(read)
        # The API is stateless: a cookie that something on the way sets must not come back with the next call.
        client.cookies.clear()
        return client

    def _opened(self, read: bool) -> httpx.AsyncClient:
        import httpx

        common: dict[str, Any] = {
            "timeout": httpx.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS),
            "follow_redirects": False,
        }
        if read:
            if self._readers is None:
                self._readers = httpx.AsyncClient(transport=_aiohttp_transport(), **common)
            return self._readers
        # Writes do not go through aiohttp: it sends PUT and DELETE again by itself when a connection breaks, and its
        # httpx adapter reports a connection cut after sending as one that was never made. No kept-alive connections
        # either: one that the server is just closing would leave the outcome of a write unknown for nothing.
        if self._writers is None:
            limits = httpx.Limits(max_connections=10, max_keepalive_connections=0)
            self._writers = httpx.AsyncClient(limits=limits, **common)
        return self._writers

    def _build(self, request: Request, read: bool) -> httpx.Request:
        import httpx

        url = httpx.URL(self.connection.base_url + request.path)
        if request.query:
            url = url.copy_merge_params(request.query)
        headers = {
            "Authorization": f"Bearer {self.connection.token.get_secret_value()}",
            "Accept": "application/json",
        }
        content = None
        if request.body is not None:
            content = encode(request.body)
            headers["Content-Type"] = "application/json"
        return self._client(read).build_request(request.method, url, headers=headers, content=content)

    def _judge(self, status: int, headers: Mapping[str, str], content: bytes, read: bool) -> Reply:
        if 200 <= status < 300:
            return _parsed(status, headers, content, read)
        if status == 429:
            after = self._retry_after(headers)
            limited = RateLimitedError("Luminous refuses more calls for now (rate limit).", after)
            raise _Again(limited, after)
        if status in _RETRIED_STATUSES and read:
            raise _Again(UnavailableError(f"Luminous is not available at the moment (status {status})."))
        if status >= 500:
            raise _lost(read, f"Luminous failed on this call (status {status}).")
        if 300 <= status < 400:
            raise _lost(read, f"Luminous answered with a redirect ({status}), which is not followed.")
        raise _refusal(status, content, self.connection.token.get_secret_value())

    def _retry_after(self, headers: Mapping[str, str]) -> int | None:
        value = headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return int(value)
        if value and self._now is not None:
            try:
                return max(0, math.ceil((parsedate_to_datetime(value) - self._now()).total_seconds()))
            except (TypeError, ValueError):
                return None
        return None


def _retrying(sleep: Callable[[float], Awaitable[None]]) -> AsyncRetrying:
    from tenacity import (
        AsyncRetrying,
        retry_if_exception_type,
        stop_after_attempt,
        stop_before_delay,
        wait_random_exponential,
    )

    backoff = wait_random_exponential(multiplier=0.25, max=8)

    def wait(state: Any) -> float:
        error = state.outcome.exception()
        return error.after if error.after is not None else backoff(state)

    return AsyncRetrying(
        stop=stop_after_attempt(TRIES) | stop_before_delay(RETRY_SECONDS),
        wait=wait,
        retry=retry_if_exception_type(_Again),
        sleep=sleep,
        reraise=True,
    )


def _aiohttp_transport() -> httpx.AsyncBaseTransport:
    """aiohttp under httpx: half the time per call. Its own second try is taken out: how often is decided here."""
    import aiohttp
    import httpx
    from httpx_aiohttp import AiohttpTransport

    async def one_try(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        # httpx's own errors: the adapter knows only some of aiohttp's, and calls a cut connection a slow one.
        try:
            return await handler(request)
        except aiohttp.ConnectionTimeoutError as error:
            raise httpx.ConnectTimeout(type(error).__name__) from error
        except aiohttp.ClientConnectorError as error:
            raise httpx.ConnectError(type(error).__name__) from error
        except aiohttp.ClientError as error:
            raise httpx.ReadError(type(error).__name__) from error

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=20, ssl=httpx.create_ssl_context())
        return aiohttp.ClientSession(connector=connector, trust_env=True, middlewares=(one_try,))

    return AiohttpTransport(client=session)


class _BodyTooLargeError(Exception):
    pass


async def _bounded(response: httpx.Response) -> bytes:
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MAX_BODY:
        raise _BodyTooLargeError
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > MAX_BODY:
            raise _BodyTooLargeError
        chunks.append(chunk)
    return b"".join(chunks)


def _unreachable(error: Exception) -> str:
    import httpx

    slow = isinstance(error, httpx.TimeoutException)
    return "Luminous did not accept a connection in time." if slow else "Luminous cannot be reached."


def _lost(read: bool, text: str, *, advice: str | None = None) -> UpstreamError:
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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("not JSON") from error


def _parsed(status: int, headers: Mapping[str, str], content: bytes, read: bool) -> Reply:
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if not content.strip():
        return Reply(status, content_type=kind)
    if kind == "application/json" or kind.endswith("+json") or not kind:
        try:
            return Reply(status, decode(content), content_type=kind)
        except ValueError:
            raise _lost(read, "The answer is cut off or is no JSON.") from None
    if kind == "text/html":
        text = "The answer is a web page, not data: the address is not that of the API, or something stands before it."
        raise _lost(read, text)
    return Reply(status, content=content, content_type=kind)


def _refusal(status: int, content: bytes, secret: str) -> UpstreamError:
    message, fields = _laravel(content, secret)
    said = f' Luminous says: "{message}"' if message else ""
    match status:
        case 401:
            return AuthenticationError("Luminous does not accept the API key (401).")
        case 403:
            return ForbiddenError(f"Luminous does not allow this (403).{said}")
        case 404:
            return NotFoundError(f"There is no such record (404).{said}")
        case 409:
            return ConflictError(f"The record's state does not allow this (409).{said}")
        case 400 | 422:
            return InvalidError(f"Luminous refused the values ({status}).{said}", fields)
    return UnavailableError(f"Luminous refused the call with status {status}.{said}", advice="Nothing was changed.")


def _laravel(content: bytes, secret: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The message and the messages on fields of an error answer, as far as it has that shape. `secret` is masked."""

    def text(said: object, length: int) -> str:
        return clean(str(said).replace(secret, MASK), length)

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
