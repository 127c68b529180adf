"""Requests on bills, their payments, allocations and attachments."""

import base64
from typing import Any

from tests.server.sandbox.requests import Sent

CSV = "vendor,bill_number,bill_date,description,quantity,unit_cost\nAcme Components Inc,A-1,2026-11-02,Bolts,10,1.25\n"


def _vendor(api: Any) -> int:
    found: int = api.first("/bills")["vendor_id"]
    return found


def _fields(api: Any) -> dict[str, Any]:
    line = {"type": "other", "description": "Pallets", "quantity": 2, "unit_cost": 50}
    dates = {"bill_date": "2026-11-02", "due_date": "2026-12-02", "payment_term": "Net 30"}
    more = {"currency": "USD", "notes": "By mail", "tax_amount": 4.5}
    return {"vendor_id": _vendor(api), "bill_number": "R-1", **dates, **more, "items": [line]}


def _draft(api: Any) -> dict[str, Any]:
    return {"billId": api.post("/bills", 201, _fields(api))["data"]["id"]}


def _posted(api: Any) -> dict[str, Any]:
    bill = _draft(api)
    api.post(f"/bills/{bill['billId']}/post")
    return bill


def _paid(api: Any) -> dict[str, Any]:
    bill = _posted(api)
    body = {"amount": 20, "payment_date": "2026-11-05", "payment_type": "check"}
    return {**bill, "paymentId": api.post(f"/bills/{bill['billId']}/payments", 201, body)["data"]["id"]}


def _attachment(api: Any) -> dict[str, Any]:
    bill = _draft(api)
    made = api.post(f"/bills/{bill['billId']}/attachments", 201, _file())["data"]
    return {**bill, "attachmentId": made["id"]}


def _file() -> dict[str, str]:
    content = base64.b64encode(b"Two pallets").decode()
    return {"file_name": "note.txt", "content_type": "text/plain", "content_base64": content}


def _ordered(api: Any) -> dict[str, Any]:
    """A bill of a purchase order of which nothing is allocated, with lines of the order and freight."""
    for row in api.all("/bills/allocation-inbox", **{"purchase_order_id[set]": "", "status": "posted"}):
        bill: dict[str, Any] = api.get(f"/bills/{row['id']}")["data"]
        if not bill["allocations"] and any(item["type"] == "product" for item in bill["items"]):
            return bill
    raise AssertionError("no such bill in the books")


def _item(api: Any, type_: str) -> dict[str, Any]:
    bill = _ordered(api)
    item = next(item for item in bill["items"] if item["type"] == type_)
    return {"billId": bill["id"], "billItemId": item["id"]}


def _allocation(api: Any) -> Sent:
    bill = _ordered(api)
    item = next(item for item in bill["items"] if item["type"] == "product")
    ids = {"bill_item_id": item["id"], "purchase_order_item_id": item["purchase_order_item_id"]}
    return Sent({"billId": bill["id"]}, body={**ids, "amount": item["line_total"]})


def list_bills(api: Any) -> Sent:
    return Sent(query={"status": "posted", "total[gte]": 10, "sort": "due_date:asc", "page": 1, "per_page": 5})


def get_bill(api: Any) -> Sent:
    return Sent({"billId": _ordered(api)["id"]})


def create_bill(api: Any) -> Sent:
    return Sent(body=_fields(api))


def update_bill(api: Any) -> Sent:
    return Sent(_draft(api), body={**_fields(api), "bill_number": "R-2"})


def list_bills_by_vendor(api: Any) -> Sent:
    return Sent({"vendorId": _vendor(api)})


def list_bills_by_purchase_order(api: Any) -> Sent:
    return Sent({"purchaseOrderId": _ordered(api)["purchase_order_id"]})


def check_duplicate_bill(api: Any) -> Sent:
    bill = api.first("/bills")
    return Sent(query={"vendor_id": bill["vendor_id"], "bill_number": bill["bill_number"]})


def calculate_bill_due_date(api: Any) -> Sent:
    return Sent(body={"vendor_id": _vendor(api), "bill_date": "2026-11-02"})


