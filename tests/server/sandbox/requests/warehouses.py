"""Requests on warehouses, their groups and locations."""

from typing import Any

from tests.server.sandbox.requests import Sent


def _opened(api: Any) -> Any:
    """The id of a warehouse with nothing in it."""
    return api.post("/warehouses", 201, {"name": "Tacoma Annex"})["data"]["id"]


def list_warehouses(api: Any) -> Sent:
    return Sent(query={"per_page": 1, "status": "active"})


def get_warehouse(api: Any) -> Sent:
    return Sent({"id": api.first("/warehouses")["id"]})


def create_warehouse(api: Any) -> Sent:
    return Sent(body={"name": "Tacoma Annex", "code": "TIW", "city": "Tacoma", "state": "WA"})


def update_warehouse(api: Any) -> Sent:
    return Sent({"id": api.first("/warehouses")["id"]}, body={"status": "inactive"})


def delete_warehouse(api: Any) -> Sent:
    return Sent({"id": _opened(api)})


def list_warehouse_groups(api: Any) -> Sent:
    return Sent(query={"name[contains]": "West"})


def get_warehouse_group(api: Any) -> Sent:
    return Sent({"id": api.first("/warehouse-groups")["id"]})


def create_warehouse_group(api: Any) -> Sent:
    ids = [warehouse["id"] for warehouse in api.all("/warehouses")]
    return Sent(body={"name": "Coast", "description": "Both of them", "warehouse_ids": ids[:2]})


def update_warehouse_group(api: Any) -> Sent:
    return Sent({"id": api.first("/warehouse-groups")["id"]}, body={"warehouse_ids": []})


def delete_warehouse_group(api: Any) -> Sent:
    return Sent({"id": api.post("/warehouse-groups", 201, {"name": "Coast"})["data"]["id"]})


def list_locations(api: Any) -> Sent:
    return Sent(query={"is_pick_location": "true", "sort": "name:desc"})


def get_location(api: Any) -> Sent:
    return Sent({"id": api.first("/locations")["id"]})
