"""explain_bill: every figure as SQL over the same books says it, and what stands between a bill and payment."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import pytest
from asking import TOKEN, Desk, Ledger, money, rows_of
from harness import TODAY
from hypothesis import given, settings
from hypothesis import strategies as st
from writing import Clerk, desk_without

from server.answers.budget import tokens
from tools.workflows.parts.document_numbers import ending, is_alike, tail

pytestmark = pytest.mark.anyio

CENT = Decimal("0.01")
ROWS = 20_000


def one(ledger: Ledger, query: str, **values: Any) -> dict[str, Any]:
    (row,) = ledger.rows(query, **values)
    return dict(row)


def cents(ledger: Ledger, query: str, **values: Any) -> Decimal:
    return money(ledger.value(query, **values))


def unbilled_variance(ledger: Ledger, bill: dict[str, Any]) -> Decimal:
    """What the bill charges beyond what came, at the order's cost; no order line is billed twice in these books."""
    lines = ledger.rows(
        "select i.quantity, i.line_total, o.received_quantity as came, o.unit_cost from bill_items i"
        " join purchase_order_items o on o.id = i.purchase_order_item_id where i.bill_id = :id",
        id=bill["id"],
    )
    whole = Decimal(0)
    for line in lines:
        came = Decimal(line["came"] if bill["status"] == "void" else min(line["quantity"], line["came"]))
        counted = min(Decimal(line["quantity"]), came)
        expected = (counted * line["unit_cost"]).scaleb(-8).quantize(CENT, ROUND_HALF_UP)
        whole += money(line["line_total"]) - expected
    return whole


def stands_before(ledger: Ledger, bill: dict[str, Any]) -> set[str]:
    if bill["status"] == "void" or not bill["total_due"]:
        return set()
    values = {"id": bill["id"], "vendor": bill["vendor_id"], "number": bill["bill_number"]}
    points = set()
    if bill["purchase_order_id"]:
        order = one(ledger, "select * from purchase_orders where id = :id", id=bill["purchase_order_id"])
        if order["total_paid"]:
            whole = order["total_paid"] == order["total_cost"]
            what = "its order was paid in full" if whole else "something was paid on its order"
            points.add(f"{what} already, look before paying")
    if bill["status"] == "hold":
        points.add("on hold")
    if bill["status"] == "draft" or bill["status_before_hold"] == "draft":
        points.add("a draft, not posted")
    twins = ledger.value(
        "select count(*) from bills where vendor_id = :vendor and lower(bill_number) = lower(:number)"
        " and id <> :id and status <> 'void'",
        **values,
    )
    if twins:
        points.add(f"same number as {twins} other bill(s)")
    if unbilled_variance(ledger, bill):
        points.add("variance not settled")
    if ledger.value(
        "select count(*) from bill_items i where bill_id = :id and type in ('freight', 'duty') and line_total >"
        " (select coalesce(sum(amount), 0) from bill_allocations where bill_item_id = i.id)",
        id=bill["id"],
    ):
        points.add("freight or duty not allocated")
    return points


@settings(max_examples=40)
@given(st.data())
async def test_any_bill_is_told_as_sql_tells_it(here: Desk, ledger: Ledger, data: st.DataObject) -> None:
    status = data.draw(st.sampled_from(("draft", "posted", "partially_paid", "hold", "paid", "void")))
    ids = [row["id"] for row in ledger.rows("select id from bills where status = :status", status=status)]
    bill = one(ledger, "select * from bills where id = :id", id=data.draw(st.sampled_from(ids)))
    answer = await here.ask("explain_bill", bill=str(bill["id"]), max_tokens=ROWS)
    facts, tables = answer.structured["facts"], answer.structured["tables"]
    currency, due = bill["currency"], money(bill["total_due"])
    assert (facts["bill"], facts["status"]) == (bill["bill_number"], status)
    assert facts["due"] == {currency: f"{due:.2f}"}
    paid, credited = money(bill["total_paid"]), money(bill["total_credited"])
    assert facts["due_is"].startswith(f"{money(bill['total']):.2f} total - {paid:.2f} paid - {credited:.2f} credited")
    credits_open = sum(
        cents(
            ledger,
            f"select sum(remaining_amount) from {table} where vendor_id = :vendor and currency = :currency"
            " and status <> 'cancelled'",
            vendor=bill["vendor_id"],
            currency=currency,
        )
        for table in ("vendor_credits", "prepayments")
    )
    if due and credits_open:
        assert facts["credits_open"] == {currency: f"{credits_open:.2f}"}
        assert facts["to_pay"] == {currency: f"{max(due - credits_open, Decimal(0)):.2f}"}
    else:
        assert "credits_open" not in facts
    before = {row["what"]: row for row in rows_of(answer, "before_payment")}
    assert set(before) == stands_before(ledger, bill)
    assert facts["can_be_paid"].startswith("yes") == (status in ("posted", "partially_paid"))
    for name, table in (("lines", "bill_items"), ("payments", "bill_payments"), ("allocations", "bill_allocations")):
        count = ledger.value(f"select count(*) from {table} where bill_id = :id", id=bill["id"])
        assert tables.get(name, {"of": 0})["of"] == count
    tied = ledger.value("select count(*) from payment_obligations where bill_id = :id", id=bill["id"])
    assert sum(row["tied"] == "this bill" for row in rows_of(answer, "obligations")) == tied
    if bill["purchase_order_id"]:
        came, ordered = one(
            ledger,
            "select sum(received_quantity) as came, sum(quantity) as ordered from purchase_order_items"
            " where purchase_order_id = :id",
            id=bill["purchase_order_id"],
        ).values()
        assert facts["units_received"] == f"{came // 10_000} of {ordered // 10_000} ordered"
        assert Decimal(facts["variance"]) == unbilled_variance(ledger, bill)


