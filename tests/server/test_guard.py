"""Writes: nothing is sent without a live confirmation, nothing twice, and the journal knows."""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
import pytest
from harness import ERAS, Api, House, connect, everything, house, text_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import Exchange, loopback
from mcp import Client, MCPError
from pydantic import SecretStr

from server.answers.answer import MAX_TOKENS
from server.answers.budget import tokens
from server.guard.modes import Writes
from server.upstream.connection import Connection
from server.upstream.replies import Reply
from tools import catalogue
from tools.request import Request

pytestmark = pytest.mark.anyio

PAID_ON = "2026-11-20"
PLAN_ID = re.compile(r"plan_[A-Za-z0-9_-]{16,}")


def payment(bill: dict[str, Any], amount: str = "40.00", **more: Any) -> dict[str, Any]:
    return {"bill_id": bill["id"], "amount": amount, "payment_date": PAID_ON, **more}


class Person:
    """Who sits before a client that can ask, and what they answer."""

    def __init__(self, answer: types.ElicitResult | types.ErrorData) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def __call__(self, context: Any, params: types.ElicitRequestParams) -> types.ElicitResult | types.ErrorData:
        self.asked.append(params.message)
        return self.answer


def says(action: Any, content: dict[str, Any] | None = None) -> types.ElicitResult:
    return types.ElicitResult(action=action, content=content)


YES = says("accept", {"confirm": True})
NO_CLEAR_YES = {
    "declined": says("decline"),
    "cancelled": says("cancel"),
    "confirm is false": says("accept", {"confirm": False}),
    "confirm is missing": says("accept", {}),
    "no content": says("accept"),
    "confirm is a text": says("accept", {"confirm": "true"}),
    "client error": types.ErrorData(code=-32603, message="no dialog today"),
}


async def planned(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The plan that a write tool gives."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    plan: dict[str, Any] = result.structured_content
    assert plan["status"] == "confirmation_required"
    return plan


async def confirmed(client: Client, plan_id: str) -> types.CallToolResult:
    return await client.call_tool("confirm_write", {"plan_id": plan_id})


# Modes


@pytest.mark.parametrize("era", ERAS)
async def test_off_neither_lists_nor_carries_out_writes(api: Api, era: str) -> None:
    bill = api.new_bill()
    async with (
        house(api.base_url, writes=Writes.OFF) as here,
        connect(here.server, era, elicitation_callback=Person(YES)) as client,
    ):
        listed = (await client.list_tools()).tools
        assert listed
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed)
        refused = await client.call_tool("record_bill_payment", payment(bill))
        assert refused.is_error
        assert "writes are off" in text_of(refused)
        assert (await confirmed(client, "plan_AAAAAAAAAAAAAAAAAAAAAA")).is_error
        assert "record_bill_payment" not in text_of(await client.call_tool("get_bill", {"bill_id": bill["id"]}))
    assert api.bill(bill["id"]) == bill


