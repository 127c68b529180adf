"""Requests on channels."""

from typing import Any

from tests.server.sandbox.requests import Sent

UNLOCKED = {"apiLocked": "false"}
ITEM = {"channelSku": "WEB-MUG", "luminousSku": "MUG-001", "delete": False}


def _channel(api: Any, **query: Any) -> dict[str, Any]:
    return {"channelId": api.first("/channels", **{**UNLOCKED, **query})["id"]}


def _group(api: Any) -> int:
    group: int = api.first("/channels", **{"warehouseGroupId[set]": ""})["warehouseGroupId"]
    return group


def list_channels(api: Any) -> Sent:
    return Sent(query={"channelType": "sales_channel", "page": 1, "per_page": 5, "sort": "label:asc"})


def get_channel(api: Any) -> Sent:
    return Sent(_channel(api))


def create_channel(api: Any) -> Sent:
    account = api.first("/channels", pushInventoryEnabled="true")["pushStocksAppIntegrationAccountId"]
    body = {
        "channelType": "end_to_end_channel",
        "label": "Pop-up store",
        "description": "Two months in Omaha",
        "warehouseGroupId": _group(api),
        "isCustomerSpecific": False,
        "tagIds": [1],
        "pullOrdersFromOms": True,
        "pullOrderAppIntegrationAccountId": account,
        "pullOrderOmsStoreId": "44871",
        "pullOrdersFromOmsOptions": {"since": "2026-11-01"},
        "pushOrdersToOms": True,
        "pushOrderAppIntegrationAccountId": account,
        "pushOrderOmsStoreId": "44871",
        "pushStocksToOms": True,
        "pushStocksAppIntegrationAccountId": account,
        "pushCostsToOms": True,
        "isDropship": True,
        "dropshipSupplierId": api.first("/suppliers")["id"],
        "dropshipInventoryNotTracked": False,
        "integrationProducts": [ITEM],
    }
    return Sent(body=body)


def create_sales_channel_legacy(api: Any) -> Sent:
    account = api.first("/channels", pushInventoryEnabled="true")["pushStocksAppIntegrationAccountId"]
    body = {
        "label": "Pop-up store",
        "description": "Two months in Omaha",
        "warehouseGroupId": _group(api),
        "isCustomerSpecific": True,
        "pullOrdersFromOms": True,
        "pullOrderAppIntegrationAccountId": account,
        "pullOrderOmsStoreId": "44871",
        "tagIds": [2],
    }
    return Sent(body=body)


def update_channel(api: Any) -> Sent:
    body: dict[str, Any] = {
        "label": "Renamed",
        "description": None,
        "warehouseGroupId": _group(api),
        "isCustomerSpecific": True,
        "tagIds": [1, 2],
        "pullOrdersFromOms": False,
        "pullOrderAppIntegrationAccountId": None,
        "pullOrderOmsStoreId": "1",
        "pullOrdersFromOmsOptions": {},
        "pushOrdersToOms": False,
        "pushOrderAppIntegrationAccountId": None,
        "pushOrderOmsStoreId": None,
        "pushStocksToOms": False,
        "pushStocksAppIntegrationAccountId": None,
        "pushCostsToOms": False,
        "isDropship": False,
        "dropshipSupplierId": None,
        "dropshipInventoryNotTracked": False,
    }
    return Sent(_channel(api), body=body)


def delete_channel(api: Any) -> Sent:
    return Sent(_channel(api))


def lock_channel(api: Any) -> Sent:
    return Sent(_channel(api), body={"apiLocked": True})


def sync_channel_products(api: Any) -> Sent:
    return Sent(_channel(api, channelType="sales_channel"), body={"items": [ITEM]})