async def test_a_bill_whose_order_was_paid_itself_is_not_told_as_free_to_pay(here: Desk, ledger: Ledger) -> None:
    bills = ledger.rows(
        "select b.id, b.total_due, b.currency, o.id as order_id, o.total_paid, o.total_cost from bills b"
        " join purchase_orders o on o.id = b.purchase_order_id"
        " where b.total_due > 0 and b.status <> 'void' and o.total_paid > 0"
    )
    assert {bill["total_paid"] == bill["total_cost"] for bill in bills} == {True, False}
    for bill in bills:
        dates = ledger.rows(
            "select payment_date from purchase_order_payments where purchase_order_id = :id order by 1",
            id=bill["order_id"],
        )
        answer = await here.ask("explain_bill", bill=bill["id"])
        facts, paid = answer.structured["facts"], f"{money(bill['total_paid']):.2f}"
        assert facts["paid_on_order"] == {bill["currency"]: paid}
        assert facts["paid_on_order_dates"] == ", ".join(row["payment_date"] for row in dates)
        assert facts["can_be_paid"] != "yes"
        (point,) = [row for row in rows_of(answer, "before_payment") if "look before paying" in row["what"]]
        assert (point["amount"], point["blocks"]) == (paid, "no")
        assert "get_purchase_order" in answer.structured["next"]
        if bill["total_paid"] >= bill["total_due"]:
            assert "record_bill_payment" not in answer.structured["next"]
        match = await here.ask("match_bill", bill=bill["id"])
        assert match.structured["facts"]["paid_on_order"] == {bill["currency"]: paid}


async def test_the_answer_to_the_longest_bill_keeps_its_budget(here: Desk, ledger: Ledger) -> None:
    longest = "select bill_id from bill_items group by bill_id order by count(*) desc, bill_id limit 5"
    for row in ledger.rows(longest):
        answer = await here.ask("explain_bill", bill=row["bill_id"])
        assert tokens(answer.text) <= 1_200
        assert sum(answer.structured["read_with"].values()) <= 9


async def test_a_bill_goes_through_its_life(there: Desk, clerk: Clerk) -> None:
    entered = clerk.bill(
        130, "LIFE-7", [{"type": "freight", "description": "Drayage", "quantity": 1, "unit_cost": 250}]
    )
    path = f"bills/{entered['id']}"

    async def told() -> tuple[dict[str, Any], dict[str, str]]:
        answer = await there.ask("explain_bill", bill="LIFE-7")
        return answer.structured, {row["what"]: row["call"] for row in rows_of(answer, "before_payment")}

    freight = {"freight or duty not allocated": "prorate_bill_item_allocation"}
    clerk.call("POST", f"{path}/hold", reason="Waiting </data> for Kim")
    answer, before = await told()
    assert before == {"on hold": "unhold_bill", "a draft, not posted": "post_bill", **freight}
    assert answer["facts"]["can_be_paid"] == "no: on hold; a draft, not posted"
    assert (await there.ask("explain_bill", bill="LIFE-7")).text.count("</data>") == 1

    clerk.call("POST", f"{path}/unhold")
    clerk.call("POST", f"{path}/post")
    answer, before = await told()
    assert before == freight
    credit = clerk.call("POST", "vendor-credits", vendor_id=130, amount=300, currency="USD")
    clerk.call("POST", f"vendor-credits/{credit['id']}/apply", bill_id=entered["id"], amount=100)
    clerk.call("POST", f"{path}/payments", amount=30, payment_date=TODAY.isoformat(), payment_type="check")
    answer, _ = await told()
    facts = answer["facts"]
    assert facts["due_is"] == "250.00 total - 30.00 paid - 100.00 credited"
    assert facts["due"] == {"USD": "120.00"}
    assert facts["to_pay"] == {"USD": "0.00"}
    assert {"id": credit["id"], "kind": "vendor credit", "remaining": "200.00"}.items() <= next(
        row for row in answer["tables"]["could_be_applied"]["rows"] if row["id"] == credit["id"]
    ).items()
    assert "apply_vendor_credit" in answer["next"]
    assert "record_bill_payment" not in answer["next"]


