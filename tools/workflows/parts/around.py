"""Reads around a bill that may fail one by one: what could not be read is told, the rest is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.arguments import InvalidArgumentsError
from tools.workflows.books import Books, NotAllowedError, NotFoundError, ReadFailedError, Row, together
from tools.workflows.parts.receiving_reports import LIST as RECEIVING_REPORTS
from tools.workflows.parts.receiving_reports import names_any_order, says_units

_FAILURES = (ReadFailedError, InvalidArgumentsError)
"""The second where the bill lacks what to ask with, such as its vendor's id."""
_MOST_ROWS = 1_000
_MOST_REPORTS = 20


@dataclass
class Around:
    """The reads, and what they could not bring."""

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

    async def receiving_reports(self, order_ids: Sequence[int]) -> list[dict[str, Any]] | None:
        """Receiving reports with goods of these orders, None where they cannot be read."""
        if not order_ids:
            return []
        only = {"purchase_order_id": order_ids[0]} if len(order_ids) == 1 else {"purchase_order_id[in]": [*order_ids]}

        def keep(row: Row) -> bool:
            return names_any_order(row, order_ids)

        found = await self.rows("receiving reports", RECEIVING_REPORTS, keep, filters=only)
        # Lists may leave the lines out; a report has them when it is read alone.
        bare = [row["id"] for row in found or [] if row.get("id") and not isinstance(row.get("items"), list)]
        reads = (
            self.record("some receiving reports", "get_receiving_report", id=each) for each in bare[:_MOST_REPORTS]
        )
        by_id = {row.get("id"): row for row in await together(*reads) if row}
        if found is None:
            return None
        reports = [by_id.get(row.get("id"), row) for row in found]
        if unsaid := sum(not says_units(report, order_ids) for report in reports):
            self.missing[f"the units of {unsaid} receiving reports"] = "not said in what was read"
        return reports

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
