"""The protocol: real stdio and real HTTP, both eras, and a client that speaks bare JSON-RPC."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
import jsonschema
import pytest
from harness import ERAS, Api, connect, everything, house, reaching, run, serving_http, stdio, text_of, wire
from harness import environment as plain_environment
from loopback import PATIENCE, leaving, loopback, unused_port
from mcp import MCPError
from mcp.shared.exceptions import MCPDeprecationWarning

from server.answers.answer import Output
from server.guard.modes import Writes

pytestmark = pytest.mark.anyio

OLD = "2025-06-18"
HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def env(api: Api, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return reaching(api.base_url, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def http_url(env: dict[str, str]) -> Iterator[str]:
    with serving_http(env, unused_port()) as url:
        yield url


def rpc(url: str, method: str, params: dict[str, Any], **headers: str) -> httpx.Response:
    """One JSON-RPC message over bare HTTP."""
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    if not method.startswith("notifications/"):
        message["id"] = 1
    return httpx.post(url, json=message, headers=HEADERS | headers, timeout=PATIENCE)


def result_in(response: httpx.Response) -> dict[str, Any]:
    """The result in an answer that is JSON or an event stream."""
    assert response.status_code == 200, response.text
    text = response.text
    if response.headers["content-type"].startswith("text/event-stream"):
        text = next(line[5:] for line in reversed(text.splitlines()) if line.startswith("data:") and line[5:].strip())
    result: dict[str, Any] = json.loads(text)["result"]
    return result


def old_http_session(url: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The handshake of 2025-06-18 over HTTP: its result, and the headers that later requests carry."""
    client = {"name": "test", "version": "1"}
    begun = rpc(url, "initialize", {"protocolVersion": OLD, "capabilities": {}, "clientInfo": client})
    headers = {"MCP-Protocol-Version": OLD}
    if session := begun.headers.get("mcp-session-id"):
        headers["Mcp-Session-Id"] = session
    rpc(url, "notifications/initialized", {}, **headers)
    return result_in(begun), headers


async def test_all_clients_over_all_transports_get_the_same_single_page_of_tools(
    env: dict[str, str], http_url: str, tmp_path: Path
) -> None:
    pages, instructions, versions = [], [], []
    for target in (stdio(env), http_url):
        for era in ERAS:
            async with connect(target, era) as client:
                page = await client.list_tools()
                assert page.next_cursor is None
                pages.append([tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in page.tools])
                instructions.append(client.instructions)
                versions.append(client.protocol_version)
                listed = await client.call_tool("list_bills", {"per_page": 1, "fields": "id"})
                assert not listed.is_error
                bill_id = int(text_of(listed).split("<data>\nid\n")[1].split("\n")[0])
                got = await client.call_tool("get_bill", {"bill_id": bill_id})
                assert f"\nid: {bill_id}\n" in text_of(got)
    with wire(env, tmp_path / "stderr") as old:
        hello = old.initialize(OLD)
        versions.append(hello["protocolVersion"])
        instructions.append(hello["instructions"])
        pages.append(old.ask("tools/list")["result"]["tools"])
        called = old.ask("tools/call", {"name": "list_bills", "arguments": {"per_page": 1}})["result"]
        assert called["content"][0]["text"].startswith("list_bills: ")
        old.end()
    hello, session = old_http_session(http_url)
    versions.append(hello["protocolVersion"])
    pages.append(result_in(rpc(http_url, "tools/list", {}, **session))["tools"])

    assert versions == ["2026-07-28", "2025-11-25", "2026-07-28", "2025-11-25", OLD, OLD]
    assert all(page == pages[0] for page in pages)
    assert len(pages[0]) > 50
    assert len(set(instructions)) == 1
    assert 0 < len((instructions[0] or "").split()) <= 120
    for tool in pages[0]:
        given = {name for name, value in tool["annotations"].items() if isinstance(value, bool)}
        assert given >= {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}, tool["name"]
        assert tool["inputSchema"]["type"] == "object"
        jsonschema.Draft202012Validator.check_schema(tool["inputSchema"])
        assert not {"oneOf", "anyOf", "allOf", "$ref"} & set(tool["inputSchema"]), tool["name"]


