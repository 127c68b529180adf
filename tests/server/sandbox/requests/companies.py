"""Requests on companies and contacts."""

from typing import Any

from tests.server.sandbox.requests import Sent

ADDRESS = {
    "address_1": "1 Dock Rd", "address_2": "Dock B", "city": "Austin", "state": "TX", "country": "USA", "zip": "78701",
    "first_name": "Ida", "last_name": "Berg", "email": "ida@corner.example", "phone": "555-300-10", "is_default": True,
}  # fmt: skip


def _company(api: Any) -> dict[str, Any]:
    return {"companyId": api.first("/companies", type="Wholesale")["id"]}


def _new_company(api: Any) -> int:
    made: int = api.post("/companies", 201, {"name": "Short-lived"})["data"]["id"]
    return made


def _contact(api: Any) -> dict[str, Any]:
    body = {"first_name": "Ida", "company_id": _company(api)["companyId"], "email": "ida@corner.example"}
    return {"contactId": api.post("/contacts", 201, body)["data"]["id"]}


def _company_fields(api: Any) -> dict[str, Any]:
    return {
        "name": "Corner Shop",
        "client_type": {"id": 2, "name": "Retail"},
        "parent_company_id": _new_company(api),
        "address": "2 High St",
        "address_line_2": "Rear",
        "city": "Austin",
        "state": "TX",
        "postal_code": "78701",
        "country": "USA",
        "phone": "555-300-2000",
        "fein": "12-3456789",
        "tax_exempt": False,
        "notes": "Call first",
        "payment_term": "Custom",
        "due_date_days": 21,
        "tags": ["Key account", "Brand new"],
        "custom_fields": {"Region": "North"},
        "shipping_addresses": [ADDRESS],
    }


def list_companies(api: Any) -> Sent:
    return Sent(query={"type": "Wholesale", "sort": "name:desc", "per_page": 5})


def get_company(api: Any) -> Sent:
    return Sent(_company(api))


def list_company_contacts(api: Any) -> Sent:
    return Sent(_company(api), {"limit": 5, "company.name[set]": ""})


def list_company_price_overrides(api: Any) -> Sent:
    return Sent(_company(api))


def list_company_products(api: Any) -> Sent:
    return Sent(_company(api), {"sort": "sku:asc"})


def create_company(api: Any) -> Sent:
    return Sent(body=_company_fields(api))


def update_company(api: Any) -> Sent:
    return Sent(_company(api), body=_company_fields(api))


def delete_company(api: Any) -> Sent:
    return Sent({"companyId": _new_company(api)})


def list_contacts(api: Any) -> Sent:
    return Sent(query={"first_name[set]": "", "sort": "last_name:asc"})


def get_contact(api: Any) -> Sent:
    return Sent({"contactId": api.first("/contacts")["id"]})


def _contact_fields() -> dict[str, Any]:
    return {
        "first_name": "Ida",
        "last_name": "Berg",
        "email": "ida.berg@corner.example",
        "phone_1": "555-300-1000",
        "phone_2": "555-300-1001",
        "receiving_bank_name": "Bank of Austin",
        "receiving_bank_address": "1 Main St",
        "is_primary": True,
        "receive_quotation_pdf": True,
        "receive_purchase_order_pdf": False,
        "receive_purchase_order_invoice_pdf": True,
        "tags": ["Rush"],
        "password": "correct horse",
    }


def create_contact(api: Any) -> Sent:
    companies = [row["id"] for row in api.get("/companies", per_page=2)["data"]]
    return Sent(body={**_contact_fields(), "company_ids": companies})


def update_contact(api: Any) -> Sent:
    return Sent(_contact(api), body={**_contact_fields(), "company_id": _company(api)["companyId"]})


def delete_contact(api: Any) -> Sent:
    return Sent(_contact(api))


def set_contact_portal_password(api: Any) -> Sent:
    return Sent(_contact(api), body={"password": "correct horse"})
