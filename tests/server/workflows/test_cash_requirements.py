"""cash_requirements: exact against SQL over the same books, nothing counted twice, currencies apart."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import httpx
import pytest
from asking import NOT_BILLED, OWED, TOKEN, Desk, Ledger, amounts, desk, money, pictures, sandbox
from harness import ERAS, TODAY, connect, house, text_of
from hypothesis import given, settings
from hypothesis import strategies as st

from server.answers.budget import tokens

pytestmark = pytest.mark.anyio

DUE = f"""
    select vendor_id, due_date, currency, total_due as cents, 1 as is_bill
    from bills where total_due > 0 and {OWED}
    union all
    select vendor_id, due_date, currency, total_due, 0 from payment_obligations where total_due > 0 and {NOT_BILLED}
"""
"""Everything that has to be paid, once."""


def sums(ledger: Ledger, where: str, **values: Any) -> dict[str, str]:
    """Sums by currency, as structured content says them."""
    return amounts(ledger, f"select currency, sum(cents) as cents from ({DUE}) where {where}", **values)


def first_day(date: dt.date, by: str) -> str:
    if date < TODAY:
        return "overdue"
    if by == "week":
        date -= dt.timedelta(days=date.weekday())
    return (date.replace(day=1) if by == "month" else date).isoformat()


@settings(max_examples=12)
@given(days=st.integers(0, 200), by=st.sampled_from(("day", "week", "month")), one=st.booleans())
async def test_what_falls_due_is_what_sql_says_by_period_and_currency(
    here: Desk, ledger: Ledger, days: int, by: str, one: bool
) -> None:
    until = TODAY + dt.timedelta(days=days)
    vendor = 105 if one else None
    asked = {"until": str(until), "by": by, "max_tokens": 20_000, **({"vendor": str(vendor)} if one else {})}
    answer = await here.ask("cash_requirements", **asked)
    facts, tables = answer.structured["facts"], answer.structured["tables"]
    of_vendor = "(:vendor is null or vendor_id = :vendor) and due_date <= :until"
    values = {"vendor": vendor, "until": str(until)}
    assert facts.get("required", {}) == sums(ledger, of_vendor, **values)
    assert facts.get("overdue", {}) == sums(ledger, f"{of_vendor} and due_date < :today", **values, today=str(TODAY))
    rows = ledger.rows(f"select * from ({DUE}) where {of_vendor}", **values)
    assert (facts["bills"], facts["obligations"]) == (
        sum(row["is_bill"] for row in rows),
        sum(not row["is_bill"] for row in rows),
    )
    expected: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = (first_day(dt.date.fromisoformat(row["due_date"]), by), row["currency"])
        expected[key] = expected.get(key, Decimal(0)) + money(row["cents"])
    told = {
        (row[by], row.get("currency") or name): Decimal(value)
        for row in (tables[f"by_{by}"]["rows"] if rows else ())
        for name, value in row.items()
        if name == "total" or (name.isupper() and len(name) == 3)
    }
    assert told == expected


async def test_the_total_in_base_currency_is_each_sum_converted_once(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("cash_requirements")
    until = TODAY + dt.timedelta(days=30)
    assert answer.structured["facts"]["until"] == str(until)
    required = sums(ledger, "due_date <= :until", until=str(until))
    rates = {
        row["code"]: Decimal(row["rate"]).scaleb(-10)
        for row in ledger.rows("""select c.code, r.rate from currency_rates r join currencies c on c.id = r.from_id
            where r.date = (select max(date) from currency_rates where from_id = r.from_id)""")
    }
    base = {code: (Decimal(sum_) * rates.get(code, 1)).quantize(Decimal("0.01")) for code, sum_ in required.items()}
    assert answer.structured["facts"]["required_in_base"] == {"USD": str(sum(base.values()))}
    told = {row["currency"]: row["in_base"] for row in answer.structured["tables"]["by_currency"]["rows"][:2]}
    assert told == {code: str(value) for code, value in base.items() if code != "USD"}
    assert sum(answer.structured["read_with"].values()) <= 10
    assert tokens(answer.text) <= 1_200


async def test_the_vendors_who_get_most_come_first(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("cash_requirements", max_tokens=5_000)
    until = str(TODAY + dt.timedelta(days=30))
    rows = answer.structured["tables"]["by_vendor"]
    query = f"select vendor_id, currency, sum(cents) as cents, count(*) as items from ({DUE}) where due_date <= :until"
    expected = ledger.rows(f"{query} group by vendor_id, currency", until=until)
    assert rows["of"] == len(expected)
    usd = sorted((row for row in expected if row["currency"] == "USD"), key=lambda row: -row["cents"])
    told = [row for row in rows["rows"] if row["currency"] == "USD"]
    assert len(told) >= 5
    for row, first in zip(told, usd, strict=False):
        assert (row["vendor_id"], row["items"], row["total"]) == (
            first["vendor_id"],
            first["items"],
            f"{money(first['cents']):.2f}",
        )


async def test_what_is_not_owed_yet_is_said_and_not_counted(here: Desk, ledger: Ledger) -> None:
    answer = await here.ask("cash_requirements", until="2026-12-31")
    drafts = "select currency, sum(total_due) as cents from bills where status = 'draft' and due_date <= '2026-12-31'"
    assert answer.structured["facts"]["drafts_not_counted"] == amounts(ledger, drafts)
    later = sums(ledger, "due_date > '2026-12-31'")
    assert answer.structured["facts"]["due_later"] == later
    held = "select currency, sum(total_due) as cents from bills where status = 'hold' and due_date <= '2026-12-31'"
    assert answer.structured["facts"]["of_it_on_hold"] == amounts(ledger, held)


async def test_a_picture_is_drawn_in_base_currency_when_asked(here: Desk) -> None:
    assert not (await here.ask("cash_requirements")).blocks
    answer = await here.ask("cash_requirements", cash_chart=True, by="month")
    assert pictures(answer) == ["image/png"]


@pytest.mark.parametrize("era", ERAS)
async def test_numbers_and_picture_reach_the_client(books_url: str, era: str) -> None:
    async with house(books_url, token=TOKEN) as here, connect(here.server, era) as client:
        result = await client.call_tool("cash_requirements", {"cash_chart": True})
    assert [block.type for block in result.content] == ["text", "image"]
    assert "required: 69868.64 EUR" in text_of(result)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"until": "2026-11-19"}, "until: is in the past; give 2026-11-20"),
        ({"until": "soon"}, "until"),
        ({"by": "year"}, "by"),
        ({"vendor": "Xqzwv"}, "vendor: No vendors fit"),
    ],
)
async def test_what_cannot_be_answered_says_why(here: Desk, arguments: dict[str, Any], said: str) -> None:
    answer = await here.try_("cash_requirements", **arguments)
    assert answer.is_error
    assert said in answer.text


async def test_billdiary_tells_what_is_overdue_and_that_the_rest_has_no_date(here: Desk, ledger: Ledger) -> None:
    paid = "select coalesce(sum(case when is_return then -amount else amount end), 0) from billdiary_payments p"
    purchases = f"""select final_total - ({paid} where p.transaction_id = t.id) as cents, due_date
        from billdiary_transactions t where type = 'purchase' and payment_status in ('due', 'partial')
        and business_id = (select min(id) from billdiary_businesses)"""
    total = ledger.value(f"select sum(cents) from ({purchases})")
    late = ledger.value(f"select sum(cents) from ({purchases}) where due_date < :today", today=str(TODAY))
    answer = await here.ask("cash_requirements", system="billdiary")
    facts = answer.structured["facts"]
    assert facts["required"] == {"": f"{money(total):.2f}"}
    assert facts["overdue"] == {"": f"{money(late):.2f}"}
    assert [row["week"] for row in answer.structured["tables"]["by_week"]["rows"]] == ["overdue", "no due date"]


async def test_an_obligation_counts_once_whether_its_order_is_billed_or_its_bill_is_tied() -> None:
    with sandbox("--size", "small") as url:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with desk(url) as here, httpx.AsyncClient(base_url=url, headers=headers) as api:
            vendor, order, bill = await _billed_order(api)
            before = await here.ask("cash_requirements", vendor=vendor, until="2027-06-30")
            body = {"amount": "10.00", "due_date": "2026-12-01"}
            path = f"/purchase-orders/{order}/payment-obligations"
            created = (await api.post(path, json=body)).json()["data"]
            loose = await here.ask("cash_requirements", vendor=vendor, until="2027-06-30")
            assert _sum(loose) - _sum(before) == Decimal(10)
            assert list(loose.structured["facts"]["of_it_perhaps_counted_twice"].values()) == ["10.00"]
            linked = await api.post(f"/payment-obligations/{created['id']}/link-bill", json={"bill_id": bill})
            assert linked.status_code == 200, linked.text
            tied = await here.ask("cash_requirements", vendor=vendor, until="2027-06-30")
            assert _sum(tied) == _sum(before)
            assert "of_it_perhaps_counted_twice" not in tied.structured["facts"]


def _sum(answer: Any) -> Decimal:
    return sum((Decimal(value) for value in answer.structured["facts"].get("required", {}).values()), Decimal(0))


async def _billed_order(api: httpx.AsyncClient) -> tuple[str, int, int]:
    """A vendor, an order of theirs that has room for an obligation, and its posted bill."""
    planned = (await api.get("/payment-obligations", params={"per_page": 100})).json()["data"]
    rows = (await api.get("/bills", params={"per_page": 100, "status": "posted"})).json()["data"]
    taken = {row["purchase_order_id"] for row in planned}
    bill = next(row for row in rows if row["purchase_order_id"] and row["purchase_order_id"] not in taken)
    return str(bill["vendor_id"]), bill["purchase_order_id"], bill["id"]
