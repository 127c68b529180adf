"""Filters, sort and pages of every list, each filter held against the same filter in Python."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXT = {"bill_number", "vendor_name", "status", "hold_reason", "notes", "currency"}
DATES = {"bill_date", "due_date"}
NUMBERS = {"id", "vendor_id", "purchase_order_id", "total", "total_due"}
OPERATORS = {
    "text": ["eq", "neq", "contains", "notcontains", "in", "notin", "set", "notset"],
    "dates": ["eq", "neq", "gt", "gte", "lt", "lte", "set", "notset"],
    "numbers": ["eq", "neq", "gt", "gte", "lt", "lte", "in", "notin", "set", "notset"],
}


@pytest.fixture(scope="session")
def bills(reading: Any) -> list[Any]:
    rows: list[Any] = reading.all("/bills")
    return rows


def matches(kind: str, stored: Any, operator: str, value: str) -> bool:
    """The meaning of the operators, said once more without SQL."""
    if operator in ("neq", "notcontains", "notin", "notset"):
        return not matches(kind, stored, operator.removeprefix("not") if operator != "neq" else "eq", value)
    if operator == "set":
        return stored not in (None, "")
    if stored is None:
        return False
    read: Callable[[str], Any] = Decimal if kind == "numbers" else str
    own = read(str(stored))
    if operator == "in":
        return own in [read(part) for part in value.split(",")]
    wanted = read(value)
    found: bool = {
        "eq": own == wanted,
        "contains": kind == "text" and value in str(stored),
        "gt": own > wanted,
        "gte": own >= wanted,
        "lt": own < wanted,
        "lte": own <= wanted,
    }[operator]
    return found


@st.composite
def filters(draw: st.DrawFn) -> tuple[str, str, str, int, int]:
    kind = draw(st.sampled_from(["text", "dates", "numbers"]))
    field = draw(st.sampled_from(sorted({"text": TEXT, "dates": DATES, "numbers": NUMBERS}[kind])))
    operator = draw(st.sampled_from(OPERATORS[kind]))
    return kind, field, operator, draw(st.integers(0, 1199)), draw(st.integers(0, 1199))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=filters(), finer=st.sampled_from(["", "", "0", "5"]), cut=st.integers(0, 6), upper=st.booleans())
def test_each_operator_means_what_python_says(
    reading: Any, bills: list[Any], chosen: Any, finer: str, cut: int, upper: bool
) -> None:
    kind, field, operator, one, two = chosen
    values = [bills[index][field] for index in (one, two)]
    texts = [str(value) for value in values if value is not None and "," not in str(value)] or ["0"]
    if kind == "dates" and operator not in ("set", "notset"):
        texts = [str(values[0])]
    value = ",".join(texts) if operator in ("in", "notin") else texts[0]
    if kind == "numbers" and finer and "." in value and operator not in ("in", "notin"):
        value += finer  # 12.34 becomes 12.345: between two amounts
    if operator in ("contains", "notcontains"):
        value = (value.upper() if upper else value)[cut : cut + 3] or "a"
    expected = [row["id"] for row in bills if matches(kind, row[field], operator, value)]
    page = reading.get("/bills", **{f"{field}[{operator}]": value, "per_page": 100})
    assert page["meta"]["total"] == len(expected)
    assert [row["id"] for row in page["data"]] == expected[:100]


def test_filters_combine_and_a_plain_one_is_equality(reading: Any, bills: list[Any]) -> None:
    found = reading.all("/bills", **{"status": "posted", "total[gte]": 500, "total[lt]": 900.5, "currency[neq]": "EUR"})
    assert [row["id"] for row in found] == [
        row["id"]
        for row in bills
        if row["status"] == "posted" and 500 <= row["total"] < 900.5 and row["currency"] != "EUR"
    ]
    assert found


def test_percent_encoding_and_repeated_keys(reading: Any) -> None:
    names = {row["vendor_name"] for row in reading.all("/bills", **{"vendor_name[contains]": "Möller & S"})}
    assert names == {"Möller & Söhne Druckerei GmbH"}
    url = "/bills?status%5Bin%5D=paid&status%5Bin%5D=draft%2Cvoid&hold_reason[notset]"
    assert {row["status"] for row in reading.send("GET", url, 200).json()["data"]} <= {"draft", "void"}
    assert reading.get("/bills", **{"created_at[gte]": "2026-11-20 00:00:00"})["meta"]["total"] > 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("color=red", "color"),
        ("status[like]=x", "status"),
        ("status[]=x", "status"),
        ("status[gt]=x", "status"),
        ("bill_date[contains]=2026", "bill_date"),
        ("bill_date[in]=2026-01-01", "bill_date"),
        ("bill_date=2026-02-30", "bill_date"),
        ("bill_date=2026-W01-1", "bill_date"),
        ("bill_date=", "bill_date"),
        ("created_at[gt]=yesterday", "created_at"),
        ("total[gt]=ten", "total"),
        ("total[gt]=NaN", "total"),
        ("total[gt]=1e999999999", "total"),
        ("total[in]=1,x", "total"),
        ("id=99999999999999999999", "id"),
        ("sort=color:asc", "sort"),
        ("sort=total", "sort"),
        ("sort=total:up", "sort"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=99999999999999999999", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("limit=101", "limit"),
    ],
)
def test_a_query_that_is_wrong_names_its_field(reading: Any, query: str, field: str) -> None:
    answer = reading.send("GET", f"/bills?{query}", 422).json()
    assert list(answer["errors"]) == [field]
    assert answer["message"] == answer["errors"][field][0]


def test_an_unknown_operator_is_named(reading: Any) -> None:
    assert "like" in reading.get("/bills", 422, **{"status[like]": "x"})["message"]


@pytest.mark.parametrize("sort", ["status:asc", "total_due:desc", "vendor_name:desc,bill_date:asc", "hold_reason:desc"])
def test_pages_cover_every_row_once_in_order(reading: Any, bills: list[Any], sort: str) -> None:
    rows = reading.all("/bills", sort=sort, per_page=97)
    assert Counter(row["id"] for row in rows) == Counter(row["id"] for row in bills)
    expected = sorted(bills, key=lambda row: row["id"], reverse=sort.endswith(":desc"))  # ties
    for part in reversed(sort.split(",")):
        field, direction = part.split(":")
        expected.sort(
            key=lambda row: (row[field] is not None, "" if row[field] is None else row[field]),
            reverse=direction == "desc",
        )
    assert [row["id"] for row in rows] == [row["id"] for row in expected]


def in_order(value: Any) -> tuple[bool, Any]:
    """Empty values come before all others."""
    return value is not None, "" if value is None else value


def test_the_meta_of_a_page(reading: Any) -> None:
    meta = reading.get("/bills")["meta"]
    assert meta == {"current_page": 1, "from": 1, "last_page": 120, "per_page": 10, "to": 10, "total": 1200}
    assert reading.get("/bills", page=13, limit=100)["meta"] == {
        **meta,
        "current_page": 13,
        "from": None,
        "last_page": 12,
        "per_page": 100,
        "to": None,
    }
    empty = reading.get("/bills", status="nothing")
    assert (empty["data"], empty["meta"]["total"], empty["meta"]["last_page"]) == ([], 0, 1)


@pytest.mark.parametrize(
    "path", ["/companies", "/contacts", "/suppliers", "/invoices", "/companies/101/contacts", "/companies/101/products"]
)
def test_every_list_pages_sorts_and_filters(reading: Any, path: str) -> None:
    rows = reading.all(path, sort="updated_at:desc", per_page=7)
    assert [row["updated_at"] for row in rows] == sorted((row["updated_at"] for row in rows), reverse=True)
    assert len({row["id"] for row in rows}) == len(rows) > 0
    total = reading.get(path, **{"created_at[set]": ""})["meta"]["total"]
    assert total == len(rows)
    reading.get(path, 422, nonsense="1")


def test_bills_by_vendor_and_by_order_are_lists_too(reading: Any, bills: list[Any]) -> None:
    busy = [row["id"] for row in bills if row["vendor_id"] == 104]
    assert [row["id"] for row in reading.all("/bills/by-vendor/104")] == busy
    assert len(busy) == 132
    order = next(row["purchase_order_id"] for row in bills if row["purchase_order_id"])
    found = reading.all(f"/bills/by-purchase-order/{order}", status="nothing")
    assert found == []
    assert {row["purchase_order_id"] for row in reading.all(f"/bills/by-purchase-order/{order}")} == {order}


MAY = {"start_date": "2026-05-01", "end_date": "2026-05-31"}


def shown(response: httpx.Response) -> Any:
    """What an answer says: the file, or the JSON without the cutoff of an export."""
    if response.headers["content-type"] != "application/json":
        return response.content
    body = response.json()
    body.get("meta", {}).pop("cutoff", None)
    body.pop("next_cursor", None)
    return body


@pytest.mark.parametrize(
    ("path", "name", "value", "others"),
    [
        ("/bills/reports/aging", "as_of_date", "2026-10-01", {}),
        ("/bills/reports/aging", "vendor_id", "120", {}),
        ("/bills/check-duplicate", "bill_number", "A-1", {}),
        ("/currency/rates/convert", "from", "EUR", {"to": "USD", "amount": "7"}),
        ("/custom-fields", "object_type", "products", {}),
        ("/inventory/aging", "as_of_date", "2026-03-01", {}),
        ("/inventory/stocks", "warehouse_ids", "2", {}),
        ("/inventory/stocks", "location", "1", {}),
        ("/inventory/transactions/consumption", "group", "month", {}),
        ("/products", "q", "mug", {}),
        ("/products/company-pricing", "company_id", "101", {}),
        ("/products/export", "since", "2026-01-01", {}),
        ("/products", "per_page", "3", {}),
        ("/reports/close-books/sales-summary", "start_date", "2026-05-20", {"end_date": "2026-05-31"}),
        ("/reports/inventory-discrepancy", "warehouse_id", "1", {}),
        ("/sales-orders/export", "limit", "3", {"since": "2025-01-01"}),
        ("/stock-snapshot", "export", "csv", MAY),
    ],
)
def test_eq_may_be_written_out_with_what_is_no_filter(
    reading: Any, path: str, name: str, value: str, others: dict[str, str]
) -> None:
    plain, written = (
        reading.send("GET", path, 200, params={**others, spelled: value}) for spelled in (name, f"{name}[eq]")
    )
    assert written.headers.get("content-type") == plain.headers.get("content-type")
    assert shown(written) == shown(plain)
    without = reading.try_send("GET", path, params=others)
    assert without.status_code == 422 or shown(without) != shown(plain)


@pytest.mark.parametrize(
    ("path", "dotted", "plain"),
    [
        ("/bills", "vendor.id", "vendor_id"),
        ("/contacts", "company.id", "company_id"),
        ("/payment-obligations", "vendor.id", "vendor_id"),
        ("/prepayments", "vendor.id", "vendor_id"),
        ("/purchase-orders", "supplier.id", "supplier_id"),
        ("/purchase-orders", "vendor.id", "vendor_id"),
        ("/sales-orders", "company.id", "company_id"),
        ("/transfer-orders", "source_warehouse.id", "source_warehouse_id"),
        ("/transfer-orders", "destination_warehouse.id", "destination_warehouse_id"),
        ("/vendor-credits", "vendor.id", "vendor_id"),
        ("/vendor-returns", "vendor.id", "vendor_id"),
    ],
)
def test_the_record_a_row_belongs_to_is_filtered_by_its_id(reading: Any, path: str, dotted: str, plain: str) -> None:
    rows = reading.all(path)
    meant = next(row[plain] if plain in row else row[dotted.split(".")[0]]["id"] for row in rows)
    found = reading.all(path, **{dotted: meant})
    assert found == reading.all(path, **{plain: meant})
    assert 0 < len(found) < len(rows)
    assert len(reading.all(path, **{f"{dotted}[neq]": meant})) == len(rows) - len(found)


def test_invoices_are_filtered_by_their_customer(reading: Any) -> None:
    invoices = reading.all("/invoices")
    customer = invoices[0]["customer"]
    wanted = [row["id"] for row in invoices if row["customer"]["id"] == customer["id"]]
    assert 0 < len(wanted) < len(invoices)
    for query in ({"customer.id": customer["id"]}, {"customer.name": customer["name"]}):
        assert [row["id"] for row in reading.all("/invoices", **query)] == wanted
    names = [row["customer"]["name"] for row in reading.all("/invoices", sort="customer.name:desc")]
    assert names == sorted(names, reverse=True)


def test_a_date_that_is_shown_with_a_time_is_filtered_as_it_is_shown(reading: Any) -> None:
    shown = reading.first("/invoices")["order_date"]
    day = shown.removesuffix("T00:00:00Z")
    assert day != shown
    for operator in ("eq", "neq", "gt", "gte", "lt", "lte"):
        wanted = reading.get("/invoices", **{f"order_date[{operator}]": day})
        for spelled in (shown, f"{day} 00:00:00", f"{day}T00:00:00.000000Z"):
            assert reading.get("/invoices", **{f"order_date[{operator}]": spelled}) == wanted
    for wrong in (f"{day} 10:00:00", f"{day} 00:00:01", f"{day}Z", f"{day} 00:00:00+01:00", f"{shown}Z"):
        assert list(reading.get("/invoices", 422, order_date=wrong)["errors"]) == ["order_date"]


@pytest.mark.parametrize(
    ("path", "field", "shown"),
    [("/inventory/stocks", "sku", "sku"), ("/purchase-orders", "order_numbers", "order_number")],
)
def test_a_field_of_many_values_sorts_by_the_main_one(reading: Any, path: str, field: str, shown: str) -> None:
    for direction in ("asc", "desc"):
        rows = reading.all(path, sort=f"{field}:{direction}")
        values = [row[shown] if shown in row else row[field][0] for row in rows]
        assert values == sorted(values, reverse=direction == "desc")
        assert len(set(values)) > 10
    assert list(reading.get("/products", 422, sort="tag:asc")["errors"]) == ["sort"]
