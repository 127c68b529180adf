"""BillDiary: goods that are sent back, goods that were sold, and that nothing ever unbalances the books."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.sandbox.audit import audit
from tests.server.sandbox import diary as diaries
from tests.server.sandbox.diary import URL, Diary


@pytest.fixture
def diary(api: Any) -> Diary:
    return Diary(api)


def test_a_return_takes_goods_out_and_reduces_what_is_due(diary: Diary) -> None:
    found = diaries.bought(diary)
    line = found["lines"][0]
    before = diaries.stock(diary.api, found["location"]["id"], line["variation_id"])

    def send_back(quantity: Any, status: int = 201, **fields: Any) -> Any:
        returned = [{"purchase_line_id": line["id"], "quantity": quantity}]
        return diary.post("/purchase-returns", {"transaction_id": found["id"], "returns": returned, **fields}, status)

    for quantity in ("10.0001", 11):
        assert list(send_back(quantity, 422)["errors"]) == ["returns.0.quantity"]
    assert list(send_back(0, 422)["errors"]) == ["returns"]
    made = send_back(4, tax_amount="5.00")["data"]
    assert made["parent_purchase_id"] == found["id"]
    assert diaries.stock(diary.api, found["location"]["id"], line["variation_id"]) == before - 4
    sent_back = diary.detail(f"/purchase-returns/{made['id']}")
    assert (sent_back["total_before_tax"], sent_back["final_total"], sent_back["payment_status"]) == (80, 85, "due")
    assert sent_back["parent_purchase"] == {"id": found["id"], "ref_no": found["ref_no"]}
    assert [(row["purchase_line_id"], row["source"], row["line_total"]) for row in sent_back["lines"]] == [
        (line["id"], "parent_purchase", 80)
    ]

    # There is one return per purchase; it is changed, and the quantity is all that goes back.
    assert send_back(3, ref_no="BACK")["data"] == {**made, "ref_no": "BACK"}
    assert diaries.stock(diary.api, found["location"]["id"], line["variation_id"]) == before - 3
    assert diary.detail(f"/purchase-returns/{made['id']}")["final_total"] == 65

    # 200.00 less 65.00 sent back are owed; what the supplier pays back is owed again.
    paid = diary.post(f"/purchases/{found['id']}/payments", {"amount": 135, "method": "cash"})["data"]
    assert paid["payment_status"] == "paid"
    refund = diary.post(f"/purchase-returns/{made['id']}/payments", {"amount": 65, "method": "cash"})["data"]
    assert refund["payment_status"] == "paid"
    assert diary.detail(f"/purchases/{found['id']}")["payment_status"] == "partial"
    diary.post(f"/purchase-returns/{made['id']}/payments", {"amount": 1, "method": "cash"}, 422)

    for method, body in (("PUT", diaries.purchase(diary)), ("DELETE", {})):
        assert "return exists" in diary.send(method, f"/purchases/{found['id']}", 422, json=body).json()["message"]
    assert diary.api.audit() == []
    diary.delete(f"/purchase-returns/{made['id']}")
    assert diaries.stock(diary.api, found["location"]["id"], line["variation_id"]) == before
    diary.delete(f"/purchases/{found['id']}")
    assert diary.api.audit() == []


def test_what_cannot_be_sent_back(diary: Diary) -> None:
    found, other = diaries.bought(diary), diaries.bought(diary)
    line, strange = found["lines"][0]["id"], other["lines"][0]["id"]
    for returns, path in (
        ([{"purchase_line_id": strange, "quantity": 1}], "returns.0.purchase_line_id"),
        ([{"purchase_line_id": line, "quantity": 1}] * 2, "returns.1.purchase_line_id"),
        ([{"purchase_line_id": line, "quantity": -1}], "returns.0.quantity"),
        ([], "returns"),
    ):
        body = {"transaction_id": found["id"], "returns": returns}
        assert list(diary.post("/purchase-returns", body, 422)["errors"]) == [path]
    pending = diaries.bought(diary, status="pending")
    body = {
        "transaction_id": pending["id"],
        "returns": [{"purchase_line_id": pending["lines"][0]["id"], "quantity": 1}],
    }
    assert "not received" in diary.post("/purchase-returns", body, 422)["message"]
    body["transaction_id"] = diary.first("/purchase-orders")["id"]
    diary.post("/purchase-returns", body, 404)
    # A buyer sends back what it bought itself, and nothing of others.
    mine = {"transaction_id": found["id"], "returns": [{"purchase_line_id": line, "quantity": 1}]}
    diary.as_("sandbox-buyer").post("/purchase-returns", mine, 404)
    assert diary.api.audit() == []


def test_goods_go_back_without_a_purchase(diary: Diary) -> None:
    goods, seen = diaries.goods(diary), diary.first("/purchases")
    place = seen["location"]["id"]
    before = diaries.stock(diary.api, place, goods["variation_id"])
    body = {
        "location_id": place,
        "transaction_date": "2026-11-20 14:30:00",
        "tax_amount": "0.75",
        "final_total": "8.25",
        "products": [{**goods, "unit_price": "3", "quantity": "2.5", "exp_date": "2027-01-01"}],
    }
    made = diary.post("/purchase-returns/combined", body)["data"]
    assert made["return_parent_id"] is None
    found = diary.detail(f"/purchase-returns/{made['id']}")
    assert (found["contact"], found["parent_purchase"], found["final_total"]) == (None, None, 8.25)
    assert found["transaction_date"] == "2026-11-20T14:30:00Z"
    assert [(row["source"], row["quantity_returned"]) for row in found["lines"]] == [("purchase_return", 2.5)]
    assert diaries.stock(diary.api, place, goods["variation_id"]) == before - Decimal("2.5")
    paid = diary.post(f"/purchase-returns/{made['id']}/payments", {"amount": 8, "method": "cash"})["data"]
    assert paid["payment_status"] == "partial"
    no_advance = {"amount": "0.25", "method": "advance"}
    assert list(diary.post(f"/purchase-returns/{made['id']}/payments", no_advance, 422)["errors"]) == ["amount"]
    assert list(diary.post("/purchase-returns/combined", {**body, "final_total": 8}, 422)["errors"]) == ["final_total"]
    strange = {**body["products"][0], "variation_id": 10**6}
    wrong = diary.post("/purchase-returns/combined", {**body, "products": [strange]}, 422)["errors"]
    assert list(wrong) == ["products.0.variation_id"]
    assert diary.api.audit() == []
    diary.delete(f"/purchase-returns/{made['id']}")
    assert diaries.stock(diary.api, place, goods["variation_id"]) == before
    assert diary.api.audit() == []


def test_a_purchase_of_a_sold_lot_stays(diary: Diary) -> None:
    with diary.api.books.transaction() as connection:
        query = """SELECT t.id, l.lot_number IS NOT NULL FROM billdiary_sales s
            JOIN billdiary_lines l ON l.id = s.line_id JOIN billdiary_transactions t ON t.id = l.transaction_id
            WHERE t.business_id = 1
            AND NOT EXISTS (SELECT 1 FROM billdiary_transactions r WHERE r.return_parent_id = t.id) ORDER BY t.id"""
        found = [tuple(row) for row in connection.exec_driver_sql(query)]
    of_lots = {purchase_id for purchase_id, has_lot in found if has_lot}
    sold = min(of_lots)
    assert "lot" in diary.delete(f"/purchases/{sold}", 422)["message"]
    diary.delete(f"/purchases/{next(purchase_id for purchase_id, _ in found if purchase_id not in of_lots)}")
    assert diary.api.audit() == []


def test_goods_that_were_oversold_are_taken_from_the_next_purchase(diary: Diary) -> None:
    line, body = diaries.line(diary, lot_number="L-9"), diaries.purchase(diary)
    with diary.api.books.transaction() as connection:
        values = (body["location_id"], line["variation_id"], 3_0000)
        connection.exec_driver_sql(
            "INSERT INTO billdiary_sales (location_id, variation_id, quantity) VALUES (?, ?, ?)", values
        )
        connection.exec_driver_sql(
            "UPDATE billdiary_stocks SET quantity = quantity - 30000 WHERE location_id = ? AND variation_id = ?",
            values[:2],
        )
    assert diary.api.audit() == []
    made = diary.post("/purchases", {**body, "purchases": [line]})["data"]["id"]
    assert "lot" in diary.delete(f"/purchases/{made}", 422)["message"]
    assert diary.api.audit() == []


ACTIONS: list[Callable[[Diary, int, dict[str, Any], int], tuple[str, str, Any]]] = [
    lambda _, record, body, n: ("PUT", f"/purchases/{record}", {**body, "status": ("received", "pending")[n % 2]}),
    lambda _, record, __, n: ("POST", f"/purchases/{record}/payments", {"amount": n, "method": "cash"}),
    lambda _, record, __, n: ("POST", f"/purchases/{record}/payments", {"amount": n, "method": "advance"}),
    lambda diary, record, _, n: (
        "POST",
        "/purchase-returns",
        {"transaction_id": record, "returns": [{"purchase_line_id": _line(diary, record), "quantity": n % 13}]},
    ),
    lambda diary, _, __, n: (
        "POST",
        f"/purchase-returns/{diary.first('/purchase-returns')['id']}/payments",
        {"amount": n, "method": "cash"},
    ),
    lambda diary, _, __, ___: ("DELETE", f"/purchase-returns/{diary.first('/purchase-returns')['id']}", None),
    lambda _, record, __, ___: ("DELETE", f"/purchases/{record}", None),
]


def _line(diary: Diary, record: int) -> int:
    lines = diary.api.try_send("GET", f"{URL}/purchases/{record}", headers={"Authorization": "Bearer sandbox"}).json()
    found: int = lines["data"]["lines"][0]["id"] if "data" in lines else 1
    return found


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(1, 300)), min_size=15, max_size=40))
def test_no_sequence_of_actions_unbalances_the_books(diary: Diary, steps: list[tuple[int, int, int]]) -> None:
    body = diaries.purchase(diary)
    targets = [diary.post("/purchases", body)["data"]["id"] for _ in range(2)]
    for target, action, number in steps:
        method, path, sent = ACTIONS[action](diary, targets[target], body, number)
        headers = {"Authorization": "Bearer sandbox"}
        answer = diary.api.try_send(method, URL + path, headers=headers, json=sent)
        assert answer.status_code in {200, 201, 404, 422}, answer.text
    assert audit(diary.api.books) == []
