"""Plans: they say exactly what would happen, hold for one confirmation, and for nobody else."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import mcp_types as types
import pytest
from desk import PAID_ON, YES, Person, bill_of, confirmed, new_vendor, payment, planned
from harness import ERAS, Api, House, connect, house, text_of
from mcp import Client, MCPError

from server.answers.answer import MAX_TOKENS
from server.answers.budget import tokens
from server.guard.modes import Writes
from server.guard.surroundings import PAYEE_IS_NEW

pytestmark = pytest.mark.anyio


PLAN_ID = re.compile(r"plan_[A-Za-z0-9_-]{16,}")


async def test_a_plan_says_exactly_what_would_happen(api: Api) -> None:
    vendor = new_vendor(api)
    bill = bill_of(api, vendor["id"])
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        # By then nothing about the vendor is news.
        here.clock.moment = dt.datetime.fromisoformat(vendor["updated_at"]) + PAYEE_IS_NEW + dt.timedelta(days=1)
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


async def test_the_plan_of_a_large_upload_stays_within_the_budget(api: Api) -> None:
    bill = api.new_bill()
    upload = {"bill_id": bill["id"], "file_name": "scan.pdf", "content_base64": "QUJD" * 50_000}
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        result = await client.call_tool("upload_bill_attachment", upload)
    assert tokens(text_of(result)) <= MAX_TOKENS
    assert len(json.dumps(result.structured_content)) <= 2 * MAX_TOKENS
