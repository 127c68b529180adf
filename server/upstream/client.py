"""One request and its answer: sending, size and time limits, retries, and errors made of statuses."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import anyio

from server.upstream.connection import Connection
from server.upstream.errors import RateLimitedError, UnavailableError, UpstreamError
from server.upstream.replies import Reply, encode, lost, parsed, refusal
from tools.request import Request

if TYPE_CHECKING:
    import datetime as dt

    import httpx
    from tenacity import AsyncRetrying

CONNECT_SECONDS = 5.0
CALL_SECONDS = 30.0
TRIES = 3
RETRY_SECONDS = 60.0
MAX_BODY = 10 * 1024 * 1024

_RETRIED_STATUSES = frozenset({429, 502, 503, 504})


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
        self._who = connection.system.label
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

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        """Send one request and return the answer to it.

        read: the operation changes nothing, whatever its method. file: it gives a file, which may be of any type, even
        a web page. Raises UpstreamError.
        """
        if self._retrying is None:
            self._retrying = _retrying(self._sleep)
        try:
            return await self._retrying(self._once, request, read, file)
        except _Again as error:
            raise error.final from None

    async def _once(self, request: Request, read: bool, file: bool) -> Reply:
        import httpx

        try:
            with anyio.fail_after(CALL_SECONDS):
                response = await self._client(read).send(self._build(request, read), stream=True)
                try:
                    status, content = response.status_code, await _bounded(response)
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise _Again(UnavailableError(_unreachable(self._who, error))) from None
        except _BodyTooLargeError:
            text = f"The answer is larger than {MAX_BODY // 2**20} MiB; it was not read."
            raise lost(read, text, advice="Ask for fewer rows (per_page) or narrower filters.") from None
        except TimeoutError:
            raise lost(read, f"{self._who} did not answer within {CALL_SECONDS:.0f} s.") from None
        except httpx.TransportError:
            broken = lost(read, "The connection broke before the answer was complete.")
            raise (_Again(broken) if read else broken) from None
        except httpx.DecodingError:
            raise lost(read, "The answer could not be decoded.") from None
        return self._judge(status, response.headers, content, read, file)

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
                self._readers = httpx.AsyncClient(transport=_aiohttp_transport(self.connection.base_url), **common)
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
        headers = {**self.connection.headers, "Accept": "application/json"}
        content = None
        if request.files:
            files = {each.field_name: (each.name, each.content, each.content_type) for each in request.files}
            return self._client(read).build_request(
                request.method, url, headers=headers, data=request.form(), files=files
            )
        if request.body is not None:
            content = encode(request.body)
            headers["Content-Type"] = "application/json"
        return self._client(read).build_request(request.method, url, headers=headers, content=content)

    def _judge(self, status: int, headers: Mapping[str, str], content: bytes, read: bool, file: bool) -> Reply:
        if 200 <= status < 300:
            return parsed(status, headers, content, read, file=file)
        if status == 429:
            after = self._retry_after(headers)
            limited = RateLimitedError(f"{self._who} refuses more calls for now (rate limit).", after)
            raise _Again(limited, after)
        if status in _RETRIED_STATUSES and read:
            raise _Again(UnavailableError(f"{self._who} is not available at the moment (status {status})."))
        if status >= 500:
            raise lost(read, f"{self._who} failed on this call (status {status}).")
        if 300 <= status < 400:
            raise lost(read, f"{self._who} answered with a redirect ({status}), which is not followed.")
        raise refusal(self._who, status, content, self.connection.secrets)

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


def _aiohttp_transport(base_url: str) -> httpx.AsyncBaseTransport:
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
        # Not trust_env: aiohttp would look into the environment and ~/.netrc again for each request.
        return aiohttp.ClientSession(
            connector=connector,
            proxy=proxy_of(base_url),
            middlewares=(one_try,),
            skip_auto_headers=("Content-Type",),
        )

    return AiohttpTransport(client=session)


def proxy_of(base_url: str) -> str | None:
    """The proxy that the environment sets for an address."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(base_url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


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


def _unreachable(who: str, error: Exception) -> str:
    import httpx

    slow = isinstance(error, httpx.TimeoutException)
    return f"{who} did not accept a connection in time." if slow else f"{who} cannot be reached."
