"""The life of a bill: entered, posted, held, paid, void."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from server.sandbox.audit import audit

Enter = Callable[..., dict[str, Any]]


def payment(amount: Any, **fields: Any) -> dict[str, Any]:
    return {"amount": amount, "payment_date": "2026-11-20", **fields}


def test_a_bill_from_entry_to_paid(api: Any, draft: Enter) -> None:
    lines = [
        {"sku": "MUG-001", "quantity": "2.5", "unit_cost": "3.3333"},
        {"description": "Freight", "type": "freight", "quantity": 1, "unit_cost": 20},
    ]
    bill = draft(items=lines, tax_amount=1.5)
    assert (bill["status"], bill["payment_status"], bill["posted_at"]) == ("draft", "unpaid", None)
    assert [(i["line_number"], i["type"], i["line_total"]) for i in bill["items"]] == [
        (1, "product", 8.33),
        (2, "freight", 20.0),
    ]
    assert (bill["subtotal"], bill["total"], bill["total_due"]) == (28.33, 29.83, 29.83)
    assert (bill["vendor_name"], bill["currency"], bill["payment_term"]) == ("Acme Components Inc", "USD", "Net 30")
    assert bill["due_date"] == "2026-12-02"

    path = f"/bills/{bill['id']}"
    assert api.post(f"{path}/post")["data"]["posted_at"] == "2026-11-21T09:30:00Z"
    paid = api.post(f"{path}/payments", 201, payment(10, reference="CHK 7"))["data"]
    assert paid["payment_type"] == "bank_transfer"
    assert paid["bill_id"] == bill["id"]
    assert api.get(path)["data"]["status"] == "partially_paid"
    api.post(f"{path}/payments", 201, payment("19.83", payment_type="check"))
    bill = api.get(path)["data"]
    assert (bill["status"], bill["payment_status"], bill["total_paid"], bill["total_due"]) == ("paid", "paid", 29.83, 0)
    assert [p["amount"] for p in bill["payments"]] == [10, 19.83]
    assert audit(api.books) == []


def test_money_is_written_with_two_decimals(api: Any, posted: Enter) -> None:
    text = api.send("GET", f"/bills/{posted(unit_cost='0.1')['id']}", 200).text
    assert '"total":0.10,' in text
    assert '"unit_cost":0.10,' in text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (payment("100.01"), "amount"),
        (payment(0), "amount"),
        (payment(-1), "amount"),
        (payment(1.005), "amount"),
        (payment("ten"), "amount"),
        (payment(True), "amount"),
        (payment(10**30), "amount"),
        (payment("1e400"), "amount"),
        ({"payment_date": "2026-11-20"}, "amount"),
        (payment(1, payment_date="2026-02-30"), "payment_date"),
        (payment(1, payment_date=None), "payment_date"),
        (payment(1, payment_date="20261120"), "payment_date"),
        (payment(1, payment_type="gold"), "payment_type"),
        (payment(1, reference="x" * 256), "reference"),
        (payment(1, remarks="x" * 1001), "remarks"),
        (payment(1, total_paid=1), "total_paid"),
    ],
)
def test_a_payment_that_is_wrong_names_its_field(api: Any, posted: Enter, body: Any, field: str) -> None:
    bill = posted()
    answer = api.post(f"/bills/{bill['id']}/payments", 422, body)
    assert list(answer["errors"]) == [field]
    assert api.get(f"/bills/{bill['id']}")["data"]["payments"] == []


@pytest.mark.parametrize("status", ["draft", "hold", "void", "paid"])
def test_only_posted_bills_are_paid(api: Any, status: str) -> None:
    bill = api.first("/bills", status=status)
    before = api.books.fingerprint()
    assert status in api.post(f"/bills/{bill['id']}/payments", 409, payment(1))["message"]
    assert api.books.fingerprint() == before


def test_void_and_deleted_payments_no_longer_count(api: Any, posted: Enter) -> None:
    path = f"/bills/{posted()['id']}"
    first = api.post(f"{path}/payments", 201, payment(60))["data"]["id"]
    second = api.post(f"{path}/payments", 201, payment(40))["data"]["id"]
    void = api.post(f"{path}/payments/{second}/void")["data"]
    assert (void["status"], void["voided_at"]) == ("void", "2026-11-21T09:30:00Z")
    assert api.get(path)["data"]["status"] == "partially_paid"
    api.post(f"{path}/payments/{second}/void", 409)
    assert "message" in api.send("DELETE", f"{path}/payments/{first}", 200).json()
    bill = api.get(path)["data"]
    assert (bill["status"], bill["payment_status"], bill["total_due"]) == ("posted", "unpaid", 100)
    assert [p["id"] for p in bill["payments"]] == [second]
    other = posted(bill_number="T-2")
    api.send("DELETE", f"/bills/{other['id']}/payments/{second}", 404)
    third = api.post(f"{path}/payments", 201, payment(1))["data"]["id"]
    assert third > second, "ids are never used twice"


def test_a_hold_remembers_the_status(api: Any, draft: Enter, posted: Enter) -> None:
    partly = posted(bill_number="T-2")
    pay_id = api.post(f"/bills/{partly['id']}/payments", 201, payment(5))["data"]["id"]
    for bill_id, status in ((draft()["id"], "draft"), (partly["id"], "partially_paid")):
        held = api.post(f"/bills/{bill_id}/hold", body={"reason": "Wrong price"})["data"]
        assert (held["status"], held["hold_reason"]) == ("hold", "Wrong price")
        api.post(f"/bills/{bill_id}/hold", 409)
        api.post(f"/bills/{bill_id}/payments", 409, payment(1))
        if status == "partially_paid":
            api.post(f"/bills/{bill_id}/payments/{pay_id}/void")
            status = "posted"
        freed = api.post(f"/bills/{bill_id}/unhold")["data"]
        assert (freed["status"], freed["hold_reason"]) == (status, None)
        api.post(f"/bills/{bill_id}/unhold", 409)
    assert audit(api.books) == []


def test_reopen_and_void_need_a_bill_without_payments(api: Any, posted: Enter) -> None:
    path = f"/bills/{posted()['id']}"
    pay_id = api.post(f"{path}/payments", 201, payment(5))["data"]["id"]
    assert str(pay_id) in api.post(f"{path}/reopen", 409)["message"]
    api.send("PATCH", f"{path}/status", 409, json={"status": "void"})
    api.post(f"{path}/payments/{pay_id}/void")
    assert api.post(f"{path}/reopen")["data"]["status"] == "draft"
    assert api.send("PATCH", f"{path}/status", 200, json={"status": "posted"}).json()["data"]["status"] == "posted"
    void = api.send("PATCH", f"{path}/status", 200, json={"status": "void"}).json()["data"]
    assert (void["status"], void["total_due"], void["total"]) == ("void", 0, 100)
    for action in ("post", "hold", "unhold", "reopen"):
        assert "void" in api.post(f"{path}/{action}", 409)["message"]
    api.put(path, 409, {"notes": "x"})
    assert list(api.send("PATCH", f"{path}/status", 422, json={"status": "paid"}).json()["errors"]) == ["status"]


def test_drafts_change_in_everything_posted_bills_in_notes_and_due_date(api: Any, draft: Enter) -> None:
    path = f"/bills/{draft(notes='old')['id']}"
    line = {"description": "Crates", "quantity": 3, "unit_cost": 7}
    bill = api.put(path, 200, {"items": [line], "payment_term": "Net 60"})["data"]
    assert (bill["total"], bill["due_date"], bill["notes"]) == (21, "2027-01-01", "old")
    api.post(f"{path}/post")
    assert "items" in api.put(path, 409, {"items": [{**line, "quantity": 4}]})["message"]
    api.put(path, 409, {"vendor_id": 102})
    bill = api.put(path, 200, {"notes": None, "due_date": "2026-12-24"})["data"]
    assert (bill["notes"], bill["due_date"], bill["total"]) == (None, "2026-12-24", 21)
    assert list(api.put(path, 422, {"due_date": "2026-01-01"})["errors"]) == ["due_date"]


def test_a_bill_that_is_wrong_names_every_field(api: Any) -> None:
    line = {"quantity": 0, "unit_cost": -1, "type": "gift"}
    body = {"vendor_id": "x", "bill_date": "2026-02-30", "total_due": 1, "id": 5, "items": [line]}
    errors = api.post("/bills", 422, body)["errors"]
    lines = {f"items.0.{name}" for name in line}
    assert set(errors) == {"vendor_id", "bill_number", "bill_date", "total_due", "id", *lines}
    good = {"vendor_id": 101, "bill_number": "T", "bill_date": "2026-11-01"}
    item = {"quantity": 1, "unit_cost": 1}
    foreign = api.first("/bills", **{"purchase_order_id[set]": "", "vendor_id[neq]": 101})["purchase_order_id"]
    changes: list[tuple[dict[str, Any], str]] = [
        ({"items": []}, "items"),
        ({"items": [item]}, "items.0.description"),
        ({"items": [{**item, "sku": "NOPE"}]}, "items.0.sku"),
        ({"items": [{**item, "product_id": 7}]}, "items.0.product_id"),
        ({"items": [{**item, "description": "x", "purchase_order_item_id": 1}]}, "items.0.purchase_order_item_id"),
        ({"items": [{**item, "description": "x"}], "vendor_id": 9}, "vendor_id"),
        ({"items": [{**item, "description": "x"}], "purchase_order_id": foreign}, "purchase_order_id"),
        ({"items": [{**item, "description": "x"}], "due_date": "2026-10-31"}, "due_date"),
        ({"items": [3]}, "items.0"),
    ]
    for change, field in changes:
        assert list(api.post("/bills", 422, {**good, **change})["errors"]) == [field]


def test_duplicates_are_found_whatever_the_case(api: Any, draft: Enter) -> None:
    first = draft(bill_number="Äb-7")
    second = draft(bill_number="äB-7")
    found = api.get("/bills/check-duplicate", vendor_id=101, bill_number=" ÄB-7 ")
    assert found["duplicate"] is True
    assert [bill["id"] for bill in found["bills"]] == [first["id"], second["id"]]
    for bill in (first, second):
        api.send("PATCH", f"/bills/{bill['id']}/status", 200, json={"status": "void"})
    assert api.get("/bills/check-duplicate", vendor_id=101, bill_number="äb-7") == {"duplicate": False, "bills": []}
    api.get("/bills/check-duplicate", 422, vendor_id=101)


def test_due_dates_follow_the_term_or_the_vendor(reading: Any) -> None:
    path = "/bills/calculate-due-date"
    term = reading.post(path, body={"payment_term": "Net 45", "bill_date": "2026-01-31"})["data"]
    assert (term["due_date"], term["due_date_days"]) == ("2026-03-17", 45)
    vendor = reading.post(path, body={"vendor_id": "101", "bill_date": "2026-11-20"})["data"]
    assert (vendor["payment_term"], vendor["due_date"]) == ("Net 30", "2026-12-20")
    assert reading.post(path, body={"payment_term": "Due on receipt"})["data"]["due_date"] == "2026-11-20"
    assert list(reading.post(path, 422, {"payment_term": "Whenever"})["errors"]) == ["payment_term"]
    reading.post(path, 422)


def test_ageing_is_what_is_open(reading: Any) -> None:
    report = reading.get("/bills/reports/aging")
    assert list(report) == ["as_of_date", "vendors", "totals"]
    assert report["as_of_date"] == "2026-11-20"
    rows = {row["id"]: row for row in reading.all("/bills")}
    listed = [bill for vendor in report["vendors"] for bill in vendor["bills"]]
    open_now = {i for i, row in rows.items() if row["status"] in ("posted", "partially_paid", "hold")}
    assert {bill["id"] for bill in listed} == open_now, "held bills in these books were posted before"
    assert len(open_now) > 300
    buckets = [name for name in report["totals"] if name != "total"]
    for sums in (*report["vendors"], report["totals"]):
        assert cents(sums["total"]) == sum(cents(sums[name]) for name in buckets)
    assert cents(report["totals"]["total"]) == sum(cents(rows[i]["total_due"]) for i in open_now)
    for bill in listed:
        assert bill["bucket"] == "current" if bill["due_date"] >= "2026-11-20" else bill["bucket"] != "current"
    one = reading.get("/bills/reports/aging", vendor_id=104, as_of_date="2027-12-31")
    assert [v["vendor_id"] for v in one["vendors"]] == [104]
    assert one["totals"]["total"] == one["totals"]["bucket_90_plus"]
    assert list(reading.get("/bills/reports/aging", 422, as_of_date="soon")["errors"]) == ["as_of_date"]


def test_the_summary_counts_every_bill(reading: Any) -> None:
    summary = reading.get("/bills/summary")["data"]
    assert summary["count"] == sum(group["count"] for group in summary["by_status"]) == 1200
    report = reading.get("/bills/reports/aging")
    assert sum(cents(group["total_due"]) for group in summary["open"]) == cents(report["totals"]["total"])


def cents(amount: float) -> int:
    return round(Decimal(str(amount)) * 100)
