"""What came in: the lines of receiving reports that belong to purchase orders, and the units in them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row
from tools.workflows.parts.record_values import ZERO, day, decimal, objects, totals_by_key

LIST = "list_receiving_reports"


def names_any_order(report: Row, order_ids: Sequence[Any]) -> bool:
    """Whether a report has goods of one of these orders; one that names no order may have."""
    named = {each.get("purchase_order_id") for each in (report, *objects(report.get("items")))}
    named |= {each.get("id") for each in objects(report.get("purchase_orders"))}
    named.discard(None)
    return not named or not named.isdisjoint(order_ids)


def lines_of(report: Row, order_ids: Sequence[Any]) -> list[dict[str, Any]]:
    """Lines that belong to these orders; one that names no order belongs to the report's."""
    orders = objects(report.get("purchase_orders"))
    own = _first_said(report.get("purchase_order_id"), orders[0].get("id") if len(orders) == 1 else None)
    return [
        item for item in objects(report.get("items")) if _first_said(item.get("purchase_order_id"), own) in order_ids
    ]


def _first_said(*values: Any) -> Any:
    """The first value that is said."""
    return next((value for value in values if value is not None), None)


def units_by_order_line(reports: Sequence[Row], order_ids: Sequence[Any]) -> dict[Any, Decimal]:
    """The units received of each order line, by its id."""
    return totals_by_key(
        (line.get("purchase_order_item_id"), units)
        for report in reports
        for line in lines_of(report, order_ids)
        if (units := _units(line)) is not None
    )


def with_units(reports: Sequence[Row], order_ids: Sequence[Any]) -> list[dict[str, Any]]:
    """Each report with its `date` and `units`: what it has of the goods of these orders, None where it is not said."""
    return [
        {**report, "date": day(report.get("received_date")), "units": _units_of(report, order_ids)}
        for report in reports
    ]


def says_units(report: Row, order_ids: Sequence[Any]) -> bool:
    """Whether a report says how much came of these orders."""
    return _units_of(report, order_ids) is not None


def _units_of(report: Row, order_ids: Sequence[Any]) -> Decimal | None:
    if not isinstance(report.get("items"), list):
        return None
    units = [_units(line) for line in lines_of(report, order_ids)]
    return None if None in units else sum(filter(None, units), ZERO)


def _units(line: Row) -> Decimal | None:
    # Where a line tells what came beside what was expected, what came counts.
    return decimal(_first_said(line.get("received_quantity"), line.get("quantity")))
