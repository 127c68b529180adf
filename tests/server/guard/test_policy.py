"""The policy: who decides about a write and when it may happen; and that nothing gets past it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from desk import PAID_ON, YES, Person, confirmed, payment, planned, policy, refused, written
from harness import ERAS, Api, connect, house, reaching, run, text_of
from hypothesis import given
from hypothesis import strategies as st

from server.guard.modes import Writes
from server.guard.planner import Planner
from server.guard.policy import Decision, QuietHours, strictest
from tools import catalogue

KNOWN = catalogue.load()
TOOLS = KNOWN.operations


# Who decides

DECISIONS = st.none() | st.sampled_from(Decision)
DEFAULT = {
    Writes.OFF: Decision.DENY,
    Writes.STRICT: Decision.PERSON,
    Writes.ASK: Decision.CONFIRM,
    Writes.ALLOW: Decision.ALLOW,
}
WRITING = sorted(entry.name for entry in KNOWN if entry.effect != "read")


@given(st.sampled_from(WRITING), DECISIONS, DECISIONS, DECISIONS, st.sampled_from(Writes))
def test_a_tool_wins_over_its_toolset_and_that_over_its_effect_and_nothing_loosens_strict_or_off(
    name: str, tool: Decision | None, toolset: Decision | None, effect: Decision | None, mode: Writes
) -> None:
    operation = TOOLS[name]
    rules = policy(
        tools={name: tool} if tool else {},
        toolsets={operation.toolset.name: toolset} if toolset else {},
        effects={operation.effect.value: effect} if effect else {},
    )
    ruling = Planner(rules, TOOLS).ruling(operation, mode)
    said = tool or toolset or effect
    if mode in (Writes.OFF, Writes.STRICT):
        order = list(Decision)
        assert ruling.decision is max(DEFAULT[mode], said or Decision.ALLOW, key=order.index)
    else:
        assert ruling.decision is (said or DEFAULT[mode])
    nearest = next((kind for kind, rule in (("tools", tool), ("toolsets", toolset), ("effects", effect)) if rule), None)
    assert ruling.rule.partition(".")[0] in {nearest, f"--writes {mode.value}"}
    assert strictest(ruling, None) == ruling


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_rules_hold_for_real_calls(api: Api, era: str) -> None:
    bill, person = api.new_bill(), Person(YES)
    rules = policy(
        effects={"money": "deny"}, toolsets={"bills": "person"}, tools={"hold_bill": "allow", "unhold_bill": "confirm"}
    )
    async with house(api.base_url, policy=rules) as here:
        async with connect(here.server, era) as client:
            held = await client.call_tool("hold_bill", {"bill_id": bill["id"]})
            assert held.structured_content["status"] == "done", text_of(held)
            await written(client, "unhold_bill", {"bill_id": bill["id"]})
            update = {"bill_id": bill["id"], "notes": "later"}
            assert "approval of a person" in await refused(client, "update_bill", update)
            assert "approval of a person" in await refused(client, "record_bill_payment", payment(bill))
            credit = {"vendor_id": bill["vendor_id"], "amount": "1.00", "credit_date": PAID_ON}
            assert "effects.money is deny" in await refused(client, "create_vendor_credit", credit)
        async with connect(here.server, era, elicitation_callback=person) as client:
            done = await client.call_tool("update_bill", update)
            assert done.structured_content["status"] == "done", text_of(done)
        assert [each.tool for each in here.journal.writes()] == ["update_bill", "unhold_bill", "hold_bill"]
    assert len(person.asked) == 1
    assert api.bill(bill["id"])["payments"] == []


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("writes", [Writes.STRICT, Writes.OFF])
async def test_a_policy_does_not_loosen_strict_or_off(api: Api, era: str, writes: Writes) -> None:
    bill = api.new_bill()
    rules = policy(effects={"write": "allow", "money": "allow"}, toolsets={"bills": "allow"})
    async with house(api.base_url, writes=writes, policy=rules) as here, connect(here.server, era) as client:
        await refused(client, "record_bill_payment", payment(bill))
        await refused(client, "hold_bill", {"bill_id": bill["id"]})
        assert "confirm_write" not in {tool.name for tool in (await client.list_tools()).tools}
    assert api.bill(bill["id"]) == bill


@pytest.mark.anyio
async def test_only_named_companies_are_written_to(api: Api) -> None:
    bill = api.new_bill()
    others = policy(companies=["other", "Test"])
    async with house(api.base_url, policy=others) as here, connect(here.server, "auto") as client:
        said = await refused(client, "record_bill_payment", payment(bill))
        assert "companies: writes go to other, Test only, not to test" in said
    async with house(api.base_url, policy=policy(companies=["test"])) as here, connect(here.server, "auto") as client:
        await written(client, "record_bill_payment", payment(bill))
    assert len(api.bill(bill["id"])["payments"]) == 1


# When

MINUTE = st.integers(0, 24 * 60 - 1)
ZONES = ("UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Europe/London")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clock_time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(
    st.tuples(MINUTE, MINUTE).filter(lambda pair: pair[0] != pair[1]),
    st.sets(st.sampled_from(DAYS), max_size=6),
    st.sampled_from(ZONES),
    st.integers(1_577_836_800, 1_893_456_000).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC)),
)
def test_quiet_hours_hold_by_the_clock_on_the_wall_of_their_zone(
    hours: tuple[int, int], days: set[str], zone: str, now: dt.datetime
) -> None:
    begin, end = hours
    quiet = QuietHours.model_validate(
        {"from": clock_time(begin), "to": clock_time(end), "days": sorted(days), "zone": zone}
    )
    wall = now.astimezone(ZoneInfo(zone))
    minute = wall.hour * 60 + wall.minute
    within = (minute - begin) % (24 * 60) < (end - begin) % (24 * 60)
    assert quiet.hold(now) == (within or f"{wall:%a}".lower() in days)


@pytest.mark.anyio
async def test_what_was_planned_before_quiet_hours_is_not_carried_out_in_them(api: Api) -> None:
    bill = api.new_bill()
    rules = policy(quiet_hours={"from": "07:05", "to": "07:09", "zone": "America/New_York"})
    async with house(api.base_url, policy=rules) as here, connect(here.server, "auto") as client:
        here.clock.advance(minutes=1)  # 07:01 in New York
        plan = await planned(client, "record_bill_payment", payment(bill))
        here.clock.advance(minutes=4)
        late = await confirmed(client, plan["plan_id"])
        assert late.is_error
        assert "quiet_hours: nothing is written now; it is Sat 07:05" in text_of(late)
        assert "quiet_hours" in await refused(client, "record_bill_payment", payment(bill))
        assert api.bill(bill["id"]) == bill
        assert here.journal.writes() == []
        here.clock.advance(minutes=4)
        await written(client, "record_bill_payment", payment(bill))


# Explained


def test_explain_says_which_rule_decides_and_which_limits_stand_against_it(api: Api, tmp_path: Path) -> None:
    bill, state, rules = api.new_bill(), tmp_path / "journal.sqlite3", tmp_path / "rules.toml"
    currency = bill["currency"]
    rules.write_text(
        "[effects]\nmoney = 'person'\n[tools]\nrecord_bill_payment = 'allow'\npost_bill = 'deny'\n"
        f"[limits]\nper_write = {{ {currency} = 40 }}\nper_day = {{ {currency} = 40.00 }}\n"
        f"[four_eyes]\nabove = {{ {currency} = 20.00 }}\n"
    )
    env = reaching(api.base_url, state, LUMINOUS_POLICY=str(rules))

    def explained(tool: str, arguments: str = "{}", *options: str) -> tuple[int, str]:
        ended = run(env, "policy", "explain", tool, arguments, *options)
        assert "Traceback" not in ended.stderr
        return ended.returncode, ended.stdout + ended.stderr

    def pay(amount: str) -> str:
        return f'{{"bill_id": {bill["id"]}, "amount": "{amount}", "payment_date": "{PAID_ON}"}}'

    code, said = explained("record_bill_payment", pay("20.00"))
    assert (code, "allow, because of tools.record_bill_payment" in said, "second" in said) == (0, True, False)
    code, said = explained("record_bill_payment", pay("20.01"))
    assert (code, "four_eyes: a second person must confirm" in said) == (0, True)
    code, said = explained("record_bill_payment", pay("40.01"))
    assert code == 1
    assert f"refused: limits.per_write: 40.01 (currency unknown) is more than 40 {currency}" in said
    code, said = explained("create_vendor_credit", f'{{"vendor_id": 1, "amount": 1, "credit_date": "{PAID_ON}"}}')
    assert (code, "person, because of effects.money" in said) == (0, True)
    code, said = explained("post_bill", f'{{"bill_id": {bill["id"]}}}')
    assert (code, "deny, because of tools.post_bill" in said) == (1, True)
    code, said = explained("record_bill_payment", pay("1.00"), "--writes", "off")
    assert (code, "deny, because of --writes off" in said) == (1, True)
    assert explained("get_bill", f'{{"bill_id": {bill["id"]}}}') == (0, "get_bill only reads: no policy applies.\n")
    assert (explained("record_bill_paymnt")[0], explained("record_bill_payment", "[]")[0]) == (2, 2)
    assert explained("record_bill_payment", pay("many"))[0] == 2
    assert (api.bill(bill["id"]), state.exists()) == (bill, False)

    assert run(env, "call", "record_bill_payment", pay("15.00")).returncode == 0
    assert explained("record_bill_payment", pay("25.00"))[0] == 0
    code, said = explained("record_bill_payment", pay("25.01"))
    assert (code, "refused: limits.per_day: 40.01" in said) == (1, True)
