"""Several writes under one confirmation: in order, up to the first that fails, each under the policy."""

from __future__ import annotations

import json
import uuid
from typing import Any

import mcp_types as types
import pytest
from desk import NO, PAID_ON, YES, Person, confirmed, payment, planned, refused, written
from harness import ERAS, Api, connect, house, text_of
from loopback import Exchange, loopback

from server.answers.answer import MAX_TOKENS
from server.answers.budget import tokens
from server.guard.modes import Writes
from server.guard.policy import Policy

pytestmark = pytest.mark.anyio


def batch(*writes: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The arguments of plan_batch."""
    return {"writes": [{"tool": tool, "arguments": arguments} for tool, arguments in writes]}


def pay(bill: dict[str, Any], amount: str = "40.00", **more: Any) -> tuple[str, dict[str, Any]]:
    return "record_bill_payment", payment(bill, amount, **more)


def hold(bill: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "hold_bill", {"bill_id": bill["id"]}


def states(result: types.CallToolResult) -> list[str]:
    """What came of each write."""
    return [each["status"] for each in result.structured_content["writes"]]


@pytest.mark.parametrize("era", ERAS)
async def test_a_batch_is_planned_whole_and_carried_out_in_order(api: Api, era: str) -> None:
    one, two = api.new_bill(), api.new_bill("draft")
    wanted = batch(pay(one), ("post_bill", {"bill_id": two["id"]}), hold(two), pay(one, "60.00"))
    async with house(api.base_url) as here, connect(here.server, era) as client:
        plan = await planned(client, "plan_batch", wanted)
        assert [each["tool"] for each in plan["writes"]] == [each["tool"] for each in wanted["writes"]]
        assert plan["writes"][0]["money"] == {"amount": "40.00", "currency": one["currency"]}
        assert (api.bill(one["id"]), api.bill(two["id"]), here.journal.writes()) == (one, two, [])
        done = await confirmed(client, plan["plan_id"])
        assert done.structured_content["status"] == "done", text_of(done)
        assert states(done) == ["done"] * 4
        journaled = here.journal.writes()[::-1]
        assert [each.tool for each in journaled] == [each["tool"] for each in wanted["writes"]]
        assert [each["journal_id"] for each in done.structured_content["writes"]] == [each.id for each in journaled]
        assert (await confirmed(client, plan["plan_id"])).is_error
    assert (api.bill(one["id"])["status"], api.bill(two["id"])["status"]) == ("paid", "hold")


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(("answer", "due"), [(YES, 60), (NO, 100)])
async def test_the_person_is_asked_once_about_all_of_it(
    api: Api, era: str, answer: types.ElicitResult, due: int
) -> None:
    one, two, person = api.new_bill(), api.new_bill(), Person(answer)
    async with (
        house(api.base_url, writes=Writes.STRICT) as here,
        connect(here.server, era, elicitation_callback=person) as client,
    ):
        result = await client.call_tool("plan_batch", batch(pay(one), pay(two)))
        assert result.structured_content["status"] == ("done" if due == 60 else "refused")
        assert len(here.journal.writes()) == (2 if due == 60 else 0)
    assert len(person.asked) == 1
    assert "2 writes, carried out in this order" in person.asked[0]
    assert all(f"/bills/{bill['id']}/payments" in person.asked[0] for bill in (one, two))
    assert [api.bill(bill["id"])["total_due"] for bill in (one, two)] == [due, due]


@pytest.mark.parametrize("writes", [Writes.ASK, Writes.ALLOW])
async def test_a_batch_stops_at_the_first_that_fails_and_tells_the_state_of_each(api: Api, writes: Writes) -> None:
    one, draft, last = api.new_bill(), api.new_bill("draft"), api.new_bill()
    async with house(api.base_url, writes=writes) as here, connect(here.server, "auto") as client:
        result = await client.call_tool("plan_batch", batch(pay(one), pay(draft), pay(last), hold(last)))
        if writes is Writes.ASK:
            result = await confirmed(client, result.structured_content["plan_id"])
        assert result.is_error
        assert result.structured_content["status"] == "failed"
        assert states(result) == ["done", "failed", "refused", "refused"]
        assert [each.status for each in here.journal.writes()] == ["failed", "done"]
        text = text_of(result)
        assert "1 of 4 writes were done." in text
        assert f"2. Failed (journal {here.journal.writes()[0].id})" in text
        assert "409" in text
        assert "3. Not carried out" in text
        assert "not sent, because a write before it was not done" in text
    assert api.bill(one["id"])["total_due"] == 60
    assert (api.bill(draft["id"]), api.bill(last["id"])) == (draft, last)


async def test_a_batch_stops_where_the_outcome_is_unknown() -> None:
    stored = {"status": "posted", "currency": "USD", "total": 100, "total_paid": 0, "total_due": 100, "payments": []}

    def cut_the_second(exchange: Exchange) -> None:
        if exchange.method == "GET":
            exchange.json({"data": {"id": 7, **stored}})
        elif len(upstream.writes) == 2:
            exchange.cut()
        else:
            exchange.json({"data": {"id": 1}}, 201)

    with loopback(cut_the_second) as upstream:
        async with house(upstream.base_url) as here, connect(here.server, "auto") as client:
            plan = await planned(client, "plan_batch", batch(*(pay({"id": number}) for number in (7, 8, 9))))
            result = await confirmed(client, plan["plan_id"])
            assert states(result) == ["done", "unknown", "refused"]
            assert result.structured_content["status"] == "unknown"
            assert [each.status for each in here.journal.writes()] == ["unknown", "done"]
        assert [each.path for each in upstream.writes] == ["/bills/7/payments", "/bills/8/payments"]


async def test_nothing_of_a_batch_is_sent_when_one_of_its_records_has_changed(api: Api) -> None:
    one, two = api.new_bill(), api.new_bill()
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        plan = await planned(client, "plan_batch", batch(pay(one), pay(two)))
        api.pay(two["id"], "1.00")
        late = await confirmed(client, plan["plan_id"])
        assert late.is_error
        assert "record has changed" in text_of(late)
        assert here.journal.writes() == []
    assert api.bill(one["id"]) == one


async def test_what_makes_no_sensible_batch_is_refused(api: Api) -> None:
    bill = api.new_bill()
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        same = batch(pay(bill, "40.00"), hold(bill), pay(bill, "40.0"))
        assert "very same" in await refused(client, "plan_batch", same)
        for tool in ("get_bill", "confirm_write", "plan_batch", "plan_undo", "no_such_tool"):
            result = await client.call_tool("plan_batch", batch(pay(bill), (tool, {"bill_id": bill["id"]})))
            assert result.is_error
            assert "plan_id" not in (result.structured_content or {})
            assert tool != "get_bill" or "get_bill only reads" in text_of(result)
        for size in (0, 51):
            many = batch(*(pay(bill, f"{number + 1}.00") for number in range(size)))
            assert (await client.call_tool("plan_batch", many)).is_error
        wrong = await client.call_tool("plan_batch", batch(pay(bill), ("hold_bill", {"bill": 7})))
        assert wrong.is_error
        assert "bill_id" in text_of(wrong)
        done = await written(client, "record_bill_payment", payment(bill))
        again = await refused(client, "plan_batch", batch(hold(bill), pay(bill)))
        assert f"Write 2 (record_bill_payment): the very same was done already (journal {done['journal_id']}" in again
        assert "repeat=true" in again
        assert len(here.journal.writes()) == 1
    assert len(api.bill(bill["id"])["payments"]) == 1


async def test_the_policy_holds_for_each_part(api: Api) -> None:
    one, two, three = (api.new_bill() for _ in range(3))
    currency = one["currency"]
    rules = Policy.model_validate(
        {
            "tools": {"update_bill": "deny", "unhold_bill": "person"},
            "limits": {"per_write": {currency: "50.00"}, "per_day": {currency: "80.00"}},
        }
    )
    async with house(api.base_url, policy=rules) as here, connect(here.server, "auto") as client:
        denied = batch(pay(one), ("update_bill", {"bill_id": one["id"], "notes": "x"}))
        assert "tools.update_bill is deny" in await refused(client, "plan_batch", denied)
        assert "approval of a person" in await refused(
            client, "plan_batch", batch(pay(one), ("unhold_bill", {"bill_id": one["id"]}))
        )
        said = await refused(client, "plan_batch", batch(pay(one), pay(two, "50.01")))
        assert "Write 2 (record_bill_payment)" in said
        assert "limits.per_write: 50.01" in said
        assert here.journal.writes() == []
        plan = await planned(client, "plan_batch", batch(pay(one), pay(two), pay(three, "0.01")))
        over = await confirmed(client, plan["plan_id"])
        assert states(over) == ["done", "done", "refused"]
        assert f"limits.per_day: 80.01 {currency} is more than 80.00 {currency}" in text_of(over)
        assert len(here.journal.writes()) == 2
    assert api.bill(three["id"]) == three


async def test_a_batch_with_one_write_for_two_persons_needs_both(api: Api) -> None:
    one, two = api.new_bill(), api.new_bill()
    rules = Policy.model_validate({"four_eyes": {"above": {one["currency"]: "30.00"}}})
    async with house(api.base_url, writes=Writes.ALLOW, policy=rules) as here, connect(here.server, "auto") as client:
        plan = await planned(client, "plan_batch", batch(pay(one, "10.00"), pay(two, "30.01")))
        assert "second person" in text_of(await confirmed(client, plan["plan_id"]))
        (waiting,) = here.journal.proposals()
        assert [write["money"] for write in waiting.writes] == [f"10.00 {one['currency']}", f"30.01 {one['currency']}"]
        assert here.journal.writes() == []
        here.journal.approve(plan["plan_id"], "second")
        assert states(await confirmed(client, plan["plan_id"])) == ["done", "done"]


async def test_a_large_batch_stays_within_the_budget_and_one_too_long_to_show_is_refused(api: Api) -> None:
    bill = api.new_bill()
    line = {"description": "Pallets of the large kind, " * 6, "quantity": 1, "unit_cost": "2.00"}
    new = {"vendor_id": bill["vendor_id"], "bill_date": PAID_ON, "items": [line] * 30}

    def bills(count: int) -> dict[str, Any]:
        return batch(*(("create_bill", {**new, "bill_number": uuid.uuid4().hex}) for _ in range(count)))

    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        many = batch(*(pay(bill, f"1.{number:02}", reference=f"part {number}") for number in range(50)))
        for wanted in (many, bills(15)):
            result = await client.call_tool("plan_batch", wanted)
            assert result.structured_content["status"] == "confirmation_required", text_of(result)[:200]
            assert tokens(text_of(result)) <= MAX_TOKENS
            assert tokens(json.dumps(result.structured_content)) <= MAX_TOKENS
        said = await refused(client, "plan_batch", bills(50))
        assert "Plan fewer at once" in said
        assert here.journal.writes() == []
