"""The OpenAPI document: whole, valid, and true of the sandbox."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from openapi_pydantic import OpenAPI
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.openapi import ROOTS, build
from server.sandbox.audit import audit
from server.sandbox.books import Books
from server.sandbox.serve import Stop, serve
from tools.operation import System

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
CONTRACT: list[dict[str, Any]] = json.loads(Path("tests/reference/contract.json").read_text(encoding="utf-8"))
DOCUMENT = build()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture(scope="module")
def books() -> Iterator[Books]:
    with Books.open(size="small") as books:
        yield books
        assert audit(books) == []  # whatever was sent


@pytest.fixture(scope="module")
def url(books: Books) -> Iterator[str]:
    stop, ready, urls = Stop(), threading.Event(), []

    def said(url: str) -> None:
        urls.append(url)
        ready.set()

    thread = threading.Thread(target=serve, args=(books,), kwargs={"port": 0, "on_ready": said, "stop": stop})
    thread.start()
    assert ready.wait(10)
    yield urls[0].removesuffix(ROOTS[System.LUMINOUS])
    stop.now()
    thread.join(10)


def test_the_command_prints_every_operation_of_the_reference_as_valid_openapi() -> None:
    printed = subprocess.run(
        [sys.executable, "-P", "-m", "server", "sandbox", "--openapi"], capture_output=True, text=True, check=True
    )
    document = json.loads(printed.stdout)
    assert document == DOCUMENT
    assert document["openapi"] == "3.1.0"
    OpenAPI.model_validate(document)
    described = {
        (method.upper(), path.count("{"), operation["tags"][0], path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    assert len(described) == len(CONTRACT)
    documented = Counter((each["method"], each["path"].count("{"), each["toolset"]) for each in CONTRACT)
    assert Counter(each[:3] for each in described) == documented


@SCHEMA.parametrize()
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_answer_lies_outside_the_document(url: str, case: Any) -> None:
    headers = {"Authorization": "Bearer sandbox"}
    response = case.call(base_url=url, headers=headers)
    case.validate_response(response, checks=CHECKS)
