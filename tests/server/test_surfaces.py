"""Which tools a host sees and what they let through: full and compact, narrowed, without writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest
from harness import ERAS, Api, connect, environment, everything, house, reaching, run, stdio, text_of
from loopback import Loopback, loopback
from mcp import Client

from server.answers.answer import Output
from server.app import build_server
from server.assembly import assemble
from server.calls import Surface
from server.guard.modes import Writes
from server.settings import SettingsError, load
from tools import catalogue, meta
from tools.schema import input_schema

pytestmark = pytest.mark.anyio

ENTRIES = {entry.name: entry for entry in catalogue.load()}
WORKFLOWS = [*catalogue.load().workflows]
READS = [name for name, entry in ENTRIES.items() if entry.effect == "read"]
OTHERS = [name for name, entry in ENTRIES.items() if entry.effect != "read"]
LUMINOUS = [name for name in ENTRIES if not name.startswith("billdiary_")]
OVER_WRITES = [meta.BATCH, meta.UNDO, meta.CONFIRM]
FOUND_ONLY = "close_checklist"
"""A workflow that the compact surface finds and does not list."""
COMPACT = {*WORKFLOWS, meta.FIND, meta.DESCRIBE, meta.CALL_READ, meta.CALL_WRITE, *OVER_WRITES} - {FOUND_ONLY}
MOST_TOOLS, MOST_CHARACTERS = 16, 10_000
"""Of the compact surface, for hosts that put every definition into the context."""
HOLD = {"name": "hold_bill", "arguments": {"bill_id": 7, "reason": "checking"}}


@pytest.fixture
def nobody() -> Iterator[Loopback]:
    """An API that nothing should reach."""
    with loopback(lambda exchange: exchange.json({"data": {"id": 7, "status": "posted"}})) as api:
        yield api


@pytest.fixture(scope="module")
def env(api: Api, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Both systems set up; BillDiary is at an address where nobody is."""
    state = tmp_path_factory.mktemp("state")
    return reaching(api.base_url, state, BILLDIARY_TOKEN="t", BILLDIARY_BASE_URL="http://127.0.0.1:9")


async def names(client: Client) -> list[str]:
    page = await client.list_tools()
    assert page.next_cursor is None
    return [tool.name for tool in page.tools]


def shown(page: types.ListToolsResult) -> str:
    """What a host puts into a model's context."""
    tools = [
        {"name": each.name, "description": each.description, "inputSchema": each.input_schema} for each in page.tools
    ]
    return json.dumps(tools, separators=(",", ":"), ensure_ascii=False)


async def through(
    client: Client, door: str, name: str, arguments: dict[str, Any] | None = None
) -> types.CallToolResult:
    return await client.call_tool(door, {"name": name, "arguments": arguments or {}})


# Over a real process


@pytest.mark.parametrize("era", ERAS)
async def test_the_full_surface_is_every_operation_and_the_confirmation(env: dict[str, str], era: str) -> None:
    async with connect(stdio(env), era) as client:
        assert await names(client) == [*WORKFLOWS, *ENTRIES, *OVER_WRITES]
        assert not (await client.call_tool("list_bills", {"per_page": 1})).is_error
        for name in sorted(COMPACT - {*OVER_WRITES, *WORKFLOWS}):
            refused = await client.call_tool(name, {"name": "list_bills", "query": "bills"})
            assert refused.is_error
            assert "There is no tool" in text_of(refused)


