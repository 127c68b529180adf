"""Requests on BillDiary's requisitions, orders, purchases and returns."""

from typing import Any

from tests.server.sandbox import diary as diaries
from tests.server.sandbox.requests import Sent


def _newest(api: Any, path: str, **params: Any) -> dict[str, Any]:
    return {"id": diaries.Diary(api).first(path, **params)["id"]}


def _order(api: Any) -> dict[str, Any]:
    diary = diaries.Diary(api)
    requisition = diary.detail(f"/purchase-requisitions/{diary.first('/purchase-requisitions')['id']}")
    wanted = requisition["lines"][0]["id"]
    line = diaries.line(diary, lot_number="L1", mfg_date="2026-10-01", exp_date="2027-10-01", secondary_unit_quantity=2)
    return diaries.head(
        diary,
        [{**line, "purchase_requisition_line_id": wanted, "discount_percent": 0}],
        **_adjustments(),
        ref_no="PO-77",
        delivery_date="2026-12-01",
        delivered_to="Goods-in",
        shipping_address="1 Dock Road",
        shipping_status="ordered",
        purchase_requisition_ids=[requisition["id"]],
    )


def _adjustments() -> dict[str, Any]:
    """Ten per cent off 200.00, then 9.90 of tax and 12.10 for shipping: 202.00."""
    return {
        "final_total": 202,
        "exchange_rate": "1.25",
        "discount_type": "percentage",
        "discount_amount": 10,
        "tax_amount": "9.90",
        "tax_id": 1,
        "shipping_charges": "12.10",
        "shipping_details": "By van",
        "additional_notes": "Ring twice",
        "pay_term_number": 30,
        "pay_term_type": "days",
    }


def _purchase(api: Any) -> dict[str, Any]:
    diary = diaries.Diary(api)
    order = diary.detail(f"/purchase-orders/{diary.first('/purchase-orders')['id']}")
    line = diaries.line(diary, lot_number="L1", mfg_date="2026-10-01", exp_date="2027-10-01", secondary_unit_quantity=2)
    body = diaries.head(
        diary,
        [{**line, "purchase_order_line_id": order["lines"][0]["id"], "discount_percent": 0}],
        **_adjustments(),
        status="received",
        ref_no="S-77",
        purchase_order_ids=[order["id"]],
        payment=[{"amount": 50, "method": "cash", "paid_on": "2026-11-19", "note": "Deposit", "is_return": False}],
    )
    names = [f"custom_field_{number}" for number in range(1, 5)]
    names += [f"shipping_custom_field_{number}" for number in range(1, 6)]
    names += [f"additional_expense_key_{number}" for number in range(1, 5)]
    expenses = {f"additional_expense_value_{number}": number for number in range(1, 5)}
    return body | dict.fromkeys(names, "x") | expenses | {"final_total": 212}


def _payment() -> dict[str, Any]:
    texts = ("card_number", "card_holder_name", "card_transaction_number", "card_type", "card_month", "card_year")
    more = ("card_security", "cheque_number", "bank_account_number", *(f"transaction_no_{n}" for n in range(1, 4)))
    paid = {"amount": "1.50", "method": "cash", "paid_on": "2026-11-19 10:00:00", "note": "First", "account_id": 1}
    return paid | dict.fromkeys((*texts, *more), "1")


def billdiary_list_purchase_requisitions(api: Any) -> Sent:
    dates = {"required_by_start": "2025-06-01", "required_by_end": "2026-12-31"}
    return Sent(query={"status": "completed", "q": "pr", **dates})


def billdiary_get_purchase_requisition(api: Any) -> Sent:
    return Sent(_newest(api, "/purchase-requisitions"))


def billdiary_create_purchase_requisition(api: Any) -> Sent:
    diary = diaries.Diary(api)
    line = {**diaries.goods(diary), "quantity": "2.5", "secondary_unit_quantity": 1}
    location = diary.first("/purchases")["location"]["id"]
    return Sent(body={"location_id": location, "delivery_date": "2026-12-24", "purchases": [line]})


def billdiary_update_purchase_requisition_status(api: Any) -> Sent:
    return Sent(_newest(api, "/purchase-requisitions"), body={"status": "partial"})