def test_standard_output_carries_nothing_but_json_rpc_while_handlers_print_and_fail(api: Api, tmp_path: Path) -> None:
    breaking = (
        "import server.calls\n"
        "async def call(self, name, given, caller):\n"
        "    print('printed by a handler')\n"
        "    raise RuntimeError('detail-4711')\n"
        "server.calls.Calls.call = call\n"
        "from server.cli import main\n"
        "main(prog_name='luminous-mcp')\n"
    )
    command = [sys.executable, "-P", "-c", breaking]
    with wire(reaching(api.base_url, tmp_path), tmp_path / "stderr", command) as server:
        server.initialize("2025-11-25")
        server.send("this is no message")
        failed = server.ask("tools/call", {"name": "list_bills", "arguments": {}})["result"]
        errors = server.end()
        assert failed["isError"] is True
        assert all(json.loads(line)["jsonrpc"] == "2.0" for line in server.said)
        assert "detail-4711" not in "".join(server.said)
        assert "detail-4711" in errors  # the failure was logged, where a person can find it


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("list_bils", {}, ["no tool 'list_bils'", "list_bills"]),
        ("list_bills", {"per_pag": 5}, ["per_pag", "did you mean per_page?"]),
        ("list_bills", {"per_page": "many"}, ["per_page", "integer"]),
        ("get_bill", {}, ["bill_id", "is required"]),
        ("get_bill", None, ["bill_id", "is required"]),
        ("record_bill_payment", {"bill_id": 1, "amount": [], "payment_date": 5}, ["amount", "payment_date"]),
    ],
)
async def test_a_bad_call_is_a_tool_error_that_says_what_to_do(
    api: Api, era: str, tool: str, arguments: dict[str, Any] | None, words: list[str]
) -> None:
    async with house(api.base_url) as here, connect(here.server, era) as client:
        result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert all(word in text_of(result) for word in words), text_of(result)
    assert result.structured_content["error"]["kind"] in ("unknown_tool", "invalid_arguments")


@pytest.mark.parametrize("era", ERAS)
async def test_a_bad_call_is_a_tool_error_over_http_too(http_url: str, era: str) -> None:
    async with connect(http_url, era) as client:
        for tool, arguments in (("list_bils", {}), ("list_bills", {"per_pag": 5}), ("get_bill", {"bill_id": "x"})):
            assert (await client.call_tool(tool, arguments)).is_error


@pytest.mark.parametrize("era", ERAS)
async def test_an_exception_inside_a_handler_leaks_nothing(
    api: Api, era: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*given: Any) -> None:
        raise RuntimeError("detail-4711")

    async with house(api.base_url) as here, connect(here.server, era) as client:
        monkeypatch.setattr(here.calls, "call", fail)
        result = await client.call_tool("list_bills", {})
    assert result.is_error
    assert "4711" not in everything(result)
    assert "RuntimeError" not in everything(result)
    assert "detail-4711" in caplog.text


@pytest.mark.parametrize("era", ERAS)
async def test_reading_all_pages_reports_growing_progress(api: Api, era: str) -> None:
    seen: list[tuple[float, float | None]] = []

    async def report(done: float, total: float | None, message: str | None) -> None:
        seen.append((done, total))

    async with house(api.base_url) as here, connect(here.server, era) as client:
        arguments = {"all_pages": True, "per_page": 20, "fields": "id", "filters": {"currency": "EUR"}}
        await client.call_tool("list_bills", arguments, progress_callback=report)
    done = [each for each, _ in seen]
    assert len(done) > 2
    assert done == sorted(set(done))
    assert seen[-1][0] == seen[-1][1]


@pytest.mark.parametrize("transport", ["memory", "stdio", "http"])
async def test_cancelling_a_call_closes_the_request_to_luminous(transport: str, tmp_path: Path) -> None:
    async def cancel_in_the_middle(target: Any, era: str) -> None:
        slow.arrived.clear()
        slow.left.clear()
        async with connect(target, era) as client, anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "list_bills", {})
            assert await anyio.to_thread.run_sync(slow.arrived.wait, PATIENCE)
            group.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                assert await anyio.to_thread.run_sync(slow.left.wait, PATIENCE)

    itself: list[Any] = []
    with loopback(leaving(itself)) as slow:
        itself.append(slow)
        env = reaching(slow.base_url, tmp_path)
        if transport == "http":
            with serving_http(env, unused_port()) as url:
                for era in ERAS:
                    await cancel_in_the_middle(url, era)
        elif transport == "stdio":
            for era in ERAS:
                await cancel_in_the_middle(stdio(env), era)
        else:
            for era in ERAS:
                async with house(slow.base_url) as here:
                    await cancel_in_the_middle(here.server, era)
    assert len(slow.received) == len(ERAS)