@pytest.mark.parametrize("era", ERAS)
async def test_the_compact_surface_is_small_and_reaches_everything(env: dict[str, str], api: Api, era: str) -> None:
    bill = api.new_bill()
    async with connect(stdio(env, "--surface", "compact"), era) as client:
        page = await client.list_tools()
        assert {tool.name for tool in page.tools} == COMPACT
        assert len(page.tools) <= MOST_TOOLS
        assert len(shown(page)) <= MOST_CHARACTERS

        found = text_of(await client.call_tool("find_tools", {"query": "record a payment of a vendor bill"}))
        assert "record_bill_payment (money): " in found
        assert "bill_id*" in found
        for_the_month = text_of(await client.call_tool("find_tools", {"query": "month-end close"}))
        assert for_the_month.startswith(f"{FOUND_ONLY} (read): ")
        monthly = json.loads(text_of(await client.call_tool("describe_tool", {"name": FOUND_ONLY})))
        assert {"start_date", "end_date", "max_tokens"} <= set(monthly["inputSchema"]["properties"])
        month = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
        assert not (await through(client, "call_read_tool", FOUND_ONLY, month)).is_error

        described = json.loads(text_of(await client.call_tool("describe_tool", {"name": "record_bill_payment"})))
        operation = catalogue.load().operation("record_bill_payment")
        assert described["inputSchema"] == input_schema(operation.arguments)
        assert (described["toolset"], described["effect"]) == ("bills", "money")

        read = await through(client, "call_read_tool", "get_bill", {"bill_id": bill["id"]})
        assert f"\nid: {bill['id']}\n" in text_of(read)
        hold = {"bill_id": bill["id"], "reason": "checking"}
        plan = (await through(client, "call_write_tool", "hold_bill", hold)).structured_content
        assert plan["status"] == "confirmation_required"
        assert api.bill(bill["id"]) == bill
        done = (await client.call_tool("confirm_write", {"plan_id": plan["plan_id"]})).structured_content
        assert (done["status"], done["tool"]) == ("done", "hold_bill")
        assert api.bill(bill["id"])["status"] == "hold"


async def test_a_narrowed_server_process_has_just_what_was_named(env: dict[str, str]) -> None:
    more = {"LUMINOUS_TOOLSETS": "bills,currency"}
    arguments = ("--tools", "list_companies", "--exclude-tools", "delete_bill_payment,get_bill", "--writes", "off")
    async with connect(stdio({**env, **more}, *arguments), "auto") as client:
        listed = await names(client)
    expected = [
        name
        for name, entry in ENTRIES.items()
        if (entry.toolset in ("bills", "currency") or name == "list_companies") and entry.effect == "read"
    ]
    expected.remove("get_bill")
    assert [name for name in listed if name not in WORKFLOWS] == expected
    assert "look_up_bills" in listed
    assert "summarize_records" in listed
    assert "explain_bill" not in listed  # It needs get_bill.


# Search and description


async def test_described_is_what_the_schema_in_lists_leaves_out(nobody: Loopback) -> None:
    async with (
        house(nobody.base_url, surface=Surface.COMPACT) as here,
        connect(here.server, "auto") as client,
    ):
        for name in ENTRIES:
            described = json.loads(text_of(await client.call_tool("describe_tool", {"name": name})))
            operation = catalogue.toolset(ENTRIES[name].toolset).operations[name]
            assert described["name"] == name
            assert described["effect"] == ENTRIES[name].effect
            assert described["inputSchema"] == input_schema(operation.arguments)
            assert described.get("permission", "") == operation.permission
    assert nobody.received == []


async def test_search_keeps_to_effects_limits_and_what_is_enabled(nobody: Loopback) -> None:
    async with (
        house(nobody.base_url, surface=Surface.COMPACT, output=Output.STRUCTURED, writes=Writes.OFF) as here,
        connect(here.server, "auto") as client,
    ):

        async def found(**given: Any) -> list[dict[str, Any]]:
            result = await client.call_tool("find_tools", {"query": "bills of a vendor", **given})
            assert not result.is_error, text_of(result)
            tools: list[dict[str, Any]] = result.structured_content["tools"]
            return tools

        assert len(await found(limit=3)) == 3
        reads = await found(effect="read", limit=25)
        assert {each["effect"] for each in reads} == {"read"}
        assert await found(effect="money") == []
        for wrong in ({"limit": 0}, {"limit": 26}, {"effect": "any"}, {"query": ""}):
            assert (await client.call_tool("find_tools", {"query": "bills", **wrong})).is_error


# What the doors refuse


@pytest.mark.parametrize("writes", [Writes.ASK, Writes.ALLOW, Writes.OFF])
async def test_call_read_tool_refuses_everything_that_changes_anything(nobody: Loopback, writes: Writes) -> None:
    async with (
        house(nobody.base_url, surface=Surface.COMPACT, writes=writes) as here,
        connect(here.server, "auto") as client,
    ):
        assert len(OTHERS) == 136
        for name in OTHERS:
            refused = await through(client, "call_read_tool", name)
            assert refused.is_error
            assert refused.structured_content["status"] == "refused"
            assert f"{name} changes data" in text_of(refused)
        assert here.journal.writes() == []
    assert nobody.received == []


