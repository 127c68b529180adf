"""Purchase orders: what they add up to, what is paid on them, and what happens when their goods come."""

from decimal import Decimal
from typing import Any

import pytest

from server.sandbox import stock

ORDERS = "/purchase-orders"
REPORTS = "/receiving-reports"


@pytest.fixture
def order(api: Any) -> Any:
    """An order of two lines: 100.00 and 25.00, nothing else."""
    first, second = (line["product"]["id"] for line in api.get(f"{ORDERS}/items", per_page=2)["data"])
    items = [
        {"product_id": first, "quantity": 10, "unit_price": 10},
        {"product_id": second, "quantity": 4, "unit_price": "6.2500"},
    ]
    return api.post(ORDERS, 201, {"order_date": "2026-11-19", "supplier_id": 1, "items": items})["data"]


def line_of(order: Any, index: int, **changes: Any) -> dict[str, Any]:
    line = order["items"][index]
    return {"id": line["id"], "product_id": line["product"]["id"], **changes}


def receive(api: Any, line: Any, quantity: Any, status: int = 201, **fields: Any) -> Any:
    item = {"purchase_order_item_id": line["id"], "quantity": quantity}
    return api.post(REPORTS, status, {"items": [item], **fields})


def on_hand(api: Any, line: Any) -> Decimal:
    with api.books.transaction() as connection:
        return stock.on_hand(connection, line["product"]["id"])


def faults(api: Any, method: str, path: str, body: Any) -> list[str]:
    return list(api.send(method, path, 422, json=body).json()["errors"])


def test_an_order_adds_up_and_adds_up_again_after_each_change(api: Any, order: Any) -> None:
    sums = ("item_count", "order_cost", "total_tax", "total_cost", "total_paid", "total_due", "total_qty_remaining")
    assert [order[name] for name in sums] == [2, 125, 0, 125, 0, 125, 14]
    assert order["order_numbers"] == [f"PO-{order['id'] + 8399}"]
    path = f"{ORDERS}/{order['id']}"
    new = {"product_id": order["items"][0]["product"]["id"], "quantity": 3, "unit_price": 0.3333}
    kept = line_of(order, 1, tax=1.5, discount_amount=5)
    paid = {"payment_date": "2026-11-19", "payment_type": "check", "paid_amount": 20}
    body = {"items": [kept, new], "total_shipping_cost": 7, "total_tax": 2, "payments": [paid]}
    after = api.put(path, body=body)["data"]
    assert [line["line_total"] for line in after["items"]] == [21.5, 1]
    assert [after[name] for name in sums] == [2, 21, 2, 30, 20, 10, 7]
    assert after["items"][0]["id"] == order["items"][1]["id"]
    assert order["items"][0]["id"] not in [line["id"] for line in after["items"]]
    alone = api.put(path, body={"private_note": "Hurry"})["data"]
    assert (alone["total_cost"], alone["private_note"], len(alone["payments"])) == (30, "Hurry", 1)
    assert api.first(ORDERS, id=order["id"], total_due=10)["total_cost"] == 30
    assert api.audit() == []


def test_what_does_not_fit_is_refused_by_its_path(api: Any, order: Any) -> None:
    path = f"{ORDERS}/{order['id']}"
    line = {"product_id": order["items"][0]["product"]["id"], "quantity": 1, "unit_price": 1}
    body = {"order_date": "2026-11-19", "supplier_id": 1, "items": [line]}
    for wrong, where in (
        ({"items": []}, "items"),
        ({"items": [{"quantity": 1, "unit_price": 1}]}, "items.0.product_id"),
        ({"items": [line, {**line, "product_id": None, "sku": "NO-SUCH"}]}, "items.1.sku"),
        ({"items": [{**line, "quantity": 0}]}, "items.0.quantity"),
        ({"items": [{**line, "discount_amount": 2}]}, "items.0.discount_amount"),
        ({"items": [line], "total_cost": 1}, "total_cost"),
        ({"supplier_id": 12}, "supplier_id"),
        ({"total_cost": 5}, "total_cost"),
        ({"location_id": 1, "warehouse_id": 2}, "location_id"),
        ({"order_numbers": [api.first(ORDERS)["order_numbers"][0]]}, "order_numbers.0"),
        ({"payments": [{"payment_date": "2026-11-19", "payment_type": "cash", "paid_amount": 2}]}, "payments"),
        ({"payments": [{"paid_amount": 1}]}, "payments.0.payment_date"),
    ):
        assert where in faults(api, "POST", ORDERS, {**body, **wrong}), wrong
    for wrong, where in (
        ({"items": [{**line, "id": 20001}]}, "items.0.id"),
        ({"items": [line_of(order, 0), line_of(order, 0)]}, "items.1.id"),
        ({"items": [line_of(order, 0, tax=3)], "total_tax": 1}, "total_tax"),
        ({"supplier_id": None}, "supplier_id"),
    ):
        assert where in faults(api, "PUT", path, wrong), wrong
    assert api.get(path)["data"] == order


