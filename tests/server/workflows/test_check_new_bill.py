"""check_new_bill: what is entered already, what does not fit, and arguments that create_bill takes as they are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from asking import Desk, Ledger, money, rows_of
from harness import TODAY
from hypothesis import given, settings
from hypothesis import strategies as st
from writing import Clerk, desk_without

from server.answers.budget import tokens

pytestmark = pytest.mark.anyio

ROWS = 20_000
ORDER = 2334
"""An order of these books that is received in part and not billed."""
BILL = {"vendor": 131, "bill_number": "NEW-1", "bill_date": TODAY.isoformat(), "total": 100}
LINE = {"description": "Labels", "quantity": 1, "unit_cost": 100}


def checked(answer: Any) -> dict[str, str]:
    """Results by check."""
    return {row["check"]: row["result"] for row in rows_of(answer, "checks")}


def said(answer: Any, check: str) -> list[str]:
    return [row["said"] for row in rows_of(answer, "checks") if row["check"] == check]


async def test_a_bill_of_a_received_order_is_ready_and_enters_as_told(there: Desk, clerk: Clerk) -> None:
    lines = clerk.get(f"purchase-orders/{ORDER}/billable-lines")
    total = sum(Decimal(str(line["billable_amount"])) for line in lines)
    number = clerk.get(f"purchase-orders/{ORDER}")["order_numbers"][0]
    paper = {**BILL, "total": total}
    answer = await there.ask("check_new_bill", **paper, purchase_order=number.lower(), max_tokens=ROWS)
    assert answer.structured["facts"]["verdict"] == "ready to enter"
    assert answer.structured["facts"]["received_not_billed"] == {"USD": f"{total:.2f}"}
    assert answer.structured["next"] == ["create_bill"]
    arguments = {row["argument"]: row["value"] for row in rows_of(answer, "create_bill")}
    items = [{key: value for key, value in row.items() if key != "of"} for row in rows_of(answer, "create_bill items")]
    entered = clerk.call("POST", "bills", **arguments, items=items)
    assert Decimal(str(entered["total"])) == total
    assert entered["purchase_order_id"] == ORDER
    again = await there.ask("check_new_bill", **{**paper, "bill_number": "new 01"}, max_tokens=ROWS)
    assert again.structured["facts"]["verdict"].startswith("ask first about: similar bills")
    same = await there.ask("check_new_bill", **{**paper, "bill_number": "new-1"}, max_tokens=ROWS)
    assert same.structured["facts"]["verdict"] == "do not enter it: duplicate"
    assert not rows_of(same, "create_bill")
    assert {row["id"]: row["why"] for row in rows_of(same, "similar_bills")}[entered["id"]] == "same number"
    # A void bill stands in nobody's way.
    clerk.call("PATCH", f"bills/{entered['id']}/status", status="void")
    free = await there.ask("check_new_bill", **paper, lines=[{**LINE, "unit_cost": total}], max_tokens=ROWS)
    assert free.structured["facts"]["verdict"] == "ready to enter"


async def test_a_number_without_its_letters_is_asked_about(here: Desk, ledger: Ledger) -> None:
    bill = ledger.rows("select * from bills where bill_number like 'CTD-%' and status = 'posted' order by id desc")[0]
    paper = {"vendor": bill["vendor_id"], "bill_date": bill["bill_date"], "total": 5_000.01}
    for number, why in ((bill["bill_number"].partition("-")[2], "the same digits"), ("77", None)):
        answer = await here.ask("check_new_bill", **paper, bill_number=number)
        found = {row["id"]: row["why"] for row in rows_of(answer, "similar_bills")}
        assert found.get(bill["id"]) == why


@settings(max_examples=40)
@given(st.data())
async def test_every_bill_on_record_is_known_again(here: Desk, ledger: Ledger, data: st.DataObject) -> None:
    """By its number, by its number written otherwise, and by its total; in vendors with one page of bills and more."""
    rows = ledger.rows("select * from bills where status <> 'void' and (vendor_id = 104 or id % 4 = 0)")
    bill = data.draw(st.sampled_from(rows))
    date = dt.date.fromisoformat(bill["bill_date"])
    way = data.draw(st.sampled_from(("same", "spelled", "total")))
    letters, _, digits = bill["bill_number"].partition("-")
    number = {
        "same": data.draw(st.sampled_from((bill["bill_number"], bill["bill_number"].lower()))),
        "spelled": data.draw(st.sampled_from((f"{letters}{digits}", f"{letters.lower()} 00{digits}"))),
        "total": "Z-31337",
    }[way]
    apart = data.draw(st.integers(-12, 12) | st.integers(-120, 120)) if way == "total" else 0
    paper = {"vendor": bill["vendor_id"], "bill_number": number, "total": money(bill["total"])}
    paper |= {"bill_date": (date + dt.timedelta(days=apart)).isoformat(), "currency": bill["currency"]}
    answer = await here.ask("check_new_bill", **paper, max_tokens=ROWS)
    found = {row["id"]: row["why"] for row in rows_of(answer, "similar_bills")}
    expected = {"same": "same number", "spelled": "number written otherwise", "total": "same total within 10 days"}
    if abs(apart) > 10 and bill["total_due"]:
        expected["total"] = "same total, not paid yet"
    if abs(apart) <= 10 or bill["total_due"]:
        assert found[bill["id"]] == expected[way]
        assert answer.structured["facts"]["verdict"] != "ready to enter"
    else:
        assert bill["id"] not in found
    near = ledger.rows(
        "select id from bills where vendor_id = :vendor_id and total = :total and currency = :currency"
        " and abs(julianday(bill_date) - julianday(:date)) <= 10",
        **{name: bill[name] for name in ("vendor_id", "total", "currency")},
        date=paper["bill_date"],
    )
    assert {row["id"] for row in near} <= found.keys()
    unpaid = ledger.rows(
        "select id from bills where vendor_id = :vendor_id and total = :total and currency = :currency"
        " and total_due > 0 and status <> 'void'",
        **{name: bill[name] for name in ("vendor_id", "total", "currency")},
    )
    assert {row["id"] for row in unpaid} <= found.keys()
    assert tokens(answer.text) <= ROWS


async def test_an_unpaid_bill_that_is_sent_once_more_months_later_is_seen(here: Desk, ledger: Ledger) -> None:
    """In a vendor with one page of bills, and in one with more."""
    for vendor in (101, 104):
        (bill,) = ledger.rows(
            "select * from bills where vendor_id = :vendor and status = 'posted' and bill_date < '2026-11-01'"
            " order by id limit 1",
            vendor=vendor,
        )
        paper = {"vendor": vendor, "bill_number": "Z-31337", "bill_date": "2026-11-18", "total": money(bill["total"])}
        answer = await here.ask("check_new_bill", **paper)
        assert checked(answer)["similar bills"] == "ask"
        assert {row["id"]: row["why"] for row in rows_of(answer, "similar_bills")}[bill["id"]] == (
            "same total, not paid yet"
        )


async def test_the_due_date_is_that_of_the_terms(here: Desk, ledger: Ledger) -> None:
    days = {"Due on receipt": 0, "Net 15": 15, "Net 30": 30, "Net 45": 45, "Net 60": 60, "2/10 Net 30": 30}
    vendors = ledger.rows("select id, payment_term from companies where type_id = 1 limit 12")
    for vendor in vendors:
        due = TODAY + dt.timedelta(days=days[vendor["payment_term"]])
        answer = await here.ask("check_new_bill", **{**BILL, "vendor": vendor["id"]}, lines=[LINE])
        assert answer.structured["facts"]["due_date_by_terms"] == due.isoformat()
        assert checked(answer)["due_date"] == "ok"
        other = (due + dt.timedelta(days=3)).isoformat()
        late = await here.ask("check_new_bill", **{**BILL, "vendor": vendor["id"]}, lines=[LINE], due_date=other)
        assert said(late, "due_date") == [f"3 days after {due}, the vendor's terms"]
        assert {row["argument"]: row["value"] for row in rows_of(late, "create_bill")}["due_date"] == other


@pytest.mark.parametrize(
    ("change", "check", "result", "words"),
    [
        ({"bill_date": "2026-11-23"}, "bill_date", "ask", "3 days in the future"),
        ({"bill_date": "2025-11-19"}, "bill_date", "ask", "366 days ago"),
        ({"bill_date": "2025-11-20"}, "bill_date", "ok", "365 days ago"),
        ({"currency": "eur"}, "currency", "ask", "the vendor bills in USD"),
        ({"purchase_order": "PO-nowhere"}, "purchase_order", "ask", "no order has this number or id"),
        ({"purchase_order": 2001}, "purchase_order", "stop", "it is an order of another vendor"),
        ({"purchase_order": ORDER}, "purchase_order", "ok", "stays received and not billed"),
        ({"purchase_order": ORDER, "total": 99_999}, "purchase_order", "ask", "more than received and not billed"),
        ({"tax_amount": 7}, "lines", "ask", "is 7.00 off the total"),
        ({"lines": None}, "lines", "ask", "none given"),
        ({"total": "107.00", "tax_amount": 7}, "lines", "ok", "lines 100.00 + tax 7.00 = total"),
    ],
)
async def test_what_does_not_fit_is_asked_about(
    here: Desk, change: dict[str, Any], check: str, result: str, words: str
) -> None:
    answer = await here.ask("check_new_bill", **{**BILL, "lines": [LINE], **change})
    assert checked(answer)[check] == result
    assert words in said(answer, check)[0]
    assert ("next" in answer.structured) == (answer.structured["facts"]["verdict"] == "ready to enter")


async def test_what_was_paid_on_the_order_is_shown_before_its_bill_is_entered(here: Desk, ledger: Ledger) -> None:
    (order,) = ledger.rows(
        "select * from purchase_orders o where total_paid > 0 and order_status = 'active'"
        " and not exists (select 1 from bills where purchase_order_id = o.id) order by id desc limit 1"
    )
    paper = {**BILL, "vendor": order["vendor_id"], "purchase_order": order["order_number"]}
    answer = await here.ask("check_new_bill", **paper)
    facts = answer.structured["facts"]
    assert facts["paid_on_order"] == {order["currency"]: f"{money(order['total_paid']):.2f}"}
    assert "does not take off what was paid on its order" in answer.text
    assert tokens(answer.text) <= 1_200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"due_date": "2026-11-01"}, "due_date is before bill_date"),
        ({"tax_amount": 101}, "tax_amount is more than total"),
        ({"total": 0}, "total: must be greater than 0"),
        ({"bill_number": ""}, "bill_number: "),
        ({"lines": [{"quantity": 1}]}, "lines.0.unit_cost: is required"),
        ({"vendor": "acme of nowhere at all"}, "nearest 3"),
        ({"vendor": "zzqx"}, "nearest 3"),
    ],
)
async def test_bad_input_is_told(here: Desk, change: dict[str, Any], words: str) -> None:
    answer = await here.try_("check_new_bill", **{**BILL, **change})
    assert answer.is_error
    assert words in answer.text


async def test_without_the_check_for_duplicates_the_bills_themselves_are_looked_at(
    books_url: str, ledger: Ledger
) -> None:
    (bill,) = ledger.rows("select * from bills where status = 'paid' and vendor_id = 104 limit 1")
    paper = {**BILL, "vendor": 104, "bill_number": bill["bill_number"].lower()}
    async with desk_without(books_url, "check-duplicate", "calculate-due-date") as narrow:
        answer = await narrow.ask("check_new_bill", **paper, lines=[LINE])
    assert answer.structured["facts"]["verdict"].startswith("do not enter it: duplicate")
    assert said(answer, "due_date") == ["the vendor's terms say none"]
    assert "Without the check for duplicates: not allowed" in answer.text


async def test_a_purchase_is_checked_in_billdiary(here: Desk, ledger: Ledger) -> None:
    (row,) = ledger.rows(
        "select ref_no, final_total, contact_id, substr(transaction_date, 1, 10) as day from billdiary_transactions"
        " where type = 'purchase' and business_id = 1 order by id desc limit 1"
    )
    paper = {"vendor": row["contact_id"], "bill_number": row["ref_no"], "bill_date": row["day"], "total": 1}
    same = await here.ask("check_new_bill", **paper, system="billdiary")
    assert same.structured["facts"]["verdict"] == "do not enter it: duplicate"
    free = await here.ask("check_new_bill", **{**paper, "bill_number": "NEW-31337"}, system="billdiary", lines=[LINE])
    assert free.structured["facts"]["verdict"] == "ready to enter"
    assert "Not checked in BillDiary: lines." in free.text
    alike = {**paper, "bill_number": "NEW-31337", "total": money(row["final_total"])}
    twin = await here.ask("check_new_bill", **alike, system="billdiary")
    assert checked(twin)["similar bills"] == "ask"
