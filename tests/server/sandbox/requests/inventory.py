"""Requests on stock, adjustments and transfer orders."""

from typing import Any

from tests.server.sandbox.requests import Sent

JUNE = {"start_date": "2026-06-01 00:00:00", "end_date": "2026-06-30 23:59:59"}


def list_inventory_stock(api: Any) -> Sent:
    return Sent(query={"sort": "product.id:asc", "qty_onhand[gt]": 0, "discontinued": 0, "warehouse_ids": "1,2"})


def get_stock_snapshot(api: Any) -> Sent:
    return Sent(query={**JUNE, "warehouse_id": 1, "per_page": 100})


def adjust_inventory_stock(api: Any) -> Sent:
    shelf = api.first("/inventory/stocks", **{"qty_onhand[gt]": 0})
    place = shelf["location_stocks"][0]
    entry = {
        "warehouse_id": place["warehouse"]["id"],
        "location_id": place["location"]["id"],
        "qty_onhand": 12.5,
        "product_id": int(shelf["id"]),
        "sku": shelf["sku"],
    }
    return Sent(body={"adjustment_entries": [entry], "remarks": "Cycle count"})


def get_inventory_aging(api: Any) -> Sent:
    return Sent(query={"as_of_date": "2026-06-30", "sort": "sku:asc"})


def export_inventory_aging(api: Any) -> Sent:
    return Sent(query={"export": "excel"})


def get_consumption_report(api: Any) -> Sent:
    return Sent(query={"group": "product", "date[gte]": "2026-06-01", "sort": "quantity:desc"})


def export_consumption_report(api: Any) -> Sent:
    return Sent(query={"export": "csv", "group": "month"})


def list_transfer_orders(api: Any) -> Sent:
    return Sent(query={"status": "completed", "sort": "date:desc"})


def get_transfer_order(api: Any) -> Sent:
    return Sent({"id": api.first("/transfer-orders")["id"]})


def create_transfer_order(api: Any) -> Sent:
    stock = api.first("/inventory/stocks", warehouse_ids="1", **{"qty_onhand[gte]": 5})
    item = {"product_id": int(stock["id"]), "quantity": 2.5, "ordered_uom_id": 1}
    body = {
        "date": "2026-11-19",
        "arrival_date": "2026-11-25",
        "source_warehouse_id": 1,
        "destination_warehouse_id": 2,
        "status": "in_transit",
        "items": [item],
        "items_cost": 40,
        "shipping_cost": 12.5,
        "shipping_method": "Own truck",
    }
    return Sent(body=body)
