"""How workflows read: within their time, whole lists that change meanwhile, and lists that refuse an order."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import anyio
import httpx
import pytest
from asking import Desk, StandIn, desk
from harness import house
from pydantic import SecretStr
from virtual import run

from server.answers.answer import Answer
from server.caller import Caller
from server.upstream import client
from server.upstream.client import Upstream
from server.upstream.connection import Connection
from server.upstream.errors import InvalidError, UnavailableError, UpstreamError
from server.upstream.replies import Reply
from tools.request import Request

NEVER = 10_000.0
TOTALS: dict[str, Any] = {"operation": "list_bills", "metrics": "sum:total"}


def bill(number: int) -> dict[str, Any]:
    """A bill over one dollar, due long ago."""
    return {
        "id": number, "status": "posted", "vendor_id": 7, "vendor_name": "Acme", "bill_number": f"A-{number}",
        "currency": "USD", "total": Decimal(1), "total_due": Decimal(1), "due_date": "2026-11-01",
        "bill_date": "2026-10-01",
    }  # fmt: skip


def page_of_bills(request: Request, count: int, *, newest_first: bool = False) -> Reply:
    """The page of so many bills that a request asks for."""
    query = dict(request.query)
    size, number = int(query.get("per_page", 100)), int(query.get("page", 1))
    ids = [*range(count, 0, -1)] if newest_first else [*range(1, count + 1)]
    rows = [bill(each) for each in ids[size * (number - 1) : size * number]]
    return Reply(
        200, {"data": rows, "meta": {"total": count, "last_page": max(1, -(-count // size)), "per_page": size}}
    )


def asked(api: Any, tool: str, **arguments: Any) -> Answer:
    """The answer of a tool over an API, in a time that only jumps."""

    async def ask() -> Answer:
        async with desk("http://127.0.0.1:9", upstream=api) as here:
            return await here.try_(tool, **arguments)

    return run(ask)


class Slow(StandIn):
    """An API of 1,000 pages of one bill each. A page takes so many seconds."""

    def __init__(self, seconds: Callable[[int], float]) -> None:
        self.seconds = seconds

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        page = int(dict(request.query).get("page", 1))
        await anyio.sleep(self.seconds(page))
        return Reply(200, {"data": [bill(page)], "meta": {"last_page": 1_000, "per_page": 1, "total": 1_000}})


@pytest.mark.parametrize(
    ("seconds", "most", "rows"),
    [
        (lambda page: 0 if page < 4 else NEVER, 1, 3),
        (lambda page: 0 if page < 4 else NEVER, 2, 3),
        (lambda page: 0 if page < 4 else NEVER, 3, 3),
        (lambda page: 3, 5, 1),
        (lambda page: 1.1, 50, 1 + 6 * 44),
    ],
)
def test_what_was_read_when_the_time_is_up_is_the_answer(seconds: Callable[[int], float], most: int, rows: int) -> None:
    answer = asked(Slow(seconds), "summarize_records", **TOTALS, max_seconds=most)
    assert f"Not all was read: the time of {most} s ran out after {rows} of 1,000 rows." in answer.text
    assert answer.structured["facts"] == {"list": "list_bills", "rows": rows, "match": 1_000}
    assert answer.structured["tables"]["total"]["rows"][0]["sum:total"] == f"{rows}.00"


class Refusing(httpx.AsyncBaseTransport):
    """An API of 1,000 pages of one bill each that takes five requests in each five seconds."""

    def __init__(self) -> None:
        self.used: dict[int, int] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await anyio.sleep(0.02)
        window = int(anyio.current_time() // 5)
        self.used[window] = self.used.get(window, 0) + 1
        if self.used[window] > 5:
            return httpx.Response(429, headers={"Retry-After": str(math.ceil(5 * (window + 1) - anyio.current_time()))})
        page = int(request.url.params["page"])
        row = {key: str(value) if isinstance(value, Decimal) else value for key, value in bill(page).items()}
        return httpx.Response(200, json={"data": [row], "meta": {"last_page": 1_000, "per_page": 1, "total": 1_000}})


@pytest.mark.parametrize("most", [2, 10, 30])
def test_an_api_that_limits_the_rate_gives_a_partial_answer_too(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    api = Refusing()
    monkeypatch.setattr(client, "_aiohttp_transport", lambda base_url: api)
    upstream = Upstream(Connection.to_url("http://127.0.0.1:1", SecretStr("k")))
    answer = asked(upstream, "summarize_records", **TOTALS, max_seconds=most)
    assert not answer.is_error, answer.text
    assert f"Not all was read: the time of {most} s ran out after" in answer.text
    assert 0 < answer.structured["facts"]["rows"] <= most + 5


def test_an_api_that_answers_nothing_in_time_is_an_error() -> None:
    answer = asked(Slow(lambda page: NEVER), "look_up_bills")
    assert answer.is_error
    assert answer.structured["error"]["kind"] == "unavailable"
    assert "ran out" in answer.text


class Growing(StandIn):
    """250 bills, the newest first whatever is asked for; another comes when the first page has been read."""

    def __init__(self) -> None:
        self.bills = 250
        self.sorts: set[str | None] = set()

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        if request.path != "/bills":
            return Reply(200, {"data": [], "meta": {"total": 0, "last_page": 1}})
        self.sorts.add(dict(request.query).get("sort"))
        reply = page_of_bills(request, self.bills, newest_first=True)
        self.bills = 251
        return reply


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("tool", "fact", "more"),
    [("look_up_bills", "bills", {}), ("cash_requirements", "bills", {}), ("summarize_records", "rows", TOTALS)],
)
async def test_a_bill_entered_meanwhile_counts_nothing_twice_and_that_one_is_missing_is_said(
    tool: str, fact: str, more: dict[str, Any]
) -> None:
    api = Growing()
    async with desk("http://127.0.0.1:9", upstream=api) as here:
        answer = await here.ask(tool, **more)
    assert answer.structured["facts"][fact] == 250
    assert "250.00 USD" in answer.text or "USD,250" in answer.text
    assert "Not all was read: the list changed while it was read: 250 of 251 rows." in answer.text
    assert answer.structured["stopped"] == "the list changed while it was read: 250 of 251 rows"
    assert api.sorts == {"id:asc"}


class Unsorted(StandIn):
    """An API of 150 bills that refuses to sort them; every request is noted."""

    def __init__(self, refusal: UpstreamError) -> None:
        self.refusal = refusal
        self.seen: list[str | None] = []

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        self.seen.append(dict(request.query).get("sort"))
        if self.seen[-1]:
            raise self.refusal
        return page_of_bills(request, 150)


@pytest.mark.parametrize(
    ("refusal", "again"),
    [(InvalidError("no", {"sort": ("unknown",)}), [None, None]), (UnavailableError("500"), ["id:asc", None, None])],
)
def test_a_list_that_refuses_the_order_is_read_without_and_not_asked_again(
    refusal: UpstreamError, again: list[str | None]
) -> None:
    api = Unsorted(refusal)

    async def twice() -> list[Answer]:
        async with desk("http://127.0.0.1:9", upstream=api) as here:
            return [await here.ask("summarize_records", **TOTALS) for _ in range(2)]

    assert [answer.structured["facts"]["rows"] for answer in run(twice)] == [150, 150]
    assert api.seen == ["id:asc", None, None, *again]


def test_what_fails_without_the_order_too_is_told_as_it_is() -> None:
    class Down(StandIn):
        async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
            raise InvalidError("The API refused the values.", {"status": ("is unknown",)})

    answer = asked(Down(), "summarize_records", **TOTALS, filters={"status": "open"})
    assert answer.structured["error"]["kind"] == "invalid"
    assert "is unknown" in answer.text


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("tool", "given", "kind"),
    [
        ("explain_bill", {"bill": "999999999"}, "not_found"),
        ("match_bill", {"bill": "no-such-number"}, "not_found"),
        ("vendor_position", {"vendor": "999999999"}, "not_found"),
        ("look_up_bills", {"system": "billdiary", "vendor": "0"}, "invalid_arguments"),
        ("explain_bill", {"system": "billdiary", "bill": "999999999"}, "not_found"),
    ],
)
async def test_errors_of_workflows_are_of_the_kinds_of_other_tools(
    here: Desk, tool: str, given: dict[str, str], kind: str
) -> None:
    answer = await here.try_(tool, **given)
    assert answer.structured["error"]["kind"] == kind, answer.text
    assert "contact_id" not in answer.text


@pytest.mark.anyio
async def test_a_system_that_is_not_set_up_is_told_as_such() -> None:
    async with house("http://127.0.0.1:9", upstream=StandIn(), front=False) as here:
        answer = await here.calls.call("look_up_bills", {"system": "billdiary"}, Caller("tester"))
    assert isinstance(answer, Answer)
    assert answer.structured["error"]["kind"] == "not_connected"
