"""Requests on sales orders, shipments, packages and customer returns."""

from typing import Any

from tests.server.sandbox import selling
from tests.server.sandbox.requests import Sent


def list_sales_orders(api: Any) -> Sent:
    return Sent(query={"order_status[in]": "pending,shipped", "order_date[gte]": "2025-07-01", "sort": "total:desc"})


def get_sales_order(api: Any) -> Sent:
    return Sent({"id": api.first("/sales-orders")["id"]})


def create_sales_order(api: Any) -> Sent:
    lines = [
        {"product_id": 1001, "quantity": 2, "unit_price": 12.5},
        {"sku": "MUG-001", "quantity": 1, "unit_price": 9},
    ]
    return Sent(
        body={
            "channel_id": selling.channel(api),
            "order_number": "T-2001",
            "order_date": "2026-11-20",
            "order_status": "pending",
            "items": lines,
            "customer_username": "clover",
            "customer_po_number": "PO-77",
            "company_id": 150,
            "bill_to": selling.ADDRESS,
            "ship_to": selling.ADDRESS,
            "ship_date": "2026-11-25",
            "hold_until_date": "2026-11-22",
            "ship_by_date": "2026-11-28",
            "total_tax": 3.2,
        }
    )


def update_sales_order(api: Any) -> Sent:
    texts = ("customer_username", "customer_po_number", "requested_shipping_service", "carrier_code", "service_code")
    notes = ("customer_notes", "internal_notes", "gift_message")
    days = ("ship_date", "hold_until_date", "ship_by_date", "earliest_ship_date")
    return Sent(
        {"id": selling.new_order(api, 1001)["id"]},
        body={
            "order_status": "on_hold",
            "customer_email": "dana@clover.example",
            **dict.fromkeys((*texts, *notes), "Rush"),
            **dict.fromkeys(days, "2026-11-25"),
            "bill_to": selling.ADDRESS,
            "ship_to": selling.ADDRESS,
            "gift": True,
            "international_options": [{"contents": "merchandise"}],
            "custom_fields": [None],
            "tags": ["Rush"],
        },
    )


def export_sales_orders(api: Any) -> Sent:
    return Sent(query={"since": "2026-11-01T00:00:00Z", "limit": 20})


def list_sales_order_shipments(api: Any) -> Sent:
    return Sent({"salesOrderId": api.first("/sales-orders", order_status="shipped")["id"]})


def create_sales_order_shipment(api: Any) -> Sent:
    product_id, warehouse_id = selling.on_shelf(api)
    order = selling.new_order(api, product_id)
    return Sent({"salesOrderId": order["id"]}, body=selling.full_shipment(order, warehouse_id))


def create_shipment_packages(api: Any) -> Sent:
    order, sent = selling.shipped(api)
    content = {
        "order_item_id": order["items"][0]["id"],
        "line_item_key": "line-1",
        "sku": order["items"][0]["sku"],
        "internal_sku": order["items"][0]["sku"],
        "upc": "812345678901",
        "quantity": 4,
        "description": "In tissue paper",
        "lot_number": "L-1",
        "serial_number": "S-1",
        "expiration_date": "2027-12-31",
        "weight_lb": 2.5,
    }
    package = {
        "sscc": 123456789012345678,
        "tracking": "PKG-001",
        "package_quantity": 1,
        "package_type": "box",
        "packing_type": "standard",
        "length_in": 12,
        "width_in": 8,
        "height_in": 6,
        "weight_lb": 5,
        "contained_items": [content],
    }
    return Sent({"salesOrderId": order["id"], "shipmentId": sent["id"]}, body={"packages": [package]})


def force_push_shipment_fulfillment(api: Any) -> Sent:
    order, sent = selling.shipped(api)
    body = {"sales_order_item_ids": [order["items"][0]["id"]], "tracking_number": "1Z999", "carrier": "ups"}
    return Sent({"salesOrderId": order["id"], "shipmentId": sent["id"]}, body=body)


def list_customer_returns(api: Any) -> Sent:
    return Sent(query={"page": 1, "per_page": 5})


def get_customer_return(api: Any) -> Sent:
    return Sent({"id": api.first("/returns")["id"]})


def create_customer_return(api: Any) -> Sent:
    order, _ = selling.shipped(api)
    line = {"sales_order_item_id": order["items"][0]["id"], "quantity": 2.5, "uom_id": 1, "location_id": 1, "lot_id": 1}
    return Sent(
        body={
            "sales_order_id": order["id"],
            "items": [line],
            "order_date": "2026-11-20",
            "is_posted": 1,
            "restock": True,
            "transaction_type": "return-and-refund",
        }
    )


def receive_customer_return(api: Any) -> Sent:
    return Sent({"id": selling.new_return(api)["id"]})


def set_customer_return_restock(api: Any) -> Sent:
    return Sent({"id": selling.new_return(api)["id"]}, body={"restock": False})


def delete_customer_return(api: Any) -> Sent:
    return Sent({"id": selling.new_return(api, is_posted=1)["id"]})
