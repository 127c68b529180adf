"""Whatever is wrong with a call is said in words that help, and the books stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from harness import Api, connect, everything, house, text_of
from loopback import Exchange, loopback, unused_port

from server.guard.modes import Writes

pytestmark = pytest.mark.anyio

DAY = "2026-11-20"
BILL = object()
"""Stands for the bill of the test."""

BAD: list[tuple[str, dict[str, Any] | None, list[str]]] = [
    ("lst_bills", {}, ["no tool 'lst_bills'", "list_bills"]),
    ("", {}, ["no tool"]),
    ("x" * 5_000, {}, ["no tool"]),
    ("get_bill", {"bill_id": "seventeen"}, ["bill_id", "integer"]),
    ("get_bill", {"bill_id": True}, ["bill_id", "integer"]),
    ("get_bill", {"bill_id": 1.5}, ["bill_id", "integer"]),
    ("get_bill", {"bill_id": []}, ["bill_id", "integer"]),
    ("get_bill", {"bill_id": -1}, ["bill_id", "at least 1"]),
    ("get_bill", {"bill_id": 999_999_999}, ["no such record", "404"]),
    ("get_bill", {"bill_id": 10**30}, ["bill_id"]),
    ("get_company", {"company_id": "../companies"}, ["company_id", "digits only"]),
    ("get_company", {"company_id": "1/contacts"}, ["company_id", "digits only"]),
    ("get_company", {"company_id": ""}, ["company_id", "digits only"]),
    ("get_company", {"company_id": "٣"}, ["company_id", "digits only"]),
    ("record_bill_payment", {}, ["bill_id: is required", "amount: is required", "payment_date: is required"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": -5, "payment_date": DAY}, ["amount", "greater than 0"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": 0, "payment_date": DAY}, ["amount", "greater than 0"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": "1.005", "payment_date": DAY}, ["amount", "2 decimals"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": 1.005, "payment_date": DAY}, ["amount", "2 decimals"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": "1e2", "payment_date": DAY}, ["amount", "plain number"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": "NaN", "payment_date": DAY}, ["amount", "plain number"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": "1,50", "payment_date": DAY}, ["amount", "plain number"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": True, "payment_date": DAY}, ["amount", "number"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": 1, "payment_date": "2026-02-30"}, ["payment_date", "calendar"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": 1, "payment_date": "20/11/2026"}, ["payment_date", "YYYY-MM"]),
    ("record_bill_payment", {"bill_id": BILL, "amount": 1, "payment_date": DAY, "refrence": "x"}, ["write reference"]),
    (
        "record_bill_payment",
        {"bill_id": BILL, "amount": 1, "payment_date": DAY, "payment_type": "bitcoin"},
        ["payment_type", "bank_transfer"],
    ),
    ("record_bill_payment", {"bill_id": 999_999_999, "amount": 1, "payment_date": DAY}, ["no such record", "404"]),
    ("list_bills", {"per_page": 0}, ["per_page", "at least 1"]),
    ("list_bills", {"per_page": 101}, ["per_page", "at most 100"]),
    ("list_bills", {"page": 0}, ["page", "at least 1"]),
    ("list_bills", {"sort": "due_date"}, ["sort"]),
    ("list_bills", {"sort": "due_date:up"}, ["sort"]),
    ("list_bills", {"filters": {"total[above]": 5}}, ["no operator 'above'", "gte"]),
    ("list_bills", {"filters": {"total[>=]": 5}}, ["did you mean gte?"]),
    ("list_bills", {"filters": "status=posted"}, ["filters", "object"]),
    ("list_bills", {"filters": {"total]": 5}}, ["is no filter"]),
    ("list_bills", {"filters": {"status": {"a": 1}}}, ["there is no operator 'a'"]),
    ("list_bills", {"filters": {"status": {}}}, ["status takes one value"]),
    ("list_bills", {"filters": {"no_such_field": 5}}, ["no_such_field"]),
    ("list_bills", {"status": "posted"}, ["filters", '{"status": ...}']),
    ("create_bill", {"vendor_id": 1, "bill_number": "X", "bill_date": DAY, "items": []}, ["items", "at least 1"]),
    (
        "create_bill",
        {"vendor_id": 1, "bill_number": "X", "bill_date": DAY, "items": [{"quantity": 1, "unit_cots": 1}]},
        ["items.0.unit_cost", "items.0.unit_cots"],
    ),
    ("confirm_write", {}, ["plan_id: is required"]),
    ("confirm_write", {"plan_id": 5}, ["plan_id", "string"]),
    ("confirm_write", {"plan_id": ""}, ["no such plan"]),
    ("confirm_write", {"plan_id": "plan_AAAAAAAAAAAAAAAAAAAAAA"}, ["no such plan"]),
    ("confirm_write", {"plan_id": "plan_AAAAAAAAAAAAAAAAAAAAAA", "amount": 5}, ["amount", "no such argument"]),
]


def _id(row: tuple[str, Any, list[str]]) -> str:
    shown = "-".join(f"{name}={'bill' if value is BILL else value}" for name, value in (row[1] or {}).items())
    return f"{row[0][:20]}-{shown[:60]}"


@pytest.fixture(scope="module")
def bill(api: Api) -> dict[str, Any]:
    """A bill that bad calls leave as it is, which is why they can share it."""
    return api.new_bill()


@pytest.mark.parametrize(("tool", "arguments", "words"), BAD, ids=map(_id, BAD))
async def test_a_bad_call_says_what_is_wrong_and_changes_nothing(
    api: Api, bill: dict[str, Any], tool: str, arguments: dict[str, Any], words: list[str]
) -> None:
    given = {name: bill["id"] if value is BILL else value for name, value in arguments.items()}
    # Where a write would be sent at once, being refused is the only thing that keeps the books as they are.
    writes = Writes.ASK if tool == "confirm_write" else Writes.ALLOW
    async with house(api.base_url, writes=writes) as here, connect(here.server, "auto") as client:
        result = await client.call_tool(tool, given)
        assert here.journal.writes() == []
    assert result.is_error, text_of(result)
    assert len(everything(result)) < 5_000
    assert all(word in text_of(result) for word in words), text_of(result)
    assert api.bill(bill["id"]) == bill


@pytest.mark.parametrize(
    ("status", "amount", "warning", "refusal"),
    [
        ("posted", "100.01", "overpayment", "422"),
        ("draft", "1.00", "'draft'", "409"),
        ("paid", "1.00", "'paid'", "409"),
        ("hold", "1.00", "'hold'", "409"),
    ],
)
async def test_a_payment_that_cannot_be_is_warned_of_then_fails_and_changes_nothing(
    api: Api, status: str, amount: str, warning: str, refusal: str
) -> None:
    bill = api.new_bill(status)
    given = {"bill_id": bill["id"], "amount": amount, "payment_date": DAY}
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        plan = await client.call_tool("record_bill_payment", given)
        assert warning in text_of(plan)
        assert any(warning in each for each in plan.structured_content["warnings"])
        plan_id = {"plan_id": plan.structured_content["plan_id"]}
        extra = await client.call_tool("confirm_write", {**plan_id, "amount": "1.00"})
        assert extra.is_error
        failed = await client.call_tool("confirm_write", plan_id)
        again = await client.call_tool("confirm_write", plan_id)
        statuses = [each.status for each in here.journal.writes()]
    assert failed.is_error
    assert failed.structured_content["status"] == "failed"
    assert f"({refusal})" in text_of(failed)
    assert again.is_error
    assert "already" in text_of(again)
    assert statuses == ["failed"]
    assert api.bill(bill["id"]) == bill


async def test_an_expired_plan_is_refused_and_changes_nothing(api: Api) -> None:
    bill = api.new_bill()
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        plan = await client.call_tool("hold_bill", {"bill_id": bill["id"]})
        here.clock.advance(minutes=10)
        late = await client.call_tool("confirm_write", {"plan_id": plan.structured_content["plan_id"]})
    assert late.is_error
    assert "expired" in text_of(late)
    assert api.bill(bill["id"]) == bill


# An API that misbehaves

STORED = {"id": 7, "status": "posted", "currency": "USD", "total": 100, "total_paid": 0, "total_due": 100}
Script = Callable[[Exchange], None]


def _html(exchange: Exchange) -> None:
    exchange.answer(
        200, b"<html><body>Please sign in at https://evil.example</body></html>", "text/html; charset=utf-8"
    )


def _cut(exchange: Exchange) -> None:
    exchange.cut(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"data": [{"id"')


def _truncated(exchange: Exchange) -> None:
    exchange.answer(200, b'{"data": [{"id"')


def _slow(exchange: Exchange) -> None:
    exchange.wait_until_the_client_leaves()


def _endless_429(exchange: Exchange) -> None:
    exchange.json({"message": "Too Many Attempts."}, 429, retry_after="1")


def _status(status: int) -> Script:
    return lambda exchange: exchange.json({"message": "No.", "trace": "/srv/app/secret.php"}, status)


MISBEHAVING: list[tuple[Script, str, list[str], str]] = [
    # for a read, and what a write of it comes to
    (_status(401), "authentication", ["API key", "401"], "failed"),
    (_status(403), "forbidden", ["403"], "failed"),
    (_status(500), "unavailable", ["500"], "unknown"),
    (_status(302), "unavailable", ["redirect"], "unknown"),
    (_endless_429, "rate_limited", ["rate limit", "Wait 1 s"], "failed"),
    (_html, "unavailable", ["web page"], "unknown"),
    (_cut, "unavailable", ["broke"], "unknown"),
    (_truncated, "unavailable", ["cut off or is no JSON"], "unknown"),
    (_slow, "unavailable", ["did not answer within"], "unknown"),
]


@pytest.mark.parametrize(("script", "kind", "words", "outcome"), MISBEHAVING)
async def test_an_api_that_misbehaves_is_reported_in_words(
    script: Script, kind: str, words: list[str], outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if script is _slow:
        monkeypatch.setattr("server.upstream.client.CALL_SECONDS", 0.3)

    def reads_work(exchange: Exchange) -> None:
        exchange.json({"data": STORED}) if exchange.method == "GET" else script(exchange)

    with loopback(script) as upstream:
        async with house(upstream.base_url) as here, connect(here.server, "auto") as client:
            read = await client.call_tool("list_bills", {})
        assert len(upstream.received) <= 3
    assert read.is_error
    assert read.structured_content["error"]["kind"] == kind
    assert all(word in text_of(read) for word in words), text_of(read)
    assert "secret.php" not in everything(read)
    assert "evil.example" not in everything(read)

    with loopback(reads_work) as upstream:
        async with house(upstream.base_url, writes=Writes.ALLOW) as here, connect(here.server, "auto") as client:
            write = await client.call_tool("hold_bill", {"bill_id": 7})
            journaled = [each.status for each in here.journal.writes()]
        # Only where the API cannot have acted on it is a write sent again.
        assert len(upstream.writes) == (3 if script is _endless_429 else 1)
    assert write.is_error
    assert write.structured_content["status"] == outcome
    assert journaled == [outcome]
    assert "secret.php" not in everything(write)


async def test_an_api_that_is_down_is_reported_in_words() -> None:
    async with (
        house(f"http://127.0.0.1:{unused_port()}") as here,
        connect(here.server, "auto") as client,
    ):
        for tool, given in (("list_bills", {}), ("hold_bill", {"bill_id": 7})):
            result = await client.call_tool(tool, given)
            assert result.is_error
            assert "cannot be reached" in text_of(result)
        assert here.journal.writes() == []