async def test_call_write_tool_refuses_reads(nobody: Loopback) -> None:
    async with (
        house(nobody.base_url, surface=Surface.COMPACT, writes=Writes.ALLOW) as here,
        connect(here.server, "auto") as client,
    ):
        assert len(READS) == 143
        for name in READS:
            refused = await through(client, "call_write_tool", name)
            assert refused.is_error
            assert "use call_read_tool" in text_of(refused)
    assert nobody.received == []


@pytest.mark.parametrize("door", ["call_read_tool", "call_write_tool", "describe_tool"])
@pytest.mark.parametrize(
    ("name", "nearest"),
    [("lists_bill", "list_bills"), ("recordBillPayment", "record_bill_payment"), ("billdiary_purchases", None)],
)
async def test_an_unknown_name_is_answered_with_the_nearest(
    nobody: Loopback, door: str, name: str, nearest: str | None
) -> None:
    async with house(nobody.base_url, surface=Surface.COMPACT) as here, connect(here.server, "auto") as client:
        given = {"name": name} if door == "describe_tool" else {"name": name, "arguments": {}}
        refused = await client.call_tool(door, given)
    assert refused.is_error
    assert refused.structured_content["error"]["kind"] == "unknown_tool"
    assert f"There is no tool {name!r}. Did you mean {nearest or 'billdiary_'}" in text_of(refused)
    assert "find_tools" in text_of(refused)
    assert nobody.received == []


@pytest.mark.parametrize("name", [*sorted(COMPACT - {*WORKFLOWS}), "nothing_like_it"])
async def test_the_doors_lead_to_operations_only(nobody: Loopback, name: str) -> None:
    async with house(nobody.base_url, surface=Surface.COMPACT) as here, connect(here.server, "auto") as client:
        for door in ("call_read_tool", "call_write_tool"):
            refused = await through(client, door, name, {"name": "list_bills", "plan_id": "plan_A"})
            assert refused.is_error
            assert "There is no tool" in text_of(refused)


@pytest.mark.parametrize("era", ERAS)
async def test_hidden_tools_are_not_called_directly(nobody: Loopback, era: str) -> None:
    async with (
        house(nobody.base_url, surface=Surface.COMPACT, writes=Writes.ALLOW) as here,
        connect(here.server, era) as client,
    ):
        for name, entry in ENTRIES.items():
            refused = await client.call_tool(name, {})
            assert refused.is_error
            door = "call_read_tool" if entry.effect == "read" else "call_write_tool"
            assert f"called through {door}" in text_of(refused)
    assert nobody.received == []


async def test_arguments_are_checked_behind_the_doors_too(nobody: Loopback) -> None:
    async with house(nobody.base_url, surface=Surface.COMPACT) as here, connect(here.server, "auto") as client:
        slip = await through(client, "call_read_tool", "list_bills", {"per_pag": 5})
        missing = await through(client, "call_write_tool", "record_bill_payment", {"bill_id": 7, "amount": 1})
        no_object = await client.call_tool("call_read_tool", {"name": "list_bills", "arguments": [1]})
    assert "did you mean per_page?" in text_of(slip)
    assert "payment_date: is required" in text_of(missing)
    assert no_object.is_error
    assert nobody.received == []


async def test_a_plan_tells_the_query_of_a_deletion_too(nobody: Loopback) -> None:
    deletion = {"name": "delete_product", "arguments": {"id": 7, "force": True}}
    async with house(nobody.base_url, surface=Surface.COMPACT) as here, connect(here.server, "auto") as client:
        plan = await client.call_tool("call_write_tool", deletion)
    assert "Request: DELETE /products/7\nQuery force: 1\n" in text_of(plan)
    assert nobody.writes == []


