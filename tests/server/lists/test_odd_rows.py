"""Rows in other shapes than the documented ones: understood, or shown as they came and never added up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from asking import Desk, StandIn, desk

from server.upstream.replies import Reply
from tools.request import Request

pytestmark = pytest.mark.anyio

BILL = {"id": 1, "status": "posted", "currency": "USD", "total": Decimal("0.10"), "total_due": Decimal("0.10")}


class Answers(StandIn):
    """Answers every request with the same data."""

    def __init__(self, data: Any) -> None:
        self.data = data

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        return Reply(200, self.data)


class Pages(StandIn):
    """Bills in pages of a hundred. total: as the API counts them, None where it does not."""

    def __init__(self, count: int, *, counts: bool) -> None:
        self.count, self.counts = count, counts

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        page = int(dict(request.query).get("page", "1"))
        ids = range(1 + 100 * (page - 1), 1 + min(100 * page, self.count))
        meta = {"current_page": page, "per_page": 100} | ({"total": self.count} if self.counts else {})
        return Reply(200, {"data": [{**BILL, "id": each} for each in ids], "meta": meta})


def bills(*changes: dict[str, Any]) -> Answers:
    rows = [{**BILL, "id": number, **change} for number, change in enumerate(changes, 1)]
    return Answers({"data": rows, "meta": {"total": len(rows)}})


async def test_a_currency_as_an_object_keeps_amounts_apart() -> None:
    euro, dollar = ({"currency": {"code": code}, "total_due": "100.25"} for code in ("EUR", "USD"))
    async with desk("http://127.0.0.1:9", upstream=bills(euro, dollar)) as here:
        listed = await here.ask("list_bills")
        owed = await here.ask("look_up_bills")
        required = await here.ask("cash_requirements")
    assert "total_due 100.25 EUR + 100.25 USD" in listed.text
    assert owed.structured["facts"]["owed"] == {"EUR": "100.25", "USD": "100.25"}
    # Obligations are answered with the same rows.
    assert required.structured["facts"]["required"] == {"EUR": "200.50", "USD": "200.50"}


async def test_amounts_written_as_text_are_added_up() -> None:
    async with desk("http://127.0.0.1:9", upstream=bills({"total_due": "100.25"}, {})) as here:
        listed = await here.ask("list_bills")
    assert "total_due 100.35 USD" in listed.text


@pytest.mark.parametrize(
    "odd", ["1,234.50", "$5", True, {"amount": 5}, "1e2", Decimal("1E+400"), Decimal("1E+1000000")]
)
async def test_no_sum_is_told_of_amounts_that_are_no_numbers(odd: Any) -> None:
    async with desk("http://127.0.0.1:9", upstream=bills({"total_due": odd}, {})) as here:
        listed = await here.ask("list_bills")
        asked = [await here.try_(tool) for tool in ("look_up_bills", "cash_requirements", "match_bill")]
        asked.append(await here.try_("summarize_records", operation="list_bills", metrics="sum:total_due"))
    assert "total 0.20 USD" in listed.text
    assert "total_due 0.10" not in listed.text
    assert "No sum of total_due: not all of it is plain numbers." in listed.text
    assert listed.structured["sums"] == {"USD": {"total": "0.20"}}
    for answer in asked:
        assert answer.structured["error"]["kind"] == "unexpected_answer"
        assert "total_due" in answer.text
        assert str(odd) not in answer.text


async def test_sums_have_all_their_digits() -> None:
    long = Decimal("0.1234567890123456789012345678"), Decimal("1234567890123456789012345.1")
    async with desk("http://127.0.0.1:9", upstream=bills(*({"total_due": each} for each in long))) as here:
        listed = await here.ask("list_bills")
    assert "total_due 1234567890123456789012345.2234567890123456789012345678 USD" in listed.text


@pytest.mark.parametrize("data", [None, {"data": None}, [1, 2], {"data": [{"id": 1}, "x"]}])
async def test_no_list_is_not_an_empty_one(data: Any) -> None:
    async with desk("http://127.0.0.1:9", upstream=Answers(data)) as here:
        answers = [await here.try_(tool) for tool in ("list_bills", "look_up_bills", "cash_requirements")]
    for answer in answers:
        assert answer.is_error
        assert "not the list that was asked for" in answer.text


async def test_an_empty_list_is_one() -> None:
    async with desk("http://127.0.0.1:9", upstream=Answers({"data": []})) as here:
        assert "Nothing is open" in (await here.ask("look_up_bills")).text
        assert not (await here.ask("list_bills")).structured["rows"]


async def heads(here: Desk, *following: str) -> list[str]:
    answers = [await here.ask("list_bills", all_pages=True, next=each) for each in following]
    return [answer.text.splitlines()[0] for answer in answers]


async def test_going_on_reading_all_pages_says_how_many_match_in_all() -> None:
    async with desk("http://127.0.0.1:9", upstream=Pages(5_050, counts=True)) as here:
        assert await heads(here, "21", "41") == [
            "list_bills: 5050 match, 2000 read from page 21 on",
            "list_bills: 5050 match, 1050 read from page 41 on",
        ]
    async with desk("http://127.0.0.1:9", upstream=Pages(5_050, counts=False)) as here:
        assert await heads(here, "41") == ["list_bills: 1050 read from page 41 on"]