def billdiary_delete_purchase_requisition(api: Any) -> Sent:
    return Sent(_newest(api, "/purchase-requisitions"))


def billdiary_list_purchase_orders(api: Any) -> Sent:
    return Sent(query={"status": "ordered", "start_date": "2025-06-01", "end_date": "2026-12-31", "per_page": 5})


def billdiary_get_purchase_order(api: Any) -> Sent:
    return Sent(_newest(api, "/purchase-orders"))


def billdiary_create_purchase_order(api: Any) -> Sent:
    return Sent(body=_order(api))


def billdiary_update_purchase_order(api: Any) -> Sent:
    body = _order(api)
    made = diaries.Diary(api).post("/purchase-orders", body)["data"]["id"]
    line_id = diaries.Diary(api).detail(f"/purchase-orders/{made}")["lines"][0]["id"]
    body["purchases"][0]["purchase_line_id"] = line_id
    return Sent({"id": made}, body=body)


def billdiary_delete_purchase_order(api: Any) -> Sent:
    return Sent(_newest(api, "/purchase-orders"))


def billdiary_update_purchase_order_status(api: Any) -> Sent:
    return Sent(_newest(api, "/purchase-orders"), body={"status": "completed"})


def billdiary_list_purchases(api: Any) -> Sent:
    return Sent(query={"payment_status": "overdue", "status": "received", "q": "co0"})


def billdiary_check_purchase_ref_number(api: Any) -> Sent:
    seen = diaries.Diary(api).first("/purchases")
    return Sent(query={"ref_no": seen["ref_no"], "contact_id": seen["contact"]["id"]})


def billdiary_get_purchase(api: Any) -> Sent:
    return Sent(_newest(api, "/purchases"))


def billdiary_create_purchase(api: Any) -> Sent:
    return Sent(body=_purchase(api))


def billdiary_update_purchase(api: Any) -> Sent:
    diary, body = diaries.Diary(api), _purchase(api)
    made = diary.post("/purchases", body)["data"]["id"]
    body["purchases"][0]["purchase_line_id"] = diary.detail(f"/purchases/{made}")["lines"][0]["id"]
    return Sent({"id": made}, body={**body, "status": "pending"})


def billdiary_record_purchase_payment(api: Any) -> Sent:
    return Sent({"id": diaries.bought(diaries.Diary(api))["id"]}, body=_payment())


def billdiary_delete_purchase(api: Any) -> Sent:
    return Sent({"id": diaries.bought(diaries.Diary(api))["id"]})


def billdiary_list_purchase_returns(api: Any) -> Sent:
    return Sent(query={"start_date": "2025-06-01", "end_date": "2026-12-31"})


def billdiary_get_purchase_return(api: Any) -> Sent:
    return Sent(_newest(api, "/purchase-returns"))


def billdiary_create_purchase_return(api: Any) -> Sent:
    bought = diaries.bought(diaries.Diary(api))
    line = {"purchase_line_id": bought["lines"][0]["id"], "quantity": 3}
    return Sent(body={"transaction_id": bought["id"], "returns": [line], "tax_amount": "1.25", "ref_no": "BACK-1"})


def billdiary_create_standalone_purchase_return(api: Any) -> Sent:
    diary = diaries.Diary(api)
    seen = diary.first("/purchases")
    line = {**diaries.goods(diary), "unit_price": "2.50", "quantity": 4, "lot_number": "L1", "exp_date": "2027-01-31"}
    body = {"location_id": seen["location"]["id"], "contact_id": seen["contact"]["id"], "products": [line], "tax_id": 1}
    return Sent(
        body={**body, "transaction_date": "2026-11-20", "tax_amount": "0.50", "final_total": "10.50", "ref_no": "B-2"}
    )


def billdiary_record_purchase_return_payment(api: Any) -> Sent:
    sent_back = billdiary_create_purchase_return(api).body
    return Sent({"id": diaries.Diary(api).post("/purchase-returns", sent_back)["data"]["id"]}, body=_payment())


def billdiary_delete_purchase_return(api: Any) -> Sent:
    return Sent(_newest(api, "/purchase-returns"))
