"""The books themselves: the same for the same seed, believable, sound, kept in files."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.sandbox.audit import audit
from server.sandbox.books import Books, BooksError

FINGERPRINT = "93e5a00185775d101f82117dd320ee1dea44ba227f4b5127a83b9079f26a6548"
"""Of the books of seed 1. It changes on purpose only, together with `books.FORMAT`."""


def test_the_seed_alone_decides(pristine: Path) -> None:
    with Books.open(pristine) as books, Books.open() as again, Books.open(seed=2) as other:
        assert books.fingerprint() == again.fingerprint() == FINGERPRINT
        assert other.fingerprint() != FINGERPRINT
        assert audit(books) == audit(other) == []


def test_the_company_is_believable(reading: Any) -> None:
    bills = reading.all("/bills")
    vendors = reading.all("/companies", type="Vendor")
    assert (len(bills), len(vendors), len(reading.all("/companies"))) == (1200, 40, 100)
    by_vendor = Counter(bill["vendor_name"] for bill in bills)
    assert by_vendor["Tidewater Freight Lines"] > 100
    assert by_vendor["Quill & Anchor Signage"] == 1
    settled = [bill for bill in bills if bill["vendor_name"] == "Bluebonnet Janitorial Supply"]
    assert settled
    assert {bill["total_due"] for bill in settled} == {0}
    statuses = Counter(bill["status"] for bill in bills)
    assert set(statuses) == {"draft", "posted", "partially_paid", "paid", "hold", "void"}
    assert statuses["posted"] > 200
    assert {bill["currency"] for bill in bills} == {"USD", "EUR", "GBP"}
    assert {vendor["payment_term"] for vendor in vendors} == {
        "Net 15",
        "Net 30",
        "Net 45",
        "Net 60",
        "Due on receipt",
        "2/10 Net 30",
    }
    numbers = Counter((bill["vendor_id"], bill["bill_number"].lower()) for bill in bills)
    assert sum(count > 1 for count in numbers.values()) >= 2
    assert all(bill["hold_reason"] for bill in bills if bill["status"] == "hold")
    assert "2025-06" <= min(b["bill_date"] for b in bills) <= max(b["bill_date"] for b in bills) <= "2026-11-20"
    assert any("Ignore previous instructions" in (bill["notes"] or "") for bill in bills)
    assert any("\u202e" in (bill["notes"] or "") for bill in bills)


def test_an_order_whose_bill_is_booked_is_not_paid_as_well_but_for_three_mistakes(reading: Any) -> None:
    booked = {
        bill["purchase_order_id"]: bill["status"]
        for bill in reading.all("/bills", **{"status[in]": "posted,partially_paid,hold,paid"})
    }
    paid = [order for order in reading.all("/purchase-orders", **{"total_paid[gt]": 0}) if order["id"] in booked]
    in_full = [order["total_due"] == 0 for order in paid]
    assert [booked[order["id"]] for order in paid] == ["paid", "partially_paid", "posted"]
    assert in_full == [True, False, True]


def test_a_file_is_reopened_as_it_was_left(books: Books, api: Any, pristine: Path, tmp_path: Path) -> None:
    bill = api.first("/bills", status="draft")
    api.post(f"/bills/{bill['id']}/post")
    left = books.fingerprint()
    books.close()
    with Books.open(tmp_path / "company.books") as again:
        assert again.fingerprint() == left != FINGERPRINT


def test_files_that_are_no_such_books_are_refused(books: Books, tmp_path: Path) -> None:
    path = tmp_path / "company.books"
    with pytest.raises(BooksError, match="in use"):
        Books.open(path)
    books.close()
    with pytest.raises(BooksError, match="seed 1, not 2"):
        Books.open(path, seed=2)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE about SET value = '0' WHERE key = 'format'")
    with pytest.raises(BooksError, match="another version"):
        Books.open(path)
    for name, content in (("text", b"no books at all, just words" * 40), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BooksError, match="not a books file"):
            Books.open(tmp_path / name)
        assert (tmp_path / name).read_bytes() == content
    with pytest.raises(BooksError, match="could not be written"):
        Books.open(tmp_path / "missing" / "company.books")


def test_the_audit_sees_what_does_not_add_up(books: Books, api: Any) -> None:
    paid, posted = api.first("/bills", status="paid")["id"], api.first("/bills", status="posted")["id"]
    with books.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE bills SET total_paid = total_paid + 1 WHERE id = {paid}")
        connection.exec_driver_sql(f"UPDATE bill_items SET line_total = line_total + 1 WHERE bill_id = {posted}")
        connection.exec_driver_sql("UPDATE invoices SET total = total + 1 WHERE id = 7001")
        connection.exec_driver_sql("UPDATE bill_allocations SET amount = amount * 2 WHERE id = 1")
    said = " ".join(audit(books))
    for name in (f"Bill {paid}", f"Bill {posted}", "Invoice 7001", "more is allocated"):
        assert name in said


ACTIONS = st.tuples(st.integers(0, 3), st.integers(0, 11), st.integers(1, 9000))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(ACTIONS, min_size=20, max_size=60))
def test_no_sequence_of_actions_unbalances_the_books(api: Any, steps: list[tuple[int, int, int]]) -> None:
    newest = api.get("/bills", **{"purchase_order_id[set]": "", "status[neq]": "void", "sort": "id:desc"})
    targets = [row["id"] for row in newest["data"][:4]]
    for target, action, amount in steps:
        _act(api, f"/bills/{targets[target]}", action, amount / 10)
    assert audit(api.books) == []


def _act(api: Any, path: str, action: int, amount: float) -> None:
    """Do something to the bill, whether its state allows it or not; no answer may be an error of the server."""
    bill = api.get(path)["data"]
    payments = [payment["id"] for payment in bill["payments"]] or [1]
    line = bill["items"][-1]
    paid = {"amount": amount, "payment_date": "2026-11-20"}
    new_line = {"description": "x", "quantity": 2, "unit_cost": amount}
    method, suffix, body = [
        ("POST", "/post", None),
        ("POST", "/hold", {"reason": "x"}),
        ("POST", "/unhold", None),
        ("POST", "/reopen", None),
        ("POST", "/payments", paid),
        ("POST", "/payments", {**paid, "amount": bill["total_due"]}),
        ("POST", f"/payments/{payments[-1]}/void", None),
        ("DELETE", f"/payments/{payments[0]}", None),
        ("PUT", "", {"items": [new_line], "tax_amount": 1}),
        ("POST", "/auto-allocate", None),
        ("POST", f"/bill-items/{line['id']}/prorate-allocate", None),
        ("POST", "/resolve-variance", {"method": "adjust"}),
    ][action]
    response = api.try_send(method, path + suffix, **({} if body is None else {"json": body}))
    assert response.status_code < 500, response.text
