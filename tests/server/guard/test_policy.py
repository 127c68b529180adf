"""The policy: what may be written by whom, how much money, when; and that nothing gets past it."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import anyio
import pytest
from desk import NO, PAID_ON, YES, Person, confirmed, payment, planned, refused, written
from harness import ERAS, Api, Clock, connect, house, reaching, run, stdio, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Exchange, loopback
from mcp import Client

from server.assembly import local_principal
from server.guard import policy as policy_module
from server.guard.journal import Journal
from server.guard.modes import Writes
from server.guard.plan import Flow, Plan, PlanRefusedError, Sum
from server.guard.planner import Planner
from server.guard.policy import Decision, Policy, PolicyError, QuietHours, read_policy, strictest
from tools import catalogue
from tools.arguments import check
from tools.request import compose

KNOWN = catalogue.load()
TOOLS = KNOWN.operations
CENT = Decimal("0.01")


def policy(**said: Any) -> Policy:
    """A policy as its file would say it."""
    return Policy.model_validate(said)


def read(folder: Path, text: str) -> Policy:
    path = folder / f"{uuid.uuid4().hex}.toml"
    path.write_text(text, encoding="utf-8")
    return read_policy(path, {entry.name: entry.effect for entry in KNOWN}, KNOWN.toolsets)


# Reading


def test_the_documented_example_is_read_to_the_cent(tmp_path: Path) -> None:
    example = (policy_module.__doc__ or "").partition("\n\n")[2]
    found = read(tmp_path, example)
    assert found.companies == ("acme",)
    assert found.tools == {"delete_bill_payment": Decision.DENY}
    assert found.limits.per_vendor_per_day == {"USD": Decimal("8000.50")}
    assert found.limits.writes_per_hour == 60
    assert found.four_eyes is not None
    assert found.four_eyes.above == {"USD": Decimal(2500)}
    assert found.quiet_hours is not None
    assert (found.quiet_hours.start, found.quiet_hours.end) == (dt.time(20), dt.time(6, 30))


@given(st.decimals(min_value=CENT, max_value=Decimal("99999999999999.99"), places=2))
@settings(max_examples=50)
def test_an_amount_is_read_exactly_as_it_is_written(tmp_path_factory: pytest.TempPathFactory, amount: Decimal) -> None:
    found = read(tmp_path_factory.getbasetemp(), f'[limits]\nper_write = {{ USD = {amount}, EUR = "{amount}" }}\n')
    assert found.limits.per_write == {"USD": amount, "EUR": amount}
    assert {type(each) for each in found.limits.per_write.values()} == {Decimal}


UNUSABLE = {
    "unknown key": ('# mine\ncompanys = ["acme"]', 2, "companys"),
    "unknown table": ("\n[limit]\nper_write = { USD = 5 }", 2, "limit"),
    "unknown limit": ("[limits]\nper_write = { USD = 5 }\nper_week = { USD = 5 }", 3, "limits.per_week"),
    "unknown limit, dotted": ("# a\nlimits.per_week = { USD = 5 }", 2, "limits.per_week"),
    "unknown limit, quoted": ("[limits]\n\n'per week' = { USD = 5 }", 3, "limits.per week"),
    "another spelling of from": ('[quiet_hours]\nto = "06:00"\nstart = "20:00"', 3, "quiet_hours.start"),
    "unknown effect": ('[effects]\nmoney = "person"\nread = "deny"', 3, "effects.read"),
    "unknown decision": ('[effects]\nwrite = "confirm"\nmoney = "maybe"', 3, "effects.money"),
    "unknown toolset": ('[toolsets]\nbils = "deny"', 2, "did you mean bills?"),
    "unknown tool": (
        '[tools]\npost_bill = "deny"\nrecord_bill_paymnt = "deny"',
        3,
        "did you mean record_bill_payment?",
    ),
    "a tool that reads": ('[tools]\nget_bill = "deny"', 2, "only reads"),
    "a list where a table belongs": ("limits = [5]", 1, "limits"),
    "no amount": ('[limits]\nper_write = { USD = "much" }', 2, "limits.per_write.USD: must be an amount"),
    "no amount but a truth": ("[limits]\nper_day = { USD = true }", 2, "must be an amount"),
    "nothing": ("[limits.per_write]\nEUR = 1\nUSD = 0", 3, "more than zero"),
    "less than nothing": ("[limits.per_write]\nUSD = -5", 2, "more than zero"),
    "half a cent": ("[limits.per_write]\nUSD = 0.005", 2, "two decimals"),
    "infinite": ("[limits.per_write]\nUSD = inf", 2, "more than zero"),
    "not a number": ("[limits.per_write]\nUSD = nan", 2, "more than zero"),
    "beyond all counting": ("[limits.per_write]\nUSD = 1e30", 2, "limits.per_write.USD"),
    "no currency": ("[limits.per_write]\nusd = 5", 2, "limits.per_write.usd"),
    "no writes at all": ("[limits]\nwrites_per_hour = 0", 2, "limits.writes_per_hour"),
    "half a write": ("[limits]\nwrites_per_hour = 1.5", 2, "limits.writes_per_hour"),
    "no window": ("repeat_window_hours = 0", 1, "repeat_window_hours"),
    "a day as a number": ("books_closed_through = 20261031", 1, "must be a day"),
    "no company": ("# none\ncompanies = []", 2, "companies: the list is empty"),
    "companies as a text": ('companies = "acme"', 1, "companies"),
    "a limit that the day's stops": (
        "[limits]\nper_day = { USD = 5 }\nper_write = { USD = 5.01 }",
        3,
        "limits.per_write.USD: is more than per_day allows",
    ),
    "a limit that the vendor's stops": (
        "[limits.per_vendor_per_day]\nUSD = 5\n[limits.per_write]\nEUR = 1\nUSD = 6",
        5,
        "more than per_vendor_per_day allows",
    ),
    "four eyes that are never needed": (
        "[limits]\nper_write = { USD = 5 }\n[four_eyes]\nabove = { USD = 5 }",
        4,
        "four_eyes.above.USD: is never reached",
    ),
    "four eyes without an amount": ("[four_eyes]", 1, "four_eyes.above"),
    "half of the hours": ('[quiet_hours]\nfrom = "20:00"', 1, "quiet_hours: from and to go together"),
    "no hours": ('[quiet_hours]\nzone = "UTC"', 1, "needs from and to, or days"),
    "hours of no length": ('[quiet_hours]\nfrom = "20:00"\nto = "20:00"', 1, "leaves nothing quiet"),
    "an hour that no day has": ('[quiet_hours]\nto = "06:00"\nfrom = "24:30"', 3, "quiet_hours.from"),
    "a day that no week has": ('[quiet_hours]\ndays = ["sat",\n"someday"]', 2, "quiet_hours.days"),
    "every day": ('[quiet_hours]\ndays = ["mon","tue","wed","thu","fri","sat","sun"]', 1, "all days are quiet"),
    "no zone": ('[quiet_hours]\ndays = ["sat"]\nzone = "Mars/Olympus"', 1, "no time zone Mars/Olympus"),
    "a zone out of the folder": ('[quiet_hours]\ndays = ["sat"]\nzone = "../../etc/passwd"', 1, "no time zone"),
    "a key twice": ("repeat_window_hours = 2\n\nrepeat_window_hours = 3", 3, "overwrite"),
    "no TOML": ("companies = [\n'acme'", 2, "array"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_used_is_refused_with_file_and_line(tmp_path: Path, case: str) -> None:
    text, line, words = UNUSABLE[case]
    for spelled in (text, text.replace("\n", "\r\n")):
        path = tmp_path / "rules.toml"
        path.write_bytes(spelled.encode())
        with pytest.raises(PolicyError) as error:
            read_policy(path, {entry.name: entry.effect for entry in KNOWN}, KNOWN.toolsets)
        assert str(error.value).startswith(f"{path}, line {line}: "), error.value
        assert words in str(error.value)


def test_a_file_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    with pytest.raises(PolicyError, match=r"rules\.toml: No such file"):
        read_policy(path, {}, ())
    path.write_bytes(b"# fine\ncompanies = ['\xff']")
    with pytest.raises(PolicyError, match=r"rules\.toml, line 2: this is not UTF-8"):
        read_policy(path, {}, ())


def test_a_server_does_not_start_with_a_policy_that_cannot_be_used(api: Api, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[tools]\n\npost_bil = "deny"\n')
    ended = run(reaching(api.base_url, tmp_path / "journal"), "--policy", str(rules))
    assert ended.returncode == 2
    assert f"{rules}, line 3: tools.post_bil: there is no such tool; did you mean post_bill?" in ended.stderr
    assert "Traceback" not in ended.stderr


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


# How much


def limits(bill: dict[str, Any], **amounts: str) -> Policy:
    """Limits in the currency of a bill."""
    return policy(limits={name: {bill["currency"]: amount} for name, amount in amounts.items()})


@pytest.mark.anyio
@pytest.mark.parametrize("writes", [Writes.ASK, Writes.ALLOW])
async def test_a_write_of_exactly_the_limit_is_done_and_one_cent_more_is_refused(api: Api, writes: Writes) -> None:
    bill = api.new_bill()
    async with (
        house(api.base_url, writes=writes, policy=limits(bill, per_write="40.50")) as here,
        connect(here.server, "auto") as client,
    ):
        said = await refused(client, "record_bill_payment", payment(bill, "40.51"))
        assert f"limits.per_write: 40.51 {bill['currency']} is more than 40.50 {bill['currency']}" in said
        assert (api.bill(bill["id"]), here.journal.writes()) == (bill, [])
        result = await client.call_tool("record_bill_payment", payment(bill, "40.50"))
        if writes is Writes.ASK:
            result = await confirmed(client, result.structured_content["plan_id"])
        assert result.structured_content["status"] == "done", text_of(result)


@pytest.mark.anyio
@pytest.mark.parametrize("limit", ["per_day", "per_vendor_per_day"])
async def test_the_payments_of_a_day_reach_the_limit_exactly_and_no_cent_more(api: Api, limit: str) -> None:
    bills = [api.new_bill() for _ in range(3)]
    line = {"description": "Pallets", "quantity": 1, "unit_cost": "900.00"}
    bill = {"vendor_id": bills[0]["vendor_id"], "bill_number": uuid.uuid4().hex, "bill_date": PAID_ON, "items": [line]}
    async with (
        house(api.base_url, policy=limits(bills[0], **{limit: "100.00"})) as here,
        connect(here.server, "auto") as client,
    ):
        made = await written(client, "create_bill", bill)  # To enter what is owed pays nothing.
        await written(client, "post_bill", {"bill_id": int(made["record"]["id"])})
        await written(client, "record_bill_payment", payment(bills[0], "59.99"))
        over = await planned(client, "record_bill_payment", payment(bills[1], "40.02"))
        before = here.journal.writes()
        said = await confirmed(client, over["plan_id"])
        assert said.is_error
        assert f"limits.{limit}: 100.01" in text_of(said)
        assert "Nothing was changed" in text_of(said)
        assert (api.bill(bills[1]["id"]), here.journal.writes()) == (bills[1], before)
        await written(client, "record_bill_payment", payment(bills[1], "40.01"))
        cent = await planned(client, "record_bill_payment", payment(bills[2], "0.01"))
        assert (await confirmed(client, cent["plan_id"])).is_error
        here.clock.advance(hours=12)  # Midnight, UTC
        await written(client, "record_bill_payment", payment(bills[2], "100.00"))


@pytest.mark.anyio
async def test_no_more_writes_in_an_hour_than_allowed_and_failed_ones_count(api: Api) -> None:
    bill, draft = api.new_bill(), api.new_bill("draft")
    async with (
        house(api.base_url, policy=policy(limits={"writes_per_hour": 2})) as here,
        connect(here.server, "auto") as client,
    ):
        plan = await planned(client, "record_bill_payment", payment(draft))
        assert (await confirmed(client, plan["plan_id"])).structured_content["status"] == "failed"
        here.clock.advance(minutes=30)
        await written(client, "hold_bill", {"bill_id": bill["id"]})
        plan = await planned(client, "unhold_bill", {"bill_id": bill["id"]})
        said = await confirmed(client, plan["plan_id"])
        assert said.is_error
        assert "limits.writes_per_hour: 2 writes in the last hour, 2 are allowed" in text_of(said)
        here.clock.advance(minutes=30, seconds=1)
        await written(client, "unhold_bill", {"bill_id": bill["id"]})


def paying(amount: Decimal, currency: str, payee: str | None, clock: Clock) -> Plan:
    """A plan of a payment that moves that much; the record itself is of no matter here."""
    operation = TOOLS["record_bill_payment"]
    arguments = check(operation.arguments, payment({"id": 7}, f"{amount}"))
    return Plan(
        id=uuid.uuid4().hex,
        operation=operation,
        arguments=arguments,
        request=compose(operation, arguments),
        principal="tester",
        company="test",
        summary="",
        changes=(),
        warnings=(),
        money=Sum(amount, currency),
        fingerprint="",
        made_at=clock(),
        expires_at=clock(),
        payee=payee,
    )


PAYMENTS = st.lists(
    st.tuples(
        st.integers(1, 900).map(lambda cents: cents * CENT),
        st.sampled_from(["USD", "USD", "EUR", "EUR", "JPY", ""]),
        st.sampled_from(["vendor 1", "vendor 2", None]),
    ),
    max_size=12,
)
ALLOWED = {"USD": Decimal("10.00"), "EUR": Decimal("7.00")}


@given(PAYMENTS)
def test_currencies_are_never_mixed_and_what_is_unknown_is_read_strictly(
    wanted: list[tuple[Decimal, str, str | None]],
) -> None:
    rules = policy(limits={"per_vendor_per_day": ALLOWED})
    clock = Clock()
    journal = Journal(None, clock)
    paid: list[tuple[Decimal, str, str | None]] = []
    for each in wanted:
        plan = paying(*each, clock)
        said: list[str | None] = []

        def gate(flow: Flow, plan: Plan = plan, said: list[str | None] = said) -> str | None:
            said.append(rules.beyond(plan.operation, plan.money, flow))
            return said[-1]

        with suppress(PlanRefusedError):
            journal.intend(plan, rules.repeat_window, gate)
            paid.append(each)
        if said[-1] is not None and all(currency and payee for _, currency, payee in (*paid, each)):
            same = [amount for amount, *where in (*paid, each) if where == [*each[1:]]]
            assert sum(same) > ALLOWED.get(each[1], 0), said
    journal.close()
    # Whatever the unknown currencies and payees were: no vendor got more than the limit of a currency.
    for currency, limit in ALLOWED.items():
        for vendor in ("vendor 1", "vendor 2"):
            assert sum(one[0] for one in paid if one[1] in ("", currency) and one[2] in (None, vendor)) <= limit
    assert all(one[1] != "JPY" for one in paid)


@pytest.mark.anyio
async def test_a_record_that_does_not_say_its_currency_must_fit_every_limit() -> None:
    def without_currency(exchange: Exchange) -> None:
        record = {"id": 7, "status": "posted", "total": 100, "total_paid": 0, "total_due": 100, "payments": []}
        exchange.json({"data": record if exchange.method == "GET" else {"id": 1}})

    rules = policy(limits={"per_write": {"USD": 50, "EUR": 40}}, four_eyes={"above": {"USD": 45, "EUR": 30}})
    with loopback(without_currency) as upstream:
        async with house(upstream.base_url, policy=rules) as here, connect(here.server, "auto") as client:
            said = await refused(client, "record_bill_payment", payment({"id": 7}, "40.01"))
            assert "40.01 (currency unknown) is more than 40 EUR" in said
            assert (await planned(client, "record_bill_payment", payment({"id": 7}, "30.01")))["two_persons"]
            assert not (await planned(client, "record_bill_payment", payment({"id": 7}, "30.00")))["two_persons"]
        assert upstream.writes == []


# At confirmation, in one transaction


async def confirm_all(clients: list[tuple[Client, str]]) -> list[Any]:
    results: list[Any] = []

    async def confirm(client: Client, plan_id: str) -> None:
        results.append(await confirmed(client, plan_id))

    async with anyio.create_task_group() as group:
        for client, plan_id in clients:
            group.start_soon(confirm, client, plan_id)
    return results


def paid_on(api: Api, bills: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(str(api.bill(bill["id"])["total_paid"])) for bill in bills), Decimal(0))


@pytest.mark.anyio
async def test_plans_made_under_a_limit_and_confirmed_at_once_do_not_exceed_it_together(api: Api) -> None:
    bills = [api.new_bill() for _ in range(10)]
    async with (
        house(api.base_url, policy=limits(bills[0], per_day="40.00")) as here,
        connect(here.server, "auto") as client,
    ):
        plans = [await planned(client, "record_bill_payment", payment(bill, "10.00")) for bill in bills]
        results = await confirm_all([(client, plan["plan_id"]) for plan in plans])
    assert sorted(each.structured_content["status"] for each in results) == ["done"] * 4 + ["refused"] * 6
    assert paid_on(api, bills) == 40


@pytest.mark.anyio
async def test_two_processes_on_one_journal_keep_one_limit(api: Api, tmp_path: Path) -> None:
    bills = [api.new_bill() for _ in range(8)]
    rules = tmp_path / "rules.toml"
    rules.write_text(f'[limits]\nper_vendor_per_day = {{ {bills[0]["currency"]} = "50.00" }}\n')
    server = stdio(reaching(api.base_url, tmp_path / "journal.sqlite3"), "--policy", str(rules))
    async with connect(server, "auto") as one, connect(server, "auto") as two:
        waiting = []
        for number, bill in enumerate(bills):
            client = (one, two)[number % 2]
            plan = await planned(client, "record_bill_payment", payment(bill, "10.00"))
            waiting.append((client, plan["plan_id"]))
        results = await confirm_all(waiting)
    assert sorted(each.structured_content["status"] for each in results) == ["done"] * 5 + ["refused"] * 3
    assert paid_on(api, bills) == 50


@pytest.mark.anyio
async def test_nothing_is_written_while_the_clock_is_moved_back(api: Api, tmp_path: Path) -> None:
    bill, path = api.new_bill(), tmp_path / "journal.sqlite3"
    async with house(api.base_url, journal=path) as here, connect(here.server, "auto") as client:
        await written(client, "record_bill_payment", payment(bill))
        plan = await planned(client, "record_bill_payment", payment(bill, "1.00"))
        here.clock.advance(seconds=-1)
        earlier = await confirmed(client, plan["plan_id"])
        assert "clock was moved back" in text_of(earlier)
    async with house(api.base_url, journal=path) as here, connect(here.server, "auto") as client:
        here.clock.advance(seconds=-6)  # Another process, planning and confirming in that wrong time
        plan = await planned(client, "record_bill_payment", payment(bill, "2.00"))
        before = here.journal.writes()
        said = await confirmed(client, plan["plan_id"])
        assert said.is_error
        assert "was moved back" in text_of(said)
        assert here.journal.writes() == before
        here.clock.advance(seconds=6)
        await written(client, "record_bill_payment", payment(bill, "3.00"))
    assert [each["amount"] for each in api.bill(bill["id"])["payments"]] == [40, 3]


# Two persons


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