@pytest.mark.parametrize("era", ERAS)
async def test_strict_refuses_where_nobody_can_be_asked(api: Api, era: str) -> None:
    bill = api.new_bill()
    async with house(api.base_url, writes=Writes.STRICT) as here, connect(here.server, era) as client:
        refused = await client.call_tool("record_bill_payment", payment(bill))
        assert refused.is_error
        assert "approval of a person" in text_of(refused)
        assert "plan_" not in everything(refused)
        assert "confirm_write" not in {tool.name for tool in (await client.list_tools()).tools}
        assert (await confirmed(client, "plan_AAAAAAAAAAAAAAAAAAAAAA")).is_error
    assert api.bill(bill["id"]) == bill


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("writes", [Writes.STRICT, Writes.ASK])
async def test_a_write_is_done_when_the_person_agrees(api: Api, era: str, writes: Writes) -> None:
    bill, person = api.new_bill(), Person(YES)
    async with (
        house(api.base_url, writes=writes) as here,
        connect(here.server, era, elicitation_callback=person) as client,
    ):
        done = await client.call_tool("record_bill_payment", payment(bill))
        written = here.journal.writes()
    assert done.structured_content["status"] == "done", text_of(done)
    assert [each.status for each in written] == ["done"]
    assert len(person.asked) == 1
    assert "40.00" in person.asked[0]
    assert "total_due: 100.00 -> 60.00" in person.asked[0]
    assert api.bill(bill["id"])["total_due"] == 60


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("writes", "answer"), [*((Writes.STRICT, answer) for answer in NO_CLEAR_YES), (Writes.ASK, "declined")]
)
async def test_anything_but_a_clear_yes_changes_nothing(api: Api, era: str, writes: Writes, answer: str) -> None:
    bill, person = api.new_bill(), Person(NO_CLEAR_YES[answer])
    async with (
        house(api.base_url, writes=writes) as here,
        connect(here.server, era, elicitation_callback=person) as client,
    ):
        try:
            result = await client.call_tool("record_bill_payment", payment(bill))
        except MCPError:
            # In the newer era the SDK's client itself gives up when its person's answer is an error.
            assert answer == "client error"
        else:
            assert result.is_error
            assert result.structured_content["status"] == "refused"
        assert here.journal.writes() == []
    assert len(person.asked) == 1
    assert api.bill(bill["id"]) == bill


@pytest.mark.parametrize("era", ERAS)
async def test_ask_takes_two_steps_where_nobody_can_be_asked(api: Api, era: str) -> None:
    bill = api.new_bill()
    async with house(api.base_url, writes=Writes.ASK) as here, connect(here.server, era) as client:
        plan = await planned(client, "record_bill_payment", payment(bill))
        assert api.bill(bill["id"]) == bill
        done = await confirmed(client, plan["plan_id"])
    assert done.structured_content["status"] == "done"
    assert done.structured_content["record"]["amount"] == "40.00"
    paid = api.bill(bill["id"])
    assert (paid["total_paid"], paid["total_due"]) == (40, 60)
    assert [each["amount"] for each in paid["payments"]] == [40]


@pytest.mark.parametrize("era", ERAS)
async def test_allow_carries_out_at_once_and_journals(api: Api, era: str) -> None:
    bill = api.new_bill()
    async with house(api.base_url, writes=Writes.ALLOW) as here, connect(here.server, era) as client:
        done = await client.call_tool("record_bill_payment", payment(bill))
        written = here.journal.writes()
    assert done.structured_content["status"] == "done"
    assert [(each.status, each.tool, each.amount, each.currency) for each in written] == [
        ("done", "record_bill_payment", "40.00", bill["currency"])
    ]
    assert api.bill(bill["id"])["total_due"] == 60


# Plans


async def test_a_plan_says_exactly_what_would_happen(api: Api) -> None:
    bill = api.new_bill()
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        plan = await planned(client, "record_bill_payment", payment(bill, 40.5, reference="INV <b>&"))
        expires = dt.datetime.fromisoformat(plan["expires_at"])
        changed = await planned(client, "update_bill", {"bill_id": bill["id"], "notes": "later", "due_date": PAID_ON})
        held = await planned(client, "hold_bill", {"bill_id": bill["id"]})
        assert dt.timedelta() < expires - here.clock.moment <= dt.timedelta(minutes=10)
    assert PLAN_ID.fullmatch(plan["plan_id"])
    assert plan["tool"] == "record_bill_payment"
    assert "40.50" in plan["summary"]
    assert "<b>" not in plan["summary"]
    body = {"amount": "40.50", "payment_date": PAID_ON, "reference": "INV <b>&"}
    assert plan["request"] == {"method": "POST", "path": f"/bills/{bill['id']}/payments", "body": body}
    assert plan["changes"] == [
        {"field": "total_paid", "before": "0.00", "after": "40.50"},
        {"field": "total_due", "before": "100.00", "after": "59.50"},
    ]
    assert plan["money"] == {"amount": "40.50", "currency": bill["currency"]}
    assert plan["warnings"] == []
    assert {(each["field"], each["before"], each["after"]) for each in changed["changes"]} == {
        ("notes", None, "later"),
        ("due_date", bill["due_date"], PAID_ON),
    }
    assert held["changes"] == [{"field": "status", "before": "posted", "after": "hold"}]
    assert api.bill(bill["id"]) == bill