async def test_parts_that_may_not_be_read_are_named_and_the_rest_is_told(books_url: str, ledger: Ledger) -> None:
    bill = one(ledger, "select * from bills where status = 'posted' and purchase_order_id is not null limit 1")
    async with desk_without(books_url, "vendor-credits", "prepayments", "variance", "receiving-reports") as narrow:
        answer = await narrow.ask("explain_bill", bill=bill["bill_number"])
    facts = answer.structured["facts"]
    assert facts["due"] == {bill["currency"]: f"{money(bill['total_due']):.2f}"}
    assert not {"variance", "units_received", "credits_open"} & facts.keys()
    missing = [note for note in answer.structured["notes"] if note.startswith("Without ")]
    assert {note.removeprefix("Without ").partition(":")[0] for note in missing} == {
        "variance",
        "receiving reports",
        "vendor credits",
        "prepayments",
    }


async def test_a_number_that_two_bills_have_is_asked_about(here: Desk, ledger: Ledger) -> None:
    twin = one(ledger, "select bill_number, count(*) as n from bills group by bill_number having count(*) > 1 limit 1")
    answer = await here.try_("explain_bill", bill=twin["bill_number"])
    assert answer.is_error
    error = answer.structured["error"]
    ids = {row["id"] for row in ledger.rows("select id from bills where bill_number = :n", n=twin["bill_number"])}
    assert error["kind"] == "unclear"
    assert {each["id"] for each in error["candidates"]} == ids
    for number in ids:
        assert (await here.ask("explain_bill", bill=number)).structured["facts"]["bill_id"] == number


@pytest.mark.parametrize("written", ["mpm-2724", "MPM 2724", " MPM-02724 ", "mpm2724"])
async def test_a_number_is_found_as_people_write_it(here: Desk, written: str) -> None:
    assert (await here.ask("explain_bill", bill=written)).structured["facts"]["bill"] == "MPM-2724"


@pytest.mark.parametrize("nobody", ["0", "-5", "no such bill", "9" * 40, "%", "''"])
async def test_what_is_no_bill_is_said_to_be_none(here: Desk, nobody: str) -> None:
    answer = await here.try_("explain_bill", bill=nobody)
    assert answer.is_error
    assert "look_up_bills" in answer.text or "nearest 3" in answer.text


async def test_digits_that_are_an_id_and_a_number_are_taken_as_the_id_and_told(there: Desk, clerk: Clerk) -> None:
    other = clerk.bill(130, "5042", [{"description": "Labels", "quantity": 1, "unit_cost": 5}])
    answer = await there.ask("explain_bill", bill="5042")
    assert answer.structured["facts"]["bill_id"] == 5042
    assert f"give its id: {other['id']}." in answer.text


async def test_a_purchase_of_billdiary_is_explained_as_well(here: Desk, ledger: Ledger) -> None:
    purchases = ledger.rows(
        "select id, ref_no, final_total, (select coalesce(sum(case when is_return then -amount else amount end), 0)"
        " from billdiary_payments where transaction_id = t.id) as paid from billdiary_transactions t"
        " where type = 'purchase' and business_id = 1 order by id desc limit 10"
    )
    for row in purchases:
        for named in (row["id"], row["ref_no"]):
            answer = await here.ask("explain_bill", bill=named, system="billdiary")
            facts = answer.structured["facts"]
            assert facts["purchase_id"] == row["id"]
            assert Decimal(facts["due"]) == money(row["final_total"]) - money(row["paid"])


LETTERS = st.text("ABCxyzÄß", min_size=1, max_size=4)
DIGITS = st.integers(0, 10**8).map(str)


@given(st.lists(LETTERS | DIGITS, min_size=1, max_size=4), st.data())
def test_spellings_of_a_number_are_alike_and_found_by_their_ending(parts: list[str], data: st.DataObject) -> None:
    number = "-".join(parts)
    padded = [data.draw(st.sampled_from(("", "0", "00"))) + part if part.isdigit() else part for part in parts]
    spelled = padded[0] + "".join(data.draw(st.sampled_from("-/. #_")) + part for part in padded[1:])
    spelled = data.draw(st.sampled_from((spelled, spelled.lower(), f" #{spelled}")))
    assert is_alike(number, spelled)
    assert ending(number) in spelled
    assert tail(number) in spelled
    assert tail(spelled) in number


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_other_numbers_are_not_alike(one_number: int, other: int) -> None:
    assert is_alike(f"INV-{one_number}", f"inv{other:09}") == (one_number == other)


async def test_files_kept_with_a_bill_are_named(there: Desk, clerk: Clerk, own_url: str) -> None:
    entered = clerk.bill(130, "FILED-1", [{"description": "Labels", "quantity": 1, "unit_cost": 5}])
    files = {"file": ("invoice 1.pdf", b"%PDF-1.4 nothing", "application/pdf")}
    sent = httpx.post(
        f"{own_url}/bills/{entered['id']}/attachments", files=files, headers={"Authorization": f"Bearer {TOKEN}"}
    )
    assert sent.is_success, sent.text
    answer = await there.ask("explain_bill", bill="FILED-1")
    (row,) = answer.structured["tables"]["attachments"]["rows"]
    assert (row["file_name"], row["size"]) == ("invoice 1.pdf", 16)
