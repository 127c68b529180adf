"""Stock: what is where, what moved, what it is worth, and how corrections and transfers change it."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

NOVEMBER = {"start_date": "2026-11-01 00:00:00", "end_date": "2026-11-30 23:59:59"}


def stock(api: Any, product_id: int) -> dict[str, Any]:
    rows: list[dict[str, Any]] = api.get("/inventory/stocks", **{"product.id": product_id})["data"]
    return rows[0]


def level(api: Any, product_id: int, warehouse_id: int) -> Decimal:
    places = stock(api, product_id)["location_stocks"]
    return sum((exact(place["qty_onhand"]) for place in places if place["warehouse"]["id"] == warehouse_id), Decimal(0))


def exact(number: float) -> Decimal:
    return Decimal(str(number))


def entry(place: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"warehouse_id": place["warehouse"]["id"], "location_id": place["location"]["id"], **fields}


def table(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.text)))


# Stock now


def test_stock_adds_up_by_product_and_place(reading: Any) -> None:
    page = reading.get("/inventory/stocks")
    assert page["meta"]["per_page"] == 100
    moments = [row["updated_at"] for row in page["data"]]
    assert moments == sorted(moments, reverse=True)
    for row in reading.all("/inventory/stocks", sort="product.id:asc"):
        assert isinstance(row["id"], str)
        places = row["location_stocks"]
        assert row["qty_onhand"] == sum(place["qty_onhand"] for place in places)
        assert row["qty_available"] == row["qty_onhand"] - row["qty_pending"]
        assert row["qty_backordered"] == max(row["qty_pending"] - row["qty_onhand"], 0)
        assert row["qty_outstanding"] == max(row["qty_backordered"] - row["qty_incoming"], 0)
        assert sum(place["qty_pending"] for place in places) == min(row["qty_pending"], row["qty_onhand"])
        assert all(place["location"]["parent_id"] == place["warehouse"]["id"] for place in places)


def test_stock_is_narrowed_by_place_name_and_quantity(reading: Any) -> None:
    everything = {row["id"]: row for row in reading.all("/inventory/stocks")}
    for warehouses, query in (({2}, {"warehouse_ids": "2"}), ({2, 4}, {"warehouse_group_ids": "2"})):
        for row in reading.all("/inventory/stocks", **query):
            kept = [
                place for place in everything[row["id"]]["location_stocks"] if place["warehouse"]["id"] in warehouses
            ]
            assert [place["id"] for place in row["location_stocks"]] == [place["id"] for place in kept]
            assert row["qty_onhand"] == sum(place["qty_onhand"] for place in kept)
    location = reading.first("/inventory/stocks")["location_stocks"][0]["location"]["id"]
    for row in reading.all("/inventory/stocks", location=location):
        assert {place["location"]["id"] for place in row["location_stocks"]} == {location}
    product = reading.get("/inventory/stocks", sku="CAN-001")["data"][0]
    assert [row["id"] for row in reading.get("/inventory/stocks", sku=product["name"])["data"]] == [product["id"]]
    short = reading.all("/inventory/stocks", **{"qty_available[lt]": 0, "sort": "qty_available:asc"})
    assert [row["id"] for row in short] == [
        row["id"]
        for row in sorted(everything.values(), key=lambda row: (row["qty_available"], int(row["id"])))
        if row["qty_available"] < 0
    ]
    for bad in ({"warehouse_ids": "1,x"}, {"location": "1,2"}, {"qty_onhand": "many"}, {"discontinued": "no"}):
        assert list(reading.get("/inventory/stocks", 422, **bad)["errors"]) == list(bad)


# Adjustments


def test_an_adjustment_sets_the_level_and_values_a_rise_at_the_last_cost(api: Any) -> None:
    row = api.get("/inventory/stocks", sku="MUG-003")["data"][0]
    product_id, (first, *_) = int(row["id"]), row["location_stocks"]
    answer = api.post(
        "/inventory/adjustments",
        201,
        {
            "adjustment_entries": [entry(first, product_id=product_id, qty_onhand="7.25")],
            "remarks": "Cycle count",
        },
    )
    assert answer.keys() == {"id", "remarks", "posted_by", "created_at", "updated_at"}
    assert answer["remarks"] == "Cycle count"
    after = stock(api, product_id)
    assert after["qty_onhand"] == row["qty_onhand"] - first["qty_onhand"] + 7.25
    assert after["updated_at"] == "2026-11-21T09:30:00Z"
    used = api.first("/inventory/transactions/consumption", sort="id:desc")
    assert (used["type"], used["quantity"], used["remarks"]) == (
        "adjustment",
        first["qty_onhand"] - 7.25,
        "Cycle count",
    )
    value = api.first("/inventory/aging", product_id=product_id)["total_value"]
    api.post("/inventory/adjustments", 201, {"adjustment_entries": [entry(first, sku="MUG-003", qty_onhand=9.25)]})
    grown = api.first("/inventory/aging", product_id=product_id)["total_value"]
    product = api.get(f"/products/{product_id}")["data"]
    assert grown > value
    assert stock(api, product_id)["qty_onhand"] == after["qty_onhand"] + 2
    assert product["sku"] == "MUG-003"
    assert api.audit() == []


def test_a_wrong_adjustment_names_every_entry_and_changes_nothing(api: Any) -> None:
    place = api.get("/inventory/stocks", sku="MUG-003")["data"][0]["location_stocks"][0]
    before = api.books.fingerprint()
    elsewhere = {"warehouse_id": 2 if place["warehouse"]["id"] == 1 else 1, "location_id": place["location"]["id"]}
    entries = [
        entry(place, sku="MUG-003", qty_onhand=1),
        entry(place, sku="NOPE", qty_onhand=1),
        entry(place, qty_onhand=1),
        {**elsewhere, "sku": "MUG-003", "qty_onhand": 1},
    ]
    errors = api.post("/inventory/adjustments", 422, {"adjustment_entries": entries})["errors"]
    names = ("1.sku", "2.product_id", "3.location_id")
    assert list(errors) == [f"adjustment_entries.{name}" for name in names]
    below = {"adjustment_entries": [*entries[:1], entry(place, sku="MUG-003", qty_onhand=-1)]}
    assert list(api.post("/inventory/adjustments", 422, below)["errors"]) == ["adjustment_entries.1.qty_onhand"]
    assert api.books.fingerprint() == before


# Transfer orders


@pytest.mark.parametrize(
    ("status", "leaves", "arrives"),
    [("draft", 0, 0), ("pending", 0, 0), ("in_transit", 5, 0), ("completed", 5, 5)],
)
def test_a_transfer_moves_goods_as_far_as_its_status_says(api: Any, status: str, leaves: int, arrives: int) -> None:
    product_id = int(api.first("/inventory/stocks", warehouse_ids="1", **{"qty_onhand[gte]": 9})["id"])
    source, target = level(api, product_id, 1), level(api, product_id, 2)
    incoming = stock(api, product_id)["qty_incoming"]
    value = api.first("/inventory/aging", product_id=product_id)["total_value"]
    order = api.post("/transfer-orders", 201, transfer(status, [{"product_id": product_id, "quantity": 5}]))["data"]
    assert "items" not in order
    assert order["number"].startswith("TO-")
    assert order["items_cost"] > 0
    assert level(api, product_id, 1) == source - leaves
    assert level(api, product_id, 2) == target + arrives
    assert stock(api, product_id)["qty_incoming"] == incoming + leaves - arrives
    if arrives:
        assert api.first("/inventory/aging", product_id=product_id)["total_value"] == pytest.approx(value, abs=0.05)
    shown = api.get(f"/transfer-orders/{order['id']}")["data"]
    assert shown["destination_warehouse"]["name"] == "Reno West"
    assert [(item["product_id"], item["quantity"]) for item in shown["items"]] == [(product_id, 5)]
    assert api.audit() == []


def transfer(status: str, items: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    days = {"date": "2026-11-19", "arrival_date": "2026-11-25"}
    return {**days, "source_warehouse_id": 1, "destination_warehouse_id": 2, "status": status, "items": items, **fields}


def test_transfers_that_cannot_be_carried_out_are_refused_whole(api: Any) -> None:
    product_id = int(api.first("/inventory/stocks", warehouse_ids="1", **{"qty_onhand[gte]": 9})["id"])
    there = level(api, product_id, 1)
    good = {"product_id": product_id, "quantity": 1}
    before = api.books.fingerprint()
    changes: list[tuple[dict[str, Any], list[str]]] = [
        ({"items": [good, {**good, "quantity": str(there)}]}, ["items.1.quantity"]),
        ({"items": [{**good, "product_id": 7}]}, ["items.0.product_id"]),
        ({"items": []}, ["items"]),
        ({"destination_warehouse_id": 1}, ["destination_warehouse_id"]),
        ({"source_warehouse_id": 77}, ["source_warehouse_id"]),
        ({"arrival_date": "2026-11-18"}, ["arrival_date"]),
        ({"status": "lost"}, ["status"]),
        ({"updated_at": "x"}, ["updated_at"]),
    ]
    for change, paths in changes:
        body = {**transfer("completed", [good]), **change}
        assert list(api.post("/transfer-orders", 422, body)["errors"]) == paths
    assert api.books.fingerprint() == before
    found = api.all("/transfer-orders", **{"source_warehouse.name": "Columbus Main", "status[in]": "pending,draft"})
    assert {order["source_warehouse_id"] for order in found} <= {1}


# Stock as it was


def test_the_snapshot_of_the_last_day_is_the_stock(reading: Any) -> None:
    rows = reading.all("/stock-snapshot", **NOVEMBER)
    by_product: dict[str, float] = {}
    available: dict[str, float] = {}
    for row in rows:
        assert row["qty_opening"] + row["qty_in"] - row["qty_out"] == row["qty_onhand"]
        key = str(row["product_id"])
        by_product[key] = by_product.get(key, 0) + row["qty_onhand"]
        available[key] = available.get(key, 0) + row["qty_available"]
    now = reading.all("/inventory/stocks", **{"qty_onhand[gt]": 0})
    assert {row["id"]: row["qty_onhand"] for row in now} == {key: there for key, there in by_product.items() if there}
    assert all(available[row["id"]] == max(row["qty_available"], 0) for row in now)
    assert any(row["qty_pending"] for row in now)
    earlier = reading.all("/stock-snapshot", start_date="2026-10-01 00:00:00", end_date="2026-10-31 23:59:59")
    opening = {(row["product_id"], row["warehouse_id"]): row["qty_opening"] for row in rows}
    assert all(row["qty_onhand"] == opening[row["product_id"], row["warehouse_id"]] for row in earlier)


def test_the_snapshot_comes_as_a_file_with_the_columns_asked_for(reading: Any) -> None:
    query = {**NOVEMBER, "warehouse_id": 2, "export": "csv"}
    rows = table(reading.send("GET", "/stock-snapshot", 200, params=query))
    assert len(rows) == reading.get("/stock-snapshot", warehouse_id=2, **NOVEMBER)["meta"]["total"]
    assert {row["warehouse_name"] for row in rows} == {"Reno West"}
    named = reading.send("GET", "/stock-snapshot", 200, params={**query, "columns": '{"sku":"Item","name":"Name"}'})
    assert list(table(named)[0]) == ["Item", "Name"]
    excel = reading.send("GET", "/stock-snapshot", 200, params={**query, "export": "excel", "columns": '["sku"]'})
    assert excel.content.startswith(b"PK")
    bad: list[tuple[dict[str, Any], str]] = [
        ({"columns": '["colour"]'}, "columns"),
        ({"columns": "sku"}, "columns"),
        ({"export": "pdf"}, "export"),
        ({"end_date": "2026-10-31 00:00:00"}, "end_date"),
        ({"start_date": "yesterday"}, "start_date"),
    ]
    for change, path in bad:
        assert list(reading.get("/stock-snapshot", 422, **{**query, **change})["errors"]) == [path]
    assert set(reading.get("/stock-snapshot", 422)["errors"]) == {"start_date", "end_date"}


def test_aging_adds_up_and_history_ends_in_the_present(reading: Any) -> None:
    now = reading.all("/inventory/aging")
    then = reading.all("/inventory/aging", as_of_date="2026-11-20")
    assert now == then
    buckets = [name.removeprefix("qty_") for name in now[0] if name.startswith("qty_") and name != "qty_onhand"]
    for row in now:
        assert sum(row[f"qty_{bucket}"] for bucket in buckets) == row["qty_onhand"]
        assert sum(exact(row[f"value_{bucket}"]) for bucket in buckets) == exact(row["total_value"])
    spring = reading.all("/inventory/aging", as_of_date="2026-04-30")
    snapshot = reading.all("/stock-snapshot", start_date="2026-04-01", end_date="2026-04-30 23:59:59")
    there: dict[int, float] = {}
    for row in snapshot:
        there[row["product_id"]] = there.get(row["product_id"], 0) + row["qty_onhand"]
    assert {row["product_id"]: row["qty_onhand"] for row in spring} == {key: qty for key, qty in there.items() if qty}
    for row in spring:
        assert sum(row[f"qty_{bucket}"] for bucket in buckets) == row["qty_onhand"]
    file = table(reading.send("GET", "/inventory/aging/export", 200, params={"as_of_date": "2026-04-30"}))
    assert [int(row["product_id"]) for row in file] == [row["product_id"] for row in spring]


def test_consumption_is_the_same_however_it_is_grouped(reading: Any) -> None:
    path, autumn = "/inventory/transactions/consumption", {"date[gte]": "2026-09-01", "date[lte]": "2026-11-20"}
    single = reading.all(path, **autumn)
    assert {row["type"] for row in single} <= {"shipment", "adjustment"}
    assert all(row["quantity"] > 0 and row["cost"] >= 0 for row in single)
    for group in ("product", "warehouse", "product_warehouse", "type", "day", "month"):
        rows = reading.all(path, group=group, **autumn)
        assert sum(row["transactions"] for row in rows) == len(single)
        assert sum(exact(row["quantity"]) for row in rows) == sum(exact(row["quantity"]) for row in single)
        assert sum(exact(row["cost"]) for row in rows) == sum(exact(row["cost"]) for row in single)
    best = reading.get(path, group="product", sort="quantity:desc", **autumn)["data"]
    assert [row["quantity"] for row in best] == sorted((row["quantity"] for row in best), reverse=True)
    file = table(reading.send("GET", f"{path}/export", 200, params={"group": "month", "export": "csv", **autumn}))
    assert [row["month"] for row in file] == ["2026-09", "2026-10", "2026-11"]
    assert list(reading.get(path, 422, group="colour")["errors"]) == ["group"]
    assert list(reading.get(path, 422, group="product", shelf=1)["errors"]) == ["shelf"]


def test_consumption_names_the_product(reading: Any) -> None:
    row = reading.first("/inventory/transactions/consumption")
    assert row["product"] == row["product_name"]
    found = reading.get("/inventory/transactions/consumption", product=row["product"])
    assert {shown["product_id"] for shown in found["data"]} == {row["product_id"]}
