"""Resources: records, descriptions of tools, the guide, what was kept; in both protocols over the sandbox."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urljoin

import mcp_types as types
import pytest
from harness import ERAS, KEY, PATIENCE, Api, House, connect, house, text_of
from loopback import Exchange, loopback
from mcp import Client, MCPError
from pydantic import SecretStr

from server.answers.answer import MAX_TOKENS
from server.answers.budget import tokens
from server.calls import Surface
from server.embedded import BILLDIARY_PATH
from server.resources import guide, operations
from server.resources.records import Kind, kinds_of
from server.upstream.connection import Connection
from tools import catalogue, meta
from tools.arguments import check
from tools.catalogue import Catalogue
from tools.operation import System
from tools.workflows import workflow

pytestmark = pytest.mark.anyio

ALL = catalogue.load()
TOOLS = [*ALL.entries, *ALL.workflows]
KINDS = kinds_of(ALL)
DETAIL = "detail-4711"
BILL = "luminous://bills/{bill_id}"


@asynccontextmanager
async def over(base_url: str, era: str = "auto", **options: Any) -> AsyncIterator[tuple[Client, House]]:
    """A client of a server over Luminous, and over BillDiary where the sandbox serves it."""
    other = Connection.to_url(urljoin(base_url, BILLDIARY_PATH), SecretStr(KEY), "test", System.BILLDIARY)
    async with house(base_url, billdiary=other, **options) as here, connect(here.server, era) as client:
        yield client, here


async def content_of(client: Client, uri: str) -> dict[str, Any]:
    """The JSON of a resource."""
    (contents,) = (await client.read_resource(uri)).contents
    assert isinstance(contents, types.TextResourceContents)
    assert (str(contents.uri), contents.mime_type) == (uri, "application/json")
    content: dict[str, Any] = json.loads(contents.text)
    return content


async def refusal(client: Client, uri: str) -> MCPError:
    with pytest.raises(MCPError) as refused:
        await client.read_resource(uri)
    return refused.value


# Records


def address(kind: Kind, record_id: object) -> str:
    return kind.template.replace(f"{{{kind.argument}}}", str(record_id))


async def some_id(client: Client, kind: Kind) -> str:
    """The latest id that completion offers."""
    reference = types.ResourceTemplateReference(uri=kind.template)
    offered = await client.complete(reference, {"name": kind.argument, "value": ""})
    assert offered.completion.values, kind.template
    return offered.completion.values[0]


@pytest.mark.parametrize("era", ERAS)
async def test_every_kind_of_record_is_read_under_the_address_that_its_template_gives(api: Api, era: str) -> None:
    async with over(api.base_url, era) as (client, _):
        listed = (await client.list_resource_templates()).resource_templates
        templates = {each.uri_template: each for each in listed}
        assert len(templates) == len(listed) == len(KINDS) + 3 == len({each.name for each in listed})
        assert listed == (await client.list_resource_templates()).resource_templates
        for kind in KINDS:
            template = templates[kind.template]
            assert template.mime_type == "application/json"
            assert template.title
            assert template.description == kind.operation.description
            uri = address(kind, record_id := await some_id(client, kind))
            content = await content_of(client, uri)
            record = content["record"]
            assert content["operation"] == kind.operation.name
            assert record_id in {str(value) for name, value in record.items() if name.endswith("id")}, uri


@pytest.mark.parametrize("era", ERAS)
async def test_a_record_is_whole_and_its_amounts_are_exact(api: Api, era: str) -> None:
    """Also one that is longer than what a tool would answer."""
    bill = api.new_bill(amount="1234.50")
    lines = [{"id": number, "description": f"Pallet {number}", "line_total": 2.5} for number in range(200)]
    with loopback(lambda exchange: exchange.json({"data": {"id": 7, "items": lines}})) as other:
        async with house(other.base_url) as here, connect(here.server, era) as client:
            long = await content_of(client, "luminous://bills/7")
    assert len(long["record"]["items"]) == 200
    assert "left_out" not in long
    async with over(api.base_url, era) as (client, _):
        record = (await content_of(client, f"luminous://bills/{bill['id']}"))["record"]
    assert record.keys() == bill.keys()
    assert (record["total"], record["total_due"]) == ("1234.50", "1234.50")
    assert [line["description"] for line in record["items"]] == ["Pallets"]


async def test_record_text_is_cleaned_and_a_huge_record_is_cut_to_what_fits() -> None:
    lines = [{"id": number, "description": f"line {number} " + "x" * 300} for number in range(2_000)]
    record = {"id": 7, "bill_number": "A\u202e-1\u200b", "notes": "n" * 50_000, "items": lines}
    with loopback(lambda exchange: exchange.json({"data": record})) as api:
        async with house(api.base_url) as here, connect(here.server, "auto") as client:
            (contents,) = (await client.read_resource("luminous://bills/7")).contents
    assert isinstance(contents, types.TextResourceContents)
    assert tokens(contents.text) <= MAX_TOKENS
    content = json.loads(contents.text)
    assert content["record"]["bill_number"] == "A-1"
    assert len(content["record"]["notes"]) <= 1_000
    assert len(content["record"].get("items", [])) < len(lines)
    assert "items" in str(content.get("left_out")) or content["record"].get("items")


NOWHERE: list[tuple[str, list[str]]] = [
    ("luminous://bills/999999", ["no such record", "list_bills lists the ids"]),
    ("luminous://bills/abc", [BILL, "bill_id", "integer"]),
    ("luminous://bills/0", ["bill_id", "at least 1"]),
    ("luminous://bills/1%2F..%2F2", ["bill_id", "integer"]),
    ("luminous://bills/summary", ["bill_id", "integer"]),
    ("luminous://bills/7/payments", ["No such resource", "resources/templates/list"]),
    ("luminous://bills/" + "7" * 3_000, ["No such resource"]),
    ("luminous://price-levels/..", ["level_id"]),
    ("luminous://nothing/7", ["No such resource"]),
    ("luminous://guide/nothing", ["No such resource"]),
    ("https://example.com/bills/7", ["No such resource"]),
    ("", ["No such resource"]),
    ("luminous://operations/list_bils", ["no tool 'list_bils'", "list_bills"]),
    ("luminous://files/AAAAAAAAAAAAAAAA", ["No such resource"]),
    ("luminous://results/AAAAAAAAAAAAAAAA", ["No such resource"]),
]


@pytest.mark.parametrize("era", ERAS)
async def test_an_address_that_leads_nowhere_is_refused_with_what_to_do(api: Api, era: str) -> None:
    async with over(api.base_url, era) as (client, _):
        for uri, words in NOWHERE:
            refused = await refusal(client, uri)
            assert refused.error.code == types.INVALID_PARAMS, uri
            assert len(refused.error.message) < 400
            for word in words:
                assert word in refused.error.message, uri


def failing(status: int) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.json({"message": DETAIL, "trace": [DETAIL]}, status)


FAILURES: list[tuple[Callable[[Exchange], None], int, list[str]]] = [
    (failing(401), types.INVALID_PARAMS, ["API key"]),
    (failing(403), types.INVALID_PARAMS, ["does not allow", "permission"]),
    (failing(404), types.INVALID_PARAMS, ["no such record"]),
    (failing(422), types.INVALID_PARAMS, ["refused the values"]),
    (failing(500), types.INTERNAL_ERROR, ["Try again"]),
    (lambda exchange: exchange.answer(200, DETAIL.encode()), types.INTERNAL_ERROR, ["no JSON"]),
    (lambda exchange: exchange.cut(), types.INTERNAL_ERROR, ["connection broke"]),
]


@pytest.mark.parametrize("era", ERAS)
async def test_what_the_api_says_of_a_failure_stays_with_the_server(era: str) -> None:
    current: list[Callable[[Exchange], None]] = []
    with loopback(lambda exchange: current[-1](exchange)) as api:
        async with house(api.base_url) as here, connect(here.server, era) as client:
            for script, code, words in FAILURES:
                current.append(script)
                refused = await refusal(client, "luminous://bills/7")
                assert refused.error.code == code, words
                assert DETAIL not in str(refused.error)
                for word in words:
                    assert word in refused.error.message
                reference = types.ResourceTemplateReference(uri=BILL)
                ids = (await client.complete(reference, {"name": "bill_id", "value": ""})).completion
                assert (ids.values, ids.has_more) == ([], False)


async def test_only_what_is_enabled_is_offered_and_read(api: Api) -> None:
    async with over(api.base_url) as (client, here):
        here.calls.catalogue = ALL.narrowed(tools=["get_bill", "list_warehouses"])
        templates = [each.uri_template for each in (await client.list_resource_templates()).resource_templates]
        assert templates[3:] == [BILL]
        assert (await content_of(client, "luminous://bills/6200"))["record"]["id"] == 6200
        for uri in ("luminous://warehouses/1", "luminous://operations/post_bill"):
            assert (await refusal(client, uri)).error.code == types.INVALID_PARAMS
        # The list beside is not enabled, so there are no ids to offer.
        ids = await client.complete(types.ResourceTemplateReference(uri=BILL), {"name": "bill_id", "value": ""})
        assert ids.completion.values == []


async def test_a_system_that_is_not_connected_says_so(api: Api) -> None:
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        assert "BillDiary is not set up" in (await refusal(client, "luminous://billdiary/purchases/1")).error.message


# Tools


def test_every_tool_is_described_with_an_example_that_passes() -> None:
    class Enabled:
        catalogue: Catalogue = ALL

    for name in TOOLS:
        described = operations.described(Enabled(), name)  # type: ignore[arg-type]
        assert described["name"] == name
        assert described["description"]
        assert set(described["inputSchema"].get("required", ())) <= set(described["example"])
        if name not in ALL:
            check(workflow.find(name).arguments, described["example"])
            continue
        operation = ALL.operation(name)
        check(operation.arguments, described["example"])
        assert (described["method"], described["path"]) == (operation.method, operation.path)
        assert described["evidence"] in ("documented", "client", "inferred")
        assert set(described["inferred_arguments"]) <= set(described["inputSchema"]["properties"])


@pytest.mark.parametrize("surface", Surface)
async def test_every_listed_tool_is_described_and_offered(api: Api, surface: Surface) -> None:
    async with house(api.base_url, surface=surface) as here, connect(here.server, "auto") as client:
        listed = (await client.list_tools()).tools
        assert {tool.name for tool in listed} <= {*operations.names(here.calls)}
        for tool in listed:
            described = await content_of(client, f"luminous://operations/{tool.name}")
            assert described["name"] == tool.name
            assert described["description"] == tool.description
            assert set(tool.input_schema["properties"]) <= set(described["inputSchema"]["properties"])
            if tool.name in meta.NAMES:
                check(meta.arguments_of(tool.name), described["example"])


@pytest.mark.parametrize("era", ERAS)
async def test_examples_of_lists_are_answered(api: Api, era: str) -> None:
    async with over(api.base_url, era) as (client, _):
        for name in TOOLS:
            if name not in ALL or not ALL.operation(name).many or ALL.operation(name).path_arguments:
                continue
            described = await content_of(client, f"luminous://operations/{name}")
            if any(key.endswith(("_id", "_ids")) for key in described["example"]):
                continue  # A made-up id may name nothing.
            answered = await client.call_tool(name, described["example"])
            assert not answered.is_error, (name, described["example"], text_of(answered))


# The guide


@pytest.mark.parametrize("era", ERAS)
async def test_every_call_in_the_guide_works_and_finds_something(api: Api, era: str) -> None:
    async with over(api.base_url, era) as (client, _):
        (contents,) = (await client.read_resource(guide.URI)).contents
        assert isinstance(contents, types.TextResourceContents)
        assert contents.mime_type == "text/markdown"
        calls = re.findall(r"^(\w+) (\{.*\})$", contents.text, re.MULTILINE)
        assert len(calls) >= 9
        for tool, arguments in calls:
            answered = await client.call_tool(tool, json.loads(arguments))
            assert not answered.is_error, (tool, arguments, text_of(answered))
            found = re.match(rf"{tool}: (\d+) match", text_of(answered))
            assert found, text_of(answered)
            assert int(found[1]) > 0, arguments
    assert tokens(contents.text) < 1_500


# What was kept


@pytest.mark.parametrize("era", ERAS)
async def test_what_was_kept_is_listed_after_the_guide_for_who_asked_alone(api: Api, era: str) -> None:
    async with over(api.base_url, era) as (client, here):
        shelf = here.calls.reads.shelf
        first, second = (shelf.keep("tester", f"{name}.csv", "text/csv", b"id\n7\n") for name in "ab")
        many = await client.call_tool("list_bills", {"all_pages": True, "max_tokens": 500})
        (result,) = re.findall(r"all are in (luminous://results/\d+)", text_of(many))
        uris = [str(each.uri) for each in (await client.list_resources()).resources]
        assert uris[:3] == [guide.URI, second.uri, first.uri]
        assert uris[3:] == [result]
        part = (await client.read_resource(f"{result}?from=11&to=20&format=json")).contents[0]
        assert isinstance(part, types.TextResourceContents)
        assert len(re.findall(r'"bill_number"', part.text)) == 10
        for template, kept in (
            ("luminous://results/{id}{?from,to,format}", result),
            ("luminous://files/{id}", first.uri),
        ):
            ids = await client.complete(types.ResourceTemplateReference(uri=template), {"name": "id", "value": ""})
            assert kept.rsplit("/", 1)[1] in ids.completion.values

        here.principal = "somebody else"
        assert [str(each.uri) for each in (await client.list_resources()).resources] == [guide.URI]
        for uri in (result, f"{result}?from=1&to=2", first.uri):
            foreign = await refusal(client, uri)
            unknown = await refusal(client, re.sub(r"[^/?]+(\?.*)?$", "AAAAAAAAAAAAAAAA", uri))
            # Somebody else's is answered like what never was.
            assert foreign.error == unknown.error
            ids = await client.complete(
                types.ResourceTemplateReference(uri="luminous://files/{id}"), {"name": "id", "value": ""}
            )
            assert ids.completion.values == []


# Completion


@pytest.mark.parametrize("era", ERAS)
async def test_ids_and_tools_complete(api: Api, era: str) -> None:
    newest = api.new_bill("draft")["id"]
    async with over(api.base_url, era) as (client, here):

        async def completed(uri: str, name: str, typed: str) -> types.Completion:
            reference = types.ResourceTemplateReference(uri=uri)
            return (await client.complete(reference, {"name": name, "value": typed})).completion

        bills = await completed(BILL, "bill_id", "")
        assert bills.values == [str(newest - back) for back in range(100)]
        assert (bills.total, bills.has_more) == (None, True)
        begun = await completed(BILL, "bill_id", str(newest)[:3])
        assert begun.values
        assert all(value.startswith(str(newest)[:3]) for value in begun.values)
        warehouses = await completed("luminous://warehouses/{id}", "id", "")
        assert sorted(warehouses.values) == sorted(str(row["id"]) for row in api.get("/warehouses")["data"])
        assert (warehouses.total, warehouses.has_more) == (len(warehouses.values), False)

        every = await completed("luminous://operations/{tool}", "tool", "")
        assert (len(every.values), every.total, every.has_more) == (100, len(TOOLS) + len(here.calls.meta_tools), True)
        named = await completed("luminous://operations/{tool}", "tool", "record_bill")
        assert named.values[0] == "record_bill_payment"
        assert (await completed("luminous://operations/{tool}", "tool", "list_bils")).values[0] == "list_bills"
        assert (await completed("luminous://results/{id}{?from,to,format}", "format", "c")).values == ["csv"]
        for uri, name in ((BILL, "id"), ("luminous://nothing/{id}", "id")):
            with pytest.raises(MCPError) as refused:
                await completed(uri, name, "")
            assert refused.value.error.code == types.INVALID_PARAMS


async def test_what_was_read_for_a_completion_is_not_read_again_at_the_next_key() -> None:
    rows = [{"id": number} for number in range(1, 4)]
    meta = {"current_page": 1, "last_page": 1, "per_page": 100, "total": 3}
    with loopback(lambda exchange: exchange.json({"data": rows, "meta": meta})) as api:
        async with house(api.base_url) as here, connect(here.server, "auto") as client:
            reference = types.ResourceTemplateReference(uri=BILL)
            for typed, values in (("", ["3", "2", "1"]), ("2", ["2"]), ("21", [])):
                answer = await client.complete(reference, {"name": "bill_id", "value": typed})
                assert answer.completion.values == values
    assert len(api.received) == 1


# Start


def test_nothing_of_this_is_loaded_before_it_is_asked_for() -> None:
    program = (
        "import sys\n"
        "import server.app, server.assembly\n"
        "loaded = [name for name in sys.modules if name.startswith(('server.resources', 'server.prompts',"
        " 'tools.prompts'))]\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-P", "-c", program], check=True, timeout=PATIENCE)