def test_alternate_skus_name_products(api: Any) -> None:
    with api.books.transaction() as connection:
        query = "SELECT a.sku, p.sku, p.id FROM alternate_skus a JOIN products p ON p.id = a.product_id LIMIT 1"
        alternate, sku, product_id = connection.exec_driver_sql(query).one()
    items = [{"sku": alternate, "quantity": 1, "unit_price": 1}]
    order = api.post(ORDERS, 201, {"order_date": "2026-11-19", "supplier_id": 1, "items": items})["data"]
    line = order["items"][0]
    assert (line["source_sku"], line["product"]["sku"], line["product"]["id"]) == (alternate, sku, product_id)


def test_payments_move_what_is_due_and_never_exceed_it(api: Any, order: Any) -> None:
    path = f"{ORDERS}/{order['id']}/payments"
    paid = {"payment_date": "2026-11-20", "payment_type": "bank_transfer", "paid_amount": 100}
    after = api.post(path, 201, paid)["data"]
    assert (after["total_paid"], after["total_due"]) == (100, 25)
    assert faults(api, "POST", path, {**paid, "paid_amount": 25.01}) == ["paid_amount"]
    payment = f"{path}/{after['payments'][0]['id']}"
    assert faults(api, "PUT", payment, {"paid_amount": 125.01}) == ["paid_amount"]
    whole = api.put(payment, body={"paid_amount": 125})["data"]
    assert (whole["total_due"], whole["payments"][0]["payment_type"]) == (0, "bank_transfer")
    assert faults(api, "PUT", f"{ORDERS}/{order['id']}", {"items": [line_of(order, 0)]}) == ["items"]
    other = api.first(ORDERS, **{"id[neq]": order["id"]})["id"]
    api.send("DELETE", payment.replace(str(order["id"]), str(other), 1), 404)
    assert api.send("DELETE", payment, 200).json() == {"message": "Payment deleted successfully"}
    assert api.get(f"{ORDERS}/{order['id']}")["data"]["total_due"] == 125
    api.send("DELETE", payment, 404)
    assert api.audit() == []


def test_received_goods_are_in_stock_and_complete_the_order(api: Any, order: Any) -> None:
    first, second = order["items"]
    before = on_hand(api, first)
    report = receive(api, first, 4, received_date="2026-11-18", shipping_cost=3, location_id=2)["data"]
    item = report["items"][0]
    assert (report["status"], report["total_quantity"], report["total_cost"]) == ("received", 4, 43)
    assert report["received_date"] == "2026-11-18T00:00:00Z"
    assert [(row["id"], row["total_qty_remaining"]) for row in report["purchase_orders"]] == [(order["id"], 10)]
    assert on_hand(api, first) == before + 4
    with api.books.transaction() as connection:
        query = f"SELECT product_id, location_id FROM stocks WHERE id = {item['stock_id']}"
        assert connection.exec_driver_sql(query).one() == (first["product"]["id"], 2)
    over = [
        {"purchase_order_item_id": first["id"], "quantity": 6},
        {"purchase_order_item_id": first["id"], "quantity": 1},
    ]
    assert faults(api, "POST", REPORTS, {"items": over}) == ["items.1.quantity"]
    for wrong, where in (
        ({"purchase_order_id": 2001}, "items.0.purchase_order_id"),
        ({"purchase_order_item_id": 1}, "items.0.purchase_order_item_id"),
        ({"purchase_order_shipment_id": 3001}, "items.0.purchase_order_shipment_id"),
    ):
        assert faults(api, "POST", REPORTS, {"items": [{**over[1], **wrong}]}) == [where]
    assert faults(api, "POST", REPORTS, {"items": [over[1]], "received_date": "2027-01-01"}) == ["received_date"]
    assert api.get(f"{ORDERS}/{order['id']}")["data"]["order_status"] == "active"
    receive(api, first, 6)
    receive(api, second, 4)
    done = api.get(f"{ORDERS}/{order['id']}")["data"]
    assert (done["order_status"], done["total_qty_received"], done["total_qty_remaining"]) == ("completed", 14, 0)
    receive(api, second, 1, 422)
    assert on_hand(api, first) == before + 10
    assert api.audit() == []


