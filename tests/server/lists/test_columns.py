"""Lists show what answers the question: the usual columns, those compared by, and what is inside the rows."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import Any

import pytest
from asking import Desk, Ledger
from hypothesis import given
from hypothesis import strategies as st

from schemas.common import View
from server.answers.answer import Answer
from server.answers.budget import LIST, tokens
from server.answers.columns import chosen, shapes

pytestmark = pytest.mark.anyio


def rows_of(answer: Answer) -> list[dict[str, str]]:
    """The rows of the table in an answer's text, by column."""
    lines = answer.text.splitlines()
    return list(csv.DictReader(lines[lines.index("<data>") + 1 : lines.index("</data>")]))


USUAL = {
    "list_currency_rates": {"date", "from", "to", "rate"},
    "get_consumption_report": {"date", "sku", "product_name", "quantity", "cost", "warehouse_name"},
    "list_edi_documents": {"document_date", "type", "status", "partner", "order_number", "error", "control_number"},
    "list_purchase_orders": {
        "id", "order_numbers", "vendor_id", "supplier.name", "order_date", "arrival_due_date", "currency", "total_cost"
    },
    "list_contacts": {"id", "full_name", "company.name", "email", "phone"},
    "list_locations": {"id", "name", "warehouse_id"},
    "list_receiving_reports": {
        "id", "received_date", "purchase_orders.id", "purchase_orders.currency", "total_quantity", "total_cost"
    },
    "list_products_company_pricing": {"id", "sku", "name", "company_prices.price"},
    "list_purchase_order_shipments": {"id", "purchase_order_id", "shipping_date", "received_date", "warehouse.name"},
    "list_customer_returns": {"id", "sales_order_id", "items.sku", "items.quantity", "order_date"},
    "list_boms": {"id", "name", "items.product.sku", "total_cost"},
    "get_inventory_aging": {"sku", "qty_onhand", "total_value", "oldest_days", "value_over_365"},
}  # fmt: skip


@pytest.mark.parametrize("tool", USUAL)
async def test_the_usual_columns_answer_the_question_within_the_budget(here: Desk, tool: str) -> None:
    answer = await here.ask(tool)
    rows = rows_of(answer)
    assert USUAL[tool] <= set(rows[0])
    assert "entries" not in answer.text
    if len(rows) <= 10:
        assert tokens(answer.text) <= LIST


async def test_rates_come_newest_first_unless_an_order_is_asked_for(here: Desk, ledger: Ledger) -> None:
    days = ledger.rows("select date as day from currency_rates order by date desc")
    newest = rows_of(await here.ask("list_currency_rates"))
    assert [row["date"] for row in newest] == [str(day["day"]) for day in days]
    oldest = rows_of(await here.ask("list_currency_rates", sort="date:asc", fields="date,rate"))
    assert [row["date"] for row in oldest] == [str(day["day"]) for day in reversed(days)]


async def test_a_column_that_is_filtered_or_sorted_by_is_shown_even_where_it_is_empty(here: Desk) -> None:
    velocity = rows_of(await here.ask("list_forecast", sort="days_onhand_30_day_vel:asc"))
    assert {row["days_onhand_30_day_vel"] for row in velocity} == {""}
    late = await here.ask(
        "list_purchase_orders", filters={"arrival_due_date[lt]": "2026-11-20", "total_qty_remaining[gt]": 0}
    )
    assert all(row["arrival_due_date"] < "2026-11-20" and int(row["total_qty_remaining"]) for row in rows_of(late))
    assert tokens(late.text) <= LIST
    starred = rows_of(await here.ask("list_purchase_orders", starred=True))
    assert {row["starred"] for row in starred} == {"true"}
    label = "custom_fields.Shelf life in days"
    fresh = rows_of(await here.ask("list_products", filters={f"{label}[set]": True}))
    assert fresh
    assert all(int(row[label]) for row in fresh)


NAMES = st.sampled_from(["id", "vendor_id", "vendor.id", "name", "bill_date", "date", "total", "received_on", "note"])


@given(st.lists(NAMES, min_size=2, unique=True))
def test_no_date_is_given_up_before_the_id_of_another_record(names: list[str]) -> None:
    row: dict[str, Any] = {name: name for name in names}
    columns = chosen([row], None, View(*names), None)
    before = set(names)
    for shape in shapes(columns, 10):
        gone = before - set(shape.columns)
        if gone & {"bill_date", "date", "received_on"}:
            assert not {"vendor_id", "vendor.id"} & (set(shape.columns) - columns.kept)
        before = set(shape.columns)


# Inside the rows


async def test_few_rows_show_the_lists_inside_them(here: Desk, ledger: Ledger) -> None:
    stored = ledger.rows(
        "select p.sku, l.name as place, s.on_hand from stocks s join products p on p.id = s.product_id"
        " join locations l on l.id = s.location_id where p.sku = 'MUG-008' order by s.id"
    )
    answer = await here.ask("list_inventory_stock", filters={"sku": "MUG-008"})
    (row,) = answer.structured["rows"]
    assert f"location_stocks of {row['id']} ({len(stored)}):" in answer.text
    for each in stored:
        assert f",{each['place']},{Decimal(each['on_hand']) / 10_000:f}," in answer.text
    assert [each["location"] for each in row["location_stocks"]] == [each["place"] for each in stored]
    assert tokens(answer.text) <= LIST


