"""BillDiary beside Luminous: how it is proved who asks, what it refuses, and what must not be seen."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from harness import ERAS, House, connect, environment, everything, house, run, text_of
from loopback import Exchange, Loopback, loopback
from mcp import Client, MCPError
from mcp_types import ElicitRequestParams, ElicitResult
from pydantic import SecretStr

from server.answers.answer import Output
from server.app import build_server
from server.assembly import assemble
from server.guard.modes import Writes
from server.settings import load
from server.upstream.connection import Connection
from tools import catalogue, meta

pytestmark = pytest.mark.anyio

KEY, SECRET = "bd-key-0815-unseen", "bd-secret-0816-unseen"
TOKEN = "bd-token-0817-unseen"
BASIC = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
CARD, CODE = "4111111111111111", "9173"
ALL = [entry.name for entry in catalogue.load()]
WORKFLOWS = [*catalogue.load().workflows]
OF_LUMINOUS = ("look_up_invoices", "close_checklist")
"""Workflows that only Luminous answers."""
OVER_WRITES = [meta.BATCH, meta.UNDO, meta.CONFIRM]
BILLDIARY = [name for name in ALL if name.startswith("billdiary_")]
OF = {name: catalogue.toolset("billdiary").operations[name] for name in BILLDIARY}
RETURN = {
    "location_id": 3,
    "transaction_date": "2026-01-31 08:30",
    "final_total": "24.50",
    "products": [
        {"product_id": 1, "variation_id": 2, "unit_price": "3.5", "quantity": "2"},
        {"product_id": 5, "variation_id": 6, "unit_price": 8.75, "quantity": 2, "exp_date": "2027-01-31"},
    ],
}
PAYMENT = {"id": 7, "amount": 12, "method": "card", "card_number": CARD, "card_security": CODE}
ROWS = [f'{number},"Réf {number}",{number}.50' for number in range(1, 3001)]
CSV = "\ufeff" + "\n".join(["id,ref_no,final_total", *ROWS]) + "\n"


def record(exchange: Exchange) -> None:
    exchange.json({"data": {"id": 7, "ref_no": "P-7", "final_total": 100}})


@asynccontextmanager
async def over(script: Callable[[Exchange], None], **options: Any) -> AsyncIterator[tuple[Client, Loopback, House]]:
    """A client of a server whose BillDiary answers by `script`; nothing should reach its Luminous."""
    era = options.pop("era", "auto")
    person = options.pop("person", None)
    with loopback(script) as api:
        billdiary = Connection.to_billdiary(SecretStr(KEY), SecretStr(SECRET), f"{api.base_url}/api")
        async with (
            house("http://127.0.0.1:9", billdiary=billdiary, **options) as here,
            connect(here.server, era, elicitation_callback=person) as client,
        ):
            yield client, api, here


# Who asks


async def served(monkeypatch: pytest.MonkeyPatch, state: Path, **env: str) -> tuple[list[str], list[dict[str, str]]]:
    """The tools that a server lists with these settings, and what proved who asked in a read of purchases."""
    with loopback(lambda exchange: exchange.json({"data": [], "meta": {"total": 0}})) as api:
        monkeypatch.setenv("BILLDIARY_BASE_URL", api.base_url)
        monkeypatch.setenv("LUMINOUS_BASE_URL", api.base_url)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        async with (
            assemble(load(state=state)) as calls,
            connect(build_server(calls, Output.TEXT, lambda: "tester"), "auto") as client,
        ):
            names = [tool.name for tool in (await client.list_tools()).tools]
            for tool in ("billdiary_list_purchases", "list_bills"):
                result = await client.call_tool(tool, {})
                assert result.is_error is (tool not in names)
                assert tool in names or "There is no tool" in text_of(result)
        proof = ("authorization", "x-epos-api-key", "x-epos-api-secret")
        return names, [{key: each.headers[key] for key in proof if key in each.headers} for each in api.received]


async def test_a_key_and_its_secret_prove_who_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pair = {"BILLDIARY_API_KEY": f" {KEY}\n", "BILLDIARY_API_SECRET": SECRET}
    names, proofs = await served(monkeypatch, tmp_path, **pair)
    assert names == [*(name for name in WORKFLOWS if name not in OF_LUMINOUS), *BILLDIARY, *OVER_WRITES]
    assert proofs == [{"x-epos-api-key": KEY, "x-epos-api-secret": SECRET}]


async def test_a_token_proves_who_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names, proofs = await served(monkeypatch, tmp_path, BILLDIARY_TOKEN=TOKEN)
    assert names == [*(name for name in WORKFLOWS if name not in OF_LUMINOUS), *BILLDIARY, *OVER_WRITES]
    assert proofs == [{"authorization": f"Bearer {TOKEN}"}]


async def test_luminous_alone_lists_nothing_of_billdiary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names, proofs = await served(monkeypatch, tmp_path, LUMINOUS_API_KEY="lk")
    assert names == [*WORKFLOWS, *(name for name in ALL if name not in BILLDIARY), *OVER_WRITES]
    assert proofs == [{"authorization": "Bearer lk"}]


async def test_each_system_gets_its_own_proof(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pair = {"BILLDIARY_API_KEY": KEY, "BILLDIARY_API_SECRET": SECRET}
    names, proofs = await served(monkeypatch, tmp_path, LUMINOUS_API_KEY="lk", **pair)
    assert names == [*WORKFLOWS, *ALL, *OVER_WRITES]
    assert proofs == [{"x-epos-api-key": KEY, "x-epos-api-secret": SECRET}, {"authorization": "Bearer lk"}]


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({}, "LUMINOUS_COMPANY and LUMINOUS_API_KEY"),
        ({"BILLDIARY_TOKEN": " ", "BILLDIARY_API_KEY": "", "BILLDIARY_API_SECRET": "\t"}, "or BILLDIARY_TOKEN"),
        ({"BILLDIARY_API_KEY": KEY}, "both BILLDIARY_API_KEY and BILLDIARY_API_SECRET"),
        ({"BILLDIARY_API_SECRET": SECRET}, "both BILLDIARY_API_KEY and BILLDIARY_API_SECRET"),
        ({"BILLDIARY_API_SECRET": SECRET, "LUMINOUS_API_KEY": "k", "LUMINOUS_COMPANY": "acme"}, "both BILLDIARY_API"),
        ({"BILLDIARY_API_KEY": KEY, "BILLDIARY_API_SECRET": f"{SECRET}\u2019"}, "characters that no key has"),
        ({"BILLDIARY_TOKEN": TOKEN, "BILLDIARY_BASE_URL": "http://billdiary.example/api"}, "must be https"),
    ],
    ids=["nothing", "blanks", "no secret", "no key", "half a pair beside luminous", "curly quote", "no https"],
)
def test_what_does_not_prove_who_asks_ends_the_start(env: dict[str, str], reason: str) -> None:
    ended = run(environment(**env))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1
    assert reason in ended.stderr
    assert not [secret for secret in (KEY, SECRET, TOKEN) if secret in ended.stderr]


def test_secrets_do_not_belong_into_the_file(tmp_path: Path) -> None:
    for name in ("BILLDIARY_API_KEY", "BILLDIARY_API_SECRET", "BILLDIARY_TOKEN"):
        path = tmp_path / f"{name}.toml"
        path.write_text(f'{name} = "{SECRET}"\n', encoding="utf-8")
        ended = run(environment(LUMINOUS_CONFIG=str(path)))
        assert ended.returncode == 2
        assert f"{name} belongs in the environment" in ended.stderr
        assert SECRET not in ended.stderr


# What it refuses


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, "authentication", "does not accept the API key"),
        (402, "forbidden", "asks for an active subscription (402)"),
        (403, "forbidden", "does not allow this (403)"),
        (404, "not_found", "(404)"),
        (422, "invalid", "refused the values (422)"),
        (500, "unavailable", "failed on this call (status 500)"),
    ],
)
async def test_a_refusal_of_a_read_says_who_refused_and_why(status: int, kind: str, words: str) -> None:
    for said in ({}, {"message": "Not so.", "errors": {"q": ["Too vague."]}}):
        async with over(lambda exchange, said=said: exchange.json(said, status)) as (client, api, _):
            for tool, given in (("billdiary_get_purchase", {"id": 7}), ("billdiary_list_purchases", {})):
                result = await client.call_tool(tool, given)
                text = text_of(result)
                assert result.is_error
                assert result.structured_content["error"]["kind"] == kind
                assert "BillDiary" in text
                assert "Luminous" not in text
                assert words in text
                assert ("Not so." in text) is (bool(said) and status not in (401, 500))
                assert ("q: Too vague." in text) is (bool(said) and status == 422)
                assert (OF[tool].permission in text) is (status == 403)
            assert len(api.received) == 2


@pytest.mark.parametrize(
    ("status", "outcome", "words"),
    [
        (402, "failed", "asks for an active subscription (402)"),
        (403, "failed", "does not allow this (403)"),
        (404, "failed", "(404)"),
        (422, "failed", "refused the values (422)"),
        (500, "unknown", "failed on this call (status 500)"),
    ],
)
async def test_a_refusal_of_a_write_says_who_refused_and_why(status: int, outcome: str, words: str) -> None:
    def script(exchange: Exchange) -> None:
        record(exchange) if exchange.method == "GET" else exchange.json({"message": "Not so."}, status)

    for tool, given in (
        ("billdiary_delete_purchase", {"id": 7}),
        ("billdiary_create_standalone_purchase_return", RETURN),
    ):
        for writes in (Writes.ALLOW, Writes.ASK):
            async with over(script, writes=writes) as (client, api, _):
                result = await client.call_tool(tool, given)
                if writes is Writes.ASK:
                    plan_id = result.structured_content["plan_id"]
                    result = await client.call_tool("confirm_write", {"plan_id": plan_id})
                text = text_of(result)
                assert len(api.writes) == 1
            assert result.structured_content["status"] == outcome
            assert "BillDiary" in text
            assert "Luminous" not in text
            assert words in text
            assert (OF[tool].permission in text) is (status == 403)


async def test_what_a_key_may_not_read_it_may_still_write() -> None:
    def script(exchange: Exchange) -> None:
        exchange.json({}, 403) if exchange.method == "GET" else record(exchange)

    async with over(script) as (client, api, _):
        plan = await client.call_tool("billdiary_delete_purchase", {"id": 7})
        assert plan.structured_content["status"] == "confirmation_required"
        assert api.writes == []
        done = await client.call_tool("confirm_write", {"plan_id": plan.structured_content["plan_id"]})
        assert done.structured_content["status"] == "done"
        assert [each.path for each in api.writes] == ["/api/purchases/7"]


async def test_every_operation_of_billdiary_knows_its_permission() -> None:
    assert [name for name, operation in OF.items() if not operation.permission] == []


async def test_a_write_that_was_done_says_who_answered() -> None:
    async with over(record, writes=Writes.ALLOW) as (client, _, here):
        done = await client.call_tool("billdiary_update_purchase_order_status", {"id": 7, "status": "completed"})
        (written,) = here.journal.writes()
    assert done.structured_content["status"] == "done"
    assert "BillDiary answered" in text_of(done)
    assert "Luminous" not in text_of(done)
    assert (written.company, written.tool) == ("billdiary", "billdiary_update_purchase_order_status")


# What is refused before anything is sent


@pytest.mark.parametrize(
    ("tool", "given", "words"),
    [
        *(
            (name, {"start_date": "2026-01-01"}, "give start_date and end_date together")
            for name in BILLDIARY
            if name.startswith("billdiary_list_")
        ),
        ("billdiary_list_purchases", {"end_date": "2026-01-01"}, "give start_date and end_date together"),
        (
            "billdiary_list_purchase_requisitions",
            {"start_date": "2026-01-01", "end_date": "2026-01-31", "required_by_end": "2026-01-31"},
            "give required_by_start and required_by_end together",
        ),
        ("billdiary_list_purchases", {"q": "a"}, "q: "),
        ("billdiary_list_purchases", {"per_page": 101}, "per_page: must be at most 100"),
        ("billdiary_list_purchases", {"status": "paid"}, "status: "),
        ("billdiary_check_purchase_ref_number", {"ref_no": "A"}, "give ref_no and contact_id together"),
        ("billdiary_record_purchase_payment", {**PAYMENT, "amount": 0}, "amount: must be greater than 0"),
        (
            "billdiary_record_purchase_payment",
            {"id": 7, "amount": 1, "method": "advance", "account_id": 2},
            "leave out account_id",
        ),
        ("billdiary_create_purchase_return", {"transaction_id": 7, "returns": []}, "returns: "),
    ],
)
async def test_what_billdiary_would_ignore_or_refuse_is_not_sent(tool: str, given: dict[str, Any], words: str) -> None:
    async with over(record, writes=Writes.ALLOW) as (client, api, _):
        result = await client.call_tool(tool, given)
    assert result.is_error
    assert words in text_of(result)
    assert CARD not in everything(result)
    assert api.received == []


async def test_both_dates_of_a_pair_are_sent() -> None:
    dates = {"start_date": "2026-01-01", "end_date": "2026-01-31"}
    async with over(lambda exchange: exchange.json({"data": [], "meta": {}})) as (client, api, _):
        assert not (await client.call_tool("billdiary_list_purchases", {**dates, "q": "ab"})).is_error
    assert api.received[0].query == {**dates, "q": "ab", "page": "1", "per_page": "10"}


# Exports


def as_csv(exchange: Exchange) -> None:
    exchange.answer(
        200, CSV.encode(), "text/csv; charset=UTF-8", content_disposition='attachment; filename="../x/purchases.csv"'
    )


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("tool", "given"), [("billdiary_list_purchases", {}), ("billdiary_get_purchase", {"id": 7})], ids=["list", "record"]
)
async def test_an_export_is_a_file_with_a_preview_that_only_its_owner_reads(
    era: str, tool: str, given: dict[str, Any]
) -> None:
    async with over(as_csv, era=era) as (client, api, here):
        result = await client.call_tool(tool, {**given, "format": "csv"})
        assert not result.is_error
        assert api.received[0].query["format"] == "csv"
        text = text_of(result)
        assert f"text/csv, {len(CSV.encode())} bytes" in text
        assert f"<data>\nid,ref_no,final_total\n{ROWS[0]}\n{ROWS[1]}\n" in text
        assert "\ufeff" not in everything(result)
        shown = text.split("<data>\n")[1].split("\n</data>")[0].splitlines()
        assert shown[1:] == ROWS[: len(shown) - 1]
        assert 20 < len(shown) < 1000
        assert f"{len(ROWS) + 1 - len(shown)} more lines." in text
        (link,) = [block for block in result.content if block.type == "resource_link"]
        assert (link.name, link.mime_type, link.size) == ("purchases.csv", "text/csv", len(CSV.encode()))

        listed = [str(each.uri) for each in (await client.list_resources()).resources]
        assert listed == ["luminous://guide/filters", str(link.uri)]
        (whole,) = (await client.read_resource(str(link.uri))).contents
        assert (whole.mime_type, whole.text) == ("text/csv", CSV.removeprefix("\ufeff"))

        here.principal = "somebody else"
        assert [str(each.uri) for each in (await client.list_resources()).resources] == listed[:1]
        with pytest.raises(MCPError) as foreign:
            await client.read_resource(str(link.uri))
        with pytest.raises(MCPError) as unknown:
            await client.read_resource("luminous://files/AAAAAAAAAAAAAAAA")
        # Somebody else's file is answered like one that never was.
        assert str(foreign.value) == str(unknown.value)
        here.principal = "tester"
        assert (await client.read_resource(str(link.uri))).contents


async def test_an_export_of_nothing_is_still_a_file() -> None:
    async with over(lambda exchange: exchange.answer(200, b"\xef\xbb\xbf", "text/csv")) as (client, _, _here):
        result = await client.call_tool("billdiary_list_purchases", {"format": "csv"})
        (link,) = [block for block in result.content if block.type == "resource_link"]
        (whole,) = (await client.read_resource(str(link.uri))).contents
    assert not result.is_error
    assert whole.text == ""


# Documents


@pytest.mark.parametrize("source", ["path", "base64"])
async def test_a_document_travels_with_fields_as_php_reads_them(tmp_path: Path, source: str) -> None:
    content = bytes(range(256)) * 40
    (tmp_path / "delivery note.pdf").write_bytes(content)
    encoded = {"file_name": "delivery note.pdf", "content_base64": base64.b64encode(content).decode()}
    document = {"path": "delivery note.pdf"} if source == "path" else encoded
    given = {**RETURN, "document": document}
    tool = "billdiary_create_standalone_purchase_return"
    async with over(record, files=[tmp_path]) as (client, api, here):
        plan = await client.call_tool(tool, given)
        assert api.received == []
        shown = plan.structured_content["request"]["files"]["document"]
        assert (shown["file_name"], shown["size"]) == ("delivery note.pdf", len(content))
        assert 'File document: {"file_name": "delivery note.pdf", "content_type": "application/pdf"' in text_of(plan)
        done = await client.call_tool("confirm_write", {"plan_id": plan.structured_content["plan_id"]})
        assert done.structured_content["status"] == "done"
        (written,) = here.journal.writes()
    assert written.request["files"]["document"] == shown
    assert base64.b64encode(content).decode()[:60] not in json.dumps(written.request)
    (sent,) = api.received
    assert (sent.method, sent.path) == ("POST", "/api/purchase-returns/combined")
    head = f"Content-Type: {sent.headers['content-type']}\r\n\r\n".encode()
    parts = {
        part["content-disposition"].params["name"]: part
        for part in message_from_bytes(head + sent.body, policy=policy.HTTP).iter_parts()
    }
    file = parts.pop("document")
    assert file["content-disposition"].params["filename"] == "delivery note.pdf"
    assert file.get_content_type() == "application/pdf"
    assert file.get_payload(decode=True) == content
    assert {name: part.get_content().strip() for name, part in parts.items()} == {
        "location_id": "3",
        "transaction_date": "2026-01-31 08:30:00",
        "final_total": "24.50",
        "products[0][product_id]": "1",
        "products[0][variation_id]": "2",
        "products[0][unit_price]": "3.5",
        "products[0][quantity]": "2",
        "products[1][product_id]": "5",
        "products[1][variation_id]": "6",
        "products[1][unit_price]": "8.75",
        "products[1][quantity]": "2",
        "products[1][exp_date]": "2027-01-31",
    }


async def test_without_a_document_it_is_json() -> None:
    async with over(record, writes=Writes.ALLOW) as (client, api, _):
        assert not (await client.call_tool("billdiary_create_standalone_purchase_return", RETURN)).is_error
    assert api.writes[0].headers["content-type"] == "application/json"
    assert b'"quantity":2}' in api.writes[0].body


# What must not be seen


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("output", Output)
async def test_a_card_is_sent_and_shown_nowhere(tmp_path: Path, era: str, output: Output) -> None:
    asked: list[str] = []

    async def person(context: Any, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"confirm": True})

    seen: list[str] = []
    tool = "billdiary_record_purchase_payment"
    for options in ({}, {"person": person}, {"writes": Writes.ALLOW}):
        # Each with a different amount: the same write would be warned of as a repetition.
        given = {**PAYMENT, "amount": 12 + len(seen)}
        journal = tmp_path / "journal.sqlite3"
        async with over(record, era=era, output=output, journal=journal, **options) as (client, api, here):
            result = await client.call_tool(tool, given)
            seen.append(everything(result))
            if not options:
                assert result.structured_content["request"]["body"]["card_number"] == "***"
                result = await client.call_tool("confirm_write", {"plan_id": result.structured_content["plan_id"]})
                seen.append(everything(result))
            assert result.structured_content["status"] == "done"
            seen.append(json.dumps([each.request for each in here.journal.writes()]))
        (sent,) = api.writes
        assert json.loads(sent.body)["card_number"] == CARD
        assert json.loads(sent.body)["card_security"] == CODE
    assert len(asked) == 1
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"billdiary_record_purchase_payment" in kept
    for secret in (CARD, CODE):
        assert secret not in "".join(seen + asked)
        assert secret.encode() not in kept


@pytest.mark.parametrize("status", [200, 302, 400, 401, 402, 403, 404, 409, 422, 429, 500, 503])
async def test_secrets_that_billdiary_echoes_are_in_no_output(
    status: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    all_of_it = f"{KEY} {SECRET} Basic {BASIC}"

    def script(exchange: Exchange) -> None:
        if status == 200 and exchange.method == "GET":
            exchange.answer(200, f'{{"data": "{all_of_it}"'.encode())
        elif exchange.method == "GET" and exchange.path.endswith("/7"):
            record(exchange)
        else:
            said = {
                "message": f"no: {all_of_it}",
                "errors": {all_of_it: [all_of_it], "q": all_of_it},
                "data": {"id": 1},
            }
            exchange.json(said, status, retry_after="0", location=f"https://evil.example/?{SECRET}")

    seen: list[str] = []
    journal = tmp_path / "journal.sqlite3"
    async with over(script, writes=Writes.ALLOW, output=Output.BOTH, journal=journal) as (client, api, here):
        for tool, given in (
            ("billdiary_list_purchases", {}),
            ("billdiary_delete_purchase", {"id": 7}),
            ("billdiary_create_standalone_purchase_return", RETURN),
        ):
            seen.append(everything(await client.call_tool(tool, given)))
        seen.append(repr(here.journal.writes()))
    assert api.received[0].headers["x-epos-api-key"] == KEY
    seen.append(caplog.text)
    seen.append(b"".join(path.read_bytes() for path in tmp_path.iterdir()).decode("latin-1"))
    assert [secret for secret in (KEY, SECRET, BASIC) for text in seen if secret in text] == []


def test_a_connection_does_not_show_its_secrets() -> None:
    pair = Connection.to_billdiary(SecretStr(KEY), SecretStr(SECRET))
    assert pair.base_url == "https://billdiary.com/api/v1/integration"
    assert set(pair.secrets) == {KEY, SECRET, BASIC}
    assert not [secret for secret in pair.secrets if secret in f"{pair!r}{pair}"]