def test_foreign_hosts_and_origins_are_refused_over_http(http_url: str) -> None:
    client = {"name": "test", "version": "1"}
    hello = {"protocolVersion": OLD, "capabilities": {}, "clientInfo": client}
    foreign = [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ]
    for headers in foreign:
        response = rpc(http_url, "initialize", hello, **headers)
        assert response.status_code in (403, 421), headers
        assert "instructions" not in response.text
    port = httpx.URL(http_url).port
    assert rpc(http_url, "initialize", hello, Origin=f"http://localhost:{port}").status_code == 200


READS: list[tuple[str, dict[str, Any]]] = [
    ("list_bills", {"per_page": 3}),
    ("list_bills", {"per_page": 50, "all_pages": True, "filters": {"currency": "EUR"}, "fields": ["id", "total"]}),
    ("list_companies", {"filters": {"name": "nobody at all"}}),
    ("get_bills_aging", {}),
    ("get_bills_summary", {}),
    ("check_duplicate_bill", {"vendor_id": 1, "bill_number": "X"}),
    ("list_suppliers", {}),
    ("get_contact", {"contact_id": 999_999}),
    ("list_bills", {"per_page": 0}),
]


@pytest.mark.parametrize("output", Output)
async def test_output_modes_declare_a_schema_and_obey_it(api: Api, output: Output) -> None:
    bill = api.new_bill()
    payment = {"bill_id": bill["id"], "amount": "10.00", "payment_date": "2026-11-20"}
    async with house(api.base_url, output=output) as here, connect(here.server, "auto") as client:
        schemas = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
        assert all((schema is None) == (output is Output.TEXT) for schema in schemas.values())
        calls = [*READS, ("get_bill", {"bill_id": bill["id"]}), ("get_bill_variance", {"bill_id": bill["id"]})]
        for tool, arguments in calls:
            result = await client.call_tool(tool, arguments)
            if result.is_error:
                assert result.structured_content["error"]["message"] in text_of(result)
            elif output is Output.TEXT:
                assert result.structured_content is None, tool
            else:
                jsonschema.validate(result.structured_content, schemas[tool])
                same = text_of(result) == json.dumps(
                    result.structured_content, separators=(",", ":"), ensure_ascii=False
                )
                assert same == (output is Output.STRUCTURED), tool
        plan = await client.call_tool("record_bill_payment", payment)
        done = await client.call_tool("confirm_write", {"plan_id": plan.structured_content["plan_id"]})
        again = await client.call_tool("confirm_write", {"plan_id": plan.structured_content["plan_id"]})
        statuses = []
        for tool, result in (("record_bill_payment", plan), ("confirm_write", done), ("confirm_write", again)):
            jsonschema.validate(result.structured_content, schemas[tool] or {"type": "object"})
            statuses.append(result.structured_content["status"])
        assert statuses == ["confirmation_required", "done", "refused"]


async def test_output_schemas_are_the_same_for_older_clients(api: Api) -> None:
    async with house(api.base_url, output=Output.BOTH) as here:
        listed = []
        for era in ERAS:
            async with connect(here.server, era) as client:
                listed.append([tool.output_schema for tool in (await client.list_tools()).tools])
                assert not (await client.call_tool("list_bills", {"per_page": 2})).is_error
    assert listed[0] == listed[1]
    assert all(schema and schema["type"] == "object" for schema in listed[0])


@pytest.mark.parametrize("arguments", [[], ["serve", "--http", "127.0.0.1:9"]])
def test_without_credentials_the_server_ends_with_one_line_that_says_what_to_set(arguments: list[str]) -> None:
    ended = run(plain_environment(), *arguments)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert all(word in ended.stderr for word in ("LUMINOUS_COMPANY", "LUMINOUS_API_KEY", "--sandbox"))


async def test_an_unknown_method_is_a_protocol_error_and_the_session_goes_on(api: Api) -> None:
    async with house(api.base_url, writes=Writes.OFF) as here, connect(here.server, "legacy") as client:
        with pytest.raises(MCPError), pytest.warns(MCPDeprecationWarning):
            await client.subscribe_resource("luminous://guide/filters")
        assert not (await client.call_tool("list_bills", {"per_page": 1})).is_error
