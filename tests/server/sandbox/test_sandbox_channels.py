"""Channels: what each kind needs, locked ones, and the SKUs they sell under."""

from typing import Any

import pytest

from tests.server.sandbox.requests.channels import create_channel

LABELS = [
    "Web store",
    "Amazon US",
    "Wholesale desk",
    "Austin showroom till",
    "Hollow Oak Stores",
    "Trade fairs 2025",
    "ShipStation parcels",
    "Extensiv overflow",
    "Supplier dropship",
    "Marketplace, fulfilled by 3PL",
]


def channel_of(api: Any, label: str) -> dict[str, Any]:
    channel: dict[str, Any] = api.first("/channels", label=label)
    return channel


def test_a_channel_shows_what_it_was_made_with(api: Any) -> None:
    sent = create_channel(api).body
    channel = api.post("/channels", 201, sent)["data"]
    same = ("channelType", "label", "warehouseGroupId", "pullOrdersFromOms", "isDropship", "dropshipSupplierId")
    assert {name: channel[name] for name in same} == {name: sent[name] for name in same}
    assert channel["warehouseGroup"]["id"] == sent["warehouseGroupId"]
    assert (channel["apiLocked"], channel["enabled"], channel["pushInventoryEnabled"]) == (False, True, True)
    assert channel["createdAt"] == channel["updatedAt"] == 1795253400
    assert [tag["id"] for tag in channel["tags"]] == sent["tagIds"]
    pulled = channel["pullOrderIntegrationMapping"]
    assert (pulled["omsStoreId"], pulled["options"]) == ("44871", {"since": "2026-11-01"})
    assert [link["purpose"] for link in channel["channelIntegrationMapping"]] == [
        "pullOrder",
        "pushOrder",
        "pushStock",
        "pushCost",
    ]
    assert api.get(f"/channels/{channel['id']}")["data"] == channel
    legacy = api.post("/channels/sales", 201, {"label": "Old way", "warehouseGroupId": sent["warehouseGroupId"]})
    assert legacy["data"]["channelType"] == "sales_channel"
    assert api.audit() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channelType": "shop"}, "channelType"),
        ({"label": "  web STORE "}, "label"),
        ({"warehouseGroupId": 999}, "warehouseGroupId"),
        ({"warehouseGroupId": None}, "warehouseGroupId"),
        ({"tagIds": [1, 999]}, "tagIds.1"),
        ({"channelType": "sales_channel"}, "pushOrdersToOms"),
        ({"pullOrderAppIntegrationAccountId": None}, "pullOrderAppIntegrationAccountId"),
        ({"pullOrderAppIntegrationAccountId": 4, "pullOrderOmsStoreId": None}, "pullOrderOmsStoreId"),
        ({"pushOrderAppIntegrationAccountId": 999}, "pushOrderAppIntegrationAccountId"),
        ({"pushStocksAppIntegrationAccountId": None}, "pushStocksAppIntegrationAccountId"),
        ({"dropshipSupplierId": 999}, "dropshipSupplierId"),
        ({"created_at": 1}, "created_at"),
        ({"integrationProducts": [{"channelSku": "A"}]}, "integrationProducts.0.luminousSku"),
    ],
)
def test_a_channel_that_cannot_be_names_its_field(api: Any, change: dict[str, Any], field: str) -> None:
    before = api.books.fingerprint()
    assert list(api.post("/channels", 422, {**create_channel(api).body, **change})["errors"]) == [field]
    assert api.books.fingerprint() == before


def test_only_untracked_dropship_does_without_a_warehouse_group(api: Any) -> None:
    body = {"channelType": "fulfillment_channel", "label": "Factory", "isDropship": True}
    assert list(api.post("/channels", 422, body)["errors"]) == ["warehouseGroupId"]
    untracked = {**body, "dropshipInventoryNotTracked": True}
    channel = api.post("/channels", 201, untracked)["data"]
    assert list(api.post("/channels", 422, {**untracked, "channelType": "sales_channel", "label": "B"})["errors"]) == [
        "warehouseGroupId"
    ]
    tracked = {"dropshipInventoryNotTracked": False}
    assert list(api.put(f"/channels/{channel['id']}", 422, tracked)["errors"]) == ["warehouseGroupId"]
    assert api.audit() == []


