"""BillDiary: from the requisition to the payment, with totals, stock and documents."""

from decimal import Decimal
from typing import Any

import pytest

from tests.server.sandbox import diary as diaries
from tests.server.sandbox.diary import Diary


@pytest.fixture
def diary(api: Any) -> Diary:
    return Diary(api)


def status_of(diary: Diary, path: str, record_id: int) -> str:
    found: str = diary.detail(f"{path}/{record_id}")["status"]
    return found


def supplied(diary: Diary, *, prepaid: bool) -> int:
    """The id of a supplier with or without anything paid in advance."""
    with diary.api.books.transaction() as connection:
        query = f"SELECT id FROM billdiary_contacts WHERE business_id = 1 AND prepaid {'>' if prepaid else '='} 0"
        found: int = connection.exec_driver_sql(query).scalars().all()[0]
    return found


def test_goods_are_requested_ordered_and_bought_in_parts(diary: Diary) -> None:
    line = diaries.line(diary)
    place = diary.first("/purchases")["location"]["id"]
    wanted = {
        "location_id": place,
        "delivery_date": "2026-12-24",
        "purchases": [{**diaries.goods(diary), "quantity": 10}],
    }
    asked = diary.post("/purchase-requisitions", wanted)["data"]
    assert asked["ref_no"].startswith("PR2026/")
    requisition = diary.detail(f"/purchase-requisitions/{asked['id']}")
    assert requisition["delivery_date"] == "2026-12-24T00:00:00Z"
    assert requisition["created_by"]["email"] == "nadia@billdiary.example"
    asked_line = requisition["lines"][0]["id"]

    def order(quantity: int) -> int:
        ordered = {**line, "quantity": quantity, "purchase_requisition_line_id": asked_line}
        body = diaries.head(diary, [ordered], purchase_requisition_ids=[asked["id"]])
        made: int = diary.post("/purchase-orders", body)["data"]["id"]
        return made

    order(4)
    assert status_of(diary, "/purchase-requisitions", asked["id"]) == "partial"
    order_id = order(6)
    assert status_of(diary, "/purchase-requisitions", asked["id"]) == "completed"
    assert diary.detail(f"/purchase-requisitions/{asked['id']}")["lines"][0]["po_quantity_purchased"] == 10

    order_line = diary.detail(f"/purchase-orders/{order_id}")["lines"][0]["id"]
    buy = diaries.head(
        diary,
        [{**line, "quantity": 5, "purchase_order_line_id": order_line}],
        status="received",
        purchase_order_ids=[order_id],
    )
    bought = diary.post("/purchases", buy)["data"]["id"]
    listed = next(row for row in diary.all("/purchase-orders") if row["id"] == order_id)
    assert (listed["status"], listed["po_qty_remaining"]) == ("partial", 1)
    assert diary.detail(f"/purchases/{bought}")["purchase_order_ids"] == [order_id]
    diary.post("/purchases", buy)
    ordered = diary.detail(f"/purchase-orders/{order_id}")
    assert (ordered["status"], ordered["lines"][0]["quantity_remaining"]) == ("completed", 0)
    assert ordered["lines"][0]["po_quantity_purchased"] == 10

    diary.delete(f"/purchase-orders/{order_id}")
    assert diary.detail(f"/purchases/{bought}")["purchase_order_ids"] == []
    assert status_of(diary, "/purchase-requisitions", asked["id"]) == "partial"
    diary.delete(f"/purchase-requisitions/{asked['id']}")
    diary.get(f"/purchase-requisitions/{asked['id']}", 404)
    assert diary.api.audit() == []


def test_workflow_statuses_can_be_set(diary: Diary) -> None:
    for path in ("/purchase-requisitions", "/purchase-orders"):
        record_id = diary.first(path)["id"]
        for method, status in (("PUT", "partial"), ("PATCH", "completed")):
            answer = diary.send(method, f"{path}/{record_id}/status", json={"status": status}).json()
            assert answer["data"] == {"id": record_id, "status": status}
            assert status_of(diary, path, record_id) == status
        assert list(diary.put(f"{path}/{record_id}/status", {"status": "received"}, 422)["errors"]) == ["status"]


