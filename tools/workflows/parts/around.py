"""What is read around a bill: parts that may fail one by one, and the goods received for its orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tools.arguments import InvalidArgumentsError
from tools.workflows.books import Books, NotAllowedError, NotFoundError, ReadFailedError, Row, together
from tools.workflows.parts.amounts import amount, objects
from tools.workflows.parts.payables import day

_FAILURES = (ReadFailedError, InvalidArgumentsError)
"""The second where the bill lacks what to ask with, such as its vendor's id."""
_MOST_ROWS = 1_000
_MOST_REPORTS = 20


@dataclass
class Around:
    """Reads that may fail one by one: what could not be read is told, the rest is answered."""

    books: Books
    missing: dict[str, str] = field(default_factory=dict)
    """Why, by what was to be read."""
    cut: list[str] = field(default_factory=list)
    """Of what only a part was read."""

    async def record(self, what: str, operation: str, **arguments: Any) -> dict[str, Any] | None:
        """One record, None where it cannot be read."""
        if not self.books.has(operation):
            self.missing[what] = "not enabled here"
            return None
        try:
            return await self.books.record(operation, **arguments)
        except _FAILURES as error:
            self.missing[what] = _why(error)
            return None

    async def rows(
        self, what: str, operation: str, keep: Callable[[Row], bool], **arguments: Any
    ) -> list[dict[str, Any]] | None:
        """The rows of a list that are to be kept, None where it cannot be read."""
        if not self.books.has(operation):
            self.missing[what] = "not enabled here"
            return None
        kept: list[dict[str, Any]] = []
        try:
            async with self.books.stream(operation, **arguments) as stream:
                async for rows in stream:
                    kept += [row for row in rows if keep(row)]
                    if len(kept) > _MOST_ROWS:
                        break
        except _FAILURES as error:
            self.missing[what] = _why(error)
            return None
        if stream.stopped or len(kept) > _MOST_ROWS:
            self.cut.append(what)
        return kept[:_MOST_ROWS]

    async def reports(self, order_ids: Sequence[int]) -> list[dict[str, Any]] | None:
        """Receiving reports with goods of these orders, None where they cannot be read."""
        if not order_ids:
            return []
        only = {"purchase_order_id": order_ids[0]} if len(order_ids) == 1 else {"purchase_order_id[in]": [*order_ids]}
        wanted = {None, *order_ids}
        found = await self.rows(
            "receiving reports", "list_receiving_reports", lambda row: bool(wanted & _orders_of(row)), filters=only
        )
        bare = [row for row in found or [] if "items" not in row][:_MOST_REPORTS]
        whole = await together(
            *(self.record("some receiving reports", "get_receiving_report", id=row["id"]) for row in bare)
        )
        by_id = {row["id"]: row for row in whole if row}
        return None if found is None else [by_id.get(row.get("id"), row) for row in found]

    def notes(self) -> Iterator[str]:
        """What is missing in the answer."""
        for what, why in self.missing.items():
            yield f"Without {what}: {why}."
        for what in self.cut:
            yield f"Not all {what} were read; the figures are of those that were."


def _why(error: Exception) -> str:
    if isinstance(error, NotAllowedError):
        return "not allowed, or not part of the company's plan"
    return "not found" if isinstance(error, NotFoundError) else "could not be read"


def _orders_of(report: Row) -> set[Any]:
    """The orders that a report names; None stands for a report that names none."""
    named = {each.get("purchase_order_id") for each in (report, *objects(report.get("items")))}
    named |= {each.get("id") for each in objects(report.get("purchase_orders"))}
    return named - {None} or {None}


def received_of(reports: Sequence[Row], order_ids: Sequence[Any]) -> dict[Any, Decimal]:
    """What was received of each order line, by its id."""
    received: dict[Any, Decimal] = {}
    for report in reports:
        for item in _items(report, order_ids):
            key = item.get("purchase_order_item_id")
            received[key] = received.get(key, Decimal(0)) + _counted(item)
    return received


def receipts(reports: Sequence[Row], order_ids: Sequence[Any]) -> list[dict[str, Any]]:
    """Each report with `units`: what it has of the goods of these orders."""
    return [
        {**report, "date": day(report.get("received_date")), "units": sum(map(_counted, _items(report, order_ids)))}
        for report in reports
    ]


def _items(report: Row, order_ids: Sequence[Any]) -> list[dict[str, Any]]:
    """Lines that belong to these orders; one that names no order belongs to the report's."""
    own = report.get("purchase_order_id")
    return [item for item in objects(report.get("items")) if item.get("purchase_order_id", own) in order_ids]


def _counted(item: Row) -> Decimal:
    return amount(item, "received_quantity" if "received_quantity" in item else "quantity")