async def test_a_list_that_is_asked_for_is_shown_and_can_be_looked_into(here: Desk) -> None:
    whole = await here.ask("list_inventory_stock", fields="sku,location_stocks", per_page=5)
    assert whole.text.count("location_stocks of ") == 5
    inside = await here.ask(
        "list_inventory_stock", fields="sku,location_stocks.location,location_stocks.qty_onhand", per_page=5
    )
    places = [row["location_stocks.location"].split() for row in rows_of(inside)]
    counts = [row["location_stocks.qty_onhand"].split() for row in rows_of(inside)]
    assert [len(each) for each in places] == [len(each) for each in counts]
    assert all(each in whole.text for row in places for each in row)
    wrong = await here.try_("list_inventory_stock", fields="location_stocks.lokation")
    assert "did you mean location_stocks.location?" in wrong.text


async def test_the_entries_of_a_list_stay_within_the_budget(here: Desk) -> None:
    answer = await here.ask("list_products_company_pricing", filters={"sku": "CAN-001"})
    assert tokens(answer.text) <= LIST
    assert "company_prices of 1001 (100):" in answer.text
    assert "entries and what follows are left out" in answer.text
    asked = {"company_id": 145, "sku": "CAN-001", "fields": "company_prices.price"}
    (one,) = rows_of(await here.ask("list_products_company_pricing", **asked))
    whole = await here.ask("get_product_company_pricing", product_id=1001, company_id=145)
    assert f"Birchwood Home Goods,{one['company_prices.price']}" in whole.text


async def test_a_column_that_no_row_carries_is_told_and_where_it_is(here: Desk) -> None:
    answer = await here.ask("list_bills", fields="bill_number,payments", per_page=2)
    assert list(rows_of(answer)[0]) == ["id", "bill_number"]
    assert "No row of this list carries payments; get_bill has it." in answer.text
    assert "get_bill" in answer.structured["note"]


async def test_the_lines_of_a_record_show_what_stands_deeper_and_not_the_record_itself(here: Desk) -> None:
    order = await here.ask("get_purchase_order", id=2001)
    assert "id,product.sku,product.name,quantity,received_quantity,unit_price,line_total" in order.text
    bom = await here.ask("get_bom", bom_id=1)
    assert "product.sku,product.name,quantity,unit_of_measure.name" in bom.text


async def test_what_is_false_stands_last_in_a_record(here: Desk) -> None:
    facts = [line for line in (await here.ask("get_sales_order", id=9001)).text.splitlines() if ": " in line]
    falsehoods = [number for number, line in enumerate(facts) if line.endswith(": false")]
    truths = [number for number, line in enumerate(facts) if line.startswith(("id", "order_number", "total"))]
    assert min(falsehoods) > max(truths)


# Figures


async def test_quantities_are_added_up_like_money(here: Desk, ledger: Ledger) -> None:
    wares = {"category_name": "Tableware"}
    answer = await here.ask("list_inventory_stock", all_pages=True, filters=wares, fields="sku")
    stored = ledger.value(
        "select sum(s.on_hand) from stocks s join products p on p.id = s.product_id"
        " join categories c on c.id = p.category_id where c.name = 'Tableware'"
    )
    onhand = Decimal(stored) / 10_000
    assert f"Of all: qty_onhand {onhand:f}; " in answer.text
    assert Decimal(answer.structured["quantities"]["qty_onhand"]) == onhand


async def test_ten_rows_are_the_default_of_every_list_that_has_pages(here: Desk) -> None:
    for tool in ("list_inventory_stock", "list_bills", "billdiary_list_purchases", "billdiary_list_purchase_orders"):
        answer = await here.ask(tool)
        assert len(rows_of(answer)) == 10
        assert tokens(answer.text) <= LIST, tool


async def test_amounts_of_undeclared_columns_keep_their_cents(here: Desk) -> None:
    aging = rows_of(await here.ask("get_inventory_aging", fields="sku,total_value,value_over_365"))
    assert all(len(row[name].partition(".")[2]) == 2 for row in aging for name in ("total_value", "value_over_365"))


async def test_aging_of_another_day_says_what_it_is_not(here: Desk) -> None:
    said = "Bills open today, aged to that day; not what was owed then."
    assert said in (await here.ask("get_bills_aging", as_of_date="2026-10-31")).text
    assert said not in (await here.ask("get_bills_aging")).text
    assert said not in (await here.ask("get_bills_aging", as_of_date="2026-11-20")).text
    structured = (await here.ask("get_bills_aging", as_of_date="2026-10-31", vendor_id=101)).structured
    assert structured["caveat"] == said