def test_an_update_keeps_what_is_absent_and_never_changes_the_type(api: Any) -> None:
    before = channel_of(api, "Web store")
    path = f"/channels/{before['id']}"
    after = api.put(path, body={"description": "New", "tagIds": []})["data"]
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"description", "tags", "updatedAt", "updated_at"}
    assert (after["description"], after["tags"]) == ("New", [])
    for body in ({"channelType": "fulfillment_channel"}, {"channelType": None}):
        assert list(api.put(path, 422, body)["errors"]) == ["channelType"]
    assert list(api.put(path, 422, {"pullOrderAppIntegrationAccountId": None})["errors"]) == [
        "pullOrderAppIntegrationAccountId"
    ]


def test_a_locked_channel_is_left_alone(api: Any) -> None:
    channel = channel_of(api, "Web store")
    path = f"/channels/{channel['id']}"
    said = api.send("PATCH", f"{path}/lock", 422, json={"apiLocked": False}).json()
    assert "in the app only" in said["errors"]["apiLocked"][0]
    assert api.send("PATCH", f"{path}/lock", 200, json={"apiLocked": True}).json()["data"]["apiLocked"] is True
    locked = api.books.fingerprint()
    api.send("PATCH", f"{path}/lock", 200, json={"apiLocked": True})
    for method, suffix in (("PUT", ""), ("DELETE", ""), ("POST", "/integration-products")):
        refused = api.send(method, path + suffix, 403, json={"label": 5, "channelType": "x"}).json()
        assert "locked" in refused["message"]
    assert api.get(path)["data"]["label"] == "Web store"
    assert api.books.fingerprint() == locked


def test_a_deleted_channel_is_gone_and_its_label_free(api: Any) -> None:
    channel = channel_of(api, "Wholesale desk")
    path = f"/channels/{channel['id']}"
    assert [row["label"] for row in api.all("/channels")] == LABELS
    api.send("DELETE", path, 200)
    for method in ("GET", "PUT", "DELETE"):
        api.send(method, path, 404)
    assert channel["id"] not in [row["id"] for row in api.all("/channels")]
    body = {"label": "Wholesale desk", "warehouseGroupId": channel["warehouseGroupId"]}
    assert api.post("/channels/sales", 201, body)["data"]["id"] != channel["id"]
    assert api.audit() == []


def test_channel_skus_are_synchronised_all_or_none(api: Any) -> None:
    path = f"/channels/{channel_of(api, 'Wholesale desk')['id']}/integration-products"

    def sync(*items: dict[str, Any], status: int = 200) -> Any:
        return api.post(path, status, {"items": list(items)})

    mug = {"channelSku": "W-1", "luminousSku": "MUG-001"}
    towel = {"channelSku": "W-2", "productId": 1007}
    assert [row["outcome"] for row in sync(mug, towel)["data"]] == ["created", "created"]
    moved = sync({**mug, "luminousSku": "MUG-002"}, towel, {"channelSku": "W-3", "productId": 1001})["data"]
    assert [row["outcome"] for row in moved] == ["updated", "unchanged", "created"]
    gone = {"channelSku": "W-1", "delete": True}
    assert sync(gone)["data"] == [{"channelSku": "W-1", "luminousSku": None, "productId": None, "outcome": "deleted"}]
    wrong = sync(towel, {"channelSku": "W-9", "productId": 5}, towel, gone, {"channelSku": "W-8"}, status=422)
    assert list(wrong["errors"]) == [
        "items.1.productId",
        "items.2.channelSku",
        "items.3.channelSku",
        "items.4.luminousSku",
    ]
    sync(*({"channelSku": str(number), "productId": 1001} for number in range(501)), status=422)
    ships = channel_of(api, "Extensiv overflow")["id"]
    assert list(api.post(f"/channels/{ships}/integration-products", 422, {"items": [mug]})["errors"]) == ["items"]
    assert api.audit() == []


def test_channels_are_found_by_what_they_show(reading: Any) -> None:
    everything = reading.all("/channels")
    for field in ("channelType", "apiLocked", "enabled", "storeType", "createdAt", "pushInventoryEnabled"):
        value = everything[0][field]
        spelled = str(value).lower() if isinstance(value, bool) else value
        expected = [row["id"] for row in everything if row[field] == value]
        assert [row["id"] for row in reading.all("/channels", **{field: spelled})] == expected
    newest = max(row["createdAt"] for row in everything)
    assert reading.first("/channels", sort="createdAt:desc")["createdAt"] == newest
    reading.get("/channels", 422, label="x", colour="blue")
