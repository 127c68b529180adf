"""One request and its answer: sending, size and time limits, retries, and errors made of statuses."""

from __future__ import annotations

import math
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import anyio

from server.upstream.connection import Connection
from server.upstream.errors import RateLimitedError, UnavailableError, UpstreamError
from server.upstream.pace import Pacer, Turn
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

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "luminous-mcp"}
_RETRIED_STATUSES = frozenset({502, 503, 504})


class _Again(Exception):
    """This try failed in a way that another may not. `final` is raised when there is no other."""

    def __init__(self, final: UpstreamError) -> None:
        super().__init__(str(final))
        self.final = final


class Upstream:
    """The API of one company.

    Reads are tried again on connection errors and 502/503/504, at most 3 times within 60 s. A write is sent again only
    where the API cannot have acted on it: no connection, or 429. After a 429 all requests wait as long as the API says
    and then keep a pace; what is refused 3 times, or would have to wait for more than 60 s, fails.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        now: Callable[[], dt.datetime] | None = None,
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        self.connection = connection
        self._who = connection.system.label
        self._sleep = sleep
        self._now = now
        self._pacer = Pacer(sleep, clock)
        self._readers: httpx.AsyncBaseTransport | None = None
        self._writers: httpx.AsyncClient | None = None

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
        try:
            return await self._in_turn(request, read, file)
        except _Again as error:
            failed: list[_Again] = [error]

        async def again() -> Reply:
            if failed:
                raise failed.pop()
            return await self._in_turn(request, read, file)

        try:
            return await _retrying(self._sleep)(again)
        except _Again as error:
            raise error.final from None

    async def _in_turn(self, request: Request, read: bool, file: bool) -> Reply:
        """Send when it may be sent, and again what was refused for its rate."""
        refused, waited = 0, 0
        while True:
            turn = await self._pacer.turn()
            try:
                return await self._once(request, read, file, turn)
            except RateLimitedError as error:
                refused, waited = refused + 1, waited + (error.retry_after or 0)
                if refused == TRIES or waited > RETRY_SECONDS:
                    raise

    async def _once(self, request: Request, read: bool, file: bool, turn: Turn) -> Reply:
        import httpx

        try:
            with anyio.fail_after(CALL_SECONDS):
                response = await self._sent(self._build(request), read)
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
        if status == 429:
            after = self._retry_after(response.headers)
            if after is None or after <= RETRY_SECONDS:
                self._pacer.refused(turn, after)
            raise RateLimitedError(f"{self._who} refuses more calls for now (rate limit).", after)
        self._pacer.accepted(turn)
        return self._judge(status, response.headers, content, read, file)

    async def _sent(self, request: httpx.Request, read: bool) -> httpx.Response:
        """The answer, its body not read yet."""
        import httpx

        if read:
            # Straight to the transport: a client's redirects, cookies and logins cost more than the rest of a call.
            if self._readers is None:
                self._readers = _aiohttp_transport(self.connection.base_url)
            return await self._readers.handle_async_request(request)
        # Writes do not go through aiohttp: it sends PUT and DELETE again by itself when a connection breaks, and its
        # httpx adapter reports a connection cut after sending as one that was never made. No kept-alive connections
        # either: one that the server is just closing would leave the outcome of a write unknown for nothing.
        if self._writers is None:
            limits = httpx.Limits(max_connections=10, max_keepalive_connections=0)
            self._writers = httpx.AsyncClient(limits=limits, follow_redirects=False)
        return await self._writers.send(request, stream=True)

    def _build(self, request: Request) -> httpx.Request:
        import httpx

        # Put together as text: httpx takes a URL apart again for each step of making it.
        query = f"?{urlencode(request.query)}" if request.query else ""
        url = httpx.URL(f"{self.connection.base_url}{request.path}{query}")
        # Cookies are never sent: the API is stateless, and what something on the way sets must not come back.
        headers = {**self.connection.headers, **_HEADERS}
        timeouts = httpx.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS).as_dict()
        content: dict[str, Any] = {}
        if request.files:
            files = {each.field_name: (each.name, each.content, each.content_type) for each in request.files}
            content = {"data": request.form(), "files": files}
        elif request.body is not None:
            content = {"content": encode(request.body)}
            headers["Content-Type"] = "application/json"
        return httpx.Request(request.method, url, headers=headers, extensions={"timeout": timeouts}, **content)

    def _judge(self, status: int, headers: Mapping[str, str], content: bytes, read: bool, file: bool) -> Reply:
        if 200 <= status < 300:
            return parsed(status, headers, content, read, file=file)
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

    return AsyncRetrying(
        stop=stop_after_attempt(TRIES) | stop_before_delay(RETRY_SECONDS),
        wait=wait_random_exponential(multiplier=0.25, max=8),
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
            cookie_jar=aiohttp.DummyCookieJar(),
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
    import httpx

    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MAX_BODY:
        raise _BodyTooLargeError
    chunks: list[bytes] = []
    size = 0
    incoming: AsyncIterable[bytes] = response.aiter_bytes()
    if isinstance(response.stream, httpx.AsyncByteStream) and "content-encoding" not in response.headers:
        incoming = response.stream  # Nothing to unpack: two generators less for each chunk.
    async for chunk in incoming:
        size += len(chunk)
        if size > MAX_BODY:
            raise _BodyTooLargeError
        chunks.append(chunk)
    return b"".join(chunks)


def _unreachable(who: str, error: Exception) -> str:
    import httpx

    slow = isinstance(error, httpx.TimeoutException)
    return f"{who} did not accept a connection in time." if slow else f"{who} cannot be reached."
