"""Records that hold more than facts and lines: sums by currency, lists inside lines."""

from __future__ import annotations

import pytest
from harness import Api, house

from server.answers.answer import Answer
from server.caller import Caller

pytestmark = pytest.mark.anyio


async def answer(api: Api, tool: str, **arguments: object) -> Answer:
    async with house(api.base_url, front=False) as here:
        found = await here.calls.call(tool, arguments, Caller("tester"))
    assert isinstance(found, Answer)
    assert not found.is_error, found.text
    return found


async def test_the_aging_report_adds_up_by_currency_only(api: Api) -> None:
    report = await answer(api, "get_bills_aging")
    raw = api.get("/bills/reports/aging")
    assert "totals" not in report.text
    assert "totals" not in report.structured["record"]
    title = next(line for line in report.text.splitlines() if line.startswith("vendors ("))
    for currency in {row["currency"] for row in raw["vendors"]}:
        total = sum(round(row["total"] * 100) for row in raw["vendors"] if row["currency"] == currency)
        assert f"{total // 100}.{total % 100:02} {currency}" in title.partition("; total ")[2]


async def test_the_entries_of_a_vendors_statement_are_shown(api: Api) -> None:
    raw = api.get("/vendors/101/statement")["data"]["currencies"][0]["entries"]
    whole = await answer(api, "get_vendor_statement", vendor_id=101, max_tokens=20_000)
    lines = whole.text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("currencies.1.entries ("))
    assert [line.split(",")[2] for line in lines[first + 2 : first + 2 + len(raw)]] == [str(each["id"]) for each in raw]
    short = await answer(api, "get_vendor_statement", vendor_id=101, max_tokens=300)
    assert "Left out: currencies.1.entries" in short.text
    assert len(short.structured["record"].get("currencies.1.entries", [])) < len(raw)
