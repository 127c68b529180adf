"""Requests on vendor credits, returns to vendors and statements."""

from typing import Any

from tests.server.sandbox.requests import Sent


def _open_bill(api: Any) -> Any:
    """A bill that something can be applied to."""
    return api.first("/bills", **{"status": "posted", "total_due[gt]": "50"})


def _new_credit(api: Any, bill: Any) -> Any:
    body = {"vendor_id": bill["vendor_id"], "amount": "40.00", "currency": bill["currency"]}
    return api.post("/vendor-credits", 201, body)["data"]


def _application(api: Any) -> dict[str, Any]:
    bill = _open_bill(api)
    credit = _new_credit(api, bill)
    applied = api.post(f"/vendor-credits/{credit['id']}/apply", 201, {"bill_id": bill["id"], "amount": "15.00"})["data"]
    return {"vendorCreditId": credit["id"], "applicationId": applied["id"]}


def _returnable(api: Any) -> dict[str, Any]:
    """A body for a return of goods that were received and are in stock."""
    made = api.first("/vendor-returns", status="draft")
    line = {"product_id": made["items"][0]["product_id"], "quantity": 1, "reason": "Seam defects"}
    return {"vendor_id": made["vendor_id"], "items": [line]}


def list_vendor_credits(api: Any) -> Sent:
    return Sent(query={"status[in]": "open,applied", "sort": "amount:desc", "per_page": 5})


def get_vendor_credit(api: Any) -> Sent:
    return Sent({"vendorCreditId": api.first("/vendor-credits", status="applied")["id"]})


def create_vendor_credit(api: Any) -> Sent:
    return Sent(
        body={
            "vendor_id": 101,
            "amount": "120.50",
            "credit_date": "2026-11-10",
            "reference": "CM-77",
            "notes": "Two cartons missing",
        }
    )


def cancel_vendor_credit(api: Any) -> Sent:
    return Sent({"vendorCreditId": api.first("/vendor-credits", status="open")["id"]})


def apply_vendor_credit(api: Any) -> Sent:
    bill = _open_bill(api)
    return Sent({"vendorCreditId": _new_credit(api, bill)["id"]}, body={"bill_id": bill["id"], "amount": "25.00"})


def reverse_vendor_credit_application(api: Any) -> Sent:
    return Sent(_application(api))


def delete_vendor_credit_application(api: Any) -> Sent:
    return Sent(_application(api))


def get_vendor_statement(api: Any) -> Sent:
    return Sent({"vendorId": api.first("/vendor-credits")["vendor_id"]}, {"start_date": "2026-01-01"})


def list_vendor_returns(api: Any) -> Sent:
    return Sent(query={"status": "credited", "sort": "return_date:asc"})


def get_vendor_return(api: Any) -> Sent:
    return Sent({"vendorReturnId": api.first("/vendor-returns", status="credited")["id"]})


def create_vendor_return(api: Any) -> Sent:
    return Sent(body=_returnable(api))


def process_vendor_return(api: Any) -> Sent:
    return Sent({"vendorReturnId": api.post("/vendor-returns", 201, _returnable(api))["data"]["id"]})


def generate_vendor_return_credit(api: Any) -> Sent:
    return Sent({"vendorReturnId": api.first("/vendor-returns", status="processed")["id"]})


def cancel_vendor_return(api: Any) -> Sent:
    return Sent({"vendorReturnId": api.first("/vendor-returns", status="draft")["id"]})