Refusal = Callable[[Client, House, Api, dict[str, Any], str], Awaitable[str]]


async def _used(client: Client, here: House, api: Api, bill: dict[str, Any], plan_id: str) -> str:
    assert not (await confirmed(client, plan_id)).is_error
    return plan_id


async def _unknown(client: Client, here: House, api: Api, bill: dict[str, Any], plan_id: str) -> str:
    return "plan_AAAAAAAAAAAAAAAAAAAAAA"


async def _forged(client: Client, here: House, api: Api, bill: dict[str, Any], plan_id: str) -> str:
    return plan_id[:-1] + ("A" if plan_id[-1] != "A" else "B")


async def _expired(client: Client, here: House, api: Api, bill: dict[str, Any], plan_id: str) -> str:
    here.clock.advance(minutes=10)
    return plan_id


async def _foreign(client: Client, here: House, api: Api, bill: dict[str, Any], plan_id: str) -> str:
    here.principal = "somebody else"
    return plan_id


async def _overtaken(client: Client, here: House, api: Api, bill: dict[str, Any], plan_id: str) -> str:
    api.pay(bill["id"], "10.00")
    return plan_id


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (_used, "already"),
        (_unknown, "no such plan"),
        (_forged, "no such plan"),
        (_expired, "expired"),
        (_foreign, "no such plan"),
        (_overtaken, "record has changed"),
    ],
)
async def test_a_plan_that_does_not_hold_is_refused_and_changes_nothing(
    api: Api, era: str, spoil: Refusal, word: str
) -> None:
    bill = api.new_bill()
    async with house(api.base_url) as here, connect(here.server, era) as client:
        plan = await planned(client, "record_bill_payment", payment(bill))
        plan_id = await spoil(client, here, api, bill, plan["plan_id"])
        before, journaled = api.bill(bill["id"]), here.journal.writes()
        refused = await confirmed(client, plan_id)
        assert here.journal.writes() == journaled
    assert refused.is_error
    assert refused.structured_content["status"] == "refused"
    assert word in text_of(refused)
    assert "Nothing was changed" in text_of(refused)
    assert api.bill(bill["id"]) == before


@pytest.mark.parametrize("era", ERAS)
async def test_a_stranger_cannot_use_up_a_plan(api: Api, era: str) -> None:
    bill = api.new_bill()
    async with house(api.base_url) as here, connect(here.server, era) as client:
        plan = await planned(client, "record_bill_payment", payment(bill))
        here.principal = "somebody else"
        assert (await confirmed(client, plan["plan_id"])).is_error
        here.principal = "tester"
        assert not (await confirmed(client, plan["plan_id"])).is_error
    assert api.bill(bill["id"])["total_due"] == 60


@pytest.mark.parametrize("era", ERAS)
async def test_of_64_confirmations_at_once_exactly_one_succeeds(api: Api, era: str) -> None:
    bill = api.new_bill()
    results: list[types.CallToolResult] = []

    async def confirm(client: Client, plan_id: str) -> None:
        results.append(await confirmed(client, plan_id))

    async with house(api.base_url) as here, connect(here.server, era) as client:
        plan = await planned(client, "record_bill_payment", payment(bill, "1.00"))
        async with anyio.create_task_group() as group:
            for _ in range(64):
                group.start_soon(confirm, client, plan["plan_id"])
        assert len(here.journal.writes()) == 1
    assert len(results) == 64
    assert [result.structured_content["status"] for result in results if not result.is_error] == ["done"]
    assert len(api.bill(bill["id"])["payments"]) == 1


