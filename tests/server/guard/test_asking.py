"""A person who is asked: what they answer too late, or never, carries nothing out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
import pytest
from desk import YES, Person, payment, refused
from harness import ERAS, Api, Clock, connect, house, reaching, text_of, wire

from server.guard.journal import Journal
from server.guard.modes import Writes

pytestmark = pytest.mark.anyio


class Late(Person):
    """Says yes after a while."""

    def __init__(self, wait: Callable[[], None]) -> None:
        super().__init__(YES)
        self.wait = wait

    async def __call__(self, context: Any, params: types.ElicitRequestParams) -> types.ElicitResult | types.ErrorData:
        self.wait()
        return await super().__call__(context, params)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("writes", [Writes.STRICT, Writes.ASK])
@pytest.mark.parametrize(("minutes", "done"), [(9, True), (10, False), (600, False)])
async def test_a_yes_counts_only_while_the_plan_lasts(
    api: Api, era: str, writes: Writes, minutes: int, done: bool
) -> None:
    bill = api.new_bill()
    async with house(api.base_url, writes=writes) as here:
        person = Late(lambda: here.clock.advance(minutes=minutes))
        async with connect(here.server, era, elicitation_callback=person) as client:
            if done:
                assert not (await client.call_tool("record_bill_payment", payment(bill))).is_error
            else:
                said = await refused(client, "record_bill_payment", payment(bill))
                assert "This plan has expired. Nothing was changed" in said
        assert len(here.journal.writes()) == done
    assert len(person.asked) == 1
    assert (api.bill(bill["id"]) == bill) is not done


@pytest.mark.parametrize("era", ERAS)
async def test_a_yes_to_what_has_changed_meanwhile_carries_nothing_out(api: Api, era: str) -> None:
    bill = api.new_bill()
    person = Late(lambda: api.pay(bill["id"], "10.00"))
    async with (
        house(api.base_url, writes=Writes.STRICT) as here,
        connect(here.server, era, elicitation_callback=person) as client,
    ):
        said = await refused(client, "record_bill_payment", payment(bill))
        assert "The record has changed since this plan was made" in said
        assert here.journal.writes() == []
    assert [each["amount"] for each in api.bill(bill["id"])["payments"]] == [10]


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_that_leaves_while_its_person_is_asked_carries_nothing_out(
    api: Api, tmp_path: Path, era: str
) -> None:
    bill, path = api.new_bill(), tmp_path / "journal.sqlite3"
    asked = anyio.Event()

    async def never(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        asked.set()
        await anyio.sleep_forever()
        raise AssertionError

    async with house(api.base_url, journal=path, writes=Writes.STRICT) as here:
        async with anyio.create_task_group() as group:

            async def ask() -> None:
                async with connect(here.server, era, elicitation_callback=never) as client:
                    await client.call_tool("record_bill_payment", payment(bill))

            group.start_soon(ask)
            await asked.wait()
            group.cancel_scope.cancel()
        # Whoever comes next finds no open write and can do it.
        async with connect(here.server, era, elicitation_callback=Person(YES)) as client:
            assert here.journal.writes() == []
            assert api.bill(bill["id"]) == bill
            done = await client.call_tool("record_bill_payment", payment(bill))
            assert done.structured_content["status"] == "done", text_of(done)
    assert len(api.bill(bill["id"])["payments"]) == 1


def test_a_process_whose_client_closes_the_pipe_while_asking_ends_and_sent_nothing(api: Api, tmp_path: Path) -> None:
    bill, path = api.new_bill(), tmp_path / "journal.sqlite3"
    with wire(reaching(api.base_url, path, LUMINOUS_WRITES="strict"), tmp_path / "errors") as server:
        server.initialize("2025-11-25", elicitation={"form": {}})
        call = {"name": "record_bill_payment", "arguments": payment(bill)}
        server.send({"id": 1, "method": "tools/call", "params": call})
        question = server.receive()
        while question.get("method") != "elicitation/create":
            question = server.receive()
        assert "total_due: 100.00 -> 60.00" in question["params"]["message"]
        assert "Traceback" not in server.end()
    journal = Journal(path, Clock())
    try:
        assert journal.writes() == []
    finally:
        journal.close()
    assert api.bill(bill["id"]) == bill
