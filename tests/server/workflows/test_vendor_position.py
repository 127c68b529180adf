"""vendor_position: each figure exact against SQL over the same books, for every vendor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest
from asking import NOT_BILLED, OWED, Desk, Ledger, amounts, desk, money, pictures, rows_of, sandbox
from harness import TODAY
from writing import Clerk, refusal

from server.answers.budget import tokens
from tools.workflows.books import Rows
from tools.workflows.vendor_position import VendorPosition, vendor_position

pytestmark = pytest.mark.anyio

VENDORS = "select id, name, payment_term from companies where type_id = 1 order by id"
PLANNED = f"{NOT_BILLED} and total_due > 0"
OPEN_OR_OWED = f"""(order_status = 'active'
    or id in (select purchase_order_id from bills where total_due > 0 and {OWED}))"""
PAID = """
    select p.payment_date as date, p.amount as cents, p.id from bill_payments p join bills b on b.id = p.bill_id
    where b.vendor_id = :vendor and p.status = 'posted'
    union all
    select payment_date, amount, id from prepayments where vendor_id = :vendor
"""
CENT = Decimal("0.01")


def sums(ledger: Ledger, table: str, column: str, where: str, vendor: int) -> dict[str, str]:
    """Sums by currency, as structured content says them."""
    query = f"select currency, sum({column}) as cents from {table} where vendor_id = :vendor and {where}"
    return amounts(ledger, query, vendor=vendor)


def expected(ledger: Ledger, vendor: int) -> dict[str, dict[str, str]]:
    """The figures of one vendor."""
    found = {
        "owed": sums(ledger, "bills", "total_due", OWED, vendor),
        "overdue": sums(ledger, "bills", "total_due", f"{OWED} and due_date < '{TODAY}'", vendor),
        "on_hold": sums(ledger, "bills", "total_due", "status = 'hold'", vendor),
        "drafts_not_owed_yet": sums(ledger, "bills", "total_due", "status = 'draft'", vendor),
        "credits": sums(ledger, "vendor_credits", "remaining_amount", "status <> 'cancelled'", vendor),
        "prepayments": sums(ledger, "prepayments", "remaining_amount", "1", vendor),
        "obligations_not_billed": sums(ledger, "payment_obligations", "total_due", PLANNED, vendor),
        "of_these_due_by_now": sums(
            ledger, "payment_obligations", "total_due", f"{PLANNED} and due_date <= '{TODAY}'", vendor
        ),
        "paid_on_obligations_not_billed": sums(
            ledger, "payment_obligations", "amount - total_due", f"{NOT_BILLED}", vendor
        ),
        "paid_on_orders": sums(ledger, "purchase_orders", "total_paid", OPEN_OR_OWED, vendor),
        "orders_total": sums(ledger, "purchase_orders", "total_cost", "order_status = 'active'", vendor),
    }
    net = {currency: Decimal(amount) for currency, amount in found["owed"].items()}
    for name in ("credits", "prepayments"):
        for currency, amount in found[name].items():
            net[currency] = net.get(currency, Decimal(0)) - Decimal(amount)
    return {**found, "net_owed": {currency: f"{amount:.2f}" for currency, amount in net.items() if amount}}


def orders(ledger: Ledger, vendor: int) -> tuple[Decimal, Decimal]:
    """What of the open orders has not come, and what of them is not billed."""
    lines = ledger.rows(
        """select i.line_total as cents, i.quantity, i.received_quantity from purchase_order_items i
        join purchase_orders o on o.id = i.purchase_order_id
        where o.vendor_id = :vendor and o.order_status = 'active'""",
        vendor=vendor,
    )
    to_come = sum(
        (
            (money(line["cents"]) * (line["quantity"] - line["received_quantity"]) / line["quantity"]).quantize(
                CENT, ROUND_HALF_EVEN
            )
            for line in lines
        ),
        Decimal(0),
    )
    not_billed = ledger.value(
        """select sum(max(o.total_cost - coalesce((select sum(b.total) from bills b
            where b.purchase_order_id = o.id and b.status <> 'void'), 0), 0))
        from purchase_orders o where o.vendor_id = :vendor and o.order_status = 'active'""",
        vendor=vendor,
    )
    return to_come, money(not_billed)


async def test_every_figure_of_every_vendor_is_that_of_sql(here: Desk, ledger: Ledger) -> None:
    for vendor in ledger.rows(VENDORS):
        answer = await here.ask("vendor_position", vendor=str(vendor["id"]))
        facts = answer.structured["facts"]
        assert (facts["vendor"], facts["terms"]) == (vendor["name"], vendor["payment_term"])
        for name, in_sql in expected(ledger, vendor["id"]).items():
            told = {code: amount for code, amount in facts.get(name, {}).items() if Decimal(amount)}
            assert told == in_sql, (vendor, name)
        to_come, not_billed = orders(ledger, vendor["id"])
        assert sum(map(Decimal, facts.get("orders_not_received", {}).values())) == to_come
        assert sum(map(Decimal, facts.get("orders_not_billed", {}).values())) == not_billed
        assert sum(answer.structured["read_with"].values()) <= 10
        assert tokens(answer.text) <= 1_000


async def test_net_owed_and_the_balance_of_the_statement_differ_by_what_is_said(
    here: Desk, books_url: str, ledger: Ledger
) -> None:
    clerk, unlike = Clerk(books_url), 0
    for vendor in ledger.rows(VENDORS):
        answer = await here.ask("vendor_position", vendor=str(vendor["id"]))
        facts = answer.structured["facts"]
        for account in clerk.get(f"vendors/{vendor['id']}/statement")["currencies"]:
            code = account["currency"]
            net = Decimal(facts["net_owed"].get(code, "0"))
            ahead = Decimal(facts.get("paid_on_obligations_not_billed", {}).get(code, "0"))
            assert net - ahead == Decimal(str(account["closing_balance"])).quantize(CENT)
            unlike += ahead > 0
        assert "drafts, orders and obligations are not in it" in answer.text
        assert ("also takes off paid_on_obligations" in answer.text) is ("paid_on_obligations_not_billed" in facts)
    clerk.close()
    assert unlike > 2


async def test_the_last_payments_are_the_latest_however_long_ago(here: Desk, ledger: Ledger) -> None:
    for vendor in ledger.rows(VENDORS):
        answer = await here.ask("vendor_position", vendor=str(vendor["id"]), max_tokens=5_000)
        paid = rows_of(answer, "last_payments")
        query = f"select * from ({PAID}) order by date desc, id desc limit 5"
        latest = [(row["date"], f"{money(row['cents']):.2f}") for row in ledger.rows(query, vendor=vendor["id"])]
        assert [(row["date"], row["paid"]) for row in paid] == latest


async def test_a_vendor_is_named_as_people_write_names(here: Desk) -> None:
    for name in ("acme", "ACME Components", "Acme Componants Inc", "101"):
        answer = await here.ask("vendor_position", vendor=name)
        assert answer.structured["facts"]["vendor_id"] == 101
    question = await here.try_("vendor_position", vendor="Tidewater Shipping Worldwide")
    assert question.is_error
    assert "nearest 3" in question.text
    assert "104,Tidewater Freight Lines" in question.text


@pytest.mark.parametrize("vendor", ["Rosa Rahman", "Noor Kowalski", "Zzyzx"])
async def test_who_is_like_no_vendor_may_be_somebody_else(here: Desk, vendor: str) -> None:
    question = await here.try_("vendor_position", vendor=vendor)
    error = question.structured["error"]
    assert (question.is_error, error["kind"], len(error["candidates"])) == (True, "unclear", 3)
    assert "find_record" in question.text


@pytest.mark.parametrize("vendor", ["", "   ", "999999", "-1", "'; drop table bills;--", "%", "x" * 5_000])
async def test_a_vendor_that_is_none_is_said_plainly(here: Desk, vendor: str) -> None:
    answer = await here.try_("vendor_position", vendor=vendor)
    assert answer.is_error
    assert tokens(answer.text) <= 1_500


async def test_the_aging_adds_up_to_what_is_owed_and_is_drawn_when_asked(here: Desk) -> None:
    answer = await here.ask("vendor_position", vendor="101", aging_chart=True)
    (row,) = answer.structured["tables"]["aging"]["rows"]
    buckets = ("current", "1-30", "31-60", "61-90", "over 90")
    owed = answer.structured["facts"]["owed"][row["currency"]]
    assert sum(Decimal(row[name]) for name in buckets) == Decimal(row["total"]) == Decimal(owed)
    assert pictures(answer) == ["image/png"]


async def test_billdiary_tells_purchases_orders_and_returns_of_a_supplier(here: Desk, ledger: Ledger) -> None:
    paid = "select coalesce(sum(case when is_return then -amount else amount end), 0) from billdiary_payments p"
    due = f"final_total - ({paid} where p.transaction_id = t.id)"
    of = f"select sum({due}) from billdiary_transactions t where contact_id = :contact and type = :type"
    for contact in (7, 19, 28):
        facts = (await here.ask("vendor_position", vendor=str(contact), system="billdiary")).structured["facts"]
        owed = money(ledger.value(f"{of} and payment_status in ('due', 'partial')", contact=contact, type="purchase"))
        back = money(ledger.value(of, contact=contact, type="purchase_return"))
        assert sum(map(Decimal, facts.get("owed", {}).values())) == owed
        assert sum(map(Decimal, facts["returns_not_paid_back"].values())) == back
        assert sum(map(Decimal, facts["net_owed"].values())) == owed - back
        ordered = "type = 'purchase_order' and contact_id = :contact and status <> 'completed'"
        count = f"select count(*) from billdiary_transactions where {ordered}"
        assert facts["open_orders"] == ledger.value(count, contact=contact)


ACME = {"id": 7, "name": "Acme, Inc.", "type": "Vendor", "due_date_days": 10}


class Shelf:
    """Books of another shape than the sandbox's: no list is narrowed, orders name only their supplier."""

    today = TODAY

    def __init__(self, **lists: list[dict[str, Any]]) -> None:
        self._lists = lists

    def has(self, *operations: str) -> bool:
        return True

    async def record(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return ACME if operation == "get_company" else {"lines": []}

    async def page(self, operation: str, **arguments: Any) -> Rows:
        return Rows(self._lists.get(operation, []), len(self._lists.get(operation, [])))

    @asynccontextmanager
    async def stream(self, operation: str, **arguments: Any) -> AsyncIterator[Any]:
        class Pages:
            total, read, stopped = None, 0, ""

            async def __aiter__(pages) -> AsyncIterator[list[dict[str, Any]]]:  # noqa: N805
                yield self._lists.get(operation, [])

        yield Pages()


async def test_rows_that_were_not_asked_for_are_not_counted() -> None:
    def order(number: int, supplier: str, status: str = "active") -> dict[str, Any]:
        line = {"quantity": 4, "received_quantity": 1, "line_total": Decimal(40)}
        named = {"supplier": {"name": supplier}, "order_status": status, "total_cost": Decimal(40)}
        return {"id": number, "items": [line], **named}

    def bill(number: int, vendor: int, status: str, **more: Any) -> dict[str, Any]:
        base = {"id": number, "vendor_id": vendor, "status": status, "currency": "USD", "due_date": "2026-11-01"}
        return {**base, "total_due": Decimal(10), "total": Decimal(10), **more}

    shelf: Any = Shelf(
        list_companies=[ACME],
        list_bills=[
            bill(1, 7, "posted", purchase_order_id=21),
            bill(2, 8, "posted"),
            bill(3, 7, "draft"),
            bill(4, 7, "void", purchase_order_id=21),
            bill(5, 7, "paid", total_due=Decimal(0)),
        ],
        list_vendor_credits=[{"vendor_id": 8, "currency": "USD", "remaining_amount": Decimal(5)}],
        list_prepayments=[{"vendor_id": 7, "currency": "EUR", "remaining_amount": Decimal(3)}],
        list_purchase_orders=[order(21, "ACME Inc"), order(22, "Other"), order(23, "Acme Inc", "deleted")],
    )
    found = await vendor_position(VendorPosition(vendor="7"), shelf)
    assert found.facts["owed"] == {"USD": 10}
    assert found.facts["net_owed"] == {"USD": 10, "EUR": -3}
    assert found.facts["terms"] == "10 days"
    assert (found.facts["open_orders"], found.facts["orders_not_received"], found.facts["orders_not_billed"]) == (
        1,
        {"": 30},
        {"": 30},
    )
    assert any("supplier has the vendor's name" in note for note in found.notes)
    assert any("not counted: last payments" in note for note in found.notes)


async def test_parts_that_cannot_be_read_are_named_and_not_told_as_nothing(tmp_path: Path) -> None:
    rules = tmp_path / "faults.toml"
    refused: dict[str, int] = {"*/vendor-credits": 403, "*/prepayments": 404, "*/vendors/*/statement": 403}
    rules.write_text("".join(refusal(path, status) for path, status in refused.items()))
    with sandbox("--size", "small", "--faults", str(rules)) as url:
        async with desk(url) as here:
            answer = await here.ask("vendor_position", vendor="101")
    facts: dict[str, Any] = answer.structured["facts"]
    assert "not counted: credits, last payments, prepayments" in answer.text
    assert "credits" not in facts
    assert "prepayments" not in facts
    assert "open_orders" in facts
