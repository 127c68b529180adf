"""One way on: every list that has more says `next`, and that is what is asked for next, by page or by cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from harness import Api, connect, house, text_of
from loopback import Exchange, loopback

from server.answers.answer import Output

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("tool", ["export_products", "export_sales_orders"])
async def test_an_export_goes_on_where_its_cursor_says(tool: str) -> None:
    def script(exchange: Exchange) -> None:
        later = "cursor" in exchange.query
        exchange.json({"data": [{"id": 2 if later else 1}], "next_cursor": None if later else "eyJpZCI6MX0="})

    with loopback(script) as api:
        async with (
            house(api.base_url, output=Output.BOTH) as here,
            connect(here.server, "auto") as client,
        ):
            first = await client.call_tool(tool, {"since": "2026-01-01"})
            cursor = first.structured_content["next"]
            last = await client.call_tool(tool, {"cursor": cursor})
            again = await client.call_tool(tool, {"since": "2026-01-01", "next": cursor})
            both = await client.call_tool(tool, {"cursor": cursor, "since": "2026-01-01"})
        assert [each.query.get("cursor") for each in api.received] == [None, cursor, cursor]
        assert "since" not in api.received[-1].query
    assert cursor == "eyJpZCI6MX0="
    assert f'More: next="{cursor}"' in text_of(first)
    assert "More:" not in text_of(last)
    assert "next" not in last.structured_content
    assert text_of(again) == text_of(last)
    assert "give exactly one of since and cursor" in text_of(both)


@pytest.mark.parametrize(("tool", "key"), [("export_products", "id"), ("export_sales_orders", "order_id")])
async def test_an_export_is_read_to_its_end_and_each_row_comes_once(api: Api, tool: str, key: str) -> None:
    async with house(api.base_url, output=Output.BOTH) as here, connect(here.server, "auto") as client:
        asked: dict[str, Any] = {"since": "2020-01-01", "limit": 40, "fields": key}
        seen: list[int] = []
        while True:
            part = (await client.call_tool(tool, asked)).structured_content
            seen += [row[key] for row in part["rows"]]
            if "next" not in part:
                break
            asked |= {"next": part["next"]}
        everything = await client.call_tool(tool, {**asked, "next": None, "all_pages": True})
        refused = await client.call_tool(tool, {"next": "nonsense"})
    assert [row[key] for row in everything.structured_content["rows"]] == seen
    assert len(seen) == len(set(seen)) > 80
    assert "all read" in text_of(everything)
    assert refused.is_error
    assert "- next: is none that this list gave" in text_of(refused)


async def test_a_list_is_walked_by_next_alone(api: Api) -> None:
    async with house(api.base_url, output=Output.BOTH) as here, connect(here.server, "auto") as client:
        asked: dict[str, Any] = {"filters": {"currency": "EUR"}, "sort": "id:asc", "fields": "id", "page": 1}
        walked: list[int] = []
        while True:
            page = (await client.call_tool("list_bills", asked)).structured_content
            walked += [row["id"] for row in page["rows"]]
            if "next" not in page:
                break
            asked |= {"next": page["next"]}
        everything = await client.call_tool("list_bills", {**asked, "next": None, "all_pages": True})
    assert walked == [row["id"] for row in everything.structured_content["rows"]]
    assert len(walked) == page["total"]


def books(rows: int) -> Any:
    """A script that gives so many rows in pages."""

    def script(exchange: Exchange) -> None:
        page, size = int(exchange.query["page"]), int(exchange.query["per_page"])
        ids = list(range(1, rows + 1))[(page - 1) * size : page * size]
        meta = {"total": rows, "per_page": size, "current_page": page, "last_page": -(-rows // size)}
        exchange.json({"data": [{"id": each} for each in ids], "meta": meta})

    return script


async def test_what_is_too_much_at_once_goes_on_with_next() -> None:
    with loopback(books(4_321)) as api:
        async with house(api.base_url, output=Output.BOTH) as here, connect(here.server, "auto") as client:
            asked: dict[str, Any] = {"all_pages": True, "fields": "id"}
            seen: list[int] = []
            for _ in range(3):
                part = await client.call_tool("list_bills", asked)
                seen += [row["id"] for row in part.structured_content["rows"]]
                asked["next"] = part.structured_content.get("next")
    assert asked["next"] is None
    assert seen == list(range(1, 4_322))


@pytest.mark.parametrize("given", ["0", "-1", "two", "", "1e3", 2.5, True, ["2"], "9" * 40, "eyJpZCI6MX0="])
async def test_a_next_that_cannot_be_read_is_refused_before_anything_is_sent(given: Any) -> None:
    with loopback(books(30)) as api:
        async with house(api.base_url) as here, connect(here.server, "auto") as client:
            result = await client.call_tool("list_bills", {"next": given})
        assert not api.received
    assert result.is_error
    assert "- next: " in text_of(result)


async def test_a_list_that_comes_whole_takes_no_next() -> None:
    with loopback(lambda exchange: exchange.json({"data": [{"id": 1}]})) as api:
        async with house(api.base_url) as here, connect(here.server, "auto") as client:
            whole = await client.call_tool("list_bill_allocations", {"bill_id": 1, "all_pages": True, "fields": "id"})
            refused = await client.call_tool("list_bill_allocations", {"bill_id": 1, "next": "2"})
        # Whether such a list has pages is not documented: only its answer tells.
        assert [each.query for each in api.received] == [{}, {"page": "2"}]
    assert not whole.is_error
    assert "- next: this list comes whole" in text_of(refused)


def query(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name not in ("page", "per_page")}
