"""How much money may be moved and how often anything is written, by one process or several."""

from __future__ import annotations

import uuid
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest
from desk import PAID_ON, confirmed, payment, planned, policy, refused, written
from harness import Api, Clock, connect, house, reaching, stdio, text_of
from hypothesis import given
from hypothesis import strategies as st
from loopback import Exchange, loopback
from mcp import Client

from server.guard.journal import Journal
from server.guard.modes import Writes
from server.guard.plan import Flow, Plan, PlanRefusedError, Sum
from server.guard.policy import Policy
from tools import catalogue
from tools.arguments import check
from tools.request import compose

TOOLS = catalogue.load().operations
CENT = Decimal("0.01")


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
