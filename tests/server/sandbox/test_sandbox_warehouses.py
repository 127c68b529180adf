"""Warehouses: opened with a place for goods, closed only when empty; groups and locations."""

from typing import Any


def adjust(api: Any, warehouse: dict[str, Any], quantity: int, sku: str = "MUG-001") -> None:
    place = {"warehouse_id": warehouse["id"], "location_id": warehouse["locations"][0]["id"]}
    api.post("/inventory/adjustments", 201, {"adjustment_entries": [{**place, "sku": sku, "qty_onhand": quantity}]})


def test_one_row_is_enough_to_check_a_key(reading: Any) -> None:
    page = reading.get("/warehouses", per_page=1)
    assert len(page["data"]) == page["meta"]["per_page"] == 1
    assert {"id", "name", "status"} <= page["data"][0].keys()
    reading.send("GET", "/warehouses?per_page=1", 401, headers={"Authorization": "Bearer other"})


def test_a_new_warehouse_can_be_filled_and_is_closed_only_when_empty(api: Any) -> None:
    warehouse = api.post("/warehouses", 201, {"name": "Tacoma Annex", "state": "WA"})["data"]
    assert (warehouse["status"], warehouse["parent_id"]) == ("active", None)
    (location,) = warehouse["locations"]
    shown = api.get(f"/locations/{location['id']}")["data"]
    assert (shown["warehouse_id"], shown["parent_id"], shown["is_pick_location"]) == (
        warehouse["id"],
        warehouse["id"],
        True,
    )
    path = f"/warehouses/{warehouse['id']}"
    adjust(api, warehouse, 6)
    assert "stock" in api.send("DELETE", path, 409).json()["message"]
    adjust(api, warehouse, 0)
    order = {"date": "2026-11-20", "arrival_date": "2026-11-22", "status": "pending"}
    ends = {"source_warehouse_id": 1, "destination_warehouse_id": warehouse["id"]}
    other = api.post("/warehouses", 201, {"name": "Fargo Depot"})["data"]
    items = [{"product_id": api.first("/products")["id"], "quantity": 1}]
    api.post("/transfer-orders", 201, {**order, **ends, "items": items})
    assert "open transfer orders" in api.send("DELETE", path, 409).json()["message"]
    api.send("DELETE", f"/warehouses/{other['id']}", 200)
    for method in ("GET", "PUT", "DELETE"):
        api.send(method, f"/warehouses/{other['id']}", 404)
    assert other["id"] not in {row["id"] for row in api.all("/warehouses")}
    api.send("GET", f"/locations/{other['locations'][0]['id']}", 404)
    gone = {"warehouse_id": other["id"], "location_id": other["locations"][0]["id"], "sku": "MUG-001", "qty_onhand": 1}
    errors = api.post("/inventory/adjustments", 422, {"adjustment_entries": [gone]})["errors"]
    assert list(errors) == ["adjustment_entries.0.warehouse_id"]
    assert api.audit() == []


def test_updates_are_partial_and_computed_fields_are_refused(api: Any) -> None:
    before = api.get("/warehouses/1")["data"]
    after = api.put("/warehouses/1", 200, {"status": "inactive", "phone": None})["data"]
    assert after == {**before, "status": "inactive", "phone": None, "updated_at": after["updated_at"]}
    body = {"name": "", "status": "asleep", "email": "nobody", "created_at": "x"}
    assert set(api.put("/warehouses/1", 422, body)["errors"]) == set(body)
    assert list(api.post("/warehouses", 422, {})["errors"]) == ["name"]


def test_groups_hold_live_warehouses_and_replace_them_when_sent(api: Any) -> None:
    spare = api.post("/warehouses", 201, {"name": "Fargo Depot"})["data"]["id"]
    group = api.post("/warehouse-groups", 201, {"name": "Coast", "warehouse_ids": [2, spare, 2]})["data"]
    path = f"/warehouse-groups/{group['id']}"
    assert [row["id"] for row in group["warehouses"]] == [2, spare]
    renamed = api.put(path, 200, {"name": "Coasts"})["data"]
    assert (renamed["name"], renamed["warehouses"]) == ("Coasts", group["warehouses"])
    assert list(api.put(path, 422, {"warehouse_ids": [2, 99]})["errors"]) == ["warehouse_ids.1"]
    api.send("DELETE", f"/warehouses/{spare}", 200)
    assert [row["id"] for row in api.get(path)["data"]["warehouses"]] == [2]
    assert api.put(path, 200, {"warehouse_ids": []})["data"]["warehouses"] == []
    api.send("DELETE", path, 200)
    api.send("GET", path, 404)
    assert api.audit() == []


def test_a_group_that_serves_a_channel_stays(api: Any) -> None:
    served = {channel["warehouseGroupId"] for channel in api.all("/channels")} - {None}
    assert served
    for group_id in served:
        assert "channel" in api.send("DELETE", f"/warehouse-groups/{group_id}", 409).json()["message"]


def test_locations_are_found_by_warehouse_and_kind(reading: Any) -> None:
    docks = reading.all("/locations", is_pick_location="false", sort="name:desc")
    assert [dock["name"] for dock in docks] == ["RNO-Receiving", "CMH-Receiving", "CHS-Receiving", "AUS-Receiving"]
    assert {row["warehouse_id"] for row in reading.all("/locations", parent_id=2)} == {2}
    reading.get("/locations", 422, shelf="A")
    for unknown in ("0", "99999", "x", "9" * 40):
        reading.send("GET", f"/locations/{unknown}", 404)
