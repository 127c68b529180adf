"""Rate limits that nobody published: everything is read, and next to nothing refused, in a time that only jumps."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import anyio
import httpx
import pytest
from pydantic import SecretStr
from virtual import run

from server.upstream import client
from server.upstream.client import Upstream
from server.upstream.connection import Connection
from server.upstream.errors import RateLimitedError
from server.upstream.pages import PageOfRows, at_page, page_of
from server.upstream.stream import stream_pages
from tools.request import Request


class Limit(Protocol):
    def wait(self, now: float) -> float:
        """Seconds until a request would be accepted; zero accepts this one."""


@dataclass
class Windows:
    """So many requests in each period of the clock."""

    requests: int
    seconds: float
    current: int = -1
    used: int = 0

    def wait(self, now: float) -> float:
        window = math.floor(now / self.seconds)
        self.current, self.used = window, self.used if window == self.current else 0
        if self.used == self.requests:
            return (window + 1) * self.seconds - now
        self.used += 1
        return 0


@dataclass
class Sliding:
    """So many requests in any period."""

    requests: int
    seconds: float
    accepted: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        while self.accepted and self.accepted[0] <= now - self.seconds:
            self.accepted.popleft()
        if len(self.accepted) == self.requests:
            return self.accepted[0] + self.seconds - now
        self.accepted.append(now)
        return 0


@dataclass
class Bucket:
    """So many requests per second, and some at once after a rest."""

    rate: float
    burst: int
    at: float = 0
    tokens: float = math.inf

    def wait(self, now: float) -> float:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return (1 - self.tokens) / self.rate
        self.tokens -= 1
        return 0


@dataclass
class Api(httpx.AsyncBaseTransport):
    """A list of an API with a limit. latency: seconds that an answer takes; a refusal is `late` or comes at once."""

    limit: Limit
    pages: int
    latency: float
    late: bool = False
    header: Callable[[float], int] | None = math.ceil
    sent: int = 0
    refused: int = 0
    ended: float = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await anyio.sleep(self.latency if self.late else 0.001)
        self.sent += 1
        if wait := self.limit.wait(anyio.current_time()):
            self.refused += 1
            headers = {"Retry-After": str(self.header(wait))} if self.header else {}
            return httpx.Response(429, headers=headers)
        await anyio.sleep(0.001 if self.late else self.latency)
        page = int(request.url.params["page"])
        meta = {"total": self.pages, "last_page": self.pages, "per_page": 1}
        return httpx.Response(200, json={"data": [{"id": page}], "meta": meta})


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[Api, int], list[int]]:
    """Reads a list of an API in lanes; the ids of its rows."""

    def work(api: Api, lanes: int) -> list[int]:
        monkeypatch.setattr(client, "_aiohttp_transport", lambda base_url: api)

        async def all_rows() -> list[int]:
            upstream = Upstream(Connection.to_url("http://127.0.0.1:1", SecretStr("k")))
            request = Request("GET", "/bills", (("page", "1"),))

            async def page(number: int) -> PageOfRows:
                return page_of((await upstream.send(at_page(request, number), read=True)).data, 1)

            async def progress(done: int, total: int | None) -> None:
                pass

            async with stream_pages(page, 1, progress, seconds=10_000, lanes=lanes) as pages:
                ids = [row["id"] async for rows in pages for row in rows]
            api.ended = anyio.current_time()
            await upstream.aclose()
            return ids

        return run(all_rows)

    return work


LIMITS: dict[str, tuple[Callable[[], Limit], float]] = {
    "10 in each second": (lambda: Windows(10, 1), 10),
    "10 in any second": (lambda: Sliding(10, 1), 10),
    "10 a second, 10 at once": (lambda: Bucket(10, 10), 10),
    "60 in each minute": (lambda: Windows(60, 60), 1),
    "60 in any minute": (lambda: Sliding(60, 60), 1),
}


@pytest.mark.parametrize("lanes", [6, 8])
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("latency", [0.005, 0.02, 0.3])
@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_nobody_told_is_kept_to(
    read: Callable[[Api, int], list[int]], name: str, latency: float, late: bool, lanes: int
) -> None:
    limit, rate = LIMITS[name]
    api = Api(limit(), 240, latency, late)
    assert sorted(read(api, lanes)) == [*range(1, 241)]
    assert api.refused <= 0.05 * api.sent
    assert api.ended < 1.3 * 240 / rate + 10


@pytest.mark.parametrize("header", [None, math.floor, lambda wait: 0], ids=["none", "too short", "zero"])
def test_what_the_api_says_badly_is_made_up_for(
    read: Callable[[Api, int], list[int]], header: Callable[[float], int] | None
) -> None:
    api = Api(Sliding(10, 1), 240, 0.02, header=header)
    assert len(read(api, 6)) == 240
    assert api.refused <= 0.05 * api.sent


def test_a_limit_that_is_gone_is_found_out(
    read: Callable[[Api, int], list[int]],
) -> None:
    @dataclass
    class Lifted(Sliding):
        def wait(self, now: float) -> float:
            return super().wait(now) if now < 100 else 0

    api = Api(Lifted(10, 1), 10_000, 0.02)
    assert len(read(api, 6)) == 10_000
    assert api.refused <= 20
    assert api.ended < 400


def test_without_a_refusal_nothing_waits(read: Callable[[Api, int], list[int]]) -> None:
    api = Api(Sliding(10**9, 1), 1_200, 0.02)
    read(api, 6)
    assert api.ended == pytest.approx(1_200 / 6 * 0.021)


def test_a_limit_that_never_lets_through_is_told(read: Callable[[Api, int], list[int]]) -> None:
    api = Api(Windows(0, 7), 10, 0.02)
    with pytest.raises(RateLimitedError) as caught:
        read(api, 6)
    assert caught.value.retry_after
    assert api.ended == 0
    assert api.sent <= 6 * 3
