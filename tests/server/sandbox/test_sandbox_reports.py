"""Month-end reports, discrepancies, EDI documents, and the cost of what was sold."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

AUTUMN = {"start_date": "2026-08-20", "end_date": "2026-11-20"}
MONTH_END = ("sales-summary", "zero-cost-items", "invoice-sync-errors")


def exact(number: float) -> Decimal:
    return Decimal(str(number))


@pytest.mark.parametrize("report", MONTH_END)
@pytest.mark.parametrize(
    ("start", "end", "path"),
    [
        ("2026-08-19", "2026-11-20", "end_date"),
        ("2026-11-30", "2027-03-01", "end_date"),
        ("2026-11-21", "2026-11-20", "end_date"),
        ("soon", "2026-11-20", "start_date"),
        ("", "2026-11-20", "start_date"),
    ],
)
def test_a_period_has_two_days_at_most_three_months_apart(
    reading: Any, report: str, start: str, end: str, path: str
) -> None:
    answer = reading.get(f"/reports/close-books/{report}", 422, start_date=start, end_date=end)
    assert list(answer["errors"]) == [path]
    reading.get(f"/reports/close-books/{report}", start_date="2026-11-30", end_date="2027-02-28")


def test_sales_are_those_of_the_active_invoices(reading: Any) -> None:
    summary = reading.get("/reports/close-books/sales-summary", **AUTUMN)["data"]
    days = {"order_date[gte]": AUTUMN["start_date"], "order_date[lte]": AUTUMN["end_date"]}
    invoices = reading.all("/invoices", status="active", **days)
    totals = summary["totals"]
    assert totals["invoice_count"] == len(invoices) > 50
    assert exact(totals["total_sales"]) == sum(exact(invoice["total"]) for invoice in invoices)
    for name in ("invoice_count", "quantity", "product_sales", "discounts", "shipping", "tax", "total_sales"):
        assert exact(totals[name]) == sum(exact(row[name]) for row in summary["channels"])
    for sums in (totals, *summary["channels"]):
        parts = exact(sums["product_sales"]) - exact(sums["discounts"]) + exact(sums["shipping"]) + exact(sums["tax"])
        assert parts == exact(sums["total_sales"])
    assert len({row["channel_id"] for row in summary["channels"]}) == len(summary["channels"]) > 3


def test_a_line_without_cost_is_reported_until_it_has_one(api: Any) -> None:
    path = "/reports/close-books/zero-cost-items"
    free = api.get(path, **AUTUMN)["data"]
    assert free
    assert {row["cogs"] for row in free} == {0}
    body = {"mode": "sales_item_ids", "sales_item_ids": [row["id"] for row in free], "cost_per_unit": "2.5"}
    assert api.post("/transaction-cogs/update-costs", 200, body) == {"updated_count": len(free)}
    assert api.get(path, **AUTUMN)["data"] == []
    line = api.first("/reports/transaction-cogs", id=free[0]["id"])
    assert (line["cost_per_unit"], line["cogs"]) == (2.5, line["quantity"] * 2.5)
    assert api.audit() == []


def test_inventory_without_value_is_reported_where_it_lies(reading: Any) -> None:
    rows = reading.get("/reports/close-books/zero-valuation-inventory")["data"]
    assert rows
    for row in rows:
        there = reading.get("/inventory/stocks", warehouse_ids=row["warehouse_id"], **{"product.id": row["product_id"]})
        assert 0 < row["quantity"] <= there["data"][0]["qty_onhand"]
        assert row["value"] == 0


def test_sync_errors_are_those_of_the_period(reading: Any) -> None:
    path = "/reports/close-books/invoice-sync-errors"
    month = reading.get(path, start_date="2026-10-01", end_date="2026-10-31")["data"]
    assert all(error["occurred_at"].startswith("2026-10") for error in month)
    errors = reading.get(path, **AUTUMN)["data"]
    assert {error["id"] for error in month} <= {error["id"] for error in errors}
    for error in errors:
        assert reading.get(f"/invoices/{error['invoice_id']}")["data"]["customer"]["name"] == error["customer_name"]


# Discrepancies


def test_a_discrepancy_is_settled_by_an_adjustment(api: Any) -> None:
    path = "/reports/inventory-discrepancy"
    rows = api.get(path)["data"]
    summary = api.get(f"{path}/dashboard")["data"]
    assert len(rows) == summary["discrepancy_count"] == 25
    assert summary["net_difference"] == sum(row["difference"] for row in rows)
    assert summary["net_difference"] == summary["surplus_quantity"] - summary["missing_quantity"]
    row = rows[0]
    assert row["difference"] == row["stock_quantity"] - row["cost_layer_quantity"]
    shelves = api.get("/inventory/stocks", sku=row["sku"], warehouse_ids=row["warehouse_id"])["data"][0]
    (place,) = shelves["location_stocks"]
    assert place["qty_onhand"] == row["cost_layer_quantity"]
    where = {"warehouse_id": row["warehouse_id"], "location_id": place["location"]["id"], "sku": row["sku"]}
    counted = {**where, "qty_onhand": row["stock_quantity"]}
    api.post("/inventory/adjustments", 201, {"adjustment_entries": [counted]})
    left = api.get(path, warehouse_id=row["warehouse_id"])["data"]
    assert left == [other for other in rows[1:] if other["warehouse_id"] == row["warehouse_id"]]
    assert api.get(f"{path}/dashboard")["data"]["discrepancy_count"] == 24
    assert api.audit() == []


def test_goods_on_the_move_do_not_change_a_discrepancy(api: Any) -> None:
    path = "/reports/inventory-discrepancy"
    row = next(row for row in api.get(path)["data"] if row["cost_layer_quantity"] > 20)
    target = 2 if row["warehouse_id"] == 1 else 1
    body = {
        "date": "2026-11-20",
        "arrival_date": "2026-11-20",
        "source_warehouse_id": row["warehouse_id"],
        "destination_warehouse_id": target,
        "status": "completed",
        "items": [{"product_id": row["product_id"], "quantity": 4}],
    }
    api.post("/transfer-orders", 201, body)
    same = {"product_id": row["product_id"], "warehouse_id": row["warehouse_id"]}
    after = next(row for row in api.get(path)["data"] if same.items() <= row.items())
    assert after["difference"] == row["difference"]
    assert after["stock_quantity"] == row["stock_quantity"] - 4
    api.get(path, 404, warehouse_id=99)
    api.get(path, 422, warehouse_id="x")


# EDI


def test_edi_documents_are_listed_counted_and_exported_alike(reading: Any) -> None:
    documents = reading.all("/reports/edi")
    summary = reading.get("/reports/edi/summary")["data"]
    assert summary["total"] == len(documents) > 100
    for name in ("status", "type", "direction"):
        counted = {group[name]: group["count"] for group in summary[f"by_{name}"]}
        assert counted == {
            value: sum(document[name] == value for document in documents) for value in {d[name] for d in documents}
        }
    query = {"type": "850", "status[neq]": "failed", "sort": "id:desc"}
    listed = reading.all("/reports/edi", **query)
    assert listed
    assert {document["direction"] for document in listed} == {"inbound"}
    response = reading.send("GET", "/reports/edi/export", 200, params=query)
    exported = list(csv.DictReader(io.StringIO(response.text)))
    assert [int(row["id"]) for row in exported] == [document["id"] for document in listed]
    order = listed[0]["order_number"]
    assert {document["order_number"] for document in reading.all("/reports/edi", order=order)} == {order}
    assert reading.get("/sales-orders", order_number=order)["meta"]["total"] == 1


def test_edi_periods_are_limited_like_the_others(reading: Any) -> None:
    within = reading.all("/reports/edi", **AUTUMN)
    assert within
    assert all(AUTUMN["start_date"] <= row["document_date"] <= AUTUMN["end_date"] for row in within)
    assert reading.get("/reports/edi/summary", **AUTUMN)["data"]["total"] == len(within)
    for path in ("/reports/edi", "/reports/edi/summary", "/reports/edi/export"):
        for start, name in (("2026-01-01", "end_date"), ("", "start_date")):
            answer = reading.get(path, 422, start_date=start, end_date="2026-11-20")
            assert list(answer["errors"]) == [name]
    assert list(reading.get("/reports/edi/export", 422, format="xlsx")["errors"]) == ["format"]


# Cost of goods sold


def test_costs_are_set_by_sku_and_ship_date(api: Any) -> None:
    body = {"mode": "sku_date_range", "sku": "CAN-002", "from_date": "2026-09-01", "to_date": "2026-10-31"}
    lines = api.all("/reports/transaction-cogs", sku="CAN-002")
    count = api.post("/transaction-cogs/update-costs", 200, {**body, "cost_per_unit": 4.4444})["updated_count"]
    changed = 0
    for before in lines:
        line = api.first("/reports/transaction-cogs", id=before["id"])
        if "2026-09-01" <= line["date"] <= "2026-10-31":
            changed += 1
            total = exact(line["quantity"]) * Decimal("4.4444")
            assert exact(line["cogs"]) == total.quantize(Decimal("0.01"), "ROUND_HALF_UP")
        else:
            assert line == before
    assert count >= changed > 0
    assert api.audit() == []


def test_an_orders_lines_get_the_cost_and_so_do_the_goods_that_left(api: Any) -> None:
    line = api.first("/reports/transaction-cogs", sort="id:desc")
    body = {"mode": "order_ids", "order_ids": [line["sales_order_id"]], "sku": line["sku"], "cost_per_unit": 1}
    assert api.post("/transaction-cogs/update-costs", 200, body) == {"updated_count": 1}
    shipments = {row["id"] for row in api.get(f"/sales-orders/{line['sales_order_id']}/shipments")["data"]}
    used = api.all("/inventory/transactions/consumption", type="shipment", product_id=line["product_id"])
    mine = [row for row in used if row["reference_id"] in shipments]
    assert sum(exact(row["cost"]) for row in mine) == exact(line["quantity"])
    assert api.audit() == []


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, ["mode", "cost_per_unit"]),
        ({"mode": "all", "cost_per_unit": -1}, ["mode", "cost_per_unit"]),
        ({"mode": "sales_item_ids", "cost_per_unit": 1}, ["sales_item_ids"]),
        ({"mode": "sales_item_ids", "cost_per_unit": 1, "sales_item_ids": []}, ["sales_item_ids"]),
        ({"mode": "sales_item_ids", "cost_per_unit": 1, "sales_item_ids": [10**9]}, ["sales_item_ids.0"]),
        ({"mode": "sku_date_range", "cost_per_unit": 1}, ["sku", "from_date", "to_date"]),
        (
            {
                "mode": "sku_date_range",
                "cost_per_unit": 1,
                "sku": "MUG-001",
                "from_date": "2026-02-01",
                "to_date": "2026-01-01",
            },
            ["to_date"],
        ),
        ({"mode": "order_ids", "cost_per_unit": 1, "order_ids": [10**9]}, ["order_ids.0"]),
    ],
)
def test_a_selection_that_is_wrong_is_refused(reading: Any, body: dict[str, Any], paths: list[str]) -> None:
    assert list(reading.post("/transaction-cogs/update-costs", 422, body)["errors"]) == paths
