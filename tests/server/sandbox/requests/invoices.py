"""Requests on invoices."""

from typing import Any

from tests.server.sandbox.requests import Sent


def list_invoices(api: Any) -> Sent:
    return Sent(query={"payment_status": "unpaid", "total[gt]": "10.50", "sales_order.order_number[set]": ""})


def get_invoice(api: Any) -> Sent:
    return Sent({"id": api.first("/invoices", **{"sales_order.order_number[set]": ""})["id"]})


def create_invoice(api: Any) -> Sent:
    company = api.first("/companies", type="Retail")
    product = api.first(f"/companies/{company['id']}/products")
    line = {"product_id": product["id"], "sku": product["sku"], "description": "Summer special"}
    return Sent(
        body={
            "company_id": company["id"],
            "order_date": "2026-11-02",
            "payment_terms": "Net 30",
            "items": [{**line, "quantity": 12, "unit_price": 4.25}],
            "ship_by_date": "2026-11-09",
            "customer_po_number": "C-4711",
            "public_note": "Thank you",
            "private_note": "Check the address",
            "total_shipping": 9.9,
            "tax_amount": 4.21,
            "order_discount_amount": 5,
            "warehouse_id": 1,
            "sales_channel_id": 1,
            "revenue_account_id": 4000,
            "invoice_export_template_id": 1,
            "alternate_ids": ["WEB-1"],
            "tags": ["Rush"],
            "custom_fields": {"Order source": "Web"},
            "ship_to": {
                "address_1": "1 Dock Rd",
                "address_2": "Dock B",
                "city": "Austin",
                "state": "TX",
                "zip": "78701",
                "country": "USA",
            },
        }
    )
