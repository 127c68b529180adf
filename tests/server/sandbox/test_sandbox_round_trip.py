"""What GET answers, sent back as an update: taken as it is, and nothing changes."""

from dataclasses import dataclass
from typing import Any

import pytest

from server.sandbox.shapes import COMPUTED

STAMPS = {"updated_at", "updatedAt", "updated_by", "updatedBy"}
"""When and by whom a record was changed last."""


@dataclass(frozen=True)
class Updatable:
    """A resource with an update operation."""

    path: str
    method: str = "POST"
    sent_to: str = "{path}/{id}"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def send(self, api: Any, record: dict[str, Any], body: dict[str, Any]) -> Any:
        """Update the record with this body."""
        path = self.sent_to.format(path=self.path, id=record["id"])
        return api.try_send(self.method, path, json=body)


RESOURCES = [
    Updatable("/bills", "PUT"),
    Updatable("/boms"),
    Updatable("/channels", "PUT"),
    Updatable("/companies"),
    Updatable("/contacts"),
    Updatable("/custom-fields", "PUT"),
    Updatable("/integration/field-mappings", "PUT"),
    Updatable("/integration/field-mappings"),
    Updatable("/integration-mappings", "PUT"),
    Updatable("/integration-mappings"),
    Updatable("/payment-obligations"),
    Updatable("/products"),
    Updatable("/products", "PATCH", "{path}"),
    Updatable("/purchase-orders", "PUT"),
    Updatable("/sales-orders", "PATCH"),
    Updatable("/suppliers"),
    Updatable("/transfer-orders", "PUT"),
    Updatable("/unit-classes"),
    Updatable("/unit-conversion-rules"),
    Updatable("/unit-of-measures"),
    Updatable("/warehouse-groups", "PUT"),
    Updatable("/warehouses", "PUT"),
]


@pytest.mark.parametrize("resource", RESOURCES, ids=str)
def test_an_answer_sent_back_is_taken_and_changes_nothing(api: Any, resource: Updatable) -> None:
    rows = [row for row in api.get(resource.path, per_page=40)["data"] if not row.get("apiLocked")]
    assert rows
    for row in rows:
        path = f"{resource.path}/{row['id']}"
        before = api.get(path)["data"]
        body = {name: value for name, value in before.items() if name not in COMPUTED}
        response = resource.send(api, before, body)
        assert response.status_code == 200, (path, response.text)
        assert without_stamps(api.get(path)["data"]) == without_stamps(before), path
    assert api.audit() == []


@pytest.mark.parametrize("resource", RESOURCES, ids=str)
def test_what_is_computed_is_refused(api: Any, resource: Updatable) -> None:
    record = api.get(f"{resource.path}/{api.first(resource.path)['id']}")["data"]
    sent = COMPUTED if resource.method != "PATCH" or resource.path != "/products" else COMPUTED - {"id"}
    response = resource.send(api, record, {**record, **dict.fromkeys(sent, 1)})
    assert response.status_code == 422, response.text
    assert response.json()["errors"].keys() >= sent


def without_stamps(value: Any) -> Any:
    """The value without what says when it was changed last, at any depth."""
    if isinstance(value, dict):
        return {name: without_stamps(inner) for name, inner in value.items() if name not in STAMPS}
    return [without_stamps(inner) for inner in value] if isinstance(value, list) else value


def test_a_draft_without_money_on_it_can_be_deleted(api: Any, draft: Any, posted: Any) -> None:
    path = f"/bills/{draft()['id']}"
    assert api.send("DELETE", path, 200).json() == {"message": "Bill deleted."}
    api.get(path, 404)
    assert "posted" in api.send("DELETE", f"/bills/{posted()['id']}", 409).json()["message"]
    for name in ("payments", "applications", "allocations"):
        bills = (api.get(f"/bills/{row['id']}")["data"] for row in api.all("/bills", status="posted"))
        busy = next((bill for bill in bills if bill[name]), None)
        if busy is not None:
            assert api.try_send("DELETE", f"/bills/{busy['id']}").status_code == 409
    assert api.audit() == []


