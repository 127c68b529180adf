"""Every operation, called once by a real client: what then arrives at the API is what the contract says.

The request is asserted from tests/reference/contract.json, never from the declaration under test.
"""

from __future__ import annotations

import email
import email.policy
import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from harness import connect, house, text_of
from loopback import Exchange, Loopback, loopback
from mcp import Client
from pydantic import SecretStr

from server.guard.modes import Writes
from server.upstream.connection import Connection
from tests.tools.contract import ANY_OPERATOR, CONTRACT, Json, Node, body_of, snake
from tools import catalogue
from tools.arguments import InvalidArgumentsError, check
from tools.operation import Operation
from tools.schema import input_schema

pytestmark = pytest.mark.anyio

FACTS: dict[str, Json] = {fact["tool"]: fact for fact in CONTRACT}
TOKEN, PAIR = "token-of-luminous", ("key-of-billdiary", "secret-of-billdiary")
BASE = {"luminous": "/external/api/v1", "billdiary": "/api/v1/integration"}
PDF = {"file_name": "a.pdf", "content_base64": "JVBERi0xCg=="}
PDF_CONTENT = b"%PDF-1\n"
TEXTS = ("a b/c?d=é&", "7", "EUR", "2026-01-31", "2026-01-31 08:30:00", "a@b.example", "id:asc")
"""Texts that are tried in turn: some are days, numbers or addresses."""
SAMPLES: dict[str, Any] = {"integer": 7, "number": 1.5, "boolean": True, "object": {"any": "thing"}}
UNDOCUMENTED: dict[str, Json] = {
    "create_bill": {
        "vendor_id": 7,
        "bill_number": "A-1",
        "bill_date": "2026-01-31",
        "items": [{"description": "Pallets", "quantity": 1, "unit_cost": 2}],
    },
    "create_bill_allocation": {"bill_item_id": 7, "purchase_order_item_id": 7, "amount": 1.5},
    "record_bill_payment": {"amount": 1.5, "payment_date": "2026-01-31"},
    "parse_bill_import": {"file": PDF},
    "upload_bill_attachment": {"file": PDF},
    "create_currency_rate": {"from": "EUR", "to": "USD", "rate": 1.5},
    "bulk_create_field_mappings": {"mappings": [{"field_name": "a", "luminous_value": "b", "external_value": "c"}]},
    "bulk_delete_field_mappings": {"ids": [7]},
    "create_integration_mapping": {"name": "A"},
    "create_warehouse": {"name": "A"},
    "create_warehouse_group": {"name": "A"},
    "update_payment_obligation_status": {"status": "paid"},
    "apply_prepayment": {"amount": 1.5},
    "create_prepayment": {"vendor_id": 7, "amount": 1.5},
    "create_purchase_order_payment_obligation": {"amount": 1.5, "due_date": "2026-01-31"},
    "create_receiving_report": {"items": [{"purchase_order_item_id": 7, "quantity": 2}]},
    "attach_record_tags": {"tags": ["A"]},
    "apply_vendor_credit": {"amount": 1.5},
    "create_vendor_credit": {"vendor_id": 7, "amount": 1.5},
    "create_vendor_return": {"vendor_id": 7, "items": [{"quantity": 2}]},
}
"""What must be given besides the contract, which has no such fields, by its name on the wire."""
CHOSEN: dict[str, Json] = {
    "create_unit_conversion_rule": {"type": "SKU"},
    "update_unit_conversion_rule": {"type": "SKU"},
}
"""Values on which others depend."""
EXCLUSIVE = {
    "export_products": {"cursor"},
    "export_sales_orders": {"cursor"},
    "update_transaction_cogs": {"sku", "from_date", "to_date", "order_ids"},
}
"""Fields that cannot be given together with the others."""
PAGES = {"page": "1", "per_page": "10"}


