"""Field mappings, integration mappings and accounts, and what they do to orders."""

from typing import Any

import pytest
from sqlalchemy import update

from server.sandbox.tables.fulfillment import fulfillment_orders
from server.sandbox.tables.selling import sales_orders

PATH = "/integration/field-mappings"
MAPPING = {"field_name": "carrier", "luminous_value": "Zephyr", "external_value": "zephyr_air"}
SHIPSTATION, EXTENSIV = 1, 2


def test_a_mapping_is_made_changed_and_deleted(api: Any) -> None:
    made = api.post(PATH, 201, MAPPING)["data"]
    assert (made["mapping_group"], made["is_active"], made["priority"]) == ("shipping", True, 0)
    assert made["app_integration_account_id"] is None
    path = f"{PATH}/{made['id']}"
    own = {**MAPPING, "app_integration_account_id": SHIPSTATION, "priority": 7, "notes": "x"}
    api.put(path, body=own)
    kept = api.put(path, body={**MAPPING, "external_value": "ZEPH"})["data"]
    assert (kept["external_value"], kept["priority"], kept["app_integration_account_id"]) == ("ZEPH", 7, SHIPSTATION)
    assert list(api.put(path, 422, {"notes": "y"})["errors"]) == ["field_name", "luminous_value", "external_value"]
    assert api.put(path, body={**MAPPING, "app_integration_account_id": None})["data"]["priority"] == 7
    assert api.get(path)["data"]["app_integration_account_id"] is None
    api.send("DELETE", path, 200)
    api.get(path, 404)
    assert api.audit() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"field_name": "shoe_size"}, "field_name"),
        ({"mapping_group": "shoes"}, "mapping_group"),
        ({"external_value": "  "}, "external_value"),
        ({"app_integration_account_id": 999}, "app_integration_account_id"),
        ({"priority": -1}, "priority"),
        ({"is_active": None}, "is_active"),
        ({"id": 4}, "id"),
    ],
)
def test_a_mapping_that_is_wrong_names_its_field(api: Any, change: dict[str, Any], field: str) -> None:
    assert list(api.post(PATH, 422, {**MAPPING, **change})["errors"]) == [field]
    bulk = {"mappings": [MAPPING, {**MAPPING, **change}]}
    before = api.books.fingerprint()
    assert list(api.post(f"{PATH}/bulk", 422, bulk)["errors"]) == [f"mappings.1.{field}"]
    assert api.books.fingerprint() == before


def test_nothing_is_mapped_twice(api: Any) -> None:
    stored = api.first(PATH, **{"app_integration_account_id[set]": ""})
    same = {name: stored[name] for name in (*MAPPING, "app_integration_account_id")}
    assert list(api.post(PATH, 422, same)["errors"]) == ["external_value"]
    made = api.post(f"{PATH}/bulk", 201, {"mappings": [MAPPING, {**MAPPING, "app_integration_account_id": 1}]})["data"]
    assert list(api.put(f"{PATH}/{made[1]['id']}", 422, {**MAPPING, "app_integration_account_id": None})["errors"]) == [
        "external_value"
    ]
    twice = {**MAPPING, "luminous_value": "Other"}
    assert list(api.post(f"{PATH}/bulk", 422, {"mappings": [twice, twice]})["errors"]) == ["mappings.1.external_value"]
    ids = [row["id"] for row in made]
    assert list(api.post(f"{PATH}/bulk-delete", 422, {"ids": [ids[0], 10**9]})["errors"]) == ["ids.1"]
    assert "2 field mappings" in api.post(f"{PATH}/bulk-delete", 200, {"ids": ids})["message"]
    api.get(f"{PATH}/{ids[0]}", 404)
    assert api.audit() == []


def test_fields_and_groups_are_those_in_use(api: Any) -> None:
    rows = api.all(PATH)
    assert api.get(f"{PATH}/fields")["data"] == sorted({row["field_name"] for row in rows})
    assert api.get(f"{PATH}/groups")["data"] == sorted({row["mapping_group"] for row in rows})
    payments = [row["id"] for row in rows if row["mapping_group"] == "payments"]
    api.post(f"{PATH}/bulk-delete", 200, {"ids": payments})
    assert "payments" not in api.get(f"{PATH}/groups")["data"]


@pytest.mark.parametrize(
    ("text", "value", "score"),
    [
        ("UPS", "ups", 100),
        ("united parcel service", "ups", 100),
        ("UPS Ground", "ups", 95),
        ("Fed-Ex", "fedex", None),
        ("D.H.L. Expres", "dhl_express", None),
        ("Purolater", "purolator", None),
    ],
)
def test_carriers_are_suggested_by_likeness(reading: Any, text: str, value: str, score: int | None) -> None:
    found = reading.post(f"{PATH}/suggest-carrier", 200, {"carrier": text})["data"]["suggestions"]
    assert found[0]["value"] == value
    assert score in {None, found[0]["score"]}
    assert [row["score"] for row in found] == sorted((row["score"] for row in found), reverse=True)
    assert reading.post(f"{PATH}/suggest-carrier", 200, {"carrier": "¿?"})["data"]["suggestions"] == []
    assert list(reading.post(f"{PATH}/suggest-carrier", 422, {})["errors"]) == ["carrier"]


