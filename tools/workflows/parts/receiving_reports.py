"""What came in: the lines of receiving reports that belong to purchase orders, and the units in them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row
from tools.workflows.parts.record_values import amount, day, objects, totals_by_key

LIST = "list_receiving_reports"


def names_any_order(report: Row, order_ids: Sequence[Any]) -> bool:
    """Whether a report has goods of one of these orders; one that names no order may have."""
    named = {each.get("purchase_order_id") for each in (report, *objects(report.get("items")))}
    named |= {each.get("id") for each in objects(report.get("purchase_orders"))}
    named.discard(None)
    return not named or not named.isdisjoint(order_ids)


def lines_of(report: Row, order_ids: Sequence[Any]) -> list[dict[str, Any]]:
    """Lines that belong to these orders; one that names no order belongs to the report's."""
    own = report.get("purchase_order_id")
    return [item for item in objects(report.get("items")) if item.get("purchase_order_id", own) in order_ids]


def units_by_order_line(reports: Sequence[Row], order_ids: Sequence[Any]) -> dict[Any, Decimal]:
    """The units received of each order line, by its id."""
    return totals_by_key(
        (line.get("purchase_order_item_id"), _units(line)) for report in reports for line in lines_of(report, order_ids)
    )


def with_units(reports: Sequence[Row], order_ids: Sequence[Any]) -> list[dict[str, Any]]:
    """Each report with its `date` and `units`: what it has of the goods of these orders."""
    return [
        {**report, "date": day(report.get("received_date")), "units": sum(map(_units, lines_of(report, order_ids)))}
        for report in reports
    ]


def _units(line: Row) -> Decimal:
    # Where a line tells what came beside what was expected, what came counts.
    return amount(line, "received_quantity" if "received_quantity" in line else "quantity")
