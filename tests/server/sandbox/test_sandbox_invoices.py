"""Invoices: created with computed sums, listed with the documented filters."""

from typing import Any

import pytest

from server.sandbox.audit import audit

BODY: dict[str, Any] = {
    "company_id": 150,
    "order_date": "2026-11-18",
    "payment_terms": "Net 30",
    "items": [
        {"sku": "MUG-001", "quantity": 3, "unit_price": "12.345"},
        {"product_id": 1002, "quantity": 1, "unit_price": 5},
    ],
}


def test_an_invoice_adds_up(api: Any) -> None:
    extra = {
        "total_shipping": 10,
        "tax_amount": "2.5",
        "order_discount_amount": 1,
        "tags": ["Rush"],
        "ship_by_date": None,
    }
    invoice = api.post("/invoices", 201, {**BODY, **extra, "custom_fields": {"Order source": "Fair"}})["data"]
    assert [item["total"] for item in invoice["items"]] == [37.04, 5]
    assert (invoice["total"], invoice["total_due"], invoice["total_discount"]) == (53.54, 53.54, 1)
    assert (invoice["total_qty"], invoice["items"][0]["sku"], invoice["order_date"]) == (
        4,
        "MUG-001",
        "2026-11-18T00:00:00Z",
    )
    assert invoice["ship_to"]["city"] == invoice["customer"]["city"]
    assert (invoice["sales_order"], invoice["payments"]) == (None, [])
    assert "tax_amount" not in invoice
    assert api.get(f"/invoices/{invoice['id']}")["data"] == invoice
    for found in ({"custom_fields.Order source": "Fair"}, {"custom_fields[Order source]": "Fair"}):
        assert api.first("/invoices", **found) == invoice
    assert audit(api.books) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"company_id": 9}, "company_id"),
        ({"payment_terms": "Soon"}, "payment_terms"),
        ({"order_date": "2026-11-31"}, "order_date"),
        ({"items": []}, "items"),
        ({"items": [{"quantity": 1, "unit_price": 1}]}, "items.0.product_id"),
        ({"items": [BODY["items"][0], {"sku": "X", "quantity": 1, "unit_price": 1}]}, "items.1.sku"),
        ({"items": [{"sku": "MUG-001", "quantity": 0, "unit_price": 1}]}, "items.0.quantity"),
        ({"order_discount_amount": 1000}, "order_discount_amount"),
        ({"ship_to": "here"}, "ship_to"),
        ({"total_due": 5}, "total_due"),
    ],
)
def test_an_invoice_that_is_wrong_names_its_field(api: Any, change: dict[str, Any], field: str) -> None:
    assert list(api.post("/invoices", 422, {**BODY, **change})["errors"]) == [field]


def test_invoices_are_found_by_order_tag_and_sums(reading: Any) -> None:
    everything = reading.all("/invoices")
    tagged = [row["id"] for row in everything if "Rush" in [tag["name"] for tag in row["tags"]]]
    assert [row["id"] for row in reading.all("/invoices", tag="Rush")] == tagged
    assert tagged
    assert reading.get("/invoices", **{"tag[neq]": "Rush"})["meta"]["total"] == len(everything) - len(tagged)
    order = next(row["sales_order"] for row in everything if row["sales_order"])
    found = reading.all("/invoices", **{"sales_order.order_number": order["order_number"]})
    assert [row["sales_order"]["id"] for row in found] == [order["id"]]
    unpaid = reading.all(
        "/invoices", **{"total_due[gt]": 0, "payment_status": "unpaid", "order_date[lt]": "2026-06-01"}
    )
    assert unpaid
    assert all(row["total_due"] == row["total"] for row in unpaid)
    reading.get("/invoices", 422, customer="x")