# Writes behind the door


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("agrees", [True, False])
async def test_a_write_behind_the_door_is_asked_about(nobody: Loopback, era: str, agrees: bool) -> None:
    asked: list[str] = []

    async def person(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        asked.append(params.message)
        return types.ElicitResult(action="accept", content={"confirm": agrees})

    async with (
        house(nobody.base_url, surface=Surface.COMPACT) as here,
        connect(here.server, era, elicitation_callback=person) as client,
    ):
        result = await client.call_tool("call_write_tool", HOLD)
        written = [(each.tool, each.status) for each in here.journal.writes()]
    assert len(asked) == 1
    assert "status: posted -> hold" in asked[0]
    assert written == ([("hold_bill", "done")] if agrees else [])
    assert [each.path for each in nobody.writes] == (["/bills/7/hold"] if agrees else [])
    assert result.is_error is not agrees


@pytest.mark.parametrize("era", ERAS)
async def test_a_write_behind_the_door_takes_two_steps_where_nobody_can_be_asked(nobody: Loopback, era: str) -> None:
    async with house(nobody.base_url, surface=Surface.COMPACT) as here, connect(here.server, era) as client:
        plan = await client.call_tool("call_write_tool", HOLD)
        assert plan.structured_content["status"] == "confirmation_required"
        assert nobody.writes == []
        plan_id = {"plan_id": plan.structured_content["plan_id"]}
        done = await client.call_tool("confirm_write", plan_id)
        again = await client.call_tool("confirm_write", plan_id)
    assert done.structured_content["status"] == "done"
    assert again.is_error
    assert len(nobody.writes) == 1


async def test_strict_refuses_behind_the_door_too(nobody: Loopback) -> None:
    async with (
        house(nobody.base_url, surface=Surface.COMPACT, writes=Writes.STRICT) as here,
        connect(here.server, "auto") as client,
    ):
        assert set(await names(client)) == COMPACT - {meta.CONFIRM}
        refused = await client.call_tool("call_write_tool", HOLD)
    assert refused.is_error
    assert "approval of a person" in text_of(refused)
    assert nobody.received == []


@pytest.mark.parametrize("surface", Surface)
@pytest.mark.parametrize("era", ERAS)
async def test_without_writes_none_is_listed_and_none_is_accepted(nobody: Loopback, surface: Surface, era: str) -> None:
    async with (
        house(nobody.base_url, surface=surface, writes=Writes.OFF) as here,
        connect(here.server, era) as client,
    ):
        page = await client.list_tools()
        assert page.tools
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in page.tools)
        assert not {tool.name for tool in page.tools} & {*OTHERS, meta.CALL_WRITE, *OVER_WRITES}
        for name in OTHERS:
            direct = await client.call_tool(name, {"bill_id": 7})
            assert direct.is_error
            assert "writes are off here" in text_of(direct)
            assert (await through(client, "call_write_tool", name)).is_error
        assert (await client.call_tool("confirm_write", {"plan_id": "plan_A"})).is_error
        assert here.journal.writes() == []
    assert nobody.received == []


# Narrowing


def picked(**by: Any) -> list[str]:
    """The names that are left by toolset or name, in their order."""
    toolsets, tools, without = (by.get(key, ()) for key in ("toolsets", "tools", "exclude_tools"))
    return [
        name
        for name, entry in ENTRIES.items()
        if (entry.toolset in toolsets or name in tools or not (toolsets or tools)) and name not in without
    ]


def answering(narrow: dict[str, list[str]]) -> list[str]:
    """The workflow tools that are left: named, or all that they need is there, and nothing they need is excluded."""
    named = narrow.get("toolsets") or narrow.get("tools")
    without = {*narrow.get("exclude_tools", ())}
    seen = {*picked(**narrow)} if named else {*ENTRIES} - without
    return [
        name
        for name, entry in catalogue.load().workflows.items()
        if name not in without
        and any(not without & {*needs} for needs in entry.needs.values())
        and (
            name in narrow.get("tools", ())
            or "workflows" in narrow.get("toolsets", ())
            or any({*needs} <= seen for needs in entry.needs.values())
        )
    ]


