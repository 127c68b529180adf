"""What is said and journaled of a write whose answer is lost, and what the journal never says."""

from __future__ import annotations

import json
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from desk import PAID_ON, STORED, confirmed, payment, planned
from harness import ERAS, Api, connect, everything, house, text_of
from loopback import Exchange, loopback

pytestmark = pytest.mark.anyio


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
