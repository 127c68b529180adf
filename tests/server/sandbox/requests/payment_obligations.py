"""Requests on payment obligations and prepayments."""

from typing import Any

from tests.server.sandbox.requests import Sent


def _unbilled(api: Any) -> Any:
    """An open obligation that no bill carries."""
    return api.first("/payment-obligations", **{"bill_id[notset]": "", "status": "open"})


def _own_bill(api: Any, obligation: Any) -> Any:
    """A bill of the obligation's vendor and currency."""
    wanted = {name: obligation[name] for name in ("vendor_id", "currency")}
    return api.first("/bills", **{**wanted, "status[neq]": "void"})


def _new_prepayment(api: Any, obligation: Any) -> Any:
    body = {"vendor_id": obligation["vendor_id"], "amount": "30.00", "currency": obligation["currency"]}
    return api.post("/prepayments", 201, body)["data"]


def list_payment_obligations(api: Any) -> Sent:
    return Sent(query={"bill_id[set]": "", "sort": "due_date:asc", "per_page": 5})


def get_payment_obligation(api: Any) -> Sent:
    return Sent({"paymentObligationId": api.first("/payment-obligations")["id"]})


def get_payment_obligations_dashboard(api: Any) -> Sent:
    return Sent()


def update_payment_obligation(api: Any) -> Sent:
    obligation = _unbilled(api)
    body = {"amount": obligation["amount"] - 10, "due_date": "2026-12-24", "notes": "Agreed by phone"}
    return Sent({"paymentObligationId": obligation["id"]}, body=body)


def update_payment_obligation_status(api: Any) -> Sent:
    return Sent({"paymentObligationId": _unbilled(api)["id"]}, body={"status": "cancelled"})


def link_bill_to_payment_obligation(api: Any) -> Sent:
    obligation = _unbilled(api)
    return Sent({"paymentObligationId": obligation["id"]}, body={"bill_id": _own_bill(api, obligation)["id"]})


def unlink_bill_from_payment_obligation(api: Any) -> Sent:
    linked = api.first("/payment-obligations", **{"bill_id[set]": ""})
    return Sent({"paymentObligationId": linked["id"], "billId": linked["bill_id"]})


def list_prepayments(api: Any) -> Sent:
    return Sent(query={"remaining_amount[gt]": "0", "sort": "payment_date:desc"})


def create_prepayment(api: Any) -> Sent:
    return Sent(
        body={
            "vendor_id": 101,
            "amount": "300.00",
            "payment_date": "2026-11-02",
            "payment_type": "check",
            "reference": "ADV-9",
        }
    )


def apply_prepayment(api: Any) -> Sent:
    obligation = _unbilled(api)
    prepayment = _new_prepayment(api, obligation)
    return Sent({"prepaymentId": prepayment["id"]}, body={"payment_obligation_id": obligation["id"], "amount": "30.00"})


def reverse_prepayment_application(api: Any) -> Sent:
    obligation = _unbilled(api)
    prepayment = _new_prepayment(api, obligation)
    body = {"payment_obligation_id": obligation["id"], "amount": "12.00"}
    applied = api.post(f"/prepayments/{prepayment['id']}/apply", 201, body)["data"]
    return Sent({"prepaymentId": prepayment["id"], "applicationId": applied["id"]})
