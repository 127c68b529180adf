"""Above an amount a second person must confirm, and nobody is two persons."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from desk import NO, YES, Person, confirmed, payment, planned, policy
from harness import ERAS, Api, connect, house, reaching, run, text_of

from server.assembly import local_principal
from server.guard.modes import Writes
from server.guard.plan import PlanRefusedError
from server.guard.policy import Policy


def two_above(bill: dict[str, Any], amount: str = "30.00", **more: Any) -> Policy:
    return policy(four_eyes={"above": {bill["currency"]: amount}}, **more)


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("writes", [Writes.ASK, Writes.ALLOW])
async def test_above_the_amount_who_asked_cannot_confirm_alone(api: Api, era: str, writes: Writes) -> None:
    bill = api.new_bill()
    async with (
        house(api.base_url, writes=writes, policy=two_above(bill)) as here,
        connect(here.server, era) as client,
    ):
        enough = await client.call_tool("record_bill_payment", payment(bill, "30.00"))
        assert enough.structured_content["status"] == ("done" if writes is Writes.ALLOW else "confirmation_required")
        before = api.bill(bill["id"])
        plan = await planned(client, "record_bill_payment", payment(bill, "30.01"))
        assert plan["two_persons"]
        for _ in range(2):
            alone = await confirmed(client, plan["plan_id"])
            assert alone.is_error
            assert f"luminous-mcp approve {plan['plan_id']}" in text_of(alone)
        with pytest.raises(PlanRefusedError, match="cannot be the second person"):
            here.journal.approve(plan["plan_id"], "tester")
        assert api.bill(bill["id"]) == before
        here.principal = "second"
        done = await confirmed(client, plan["plan_id"])
        assert done.structured_content["status"] == "done", text_of(done)
        assert here.journal.approver(plan["plan_id"]) == "second"
        for principal in ("tester", "second", "third"):
            here.principal = principal
            assert (await confirmed(client, plan["plan_id"])).is_error
    assert Decimal("30.01") in [Decimal(str(each["amount"])) for each in api.bill(bill["id"])["payments"]]
    assert len(api.bill(bill["id"])["payments"]) == len(before["payments"]) + 1


@pytest.mark.anyio
async def test_another_user_of_the_journal_approves_at_a_terminal(api: Api, tmp_path: Path) -> None:
    bill, path = api.new_bill(), tmp_path / "journal.sqlite3"
    env = reaching(api.base_url, path)
    async with (
        house(api.base_url, journal=path, policy=two_above(bill)) as here,
        connect(here.server, "auto") as client,
    ):
        here.clock.moment = dt.datetime.now(dt.UTC)  # The other process has the real time.
        plan = await planned(client, "record_bill_payment", payment(bill))
        unknown = run(env, "approve", plan["plan_id"], "--yes")
        assert unknown.returncode == 1
        assert "no such plan" in unknown.stderr
        assert (await confirmed(client, plan["plan_id"])).is_error
        listed = run(env, "approve")
        assert plan["plan_id"] in listed.stdout
        assert f"40.00 {bill['currency']}" in listed.stdout
        assert "total_due: 100.00 -> 60.00" in listed.stdout
        assert run(env, "approve", plan["plan_id"], stdin="n\n").returncode == 1
        assert (await confirmed(client, plan["plan_id"])).is_error
        agreed = run(env, "approve", plan["plan_id"], stdin="y\n")
        assert agreed.returncode == 0, agreed.stderr
        assert api.bill(bill["id"]) == bill
        here.clock.moment = dt.datetime.now(dt.UTC)
        done = await confirmed(client, plan["plan_id"])
        assert done.structured_content["status"] == "done", text_of(done)
        assert here.journal.approver(plan["plan_id"]) == local_principal()
    assert len(api.bill(bill["id"])["payments"]) == 1


@pytest.mark.anyio
async def test_a_user_cannot_be_the_second_person_by_another_name(api: Api, tmp_path: Path) -> None:
    bill, path = api.new_bill(), tmp_path / "journal.sqlite3"
    async with (
        house(api.base_url, journal=path, policy=two_above(bill)) as here,
        connect(here.server, "auto") as client,
    ):
        here.clock.moment = dt.datetime.now(dt.UTC)
        here.principal = local_principal()
        plan = await planned(client, "record_bill_payment", payment(bill))
        assert (await confirmed(client, plan["plan_id"])).is_error
        env = reaching(api.base_url, path, LOGNAME="boss", USER="boss", USERNAME="boss")
        approved = run(env, "approve", plan["plan_id"], "--yes")
        assert approved.returncode == 1
        assert "cannot be the second person" in approved.stderr
        assert (await confirmed(client, plan["plan_id"])).is_error
    assert api.bill(bill["id"]) == bill


@pytest.mark.anyio
async def test_a_plan_waits_for_its_second_person_only_until_it_expires(api: Api) -> None:
    bill = api.new_bill()
    async with house(api.base_url, policy=two_above(bill)) as here, connect(here.server, "auto") as client:
        late = await planned(client, "record_bill_payment", payment(bill))
        approved = await planned(client, "record_bill_payment", payment(bill, "41.00"))
        assert (await confirmed(client, late["plan_id"])).is_error
        assert (await confirmed(client, approved["plan_id"])).is_error
        here.journal.approve(approved["plan_id"], "second")
        here.clock.advance(minutes=10)
        assert here.journal.proposals() == []
        with pytest.raises(PlanRefusedError, match="no such plan that waits"):
            here.journal.approve(late["plan_id"], "second")
        for plan in (late, approved):
            assert "expired" in text_of(await confirmed(client, plan["plan_id"]))
        here.principal = "second"
        assert "expired" in text_of(await confirmed(client, late["plan_id"]))
    assert api.bill(bill["id"]) == bill


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_where_a_person_must_approve_both_are_persons(api: Api, era: str) -> None:
    bill, person = api.new_bill(), Person(YES)
    async with house(api.base_url, writes=Writes.STRICT, policy=two_above(bill)) as here:
        async with connect(here.server, era, elicitation_callback=person) as client:
            first = await client.call_tool("record_bill_payment", payment(bill))
            assert "second person" in text_of(first)
            plan_id = first.structured_content["plan_id"]
        async with connect(here.server, era) as client:
            for principal in ("tester", "second"):
                here.principal = principal
                assert "A person must approve this plan" in text_of(await confirmed(client, plan_id))
        here.principal, person.answer = "second", YES
        async with connect(here.server, era, elicitation_callback=person) as client:
            done = await confirmed(client, plan_id)
            assert done.structured_content["status"] == "done", text_of(done)
    assert len(person.asked) == 2
    assert all("total_due: 100.00 -> 60.00" in asked for asked in person.asked)
    assert len(api.bill(bill["id"])["payments"]) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_in_strict_mode_an_approved_plan_is_carried_out(api: Api, era: str) -> None:
    bill, person = api.new_bill(), Person(YES)
    async with (
        house(api.base_url, writes=Writes.STRICT, policy=two_above(bill)) as here,
        connect(here.server, era, elicitation_callback=person) as client,
    ):
        plan_id = (await client.call_tool("record_bill_payment", payment(bill))).structured_content["plan_id"]
        here.journal.approve(plan_id, "second")
        done = await confirmed(client, plan_id)
        assert done.structured_content["status"] == "done", text_of(done)
    assert len(api.bill(bill["id"])["payments"]) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_the_no_of_the_second_person_ends_the_plan(api: Api, era: str) -> None:
    bill, person = api.new_bill(), Person(YES)
    async with (
        house(api.base_url, policy=two_above(bill)) as here,
        connect(here.server, era, elicitation_callback=person) as client,
    ):
        plan_id = (await client.call_tool("record_bill_payment", payment(bill))).structured_content["plan_id"]
        here.principal, person.answer = "second", NO
        assert "did not agree" in text_of(await confirmed(client, plan_id))
        here.principal = "tester"
        assert "declined" in text_of(await confirmed(client, plan_id))
    assert api.bill(bill["id"]) == bill
