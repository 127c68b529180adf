"""match_bill: the three-way match, line by line as SQL over the same books has it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from asking import OWED, Desk, Ledger, money, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from writing import Clerk, desk_without

from server.answers.budget import tokens
from tools.workflows.parts.three_way import Match, Papers, Tolerance

pytestmark = pytest.mark.anyio

CENT = Decimal("0.01")
ROWS = 20_000
ORDER, VENDOR = 2334, 131
"""An order of these books that is received in part and not billed."""


@pytest.fixture
def order(clerk: Clerk, ledger: Ledger) -> Iterator[dict[str, Any]]:
    """A received order that no bill covers; its bills are void afterwards."""
    found = clerk.get(f"purchase-orders/{ORDER}")
    assert all(item["received_quantity"] for item in found["items"])
    yield found
    for bill in clerk.get(f"bills/by-vendor/{VENDOR}", per_page=100, **{"created_at[gt]": "2026-11-20 23:59:59"}):
        if bill["status"] in ("draft", "posted"):
            clerk.call("PATCH", f"bills/{bill['id']}/status", status="void")


def billed(item: dict[str, Any], quantity: int | None = None, cost: Any = None, linked: bool = True) -> dict[str, Any]:
    """A line of a bill for a line of the order."""
    line = {"product_id": item["product_id"], "quantity": quantity or item["received_quantity"]}
    line |= {"unit_cost": cost or item["unit_price"]}
    return {**line, "purchase_order_item_id": item["id"]} if linked else line


@settings(max_examples=30)
@given(st.data())
async def test_any_bill_with_an_order_is_matched_as_sql_matches_it(
    here: Desk, ledger: Ledger, data: st.DataObject
) -> None:
    bills = ledger.rows("select id, status from bills where purchase_order_id is not null and status <> 'void'")
    bill = data.draw(st.sampled_from(bills))
    percent = data.draw(st.sampled_from((0, 1, 4, 5)))
    answer = await here.ask("match_bill", bill=bill["id"], tolerance=f"{percent}%", max_tokens=ROWS)
    told = {row["line"]: row for row in rows_of(answer, "lines") + rows_of(answer, "freight_and_duty")}
    lines = ledger.rows(
        "select i.*, o.received_quantity as came, o.unit_cost as ordered_cost,"
        " (select coalesce(sum(amount), 0) from bill_allocations where bill_item_id = i.id) as allocated"
        " from bill_items i left join purchase_order_items o on o.id = i.purchase_order_item_id where bill_id = :id",
        id=bill["id"],
    )
    assert set(told) == {line["line_number"] for line in lines}
    difference = Decimal(0)
    for line in lines:
        row, whole = told[line["line_number"]], money(line["line_total"])
        if line["type"] in ("freight", "duty"):
            part = money(line["allocated"])
            verdict = "allocated" if part == whole else "part allocated" if part else "not allocated"
            assert (row["verdict"], row["amount"]) == (verdict, f"{whole:.2f}")
            continue
        counted = Decimal(min(line["quantity"], line["came"]))
        expected = (counted * line["ordered_cost"]).scaleb(-8).quantize(CENT, ROUND_HALF_UP)
        difference += whole - expected
        assert row["difference"] == f"{whole - expected:.2f}"
        wrong = ["price"] if line["unit_cost"] != line["ordered_cost"] else []
        wrong += ["quantity"] if line["quantity"] > line["came"] else []
        passes = abs(whole - expected) <= expected * percent / 100
        assert row["verdict"] == ("within tolerance" if passes and wrong else " and ".join(wrong) or "matches")
    facts = answer.structured["facts"]
    assert [*facts["difference"].values()] == [f"{difference:.2f}"]
    assert facts["verdict"].startswith("all ") == all(
        row["verdict"] in ("matches", "within tolerance", "allocated") for row in told.values()
    )
    assert not [note for note in answer.structured["notes"] if "sees a variance" in note]
    assert sum(answer.structured["read_with"].values()) <= 8


async def test_what_other_bills_billed_is_not_billed_again(
    there: Desk, own_url: str, clerk: Clerk, order: dict[str, Any]
) -> None:
    first, second, third = order["items"][:3]
    clerk.bill(VENDOR, "OTHER-1", [billed(first), billed(second, 100)], purchase_order_id=ORDER)
    # Without an order of its own, the second bill still bills lines of it.
    loose = clerk.bill(VENDOR, "OTHER-2", [billed(third, 6)])
    half = second["received_quantity"] - 100
    bill = clerk.bill(
        VENDOR, "MINE-1", [billed(first), billed(second), billed(third, 6, "9.9999")], purchase_order_id=ORDER
    )
    answer = await there.ask("match_bill", bill=bill["id"], max_tokens=ROWS)
    told = {row["line"]: row for row in rows_of(answer, "lines")}
    assert [told[line]["verdict"] for line in (1, 2, 3)] == ["quantity", "quantity", "price"]
    assert told[1]["expected"] == "0.00"
    assert Decimal(told[2]["expected"]) == (half * Decimal(str(second["unit_price"]))).quantize(CENT, ROUND_HALF_UP)
    assert [told[line]["by_others"] for line in (1, 2, 3)] == ["48", "100", "6"]
    assert {row["bill_number"] for row in rows_of(answer, "other_bills_of_the_order")} == {"OTHER-1"}
    left = {row["order_line"]: Decimal(row["units"]) for row in rows_of(answer, "received_not_billed")}
    received = {item["id"]: Decimal(item["received_quantity"]) for item in order["items"]}
    billed_already = {first["id"]: received[first["id"]], second["id"]: received[second["id"]], third["id"]: 12}
    expected = {key: units - billed_already.get(key, 0) for key, units in received.items()}
    assert left == {key: units for key, units in expected.items() if units > 0}
    # Where the count of what is billed may not be read, the other bills of the order are read themselves.
    async with desk_without(own_url, "candidate-lines", "variance") as narrow:
        again = await narrow.ask("match_bill", bill=bill["id"], max_tokens=ROWS)
    assert {row["line"]: row["expected"] for row in rows_of(again, "lines")} == {
        1: "0.00",
        2: told[2]["expected"],
        3: told[3]["expected"],
    }
    # A bill without an order in its head is matched by the orders of its lines.
    by_lines = await there.ask("match_bill", bill=loose["id"], max_tokens=ROWS)
    assert by_lines.structured["facts"]["purchase_order_id"] == str(ORDER)


async def test_lines_that_were_not_ordered_and_lines_of_the_same_product(
    there: Desk, clerk: Clerk, order: dict[str, Any]
) -> None:
    strange = {"product_id": 1001, "quantity": 5, "unit_cost": 2}
    assert 1001 not in {item["product_id"] for item in order["items"]}
    items = [billed(order["items"][0], linked=False), strange, {"description": "Fee", "quantity": 1, "unit_cost": 10}]
    bill = clerk.bill(VENDOR, "MIXED-1", items, purchase_order_id=ORDER)
    answer = await there.ask("match_bill", bill="mixed 1", max_tokens=ROWS)
    assert answer.structured["facts"]["bill_id"] == bill["id"]
    assert {row["line"]: row["verdict"] for row in rows_of(answer, "lines")} == {
        1: "matches",
        2: "not ordered",
        3: "not ordered",
    }
    assert answer.structured["facts"]["verdict"] == "2 of 3 lines need a look: 2 not ordered"
    assert answer.structured["facts"]["difference"] == {"USD": "20.00"}


async def test_a_bill_without_an_order_is_given_the_orders_it_could_be_for(
    there: Desk, clerk: Clerk, order: dict[str, Any]
) -> None:
    bill = clerk.bill(VENDOR, "LOOSE-1", [billed(order["items"][0], linked=False)])
    answer = await there.ask("match_bill", bill=bill["id"], max_tokens=ROWS)
    lines = clerk.get(f"bills/{bill['id']}/candidate-lines")
    assert answer.structured["facts"]["verdict"] == "no purchase order, nothing to match with"
    assert {row["purchase_order_id"]: row["lines"] for row in rows_of(answer, "candidates")} == {
        order_id: sum(line["purchase_order_id"] == order_id for line in lines)
        for order_id in {line["purchase_order_id"] for line in lines}
    }
    assert ORDER in {row["purchase_order_id"] for row in rows_of(answer, "candidates")}


async def test_goods_that_did_not_come_and_another_currency(there: Desk, clerk: Clerk, ledger: Ledger) -> None:
    (line,) = ledger.rows(
        "select i.id, i.product_id, p.id as order_id, p.vendor_id from purchase_order_items i"
        " join purchase_orders p on p.id = i.purchase_order_id where i.received_quantity = 0 and i.quantity > 50000"
        " and p.order_status = 'active' and p.currency = 'USD' limit 1"
    )
    bought = {"product_id": line["product_id"], "quantity": 5, "unit_cost": 1, "purchase_order_item_id": line["id"]}
    bill = clerk.bill(line["vendor_id"], "EARLY-1", [bought], purchase_order_id=line["order_id"], currency="EUR")
    answer = await there.ask("match_bill", bill=bill["id"])
    (row,) = rows_of(answer, "lines")
    assert (row["verdict"], row["expected"]) == ("not received", "0.00")
    assert "order_cost" not in row
    assert "prices were not compared" in answer.text


async def test_a_purchase_of_billdiary_is_matched_with_its_orders(here: Desk, ledger: Ledger) -> None:
    linked = "select distinct transaction_id as id from billdiary_links l join billdiary_transactions t"
    purchases = ledger.rows(
        f"{linked} on t.id = l.transaction_id where t.type = 'purchase' and business_id = 1 order by 1 desc limit 12"
    )
    for purchase in purchases:
        answer = await here.ask("match_bill", bill=purchase["id"], system="billdiary", max_tokens=ROWS)
        lines = ledger.rows(
            "select p.quantity, p.purchase_price, o.quantity as ordered, o.purchase_price as order_price,"
            " (select coalesce(sum(quantity), 0) from billdiary_lines where order_line_id = o.id and id <> p.id)"
            " as others from billdiary_lines p join billdiary_lines o on o.id = p.order_line_id"
            " where p.transaction_id = :id",
            id=purchase["id"],
        )
        expected = [
            " and ".join(
                ["price"] * (line["purchase_price"] != line["order_price"])
                + ["quantity"] * (line["quantity"] > line["ordered"] - line["others"])
            )
            or "matches"
            for line in lines
        ]
        assert sorted(row["verdict"] for row in rows_of(answer, "lines")) == sorted(expected)
        assert "BillDiary keeps no receiving reports." in answer.text
    assert purchases


UNLIKE = f"""exists (select 1 from bill_items i join purchase_order_items p on p.id = i.purchase_order_item_id
    where i.bill_id = b.id and (i.unit_cost <> p.unit_cost or i.quantity > p.received_quantity))
    and b.total_due > 0 and {OWED}"""


async def test_all_open_bills_are_matched_at_once_and_those_that_differ_are_given(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("match_bill", max_tokens=ROWS)
    facts, rows = answer.structured["facts"], rows_of(answer, "do_not_match")
    ids = {row["id"] for row in ledger.rows(f"select b.id from bills b where {UNLIKE}")}
    open_bills = ledger.value(
        f"select count(*) from bills where total_due > 0 and purchase_order_id is not null and {OWED}"
    )
    assert {row["id"] for row in rows} == ids
    assert facts["verdict"] == f"{len(ids)} of {open_bills} open bills do not match their order"
    counted = ledger.rows(f"select currency, count(*) as bills from bills b where {UNLIKE} group by 1")
    by_currency = {row["currency"]: row for row in rows_of(answer, "by_currency")}
    assert {code: row["do_not_match"] for code, row in by_currency.items()} == {
        row["currency"]: row["bills"] for row in counted
    }
    for row in rows[:3] + rows[-3:]:
        one = await here.ask("match_bill", bill=row["id"])
        assert one.structured["facts"]["difference"] == {row["currency"]: row["difference"]}
    assert sum(answer.structured["read_with"].values()) <= open_bills + 6
    short = await here.ask("match_bill")
    assert tokens(short.text) <= 1_200


async def test_the_open_bills_of_one_vendor_are_matched_with_a_tolerance(here: Desk, ledger: Ledger) -> None:
    ids = {row["id"] for row in ledger.rows(f"select b.id from bills b where {UNLIKE} and vendor_id = 136")}
    answer = await here.ask("match_bill", vendor="riverbend")
    assert answer.structured["facts"]["vendor"] == "Riverbend Printing"
    assert {row["id"] for row in rows_of(answer, "do_not_match")} == ids != set()
    wide = await here.ask("match_bill", vendor="136", tolerance="5%")
    assert not rows_of(wide, "do_not_match")
    assert wide.structured["facts"]["bills_within_tolerance"] == len(ids)
    assert wide.structured["facts"]["difference_within_tolerance"] == answer.structured["facts"]["difference"]
    assert "bills_within_tolerance" not in answer.structured["facts"]
    both = await here.try_("match_bill", vendor="136", bill="5885")
    assert both.is_error
    assert "give bill or vendor" in both.text
    billdiary = await here.try_("match_bill", system="billdiary")
    assert billdiary.is_error
    assert "bill: is required" in billdiary.text


async def test_of_open_bills_what_others_bill_is_not_left_and_lines_of_further_orders_count(
    there: Desk, clerk: Clerk, order: dict[str, Any], ledger: Ledger
) -> None:
    (other,) = ledger.rows(
        "select i.id, i.product_id, i.received_quantity, i.unit_cost, o.id as order_id from purchase_order_items i"
        " join purchase_orders o on o.id = i.purchase_order_id where o.vendor_id = :vendor and o.id <> :order"
        " and i.received_quantity > 0 and not exists (select 1 from bills where purchase_order_id = o.id) limit 1",
        vendor=VENDOR,
        order=ORDER,
    )
    further = {
        "product_id": other["product_id"],
        "quantity": 1,
        "unit_cost": str(Decimal(other["unit_cost"]).scaleb(-4)),
    }
    further |= {"purchase_order_item_id": other["id"]}
    first, second, _ = order["items"][:3]
    # A draft is not matched, but what it bills is billed.
    clerk.bill(VENDOR, "DRAFT-1", [billed(first)], purchase_order_id=ORDER)
    twice = clerk.bill(VENDOR, "TWICE-1", [billed(first), billed(second)], purchase_order_id=ORDER)
    fits = clerk.bill(VENDOR, "FITS-1", [further], purchase_order_id=ORDER)
    for bill in (twice, fits):
        clerk.call("POST", f"bills/{bill['id']}/post")
    answer = await there.ask("match_bill", vendor=VENDOR, max_tokens=ROWS)
    told = {row["id"]: row for row in rows_of(answer, "do_not_match")}
    assert told[twice["id"]]["differs_in"] == "1 quantity"
    assert fits["id"] not in told
    assert "drafts are left out" in answer.text


async def test_open_bills_that_were_not_looked_at_are_counted(books_url: str) -> None:
    async with desk_without(books_url, "/bills/58", "/bills/59", "/bills/60") as narrow:
        answer = await narrow.ask("match_bill")
    matched, left = answer.structured["facts"]["verdict"].split(" of ")[1].split()[0], 91
    (said,) = [note for note in answer.structured["notes"] if "were not looked at" in note]
    assert int(said.split()[0]) == left - int(matched) > 0
    async with desk_without(books_url, "/bills/5", "/bills/6") as narrow:
        nothing = await narrow.ask("match_bill")
    assert nothing.structured["facts"]["verdict"] == "none of the open bills could be looked at"


@pytest.mark.parametrize("tolerance", ["lots", "-1", "5 EUR", "%", "1e9", "100000000000000"])
async def test_a_tolerance_is_an_amount_or_a_percentage(here: Desk, tolerance: str) -> None:
    answer = await here.try_("match_bill", bill="5042", tolerance=tolerance)
    assert answer.is_error
    assert "tolerance: must be an amount such as 5.00, or a percentage such as 2%" in answer.text


COSTS = st.decimals("0.0001", "999", places=4)
UNITS = st.integers(0, 500)


@given(st.lists(st.tuples(UNITS.filter(bool), COSTS, UNITS, UNITS, COSTS), min_size=1, max_size=5), COSTS)
def test_sums_agree_and_a_wider_tolerance_never_finds_more(lines: list[tuple[Any, ...]], allowed: Decimal) -> None:
    bill: dict[str, Any] = {"id": 1, "currency": "USD", "status": "posted", "items": []}
    order: dict[str, Any] = {"id": 9, "currency": "USD", "items": []}
    elsewhere = {}
    received = []
    for key, (quantity, cost, came, others, ordered_cost) in enumerate(lines, 1):
        total = (quantity * cost).quantize(CENT, ROUND_HALF_UP)
        line = {"line_number": key, "quantity": quantity, "unit_cost": cost, "line_total": total}
        bill["items"].append({**line, "type": "product", "purchase_order_item_id": key})
        order["items"].append({"id": key, "quantity": quantity, "unit_price": ordered_cost})
        received.append({"purchase_order_item_id": key, "purchase_order_id": 9, "received_quantity": came})
        elsewhere[key] = Decimal(others)
    papers = Papers([order], [{"id": 1, "items": received}], elsewhere)
    exact, wide = Match(bill, papers), Match(bill, papers, Tolerance(allowed))
    assert len(wide.problems) <= len(exact.problems)
    for row, (quantity, cost, came, others, ordered_cost) in zip(exact.goods, lines, strict=True):
        assert row["amount"] == row["expected"] + row["difference"]
        fits = quantity <= max(came - others, 0) and cost == ordered_cost
        assert (row["verdict"] == "matches") == fits
        assert row["expected"] <= came * ordered_cost + CENT