def test_what_was_received_stays_on_the_order(api: Any, order: Any) -> None:
    path = f"{ORDERS}/{order['id']}"
    receive(api, order["items"][0], 4)
    assert faults(api, "PUT", path, {"items": [line_of(order, 0, quantity=3)]}) == ["items.0.quantity"]
    other = order["items"][1]["product"]["id"]
    assert faults(api, "PUT", path, {"items": [line_of(order, 0, product_id=other)]}) == ["items.0.product_id"]
    said = api.put(path, 409, {"items": [line_of(order, 1)]})["message"]
    assert str(order["items"][0]["id"]) in said
    assert api.put(path, body={"items": [line_of(order, 0, quantity=4)]})["data"]["total_qty_remaining"] == 0
    api.put(path, body={"order_status": "completed", "items": [line_of(order, 0, quantity=9)]})
    receive(api, order["items"][0], 1, 409)
    api.put(path, body={"order_status": "active"})
    receive(api, order["items"][0], 5)
    assert api.get(path)["data"]["order_status"] == "completed"
    assert api.audit() == []


def test_a_shipment_is_unloaded(api: Any) -> None:
    shipment = api.first("/purchase-order-shipments", status="in_transit")
    lines = [
        {
            "purchase_order_item_id": line["supplier_purchase_order_item_id"],
            "quantity": line["quantity"],
            "purchase_order_shipment_id": shipment["id"],
        }
        for line in shipment["shipment_items"]
    ]
    more = {**lines[0], "quantity": lines[0]["quantity"] + 1}
    assert faults(api, "POST", REPORTS, {"items": [more]}) == ["items.0.quantity"]
    report = api.post(REPORTS, 201, {"items": lines, "purchase_order_shipment_id": shipment["id"]})["data"]
    after = api.get(f"/purchase-order-shipments/{shipment['id']}")["data"]
    assert after["shipment_status"]["name"] == "Received"
    assert api.first("/purchase-order-shipments")["id"] == shipment["id"], "the latest change comes first"
    billable = api.get(f"{REPORTS}/{report['id']}/billable-lines")["data"]
    assert [line["billable_quantity"] for line in billable] == [line["quantity"] for line in lines]
    assert len(api.get(f"/shipments/{shipment['id']}/billable-lines")["data"]) == len(lines)
    order_id = report["purchase_orders"][0]["id"]
    assert api.get(f"{ORDERS}/{order_id}/shipments")["meta"]["total"] == 1
    api.get(f"{ORDERS}/{order_id}/shipments/{shipment['id']}")
    other = api.first(ORDERS, **{"id[neq]": order_id})["id"]
    api.get(f"{ORDERS}/{other}/shipments/{shipment['id']}", 404)
    assert api.audit() == []


def test_a_deleted_order_takes_its_goods_along(api: Any, order: Any) -> None:
    path = f"{ORDERS}/{order['id']}"
    before = on_hand(api, order["items"][0])
    report = receive(api, order["items"][0], 4)["data"]
    api.post(f"{path}/payment-obligations/generate", 201, {})
    api.send("DELETE", path, 200)
    assert on_hand(api, order["items"][0]) == before
    gone = api.get(path)["data"]
    assert (gone["order_status"], gone["total_qty_received"]) == ("deleted", 0)
    assert api.get(f"{REPORTS}/{report['id']}")["data"]["status"] == "reversed"
    assert {row["status"] for row in api.get(f"{path}/payment-obligations")["data"]} == {"cancelled"}
    assert api.get(ORDERS, id=order["id"])["data"] == []
    assert [row["id"] for row in api.get(ORDERS, id=order["id"], order_status="deleted")["data"]] == [order["id"]]
    assert api.get(f"{ORDERS}/items", purchase_order_id=order["id"])["data"] == []
    api.send("DELETE", path, 409)
    api.put(path, 409, {"private_note": "x"})
    receive(api, order["items"][0], 1, 409)
    assert api.audit() == []
    assert api.put(path, body={"order_status": "active"})["data"]["total_qty_remaining"] == 14
    receive(api, order["items"][0], 10)
    assert api.audit() == []


