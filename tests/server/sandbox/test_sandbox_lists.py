"""Filters, sort and pages of every list, each filter held against the same filter in Python."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

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