@pytest.mark.parametrize("end", ["completed", "cancelled"])
def test_a_transfer_goes_on_and_its_goods_keep_their_costs(api: Any, end: str) -> None:
    product_id = int(api.first("/inventory/stocks", warehouse_ids="1", **{"qty_onhand[gte]": 9})["id"])
    ends = {"source_warehouse_id": 1, "destination_warehouse_id": 2}
    days = {"date": "2026-11-19", "arrival_date": "2026-11-25"}
    lines = [{"product_id": product_id, "quantity": 3}]
    made = api.post("/transfer-orders", 201, {**ends, **days, "status": "draft", "items": lines})["data"]
    path = f"/transfer-orders/{made['id']}"
    changed = api.put(path, 200, {"status": "pending", "items": [{"product_id": product_id, "quantity": 5}]})["data"]
    assert (changed["status"], [line["quantity"] for line in changed["items"]]) == ("pending", [5])
    assert changed["items_cost"] != made["items_cost"]
    before = [on_hand(api, product_id, number) for number in (1, 2)]
    api.put(path, 409, {"status": "draft"})
    assert api.put(path, 200, {"status": "in_transit"})["data"]["source_warehouse"]["id"] == 1
    assert [on_hand(api, product_id, number) for number in (1, 2)] == [before[0] - 5, before[1]]
    assert "items" in api.put(path, 409, {"items": lines})["message"]
    assert api.put(path, 200, {"status": end})["data"]["status"] == end
    after = [before[0] - 5, before[1] + 5] if end == "completed" else before
    assert [on_hand(api, product_id, number) for number in (1, 2)] == after
    api.put(path, 409, {"status": "in_transit"})
    assert api.audit() == []


def on_hand(api: Any, product_id: int, warehouse_id: int) -> Any:
    """How much of the product is in the warehouse."""
    rows = api.get("/inventory/stocks", warehouse_ids=str(warehouse_id), id=product_id)["data"]
    return rows[0]["qty_onhand"] if rows else 0


def test_the_shipping_addresses_of_a_company_are_listed_and_read_one_by_one(api: Any) -> None:
    company = next(row for row in api.all("/companies") if row["shipping_addresses"])
    path = f"/companies/{company['id']}/shipping-addresses"
    assert api.all(path) == company["shipping_addresses"]
    first = company["shipping_addresses"][0]
    assert api.get(f"{path}/{first['id']}")["data"] == first
    api.get(f"{path}/{first['id'] + 10_000}", 404)


def test_older_spellings_reach_the_operations_of_today(api: Any) -> None:
    asked = {"amount": "3.50", "from": "USD", "to": "EUR"}
    assert api.get("/currency/convert", **asked) == api.get("/currency/rates/convert", **asked)
    assert api.get("/integration-field-mappings") == api.get("/integration/field-mappings")
    suggested = api.post("/integration/field-mappings/suggest-carrier", 200, {"carrier": "fed ex"})
    assert api.get("/integration-field-mappings/suggest-carrier", carrier="fed ex") == suggested
    linked = api.first("/payment-obligations", **{"bill_id[set]": "", "status": "open"})
    path = f"/payment-obligations/{linked['id']}/unlink-bill"
    api.post(path, 422, {})
    assert api.post(path, 200, {"bill_id": linked["bill_id"]})["data"]["bill_id"] is None
    product = api.first("/products")
    api.post(f"/products/{product['id']}/alternate-skus", 201, {"sku": "ONE-MORE"})
    assert api.get("/products", q="one-more")["data"][0]["id"] == product["id"]
    assert api.audit() == []


def test_a_bill_is_begun_for_the_newest_vendor_when_no_shipment_is_named(api: Any) -> None:
    begun = api.get("/bills/from-shipments/prefill")["data"]
    assert begun["vendor_id"]
    assert begun["items"]
    named = ",".join(map(str, begun["shipment_ids"]))
    assert api.get("/bills/from-shipments/prefill", shipment_ids=named)["data"] == begun
    body = {name: value for name, value in begun.items() if name not in COMPUTED}
    made = api.post("/bills", 201, {**body, "bill_number": "P-1"})["data"]
    assert made["total"] == begun["total"]
    api.get("/bills/from-shipments/prefill", 422, shipment_ids="")