async def test_the_second_round_is_bound_to_the_arguments_and_works_once(api: Api) -> None:
    bill, other = api.new_bill(), api.new_bill()
    agreed = {"confirm": YES}
    async with (
        house(api.base_url, writes=Writes.STRICT) as here,
        connect(here.server, "auto", elicitation_callback=Person(YES)) as client,
    ):

        async def call(arguments: dict[str, Any], state: str | None = None) -> Any:
            return await client.session.call_tool(
                "record_bill_payment",
                arguments,
                input_responses=agreed if state else None,
                request_state=state,
                allow_input_required=True,
            )

        async def refused(arguments: dict[str, Any], state: str, tool: str = "record_bill_payment") -> bool:
            try:
                result = await client.session.call_tool(
                    tool, arguments, input_responses=agreed, request_state=state, allow_input_required=True
                )
            except MCPError:
                return True
            return result.is_error is True

        asked = await call(payment(bill))
        assert isinstance(asked, types.InputRequiredResult)
        state = asked.request_state or ""
        assert "plan_" not in state
        middle = len(state) // 2
        tampered = state[:middle] + ("A" if state[middle] != "A" else "B") + state[middle + 1 :]
        assert await refused(payment(bill, "41.00"), state)
        assert await refused(payment(other), state)
        assert await refused(payment(bill), tampered)
        assert await refused(payment(bill), "plan_AAAAAAAAAAAAAAAAAAAAAA")
        assert await refused({"bill_id": bill["id"]}, state, "hold_bill")
        assert (api.bill(bill["id"]), api.bill(other["id"])) == (bill, other)

        done = await call(payment(bill), state)
        assert done.structured_content["status"] == "done"
        assert await refused(payment(bill), state)
    assert len(api.bill(bill["id"])["payments"]) == 1


# Warnings and refusals by the API


@pytest.mark.parametrize(
    ("status", "amount", "warning", "refusal"),
    [
        ("posted", "100.01", "overpayment: 100.01 is 0.01 more than the 100.00", "422"),
        ("draft", "40.00", "the record is 'draft'", "409"),
        ("hold", "40.00", "the record is 'hold'", "409"),
        ("paid", "40.00", "the record is 'paid'", "409"),
    ],
)
async def test_an_impossible_payment_is_warned_of_and_its_refusal_is_clear(
    api: Api, status: str, amount: str, warning: str, refusal: str
) -> None:
    bill = api.new_bill(status)
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        plan = await planned(client, "record_bill_payment", payment(bill, amount))
        assert warning in " ".join(plan["warnings"])
        failed = await confirmed(client, plan["plan_id"])
        (written,) = here.journal.writes()
    assert failed.is_error
    assert failed.structured_content["status"] == "failed"
    assert f"({refusal})" in text_of(failed)
    assert written.status == "failed"
    assert api.bill(bill["id"]) == bill


async def test_a_duplicate_bill_is_warned_of_and_a_repeated_write_is_answered_with_its_outcome(api: Api) -> None:
    bill = api.new_bill()
    line = {"description": "Pallets", "quantity": 3, "unit_cost": "0.3333"}
    again = {"vendor_id": bill["vendor_id"], "bill_number": bill["bill_number"], "bill_date": PAID_ON, "items": [line]}
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        duplicate = await planned(client, "create_bill", again)
        fresh = await planned(client, "create_bill", {**again, "bill_number": f"{bill['bill_number']}-B"})
        assert any(warning.startswith("duplicate:") for warning in duplicate["warnings"])
        assert fresh["warnings"] == []
        assert fresh["money"]["amount"] == "1.00"

        first = await planned(client, "record_bill_payment", payment(bill))
        assert not (await confirmed(client, first["plan_id"])).is_error
        (written,) = here.journal.writes()
        second = await client.call_tool("record_bill_payment", payment(bill))
        assert not second.is_error
        assert second.structured_content["already"] is True
        assert second.structured_content["journal_id"] == written.id
        assert f"Done already (journal {written.id}" in text_of(second)
        on_purpose = await planned(client, "record_bill_payment", payment(bill, repeat=True))
        other = await planned(client, "record_bill_payment", payment(bill, "41.00"))
        here.clock.advance(hours=25)
        later = await planned(client, "record_bill_payment", payment(bill))
        assert here.journal.writes() == [written]
    assert [warning for warning in on_purpose["warnings"] if warning.startswith("repeat:")]
    assert [warning for warning in other["warnings"] + later["warnings"] if warning.startswith("repeat:")] == []
    assert len(api.bill(bill["id"])["payments"]) == 1


