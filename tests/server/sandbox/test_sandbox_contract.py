"""Every operation of the reference, held against the sandbox; nothing of `tools` takes part in that."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.sandbox.conftest import Api
from tests.server.sandbox.requests import Sent, examples

OPERATIONS: list[dict[str, Any]] = json.loads(Path("tests/reference/contract.json").read_text(encoding="utf-8"))
EXAMPLES = examples()

ROOTS = {"luminous": "", "billdiary": "http://sandbox/api/v1/integration"}

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation["tool"])


def send(api: Api, operation: dict[str, Any], sent: Sent, method: str | None = None) -> httpx.Response:
    path = operation["path"]
    for name, value in sent.path.items():
        path = path.replace(f"{{{name}}}", str(value))
    assert "{" not in path, path
    options: dict[str, Any] = {"params": sent.query or None, "files": sent.files}
    if sent.body is not None:
        options["json"] = sent.body
    return api.try_send(method or operation["method"], ROOTS[operation["system"]] + path, **options)


def test_no_operation_is_left_out() -> None:
    assert EXAMPLES.keys() == {operation["tool"] for operation in OPERATIONS}


@every_operation
def test_it_is_carried_out_and_leaves_the_books_sound(api: Api, operation: dict[str, Any]) -> None:
    sent = EXAMPLES[operation["tool"]](api)
    response = send(api, operation, sent)
    assert response.status_code in {200, 201, 202, 204}, response.text
    kind = response.headers.get("content-type", "")
    if kind.startswith("application/json"):
        assert isinstance(response.json(), dict | list)
    if operation["effect"] != "read":
        assert api.audit() == []


@every_operation
def test_what_the_reference_rules_out_is_refused(api: Api, operation: dict[str, Any]) -> None:
    sent = EXAMPLES[operation["tool"]](api)
    for path, value in faults(operation, sent.body):
        response = send(api, operation, Sent(sent.path, sent.query, value, sent.files))
        assert response.status_code == 422, (path, response.status_code, response.text)
        assert path in response.json()["errors"], (path, response.text)


@every_operation
def test_nobody_gets_in_without_the_key(api: Api, operation: dict[str, Any]) -> None:
    path = operation["path"].replace("{", "").replace("}", "")
    root = ROOTS[operation["system"]] or "http://sandbox/external/api/v1"
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}):
        assert api.try_send(operation["method"], root + path, headers=headers).status_code == 401


def faults(operation: dict[str, Any], body: Any) -> Iterator[tuple[str, Any]]:
    """Bodies that are wrong in one field, each with the path of that field."""
    if not isinstance(body, dict) or operation["body"] is None:
        return
    for name, field in fields(operation):
        parts = name.replace("[]", ".0").replace(".*", ".0").split(".")
        for bad in wrong_values(field):
            changed = deepcopy(body)
            if put(changed, parts, bad):
                yield ".".join(parts), changed


def fields(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The documented fields of a body with their names, those of lines that are documented as objects among them."""
    for field in operation["body"]["fields"]:
        yield field["name"], field
        kind = field.get("type", "")
        for inner in operation.get("objects", {}).get(kind.removeprefix("array<").removesuffix(">"), ()):
            yield f"{field['name']}[].{inner['name']}", inner


def wrong_values(field: dict[str, Any]) -> Iterator[Any]:
    if field.get("required"):
        yield None
    if field.get("enum"):
        yield "none of these"
    if field.get("max_length"):
        yield "x" * (field["max_length"] + 1)
    if field.get("min") is not None:
        yield field["min"] - 1
    kind = field.get("type", "")
    if kind.endswith("[]") or kind.startswith("array"):
        yield "no array"
    elif kind in {"integer", "number"}:
        yield {"no": "number"}


def put(body: Any, parts: list[str], value: Any) -> bool:
    """Set what the path names; whether there was something to set it in."""
    *way, last = parts
    for part in way:
        body = inside(body, part)
    if isinstance(body, dict):
        body[last] = value
        return True
    if isinstance(body, list) and body:
        body[int(last)] = value
        return True
    return False


def inside(body: Any, part: str) -> Any:
    if isinstance(body, list):
        return body[int(part)] if body else None
    return body.get(part) if isinstance(body, dict) else None