def values(node: Node) -> Iterator[Any]:
    """Values of one field, of which one is taken."""
    if node.facts.get("enum") and node.type != "array":
        yield node.facts["enum"][0]
    elif node.type == "array":
        one = Node(node.name, node.of, "", {**node.facts, "type": node.of}, node.inside)
        yield from ([each] for each in values(one))
    elif node.inside:
        for turn in range(len(TEXTS)):
            options = {name: list(values(each)) for name, each in node.inside.items()}
            yield {snake(name): each[min(turn, len(each) - 1)] for name, each in options.items()}
            # A day inside, and texts that are none.
            days = {name: "2026-01-31" for name in options if re.search(r"_(date|on|at)$", name)}
            yield {snake(name): days.get(name, each[min(turn, len(each) - 1)]) for name, each in options.items()}
    elif node.type == "file":
        yield PDF
    else:
        # Where the contract does not say the type, it may be any.
        yield from TEXTS if node.type == "string" else SAMPLES.values() if not node.type else [SAMPLES[node.type]]
        yield from TEXTS if not node.type else ()


def on_wire(node: Node, value: Any) -> Any:
    """A value that was given, with the names inside it as the contract spells them."""
    if isinstance(value, list):
        return [on_wire(node, each) for each in value]
    if node.inside and isinstance(value, dict):
        return {name: on_wire(each, value[snake(name)]) for name, each in node.inside.items()}
    return value


@dataclass
class Call:
    """A call with everything that the contract knows of an operation."""

    operation: Operation
    fact: Json

    def __post_init__(self) -> None:
        self.schema = input_schema(self.operation.arguments)
        without = EXCLUSIVE.get(self.operation.name, set())
        chosen = CHOSEN.get(self.operation.name, {})
        self.path = {each["name"]: self.value(Node(each["name"], each["type"])) for each in self.fact["path_params"]}
        query = [each for each in self.fact["query_params"] if each["name"] != ANY_OPERATOR]
        self.query = {
            each["name"]: self.value(Node(each["name"], each.get("type", ""), "", each))
            for each in query
            if each["name"] not in {"format", *without}
        }
        nodes = [node for node in body_of(self.fact) if node.name not in without]
        self.body = {node.name: self.value(node) for node in nodes if node.type != "file"} | chosen
        self.files = [node.name for node in nodes if node.type == "file"]
        self.sent_body = {node.name: on_wire(node, self.body[node.name]) for node in nodes if node.name in self.body}
        self.more = UNDOCUMENTED.get(self.operation.name, {})
        self.files += [name for name, value in self.more.items() if value is PDF]
        self.arguments: Json = {
            **{snake(name): value for name, value in {**self.path, **self.query, **self.body}.items()},
            **{snake(name): PDF for name in self.files},
            **{snake(name): value for name, value in self.more.items() if value is not PDF},
        }
        if len(query) < len(self.fact["query_params"]):
            self.arguments["filters"] = {"zzz[gt]": 1}
            self.query["zzz[gt]"] = 1

    def value(self, node: Node) -> Any:
        """The first value that the operation takes there."""
        name = snake(node.name)
        schema = self.schema["properties"].get(name, {})
        # Words that a page has in its text only are known to the declaration.
        words = (word for each in (schema, *schema.get("anyOf", ())) for word in each.get("enum", ()))
        for value in itertools.chain(values(node), words):
            try:
                check(self.operation.arguments, {name: value})
            except InvalidArgumentsError as error:
                if name in {problem.argument.split(".")[0] for problem in error.problems}:
                    continue
            return value
        raise AssertionError(f"{node.name} takes none of {list(itertools.islice(values(node), 8))}")


@dataclass
class Running:
    """A client of a server over both systems, and the API that plays them."""

    client: Client
    api: Loopback
    many: list[bool]
    """The last: whether the operation that is called answers with a list."""


@pytest.fixture(scope="module")
async def running(anyio_backend: str) -> AsyncIterator[Running]:
    many = [False]

    def script(exchange: Exchange) -> None:
        record = {"id": 7, "status": "posted"}
        exchange.json({"data": [record], "meta": {"total": 1, "last_page": 1}} if many[-1] else {"data": record})

    with loopback(script) as api:
        key, secret = (SecretStr(each) for each in PAIR)
        billdiary = Connection.to_billdiary(key, secret, api.base_url + BASE["billdiary"])
        url = api.base_url + BASE["luminous"]
        async with (
            house(url, token=TOKEN, writes=Writes.ALLOW, billdiary=billdiary) as here,
            connect(here.server, "auto") as client,
        ):
            assert client.protocol_version == "2026-07-28"
            yield Running(client, api, many)


