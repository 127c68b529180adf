"""What an API does not say is not taken for zero, and what it says oddly is read or told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from asking import Desk, StandIn, desk, rows_of

from server.answers.answer import Answer
from server.upstream.replies import Reply
from tools.request import Request

pytestmark = pytest.mark.anyio

VENDOR = {"id": 7, "name": "Acme", "type": "Vendor"}
LINE = {"id": 1, "product_id": 1, "type": "product", "quantity": 5, "unit_cost": 2, "line_total": 10}
BILL = {
    "id": 1,
    "vendor_id": 7,
    "status": "posted",
    "currency": "USD",
    "total": 10,
    "total_due": 10,
    "purchase_order_id": 9,
    "items": [{**LINE, "purchase_order_item_id": 11}],
}
ORDER_LINE = {"id": 11, "product_id": 1, "quantity": 5, "received_quantity": 5, "unit_price": 2, "line_total": 10}
ORDER = {"id": 9, "vendor_id": 7, "order_status": "active", "currency": "USD", "total_cost": 10, "items": [ORDER_LINE]}
CAME = {"purchase_order_id": 9, "purchase_order_item_id": 11, "quantity": 5, "received_quantity": 5}


class Papers(StandIn):
    """Answers by the end of the path; any other list is empty."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {name.replace("__", "/").replace("_", "-"): answer for name, answer in answers.items()}

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        path = max((name for name in self.answers if request.path.endswith(f"/{name}")), key=len, default="")
        return Reply(200, {"data": self.answers[path] if path else []})


async def ask(tool: str, papers: Papers, **arguments: Any) -> Answer:
    async with desk("http://127.0.0.1:9", upstream=papers) as here:
        return await Desk(here.house).ask(tool, **arguments)


def of_one_bill(**more: Any) -> Papers:
    return Papers(bills__1=BILL, purchase_orders__9=ORDER, **more)


async def test_what_another_bill_billed_is_read_where_candidates_do_not_count_the_line() -> None:
    other = {**BILL, "id": 2}
    papers = of_one_bill(
        bills__1__candidate_lines=[{"purchase_order_item_id": 12, "purchase_order_id": 9, "billed_quantity": 1}],
        receiving_reports=[{"id": 3, "purchase_order_id": 9, "items": [CAME]}],
        purchase_order_items=[{"id": 11, "purchase_order_id": 9}],
        bills__2=other,
        bills__by_purchase_order__9=[other],
    )
    answer = await ask("match_bill", papers, bill="1")
    (line,) = rows_of(answer, "lines")
    assert (line["by_others"], line["verdict"]) == ("5", "quantity")


@pytest.mark.parametrize("came", [{"purchase_order_id": None}, {"received_quantity": None}])
async def test_a_null_in_a_receiving_report_is_like_nothing_there(came: dict[str, Any]) -> None:
    report = {"id": 3, "purchase_order_id": 9, "items": [{**CAME, **came}]}
    answer = await ask("match_bill", of_one_bill(receiving_reports=[report]), bill="1")
    assert rows_of(answer, "lines")[0]["verdict"] == "matches"
    assert rows_of(answer, "receipts")[0]["units"] == "5"


async def test_receiving_reports_that_do_not_say_what_came_are_told() -> None:
    whole = {"id": 3, "purchase_order_id": 9, "items": [CAME]}
    unsaid = {**CAME, "quantity": None, "received_quantity": None}
    bare = [{"id": number, "purchase_order_id": 9} for number in range(100, 130)]
    for reports, count in (([whole], 0), ([whole, {**whole, "id": 4, "items": [unsaid]}], 1), ([whole, *bare], 30)):
        answer = await ask("match_bill", of_one_bill(receiving_reports=reports), bill="1", max_tokens=5_000)
        assert (f"Without the units of {count} receiving reports: not said" in answer.text) == bool(count)
        units = [row.get("units") for row in rows_of(answer, "receipts")]
        assert units == ["5", *[None] * count]


async def test_open_orders_that_do_not_say_what_came_are_not_all_there() -> None:
    bare = {**ORDER, "id": 8, "items": None}
    came = {**ORDER, "items": [{**ORDER_LINE, "received_quantity": 4}]}
    unknown = await ask("vendor_position", Papers(companies=[VENDOR], purchase_orders=[bare]), vendor="7")
    assert "orders_not_received" not in unknown.structured["facts"]
    some = await ask("vendor_position", Papers(companies=[VENDOR], purchase_orders=[bare, came]), vendor="7")
    assert some.structured["facts"]["orders_not_received"] == {"USD": "2.00"}
    for answer in (unknown, some):
        assert "orders_not_received leaves 1 open orders out" in answer.text


async def test_receipts_whose_worth_is_not_said_are_counted_and_told() -> None:
    report = {"id": 3, "received_date": "2026-10-10", "purchase_orders": [{"id": 9, "currency": "USD"}]}
    said = {**report, "id": 4, "items": [{**CAME, "line_total": 10}]}
    answer = await ask("close_checklist", Papers(receiving_reports=[report, said]))
    facts = answer.structured["facts"]
    assert facts["receipts_not_billed_by_then"] == 2
    assert facts["receipts_not_billed_by_then_amount"] == {"USD": "10.00"}
    assert "What 1 of the receipts not billed are worth is not said" in answer.text


async def test_odd_entries_of_a_statement_are_passed_over() -> None:
    paid = {"type": "payment", "amount": Decimal(-5), "date": "2026-10-10", "id": "x"}
    statement = {"currencies": ["x", {"currency": "USD", "entries": ["x", paid, {**paid, "id": 4}]}, {"entries": 3}]}
    papers = Papers(companies=[VENDOR], vendors__7__statement=statement)
    answer = await ask("vendor_position", papers, vendor="7")
    assert [row["paid"] for row in rows_of(answer, "last_payments")] == ["5.00", "5.00"]


@pytest.mark.parametrize(("counts", "said"), [(("3", Decimal(2)), "5"), ((3, 2), "5"), (("many", 1), "")])
async def test_edi_errors_are_counted_however_they_are_written(counts: tuple[Any, Any], said: str) -> None:
    by_status = [{"status": "failed", "count": count} for count in counts]
    answer = await ask("close_checklist", Papers(edi__summary={"by_status": by_status}))
    assert f"edi_errors: {said or 'not read'}\n" in answer.text
    assert ("edi_errors was not read" in answer.text) == (not said)