def test_an_order_with_a_bill_is_not_deleted_and_keeps_its_vendor(api: Any) -> None:
    bill = api.first("/bills", **{"purchase_order_id[set]": "", "status[neq]": "void"})
    path = f"{ORDERS}/{bill['purchase_order_id']}"
    other = api.first("/companies", **{"id[neq]": bill["vendor_id"]})["id"]
    for method, body in (("DELETE", None), ("PUT", {"order_status": "deleted"}), ("PUT", {"vendor_id": other})):
        said = api.send(method, path, 409, json=body).json()["message"]
        assert "bill" in said
    assert api.get(path)["data"]["order_status"] != "deleted"


def test_a_factory_nobody_bills_for_becomes_a_vendor_itself(api: Any) -> None:
    factory = api.post("/suppliers", 201, {"name": "Tannery Row", "city": "Fez", "default_payment_term": "Net 45"})
    product_id = api.first(f"{ORDERS}/items")["product"]["id"]
    items = [{"product_id": product_id, "quantity": 1, "unit_price": 9}]
    body = {"order_date": "2026-11-19", "supplier_id": factory["data"]["id"], "items": items}
    first, second = (api.post(ORDERS, 201, body)["data"] for _ in range(2))
    assert first["vendor_id"] == second["vendor_id"]
    assert first["payment_terms"] == "Net 45"
    vendor = api.get(f"/companies/{first['vendor_id']}")["data"]
    assert (vendor["name"], vendor["type"], vendor["city"]) == ("Tannery Row", "Vendor", "Fez")
    receive(api, first["items"][0], 1)
    line = {"description": "x", "quantity": 1, "unit_cost": 9, "purchase_order_item_id": first["items"][0]["id"]}
    bill = {"vendor_id": vendor["id"], "bill_number": "T-1", "bill_date": "2026-11-20", "items": [line]}
    api.post("/bills", 201, {**bill, "purchase_order_id": first["id"]})
    assert api.get(f"{ORDERS}/{first['id']}/billable-lines")["data"] == []
    api.send("DELETE", f"{ORDERS}/{first['id']}", 409)
    assert api.audit() == []


def test_the_payments_an_order_requires(api: Any, order: Any) -> None:
    path = f"{ORDERS}/{order['id']}"
    api.put(path, body={"payment_terms": "Net 30", "down_payment": 50})
    planned = api.post(f"{path}/payment-obligations/generate", 201)["data"]
    assert [(row["amount"], row["due_date"]) for row in planned] == [(50, "2026-11-19"), (75, "2026-12-19")]
    assert {row["vendor_id"] for row in planned} == {order["vendor_id"]}
    api.post(f"{path}/payment-obligations/generate", 409)
    more = {"amount": 1, "due_date": "2026-12-24"}
    assert faults(api, "POST", f"{path}/payment-obligations", more) == ["amount"]
    api.send("PATCH", f"/payment-obligations/{planned[1]['id']}/status", 200, json={"status": "cancelled"})
    assert api.post(f"{path}/payment-obligations", 201, more)["data"]["total_due"] == 1
    assert len(api.get(f"{path}/payment-obligations")["data"]) == 3
    assert api.audit() == []


def test_lists_find_what_they_are_asked_for(reading: Any) -> None:
    every = reading.all(ORDERS)
    deleted = reading.all(ORDERS, order_status="deleted")
    assert len(every) + len(deleted) == 450
    assert deleted
    completed = [order["id"] for order in every if order["order_status"] == "completed"]
    assert [order["id"] for order in reading.all(ORDERS, order_status="inactive")] == completed
    named = next(order for order in every if len(order["order_numbers"]) > 1)
    found = reading.get(ORDERS, order_numbers=named["order_numbers"][1])["data"]
    assert [order["id"] for order in found] == [named["id"]]
    assert all(order["starred"] for order in reading.all(ORDERS, starred=1))
    assert {order["currency"] for order in every} == {"USD", "EUR", "GBP"}
    assert any(line["discount_amount"] for order in every for line in order["items"])
    assert any(order["total_tax"] for order in every)
    assert any(0 < order["total_qty_received"] < order["total_qty_ordered"] for order in every)
    inbound = reading.all("/inbound-shipments")
    assert [row["updated_at"] for row in inbound] == sorted((row["updated_at"] for row in inbound), reverse=True)
    for name in ("99999999", "x", "9" * 30):
        for path in (ORDERS, REPORTS, "/inbound-shipments", "/purchase-order-shipments"):
            reading.get(f"{path}/{name}", 404)
