"""The conventions of the wire: authentication, routing, and errors as JSON."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from server.sandbox.resources.bills import record as bill_record
from server.sandbox.wire import Call


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic sandbox", "sandbox", "Bearer sandböx"])
@pytest.mark.parametrize("path", ["/bills", "/bills/5001", "/nothing"])
def test_nothing_is_answered_without_the_token(reading: Any, header: str, path: str) -> None:
    answer = reading.send("GET", path, 401, headers={"Authorization": header.encode()})
    assert answer.json() == {"message": "Unauthenticated."}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/bills/", 404),
        ("GET", "/bills/1", 404),
        ("GET", "/bills/abc", 404),
        ("GET", "/bills/-5", 404),
        ("GET", "/bills/5001.0", 404),
        ("GET", "/bills/%D9%A5%D9%A0%D9%A0%D9%A1", 404),
        ("GET", "/bills/99999999999999999999", 404),
        ("GET", "/bills/by-vendor/9", 404),
        ("GET", "/bills/by-purchase-order/9", 404),
        ("GET", "/shipments/9/billable-lines", 404),
        ("POST", "/bills/5002/bill-items/1/prorate-allocate", 404),
        ("DELETE", "/bills/5001/payments/1", 404),
        ("GET", "/companies/x", 404),
        ("GET", "/contacts/1", 404),
        ("GET", "/suppliers/99", 404),
        ("GET", "/invoices/1", 404),
        ("DELETE", "/invoices/5001", 405),
        ("PATCH", "/companies", 405),
        ("OPTIONS", "/bills", 405),
        ("POST", "/bills/summary", 405),
    ],
)
def test_what_is_not_there_is_said_in_json(reading: Any, method: str, path: str, status: int) -> None:
    answer = reading.send(method, path, status)
    assert list(answer.json()) == ["message"]
    if status == 405:
        assert "GET" in answer.headers["allow"]


def test_static_segments_win_over_ids(reading: Any) -> None:
    assert "by_status" in reading.get("/bills/summary")["data"]
    assert reading.get("/bills/check-duplicate", bill_number="x")["duplicate"] is False


@pytest.mark.parametrize("body", [b"{", b"nonsense", b'{"a": NaN}', b'{"a": "\\ud800"}', b"\xff", b"[" * 100_000])
def test_malformed_json_is_400(reading: Any, body: bytes) -> None:
    assert "JSON" in reading.send("POST", "/bills", 400, content=body).json()["message"]


@pytest.mark.parametrize("body", [b"[]", b"3", b'"x"', b"null"])
def test_a_body_that_is_no_object_is_422(reading: Any, body: bytes) -> None:
    assert "object" in reading.send("POST", "/bills", 422, content=body).json()["message"]


def test_no_body_at_all_is_an_empty_object(reading: Any) -> None:
    answer = reading.send("POST", "/bills", 422).json()
    assert list(answer["errors"]) == ["vendor_id", "bill_number", "bill_date", "items"]
    assert answer["message"] == "The vendor_id is required. (and 3 more errors)"


def test_an_error_inside_is_500_without_a_trace_and_changes_nothing(
    api: Any, draft: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = api.books.fingerprint()

    def fail(call: Call, bill_id: int) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(bill_record, "settle", fail)
    body = {
        "vendor_id": 101,
        "bill_number": "T",
        "bill_date": "2026-11-01",
        "items": [{"description": "x", "quantity": 1, "unit_cost": 1}],
    }
    with caplog.at_level(logging.CRITICAL):
        assert api.post("/bills", 500, body) == {"message": "Server Error"}
    assert api.books.fingerprint() == before


def test_text_comes_back_as_it_was_sent(api: Any, draft: Callable[..., dict[str, Any]]) -> None:
    text = "a\u0000b \u202eevil\u202c \U0001f4b8 ' \" ; DROP TABLE bills"
    bill = draft(notes=text, bill_number="%_[]")
    assert bill["notes"] == text
    assert api.first("/bills", **{"bill_number[contains]": "%_["})["id"] == bill["id"]
    assert api.first("/bills", notes=text)["id"] == bill["id"]