# Unknown outcomes and the journal

STORED = {"id": 7, "status": "posted", "currency": "USD", "total": 100, "total_paid": 0, "total_due": 100}


def rows_of(journal: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(journal)
    try:
        return connection.execute("SELECT event, write_id, status FROM entry ORDER BY seq").fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("era", ERAS)
async def test_a_write_that_breaks_after_sending_is_unknown_and_refused_until_reading_settles_it(
    tmp_path: Path, era: str
) -> None:
    path = tmp_path / "journal.sqlite3"
    on_disk_when_it_arrived: list[Any] = []

    def cut_writes(exchange: Exchange) -> None:
        if exchange.method == "GET":
            exchange.json({"data": {**STORED, "payments": []}})
        else:
            on_disk_when_it_arrived.append(rows_of(path))
            exchange.cut()

    with loopback(cut_writes) as upstream:
        async with house(upstream.base_url, journal=path) as here, connect(here.server, era) as client:
            plan = await planned(client, "record_bill_payment", payment(STORED))
            unknown = await confirmed(client, plan["plan_id"])
            (written,) = here.journal.writes()
            for repeat in ({}, {"repeat": True}):
                again = await client.call_tool("record_bill_payment", payment(STORED, **repeat))
                assert again.is_error
                assert "ended without a known outcome" in text_of(again)
                assert "it may still be on its way for 90 s" in text_of(again)
            assert (await confirmed(client, plan["plan_id"])).is_error
            assert rows_of(path) == [("intent", None, None), ("outcome", 1, "unknown")]
            here.clock.advance(seconds=90)
            await planned(client, "record_bill_payment", payment(STORED))  # The bill shows no payment: settled.
        assert [each.method for each in upstream.writes] == ["POST"]
        assert json.loads(upstream.writes[0].body) == {"amount": 40.00, "payment_date": PAID_ON}
    assert on_disk_when_it_arrived == [[("intent", None, None)]]
    assert rows_of(path) == [("intent", None, None), ("outcome", 1, "unknown"), ("outcome", 1, "failed")]
    assert unknown.is_error
    assert unknown.structured_content["status"] == "unknown"
    assert "Do not repeat it" in text_of(unknown)
    assert written.status == "unknown"


async def test_what_a_record_does_not_show_is_not_taken_for_absent() -> None:
    def cut_writes(exchange: Exchange) -> None:
        if exchange.method == "GET":
            exchange.json({"data": STORED})  # Its payments are not in the answer at all.
        else:
            exchange.cut()

    with loopback(cut_writes) as upstream:
        async with house(upstream.base_url) as here, connect(here.server, "auto") as client:
            plan = await planned(client, "record_bill_payment", payment(STORED))
            assert (await confirmed(client, plan["plan_id"])).structured_content["status"] == "unknown"
            here.clock.advance(hours=1)
            again = await client.call_tool("record_bill_payment", payment(STORED))
            assert again.is_error
            assert "compare get_bill with what was sent" in text_of(again)
        assert len(upstream.writes) == 1


async def test_a_write_cancelled_while_it_is_under_way_is_journaled_as_unknown(tmp_path: Path) -> None:
    def hang_on_writes(exchange: Exchange) -> None:
        if exchange.method == "GET":
            exchange.json({"data": STORED})
        elif exchange.wait_until_the_client_leaves():
            upstream.left.set()

    with loopback(hang_on_writes) as upstream:
        async with house(upstream.base_url) as here, connect(here.server, "auto") as client:
            plan = await planned(client, "record_bill_payment", payment(STORED))
            upstream.arrived.clear()
            async with anyio.create_task_group() as group:
                group.start_soon(confirmed, client, plan["plan_id"])
                while not upstream.writes:
                    await anyio.to_thread.run_sync(upstream.arrived.wait, 20)
                    upstream.arrived.clear()
                group.cancel_scope.cancel()
                with anyio.CancelScope(shield=True):
                    assert await anyio.to_thread.run_sync(upstream.left.wait, 20)
            assert (await confirmed(client, plan["plan_id"])).is_error
            (written,) = here.journal.writes()
        assert len(upstream.writes) == 1
    assert written.status == "unknown"


async def test_a_write_is_two_rows_that_nobody_can_change(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal.sqlite3"
    bill = api.new_bill()
    async with house(api.base_url, journal=path) as here, connect(here.server, "auto") as client:
        plan = await planned(client, "record_bill_payment", payment(bill))
        await confirmed(client, plan["plan_id"])
    before = rows_of(path)
    assert before == [("intent", None, None), ("outcome", 1, "done")]
    for statement in (
        "UPDATE entry SET status = 'failed'",
        "UPDATE entry SET principal = 'nobody' WHERE seq = 1",
        "DELETE FROM entry",
        "DELETE FROM entry WHERE event = 'outcome'",
        "INSERT OR REPLACE INTO entry (seq, at, event) VALUES (1, 'never', 'intent')",
    ):
        connection = sqlite3.connect(path)
        try:
            with pytest.raises(sqlite3.IntegrityError), connection:
                connection.execute(statement)
        finally:
            connection.close()
        assert rows_of(path) == before, statement


async def test_a_password_is_sent_and_shown_nowhere(api: Api, tmp_path: Path) -> None:
    password = "hunter2-Sekret-4711"
    contact = next(each for each in api.get("/contacts", per_page=50)["data"] if each["email"])
    arguments = {"contact_id": int(contact["id"]), "password": password}
    company = api.get("/companies", per_page=1)["data"][0]
    email = f"{uuid.uuid4().hex}@x.example"
    fresh = {"first_name": "Ann", "company_id": int(company["id"]), "email": email, "password": password}
    path = tmp_path / "journal.sqlite3"
    seen = []
    async with house(api.base_url, journal=path) as here, connect(here.server, "auto") as client:
        for tool, given_arguments in (("set_contact_portal_password", arguments), ("create_contact", fresh)):
            plan = await client.call_tool(tool, given_arguments)
            assert plan.structured_content["request"]["body"]["password"] == "***"
            seen += [plan, await confirmed(client, plan.structured_content["plan_id"])]
        assert [each.structured_content["status"] for each in seen[1::2]] == ["done", "done"], seen
        seen.append(await client.call_tool("set_contact_portal_password", {**arguments, "passwort": password}))
        seen.append(await client.call_tool("set_contact_portal_password", {**arguments, "password": [password]}))
        on_disk = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    on_disk += path.read_bytes()
    assert b"set_contact_portal_password" in on_disk
    assert all(password not in everything(each) for each in seen)
    assert password.encode() not in on_disk


async def test_the_plan_of_a_large_upload_stays_within_the_budget(api: Api) -> None:
    bill = api.new_bill()
    upload = {"bill_id": bill["id"], "file_name": "scan.pdf", "content_base64": "QUJD" * 50_000}
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        result = await client.call_tool("upload_bill_attachment", upload)
    assert tokens(text_of(result)) <= MAX_TOKENS
    assert len(json.dumps(result.structured_content)) <= 2 * MAX_TOKENS


# Whatever is called in whatever order


class Recording:
    """Stands where the HTTP client stands; keeps what it is asked to send."""

    connection = Connection.to_url("http://127.0.0.1:9", SecretStr("none"), label="recording")

    def __init__(self) -> None:
        self.writes: list[Request] = []

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        if not read:
            self.writes.append(request)
        return Reply(200, {"data": {**STORED, "payments": [{"id": 3, "amount": 5, "status": "posted"}]}})


WRITES = [entry for entry in catalogue.load() if entry.effect != "read"]
SOME = {
    "integer": st.sampled_from([1, 7, 0, -3, "x", None, 10**20]),
    "number": st.sampled_from([1, "2.50", 0, -1, 1.234567, "1e5", None]),
    "string": st.sampled_from(["2026-11-20", "a text", "", "x@y.example", "../companies", "plan_x", 5, None]),
    "boolean": st.sampled_from([True, False, "yes"]),
    "array": st.sampled_from(
        [[], ["a"], [{"quantity": 1, "unit_cost": "2.00"}], [{"product_id": 1, "quantity": 1}], "x"]
    ),
    "object": st.sampled_from([{}, {"a": 1}, "x"]),
}


FITTING = {
    "integer": 7,
    "number": "2.50",
    "string": "2026-11-20",
    "boolean": True,
    "array": [{"quantity": 1, "unit_cost": "2.00"}],
    "object": {},
}


def kinds_of(entry: catalogue.Entry) -> dict[str, str]:
    return {name: each.get("type", "string") for name, each in entry.definition["inputSchema"]["properties"].items()}


def fitting(entry: catalogue.Entry) -> dict[str, Any]:
    kinds = kinds_of(entry)
    return {name: FITTING[kinds[name]] for name in entry.definition["inputSchema"].get("required", ())}


def anything(entry: catalogue.Entry) -> st.SearchStrategy[dict[str, Any]]:
    values = {name: SOME[kind] for name, kind in kinds_of(entry).items()}
    required = {name: values[name] for name in fitting(entry)}
    optional = {name: value for name, value in values.items() if name not in required} | {"surprise": st.just(1)}
    return st.fixed_dictionaries(required, optional={name: optional[name] for name in sorted(optional)[:4]})


STEPS = st.one_of(
    st.sampled_from(WRITES).map(lambda entry: (entry.name, fitting(entry))),
    st.sampled_from(WRITES).flatmap(lambda entry: st.tuples(st.just(entry.name), anything(entry))),
    st.tuples(st.just("confirm_write"), st.integers(0, 3)),
    st.tuples(st.just("confirm_write"), st.text(max_size=40) | st.from_regex(PLAN_ID, fullmatch=True)),
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=2, max_size=12), st.sampled_from(ERAS))
def test_no_write_reaches_luminous_without_the_confirmation_of_a_live_plan(
    steps: list[tuple[str, Any]], era: str
) -> None:
    async def play() -> None:
        upstream = Recording()
        offered: list[dict[str, Any]] = []
        taken: list[dict[str, Any]] = []
        used: list[dict[str, Any]] = []
        async with house("http://127.0.0.1:9", upstream=upstream) as here, connect(here.server, era) as client:
            for tool, given_arguments in steps:
                if tool != "confirm_write":
                    result = await client.call_tool(tool, given_arguments)
                    if result.structured_content["status"] == "confirmation_required":
                        offered.append(result.structured_content)
                elif isinstance(given_arguments, str):
                    result = await confirmed(client, given_arguments)
                    assert result.is_error
                elif given_arguments < len(offered):
                    plan = offered[given_arguments]
                    result = await confirmed(client, plan["plan_id"])
                    assert result.is_error == (plan in used)
                    # The same write planned twice is answered with its first outcome, and that uses the plan up.
                    already = (result.structured_content or {}).get("already", False)
                    taken += [] if already or plan in used else [plan]
                    used.append(plan)
                assert [each.shown() for each in upstream.writes] == [plan["request"] for plan in taken]

    anyio.run(play)
