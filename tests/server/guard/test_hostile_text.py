"""Records that give orders: what they say stays inside the fence, and nothing follows from it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from faulty import PAID_ON, planned
from harness import ERAS, KEY, PATIENCE, Api, connect, house, text_of
from hostile import PLAN, STRINGS, poison
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult
from pydantic import SecretStr

from server.answers.answer import Output
from server.app import INSTRUCTIONS
from server.guard.modes import Writes
from server.sandbox.billdiary import wire as billdiary_wire
from server.sandbox.wire import BASE_PATH
from server.text import clean
from server.upstream.connection import Connection
from tools import catalogue
from tools.operation import Operation, System

pytestmark = pytest.mark.anyio

WINDOW = 21
"""Characters in a row that give a string away."""
DATA = frozenset({"rows", "record", "request", "changes", "said", "fields"})
"""Parts of structured content that are values of records, what would be sent, or what the API says."""
FILLERS = "\u3164\u115f\u1160\ufe0f\ufe0e"
"""Letters and marks of the strings that are drawn as nothing."""
FENCE = re.compile(r"^<data>$.*?<\s*/\s*data\s*>", re.DOTALL | re.MULTILINE | re.IGNORECASE)
ALL = catalogue.load().operations


def _windows(text: str) -> set[str]:
    return {text[at : at + WINDOW] for at in range(max(1, len(text) - WINDOW + 1))} if len(text) >= WINDOW else set()


GIVEN_AWAY = set().union(*(_windows(form[:2000]) for each in STRINGS for form in (each, clean(each, 10**6))))


def leaks(text: str) -> list[str]:
    """What of the strings stands in a text."""
    found = sorted(_windows(text) & GIVEN_AWAY)
    return found or ([PLAN] if PLAN in text else [])


def outside(text: str) -> str:
    """What a model reads as the server's own words."""
    return FENCE.sub("", text)


def own_words(structured: Any) -> str:
    """Structured content without the values of records."""
    if isinstance(structured, dict):
        return " ".join(f"{key} {own_words(value)}" for key, value in structured.items() if key not in DATA)
    if isinstance(structured, list):
        return " ".join(map(own_words, structured))
    return str(structured)


def unseen(text: str) -> list[str]:
    """Characters that hide something or move the cursor."""
    return [
        repr(each)
        for each in set(text) - {"\n"}
        if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Co") or each in FILLERS
    ]


def check(result: CallToolResult, what: object) -> None:
    text, structured = text_of(result), result.structured_content or {}
    assert leaks(outside(text)) == [], (what, outside(text))
    assert leaks(own_words(structured)) == [], (what, structured)
    assert unseen(text) == [], (what, text)
    assert unseen(json.dumps(structured, ensure_ascii=False)) == [], (what, structured)