def test_a_requisition_asks_for_something(diary: Diary) -> None:
    line = {**diaries.goods(diary), "quantity": 0, "secondary_unit_quantity": 0}
    body = {"location_id": diary.first("/purchases")["location"]["id"], "purchases": [line]}
    assert list(diary.post("/purchase-requisitions", body, 422)["errors"]) == ["purchases"]
    body["purchases"] = [line, {**line, "secondary_unit_quantity": 1}]
    diary.post("/purchase-requisitions", body)


def test_a_clerk_may_enter_for_another_location_and_not_see_it_then(diary: Diary) -> None:
    clerk = diary.as_("sandbox-clerk")
    body = diaries.purchase(clerk)
    places = {row["location"]["name"]: row["location"]["id"] for row in diary.all("/purchases")}
    made = clerk.post("/purchases", {**body, "location_id": places["Fernhill Warehouse"]})["data"]["id"]
    clerk.get(f"/purchases/{made}", 404)
    diary.get(f"/purchases/{made}")
    order = clerk.post("/purchase-orders", {**body, "location_id": places["Fernhill Warehouse"]})["data"]["id"]
    clerk.get(f"/purchase-orders/{order}", 404)
    clerk.put(f"/purchase-orders/{order}", body)
    goods = {**diaries.goods(clerk), "unit_price": 1, "quantity": 1}
    back = {"transaction_date": "2026-11-20", "final_total": 1, "products": [goods]}
    clerk.post("/purchase-returns/combined", {**back, "location_id": places["Fernhill Warehouse"]}, 404)
    clerk.post("/purchase-returns/combined", {**back, "location_id": 10**6}, 422)
    clerk.post("/purchase-returns/combined", {**back, "location_id": places["Fernhill Shop"]})
    assert diary.api.audit() == []


def test_totals_are_lines_less_discount_plus_taxes_and_charges(diary: Diary) -> None:
    discounted = diaries.line(
        diary,
        3,
        pp_without_discount="10",
        discount_percent="5",
        purchase_price="9.5",
        item_tax="0.7838",
        purchase_price_inc_tax="10.2838",
        purchase_line_tax_id=1,
    )
    body = diaries.head(
        diary,
        [diaries.line(diary), discounted],
        status="ordered",
        total_before_tax="230.85",
        discount_type="percentage",
        discount_amount="2.5",
        tax_amount="18.57",
        tax_id=1,
        shipping_charges="12.00",
        additional_expense_key_1="Customs",
        additional_expense_value_1="7.20",
        final_total="262.85",
    )
    made = diary.post("/purchases", body)["data"]["id"]
    found = diary.detail(f"/purchases/{made}")
    assert (found["total_before_tax"], found["final_total"], found["total_paid"]) == (230.85, 262.85, 0)
    assert found["order_tax"] == {"id": 1, "name": "Sales tax 8.25%", "amount": 8.25, "is_tax_group": False}
    assert found["lines"][1]["line_tax"] == {"id": 1, "name": "Sales tax 8.25%", "amount": 8.25}
    assert (found["status"], found["payment_status"]) == ("ordered", "due")
    for change, path in (
        ({"total_before_tax": "230.86"}, "total_before_tax"),
        ({"final_total": "262.84"}, "final_total"),
        ({"discount_type": "fixed", "discount_amount": "999"}, "discount_amount"),
        ({"purchases": [{**discounted, "purchase_price": "9.4"}]}, "purchases.0.purchase_price"),
        ({"purchases": [{**discounted, "item_tax": 1}]}, "purchases.0.purchase_price_inc_tax"),
    ):
        errors = diary.post("/purchases", body | change, 422)["errors"]
        assert path in errors
    assert "(262.85)" in diary.post("/purchases", body | {"final_total": 1}, 422)["errors"]["final_total"][0]
    assert diary.api.audit() == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"contact_id": 10**6}, "contact_id"),
        ({"location_id": 4}, "location_id"),  # of another business
        ({"tax_id": 4}, "tax_id"),
        ({"transaction_date": "2026-02-30"}, "transaction_date"),
        ({"transaction_date": "yesterday"}, "transaction_date"),
        ({"status": "completed"}, "status"),
        ({"exchange_rate": 0}, "exchange_rate"),
        ({"pay_term_type": "years"}, "pay_term_type"),
        ({"discount_type": "half"}, "discount_type"),
        ({"purchases": []}, "purchases"),
        ({"purchase_order_ids": [1]}, "purchase_order_ids.0"),
        ({"payment": [{"amount": 0, "method": "cash"}]}, "payment.0.amount"),
        ({"payment": [{"amount": 1, "method": "barter"}]}, "payment.0.method"),
        ({"payment": [{"amount": 1, "method": "cash", "account_id": 3}]}, "payment.0.account_id"),
        ({"payment": [{"amount": 1, "method": "cash", "is_return": "perhaps"}]}, "payment.0.is_return"),
    ],
)
def test_what_a_purchase_may_not_say(diary: Diary, change: dict[str, Any], path: str) -> None:
    assert list(diary.post("/purchases", diaries.purchase(diary) | change, 422)["errors"]) == [path]


