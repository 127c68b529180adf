"""look_up_invoices: what customers owe, exact against SQL; due dates by terms; customers by name."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from asking import Desk, Ledger, money, pictures, rows_of
from harness import TODAY
from hypothesis import given
from hypothesis import strategies as st

from server.answers.budget import tokens
from tools.workflows.parts.receivables import due_date

pytestmark = pytest.mark.anyio

DUE = "date(order_date, '+' || substr(payment_terms, 5) || ' days')"
"""When an invoice falls due, in SQL: the books have the terms Net 15, Net 30 and Net 45."""
OPEN = "status = 'active' and total_due > 0"


def owed(ledger: Ledger, where: str = "1", **values: Any) -> str:
    cents = ledger.value(f"select sum(total_due) from invoices where {OPEN} and {where}", **values)
    return f"{money(cents):.2f}"


def by_customer(ledger: Ledger, where: str = "1") -> dict[int, str]:
    query = f"select company_id, sum(total_due) as cents from invoices where {OPEN} and {where} group by company_id"
    return {row["company_id"]: f"{money(row['cents']):.2f}" for row in ledger.rows(query, today=str(TODAY))}


async def test_who_owes_us_is_one_call(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("look_up_invoices", max_tokens=5_000)
    facts = answer.structured["facts"]
    assert facts["owed_to_us"][""] == owed(ledger)
    assert facts["overdue"][""] == owed(ledger, f"{DUE} < :today", today=str(TODAY))
    assert facts["invoices"] == ledger.value(f"select count(*) from invoices where {OPEN}")
    owing = by_customer(ledger)
    rows = answer.structured["tables"]["by_customer"]
    assert rows["of"] == len(owing)
    assert all(owing[row["customer_id"]] == row["owed"] for row in rows["rows"])
    most = sorted((float(each) for each in owing.values()), reverse=True)[: len(rows["rows"])]
    assert [float(row["owed"]) for row in rows["rows"]] == most
    assert answer.structured["read_with"] == {"list_invoices": 1}
    assert "cancelled or void invoices with an amount due are left out" in answer.text


async def test_overdue_customers_and_aging_are_those_of_sql(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("look_up_invoices", overdue=True, max_tokens=5_000)
    late = by_customer(ledger, f"{DUE} < :today")
    assert {row["customer_id"]: row["overdue"] for row in rows_of(answer, "by_customer")}.items() <= late.items()
    assert answer.structured["tables"]["by_customer"]["of"] == len(late)
    (aging,) = rows_of(answer, "aging")
    for bucket, first, last in (("1-30", 1, 30), ("31-60", 31, 60), ("61-90", 61, 90)):
        where = f"julianday(:today) - julianday({DUE}) between {first} and {last}"
        assert aging[bucket] == owed(ledger, where, today=str(TODAY))


async def test_one_customer_by_name_misspelt_and_by_id(here: Desk, ledger: Ledger) -> None:
    row = ledger.rows(
        f"select c.id, c.name from companies c join invoices i on i.company_id = c.id where i.{OPEN} order by 2 limit 1"
    )[0]
    expected = owed(ledger, "company_id = :id", id=row["id"])
    for given_name in (row["name"], row["name"].upper(), row["name"][:-1] + "x", str(row["id"])):
        answer = await here.ask("look_up_invoices", customer=given_name)
        assert answer.structured["facts"]["customer_id"] == row["id"]
        assert answer.structured["facts"]["owed_to_us"][""] == expected
        assert tokens(answer.text) <= 700


async def test_a_customer_who_owes_nothing_is_told_from_one_that_is_not_known(here: Desk, ledger: Ledger) -> None:
    settled = ledger.rows(
        "select id, name from companies where name like '%Mercantile' and id in (select company_id from invoices)"
        " and id not in"
        f" (select company_id from invoices where {OPEN}) order by name limit 1"
    )[0]
    answer = await here.ask("look_up_invoices", customer=settled["name"])
    assert answer.structured["facts"]["invoices"] == 0
    assert "Nothing open fits" in answer.text
    every = await here.ask("look_up_invoices", customer=settled["name"], status="all")
    count = ledger.value("select count(*) from invoices where company_id = :id", id=settled["id"])
    assert every.structured["facts"]["invoices"] == count
    several = await here.try_("look_up_invoices", customer="mercantile")
    assert several.is_error
    assert several.structured["error"]["fits"] > 1
    assert (await here.try_("look_up_invoices", customer="999999")).is_error


async def test_every_customer_of_a_name_is_asked_about_and_a_vendor_is_told_from_one(
    here: Desk, ledger: Ledger
) -> None:
    several = await here.try_("look_up_invoices", customer="amber")
    known = {row["id"] for row in ledger.rows("select id from companies where name like 'Amber %'")}
    assert {each["id"] for each in several.structured["error"]["candidates"]} == known
    assert len(known) == 3
    vendor = await here.try_("look_up_invoices", customer="Tidewater Freight Lines")
    assert vendor.is_error
    assert "a vendor does. What we owe: look_up_bills, vendor_position" in vendor.text


async def test_the_chart_is_a_picture(here: Desk) -> None:
    assert pictures(await here.ask("look_up_invoices", aging_chart=True)) == ["image/png"]


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 180))
def test_net_terms_fall_due_so_many_days_on(ordered: dt.date, days: int) -> None:
    for terms in (f"Net {days}", f"NET{days}", f"2/10 net {days}"):
        assert due_date(ordered, terms) == ordered + dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("terms", "days"), [("Due on receipt", 0), ("COD", 0), ("Custom", None), ("", None), (None, None), (30, None)]
)
def test_terms_that_say_no_days_give_no_due_date(terms: object, days: int | None) -> None:
    ordered = dt.date(2026, 1, 31)
    assert due_date(ordered, terms) == (None if days is None else ordered)
    assert due_date(None, terms) is None
