"""Requests on purchase orders, their payments and shipments, and the receipt of their goods."""

from typing import Any

from tests.server.sandbox.requests import Sent

LIST = "/purchase-orders"


def list_purchase_orders(api: Any) -> Sent:
    return Sent(query={"order_status": "active", "total_qty_remaining[gt]": 0, "sort": "order_date:desc"})


def get_purchase_order(api: Any) -> Sent:
    return Sent({"id": _paid(api)["id"]})


def list_purchase_order_items(api: Any) -> Sent:
    return Sent(query={"purchase_order_id": api.first(LIST)["id"]})


def create_purchase_order(api: Any) -> Sent:
    line = api.first("/purchase-orders/items")
    by_sku = {"sku": line["product"]["sku"], "quantity": 3, "unit_price": 2.5}
    return Sent(
        body={
            "order_date": "2026-11-19",
            "supplier_id": api.first("/suppliers")["id"],
            "items": [{"product_id": line["product"]["id"], "quantity": 12, "unit_price": 4.25}, by_sku],
            **_place(api),
            "order_status": "active",
            "order_numbers": ["WEB-1", "EDI-1"],
            **_fields(),
            "payments": [{"payment_date": "2026-11-19", "payment_type": "cash", "paid_amount": 5}],
        }
    )


def update_purchase_order(api: Any) -> Sent:
    order = api.get(LIST, total_qty_received=0)["data"][0]
    lines = [
        {"id": line["id"], "product_id": line["product"]["id"], "sku": line["product"]["sku"], "quantity": 24}
        for line in order["items"]
    ]
    return Sent(
        {"id": order["id"]},
        body={
            "order_date": order["order_date"],
            "supplier_id": order["supplier_id"],
            "items": [{**line, "unit_price": 9.5} for line in lines],
            **_place(api),
            "order_status": "active",
            "order_numbers": [*order["order_numbers"], "EDI-2"],
            **_fields(),
            "payments": [{"payment_date": "2026-11-19", "payment_type": "check", "paid_amount": 10}],
        },
    )


def delete_purchase_order(api: Any) -> Sent:
    return Sent({"id": api.first(LIST, total_qty_received=0)["id"]})


def list_purchase_order_billable_lines(api: Any) -> Sent:
    unbilled = api.all(LIST, **{"total_qty_received[gt]": 0, "sort": "id:desc"})
    for order in unbilled:
        if api.get(f"{LIST}/{order['id']}/billable-lines")["data"]:
            return Sent({"purchaseOrderId": order["id"]})
    raise LookupError("everything is billed")


def record_purchase_order_payment(api: Any) -> Sent:
    payment = {"payment_date": "2026-11-20", "payment_type": "bank_transfer", "paid_amount": 1.5, "remarks": "Part"}
    return Sent({"purchaseOrderId": _unpaid(api)["id"]}, body=payment)


def update_purchase_order_payment(api: Any) -> Sent:
    order = _paid(api)
    payment = {"payment_date": "2026-11-20", "payment_type": "cash", "paid_amount": 1.5, "remarks": "Less"}
    return Sent({"purchaseOrderId": order["id"], "paymentId": order["payments"][0]["id"]}, body=payment)


def delete_purchase_order_payment(api: Any) -> Sent:
    order = _paid(api)
    return Sent({"purchaseOrderId": order["id"], "paymentId": order["payments"][0]["id"]})


def list_purchase_order_payment_obligations(api: Any) -> Sent:
    order = _new(api)
    api.post(f"{LIST}/{order['id']}/payment-obligations/generate", 201, {})
    return Sent({"purchaseOrderId": order["id"]})


def create_purchase_order_payment_obligation(api: Any) -> Sent:
    body = {"amount": 12.5, "due_date": "2026-12-01", "kind": "deposit", "notes": "Before they start"}
    return Sent({"purchaseOrderId": _new(api)["id"]}, body=body)


def generate_purchase_order_payment_obligations(api: Any) -> Sent:
    return Sent({"purchaseOrderId": _new(api)["id"]}, body={})


def list_purchase_order_shipments(api: Any) -> Sent:
    return Sent(query={"updated_at[gt]": "2026-01-01 00:00:00"})


def get_purchase_order_shipment(api: Any) -> Sent:
    return Sent({"id": api.first("/purchase-order-shipments")["id"]})


def list_shipments_by_purchase_order(api: Any) -> Sent:
    return Sent({"purchaseOrderId": _shipped(api)["supplier_purchase_order_id"]})


def get_shipment_by_purchase_order(api: Any) -> Sent:
    line = _shipped(api)
    shipment_id = line["supplier_purchase_order_shipment_id"]
    return Sent({"purchaseOrderId": line["supplier_purchase_order_id"], "shipmentId": shipment_id})


def list_inbound_shipments(api: Any) -> Sent:
    return Sent(query={"updated_at[gt]": "2026-01-01 00:00:00", "sort": "arrival_date:asc"})


def get_inbound_shipment(api: Any) -> Sent:
    return Sent({"id": api.first("/inbound-shipments")["id"]})


def list_receiving_reports(api: Any) -> Sent:
    return Sent(query={"status": "received", "sort": "received_date:desc"})


def get_receiving_report(api: Any) -> Sent:
    return Sent({"id": api.first("/receiving-reports")["id"]})


def create_receiving_report(api: Any) -> Sent:
    order = api.first(LIST, total_qty_received=0, order_status="active")
    items = [
        {"purchase_order_id": order["id"], "purchase_order_item_id": line["id"], "quantity": line["quantity"]}
        for line in order["items"]
    ]
    return Sent(body={"received_date": "2026-11-20", "tracking_number": "PRO1", "items": items})


def list_receiving_report_billable_lines(api: Any) -> Sent:
    order = _new(api)
    items = [{"purchase_order_item_id": order["items"][0]["id"], "quantity": 1}]
    return Sent({"id": api.post("/receiving-reports", 201, {"items": items})["data"]["id"]})


def _fields() -> dict[str, Any]:
    return {
        "invoice_date": "2026-11-20",
        "total_shipping_cost": 40,
        "total_tax": 8.15,
        "public_note": "Mind the corners",
        "private_note": "Cheaper than last time",
        "requested_ship_date": "2026-11-30",
        "arrival_due_date": "2026-12-10",
    }


def _place(api: Any) -> dict[str, Any]:
    return {"warehouse_id": api.first("/warehouses")["id"]}


def _new(api: Any) -> Any:
    line = api.first("/purchase-orders/items")
    items = [{"product_id": line["product"]["id"], "quantity": 10, "unit_price": 10}]
    body = {"order_date": "2026-11-19", "supplier_id": api.first("/suppliers")["id"], "items": items}
    return api.post(LIST, 201, body)["data"]


def _paid(api: Any) -> Any:
    return api.first(LIST, **{"total_paid[gt]": 0})


def _unpaid(api: Any) -> Any:
    return api.first(LIST, total_paid=0)


def _shipped(api: Any) -> Any:
    return api.first("/purchase-order-shipments")["shipment_items"][0]
