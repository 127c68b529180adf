"""Exports that are read by cursor: the answer says where the next part begins, and that is what is asked for next."""

from __future__ import annotations

import pytest
from harness import connect, house, text_of
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
            cursor = first.structured_content["next_cursor"]
            last = await client.call_tool(tool, {"cursor": cursor})
            both = await client.call_tool(tool, {"cursor": cursor, "since": "2026-01-01"})
        assert [each.query.get("cursor") for each in api.received] == [None, cursor]
    assert cursor == "eyJpZCI6MX0="
    assert f"More: cursor={cursor}" in text_of(first)
    assert "More:" not in text_of(last)
    assert "next_cursor" not in last.structured_content
    assert "give exactly one of since and cursor" in text_of(both)
