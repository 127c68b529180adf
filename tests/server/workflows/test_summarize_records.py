"""summarize_records: exact against SQL over the same books, on any list; bad questions; long reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import anyio
import pytest
from asking import Desk, Ledger, StandIn, desk, money
from harness import ERAS, TODAY, connect, house, text_of
from hypothesis import given, settings
from hypothesis import strategies as st

from server.answers.budget import tokens
from server.upstream.errors import ForbiddenError, UnavailableError
from server.upstream.replies import Reply
from tools.request import Request

pytestmark = pytest.mark.anyio

MONTH = "substr({}, 1, 7)"
KEYS = {
    "status": "b.status",
    "vendor_name": "c.name",
    "due_date:month": MONTH.format("b.due_date"),
    "bill_date:year": "substr(b.bill_date, 1, 4)",
    "payment_term": "coalesce(b.payment_term, '(none)')",
    "currency": "b.currency",
}
METRICS = {
    "count": "count(*)",
    "sum:total_due": "sum(b.total_due)",
    "min:total": "min(b.total)",
    "max:total": "max(b.total)",
}


@settings(max_examples=25)
@given(
    keys=st.lists(st.sampled_from(sorted(KEYS)), max_size=3, unique=True),
    metrics=st.lists(st.sampled_from(sorted(METRICS)), min_size=1, max_size=4, unique=True),
    status=st.none() | st.sampled_from(("paid", "posted", "draft")),
)
async def test_groups_are_those_of_sql(
    here: Desk, ledger: Ledger, keys: list[str], metrics: list[str], status: str | None
) -> None:
    filters = {"status": status} if status else {}
    answer = await here.ask(
        "summarize_records",
        operation="list_bills", group_by=keys, metrics=metrics, filters=filters, top=500, max_tokens=20_000,
    )  # fmt: skip
    apart = any(metric != "count" for metric in metrics)
    by = [KEYS[key] for key in keys] + (["b.currency"] if apart else [])
    columns = [
        *(f"{each} as k{n}" for n, each in enumerate(by)),
        *(f"{METRICS[m]} as m{n}" for n, m in enumerate(metrics)),
    ]
    query = f"select {', '.join(columns)} from bills b join companies c on c.id = b.vendor_id"
    query += (" where b.status = :status" if status else "") + (f" group by {', '.join(by)}" if by else "")
    expected = {
        tuple(str(row[f"k{n}"]) for n in range(len(by))): tuple(
            row[f"m{n}"] if metric == "count" else money(row[f"m{n}"]) for n, metric in enumerate(metrics)
        )
        for row in ledger.rows(query, status=status)
    }
    table = answer.structured["tables"]["groups" if keys else "total"]
    told = [row for row in table["rows"] if not any("other groups" in str(value) for value in row.values())]
    found = {
        tuple(str(row[key]) for key in [*keys, *(["currency"] if apart else [])]): tuple(
            row[metric] if metric == "count" else Decimal(row[metric]) for metric in metrics
        )
        for row in told
    }
    # Many groups: the lines of the others and what the budget leaves out are missing, and nothing is wrong.
    assert len(found) == len(told)
    assert found.items() <= expected.items()
    assert len(found) == len(expected) or len(told) < len(table["rows"]) or table["of"] > len(table["rows"])


async def test_lists_of_every_kind_are_read_to_the_end(here: Desk, ledger: Ledger) -> None:
    """Pages, a cursor, BillDiary, a list that comes whole, one that takes an argument."""
    sums = (
        ("list_sales_orders", {}, "select count(*) from sales_orders"),
        ("export_sales_orders", {}, "select count(*) from sales_orders"),
        ("billdiary_list_purchases", {"payment_status": "paid"}, None),
        ("list_bills_by_vendor", {"vendor_id": 101}, "select count(*) from bills where vendor_id = 101"),
        ("list_custom_field_definitions", {}, "select count(*) from custom_field_definitions"),
    )
    for operation, filters, query in sums:
        answer = await here.ask("summarize_records", operation=operation, filters=filters)
        rows = answer.structured["facts"]["rows"]
        assert rows == (ledger.value(query) if query else rows) > 0, operation
        assert f"All {rows:,} rows were read." in answer.text


async def test_what_is_left_out_is_one_line_and_the_total_stays(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask(
        "summarize_records", operation="list_transaction_cogs", group_by="sku", metrics="sum:cogs", top=3
    )
    rows = answer.structured["tables"]["groups"]["rows"]
    assert len(rows) == 4
    assert "other groups" in rows[-1]["sku"]
    total = Decimal(answer.structured["tables"]["total"]["rows"][0]["sum:cogs"])
    assert sum(Decimal(row["sum:cogs"]) for row in rows) == total
    assert tokens(answer.text) < 300


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"operation": "list_bill"}, "did you mean list_bills?"),
        ({"operation": "get_bill"}, "is no list"),
        ({"operation": "pay_everything"}, "no list tool"),
        ({"operation": "record_bill_payment"}, "is no list"),
        ({"operation": "list_bills", "group_by": "vendor"}, "did you mean vendor_"),
        ({"operation": "list_bills", "group_by": "status:month"}, "status is no date"),
        ({"operation": "list_bills", "group_by": "due_date:fortnight"}, "dates are grouped by day, week"),
        ({"operation": "list_bills", "group_by": ["a", "b", "c", "d"]}, "at most 3"),
        ({"operation": "list_bills", "metrics": "sum:status"}, "status is text and cannot be added up"),
        ({"operation": "list_bills", "metrics": "median:total"}, "must be count, sum:field"),
        ({"operation": "list_bills", "filters": {"total[over]": 1}}, "there is no operator"),
        ({"operation": "list_bills", "top": 0}, "top"),
        ({"operation": "billdiary_list_purchases", "filters": {"color": 1}}, "does not filter by color"),
        ({"operation": "list_bills_by_vendor"}, "vendor_id"),
    ],
)
async def test_bad_questions_are_refused_with_what_is_wrong(here: Desk, asked: dict[str, Any], said: str) -> None:
    answer = await here.try_("summarize_records", **asked)
    assert answer.is_error
    assert said in answer.text


class Endless(StandIn):
    """An API of 10,000 pages of one bill each. slow_from: the page from which none is answered."""

    def __init__(self, slow_from: int) -> None:
        self.slow_from = slow_from
        self.asked = 0
        self.waiting = anyio.Event()

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        self.asked += 1
        page = int(dict(request.query)["page"])
        if page >= self.slow_from:
            self.waiting.set()
            await anyio.sleep_forever()
        row = {"id": page, "status": "posted", "currency": "USD", "total": Decimal("1.25")}
        meta = {"current_page": page, "last_page": 10_000, "per_page": 1, "total": 10_000}
        return Reply(200, {"data": [row], "meta": meta})


async def test_when_time_is_up_the_answer_is_what_was_read_and_says_so() -> None:
    async with desk("http://127.0.0.1:9", upstream=Endless(slow_from=4)) as here:
        answer = await here.ask("summarize_records", operation="list_bills", metrics="sum:total", max_seconds=1)
    assert answer.structured["facts"] == {"list": "list_bills", "rows": 3, "match": 10_000}
    assert answer.structured["tables"]["total"]["rows"][0]["sum:total"] == "3.75"
    assert "Not all was read: the time of 1 s ran out after 3 of 10,000 rows" in answer.text


@pytest.mark.parametrize("era", ERAS)
async def test_progress_is_told_and_a_cancelled_read_ends(era: str) -> None:
    api = Endless(slow_from=301)
    told: list[tuple[float, float | None]] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append((done, total))

    async with house("http://127.0.0.1:9", upstream=api) as here, connect(here.server, era) as client:
        async with anyio.create_task_group() as group:

            async def ask() -> None:
                await client.call_tool("summarize_records", {"operation": "list_bills"}, progress_callback=progress)

            group.start_soon(ask)
            await api.waiting.wait()
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()
        asked = api.asked
        listed = await client.call_tool("list_bills", {"per_page": 1})
        assert "page 1 of 10000" in text_of(listed)
    assert api.asked == asked + 1
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1][1] == 10_000


async def test_entries_of_a_list_inside_records_are_rows(here: Desk, ledger: Ledger) -> None:
    stock = await here.ask(
        "summarize_records",
        operation="list_inventory_stock",
        group_by="location_stocks.warehouse.name",
        metrics="sum:location_stocks.qty_onhand",
    )
    units = "sum:location_stocks.qty_onhand"
    found = {
        row["location_stocks.warehouse.name"]: Decimal(row[units])
        for row in stock.structured["tables"]["groups"]["rows"]
    }
    expected = ledger.rows(
        "select w.name, sum(s.on_hand) as units from stocks s"
        " join warehouses w on w.id = s.warehouse_id group by w.name"
    )
    assert found == {row["name"]: Decimal(row["units"]).scaleb(-4) for row in expected}


@pytest.mark.parametrize(
    ("keys", "metrics", "said"),
    [
        ("items.sku", "sum:total", "is of the whole record and would count once per entry of items"),
        ("items.sku,tags.name", "count", "are two lists"),
        ("items.no_such_field", "count", "no row has items.no_such_field"),
    ],
)
async def test_what_would_count_twice_is_refused(here: Desk, keys: str, metrics: str, said: str) -> None:
    answer = await here.try_("summarize_records", operation="list_sales_orders", group_by=keys, metrics=metrics)
    assert answer.is_error
    assert said in answer.text


async def test_pages_of_a_list_that_declares_none_are_read_once_each(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("summarize_records", operation="get_bills_allocation_inbox", group_by="vendor_id", top=1)
    first = answer.structured["tables"]["groups"]["rows"][0]
    bills = await here.ask(
        "summarize_records",
        operation="get_bills_allocation_inbox",
        group_by="id",
        top=500,
        max_tokens=20_000,
    )
    assert all(row["count"] == 1 for row in bills.structured["tables"]["groups"]["rows"])
    assert answer.structured["facts"]["rows"] == bills.structured["facts"]["rows"] > first["count"]


class Unfiltered(StandIn):
    """An API that ignores every filter: four bills, whatever is asked for."""

    rows = (
        {"id": 1, "status": "Draft", "vendor_id": "7", "total": "10.00", "bill_date": "2026-01-31", "currency": "USD"},
        {"id": 2, "status": "posted", "vendor_id": 7, "total": Decimal("5.5"), "bill_date": None, "currency": "USD"},
        {
            "id": 3,
            "status": "draft",
            "vendor_id": 8,
            "total": 3,
            "bill_date": "2026-02-01T10:00:00Z",
            "currency": "USD",
        },
        {"id": 4, "status": {"name": "draft"}, "vendor_id": "x", "total": None, "bill_date": 7, "currency": ["USD"]},
    )

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        return Reply(200, {"data": list(self.rows), "meta": {"total": len(self.rows), "last_page": 1}})


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, 4),
        ({"status": "draft"}, 2),
        ({"status[in]": "draft,posted"}, 3),
        ({"vendor_id": 7}, 2),
        ({"total[gte]": "5.50"}, 2),
        ({"total[lt]": 5}, 1),
        ({"bill_date[gt]": "2026-01-31"}, 3),
        ({"status[contains]": "raf"}, 3),
        ({"status[notcontains]": "post"}, 3),
        ({"status[neq]": "posted"}, 3),
        ({"status[notin]": ["posted", "draft"]}, 2),
        ({"bill_date[notset]": True}, 1),
        ({"bill_date[set]": True}, 3),
    ],
)
async def test_rows_of_an_api_that_ignores_a_filter_are_left_out_and_that_is_said(
    filters: dict[str, Any], ids: int
) -> None:
    async with desk("http://127.0.0.1:9", upstream=Unfiltered()) as here:
        answer = await here.ask("summarize_records", operation="list_bills", filters=filters)
    assert answer.structured["facts"]["rows"] == ids
    assert ("does not seem to filter" in answer.text) is (ids < 4)


# What the rows do not carry


async def test_amounts_of_rows_without_a_currency_are_in_that_of_their_order(here: Desk, ledger: Ledger) -> None:
    lists = (
        (
            "list_receiving_reports",
            "sum:total_cost",
            {"received_date[gte]": "2026-10-01", "received_date[lte]": "2026-10-31"},
            "select o.currency, sum(r.total_cost) as cents from receiving_reports r"
            " join (select distinct i.receiving_report_id as report, p.currency from receiving_report_items i"
            " join purchase_order_items l on l.id = i.purchase_order_item_id"
            " join purchase_orders p on p.id = l.purchase_order_id) o on o.report = r.id"
            " where date(r.received_date) between '2026-10-01' and '2026-10-31' group by o.currency",
        ),
        (
            "list_purchase_order_items",
            "sum:line_total",
            {},
            "select p.currency, sum(i.line_total) as cents from purchase_order_items i"
            " join purchase_orders p on p.id = i.purchase_order_id where p.order_status <> 'deleted'"
            " group by p.currency",
        ),
    )
    for operation, metric, filters, query in lists:
        answer = await here.ask("summarize_records", operation=operation, filters=filters, metrics=metric)
        expected = {row["currency"]: money(row["cents"]) for row in ledger.rows(query)}
        told = {row["currency"]: Decimal(row[metric]) for row in answer.structured["tables"]["total"]["rows"]}
        assert told == expected
        assert len(told) == 3
    by_currency = await here.ask(
        "summarize_records", operation="list_receiving_reports", group_by="currency", metrics="sum:total_cost"
    )
    assert [row["currency"] for row in by_currency.structured["tables"]["groups"]["rows"]] == ["USD", "EUR", "GBP"]


async def test_names_are_looked_up_where_rows_say_ids(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask(
        "summarize_records", operation="list_purchase_orders", group_by="vendor_name", metrics="count", top=100
    )
    query = (
        "select c.name, count(*) as orders from purchase_orders p join companies c on c.id = p.vendor_id"
        " where p.order_status <> 'deleted' group by c.name"
    )
    rows = answer.structured["tables"]["groups"]["rows"]
    assert {row["vendor_name"]: row["count"] for row in rows} == {
        row["name"]: row["orders"] for row in ledger.rows(query)
    }


async def test_what_the_api_does_not_filter_by_is_filtered_here(here: Desk, ledger: Ledger) -> None:
    orders = await here.ask(
        "summarize_records", operation="list_purchase_orders", filters={"vendor_name[contains]": "acme"}
    )
    query = (
        "select count(*) from purchase_orders p join companies c on c.id = p.vendor_id"
        " where c.name like '%acme%' and p.order_status <> 'deleted'"
    )
    assert orders.structured["facts"]["rows"] == ledger.value(query) > 0
    assert "The API does not filter this list by vendor_name: that was done here." in orders.text
    inbox = await here.ask(
        "summarize_records",
        operation="get_bills_allocation_inbox",
        filters={"bill_date": {"gte": "2026-10-01", "lte": "2026-10-31"}, "status[neq]": "Paid"},
        group_by="status",
    )
    assert "does not filter this list by bill_date, status: that was done here." in inbox.text
    dates = ledger.value("select count(*) from bills where bill_date between '2026-10-01' and '2026-10-31'")
    assert 0 < inbox.structured["facts"]["rows"] < dates
    assert "paid" not in [row["status"] for row in inbox.structured["tables"]["groups"]["rows"]]
    wrong = await here.try_("summarize_records", operation="list_bills", filters={"vendor": "Acme"})
    assert wrong.is_error
    assert "no row has it; did you mean vendor_" in wrong.text


async def test_an_argument_that_rows_do_not_repeat_is_left_to_the_api(here: Desk, ledger: Ledger) -> None:
    late = await here.ask(
        "summarize_records",
        operation="billdiary_list_purchases",
        filters={"payment_status": "overdue"},
        metrics="count,sum:final_total",
    )
    listed = await here.ask("billdiary_list_purchases", payment_status="overdue", all_pages=True)
    (total,) = late.structured["tables"]["total"]["rows"]
    assert total["count"] == listed.structured["total"] > 0


async def test_amounts_of_records_by_tag_count_once_in_the_total(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask(
        "summarize_records", operation="list_sales_orders", group_by="tags.name", metrics="sum:total,count"
    )
    (total,) = answer.structured["tables"]["total"]["rows"]
    assert Decimal(total["sum:total"]) == money(ledger.value("select sum(total) from sales_orders"))
    rush = next(row for row in answer.structured["tables"]["groups"]["rows"] if row["tags.name"] == "Rush")
    query = (
        "select count(*) from taggings g join tags t on t.id = g.tag_id"
        " where g.owner = 'sales_order' and t.name = 'Rush'"
    )
    assert rush["count"] == ledger.value(query)


async def test_the_least_are_told_with_a_negative_top(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask(
        "summarize_records", operation="list_sales_orders", group_by="company_id", metrics="max:order_date", top=-3
    )
    query = "select company_id from sales_orders group by company_id order by max(order_date), company_id limit 3"
    rows = answer.structured["tables"]["groups"]["rows"]
    assert [row["company_id"] for row in rows[:3]] == [row["company_id"] for row in ledger.rows(query)]
    assert "other groups" in str(rows[3]["company_id"])


async def test_what_was_called_off_is_said_to_count(here: Desk, ledger: Ledger) -> None:
    off = ledger.value("select count(*) from invoices where status = 'cancelled' and total_due > 0")
    asked: dict[str, Any] = {"operation": "list_invoices", "metrics": "sum:total_due"}
    all_of_them = await here.ask("summarize_records", **asked, filters={"total_due[gt]": 0})
    assert f"{off} of the rows are cancelled and count too" in all_of_them.text
    without = await here.ask("summarize_records", **asked, filters={"total_due[gt]": 0, "status[neq]": "cancelled"})
    assert "count too" not in without.text
    assert without.structured["facts"]["rows"] == all_of_them.structured["facts"]["rows"] - off


async def test_a_list_that_no_row_carries_is_no_zero(here: Desk) -> None:
    answer = await here.try_(
        "summarize_records", operation="list_bills", group_by="payments.payment_type", metrics="sum:payments.amount"
    )
    assert answer.is_error
    assert "no row of list_bills carries payments" in answer.text


@pytest.mark.parametrize(
    ("operation", "filters", "said"),
    [
        ("list_bills", {"due_date[gte]": "11/01/2026"}, "must be a date (YYYY-MM-DD)"),
        ("list_bills", {"due_date[gte]": "2026-02-31"}, "due_date"),
        ("list_bills", {"total_due[gt]": "1,000"}, "total_due"),
        ("get_bills_allocation_inbox", {"bill_date[gte]": "11/01/2026"}, "is no date; write YYYY-MM-DD"),
        ("get_bills_allocation_inbox", {"total[gt]": "$100"}, "is no number"),
        ("billdiary_list_purchases", {"final_total[gt]": "1,000"}, "is no number"),
        ("list_bills", {"total_due": [1, {}]}, "takes one value"),
    ],
)
async def test_a_value_that_cannot_be_compared_is_no_zero(
    here: Desk, operation: str, filters: dict[str, Any], said: str
) -> None:
    answer = await here.try_("summarize_records", operation=operation, filters=filters, metrics="count")
    assert answer.is_error, answer.text
    assert said in answer.text


async def test_a_bound_with_a_time_is_compared_by_it(here: Desk, ledger: Ledger) -> None:
    asked = {"transaction_date[gte]": "2026-11-20T12:00:00Z"}
    later = await here.ask("summarize_records", operation="billdiary_list_purchases", filters=asked)
    own = await here.ask(
        "summarize_records", operation="billdiary_list_purchases", filters={"transaction_date": str(TODAY)}
    )
    counted = (
        "select count(*) from billdiary_transactions where type = 'purchase' and business_id = 1"
        " and replace(substr(transaction_date, 1, 19), 'T', ' ') >= :since"
    )
    assert later.structured["facts"]["rows"] == ledger.value(counted, since="2026-11-20 12:00:00")
    assert own.structured["facts"]["rows"] == ledger.value(counted, since="2026-11-20") > 2


class OrderLines(StandIn):
    """Lines of two orders. of: what the list of orders answers."""

    def __init__(self, of: Reply | Exception) -> None:
        self.of = of

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        if request.path.endswith("/items"):
            rows = [{"id": n, "purchase_order_id": n % 2, "line_total": Decimal(10)} for n in range(1, 5)]
            return Reply(200, {"data": rows, "meta": {"total": 4, "last_page": 1}})
        if isinstance(self.of, Exception):
            raise self.of
        return self.of


@pytest.mark.parametrize("of", [UnavailableError("down"), ForbiddenError("no")], ids=["down", "forbidden"])
async def test_amounts_are_refused_where_the_orders_with_their_currency_cannot_be_read(of: Exception) -> None:
    asked = {"operation": "list_purchase_order_items", "metrics": "sum:line_total"}
    async with desk("http://127.0.0.1:9", upstream=OrderLines(of)) as here:
        mixed = await here.try_("summarize_records", **asked)
        counted = await here.ask("summarize_records", operation="list_purchase_order_items")
    assert mixed.is_error
    assert "in the currency of each purchase_order_id, which cannot be read" in mixed.text
    assert counted.structured["facts"]["rows"] == 4


async def test_rows_whose_order_is_not_told_are_a_line_of_their_own() -> None:
    known = Reply(200, {"data": [{"id": 1, "currency": "EUR"}], "meta": {"total": 1, "last_page": 1}})
    async with desk("http://127.0.0.1:9", upstream=OrderLines(known)) as here:
        answer = await here.ask("summarize_records", operation="list_purchase_order_items", metrics="sum:line_total")
    told = {row["currency"]: row["sum:line_total"] for row in answer.structured["tables"]["total"]["rows"]}
    assert told == {"EUR": "20.00", "(none)": "20.00"}
    assert "Of 2 rows the currency is not known: they are told apart, and may be of several." in answer.text


async def test_metrics_are_understood_as_people_write_them(here: Desk) -> None:
    texts = [
        (await here.ask("summarize_records", operation="list_bills", metrics=[metric])).text
        for metric in ("sum:total_due", "sum(total_due)", "SUM( total_due )", "total_due:sum")
    ]
    assert len(set(texts)) == 1
    wrong = await here.try_("summarize_records", operation="list_bills", metrics=["count", "total(total_due)"])
    assert "total:total_due" in wrong.text or "total(total_due)" in wrong.text


async def test_refusals_say_what_to_write_instead(here: Desk) -> None:
    stock = {"operation": "list_inventory_stock", "group_by": "location_stocks.warehouse"}
    whole = await here.try_("summarize_records", **stock, metrics="sum:qty_onhand")
    assert "use location_stocks.qty_onhand or leave location_stocks out" in whole.text
    unknown = await here.try_("summarize_records", operation="list_inventory_stock", group_by="warehouse_name")
    assert "location_stocks.warehouse" in unknown.text
    payments = await here.try_("summarize_records", operation="list_bill_payments", metrics="sum:amount")
    assert "vendor_position shows a vendor's last ones, get_vendor_statement all" in payments.text


async def test_amounts_of_lists_that_are_not_declared_have_cents(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask(
        "summarize_records",
        operation="list_invoices", group_by="payments.date:month", metrics="sum:payments.amount,count", top=100,
    )  # fmt: skip
    rows = answer.structured["tables"]["groups"]["rows"]
    assert rows
    assert all(Decimal(row["sum:payments.amount"]).as_tuple().exponent == -2 for row in rows)
