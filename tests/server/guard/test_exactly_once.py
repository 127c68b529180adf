"""A write happens once: repeats, lost answers, killed processes, many at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest
from faulty import PAID_ON, Faulty, called, confirmed, planned, written
from harness import KEY, PATIENCE, Api, House, connect, house
from loopback import Exchange, Loopback, loopback
from pydantic import SecretStr

from server.guard.settlement import SETTLE_AFTER
from server.upstream.connection import Connection
from tests.bench.chaos.run import run as run_chaos

pytestmark = pytest.mark.anyio

Counts = Callable[[], int]


@dataclass(frozen=True)
class Write:
    """A write that was not carried out yet. count: how often its effect is on record."""

    tool: str
    arguments: dict[str, Any]
    count: Counts


# Writes of each kind, on records of their own


def payment(api: Api, amount: str = "40.00", **more: Any) -> Write:
    bill_id = api.new_bill()["id"]
    return Write(
        "record_bill_payment",
        {"bill_id": bill_id, "amount": amount, "payment_date": PAID_ON, **more},
        lambda: len(api.bill(bill_id)["payments"]),
    )


def bill(api: Api) -> Write:
    vendor, number = api.new_bill()["vendor_id"], f"B-{uuid.uuid4().hex[:12]}"
    line = {"description": "Pallets", "quantity": 2, "unit_cost": "12.50"}
    return Write(
        "create_bill",
        {"vendor_id": vendor, "bill_number": number, "bill_date": PAID_ON, "items": [line]},
        lambda: len(api.get("/bills", bill_number=number)["data"]),
    )


def vendor_credit(api: Api) -> Write:
    vendor, reference = api.new_bill()["vendor_id"], f"C-{uuid.uuid4().hex[:12]}"
    return Write(
        "create_vendor_credit",
        {"vendor_id": vendor, "amount": "30.00", "credit_date": PAID_ON, "reference": reference},
        lambda: len(api.get("/vendor-credits", reference=reference)["data"]),
    )


def credit_application(api: Api) -> Write:
    owed = api.new_bill()
    new = {"vendor_id": owed["vendor_id"], "amount": "30.00", "credit_date": PAID_ON}
    credit_id = api.post("/vendor-credits", new)["id"]
    return Write(
        "apply_vendor_credit",
        {"vendor_credit_id": credit_id, "amount": "10.00", "bill_id": owed["id"]},
        lambda: len(api.get(f"/vendor-credits/{credit_id}")["data"]["applications"]),
    )


def update(api: Api) -> Write:
    bill_id, notes = api.new_bill()["id"], f"note {uuid.uuid4().hex}"
    return Write("update_bill", {"bill_id": bill_id, "notes": notes}, lambda: int(api.bill(bill_id)["notes"] == notes))


def deletion(api: Api) -> Write:
    name = f"Gone {uuid.uuid4().hex[:12]}"
    company_id = api.post("/companies", {"name": name})["id"]
    return Write(
        "delete_company", {"company_id": company_id}, lambda: 1 - len(api.get("/companies", name=name)["data"])
    )


def deactivation(api: Api) -> Write:
    """A deletion that keeps the record."""
    name = f"Gone {uuid.uuid4().hex[:12]}"
    supplier_id = api.post("/suppliers", {"name": name, "address_1": "1 Dock Rd", "city": "Reno"})["id"]
    before = api.get(f"/suppliers/{supplier_id}")["data"]["status"]
    return Write(
        "delete_supplier",
        {"supplier_id": supplier_id},
        lambda: int(api.get(f"/suppliers/{supplier_id}")["data"]["status"] != before),
    )


def posting(api: Api) -> Write:
    bill_id = api.new_bill("draft")["id"]
    return Write("post_bill", {"bill_id": bill_id}, lambda: int(api.bill(bill_id)["status"] == "posted"))


def hold(api: Api) -> Write:
    bill_id = api.new_bill()["id"]
    return Write(
        "hold_bill", {"bill_id": bill_id, "reason": "checking"}, lambda: int(api.bill(bill_id)["status"] == "hold")
    )


WRITES = (payment, bill, vendor_credit, credit_application, update, deletion, deactivation, posting, hold)


# Repeats


@pytest.mark.parametrize("make", [payment, bill, vendor_credit, credit_application])
async def test_a_repeat_inside_the_window_is_told_the_outcome_and_one_after_it_is_a_write(
    api: Api, make: Callable[[Api], Write]
) -> None:
    write, upstream = make(api), Faulty(api.base_url)
    async with house(api.base_url, upstream=upstream) as here, connect(here.server, "auto") as client:
        first = await written(client, write.tool, write.arguments)
        here.clock.advance(hours=23, minutes=59)
        again = await called(client, write.tool, write.arguments)
        assert again["status"] == "done"
        assert again["already"] is True
        assert again["journal_id"] == first["journal_id"]
        assert again["record_id"] == str(here.journal.writes()[0].record_id)
        assert len(upstream.sent) == write.count() == 1
        here.clock.advance(minutes=2)
        await written(client, write.tool, write.arguments)
        assert len(upstream.sent) == 2


async def test_a_repeat_is_known_however_its_arguments_are_spelled(api: Api) -> None:
    paid, new = payment(api, "40.00"), bill(api)
    (line,) = new.arguments["items"]
    again = {
        **dict(reversed(new.arguments.items())),
        "vendor_id": str(new.arguments["vendor_id"]),
        "items": [{"unit_cost": 12.5, "quantity": "2.0", "description": line["description"]}],
    }
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        await written(client, paid.tool, paid.arguments)
        respelled = {**paid.arguments, "amount": 40, "reference": None}
        assert (await called(client, paid.tool, respelled)).get("already") is True
        await written(client, new.tool, new.arguments)
        assert (await called(client, new.tool, again)).get("already") is True
    assert (paid.count(), new.count()) == (1, 1)


async def test_repeat_is_part_of_what_is_confirmed_and_sends_again(api: Api) -> None:
    write = payment(api)
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        await written(client, write.tool, write.arguments)
        plan = await called(client, write.tool, {**write.arguments, "repeat": True})
        assert plan["status"] == "confirmation_required"
        assert any(warning.startswith("repeat:") for warning in plan["warnings"])
        assert write.count() == 1
        assert (await confirmed(client, plan["plan_id"])).structured_content["status"] == "done"
        assert write.count() == 2
        # What was meant once more is not meant ever after.
        assert (await called(client, write.tool, write.arguments))["already"] is True
    assert write.count() == 2


async def test_of_two_plans_of_the_same_write_only_one_is_carried_out(api: Api) -> None:
    credit = vendor_credit(api)
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        first = await planned(client, credit.tool, credit.arguments)
        second = await planned(client, credit.tool, credit.arguments)
        assert (await confirmed(client, first)).structured_content["status"] == "done"
        late = (await confirmed(client, second)).structured_content
        assert late["already"] is True
    assert credit.count() == 1


async def test_hold_release_and_hold_again_are_three_writes(api: Api) -> None:
    write = hold(api)
    release = {"bill_id": write.arguments["bill_id"]}
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        await written(client, write.tool, write.arguments)
        assert (await called(client, write.tool, write.arguments))["already"] is True
        await written(client, "unhold_bill", release)
        await written(client, write.tool, write.arguments)
        assert [each.tool for each in here.journal.writes()] == ["hold_bill", "unhold_bill", "hold_bill"]
    assert write.count() == 1


async def test_what_adds_to_a_record_is_a_repeat_also_after_another_write_to_it(api: Api) -> None:
    owner = update(api)
    file = {"file_name": "scan.pdf", "content_base64": "JVBERi0xLjQK"}
    upload = {"bill_id": owner.arguments["bill_id"], "file": file}
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        await written(client, "upload_bill_attachment", upload)
        await written(client, owner.tool, owner.arguments)
        assert (await called(client, "upload_bill_attachment", upload))["already"] is True
    assert len(api.bill(owner.arguments["bill_id"])["attachments"]) == 1


async def test_another_companys_write_makes_no_repeat_a_new_write(api: Api, tmp_path: Path) -> None:
    write = hold(api)
    there = Faulty(api.base_url, "elsewhere")
    path, release = tmp_path / "journal.sqlite3", {"bill_id": write.arguments["bill_id"]}
    async with house(api.base_url, journal=path) as here, connect(here.server, "auto") as client:
        await written(client, write.tool, write.arguments)
        async with (
            house(api.base_url, journal=path, upstream=there) as other,
            connect(other.server, "auto") as stranger,
        ):
            await written(stranger, "unhold_bill", release)
        assert (await called(client, write.tool, write.arguments))["already"] is True


async def test_a_masked_value_can_be_set_one_after_the_other(api: Api) -> None:
    contact = next(each for each in api.get("/contacts", per_page=50)["data"] if each["email"])
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        for password in ("first-Sekret-4711", "second-Sekret-4711", "first-Sekret-4711"):
            given = {"contact_id": int(contact["id"]), "password": password}
            assert (await written(client, "set_contact_portal_password", given))["status"] == "done"
        assert {each.key for each in here.journal.writes()} == {None}


async def test_a_record_made_with_a_masked_value_is_made_once(api: Api) -> None:
    company = api.get("/companies", per_page=1)["data"][0]
    email = f"{uuid.uuid4().hex}@x.example"
    fresh = {"first_name": "Ann", "company_id": int(company["id"]), "email": email, "password": "first-Sekret-4711"}
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        await written(client, "create_contact", fresh)
        assert (await called(client, "create_contact", {**fresh, "password": "other-Sekret-4711"}))["already"] is True


async def test_a_payment_by_card_is_made_once_whatever_the_card(tmp_path: Path) -> None:
    paid = {"id": 7, "amount": "12.00", "method": "card", "card_number": "4111111111111111"}
    with loopback(lambda exchange: exchange.json({"data": {"id": 7, "final_total": 100}})) as api:
        billdiary = Connection.to_billdiary(SecretStr("key"), SecretStr("secret"), api.base_url)
        async with house(api.base_url, billdiary=billdiary) as here, connect(here.server, "auto") as client:
            await written(client, "billdiary_record_purchase_payment", paid)
            other = {**paid, "card_number": "5500000000000004"}
            assert (await called(client, "billdiary_record_purchase_payment", other))["already"] is True
            assert len(api.writes) == 1


# Lost answers

BEFORE = ("cut_before", "status=500", "status=502", "status=503")
AFTER = ("cut_after", "truncated", "malformed", "wrong_type")
AFTER_BY_A_PROXY = (500, 502, 503)


def passed_on(api: Api, exchange: Exchange) -> httpx.Response:
    """What the API answers to a request that came here."""
    kept = ("authorization", "content-type")
    headers = {name: value for name, value in exchange.headers.items() if name in kept}
    url = api.base_url + exchange.path
    return httpx.request(exchange.method, url, params=exchange.query, content=exchange.body, headers=headers)


@contextmanager
def failing_behind(api: Api, status: int) -> Iterator[Loopback]:
    """The API behind a proxy that passes requests on and then answers with an error."""

    def script(exchange: Exchange) -> None:
        passed_on(api, exchange)
        exchange.json({"message": "Bad Gateway"}, status)

    with loopback(script) as proxy:
        yield proxy


@pytest.mark.parametrize("fault", [*AFTER, *AFTER_BY_A_PROXY])
@pytest.mark.parametrize("make", WRITES)
async def test_a_write_whose_answer_was_lost_is_found_by_reading(
    api: Api, make: Callable[[Api], Write], fault: str | int
) -> None:
    write, upstream = make(api), Faulty(api.base_url)
    async with AsyncExitStack() as stack:
        if isinstance(fault, int):
            upstream.over = stack.enter_context(failing_behind(api, fault)).base_url
        else:
            upstream.fault = fault
        here = await stack.enter_async_context(house(api.base_url, upstream=upstream))
        client = await stack.enter_async_context(connect(here.server, "auto"))
        said = await written(client, write.tool, write.arguments)
        assert said["status"] == "done", said
        assert (await called(client, write.tool, write.arguments)).get("already") is True
        (journaled,) = here.journal.writes()
    assert (journaled.status, len(upstream.sent), write.count()) == ("done", 1, 1)
    assert "settled by reading" in (journaled.detail or "")


@pytest.mark.parametrize("fault", BEFORE)
@pytest.mark.parametrize("make", WRITES)
async def test_a_write_that_may_still_be_on_its_way_is_refused_until_it_certainly_is_not(
    api: Api, make: Callable[[Api], Write], fault: str
) -> None:
    write, upstream = make(api), Faulty(api.base_url)
    upstream.fault = fault
    async with house(api.base_url, upstream=upstream) as here, connect(here.server, "auto") as client:
        assert (await written(client, write.tool, write.arguments))["status"] == "unknown"
        upstream.fault = ""
        for waiting in (0.0, SETTLE_AFTER.total_seconds() - 0.001):
            here.clock.advance(seconds=waiting)
            for repeat in ({}, {"repeat": True}):
                refused = await called(client, write.tool, {**write.arguments, **repeat})
                assert refused["status"] == "refused", refused
                assert "without a known outcome" in refused["summary"]
            assert here.journal.writes()[0].status == "unknown"
        assert (len(upstream.sent), write.count()) == (1, 0)
        here.clock.advance(seconds=0.001)
        assert (await written(client, write.tool, write.arguments))["status"] == "done"
        assert [each.status for each in here.journal.writes()] == ["done", "failed"]
        assert here.journal.verify()[1] is None
    assert (len(upstream.sent), write.count()) == (2, 1)


async def test_it_counts_from_when_the_last_try_was_given_up(api: Api) -> None:
    write, upstream = payment(api), Faulty(api.base_url)
    async with house(api.base_url, upstream=upstream) as here, connect(here.server, "auto") as client:
        upstream.fault, upstream.meanwhile = "cut_before", lambda: here.clock.advance(seconds=60)
        await written(client, write.tool, write.arguments)
        here.clock.advance(seconds=SETTLE_AFTER.total_seconds() - 1)
        assert (await called(client, write.tool, write.arguments))["status"] == "refused"
        here.clock.advance(seconds=1)
        assert (await called(client, write.tool, write.arguments))["status"] == "confirmation_required"


async def test_what_was_left_open_is_settled_when_something_else_is_planned_later(api: Api) -> None:
    write, other, upstream = payment(api), hold(api), Faulty(api.base_url)
    async with house(api.base_url, upstream=upstream) as here, connect(here.server, "auto") as client:
        upstream.fault = "cut_before"
        await written(client, write.tool, write.arguments)
        here.clock.advance(seconds=SETTLE_AFTER.total_seconds() - 1)
        await planned(client, other.tool, other.arguments)
        assert here.journal.writes()[0].status == "unknown"
        here.clock.advance(seconds=1)
        await planned(client, other.tool, other.arguments)
        assert here.journal.writes()[0].status == "failed"


async def test_what_cannot_be_looked_into_stays_open_and_refused(api: Api) -> None:
    write, upstream = payment(api), Faulty(api.base_url)
    async with house(api.base_url, upstream=upstream) as here, connect(here.server, "auto") as client:
        upstream.fault, upstream.blinding = "cut_after", True
        unknown = await written(client, write.tool, write.arguments)
        assert unknown["status"] == "unknown"
        here.clock.advance(hours=1)
        refused = await called(client, write.tool, write.arguments)
        assert refused["status"] == "refused"
        assert here.journal.writes()[0].status == "unknown"
        upstream.blind = upstream.blinding = False
        assert (await called(client, write.tool, write.arguments))["already"] is True
    assert (len(upstream.sent), write.count()) == (1, 1)


@pytest.mark.parametrize(
    ("faults", "status"), [(("cut_before", "cut_after"), "unknown"), (("cut_after", "cut_after"), "done")]
)
async def test_one_effect_is_not_taken_for_that_of_two_writes_alike(
    api: Api, faults: tuple[str, str], status: str
) -> None:
    write, upstream = vendor_credit(api), Faulty(api.base_url)
    async with house(api.base_url, upstream=upstream) as here, connect(here.server, "auto") as client:
        plans = {}
        for here.principal in ("ann", "ben"):
            plans[here.principal] = await planned(client, write.tool, write.arguments)
        upstream.blinding = True  # So that both are open when they are looked into.
        for upstream.fault, (here.principal, plan_id) in zip(faults, plans.items(), strict=True):
            assert (await confirmed(client, plan_id)).structured_content["status"] == "unknown"
        upstream.blind = upstream.blinding = False
        here.clock.advance(seconds=SETTLE_AFTER.total_seconds())
        await here.calls.guard.settlement.at_start()
        journaled = here.journal.writes()
        assert {each.status for each in journaled} == {status}
        assert len({each.record_id for each in journaled}) == (2 if status == "done" else 1)
        assert (await called(client, write.tool, write.arguments)).get("already", False) is (status == "done")
    assert write.count() == faults.count("cut_after")


# Killed processes


@contextmanager
def confirmer(url: str, journal: Path, write: Write) -> Iterator[subprocess.Popen[str]]:
    """A process that plans the write and waits for a line before it confirms."""
    command = [sys.executable, str(Path(__file__).with_name("confirmer.py")), url, KEY, str(journal), write.tool]
    with subprocess.Popen(
        [*command, json.dumps(write.arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.mark.parametrize("reached", [True, False])
async def test_what_a_killed_process_left_open_is_settled_at_the_next_start_and_a_living_ones_is_not_touched(
    api: Api, tmp_path: Path, reached: bool
) -> None:
    write, path = payment(api), tmp_path / "journal.sqlite3"

    def hang_on_writes(exchange: Exchange) -> None:
        if exchange.method == "GET":
            answer = passed_on(api, exchange)
            exchange.answer(answer.status_code, answer.content)
        else:
            if reached:
                passed_on(api, exchange)
            upstream.left.set()
            exchange.wait_until_the_client_leaves()

    async def start(here: House) -> list[str | None]:
        await here.calls.guard.settlement.at_start()
        return [each.status for each in here.journal.writes()]

    with loopback(hang_on_writes) as upstream, confirmer(upstream.base_url, path, write) as process:
        assert await anyio.to_thread.run_sync(line_of, process)
        go(process)
        assert await anyio.to_thread.run_sync(upstream.left.wait, PATIENCE)
        async with house(api.base_url, journal=path) as here, connect(here.server, "auto") as client:
            here.clock.advance(hours=1)
            assert await start(here) == [None]
            refused = await called(client, write.tool, write.arguments)
            assert "was begun and has no outcome" in refused["summary"]
            assert here.journal.writes()[0].status is None
            process.kill()
            process.wait()
        async with house(api.base_url, journal=path) as here, connect(here.server, "auto") as client:
            if reached:
                assert await start(here) == ["done"]
                assert (await called(client, write.tool, write.arguments))["already"] is True
            else:
                assert await start(here) == [None]
                assert (await called(client, write.tool, write.arguments))["status"] == "refused"
                here.clock.advance(seconds=SETTLE_AFTER.total_seconds())
                assert await start(here) == ["failed"]
                assert (await written(client, write.tool, write.arguments))["status"] == "done"
            assert here.journal.verify()[1] is None
    assert write.count() == 1
    assert list(tmp_path.glob("*.alive")) == []


# Many at the same time


async def test_of_eight_processes_on_one_journal_one_carries_the_write_out(api: Api, tmp_path: Path) -> None:
    write, path = vendor_credit(api), tmp_path / "journal.sqlite3"
    with ExitStack() as stack:
        processes = [stack.enter_context(confirmer(api.base_url, path, write)) for _ in range(8)]
        for process in processes:
            assert await anyio.to_thread.run_sync(line_of, process)
        for process in processes:
            go(process)
        said = [json.loads(await anyio.to_thread.run_sync(line_of, each)) for each in processes]
    assert write.count() == 1
    fresh = [each for each in said if each["status"] == "done" and not each.get("already")]
    assert len(fresh) == 1, said
    # The others are told the outcome, or that it was not known yet.
    assert all(
        each.get("already") or "was begun and has no outcome" in each["summary"] for each in said if each not in fresh
    )


# Everything at once


def test_300_writes_under_faults_and_kills_are_each_done_once() -> None:
    report = run_chaos(300, kills=6)
    assert report.clean, report
    assert (report.open, report.unsettled, report.killed) == (0, 0, 6), report
