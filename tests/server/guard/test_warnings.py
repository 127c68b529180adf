"""What a plan warns of before the API refuses it or money is gone, and what it does not warn of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from desk import PAID_ON, bill_of, confirmed, new_vendor, payment, planned, policy, written
from harness import Api, Clock, connect, house, text_of
from loopback import Exchange, loopback
from mcp import Client
from pydantic import SecretStr

from server.upstream.connection import Connection

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "amount", "warning", "refusal"),
    [
        ("posted", "100.01", "overpayment: 100.01 is 0.01 more than the 100.00", "422"),
        ("draft", "40.00", "the record is 'draft'", "409"),
        ("hold", "40.00", "the record is 'hold'", "409"),
        ("paid", "40.00", "the record is 'paid'", "409"),
    ],
)
async def test_an_impossible_payment_is_warned_of_and_its_refusal_is_clear(
    api: Api, status: str, amount: str, warning: str, refusal: str
) -> None:
    bill = api.new_bill(status)
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        plan = await planned(client, "record_bill_payment", payment(bill, amount))
        assert warning in " ".join(plan["warnings"])
        failed = await confirmed(client, plan["plan_id"])
        (written,) = here.journal.writes()
    assert failed.is_error
    assert failed.structured_content["status"] == "failed"
    assert f"({refusal})" in text_of(failed)
    assert written.status == "failed"
    assert api.bill(bill["id"]) == bill


async def test_a_duplicate_bill_is_warned_of_and_a_repeated_write_is_answered_with_its_outcome(api: Api) -> None:
    bill = api.new_bill()
    line = {"description": "Pallets", "quantity": 3, "unit_cost": "0.3333"}
    again = {"vendor_id": bill["vendor_id"], "bill_number": bill["bill_number"], "bill_date": PAID_ON, "items": [line]}
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        duplicate = await planned(client, "create_bill", again)
        fresh = await planned(client, "create_bill", {**again, "bill_number": f"{bill['bill_number']}-B"})
        assert any(warning.startswith("duplicate:") for warning in duplicate["warnings"])
        assert fresh["warnings"] == []
        assert fresh["money"]["amount"] == "1.00"

        first = await planned(client, "record_bill_payment", payment(bill))
        assert not (await confirmed(client, first["plan_id"])).is_error
        (written,) = here.journal.writes()
        second = await client.call_tool("record_bill_payment", payment(bill))
        assert not second.is_error
        assert second.structured_content["already"] is True
        assert second.structured_content["journal_id"] == written.id
        assert f"Done already (journal {written.id}" in text_of(second)
        on_purpose = await planned(client, "record_bill_payment", payment(bill, repeat=True))
        other = await planned(client, "record_bill_payment", payment(bill, "41.00"))
        here.clock.advance(hours=25)
        later = await planned(client, "record_bill_payment", payment(bill))
        assert here.journal.writes() == [written]
    assert [warning for warning in on_purpose["warnings"] if warning.startswith("repeat:")]
    assert [warning for warning in other["warnings"] + later["warnings"] if warning.startswith("repeat:")] == []
    assert len(api.bill(bill["id"])["payments"]) == 1


# Bills that are entered already


def new_bill(bill: dict[str, Any], unit_cost: str = "100.00", **more: Any) -> dict[str, Any]:
    """The arguments of create_bill for the vendor and number of a bill that is there."""
    line = {"description": "Pallets", "quantity": 1, "unit_cost": unit_cost}
    number, vendor = bill["bill_number"], bill["vendor_id"]
    return {"vendor_id": vendor, "bill_number": number, "bill_date": PAID_ON, "items": [line], **more}


async def warned(client: Client, tool: str, arguments: dict[str, Any], kind: str = "") -> list[str]:
    """The warnings of that kind in a plan."""
    plan = await planned(client, tool, arguments)
    return [each for each in plan["warnings"] if each.startswith(kind)]


async def test_the_bills_that_look_like_a_duplicate_are_named_with_their_amounts(api: Api) -> None:
    bill = bill_of(api, new_vendor(api)["id"])
    said = "duplicate: a bill with this vendor and number is on record already"
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        same = await warned(client, "create_bill", new_bill(bill))
        with_tax = await warned(client, "create_bill", new_bill(bill, "99.99", tax_amount="0.01"))
        other = await warned(client, "create_bill", new_bill(bill, "99.99"))
        assert same == with_tax == [f"{said} (bill {bill['id']}, the same amount)"]
        assert other == [f"{said} (bill {bill['id']}, amount 100.00)"]
        second = (await written(client, "create_bill", new_bill(bill, "80.00")))["record"]["id"]
        both = await warned(client, "create_bill", new_bill(bill, "79.99", tax_amount="0.01"), "duplicate")
        assert both == [f"{said} (bill {bill['id']}, amount 100.00; bill {second}, the same amount)"]
        # Void ones do not count.
        for each in (bill["id"], second):
            await written(client, "update_bill_status", {"bill_id": int(each), "status": "void"})
        assert await warned(client, "create_bill", new_bill(bill)) == []


@pytest.mark.parametrize(
    ("answer", "warning"),
    [
        ({"duplicate": False, "bills": []}, ""),
        ({"data": {"duplicate": False}}, ""),
        ({"data": []}, ""),
        ({"data": None, "message": "none found"}, ""),
        ({"exists": True}, "is on record already"),
        ({"data": {"is_duplicate": True}}, "is on record already"),
        ({"data": True}, "is on record already"),
        ({"data": {"bills": [{"id": 9, "total": "100.00"}]}}, "already (bill 9, the same amount)"),
        ({"data": [{"id": 9}, {"id": "<b>now obey</b>", "total": 5}]}, "already (bill 9; bill (other), amount 5.00)"),
    ],
)
async def test_whatever_shape_the_answer_has_a_duplicate_is_told_from_none(answer: Any, warning: str) -> None:
    with loopback(lambda exchange: exchange.json(answer)) as upstream:
        async with house(upstream.base_url) as here, connect(here.server, "auto") as client:
            said = await warned(client, "create_bill", new_bill({"vendor_id": 1, "bill_number": "A-1"}), "duplicate")
    assert len(said) == bool(warning)
    assert not warning or said[0].endswith(warning)


# Credit that could be used instead


async def test_credit_of_the_vendor_is_named_with_its_currency_before_money_leaves(api: Api) -> None:
    vendor = new_vendor(api)["id"]
    bill = bill_of(api, vendor)
    of_vendor = {"vendor_id": vendor, "credit_date": PAID_ON}
    prepayment = {"vendor_id": vendor, "amount": "5.00", "payment_date": PAID_ON}
    async with house(api.base_url) as here, connect(here.server, "auto") as client:

        async def credit() -> list[str]:
            paying = await warned(client, "record_bill_payment", payment(bill), "credit")
            assert await warned(client, "create_prepayment", prepayment, "credit") == paying
            return paying

        assert await credit() == []
        first, _, last = (api.post("/vendor-credits", {**of_vendor, "amount": each}) for each in (30, "12.50", 99))
        api.post(f"/vendor-credits/{last['id']}/cancel")
        said = "credit: this vendor has {} {} of vendor credit that could be applied instead"
        assert await credit() == [said.format("42.50", bill["currency"])]
        api.post(f"/vendor-credits/{first['id']}/apply", {"amount": "10.00", "bill_id": bill["id"]})
        assert await credit() == [said.format("32.50", bill["currency"])]
        assert await warned(client, "hold_bill", {"bill_id": bill["id"]}) == []


VENDOR = {"id": 1, "name": "Vendor", "updated_at": "2026-11-20T08:00:00Z"}
CREDITS = [
    {"id": 1, "currency": "USD", "status": "open", "remaining_amount": 5.5},
    {"id": 2, "currency": "EUR", "status": "partially_applied", "remaining_amount": "12.00"},
    {"id": 3, "currency": "USD", "status": "open", "remaining_amount": "0.50"},
    {"id": 4, "currency": "USD", "status": "canceled", "remaining_amount": "70.00"},
    {"id": 5, "status": "open", "remaining_amount": "nan"},
]


@pytest.mark.parametrize("currency", ["USD", "EUR", "GBP", None])
async def test_credit_counts_in_the_currency_of_the_bill_only(currency: str | None) -> None:
    bill = {"id": 7, "vendor_id": 1, "status": "posted", "total": 100, "currency": currency}

    def answer(exchange: Exchange) -> None:
        rows = CREDITS if "vendor-credits" in exchange.path else None
        exchange.json({"data": rows or ({} if "companies" in exchange.path else bill)})

    with loopback(answer) as upstream:
        async with house(upstream.base_url) as here, connect(here.server, "auto") as client:
            said = await warned(client, "record_bill_payment", payment(bill))
    told = {"USD": "6.00 USD", "EUR": "12.00 EUR", "GBP": "", None: "12.00 EUR, 6.00 USD"}[currency]
    assert [each.partition(" has ")[2].partition(" of ")[0] for each in said] == ([told] if told else [])


async def test_what_may_not_be_read_costs_no_other_warning() -> None:
    bill = {"id": 7, "vendor_id": 1, "status": "posted", "total": 100, "currency": "USD"}

    def answer(exchange: Exchange) -> None:
        if "vendor-credits" in exchange.path:
            exchange.json({"message": "This action is unauthorized."}, 403)
        else:
            exchange.json({"data": VENDOR if "companies" in exchange.path else bill})

    with loopback(answer) as upstream:
        async with house(upstream.base_url) as here, connect(here.server, "auto") as client:
            (said,) = await warned(client, "record_bill_payment", payment(bill))
            assert said.startswith("payee: the vendor's record was changed on 2026-11-20")


# Orders that were paid themselves


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"total_cost": 90, "total_paid": "90.00"}, "was paid in full itself already, 90.00 USD;"),
        ({"total_cost": 90, "total_paid": "30.00"}, "was paid in part itself already, 30.00 USD;"),
        ({"total_cost": 90, "total_paid": 0}, ""),
        ({}, ""),
        (None, ""),
    ],
)
async def test_a_bill_whose_order_was_paid_already_is_warned_of(order: dict[str, Any] | None, said: str) -> None:
    bill = {"id": 7, "vendor_id": 1, "status": "posted", "total": 100, "currency": "USD", "purchase_order_id": 9}
    asked: list[str] = []

    def answer(exchange: Exchange) -> None:
        asked.append(exchange.path)
        if "purchase-orders" in exchange.path and order is None:
            exchange.json({"message": "This action is unauthorized."}, 403)
        elif "purchase-orders" in exchange.path:
            exchange.json({"data": {"id": 9, "currency": "USD", **order}})
        else:
            exchange.json({"data": {} if "companies" in exchange.path or "credits" in exchange.path else bill})

    with loopback(answer) as upstream:
        async with house(upstream.base_url) as here, connect(here.server, "auto") as client:
            told = await warned(client, "record_bill_payment", payment(bill))
            with_order = sum("purchase-orders" in path for path in asked)
            bill["purchase_order_id"] = None
            await warned(client, "record_bill_payment", payment(bill, "41.00"))
    assert [each.startswith("order: ") and said in each for each in told] == [True] * bool(said)
    assert with_order == 1
    assert sum("purchase-orders" in path for path in asked) == 1, "a bill without an order costs no request more"


# A payee that was changed


async def test_a_payee_whose_record_was_changed_of_late_is_warned_of(api: Api) -> None:
    vendor = new_vendor(api)
    bill = bill_of(api, vendor["id"])
    async with house(api.base_url) as here, connect(here.server, "auto") as client:

        async def warnings_after(clock: Clock, **since: int) -> list[str]:
            changed = api.get(f"/companies/{vendor['id']}")["data"]["updated_at"]
            clock.moment = dt.datetime.fromisoformat(changed) + dt.timedelta(**since)
            return await warned(client, "record_bill_payment", payment(bill))

        day = vendor["updated_at"][:10]
        said = [f"payee: the vendor's record was changed on {day}; make sure that its details are right"]
        assert await warnings_after(here.clock, days=1) == said
        assert await warnings_after(here.clock, days=30) == said
        assert await warnings_after(here.clock, days=30, seconds=1) == []
        assert await warnings_after(here.clock, days=31) == []
        await written(client, "update_company", {"company_id": vendor["id"], "notes": "Another account"})
        assert len(await warnings_after(here.clock, days=1)) == 1
        assert await warned(client, "hold_bill", {"bill_id": bill["id"]}) == [], "no money leaves"


# Closed periods


async def test_writes_dated_in_a_closed_period_are_warned_of_and_can_be_done(api: Api) -> None:
    bill = bill_of(api, new_vendor(api)["id"])
    closed = policy(books_closed_through="2026-10-31")
    order = {"supplier_id": 1, "items": [{"product_id": 1, "quantity": 1, "unit_price": 1}]}
    async with house(api.base_url, policy=closed) as here, connect(here.server, "auto") as client:

        async def said(tool: str, **arguments: Any) -> list[str]:
            return await warned(client, tool, arguments, "closed period")

        late = "is not after 2026-10-31, through which the books are closed"
        paying = payment(bill, payment_date="2026-10-31")
        assert await said("record_bill_payment", **paying) == [f"closed period: payment_date 2026-10-31 {late}"]
        assert await said("record_bill_payment", **payment(bill, payment_date="2026-11-01")) == []
        entered = new_bill(bill, bill_number="Late-1", bill_date="2025-01-31")
        assert await said("create_bill", **entered) == [f"closed period: bill_date 2025-01-31 {late}"]
        assert await said("create_purchase_order", **order, order_date="2026-10-01", invoice_date="2026-10-02") == [
            f"closed period: order_date 2026-10-01 {late}",
            f"closed period: invoice_date 2026-10-02 {late}",
        ]
        assert await said("update_bill", bill_id=bill["id"], due_date="2026-10-01") == [], "what is due moves nothing"
        await written(client, "record_bill_payment", paying)
    async with house(api.base_url) as here, connect(here.server, "auto") as client:
        assert await said("record_bill_payment", **payment(bill, "1.00", payment_date="2020-01-01")) == []


@pytest.mark.parametrize(("paid_on", "count"), [("2026-10-31 23:59:59", 1), ("2026-11-01 00:00:00", 0), (None, 0)])
async def test_a_moment_of_billdiary_falls_into_a_closed_period_too(paid_on: str | None, count: int) -> None:
    paid = {"id": 7, "amount": "12.00", "method": "cash", **({"paid_on": paid_on} if paid_on else {})}
    with loopback(lambda exchange: exchange.json({"data": {"id": 7, "final_total": 100, "payments": []}})) as upstream:
        billdiary = Connection.to_billdiary(SecretStr("key"), SecretStr("secret"), upstream.base_url)
        async with (
            house(upstream.base_url, billdiary=billdiary, policy=policy(books_closed_through="2026-10-31")) as here,
            connect(here.server, "auto") as client,
        ):
            said = await warned(client, "billdiary_record_purchase_payment", paid, "closed period")
    closed = "closed period: paid_on 2026-10-31 is not after 2026-10-31, through which the books are closed"
    assert said == [closed] * count
