"""close_checklist: each point against SQL over the same books, whatever the period, and with parts missing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from asking import Desk, Ledger, desk, money, sandbox
from harness import TODAY
from hypothesis import given, settings
from hypothesis import strategies as st
from writing import desk_without, refusal

from server.answers.budget import tokens
from tools.workflows.close_checklist import CloseChecklist, period_of

pytestmark = pytest.mark.anyio

WITHIN = "between :start and :end"
COUNTS = {
    "invoice_sync_errors": f"invoice_sync_errors where substr(occurred_at, 1, 10) {WITHIN}",
    "zero_cost_items": f"""sales_order_items i join sales_orders o on o.id = i.sales_order_id
        where i.quantity_shipped > 0 and i.unit_cost = 0 and coalesce(o.ship_date, o.order_date) {WITHIN}""",
    "zero_valuation_inventory": """(select 1 from cost_layers where is_exhausted = 0 and unit_cost = 0
        group by product_id, warehouse_id)""",
    "edi_errors": f"edi_documents where status = 'failed' and document_date {WITHIN}",
    "draft_bills": f"bills where status = 'draft' and bill_date {WITHIN}",
    "bills_on_hold": "bills where status = 'hold' and bill_date <= :end",
    "unallocated_freight": f"""bills where status <> 'void' and bill_date {WITHIN} and id in (
        select i.bill_id from bill_items i where i.type in ('freight', 'duty') and i.line_total > coalesce(
            (select sum(a.amount) from bill_allocations a where a.bill_item_id = i.id), 0))""",
    "receipts_not_billed_by_then": """(select distinct r.id, p.purchase_order_id from receiving_reports r
        join receiving_report_items i on i.receiving_report_id = r.id
        join purchase_order_items p on p.id = i.purchase_order_item_id where r.received_date <= :end) t
        where not exists (select 1 from bills b where b.purchase_order_id = t.purchase_order_id
            and b.status <> 'void' and b.bill_date <= :end)""",
}
AMOUNTS = {
    "unallocated_freight_amount": f"""select currency, sum(i.line_total - coalesce(
            (select sum(a.amount) from bill_allocations a where a.bill_item_id = i.id), 0)) from bills b
        join bill_items i on i.bill_id = b.id
        where b.status <> 'void' and b.bill_date {WITHIN} and i.type in ('freight', 'duty')""",
    "draft_bills_amount": f"select currency, sum(total) from bills where status = 'draft' and bill_date {WITHIN}",
    "bills_on_hold_amount": "select currency, sum(total_due) from bills where status = 'hold' and bill_date <= :end",
    "receipts_not_billed_by_then_amount": """select o.currency, sum(i.line_total) from receiving_reports r
        join receiving_report_items i on i.receiving_report_id = r.id
        join purchase_order_items p on p.id = i.purchase_order_item_id
        join purchase_orders o on o.id = p.purchase_order_id
        where r.received_date <= :end and not exists (select 1 from bills b
            where b.purchase_order_id = o.id and b.status <> 'void' and b.bill_date <= :end)""",
}


def check(facts: dict[str, Any], ledger: Ledger, start: str, end: str) -> None:
    """Every point is what SQL says."""
    values = {"start": start, "end": end}
    for name, table in COUNTS.items():
        count = ledger.value(f"select count(*) from {table}", **_used(values, table))
        assert facts[name] == (count or "ok"), name
    for name, query in AMOUNTS.items():
        rows = ledger.rows(f"{query} group by 1", **_used(values, query))
        expected = {code: f"{money(cents):.2f}" for code, cents in (row.values() for row in rows) if cents}
        assert facts.get(name, {}) == expected, name


def _used(values: dict[str, str], query: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if f":{name}" in query}


@settings(max_examples=12)
@given(st.dates(dt.date(2025, 7, 1), TODAY), st.integers(0, 80))
async def test_every_point_is_what_sql_says_whatever_the_period(
    here: Desk, ledger: Ledger, start: dt.date, days: int
) -> None:
    first, last = str(start), str(start + dt.timedelta(days=days))
    answer = await here.ask("close_checklist", start_date=first, end_date=last)
    check(answer.structured["facts"], ledger, first, last)
    assert tokens(answer.text) <= 1_200


async def test_the_last_full_month_is_meant_unless_told(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("close_checklist")
    facts = answer.structured["facts"]
    assert (facts["start_date"], facts["end_date"]) == ("2026-10-01", "2026-10-31")
    check(facts, ledger, "2026-10-01", "2026-10-31")
    sales = """select sum(total) from invoices where status = 'active' and order_date between :start and :end"""
    assert Decimal(facts["sales"]) == money(ledger.value(sales, start="2026-10-01", end="2026-10-31"))
    # What of the bills is not allocated stands in the bills alone; what came and is not billed may have come long ago.
    reads = answer.structured["read_with"]
    assert reads.pop("get_bill") == facts["unallocated_freight"]
    assert sum(reads.values()) <= 18


async def test_the_worst_are_shown_first(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("close_checklist", max_tokens=5_000)
    held = answer.structured["tables"]["bills_on_hold"]["rows"]
    query = "select id from bills where status = 'hold' and bill_date <= '2026-10-31' order by total_due desc limit :n"
    assert [row["id"] for row in held] == [row["id"] for row in ledger.rows(query, n=len(held))]
    assert len(held) > 5
    differences = [abs(row["difference"]) for row in answer.structured["tables"]["stock_discrepancies"]["rows"]]
    assert differences == sorted(differences, reverse=True)
    assert {"post_bill", "unhold_bill"} <= set(answer.structured["next"])


async def test_goods_that_came_before_the_period_are_still_to_be_accrued(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("close_checklist", start_date="2026-11-01", end_date=str(TODAY))
    facts = answer.structured["facts"]
    earlier = ledger.value(
        """select count(*) from (select distinct r.id, p.purchase_order_id from receiving_reports r
        join receiving_report_items i on i.receiving_report_id = r.id
        join purchase_order_items p on p.id = i.purchase_order_item_id where r.received_date < '2026-11-01') t
        where not exists (select 1 from bills b where b.purchase_order_id = t.purchase_order_id
            and b.status <> 'void' and b.bill_date <= :end)""",
        end=str(TODAY),
    )
    assert facts["of_these_before_the_period"] == earlier > 0
    assert facts["receipts_not_billed_by_then"] > earlier


async def test_the_room_is_used_for_the_rows_of_the_points(here: Desk) -> None:
    answer = await here.ask("close_checklist")
    assert 1_080 <= tokens(answer.text) <= 1_200
    assert "none shown" not in answer.text
    assert "draft_bills:" in answer.text


async def test_without_the_bills_themselves_unallocated_freight_is_counted_and_that_is_said(books_url: str) -> None:
    async with desk_without(books_url, "/bills/5") as narrow:
        answer = await narrow.ask("close_checklist")
    assert answer.structured["facts"]["unallocated_freight"] == 52
    assert "unallocated_freight_amount" not in answer.structured["facts"]
    assert "could not be read; its bills are counted" in answer.text


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, ("2026-10-01", "2026-10-31")),
        ("2026-02-10", None, ("2026-02-10", "2026-02-28")),
        ("2025-12-31", None, ("2025-12-31", "2025-12-31")),
        (None, "2026-09-15", ("2026-09-01", "2026-09-15")),
    ],
)
def test_one_day_alone_means_its_month(start: str | None, end: str | None, expected: tuple[str, str]) -> None:
    given_ = {"start_date": start, "end_date": end}
    wanted = CloseChecklist(**{name: dt.date.fromisoformat(day) for name, day in given_.items() if day})
    period = period_of(wanted, TODAY)
    assert (str(period.start), str(period.end)) == expected


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-10-31", "2026-10-01", "end_date is before start_date"),
        ("2026-06-01", "2026-10-31", "at most 3 months"),
        ("2026-13-01", "2026-10-31", "start_date"),
        ("9999-12-01", "9999-12-31", "begins after today"),
    ],
)
async def test_a_period_that_is_none_is_refused(here: Desk, start: str, end: str, said: str) -> None:
    answer = await here.try_("close_checklist", start_date=start, end_date=end)
    assert answer.is_error
    assert said in answer.text


async def test_points_that_cannot_be_read_say_why_and_the_others_are_answered(tmp_path: Path) -> None:
    rules = tmp_path / "faults.toml"
    refused = {"*/reports/edi/summary": 403, "*/receiving-reports": 404, "*/inventory-discrepancy": 500}
    rules.write_text("".join(refusal(path, status) for path, status in refused.items()))
    with sandbox("--size", "small", "--faults", str(rules)) as url:
        async with desk(url) as here:
            answer = await here.ask("close_checklist")
    facts = answer.structured["facts"]
    names = ("edi_errors", "receipts_not_billed_by_then", "stock_discrepancies")
    assert {facts[name] for name in names} == {"not read"}
    assert "edi_errors was not read: it is not enabled here, or the key may not read it." in answer.text
    assert "receipts_not_billed_by_then was not read: this company does not have it." in answer.text
    assert "stock_discrepancies was not read: the API did not answer as expected" in answer.text
    assert facts["bills_on_hold"] != "not read"


async def test_when_nothing_can_be_read_that_is_the_answer(tmp_path: Path) -> None:
    rules = tmp_path / "faults.toml"
    rules.write_text(refusal("*", 401))
    with sandbox("--size", "small", "--faults", str(rules)) as url:
        async with desk(url) as here:
            answer = await here.try_("close_checklist")
    assert answer.is_error
    assert "401" in answer.text
