"""Goods that came in within a period and that no bill asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tools.workflows.books import Books, Row
from tools.workflows.findings import Amounts
from tools.workflows.parts.close_points import Period, Worst

_MOST = 2_000
"""Receipts of which is asked whether they are billed."""
_AT_ONCE = 100


@dataclass(frozen=True)
class Receipt:
    """What one receiving report took in of one order."""

    report_id: Any
    received_date: Any
    order_id: int
    currency: Any
    value: Decimal

    def shown(self) -> dict[str, Any]:
        """As a row."""
        return {
            "receiving_report_id": self.report_id,
            "received_date": str(self.received_date)[:10],
            "purchase_order_id": self.order_id,
            "currency": self.currency,
            "value": self.value,
        }


async def receipts(books: Books, period: Period, worst: Worst) -> None:
    """Find receipts of the period whose orders have no bill dated up to its end."""
    found: list[Receipt] = []
    count = 0
    async with books.stream("list_receiving_reports", filters=period.filters("received_date")) as stream:
        async for rows in stream:
            for row in rows:
                if period.has(row.get("received_date")):
                    taken = list(_receipts(row))
                    count += len(taken)
                    found += taken[: _MOST - len(found)]
    worst.stopped = stream.stopped
    if count > len(found):
        worst.notes.append(f"Of {count} receipts, the first {len(found)} were compared with bills.")
    billed, later = await _billed(books, period, {each.order_id for each in found})
    missing = [each for each in found if each.order_id not in billed]
    worst.add([each.shown() for each in missing], lambda row: row["value"])
    worst.amounts = Amounts.of([each.shown() for each in missing], "value")
    if missing:
        worst.facts["of_these_billed_since"] = sum(each.order_id in later for each in missing)
    if found:
        worst.notes.append(
            "A receipt counts as billed when its order has any bill by then; match_bill compares quantities."
        )


def _receipts(report: Row) -> Iterator[Receipt]:
    """One for each order of a receiving report."""
    for order in report.get("purchase_orders") or ():
        if isinstance(order, dict) and isinstance(order.get("id"), int):
            lines = [line for line in report.get("items") or () if line.get("purchase_order_id") == order["id"]]
            value = sum((line["line_total"] for line in lines if _is_amount(line.get("line_total"))), Decimal(0))
            yield Receipt(report.get("id"), report.get("received_date"), order["id"], order.get("currency"), value)


def _is_amount(value: object) -> bool:
    return isinstance(value, Decimal | int)


async def _billed(books: Books, period: Period, orders: set[int]) -> tuple[set[int], set[int]]:
    """Orders with a bill dated up to the end of the period, and those that only have a later one."""
    billed: set[int] = set()
    later: set[int] = set()
    ids = sorted(orders)
    for start in range(0, len(ids), _AT_ONCE):
        filters = {"purchase_order_id[in]": ids[start : start + _AT_ONCE], "status[neq]": "void"}
        async with books.stream("list_bills", filters=filters) as stream:
            async for rows in stream:
                for bill in rows:
                    order = bill.get("purchase_order_id")
                    if order in orders and bill.get("status") != "void":
                        (billed if period.is_past(bill.get("bill_date")) else later).add(order)
    return billed, later - billed