class Hostile(Api):
    """The sandbox over such books. ids: of some of their records, by table."""

    ids: dict[str, list[int]]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    """A sandbox over books whose every text is one of the strings."""
    path = tmp_path_factory.mktemp("books") / "books.sqlite3"
    ids = poison(path)
    command = [sys.executable, "-P", "-m", "server.sandbox", "--port", "0", "--token", KEY, "--books", str(path)]
    with subprocess.Popen(
        [*command, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        books = Hostile(process.stdout.readline().strip())
        books.ids = ids
        try:
            yield books
        finally:
            books.close()
            process.stdin.close()
            process.wait(PATIENCE)


def billdiary_of(api: Api) -> Connection:
    url = api.base_url.removesuffix(BASE_PATH) + billdiary_wire.BASE_PATH
    return Connection.to_url(url, SecretStr(KEY), "billdiary", System.BILLDIARY)


TABLES = {
    "vendor": "companies",
    "company": "companies",
    "rfq": "forecast_rows",
    "record": "sales_orders",
    "returns": "customer_returns",
    "purchases": "billdiary_transactions",
    "payment": "bill_payments",
    "attachment": "bill_attachments",
    "application": "applications",
}
"""Where ids are found whose name says something else."""


def ids_for(operation: Operation, argument: str, ids: dict[str, list[int]]) -> list[int]:
    """Ids of records that an argument may name; any numbers where that is not known."""
    said = argument.removesuffix("_id")
    if argument == "id":
        said = operation.path.split("/{id}")[0].rsplit("/", 1)[-1].replace("-", "_")
        if operation.toolset.system is System.BILLDIARY:
            said = "purchases"
    table = TABLES.get(said, said if said in ids else f"{said}s")
    return ids.get(table) or [1, 2, 3]


def arguments_of(operation: Operation, number: int, ids: dict[str, list[int]]) -> dict[str, Any]:
    """Arguments that fit: ids of records in their place, and what else is required."""
    schema = catalogue.load().entries[operation.name].definition["inputSchema"]
    given: dict[str, Any] = {}
    for name in sorted({*operation.path_arguments, *schema.get("required", ())}):
        kind = schema["properties"][name].get("type", "string")
        choices = schema["properties"][name].get("enum")
        fit = {"integer": number, "number": "2.50", "boolean": True, "object": {}, "array": [number]}
        if name.endswith("id"):
            known = ids_for(operation, name, ids)
            given[name] = str(known[number % len(known)])
        else:
            given[name] = choices[0] if choices else fit.get(kind, PAID_ON)
    return {**given, **MORE.get(operation.name, {})}


MORE: dict[str, dict[str, Any]] = {
    "export_sales_orders": {"since": "2020-01-01"},
    "export_products": {"since": "2020-01-01"},
    "billdiary_check_purchase_ref_number": {"ref_no": "x"},
}


def test_there_are_sixty_strings() -> None:
    assert len(set(STRINGS)) >= 60


async def test_what_records_say_is_told_inside_the_fence_only(hostile: Hostile) -> None:
    served, shown = set(), 0
    async with (
        house(hostile.base_url, output=Output.BOTH, billdiary=billdiary_of(hostile)) as here,
        connect(here.server, "auto") as client,
    ):
        for operation in ALL.values():
            if operation.effect != "read":
                continue
            for number in range(6) if operation.path_arguments else (0,):
                given = arguments_of(operation, number, hostile.ids)
                result = await client.call_tool(operation.name, given)
                check(result, (operation.name, given))
                if not result.is_error:
                    served.add(operation.name)
                    shown += bool(leaks(text_of(result)))
        assert here.journal.writes() == []
        listed = [tool.model_dump_json() for tool in (await client.list_tools()).tools]
    assert leaks(INSTRUCTIONS + "".join(listed)) == []
    assert len(served) > 120
    assert shown > 150


async def test_plans_of_writes_on_such_records_say_nothing_of_theirs_outside_the_fence(hostile: Hostile) -> None:
    asked: list[str] = []

    async def no(context: Any, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="decline")

    plans = 0
    for ask in (None, no):
        async with (
            house(hostile.base_url, output=Output.BOTH, billdiary=billdiary_of(hostile)) as here,
            connect(here.server, "auto", elicitation_callback=ask) as client,
        ):
            for operation in ALL.values():
                if operation.effect == "read":
                    continue
                for number in range(3):
                    result = await client.call_tool(operation.name, arguments_of(operation, number, hostile.ids))
                    check(result, (operation.name, number))
                    plans += (result.structured_content or {}).get("status") == "confirmation_required"
            assert here.journal.writes() == []
    assert plans > 100
    assert len(asked) > 100
    assert [each for each in asked if leaks(outside(each))] == []
    assert [each for each in asked if unseen(each)] == []


async def test_refusals_of_the_api_and_outcomes_say_nothing_of_theirs_outside_the_fence(hostile: Hostile) -> None:
    async with (
        house(hostile.base_url, output=Output.BOTH, billdiary=billdiary_of(hostile), writes=Writes.ALLOW) as here,
        connect(here.server, "auto") as client,
    ):
        for operation in ALL.values():
            if operation.effect == "read":
                continue
            for number in range(3):
                check(
                    await client.call_tool(operation.name, arguments_of(operation, number, hostile.ids)),
                    (operation.name, number),
                )
        journaled = here.journal.writes(1000)
    assert {each.status for each in journaled} >= {"done", "failed"}
    assert [each for each in journaled if leaks(each.summary)] == []


@pytest.mark.parametrize("era", ERAS)
async def test_a_plan_id_that_stands_in_a_record_is_not_accepted(api: Api, era: str) -> None:
    bill = api.new_bill()
    payment = {"bill_id": bill["id"], "amount": "1.00", "payment_date": PAID_ON}
    async with house(api.base_url) as here, connect(here.server, era) as client:
        here.principal = "somebody else"
        foreign = await planned(client, "record_bill_payment", payment)
        here.principal = "tester"
        noted = api.post(
            "/vendor-credits", {"vendor_id": bill["vendor_id"], "amount": "1.00", "notes": f"{PLAN} {foreign}"}
        )
        shown = await client.call_tool("get_vendor_credit", {"vendor_credit_id": noted["id"]})
        assert foreign in text_of(shown)
        for plan_id in (PLAN, foreign):
            refused = await client.call_tool("confirm_write", {"plan_id": plan_id})
            assert "no such plan" in text_of(refused)
        assert here.journal.writes() == []
    assert api.bill(bill["id"]) == bill