@pytest.mark.parametrize(
    "narrow",
    [
        {"toolsets": ["bills"]},
        {"toolsets": ["workflows"]},
        {"tools": ["look_up_bills", "get_bill"]},
        {"exclude_tools": ["look_up_bills"]},
        {"exclude_tools": ["list_bills"]},
        {"toolsets": ["reports", "bills"]},
        {"toolsets": ["billdiary"]},
        {"tools": ["get_bill", "billdiary_get_purchase"]},
        {"exclude_tools": ["delete_bill_payment", "get_bill"]},
        {"toolsets": ["bills"], "tools": ["list_companies"], "exclude_tools": ["get_bill"]},
        {"toolsets": ["bills"], "exclude_tools": ["list_companies"]},
        {"tools": ["get_bill"], "exclude_tools": ["get_bill"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("surface", Surface)
async def test_toolsets_and_tools_add_up_and_exclusion_has_the_last_word(
    nobody: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, narrow: dict[str, list[str]], surface: Surface
) -> None:
    monkeypatch.setenv("BILLDIARY_TOKEN", "t")
    monkeypatch.setenv("LUMINOUS_API_KEY", "t")
    settings = load(
        base_url=nobody.base_url,
        state=tmp_path,
        surface=surface,
        **{key: ",".join(each) for key, each in narrow.items()},
    )
    expected = picked(**narrow)
    async with (
        assemble(settings) as calls,
        connect(build_server(calls, Output.TEXT, lambda: "tester"), "auto") as client,
    ):
        if surface is Surface.FULL:
            assert await names(client) == [*answering(narrow), *expected, *OVER_WRITES]
        else:
            assert set(await names(client)) == (COMPACT - {*WORKFLOWS}) | ({*answering(narrow)} - {FOUND_ONLY})
        for name in ENTRIES.keys() - set(expected):
            door = "call_read_tool" if ENTRIES[name].effect == "read" else "call_write_tool"
            direct = await client.call_tool(name, {})
            assert "There is no tool" in text_of(direct), name
            if surface is Surface.COMPACT:
                assert "There is no tool" in text_of(await through(client, door, name)), name
    assert nobody.received == []


@pytest.mark.parametrize(
    ("option", "given", "nearest"),
    [
        ("--toolsets", "bils", "did you mean bills?"),
        ("--toolsets", "bills,Reports", "did you mean reports?"),
        ("--tools", "list_bill", "did you mean list_bills?"),
        ("--exclude-tools", "delete_bil_payment", "did you mean delete_bill_payment?"),
    ],
)
@pytest.mark.parametrize("command", [(), ("tools",)])
def test_an_unknown_name_ends_the_start_with_one_line(
    env: dict[str, str], option: str, given: str, nearest: str, command: tuple[str, ...]
) -> None:
    ended = run(env, *command, option, given)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stderr.startswith("luminous-mcp: ")
    assert nearest in ended.stderr


def test_an_unknown_name_in_the_environment_ends_the_start_too(env: dict[str, str]) -> None:
    ended = run({**env, "LUMINOUS_TOOLSETS": "bills, invoises"})
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "did you mean invoices?" in ended.stderr


def test_an_unknown_surface_names_the_known_ones(env: dict[str, str]) -> None:
    ended = run(env, "--surface", "tiny")
    assert ended.returncode == 2
    assert "'full', 'compact'" in ended.stderr
    assert "compact" in run({**env, "LUMINOUS_SURFACE": "tiny"}).stderr


def test_lists_of_names_may_have_spaces_and_empty_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMINOUS_TOOLSETS", " bills , ,reports,")
    monkeypatch.setenv("LUMINOUS_TOOLS", "")
    assert load().toolsets == ("bills", "reports")
    assert load().tools == ()
    assert load(toolsets="currency").toolsets == ("currency",)
    with pytest.raises(SettingsError, match="surface"):
        load(surface="tiny")


async def test_a_toolset_of_a_system_that_is_not_set_up_ends_the_start(api: Api, tmp_path: Path) -> None:
    ended = run(reaching(api.base_url, tmp_path), "--toolsets", "billdiary")
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "BillDiary is not set up" in ended.stderr
    assert run(environment(BILLDIARY_TOKEN="t"), "--toolsets", "bills").returncode == 2


async def test_nothing_of_a_hidden_tool_is_in_the_list(nobody: Loopback) -> None:
    async with house(nobody.base_url, surface=Surface.COMPACT) as here, connect(here.server, "auto") as client:
        text = shown(await client.list_tools())
        assert [name for name in ENTRIES if f'"{name}"' in text] == []
        assert "list_bills" in everything(await client.call_tool("find_tools", {"query": "list bills"}))
