"""Requests on fulfillment orders and labels."""

from typing import Any

from tests.server.sandbox import selling
from tests.server.sandbox.requests import Sent


def list_fulfillment_orders(api: Any) -> Sent:
    return Sent(query={"order_status[in]": "pending,shipped", "sort": "total:desc", "page": 1, "per_page": 5})


def get_fulfillment_order(api: Any) -> Sent:
    return Sent({"id": api.first("/fulfillment-orders")["id"]})


def push_fulfillment_order(api: Any) -> Sent:
    return Sent({"id": selling.waiting_part(api)["id"]}, body={"debug": True})


def unpush_fulfillment_order(api: Any) -> Sent:
    part = selling.waiting_part(api, destination="ShipStation")
    api.post(f"/fulfillment-orders/{part['id']}/push")
    return Sent({"id": part["id"]}, body={"debug": False})


def create_fulfillment_shipment(api: Any) -> Sent:
    part, order = selling.shippable_part(api)
    return Sent({"id": part["id"]}, body=selling.full_shipment(order, selling.WAREHOUSE))


def remove_fulfillment_order_line(api: Any) -> Sent:
    part = selling.waiting_part(api)
    line = part["fulfillment_order_items"][0]["sales_order_item_id"]
    return Sent({"id": part["id"]}, body={"sales_order_item_id": line, "allow_pushed": False})


def render_zpl_label(api: Any) -> Sent:
    source = "^XA^FO50,40^A0N,40^FDClover Mercantile^FS^FO50,120^GB700,3,3^FS^FO50,160^BY3^BCN,120^FDSO-30100^FS^XZ"
    return Sent(body={"zpl": source, "dpmm": "8dpmm", "width": 4, "height": 3, "format": "png", "index": 0})
