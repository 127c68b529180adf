"""Payments that will fall due, the bills that ask for them, and money paid ahead."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sandbox.resources.payment_obligations.plan import planned

Enter = Callable[..., dict[str, Any]]

PAID = ("status", "total_paid", "total_due")


@pytest.fixture
def obliged(api: Any) -> list[dict[str, Any]]:
    """A deposit and a balance of one order that no bill carries yet, nothing paid."""
    found = api.all("/payment-obligations", **{"bill_id[notset]": "", "status": "open", "sort": "id:asc"})
    by_order: dict[int, list[dict[str, Any]]] = {}
    for row in found:
        by_order.setdefault(row["purchase_order_id"], []).append(row)
    return next(rows for rows in by_order.values() if [row["kind"] for row in rows] == ["deposit", "balance"])


@pytest.fixture
def bill(api: Any, posted: Enter, obliged: list[dict[str, Any]]) -> dict[str, Any]:
    """A posted bill of what both obligations come to."""
    owed = sum(Decimal(str(row["amount"])) for row in obliged)
    named = {name: obliged[0][name] for name in ("vendor_id", "currency", "purchase_order_id")}
    return posted(unit_cost=str(owed), **named)


def prepay(api: Any, obligation: Any, amount: Any) -> Any:
    body = {"vendor_id": obligation["vendor_id"], "currency": obligation["currency"], "amount": amount}
    return api.post("/prepayments", 201, body)["data"]


def apply(api: Any, prepayment: Any, status: int = 201, **body: Any) -> Any:
    return api.post(f"/prepayments/{prepayment['id']}/apply", status, body)


def state(api: Any, obligation: Any) -> list[Any]:
    row = api.get(f"/payment-obligations/{obligation['id']}")["data"]
    return [row[name] for name in PAID]


@given(
    total=st.integers(0, 10**9).map(lambda units: Decimal(units) / 100),
    term=st.sampled_from([None, "Net 30", "30% deposit, Net 60", "50 % down, balance Due on receipt", "whenever"]),
    deposit=st.integers(0, 10**6).map(lambda units: Decimal(units) / 100),
)
def test_planned_payments_add_up(total: Decimal, term: str | None, deposit: Decimal) -> None:
    plans = planned(total, date(2026, 11, 1), term, deposit=deposit)
    assert sum(plan.amount for plan in plans) == total
    assert all(plan.amount > 0 for plan in plans)
    assert [plan.kind for plan in plans] in ([], ["full"], ["deposit"], ["deposit", "balance"])


def test_terms_say_deposit_and_due_date() -> None:
    deposit, balance = planned(Decimal("100.01"), date(2026, 11, 1), "30% deposit, Net 60")
    assert (deposit.amount, deposit.due_date) == (Decimal("30.00"), date(2026, 11, 1))
    assert (balance.amount, balance.due_date) == (Decimal("70.01"), date(2026, 12, 31))


def test_a_deposit_paid_ahead_counts_on_the_bill_that_comes(
    api: Any, obliged: list[dict[str, Any]], bill: dict[str, Any]
) -> None:
    deposit, balance = obliged
    held = prepay(api, deposit, deposit["amount"])
    applied = apply(api, held, payment_obligation_id=deposit["id"], amount=deposit["amount"])["data"]
    assert state(api, deposit) == ["paid", deposit["amount"], 0]
    for row in obliged:
        linked = api.post(f"/payment-obligations/{row['id']}/link-bill", 200, {"bill_id": bill["id"]})["data"]
        assert (linked["bill_id"], [b["id"] for b in linked["bills"]]) == (bill["id"], [bill["id"]])
    after = api.get(f"/bills/{bill['id']}")["data"]
    assert (after["total_credited"], after["total_due"]) == (deposit["amount"], balance["amount"])
    assert f"prepayment {held['id']}" in api.post(f"/bills/{bill['id']}/reopen", 409)["message"]
    assert [state(api, row)[0] for row in obliged] == ["paid", "open"], "the deposit is not counted twice"
    api.post(f"/bills/{bill['id']}/payments", 201, {"amount": after["total_due"], "payment_date": "2026-11-20"})
    assert [state(api, row)[0] for row in obliged] == ["paid", "paid"]
    api.post(f"/prepayments/{held['id']}/applications/{applied['id']}/reverse")
    api.post(f"/prepayments/{held['id']}/applications/{applied['id']}/reverse", 409)
    assert state(api, deposit) == ["paid", deposit["amount"], 0], "what is paid goes to what falls due first"
    assert state(api, balance)[2] == deposit["amount"]
    assert api.audit() == []


def test_an_obligation_keeps_what_was_applied_to_it_when_its_bill_is_untied(
    api: Any, obliged: list[dict[str, Any]], bill: dict[str, Any]
) -> None:
    deposit = obliged[0]
    path = f"/payment-obligations/{deposit['id']}"
    api.post(f"{path}/link-bill", 200, {"bill_id": bill["id"]})
    assert f"bill {bill['id']}" in api.post(f"{path}/link-bill", 409, {"bill_id": bill["id"]})["message"]
    held = prepay(api, deposit, 50)
    assert apply(api, held, payment_obligation_id=deposit["id"], amount=10)["data"]["bill_id"] == bill["id"]
    assert api.get(f"/bills/{bill['id']}")["data"]["total_credited"] == 10
    loose = api.send("DELETE", f"{path}/bills/{bill['id']}", 200).json()["data"]
    assert (loose["bill_id"], loose["bills"], loose["total_paid"]) == (None, [], 10)
    assert api.get(f"/bills/{bill['id']}")["data"]["total_credited"] == 0
    api.send("DELETE", f"{path}/bills/{bill['id']}", 404)
    api.send("PATCH", f"/bills/{bill['id']}/status", 200, json={"status": "void"})
    assert "void" in api.post(f"{path}/link-bill", 409, {"bill_id": bill["id"]})["message"]
    assert api.audit() == []


def test_a_void_bill_lets_go_of_its_obligations(api: Any, obliged: list[dict[str, Any]], bill: dict[str, Any]) -> None:
    path = f"/payment-obligations/{obliged[0]['id']}"
    api.post(f"{path}/link-bill", 200, {"bill_id": bill["id"]})
    api.send("PATCH", f"/bills/{bill['id']}/status", 200, json={"status": "void"})
    assert api.get(path)["data"]["bill_id"] is None
    assert api.audit() == []


def test_only_bills_of_the_same_vendor_and_currency_are_linked(
    api: Any, obliged: list[dict[str, Any]], draft: Enter
) -> None:
    path = f"/payment-obligations/{obliged[0]['id']}"
    vendor = {"vendor_id": obliged[0]["vendor_id"]}
    strange = draft(**vendor, currency="GBP" if obliged[0]["currency"] != "GBP" else "USD")
    foreign = api.first("/bills", **{"vendor_id[neq]": obliged[0]["vendor_id"]})
    for body in ({}, {"bill_id": 10**15}, {"bill_id": strange["id"]}, {"bill_id": foreign["id"]}, {"bill_id": [1]}):
        assert list(api.post(f"{path}/link-bill", 422, body)["errors"]) == ["bill_id"]


def test_amount_and_status_follow_what_is_paid(api: Any, obliged: list[dict[str, Any]]) -> None:
    deposit = obliged[0]
    path = f"/payment-obligations/{deposit['id']}"
    held = prepay(api, deposit, 40)
    applied = apply(api, held, payment_obligation_id=deposit["id"], amount=25)["data"]
    assert list(api.post(path, 422, {"amount": 24.99})["errors"]) == ["amount"]
    changed = api.post(path, 200, {"amount": 25, "notes": "Settled", "due_date": "2026-12-01"})["data"]
    assert [changed[name] for name in (*PAID, "notes", "due_date")] == ["paid", 25, 0, "Settled", "2026-12-01"]
    assert api.post(path, 200, {"amount": 30})["data"]["status"] == "partially_paid"
    assert list(apply(api, held, 422, payment_obligation_id=deposit["id"], amount=6)["errors"]) == ["amount"]

    def set_status(status: str, expected: int) -> Any:
        return api.send("PATCH", f"{path}/status", expected, json={"status": status}).json()

    assert "25.00 of 30.00" in set_status("paid", 409)["message"]
    assert f"application {applied['id']}" in set_status("cancelled", 409)["message"]
    api.post(f"/prepayments/{held['id']}/applications/{applied['id']}/reverse")
    assert set_status("cancelled", 200)["data"]["total_due"] == 0
    assert "cancelled" in apply(api, held, 409, payment_obligation_id=deposit["id"], amount=1)["message"]
    assert "cancelled" in api.post(path, 409, {"amount": 5})["message"]
    assert set_status("open", 200)["data"]["total_due"] == 30
    assert list(set_status("done", 422)["errors"]) == ["status"]
    assert list(api.post(path, 422, {"total_paid": 1})["errors"]) == ["total_paid"]
    assert api.audit() == []


def test_obligations_never_ask_for_more_than_their_order_costs(api: Any, obliged: list[dict[str, Any]]) -> None:
    deposit, balance = obliged
    order = f"/purchase-orders/{deposit['purchase_order_id']}"
    planned = sum(Decimal(str(row["amount"])) for row in api.get(f"{order}/payment-obligations")["data"])
    most = Decimal(str(api.get(order)["data"]["total_cost"])) - planned + Decimal(str(balance["amount"]))
    path, other = (f"/payment-obligations/{row['id']}" for row in (balance, deposit))
    assert list(api.post(path, 422, {"amount": str(most + Decimal("0.01"))})["errors"]) == ["amount"]
    api.post(path, 200, {"amount": str(most)})
    api.send("PATCH", f"{other}/status", 200, json={"status": "cancelled"})
    api.post(path, 200, {"amount": str(most + 1)})
    said = api.send("PATCH", f"{other}/status", 409, json={"status": "open"}).json()["message"]
    assert f"purchase order {deposit['purchase_order_id']}" in said
    api.post(path, 200, {"amount": str(most)})
    api.send("PATCH", f"{other}/status", 200, json={"status": "open"})
    api.send("PATCH", f"{other}/status", 200, json={"status": "cancelled"})
    api.send("DELETE", order, 200)
    api.send("PATCH", f"{path}/status", 409, json={"status": "open"})
    assert api.audit() == []


def test_a_prepayment_belongs_to_its_vendor_and_order(api: Any) -> None:
    order = api.first("/payment-obligations", **{"currency[neq]": "USD"})
    body = {"vendor_id": order["vendor_id"], "amount": "10.50", "purchase_order_id": order["purchase_order_id"]}
    made = api.post("/prepayments", 201, body)["data"]
    assert [made[name] for name in ("currency", "payment_type", "payment_date", "status", "remaining_amount")] == [
        order["currency"],
        "bank_transfer",
        "2026-11-20",
        "open",
        10.5,
    ]
    for change, name in (
        ({"vendor_id": 9}, "vendor_id"),
        ({"amount": -1}, "amount"),
        ({"purchase_order_id": 10**12}, "purchase_order_id"),
        ({"currency": "USD"}, "currency"),
        ({"payment_type": "gold"}, "payment_type"),
        ({"total_due": 1}, "total_due"),
    ):
        assert list(api.post("/prepayments", 422, {**body, **change})["errors"]) == [name]
    assert api.audit() == []


def test_the_dashboard_adds_up_and_tells_billed_from_unbilled(reading: Any) -> None:
    board = reading.get("/payment-obligations/dashboard")["data"]
    rows = reading.all("/payment-obligations")
    assert board["count"] == len(rows) == sum(group["count"] for group in board["by_status"])
    assert {row["status"] for row in rows} == {"open", "partially_paid", "paid", "cancelled"}
    due = {group["currency"]: cents(group["total_due"]) for group in board["open"]}
    for currency, amount in due.items():
        mine = [row for row in rows if row["currency"] == currency]
        assert amount == sum(cents(row["total_due"]) for row in mine)
        parts = [group for name in ("billed", "unbilled") for group in board[name] if group["currency"] == currency]
        assert amount == sum(cents(group["total_due"]) for group in parts)
    overdue = sum(group["count"] for group in board["overdue"])
    assert overdue == sum(row["total_due"] > 0 and row["due_date"] < board["as_of_date"] for row in rows)


def cents(amount: float) -> int:
    return round(Decimal(str(amount)) * 100)
