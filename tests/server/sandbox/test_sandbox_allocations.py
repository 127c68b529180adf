"""Allocations, variances and bills begun from receipts: exact to the cent, never above the line."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sandbox.audit import audit
from server.sandbox.money import prorate

CENTS = st.integers(0, 10**12).map(lambda units: Decimal(units) / 100)


@given(total=CENTS, weights=st.lists(CENTS, min_size=1, max_size=40))
def test_prorated_shares_add_up_and_differ_from_exact_by_less_than_a_cent(
    total: Decimal, weights: list[Decimal]
) -> None:
    shares = prorate(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        exact = total * weight / whole if whole else total / len(weights)
        assert share >= 0
        assert abs(share - exact) < Decimal("0.01")


@pytest.fixture
def bill(api: Any) -> Any:
    """A posted bill of an order with product and freight lines, nothing allocated."""
    for row in api.all("/bills/allocation-inbox", **{"purchase_order_id[set]": "", "status": "posted"}):
        found = api.get(f"/bills/{row['id']}")["data"]
        types = [item["type"] for item in found["items"]]
        if not found["allocations"] and types.count("product") > 1 and "freight" in types:
            return found
    raise AssertionError("no such bill in the books")


def test_prorating_freight_uses_the_line_up(api: Any, bill: Any) -> None:
    freight = next(item for item in bill["items"] if item["type"] == "freight")
    path = f"/bills/{bill['id']}/bill-items/{freight['id']}"
    eligible = api.get(f"{path}/eligible-lines")["data"]
    products = [item["purchase_order_item_id"] for item in bill["items"] if item["type"] == "product"]
    assert [line["purchase_order_item_id"] for line in eligible] == products
    shares = api.post(f"{path}/prorate-allocate")["data"]
    assert sum(Decimal(str(share["amount"])) for share in shares) == Decimal(str(freight["line_total"]))
    assert {share["method"] for share in shares} == {"prorated"}
    api.post(f"{path}/prorate-allocate", 409)
    inbox = {row["id"] for row in api.all("/bills/allocation-inbox")}
    duties = [item for item in bill["items"] if item["type"] == "duty"]
    assert (bill["id"] in inbox) == bool(duties)
    share = shares[0]
    assert api.send("DELETE", f"/bills/{bill['id']}/allocations/{share['id']}", 204).content == b""
    api.send("DELETE", f"/bills/{bill['id']}/allocations/{share['id']}", 404)
    target = {"purchase_order_item_ids": [share["purchase_order_item_id"]]}
    again = api.post(f"{path}/prorate-allocate", body=target)["data"]
    assert [row["amount"] for row in again] == [share["amount"]]
    assert audit(api.books) == []


def test_allocating_by_hand_stays_within_the_line_and_the_vendor(api: Any, bill: Any) -> None:
    item = bill["items"][0]
    path = f"/bills/{bill['id']}/allocations"
    body = {
        "bill_item_id": item["id"],
        "purchase_order_item_id": item["purchase_order_item_id"],
        "amount": item["line_total"],
    }
    assert list(api.post(path, 422, {**body, "amount": item["line_total"] + 0.01})["errors"]) == ["amount"]
    assert list(api.post(path, 422, {**body, "amount": 0})["errors"]) == ["amount"]
    other = api.first("/bills", **{"purchase_order_id[set]": "", "vendor_id[neq]": bill["vendor_id"]})
    foreign = api.get(f"/bills/{other['id']}")["data"]["items"][0]
    for field, value in (
        ("purchase_order_item_id", foreign["purchase_order_item_id"]),
        ("bill_item_id", foreign["id"]),
    ):
        assert list(api.post(path, 422, {**body, field: value})["errors"]) == [field]
    made = api.post(path, 201, body)["data"]
    assert (made["method"], made["amount"]) == ("manual", item["line_total"])
    assert list(api.post(path, 422, {**body, "amount": 0.01})["errors"]) == ["amount"]
    assert api.get(path)["data"] == [made]


def test_auto_allocation_takes_the_ordered_lines_and_leaves_freight(api: Any, bill: Any) -> None:
    made = api.post(f"/bills/{bill['id']}/auto-allocate")["data"]
    products = [item for item in bill["items"] if item["type"] == "product"]
    assert [(m["purchase_order_item_id"], m["amount"]) for m in made] == [
        (item["purchase_order_item_id"], item["line_total"]) for item in products
    ]
    assert api.post(f"/bills/{bill['id']}/auto-allocate")["data"] == []
    assert audit(api.books) == []


def test_suggestions_put_the_ordered_line_first(api: Any, bill: Any) -> None:
    item = bill["items"][0]
    path = f"/bills/{bill['id']}/bill-items/{item['id']}/ai-suggestions"
    found = api.post(path)["data"]
    assert found[0]["purchase_order_item_id"] == item["purchase_order_item_id"]
    assert found == sorted(found, key=lambda s: -s["score"])
    assert found[0]["reason"].startswith("same product")
    assert len(api.post(path, body={"limit": 1})["data"]) == 1


def test_candidate_lines_name_the_lines_they_match(api: Any, bill: Any) -> None:
    lines = {line["purchase_order_item_id"]: line for line in api.get(f"/bills/{bill['id']}/candidate-lines")["data"]}
    for item in bill["items"]:
        if item["purchase_order_item_id"]:
            assert item["id"] in lines[item["purchase_order_item_id"]]["bill_item_ids"]


def test_a_variance_is_seen_and_resolved(api: Any, bill: Any) -> None:
    api.post(f"/bills/{bill['id']}/reopen")
    items = [dict(item) for item in bill["items"] if item["type"] == "product"]
    sent = [
        {name: item[name] for name in ("product_id", "quantity", "unit_cost", "purchase_order_item_id")}
        for item in items
    ]
    ordered = {line["purchase_order_item_id"]: line for line in api.get(f"/bills/{bill['id']}/candidate-lines")["data"]}
    for line in sent:
        line["unit_cost"] = ordered[line["purchase_order_item_id"]]["unit_cost"]
    sent[0]["quantity"] += 10
    changed = api.put(f"/bills/{bill['id']}", 200, {"items": sent})["data"]
    variance = api.get(f"/bills/{bill['id']}/variance")["data"]
    assert variance["lines"][0]["quantity_variance"] == 10
    assert [line["variance_amount"] for line in variance["lines"][1:]] == [0] * (len(sent) - 1)
    assert variance["resolved"] is False
    settled = api.post(f"/bills/{bill['id']}/resolve-variance", body={"method": "adjust", "note": "Not received"})
    assert settled["data"]["variance_total"] == 0
    assert settled["data"]["resolution"]["method"] == "adjust"
    after = api.get(f"/bills/{bill['id']}")["data"]
    assert round(changed["total"] - after["total"], 2) == variance["variance_total"]
    api.post(f"/bills/{bill['id']}/resolve-variance", 409)
    assert audit(api.books) == []


def test_a_received_shipment_becomes_a_bill_once(api: Any) -> None:
    for shipment_id in range(3001, 3121):
        lines = api.get(f"/shipments/{shipment_id}/billable-lines")["data"]
        if len(lines) > 1:
            break
    prefill = api.get("/bills/from-shipments/prefill", **{"shipment_ids[]": shipment_id})["data"]
    assert [item["quantity"] for item in prefill["items"]] == [line["billable_quantity"] for line in lines]
    assert prefill["total"] == round(sum(line["billable_amount"] for line in lines), 2)
    bill = api.post("/bills", 201, {**without_sums(prefill), "bill_number": "S-1"})["data"]
    assert bill["total"] == prefill["total"]
    assert api.get(f"/shipments/{shipment_id}/billable-lines")["data"] == []
    assert api.get("/bills/from-shipments/prefill", shipment_ids=f"{shipment_id}")["data"]["items"] == []
    for bad in ("", "x", "1", "3001,3002,3003,3004,3005,3006"):
        api.get("/bills/from-shipments/prefill", 422, shipment_ids=bad)


def without_sums(prefill: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in prefill.items() if name not in ("subtotal", "total")}
    items = [{name: value for name, value in item.items() if name != "line_total"} for item in prefill["items"]]
    return {**kept, "items": items}