def test_there_are_279_operations() -> None:
    assert len(FACTS) == len(CONTRACT) == 279
    assert set(FACTS) == {entry.name for entry in catalogue.load()}


@pytest.mark.parametrize("tool", FACTS)
async def test_the_request_that_arrives_is_the_one_of_the_contract(running: Running, tool: str) -> None:
    fact = FACTS[tool]
    call = Call(catalogue.toolset(fact["toolset"]).operations[tool], fact)
    running.api.received.clear()
    running.many.append(call.operation.many)
    result = await running.client.call_tool(tool, call.arguments)
    assert not result.is_error, text_of(result)
    *looks, sent = running.api.received
    assert [look.method for look in looks] == ["GET"] * len(looks)
    assert fact["effect"] != "read" or not looks
    for exchange in (*looks, sent):
        assert exchange.path.startswith(f"{BASE[fact['system']]}/")
        assert_headers(exchange, fact["system"])

    path = re.sub(r"\{(\w+)\}", lambda match: quote(str(call.path[match[1]]), safe=""), fact["path"])
    assert (sent.method, sent.path) == (fact["method"], BASE[fact["system"]] + path)
    assert_query(call, sent)
    assert_body(call, sent)


def assert_headers(exchange: Exchange, system: str) -> None:
    headers = exchange.headers
    assert headers["accept"] == "application/json"
    proof = {
        name: headers[name] for name in ("authorization", "x-epos-api-key", "x-epos-api-secret") if name in headers
    }
    if system == "luminous":
        assert proof == {"authorization": f"Bearer {TOKEN}"}
    else:
        assert proof == {"x-epos-api-key": PAIR[0], "x-epos-api-secret": PAIR[1]}
    assert "cookie" not in headers


def assert_query(call: Call, sent: Exchange) -> None:
    expected: Json = {}
    for name, value in call.query.items():
        if isinstance(value, dict):
            expected |= {f"{name}[{key}]": each for key, each in value.items()}
        else:
            expected[name] = "1" if value is True else value
    got: Json = dict(sent.query)
    if call.operation.many and not call.fact["query_params_complete"]:
        # A list whose parameters are not all known is asked for its first page as all others are.
        for name in PAGES.keys() - expected.keys():
            assert got.pop(name, PAGES[name]) == PAGES[name]
    assert set(got) == set(expected)
    for name, value in expected.items():
        assert got[name] == str(value) or Decimal(got[name]) == Decimal(str(value)), name


def assert_body(call: Call, sent: Exchange) -> None:
    kind = sent.headers.get("content-type", "")
    if call.files:
        assert kind.startswith("multipart/form-data; boundary=")
        fields, files = parts(kind, sent.body)
        assert files == dict.fromkeys(call.files, (PDF["file_name"], "application/pdf", PDF_CONTENT))
        expected = dict(flat("", call.sent_body))
        assert set(fields) == set(expected)
        for name, value in expected.items():
            assert fields[name] == value or Decimal(fields[name]) == Decimal(value), name
        return
    body = call.sent_body | call.more
    if not body:
        assert sent.body == b""
        assert "content-type" not in sent.headers
        return
    assert kind == "application/json"
    assert json.loads(sent.body) == body


def parts(kind: str, body: bytes) -> tuple[dict[str, str], dict[str, tuple[str, str, bytes]]]:
    """Fields and files of a multipart body."""
    message = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP)
    fields: dict[str, str] = {}
    files: dict[str, tuple[str, str, bytes]] = {}
    for part in message.iter_parts():
        said = part["content-disposition"].params
        content = part.get_payload(decode=True)
        if "filename" in said:
            files[said["name"]] = (said["filename"], part.get_content_type(), content)
        else:
            assert said["name"] not in fields
            fields[said["name"]] = content.decode()
    return fields, files


def flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Form fields as PHP reads them: `products[0][quantity]`."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from flat(f"{name}[{key}]" if name else key, each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from flat(f"{name}[{index}]", each)
    else:
        yield name, "1" if value is True else str(value)
