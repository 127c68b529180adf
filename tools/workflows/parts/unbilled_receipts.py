"""Goods that came in up to a day and that no bill asked for by then: what is to be accrued."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tools.workflows.books import Books, ReadFailedError, Row
from tools.workflows.findings import Amounts
from tools.workflows.parts.close_points import Outcome, Period
from tools.workflows.parts.reading import read_bills_of_orders, read_rows
from tools.workflows.parts.receiving_reports import LIST, lines_of
from tools.workflows.parts.record_values import ZERO, decimal, objects, total

_MOST = 2_000
"""Receipts of which is asked whether they are billed."""


@dataclass(frozen=True)
class Receipt:
    """What one receiving report took in of one order. value: in the order's currency, None where
    the report does not say it."""

    report_id: Any
    received_date: Any
    order_id: int
    currency: Any
    value: Decimal | None

    @property
    def row(self) -> dict[str, Any]:
        """As a row of a table."""
        return {
            "receiving_report_id": self.report_id,
            "received_date": str(self.received_date)[:10],
            "purchase_order_id": self.order_id,
            "currency": self.currency,
            "value": self.value,
        }


async def find_unbilled_receipts(books: Books, period: Period, outcome: Outcome) -> None:
    """Find receipts up to the end of the period whose orders have no bill by then. Raises ReadFailedError.

    What came before the period and is still not billed belongs to the balance as well.
    """
    found: list[Receipt] = []
    count = 0

    def take(report: Row) -> None:
        nonlocal count
        if period.is_past(report.get("received_date")):
            receipts = list(_receipts(report))
            count += len(receipts)
            found.extend(receipts[: _MOST - len(found)])

    outcome.stopped = await read_rows(books, LIST, take, filters=period.filters_past("received_date"))
    if count > len(found):
        outcome.notes.append(f"Of {count} receipts, the first {len(found)} were compared with bills.")
    billed, later = await _billed(books, period, {each.order_id for each in found})
    unbilled = [each for each in found if each.order_id not in billed]
    rows = [each.row for each in unbilled]
    outcome.add(rows, lambda row: row["value"] or ZERO)
    outcome.amounts = Amounts.of(rows, "value")
    if unbilled:
        before = sum(not period.has(each.received_date) for each in unbilled)
        outcome.facts["of_these_before_the_period"] = before
        outcome.facts["of_these_billed_since"] = sum(each.order_id in later for each in unbilled)
    if unsaid := sum(each.value is None for each in unbilled):
        outcome.notes.append(f"What {unsaid} of the receipts not billed are worth is not said; they are in no amount.")
    if found:
        outcome.notes.append(
            "A receipt counts as billed when its order has any bill by then; match_bill compares quantities."
        )


def _receipts(report: Row) -> Iterator[Receipt]:
    """One for each order of a receiving report."""
    named = objects(report.get("purchase_orders")) or [{"id": report.get("purchase_order_id")}]
    for order in named:
        if isinstance(order.get("id"), int):
            value = _value(report, order["id"])
            yield Receipt(report.get("id"), report.get("received_date"), order["id"], order.get("currency"), value)


def _value(report: Row, order_id: int) -> Decimal | None:
    """What a report took in of an order, in money; None where it does not say it."""
    lines = lines_of(report, [order_id])
    values = [decimal(line.get("line_total")) for line in lines]
    return None if None in values or not isinstance(report.get("items"), list) else total(lines, "line_total")


async def _billed(books: Books, period: Period, orders: set[int]) -> tuple[set[int], set[int]]:
    """Orders with a bill dated up to the end of the period, and those that only have a later one."""
    billed: set[int] = set()
    later: set[int] = set()

    def take(order: int, bill: Row) -> None:
        (billed if period.is_past(bill.get("bill_date")) else later).add(order)

    if await read_bills_of_orders(books, orders, take):
        raise ReadFailedError("Not all bills of the orders were read.")
    return billed, later - billed
