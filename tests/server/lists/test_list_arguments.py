"""What a list is asked for: what travels and what stays here, sorting, pages, and refusals that help."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from asking import Desk, Ledger

from schemas.listing import SHAPING
from tools import catalogue
from tools.arguments import InvalidArgumentsError, check
from tools.operation import Effect, Operation, System
from tools.request import compose

pytestmark = pytest.mark.anyio

READS = [
    operation
    for name in catalogue.MODULES
    for operation in catalogue.toolset(name).operations.values()
    if operation.effect is Effect.READ
]
IDS = [operation.name for operation in READS]
SHAPES: dict[str, Any] = {
    "max_tokens": 900,
    "all_pages": True,
    "fields": "id,total",
    "next": "2",
    "filters": {"status[in]": ["a", "b"]},
    "sort": "id:desc",
}
LEAST: dict[str, Any] = {
    "start_date": "2026-01-01",
    "end_date": "2026-01-31",
    "record_type": "invoices",
    "file": {"file_name": "a.csv", "content_base64": "YQ=="},
    "zpl": "^XA^XZ",
    "carrier": "ups",
    "from_": "EUR",
    "to": "USD",
}
NEEDED: dict[str, Any] = {
    "export_sales_orders": {"since": "2026-01-01"},
    "export_products": {"since": "2026-01-01"},
    "billdiary_check_purchase_ref_number": {"ref_no": "A", "contact_id": 1},
}


def least(operation: Operation) -> dict[str, Any]:
    """Arguments without which the operation refuses a call."""
    required = [name for name, field in operation.arguments.model_fields.items() if field.is_required()]
    return {name: LEAST.get(name, 1) for name in required} | NEEDED.get(operation.name, {})


def rows_of(text: str) -> list[dict[str, str]]:
    lines = text.splitlines()
    return list(csv.DictReader(lines[lines.index("<data>") + 1 : lines.index("</data>")]))


@pytest.mark.parametrize("operation", READS, ids=IDS)
@pytest.mark.parametrize("name", SHAPES)
def test_what_shapes_an_answer_is_never_sent_as_a_field(operation: Operation, name: str) -> None:
    assert set(SHAPES) == SHAPING
    given = {**least(operation), name: SHAPES[name]}
    if name not in operation.asked.model_fields:
        with pytest.raises(InvalidArgumentsError) as refused:
            check(operation.asked, given)
        assert [problem.argument for problem in refused.value.problems] == [name]
        return
    if name == "next" and not (operation.in_pages or (operation.accepts_more and operation.method == "GET")):
        return  # Of lists that come whole, and those read by a cursor.
    arguments = check(operation.asked, given)
    request = compose(operation, arguments)
    sent = {key.partition("[")[0] for key, _ in request.query} | set(request.body or {})
    assert not sent & (SHAPING - {"sort"})
    if name == "filters":
        assert dict(request.query)["status[in]"] == "a,b"
    if name == "sort":
        assert dict(request.query)["sort"] == "id:desc"


@pytest.mark.parametrize("operation", [each for each in READS if each.in_pages], ids=lambda each: each.name)
def test_every_list_of_luminous_in_pages_can_be_sorted(operation: Operation) -> None:
    sorts = operation.toolset.system is System.LUMINOUS
    assert ("sort" in operation.asked.model_fields) is sorts


async def test_a_list_is_sorted_where_no_page_documents_it(here: Desk, ledger: Ledger) -> None:
    newest = [row["id"] for row in ledger.rows("select id from invoices order by order_date desc, id limit 10")]
    said = rows_of((await here.ask("list_invoices", sort="order_date:desc")).text)
    assert len(said) == len(newest)
    assert [row["order_date"] for row in said] == sorted((row["order_date"] for row in said), reverse=True)
    dearest = ledger.value("select max(id) from purchase_orders")
    assert rows_of((await here.ask("list_purchase_orders", sort="id:desc")).text)[0]["id"] == str(dearest)


async def test_filters_of_a_list_that_takes_further_fields_are_sent_as_such(here: Desk) -> None:
    wanted = {"date[gte]": "2026-10-01", "from": "EUR"}
    rates = rows_of((await here.ask("list_currency_rates", fields="date,rate", filters=wanted)).text)
    assert [row["date"] for row in rates] == ["2026-11-01", "2026-10-01"]
    prices = await here.ask("list_products_company_pricing", filters={"sku": "CAN-001"})
    assert [row["sku"] for row in prices.structured["rows"]] == ["CAN-001"]
    schedules = await here.ask("list_price_schedules", filters={"name[contains]": "Holiday"})
    assert len(schedules.structured["rows"]) == 2


async def test_what_follows_in_a_list_of_unknown_pages_can_be_read(here: Desk) -> None:
    first = await here.ask("get_bills_allocation_inbox")
    following = first.structured["next"]
    second = await here.ask("get_bills_allocation_inbox", next=following)
    assert second.structured["page"] == 2
    everyone = await here.ask("get_bills_allocation_inbox", all_pages=True, fields="id")
    ids = [row["id"] for row in everyone.structured["rows"]]
    assert len(ids) == len(set(ids)) == first.structured["total"]
    assert ids[10:20] == [row["id"] for row in second.structured["rows"]]


async def test_fields_choose_from_an_object_of_unknown_shape_too(here: Desk) -> None:
    summary = await here.ask("get_bills_summary", fields="count")
    assert summary.structured["record"] == {"count": 1200}
    wrong = await here.try_("get_bills_summary", fields="cuont")
    assert "no 'cuont'; it has: as_of_date, count" in wrong.text


# Refusals


async def test_custom_fields_are_filtered_by_their_label(here: Desk, ledger: Ledger) -> None:
    stored = ledger.value("select count(*) from products where custom_fields like '%Shelf life in days%'")
    found = await here.ask("list_products", filters={"custom_fields.Shelf life in days[set]": True}, per_page=1)
    assert found.structured["total"] == stored
    wrong = await here.try_("list_products", filters={"shelf life": 3})
    assert "custom_fields.Label" in wrong.text


@pytest.mark.parametrize(
    ("tool", "asked", "says"),
    [
        (
            "list_sales_orders",
            {"order_status": "on hold"},
            "value of order_status is 'on hold'; on_hold is.",
        ),
        (
            "list_companies",
            {"filters": {"name": "indigo home goods"}},
            "summarize_records with operation=list_companies, group_by=name shows",
        ),
        ("list_invoices", {"payment_status": "overdue"}, "operation=list_invoices, group_by=payment_status shows"),
        ("list_bills", {"filters": {"vendor_name[contains]": "ACME"}}, "contains is case-sensitive"),
    ],
)
async def test_no_rows_for_a_word_do_not_read_as_none(here: Desk, tool: str, asked: Any, says: str) -> None:
    answer = await here.ask(tool, **asked)
    assert says in answer.text
    assert says in answer.structured["note"]
    assert answer.structured["rows"] == []


async def test_the_way_to_the_values_of_a_word_can_be_gone(here: Desk) -> None:
    values = await here.ask("summarize_records", operation="list_sales_orders", group_by="order_status")
    assert "on_hold" in values.text


async def test_a_filter_that_is_no_column_gets_no_way_that_fails(here: Desk) -> None:
    said = (await here.ask("list_products", tag="no such tag")).text
    assert "Filters compare exactly" in said
    assert "summarize_records" not in said


async def test_the_size_of_a_page_is_taken_under_both_names(here: Desk) -> None:
    assert len((await here.ask("list_price_schedules", per_page=2)).structured["rows"]) == 2
    assert len((await here.ask("list_invoices", limit=2)).structured["rows"]) == 2


async def test_no_rows_for_numbers_and_dates_are_none(here: Desk) -> None:
    answer = await here.ask("list_bills", filters={"total_due[gt]": 10_000_000})
    assert "note" not in answer.structured


@pytest.mark.parametrize(
    ("tool", "asked", "meant"),
    [
        ("list_invoices", "company_name", "customer.name"),
        ("list_bills", "supplier_name", "vendor_name"),
        ("list_bills", "vendor", "vendor_name"),
        ("list_bills", "bill_no", "bill_number"),
        ("list_purchase_orders", "po_numbers", "order_numbers"),
    ],
)
async def test_a_wrong_column_is_answered_by_what_it_means(here: Desk, tool: str, asked: str, meant: str) -> None:
    assert f"did you mean {meant}?" in (await here.try_(tool, fields=asked)).text


async def test_without_a_near_name_columns_are_told_the_usual_ones_first_and_flags_last(here: Desk) -> None:
    said = (await here.try_("list_products", fields="zzz", per_page=1)).text
    assert "did you mean" not in said
    names = said.partition("Columns: ")[2].split(", ")
    assert names[:3] == ["id", "sku", "name"]


async def test_a_refused_filter_is_answered_with_those_that_are_known(here: Desk) -> None:
    said = (await here.try_("list_purchase_orders", filters={"zzz": 1})).text
    assert "It is known to be filtered by order_numbers, " in said
    assert "per_page" not in said


@pytest.mark.parametrize("name", ["order_by", "offset", "cursor", "group_by"])
async def test_what_is_no_field_is_not_sent_into_filters(here: Desk, name: str) -> None:
    assert "such as" not in (await here.try_("list_bills", **{name: "x"})).text


async def test_a_record_refuses_what_is_for_lists(here: Desk) -> None:
    said = (await here.try_("get_transfer_order", id=1, fields="number")).text
    assert "fields: is for lists, and this answers with one record" in said