def get_bills_aging(api: Any) -> Sent:
    return Sent(query={"as_of_date": "2026-11-20", "vendor_id": _vendor(api)})


def get_bills_summary(api: Any) -> Sent:
    return Sent()


def post_bill(api: Any) -> Sent:
    return Sent(_draft(api))


def hold_bill(api: Any) -> Sent:
    return Sent(_posted(api))


def unhold_bill(api: Any) -> Sent:
    bill = _posted(api)
    api.post(f"/bills/{bill['billId']}/hold")
    return Sent(bill)


def reopen_bill(api: Any) -> Sent:
    return Sent(_posted(api))


def update_bill_status(api: Any) -> Sent:
    return Sent(_draft(api), body={"status": "posted"})


def record_bill_payment(api: Any) -> Sent:
    body = {"amount": 20, "payment_date": "2026-11-05", "payment_type": "check"}
    return Sent(_posted(api), body={**body, "reference": "4711", "remarks": "First half"})


def void_bill_payment(api: Any) -> Sent:
    return Sent(_paid(api))


def delete_bill_payment(api: Any) -> Sent:
    return Sent(_paid(api))


def get_bills_allocation_inbox(api: Any) -> Sent:
    return Sent()


def list_bill_allocations(api: Any) -> Sent:
    return Sent({"billId": api.first("/bills", **{"purchase_order_id[set]": ""})["id"]})


def create_bill_allocation(api: Any) -> Sent:
    return _allocation(api)


def delete_bill_allocation(api: Any) -> Sent:
    sent = _allocation(api)
    made = api.post(f"/bills/{sent.path['billId']}/allocations", 201, sent.body)["data"]
    return Sent({**sent.path, "allocationId": made["id"]})


def auto_allocate_bill(api: Any) -> Sent:
    return Sent({"billId": _ordered(api)["id"]})


def prorate_bill_item_allocation(api: Any) -> Sent:
    return Sent(_item(api, "product"), body={})


def suggest_bill_item_allocations(api: Any) -> Sent:
    return Sent(_item(api, "product"), body={"limit": 3})


def list_bill_item_eligible_lines(api: Any) -> Sent:
    return Sent(_item(api, "product"))


def list_bill_billable_lines(api: Any) -> Sent:
    for row in api.all("/bills", **{"purchase_order_id[set]": ""}):
        if api.get(f"/bills/{row['id']}/billable-lines")["data"]:
            return Sent({"billId": row["id"]})
    raise AssertionError("no bill of an order with more to bill")


def list_bill_candidate_lines(api: Any) -> Sent:
    return Sent({"billId": _ordered(api)["id"]})


def list_shipment_billable_lines(api: Any) -> Sent:
    return Sent({"shipmentId": _shipment(api)})


def prefill_bill_from_shipments(api: Any) -> Sent:
    return Sent(query={"shipment_ids": str(_shipment(api))})


def _shipment(api: Any) -> int:
    for number in range(3001, 3400):
        response = api.try_send("GET", f"/shipments/{number}/billable-lines")
        if response.status_code == 200 and response.json()["data"]:
            return number
    raise AssertionError("no shipment with lines to bill")


def get_bill_variance(api: Any) -> Sent:
    return Sent({"billId": _ordered(api)["id"]})


def resolve_bill_variance(api: Any) -> Sent:
    for row in api.all("/bills", **{"purchase_order_id[set]": "", "status": "posted"}):
        variance = api.get(f"/bills/{row['id']}/variance")["data"]
        if not variance["resolved"]:
            return Sent({"billId": row["id"]}, body={"method": "accept", "note": "Agreed by phone"})
    raise AssertionError("no bill with an open variance")


def upload_bill_attachment(api: Any) -> Sent:
    return Sent(_draft(api), body=_file())


def download_bill_attachment(api: Any) -> Sent:
    return Sent(_attachment(api))


def delete_bill_attachment(api: Any) -> Sent:
    return Sent(_attachment(api))


def parse_bill_import(api: Any) -> Sent:
    return Sent(body={"content": CSV})