def test_lines_are_of_the_business_and_their_variation_of_their_product(diary: Diary) -> None:
    line = diaries.line(diary)
    strange = diaries.goods(diary.as_("sandbox-demo"))
    for change, path in (
        (strange, "product_id"),
        ({"variation_id": strange["variation_id"]}, "variation_id"),
        ({"sub_unit_id": 4}, "sub_unit_id"),
        ({"purchase_line_tax_id": 4}, "purchase_line_tax_id"),
        ({"purchase_order_line_id": 1}, "purchase_order_line_id"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": "1e3"}, "quantity"),
        ({"exp_date": "2026"}, "exp_date"),
    ):
        body = diaries.head(diary, [line], status="received") | {"purchases": [line, {**line, **change}]}
        assert list(diary.post("/purchases", body, 422)["errors"]) == [f"purchases.1.{path}"]


def test_a_suppliers_number_is_used_once(diary: Diary) -> None:
    body = diaries.purchase(diary, ref_no="S-1")
    supplier, other = body["contact_id"], supplied(diary, prepaid=False)

    def free(**query: Any) -> Any:
        return diary.get("/purchases/check-ref-number", **query)["data"]

    assert free(ref_no=" S-1 ", contact_id=supplier) == {"available": True, "ref_no": "S-1", "contact_id": supplier}
    made = diary.post("/purchases", body)["data"]
    assert made["ref_no"] == "S-1"
    assert free(ref_no="s-1", contact_id=supplier)["available"] is False
    assert free(ref_no="S-1", contact_id=supplier, exclude_transaction_id=made["id"])["available"] is True
    assert free(ref_no="S-1") == {"available": True, "ref_no": "S-1", "contact_id": None}
    assert free(contact_id=supplier) == {"available": True, "ref_no": None, "contact_id": supplier}
    assert list(diary.post("/purchases", body, 422)["errors"]) == ["ref_no"]
    if other != supplier:
        diary.post("/purchases", {**body, "contact_id": other})
    numbers = [diary.post("/purchases", diaries.purchase(diary))["data"]["ref_no"] for _ in range(2)]
    assert numbers[0] < numbers[1]
    assert all(number.startswith("PUR2026/") for number in numbers)


def test_received_goods_are_in_stock_and_follow_every_change(diary: Diary) -> None:
    line = diaries.line(diary)
    body = diaries.purchase(diary)
    place = body["location_id"]

    def there() -> Decimal:
        return diaries.stock(diary.api, place, line["variation_id"])

    before = there()
    made = diary.post("/purchases", {**body, "status": "pending"})["data"]["id"]
    assert there() == before
    diary.put(f"/purchases/{made}", body)
    assert there() == before + 10
    line_id = diary.detail(f"/purchases/{made}")["lines"][0]["id"]
    dozens = {**line, "purchase_line_id": line_id, "quantity": 2, "sub_unit_id": 2}
    changed = {**body, "purchases": [dozens, line], "total_before_tax": 240, "final_total": 240}
    diary.send("PATCH", f"/purchases/{made}", json=changed)
    after = diary.detail(f"/purchases/{made}")
    assert after["lines"][0]["id"] == line_id
    assert len(after["lines"]) == 2
    assert there() == before + 24 + 10
    assert diary.api.audit() == []
    diary.delete(f"/purchases/{made}")
    assert there() == before
    assert diary.api.audit() == []


def test_what_a_purchase_is_not_changed_for(diary: Diary) -> None:
    body = diaries.purchase(diary)
    old = diary.post("/purchases", {**body, "transaction_date": "2026-10-20"})["data"]["id"]
    assert "30 days" in diary.put(f"/purchases/{old}", body, 422)["message"]
    recent = diary.post("/purchases", {**body, "transaction_date": "2026-10-21"})["data"]["id"]
    diary.put(f"/purchases/{recent}", body)
    strange = {**body, "purchases": [{**body["purchases"][0], "purchase_line_id": 300001}]}
    assert list(diary.put(f"/purchases/{recent}", strange, 422)["errors"]) == ["purchases.0.purchase_line_id"]
    # The location stays, payments are not entered this way, and null empties a field.
    diary.put(f"/purchases/{recent}", {**body, "additional_notes": "Fragile", "location_id": 10**6, "payment": [1]})
    assert diary.detail(f"/purchases/{recent}")["additional_notes"] == "Fragile"
    diary.put(f"/purchases/{recent}", {**body, "additional_notes": None, "exchange_rate": None})
    found = diary.detail(f"/purchases/{recent}")
    assert (found["additional_notes"], found["location"]["id"]) == (None, body["location_id"])


def test_payments_settle_a_purchase(diary: Diary) -> None:
    first = {"amount": 50, "method": "cash", "paid_on": "2026-11-19"}
    back = {"amount": "20.00", "method": "cash", "is_return": True}
    found = diaries.bought(diary, payment=[first, back])
    assert (found["payment_status"], found["total_paid"]) == ("partial", 30)
    assert [payment["is_return"] for payment in found["payments"]] == [False, True]
    path = f"/purchases/{found['id']}/payments"
    paid = diary.post(path, {"amount": "169.99", "method": "bank_transfer", "account_id": 1})["data"]
    assert paid == {
        "transaction_id": found["id"],
        "payment_id": paid["payment_id"],
        "payment_ref_no": paid["payment_ref_no"],
        "payment_status": "partial",
        "amount": 169.99,
        "method": "bank_transfer",
        "paid_on": "2026-11-21T09:30:00Z",
    }
    assert diary.post(path, {"amount": 0.01, "method": "cash"})["data"]["payment_status"] == "paid"
    assert "fully paid" in diary.post(path, {"amount": 1, "method": "cash"}, 422)["message"]
    after = diary.detail(f"/purchases/{found['id']}")
    assert (after["payment_status"], after["total_paid"], len(after["payments"])) == ("paid", 200, 4)
    assert len({payment["payment_ref_no"] for payment in after["payments"]}) == 4
    assert diary.api.audit() == []


def test_what_a_payment_may_not_say(diary: Diary) -> None:
    places = {row["location"]["name"]: row["location"]["id"] for row in diary.all("/purchases")}
    shop = diaries.bought(diary, location_id=places["Fernhill Shop"], contact_id=supplied(diary, prepaid=False))["id"]
    for body, path in (
        ({"amount": 0, "method": "cash"}, "amount"),
        ({"amount": "0.005", "method": "cash"}, "amount"),
        ({"amount": 1, "method": "card"}, "method"),  # which that location does not take
        ({"amount": 1, "method": "advance"}, "amount"),
        ({"amount": 1, "method": "cash", "account_id": 3}, "account_id"),
        ({"amount": 1, "method": "cash", "note": "x" * 1001}, "note"),
        ({"amount": 1, "method": "cash", "paid_on": "soon"}, "paid_on"),
        ({"amount": 1}, "method"),
    ):
        assert list(diary.post(f"/purchases/{shop}/payments", body, 422)["errors"]) == [path], body


def test_advances_are_used_up(diary: Diary) -> None:
    supplier = supplied(diary, prepaid=True)
    line = diaries.line(diary, 1, "9000")
    body = diaries.head(diary, [line], status="received", contact_id=supplier)
    made = diary.post("/purchases", body)["data"]["id"]
    path = f"/purchases/{made}/payments"
    said = diary.post(path, {"amount": 8999, "method": "advance"}, 422)["errors"]["amount"][0]
    left = Decimal(said.split("(")[1].split(")")[0])
    assert left > 0
    # An account is ignored, even one that does not exist.
    diary.post(path, {"amount": str(left), "method": "advance", "account_id": 10**6})
    diary.post(path, {"amount": "0.01", "method": "advance"}, 422)
    diary.delete(f"/purchases/{made}")
    again = diary.post("/purchases", {**body, "payment": [{"amount": str(left), "method": "advance"}]})["data"]["id"]
    assert diary.detail(f"/purchases/{again}")["total_paid"] == float(left)
    assert diary.api.audit() == []


def form(value: Any, name: str = "") -> dict[str, str]:
    """A body as PHP forms spell it."""
    if isinstance(value, dict):
        parts = [form(each, f"{name}[{key}]" if name else key) for key, each in value.items()]
    elif isinstance(value, list):
        parts = [form(each, f"{name}[{index}]") for index, each in enumerate(value)]
    else:
        return {name: str(value)}
    return {key: text for part in parts for key, text in part.items()}


def test_documents_come_with_a_form(diary: Diary) -> None:
    scan = {"document": ("C:\\scans\\invoice 7.pdf", b"%PDF-1.4", "application/pdf")}
    body = diaries.purchase(diary, payment=[{"amount": 5, "method": "cash", "is_return": 0}])
    made = diary.send("POST", "/purchases", 201, data=form(body), files=scan).json()["data"]["id"]
    found = diary.detail(f"/purchases/{made}")
    assert found["document"].endswith("_invoice 7.pdf")
    assert (found["final_total"], found["total_paid"], len(found["lines"])) == (200, 5, 1)
    assert diary.first("/purchases", q="invoice 7")["id"] == made
    newer = {"document": ("new.png", b"png", "image/png")}
    diary.send("PUT", f"/purchases/{made}", data=form(diaries.purchase(diary)), files=newer)
    assert diary.detail(f"/purchases/{made}")["document"].endswith("_new.png")
    files = [("document", ("po.txt", b"x")), *(("shipping_documents[]", (f"{n}.txt", b"x")) for n in "ab")]
    ordered = diary.send("POST", "/purchase-orders", 201, data=form(body), files=files).json()["data"]["id"]
    with diary.api.books.transaction() as connection:
        query = "SELECT kind, content FROM billdiary_documents WHERE transaction_id = ? ORDER BY id"
        kept = [tuple(row) for row in connection.exec_driver_sql(query, (ordered,))]
        assert kept == [("document", b"x"), ("shipping_documents", b"x"), ("shipping_documents", b"x")]
    large = {"document": ("large.pdf", b"x" * (5 * 1024 * 1024 + 1))}
    refused = diary.send("POST", "/purchases", 422, data=form(diaries.purchase(diary)), files=large).json()
    assert list(refused["errors"]) == ["document"]
    empty = diary.send("POST", "/purchases", 422, data={"purchases[0][quantity]": "x"}, files=newer).json()["errors"]
    assert "purchases.0.quantity" in empty
    assert "contact_id" in empty
    assert diary.api.audit() == []
