"""Sales orders: sums, shipments, packages, returns that put goods back into stock, the export."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from server.sandbox.tables.stock import stock_movements, stocks
from tests.server.sandbox import selling

LINES: list[dict[str, Any]] = [
    {"sku": "MUG-001", "quantity": 3, "unit_price": "12.345", "discount": "2.04"},
    {"product_id": 1002, "quantity": 2, "unit_price": 5},
]


def stock_of(api: Any, product_id: int) -> Any:
    query = select(func.coalesce(func.sum(stocks.c.on_hand), 0)).where(stocks.c.product_id == product_id)
    with api.books.transaction() as connection:
        return connection.execute(query).scalar_one()


def moved_for(api: Any, owner: str, owner_id: int) -> list[tuple[Any, ...]]:
    moved = stock_movements.c
    query = select(moved.kind, moved.product_id, moved.quantity, moved.cost).where(
        moved.owner == owner, moved.owner_id == owner_id
    )
    with api.books.transaction() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(moved.id))]


def test_an_order_adds_up_and_is_addressed_like_its_company(api: Any) -> None:
    order = selling.new_order(api, 1001, items=LINES, total_tax="3.30", total_shipping=10)
    assert [line["line_total"] for line in order["items"]] == [35, 10]
    assert (order["product_total"], order["total_discount"], order["total"]) == (47.04, 2.04, 58.3)
    assert (order["total_order_quantity"], order["total_paid"], order["source"]) == (5, 0, "external_api")
    company = order["company"]
    assert (order["bill_to"]["name"], order["bill_to"]["city"]) == (company["name"], company["city"])
    assert order["ship_to"]["name"] == company["default_shipping"]["full_name"]
    assert (order["order_id"], order["age"]) == (str(order["id"]), 0)
    assert api.get(f"/sales-orders/{order['id']}")["data"] == order
    assert api.first("/sales-orders", order_number="T-1001", **{"company.name": company["name"]}) == order
    assert api.audit() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"order_number": "SO-30100"}, "order_number"),
        ({"channel_id": 999_999}, "channel_id"),
        ({"company_id": 9}, "company_id"),
        ({"order_status": "sent"}, "order_status"),
        ({"items": []}, "items"),
        ({"items": [LINES[0], {"quantity": 1, "unit_price": 1}]}, "items.1.product_id"),
        ({"items": [{"sku": "X", "quantity": 1, "unit_price": 1}]}, "items.0.sku"),
        ({"items": [{**LINES[0], "discount": 50}]}, "items.0.discount"),
        ({"company_id": None, "ship_to": {"name": "A"}}, "bill_to"),
        ({"total_tax": -1}, "total_tax"),
        ({"total_paid": 5}, "total_paid"),
    ],
)
def test_an_order_that_is_wrong_names_its_field(api: Any, change: dict[str, Any], field: str) -> None:
    body = {
        "channel_id": selling.channel(api), "order_number": "T-1", "order_date": "2026-11-20",
        "order_status": "pending", "company_id": 150, "items": LINES,
    }  # fmt: skip
    assert list(api.post("/sales-orders", 422, {**body, **change})["errors"]) == [field]


def test_a_change_leaves_what_is_not_sent(api: Any) -> None:
    order = selling.new_order(api, 1001, customer_notes="Ring twice", tags=["Rush"])
    body = {"ship_to": {"city": "Tulsa"}, "custom_fields": [None, {"a": 1.5}], "tags": ["Fair", "Rush"], "gift": True}
    changed = api.send("PATCH", f"/sales-orders/{order['id']}", 200, json=body).json()["data"]
    assert changed["ship_to"] == {**order["ship_to"], "city": "Tulsa"}
    assert (changed["customer_notes"], changed["custom_fields"], changed["gift"]) == (
        "Ring twice",
        [None, {"a": "1.5"}],
        True,
    )
    assert sorted(tag["name"] for tag in changed["tags"]) == ["Fair", "Rush"]
    assert changed["bill_to"] == order["bill_to"]
    for computed in ("total_cost", "total_paid", "id"):
        api.send("PATCH", f"/sales-orders/{order['id']}", 422, json={computed: 1})
    assert api.audit() == []


def test_shipping_moves_the_order_on_and_adjusts_no_stock(api: Any) -> None:
    product_id, warehouse_id = selling.on_shelf(api)
    before = stock_of(api, product_id)
    order = selling.new_order(api, product_id)
    url = f"/sales-orders/{order['id']}"
    first = api.post(f"{url}/shipments", 201, selling.shipment(order, warehouse_id, 4, shipment_cost="8.40"))
    assert (first["sales_order_id"], first["items"][0]["quantity"], first["status"]) == (order["id"], 4, 1)
    assert first["weight"] is None
    after = api.get(url)["data"]
    assert (after["order_status"], after["items"][0]["quantity_shipped"]) == ("partially_shipped", 4)
    assert (after["total_shipping"], after["total"]) == (8.4, order["total"] + 8.4)
    assert stock_of(api, product_id) == before

    too_many = api.post(f"{url}/shipments", 422, selling.shipment(order, warehouse_id, 7))
    assert list(too_many["errors"]) == ["items.0.quantity"]
    api.send("PATCH", url, 409, json={"order_status": "pending"})
    api.send("PATCH", url, 409, json={"order_status": "cancelled"})

    api.post(f"{url}/shipments", 201, selling.shipment(order, warehouse_id, 6))
    assert api.get(url)["data"]["order_status"] == "shipped"
    api.send("PATCH", url, 200, json={"order_status": "completed"})
    listed = api.get(f"{url}/shipments")
    assert (listed["meta"]["total"], listed["data"][0]) == (2, first)
    assert api.audit() == []


def test_a_shipment_that_does_not_fit_is_refused(api: Any) -> None:
    product_id, warehouse_id = selling.on_shelf(api)
    order = selling.new_order(api, product_id, 10_000)
    url = f"/sales-orders/{order['id']}/shipments"
    fine = selling.shipment(order, warehouse_id)
    line = fine["items"][0]
    for change, field in (
        ({"warehouse_id": 99}, "warehouse_id"),
        ({"items": [{**line, "order_item_id": 1}]}, "items.0.order_item_id"),
        ({"items": [line, {**line, "product_id": product_id + 1}]}, "items.1.product_id"),
        ({"items": [{"quantity": 1}]}, "items.0.order_item_id"),
        ({"items": [{**line, "quantity": 0}]}, "items.0.quantity"),
        ({"ship_to": {**selling.SHIP_TO, "postalCode": None}}, "ship_to.postalCode"),
        ({"fulfillment_order_id": api.first("/fulfillment-orders")["id"]}, "fulfillment_order_id"),
    ):
        assert list(api.post(url, 422, {**fine, **change})["errors"]) == [field]
    api.send("PATCH", f"/sales-orders/{order['id']}", 200, json={"order_status": "on_hold"})
    api.post(url, 409, fine)
    assert api.get(url)["meta"]["total"] == 0
    assert api.audit() == []


def test_a_shipment_back_moves_neither_goods_nor_the_order(api: Any) -> None:
    product_id, warehouse_id = selling.on_shelf(api)
    before = stock_of(api, product_id)
    order = selling.new_order(api, product_id, 10)
    url = f"/sales-orders/{order['id']}"
    api.post(f"{url}/shipments", 201, selling.shipment(order, warehouse_id, 10))
    back = api.post(f"{url}/shipments", 201, selling.shipment(order, warehouse_id, 5, is_return=True))
    assert back["is_return"] is True
    assert (stock_of(api, product_id), api.get(url)["data"]["order_status"]) == (before, "shipped")
    assert api.audit() == []


def test_packages_hold_no_more_than_the_shipment(api: Any) -> None:
    order, sent = selling.shipped(api, 4)
    line = order["items"][0]
    url = f"/sales-orders/{order['id']}/shipments/{sent['id']}/packages"
    by_sku = {"sku": line["sku"], "quantity": 3}
    packed = api.post(url, 201, {"packages": [{"sscc": "123456789012345678", "contained_items": [by_sku]}, {}]})["data"]
    assert [len(package["items"]) for package in packed] == [1, 0]
    assert (packed[0]["sscc"], packed[0]["package_quantity"]) == (123456789012345678, 1)
    assert (packed[0]["items"][0]["order_item_id"], packed[0]["shipment_id"]) == (line["id"], sent["id"])
    for content, field in (
        ({"order_item_id": line["id"], "quantity": 2}, "quantity"),
        ({"order_item_id": 1, "quantity": 1}, "order_item_id"),
        ({"sku": "none", "quantity": 1}, "sku"),
        ({"quantity": 1}, "order_item_id"),
    ):
        refused = api.post(url, 422, {"packages": [{"contained_items": [content]}]})["errors"]
        assert list(refused) == [f"packages.0.contained_items.0.{field}"]
    api.post(f"/sales-orders/{order['id']}/shipments/1/packages", 404, {"packages": [{}]})
    assert api.audit() == []


def test_a_return_brings_the_goods_back_at_their_cost(api: Any) -> None:
    order, _ = selling.shipped(api, 4)
    line, before = order["items"][0], stock_of(api, order["items"][0]["product_id"])
    item = {"sales_order_item_id": line["id"], "quantity": 4}
    body = {"sales_order_id": order["id"], "items": [item], "transaction_type": "return-and-refund"}
    returned = api.post("/returns", 201, body)["data"]
    assert (returned["status"], returned["restock"], returned["refund"]["amount"]) == ("Pending", True, 50)
    assert stock_of(api, line["product_id"]) == before
    url = f"/returns/{returned['id']}"
    received = api.send("PATCH", f"{url}/receive", 200).json()["data"]
    assert (received["status"], received["items"][0]["sku"]) == ("Received", line["sku"])
    assert received["items"][0]["location_id"]
    assert stock_of(api, line["product_id"]) == before + 4
    [(kind, product_id, quantity, cost)] = moved_for(api, "customer_returns", returned["id"])
    assert (kind, product_id, quantity) == ("customer_return", line["product_id"], 4)
    assert cost > 0
    api.send("PATCH", f"{url}/receive", 409)
    api.send("PATCH", f"{url}/restock", 409, json={"restock": False})
    assert api.audit() == []
    api.send("DELETE", url, 200)
    assert stock_of(api, line["product_id"]) == before
    api.get(url, 404)
    assert api.audit() == []


def test_returns_without_restocking_leave_the_stock_alone(api: Any) -> None:
    kept = selling.new_return(api)
    api.send("PATCH", f"/returns/{kept['id']}/restock", 422, json={})
    changed = api.send("PATCH", f"/returns/{kept['id']}/restock", 200, json={"restock": False}).json()["data"]
    assert changed["restock"] is False
    api.send("PATCH", f"/returns/{kept['id']}/receive", 200)
    assert moved_for(api, "customer_returns", kept["id"]) == []
    line = {"sales_order_item_id": kept["items"][0]["sales_order_item_id"], "quantity": 1}
    body = {"sales_order_id": kept["sales_order_id"], "items": [line], "transaction_type": "refund-only"}
    refund = api.post("/returns", 201, {**body, "is_posted": 1})["data"]
    assert (refund["status"], refund["restock"], refund["refund"]["amount"]) == ("Received", False, 12.5)
    assert moved_for(api, "customer_returns", refund["id"]) == []
    for change, field in (
        ({"items": [line]}, "items.0.quantity"),
        ({"items": [{**line, "sales_order_item_id": 1}]}, "items.0.sales_order_item_id"),
        ({"sales_order_id": 5}, "sales_order_id"),
        ({"is_posted": 2}, "is_posted"),
    ):
        assert list(api.post("/returns", 422, {**body, **change})["errors"]) == [field]
    assert api.get("/returns", per_page=2)["meta"] == {}
    assert api.audit() == []


def test_goods_come_back_to_the_location_that_is_named(api: Any) -> None:
    order, _ = selling.shipped(api, 4)
    line = {"sales_order_item_id": order["items"][0]["id"], "quantity": 1, "location_id": 3}
    body = {"sales_order_id": order["id"], "items": [line], "is_posted": 1}
    assert api.post("/returns", 201, body)["data"]["items"][0]["location_id"] == 3
    unknown = {**body, "items": [{**line, "location_id": 10**6}]}
    assert list(api.post("/returns", 422, unknown)["errors"]) == ["items.0.location_id"]
    assert api.audit() == []


def test_the_export_gives_every_order_once(reading: Any) -> None:
    ids: list[int] = []
    part = reading.get("/sales-orders/export", since="2025-06-01", limit=600)
    cutoff = part["meta"]["cutoff"]
    while True:
        ids += [row["order_id"] for row in part["data"]]
        assert part["meta"] == {"rows": len(part["data"]), "cutoff": cutoff}
        if not part["has_more"]:
            break
        part = reading.get("/sales-orders/export", cursor=part["next_cursor"], limit=600)
    assert part["next_cursor"] is None
    assert len(ids) == len(set(ids)) == reading.get("/sales-orders")["meta"]["total"] == 1300
    shipped = next(row for row in part["data"] if row["shipments"])
    assert sum(item["tax"] for item in shipped["items"]) == pytest.approx(shipped["total_tax"])
    assert all(item["quantity_ordered"] >= item["quantity_shipped"] for item in shipped["items"])
    reading.get("/sales-orders/export", 422)
    reading.get("/sales-orders/export", 422, since="2026-01-01", cursor="x")
    reading.get("/sales-orders/export", 422, since="2026-01-01", limit=1001)


@pytest.mark.parametrize(
    ("path", "key", "method", "change"),
    [
        ("/sales-orders", "order_id", "PATCH", {"internal_notes": "Changed"}),
        ("/products", "id", "POST", {"description": "Changed"}),
    ],
)
def test_what_changes_during_an_export_comes_once_and_in_the_next(
    api: Any, path: str, key: str, method: str, change: dict[str, str]
) -> None:
    before = [row["id"] for row in api.all(path, sort="updated_at:asc")]
    # The clock stands still: all of this happens in the second of the cutoff.
    early, given, waiting = before[-1], before[0], before[-2]
    api.send(method, f"{path}/{early}", 200, json=change)
    part = api.get(f"{path}/export", since="2020-01-01", limit=2)
    ids = [row[key] for row in part["data"]]
    assert given in ids
    for changed in (given, waiting):
        api.send(method, f"{path}/{changed}", 200, json=change)
    while part["next_cursor"]:
        part = api.get(f"{path}/export", cursor=part["next_cursor"], limit=500)
        ids += [row[key] for row in part["data"]]
    assert len(ids) == len(set(ids))
    assert set(before) - set(ids) == {waiting}
    following = api.get(f"{path}/export", since=part["meta"]["cutoff"])
    assert {row[key] for row in following["data"]} == {early, given, waiting}


def test_invoices_of_orders_say_what_the_orders_say(reading: Any) -> None:
    invoices = [row for row in reading.all("/invoices") if row["sales_order"]]
    assert len(invoices) == 420
    for invoice in invoices[:20]:
        order = reading.get(f"/sales-orders/{invoice['sales_order']['id']}")["data"]
        assert (order["total"], order["company_id"]) == (invoice["total"], invoice["customer"]["id"])
        assert order["total_paid"] == invoice["total_paid"]
        assert [line["sku"] for line in order["items"]] == [line["sku"] for line in invoice["items"]]


def test_a_forced_push_names_the_lines_it_reports(api: Any) -> None:
    order, sent = selling.shipped(api)
    url = f"/sales-orders/{order['id']}/shipments/{sent['id']}/force-push-source-fulfillment"
    line = order["items"][0]["id"]
    answer = api.post(url, 200, {"sales_order_item_ids": [line, line]})["data"]
    [reported] = answer["shipment_item_fulfillments"]
    assert (reported["order_item_id"], reported["carrier"], answer["success"]) == (line, "fedex", True)
    assert list(api.post(url, 422, {"sales_order_item_ids": [line, 1]})["errors"]) == ["sales_order_item_ids.1"]
    assert list(api.post(url, 422, {})["errors"]) == ["sales_order_item_ids"]
    other = api.first("/sales-orders", order_status="shipped")["id"]
    api.post(f"/sales-orders/{other}/shipments/{sent['id']}/force-push-source-fulfillment", 404, {})


STEPS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5), st.booleans()), min_size=8, max_size=25)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_sequence_of_actions_unbalances_the_books(api: Any, steps: list[tuple[int, int, bool]]) -> None:
    product_id, warehouse_id = selling.on_shelf(api)
    number = f"T-{api.get('/sales-orders')['meta']['total']}"
    order = selling.new_order(api, product_id, order_number=number)
    url, line = f"/sales-orders/{order['id']}", order["items"][0]["id"]
    for action, quantity, switch in steps:
        newest = (api.get("/returns", per_page=1, sort="id:desc"))["data"][0]["id"]
        item = {"sales_order_item_id": line, "quantity": quantity}
        back = {"sales_order_id": order["id"], "items": [item], "restock": switch, "is_posted": int(switch)}
        method, path, body = [
            ("POST", f"{url}/shipments", selling.shipment(order, warehouse_id, quantity, is_return=switch)),
            ("POST", f"{url}/shipments", selling.shipment(order, warehouse_id, quantity, shipment_cost=quantity)),
            ("POST", "/returns", back),
            ("PATCH", f"/returns/{newest}/receive", None),
            ("DELETE", f"/returns/{newest}", None),
            ("PATCH", url, {"order_status": "completed" if switch else "pending"}),
        ][action]
        response = api.try_send(method, path, **({} if body is None else {"json": body}))
        assert response.status_code < 500, response.text
    assert api.audit() == []
