"""The modes of writing: nothing is sent without what the mode asks for."""

from __future__ import annotations

from typing import Any

import mcp_types as types
import pytest
from desk import YES, Person, confirmed, payment, planned
from harness import ERAS, Api, connect, everything, house, text_of
from mcp import MCPError

from server.guard.modes import Writes

pytestmark = pytest.mark.anyio


def says(action: Any, content: dict[str, Any] | None = None) -> types.ElicitResult:
    return types.ElicitResult(action=action, content=content)


NO_CLEAR_YES = {
    "declined": says("decline"),
    "cancelled": says("cancel"),
    "confirm is false": says("accept", {"confirm": False}),
    "confirm is missing": says("accept", {}),
    "no content": says("accept"),
    "confirm is a text": says("accept", {"confirm": "true"}),
    "client error": types.ErrorData(code=-32603, message="no dialog today"),
}


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