def held_order(api: Any, **values: str | None) -> tuple[int, int]:
    """A sales order with such values whose fulfillment order has not gone to ShipStation; both ids."""
    part = api.first("/fulfillment-orders", order_status="pending")
    with api.books.transaction() as connection:
        connection.execute(
            update(fulfillment_orders)
            .where(fulfillment_orders.c.id == part["id"])
            .values(destination="ShipStation", pushed_at=None)
        )
        connection.execute(update(sales_orders).where(sales_orders.c.id == part["sales_order_id"]).values(**values))
    return part["sales_order_id"], part["id"]


def test_an_order_goes_out_once_its_values_are_mapped(api: Any) -> None:
    order_id, part_id = held_order(api, carrier_code="Zephyr", service_code="Breeze")
    wanted = {"app_integration_account_id": SHIPSTATION, "sales_order_id": order_id}
    first = api.post(f"{PATH}/create-and-retry", 201, {**MAPPING, **wanted})["data"]
    assert (first["external_value"], first["mapping_group"]) == ("zephyr_air", "shipping")
    assert first["retry"] == {"sales_order_id": order_id, "missing_fields": ["shipping_method"], "pushes": []}
    service = {"field_name": "shipping_method", "luminous_value": "Breeze", "external_value": "ZB"}
    second = api.post(f"{PATH}/create-and-retry", 201, {**service, **wanted})["data"]["retry"]
    assert [(push["fulfillment_order_id"], push["success"]) for push in second["pushes"]] == [(part_id, True)]
    assert api.get(f"/fulfillment-orders/{part_id}")["data"]["order_status"] == "pushed"
    unknown = {**MAPPING, "luminous_value": "B", **wanted, "sales_order_id": 10**9}
    assert list(api.post(f"{PATH}/create-and-retry", 422, unknown)["errors"]) == ["sales_order_id"]
    assert api.post(f"{PATH}/create-and-retry", 201, {**unknown, "sales_order_id": order_id})["data"]["retry"] == {
        "sales_order_id": order_id,
        "missing_fields": [],
        "pushes": [],
    }
    assert api.audit() == []


def test_carriers_are_mapped_by_name_where_the_account_says_so(api: Any) -> None:
    order_id, _ = held_order(api, carrier_code="Estes Express Lines", service_code=None)
    toggle = f"{PATH}/auto-carrier-mapping"
    account = {"app_integration_account_id": SHIPSTATION}
    assert [api.post(toggle, 200, account)["data"]["auto_carrier_mapping"] for _ in range(3)] == [True, False, True]
    assert api.post(toggle, 200, {**account, "enabled": True})["data"]["auto_carrier_mapping"] is True
    assert list(api.post(toggle, 422, {"app_integration_account_id": 999})["errors"]) == ["app_integration_account_id"]
    retry = api.post(f"{PATH}/create-and-retry", 201, {**MAPPING, **account, "sales_order_id": order_id})["data"][
        "retry"
    ]
    assert retry["missing_fields"] == []
    assert api.first(PATH, luminous_value="Estes Express Lines")["external_value"] == "estes"
    assert api.audit() == []


def test_quick_add_maps_the_values_of_recent_orders_to_themselves(api: Any) -> None:
    held_order(api, carrier_code="Zephyr", service_code="Breeze")
    with api.books.transaction() as connection:
        connection.execute(update(sales_orders).values(order_date=api.books.today))
    added = api.post(f"{PATH}/quick-add", 201, {"app_integration_account_id": EXTENSIV})["data"]
    assert {("carrier", "Zephyr"), ("shipping_method", "Breeze")} <= {
        (row["field_name"], row["luminous_value"]) for row in added
    }
    assert all(row["luminous_value"] == row["external_value"] for row in added)
    assert {row["app_integration_account_id"] for row in added} == {EXTENSIV}
    assert api.post(f"{PATH}/quick-add", 201, {"app_integration_account_id": EXTENSIV})["data"] == []
    assert api.post(f"{PATH}/quick-add", 201)["data"]
    assert list(api.post(f"{PATH}/quick-add", 422, {"app_integration_account_id": 999})["errors"]) == [
        "app_integration_account_id"
    ]
    assert api.audit() == []


def test_shipping_methods_come_from_trackstar_alone(reading: Any) -> None:
    offered = reading.get(f"/integration-accounts/{EXTENSIV}/shipping-methods")["data"]
    assert {"UPS_GROUND", "LTL_ESTES"} <= {method["code"] for method in offered}
    assert "TrackStar" in reading.get(f"/integration-accounts/{SHIPSTATION}/shipping-methods", 422)["message"]
    for unknown in ("999", "x", "9" * 30):
        reading.get(f"/integration-accounts/{unknown}/shipping-methods", 404)


def test_an_integration_mapping_that_a_channel_uses_stays(api: Any) -> None:
    used = api.first("/channels", label="Web store")["pullOrderIntegrationMapping"]["integrationMapping"]
    path = f"/integration-mappings/{used['id']}"
    assert "Web store" in api.send("DELETE", path, 409).json()["message"]
    changed = api.post(path, 200, {"fields": {"total": "amount"}})["data"]
    assert (changed["name"], changed["fields"]) == (used["name"], {"total": "amount"})
    channel = api.first("/channels", label="Web store")
    api.send("DELETE", f"/channels/{channel['id']}", 200)
    api.send("DELETE", path, 200)
    api.get(path, 404)
    taken = api.first("/integration-mappings")["name"]
    assert list(api.post("/integration-mappings", 422, {"name": taken})["errors"]) == ["name"]
    assert list(api.post("/integration-mappings", 422, {"name": "A", "type": "song"})["errors"]) == ["type"]
    assert api.audit() == []
