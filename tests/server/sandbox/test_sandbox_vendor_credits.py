"""Credits of vendors: applied to bills and taken back, made of returned goods, and seen in the statement."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

Enter = Callable[..., dict[str, Any]]

STATE = ("status", "payment_status", "total_paid", "total_credited", "total_due")


@pytest.fixture
def credit(api: Any) -> Enter:
    """Enters a credit of 80.00 of vendor 101 unless told."""

    def enter(**fields: Any) -> dict[str, Any]:
        made: dict[str, Any] = api.post("/vendor-credits", 201, {"vendor_id": 101, "amount": 80, **fields})["data"]
        return made

    return enter


def apply(api: Any, credit: Any, status: int = 201, **body: Any) -> Any:
    return api.post(f"/vendor-credits/{credit['id']}/apply", status, body)


def test_a_credit_settles_bills_and_comes_back(api: Any, posted: Enter, credit: Enter) -> None:
    bill, held = posted(), credit(reference="CM-1")
    assert (held["status"], held["credit_date"], held["currency"]) == ("open", "2026-11-20", "USD")
    path = f"/bills/{bill['id']}"
    first = apply(api, held, bill_id=bill["id"], amount=30)["data"]
    assert (first["amount"], first["status"], first["bill_id"]) == (30, "applied", bill["id"])
    api.post(f"{path}/payments", 201, {"amount": 20, "payment_date": "2026-11-20"})
    second = apply(api, held, bill_id=bill["id"], amount=50)["data"]
    assert [api.get(path)["data"][name] for name in STATE] == ["paid", "paid", 20, 80, 0]
    assert [row["id"] for row in api.get(path)["data"]["applications"]] == [first["id"], second["id"]]
    used = api.get(f"/vendor-credits/{held['id']}")["data"]
    assert (used["status"], used["applied_amount"], used["remaining_amount"]) == ("applied", 80, 0)
    reversing = f"/vendor-credits/{held['id']}/applications/{second['id']}"
    undone = api.post(f"{reversing}/reverse")["data"]
    assert (undone["status"], undone["reversed_at"]) == ("reversed", "2026-11-21T09:30:00Z")
    assert "reversed already" in api.post(f"{reversing}/reverse", 409)["message"]
    assert [api.get(path)["data"][name] for name in STATE] == ["partially_paid", "partial", 20, 30, 50]
    gone = api.send("DELETE", f"/vendor-credits/{held['id']}/applications/{first['id']}", 204)
    assert gone.content == b""
    api.send("DELETE", f"/vendor-credits/{held['id']}/applications/{first['id']}", 404)
    assert [api.get(path)["data"][name] for name in STATE] == ["partially_paid", "partial", 20, 0, 80]
    assert api.get(f"/vendor-credits/{held['id']}")["data"]["status"] == "open"
    assert api.audit() == []


def test_a_bill_that_credit_pays_alone_is_paid(api: Any, posted: Enter, credit: Enter) -> None:
    bill, held = posted(), credit(amount=100)
    apply(api, held, bill_id=bill["id"], amount=100)
    assert [api.get(f"/bills/{bill['id']}")["data"][name] for name in STATE] == ["paid", "paid", 0, 100, 0]
    aged = api.get("/bills/reports/aging", vendor_id=101)["vendors"]
    assert bill["id"] not in [row["id"] for vendor in aged for row in vendor["bills"]]
    assert api.audit() == []


def test_what_is_credited_is_reversed_before_a_bill_is_reopened_or_void(api: Any, posted: Enter, credit: Enter) -> None:
    bill, held = posted(), credit()
    applied = apply(api, held, bill_id=bill["id"], amount=10)["data"]
    path = f"/bills/{bill['id']}"
    for answer in (
        api.post(f"{path}/reopen", 409),
        api.send("PATCH", f"{path}/status", 409, json={"status": "void"}).json(),
        api.post(f"/vendor-credits/{held['id']}/cancel", 409),
    ):
        assert f"application {applied['id']} of vendor credit {held['id']} (10.00)" in answer["message"]
    api.post(f"/vendor-credits/{held['id']}/applications/{applied['id']}/reverse")
    api.post(f"{path}/reopen")
    cancelled = api.post(f"/vendor-credits/{held['id']}/cancel")["data"]
    assert (cancelled["status"], cancelled["remaining_amount"]) == ("cancelled", 0)
    api.post(f"/vendor-credits/{held['id']}/cancel", 409)
    assert api.audit() == []


def test_an_application_that_does_not_fit_names_its_field(api: Any, posted: Enter, draft: Enter, credit: Enter) -> None:
    bill, held = posted(), credit()
    foreign = posted(vendor_id=102, bill_number="T-2")
    euros = posted(currency="EUR", bill_number="T-3")
    small = posted(unit_cost="5", bill_number="T-4")
    bodies: list[tuple[dict[str, Any], str]] = [
        ({"bill_id": bill["id"]}, "amount"),
        ({"bill_id": bill["id"], "amount": 0}, "amount"),
        ({"bill_id": bill["id"], "amount": "80.01"}, "amount"),
        ({"bill_id": small["id"], "amount": "5.01"}, "amount"),
        ({"amount": 1}, "bill_id"),
        ({"amount": 1, "bill_id": 10**15}, "bill_id"),
        ({"amount": 1, "bill_id": foreign["id"]}, "bill_id"),
        ({"amount": 1, "bill_id": euros["id"]}, "bill_id"),
        ({"amount": 1, "payment_obligation_id": 1}, "payment_obligation_id"),
        ({"amount": 1, "bill_id": bill["id"], "payment_obligation_id": 1}, "payment_obligation_id"),
    ]
    for body, name in bodies:
        assert list(apply(api, held, 422, **body)["errors"]) == [name], body
    unposted = draft(bill_number="T-5")
    assert "draft" in apply(api, held, 409, bill_id=unposted["id"], amount=1)["message"]
    apply(api, held, bill_id=bill["id"], amount=80)
    assert list(apply(api, held, 422, bill_id=bill["id"], amount=1)["errors"]) == ["amount"]
    other = credit()
    api.post(f"/vendor-credits/{other['id']}/cancel")
    assert "cancelled" in apply(api, other, 409, bill_id=small["id"], amount=1)["message"]
    assert api.audit() == []


def test_a_credit_that_is_wrong_names_every_field(api: Any) -> None:
    body = {"amount": 0, "credit_date": "soon", "currency": "GOLD", "id": 5, "updated_at": "x"}
    assert set(api.post("/vendor-credits", 422, body)["errors"]) == {"vendor_id", *body}
    assert list(api.post("/vendor-credits", 422, {"vendor_id": 9, "amount": 1})["errors"]) == ["vendor_id"]


@pytest.fixture
def received(api: Any) -> dict[str, Any]:
    """A line of a draft return of seeded goods, and its vendor."""
    seeded = api.first("/vendor-returns", status="draft")
    return {"vendor_id": seeded["vendor_id"], **seeded["items"][0]}


def test_goods_go_back_and_become_a_credit_once(api: Any, received: dict[str, Any]) -> None:
    line = {"purchase_order_item_id": received["purchase_order_item_id"], "quantity": 2, "unit_cost": "3.3333"}
    body = {"vendor_id": received["vendor_id"], "items": [{**line, "reason": "Torn"}], "notes": "By courier"}
    made = api.post("/vendor-returns", 201, body)["data"]
    path = f"/vendor-returns/{made['id']}"
    assert (made["status"], made["total"], made["vendor_credit_id"]) == ("draft", 6.67, None)
    assert [(i["sku"], i["quantity"], i["line_total"]) for i in made["items"]] == [(received["sku"], 2, 6.67)]
    assert "draft" in api.post(f"{path}/generate-credit", 409)["message"]
    before = on_hand(api, received["product_id"])
    assert api.post(f"{path}/process")["data"]["status"] == "processed"
    assert on_hand(api, received["product_id"]) == before - 2
    for action in ("process", "cancel"):
        assert "processed" in api.post(f"{path}/{action}", 409)["message"]
    credit = api.post(f"{path}/generate-credit", 201)["data"]
    assert (credit["amount"], credit["vendor_return_id"], credit["status"]) == (6.67, made["id"], "open")
    api.post(f"{path}/generate-credit", 409)
    claimed = api.get(path)["data"]
    assert (claimed["status"], claimed["vendor_credit_id"]) == ("credited", credit["id"])
    api.post(f"/vendor-credits/{credit['id']}/cancel")
    assert (api.get(path)["data"]["status"], api.get(path)["data"]["vendor_credit_id"]) == ("processed", None)
    assert api.post(f"{path}/generate-credit", 201)["data"]["id"] > credit["id"]
    assert api.audit() == []


def on_hand(api: Any, product_id: int) -> Decimal:
    with api.books.transaction() as connection:
        query = f"SELECT coalesce(sum(quantity), 0) FROM stock_movements WHERE product_id = {product_id:d}"
        return Decimal(connection.exec_driver_sql(query).scalar_one()) / 10_000


def test_no_more_goes_back_than_came(api: Any, received: dict[str, Any]) -> None:
    line = {"purchase_order_item_id": received["purchase_order_item_id"]}

    def begin(status: int, *quantities: Any, **fields: Any) -> Any:
        items = [{**line, "quantity": quantity} for quantity in quantities]
        return api.post("/vendor-returns", status, {"vendor_id": received["vendor_id"], "items": items, **fields})

    said = begin(422, 10**6)["errors"]["items.0.quantity"][0]
    left = said.split("than the ")[1].split()[0]
    assert list(begin(422, 1, left)["errors"]) == ["items.1.quantity"]
    made = begin(201, left)["data"]
    assert list(begin(422, 1)["errors"]) == ["items.0.quantity"]
    api.post(f"/vendor-returns/{made['id']}/cancel")
    begin(201, left)
    other = api.first("/vendor-returns", **{"vendor_id[neq]": received["vendor_id"]})
    for fields, name in (
        ({"vendor_id": other["vendor_id"]}, "items.0.purchase_order_item_id"),
        ({"warehouse_id": 10**9}, "warehouse_id"),
        ({"purchase_order_id": other["purchase_order_id"]}, "purchase_order_id"),
        ({"items": []}, "items"),
        ({"items": [{"quantity": 1}]}, "items.0.product_id"),
        ({"items": [{"quantity": 1, "sku": "NOPE"}]}, "items.0.sku"),
        ({"items": [{"sku": received["sku"], "line_total": 1}]}, "items.0.quantity"),
    ):
        assert name in begin(422, 1, **fields)["errors"], fields
    assert api.audit() == []


def test_the_statement_runs_from_the_opening_to_what_is_open(api: Any, posted: Enter, credit: Enter) -> None:
    bill = posted()
    api.post(f"/bills/{bill['id']}/payments", 201, {"amount": 20, "payment_date": "2026-11-18"})
    apply(api, credit(credit_date="2026-11-19"), bill_id=bill["id"], amount=15)
    api.post("/prepayments", 201, {"vendor_id": 101, "amount": 7, "payment_date": "2026-11-19"})
    statement = api.get("/vendors/101/statement", start_date="2026-10-01")["data"]
    account = next(account for account in statement["currencies"] if account["currency"] == "USD")
    balance = cents(account["opening_balance"])
    for entry in account["entries"]:
        balance += cents(entry["amount"])
        assert cents(entry["balance"]) == balance
    open_now = account["open_now"]
    aged = api.get("/bills/reports/aging", vendor_id=101)["vendors"]
    assert cents(open_now["bills_due"]) == sum(cents(row["total"]) for row in aged if row["currency"] == "USD")
    assert balance == cents(account["closing_balance"]) == cents(open_now["balance"])
    assert cents(open_now["unapplied_credits"]) >= 6500
    shown = [(entry["date"], entry["type"], entry["amount"]) for entry in account["entries"]]
    new = [("2026-11-02", "bill", 100), ("2026-11-18", "payment", -20), ("2026-11-19", "credit", -80)]
    assert {*new, ("2026-11-19", "prepayment", -7)} <= set(shown)
    assert [row[0] for row in shown] == sorted(row[0] for row in shown)
    early = api.get("/vendors/101/statement", start_date="2026-01-01", end_date="2026-09-30")["data"]
    before = next(row for row in early["currencies"] if row["currency"] == "USD")
    assert before["closing_balance"] == account["opening_balance"]


def test_the_statement_comes_as_pdf_and_refuses_nonsense(reading: Any) -> None:
    response = reading.send("GET", "/vendors/101/statement", 200, params={"format": "pdf", "start_date": "2025-01-01"})
    assert response.headers["content-type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-1.4")
    assert response.content.endswith(b"%%EOF\n")
    reading.get("/vendors/9/statement", 404)
    for asked, name in (
        ({"start_date": "soon"}, "start_date"),
        ({"format": "xml"}, "format"),
        ({"start_date": "2026-02-01", "end_date": "2026-01-31"}, "end_date"),
    ):
        assert list(reading.get("/vendors/101/statement", 422, **asked)["errors"]) == [name]


def test_the_seeded_credits_and_returns_are_of_every_kind(reading: Any) -> None:
    assert {row["status"] for row in reading.all("/vendor-credits")} == {
        "open",
        "partially_applied",
        "applied",
        "cancelled",
    }
    assert {row["status"] for row in reading.all("/vendor-returns")} == {"draft", "processed", "credited", "cancelled"}
    by_credit_alone = reading.all("/bills", **{"status": "paid", "total_paid": "0", "total_credited[gt]": "0"})
    assert by_credit_alone


def cents(amount: float) -> int:
    return round(Decimal(str(amount)) * 100)


def test_a_statement_answers_at_its_older_path_too(reading: Any) -> None:
    vendor = reading.first("/vendor-credits")["vendor_id"]
    statement = reading.get(f"/vendors/{vendor}/statement")
    assert reading.get(f"/vendor-credits/vendor/{vendor}/statement") == statement
