"""Requests on integrations."""

from typing import Any

from tests.server.sandbox.requests import Sent

VALUES = {"field_name": "carrier", "luminous_value": "Zephyr", "external_value": "zephyr_air"}


def _account(api: Any) -> int:
    account: int = api.first("/integration/field-mappings", **{"app_integration_account_id[set]": ""})[
        "app_integration_account_id"
    ]
    return account


def _body(api: Any) -> dict[str, Any]:
    return {
        **VALUES,
        "app_integration_account_id": _account(api),
        "mapping_group": "shipping",
        "is_active": True,
        "priority": 5,
        "notes": "Tried out with one order",
    }


def _mapping(api: Any) -> dict[str, Any]:
    return {"id": api.first("/integration/field-mappings")["id"]}


def _tracked_account(api: Any) -> int:
    """An account of TrackStar: the one stock is pushed to, not the storefront's."""
    channel = api.first("/channels", pullStocksEnabled="true", pushInventoryEnabled="true")
    account: int = channel["pushStocksAppIntegrationAccountId"]
    return account


def list_oms_shipping_methods(api: Any) -> Sent:
    return Sent({"id": _tracked_account(api)})


def list_field_mappings(api: Any) -> Sent:
    return Sent(query={"mapping_group": "shipping", "is_active": "true", "page": 1, "per_page": 20})


def list_field_mapping_names(api: Any) -> Sent:
    return Sent()


def list_field_mapping_groups(api: Any) -> Sent:
    return Sent()


def get_field_mapping(api: Any) -> Sent:
    return Sent(_mapping(api))


def create_field_mapping(api: Any) -> Sent:
    return Sent(body=_body(api))


def create_field_mapping_and_retry(api: Any) -> Sent:
    order = api.first("/sales-orders")["id"]
    return Sent(body={**VALUES, "app_integration_account_id": _account(api), "sales_order_id": order})


def update_field_mapping(api: Any) -> Sent:
    return Sent(_mapping(api), body=_body(api))


def delete_field_mapping(api: Any) -> Sent:
    return Sent(_mapping(api))


def bulk_create_field_mappings(api: Any) -> Sent:
    return Sent(body={"mappings": [_body(api), {**_body(api), "field_name": "packaging", "luminous_value": "Crate"}]})


def bulk_delete_field_mappings(api: Any) -> Sent:
    return Sent(body={"ids": [row["id"] for row in api.get("/integration/field-mappings")["data"]]})


def quick_add_field_mappings(api: Any) -> Sent:
    return Sent(body={"app_integration_account_id": _account(api)})


def suggest_carrier_mapping(api: Any) -> Sent:
    return Sent(body={"carrier": "Fedx Home Delivery"})


def toggle_auto_carrier_mapping(api: Any) -> Sent:
    return Sent(body={"app_integration_account_id": _account(api)})


def list_integration_mappings(api: Any) -> Sent:
    return Sent(query={"page": 1, "per_page": 3})


def get_integration_mapping(api: Any) -> Sent:
    return Sent({"id": api.first("/integration-mappings")["id"]})


def create_integration_mapping(api: Any) -> Sent:
    return Sent(body={"name": "Orders of the fair", "type": "sales_order", "fields": {"total": "amount"}})


def update_integration_mapping(api: Any) -> Sent:
    return Sent({"id": api.first("/integration-mappings")["id"]}, body={"name": "Web orders", "description": "v2"})


def delete_integration_mapping(api: Any) -> Sent:
    made = api.post("/integration-mappings", 201, {"name": "Of no use"})["data"]
    return Sent({"id": made["id"]})
