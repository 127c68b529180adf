"""Lists: what of an answer are rows and what says how many there are, and reading all pages at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import anyio

from server.text import clean
from server.upstream.errors import UnavailableError
from tools.request import Request

LANES = 6
"""Requests under way at once."""
MAX_ROWS = 2_000
MAX_SECONDS = 60.0


@dataclass(frozen=True)
class PageOfRows:
    """One page. total and last are None where the API does not say them."""

    rows: list[dict[str, Any]]
    total: int | None = None
    last: int | None = None
    paged: bool = False
    cursor: str = ""
    """Where the next part begins, in exports that are read by cursor."""
    size: int = field(default=0, compare=False)
    """Rows of a full page: the API may give fewer than were asked for."""


@dataclass
class AllRows:
    """What was read of all pages. stopped: why it ended early, empty when it is everything."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    total: int | None = None
    stopped: str = ""


def page_of(data: Any, per_page: int) -> PageOfRows:
    """Rows and counts of a list answer: `data` with `meta` (or `pagination`), or a bare array.

    Some metas lack `last_page`; it follows from `total`. Raises UnavailableError when there are no rows to find.
    """
    if data is None:
        return PageOfRows([])
    rows = data if isinstance(data, list) else data.get("data") if isinstance(data, dict) else None
    if isinstance(rows, dict) and isinstance(rows.get("data"), list):
        data, rows = rows, rows["data"]
    if not isinstance(rows, list):
        raise UnavailableError("The answer is not the list that was asked for.")
    meta = (data.get("meta") or data.get("pagination")) if isinstance(data, dict) else None
    meta = meta if isinstance(meta, Mapping) else {}
    total, last = _count(meta.get("total")), _count(meta.get("last_page"))
    size = _count(meta.get("per_page")) or per_page
    if last is None and total is not None and size:
        last = max(1, -(-total // size))
    cursor = data.get("next_cursor") or meta.get("next_cursor") if isinstance(data, dict) else None
    kept = [row if isinstance(row, dict) else {"value": row} for row in rows]
    return PageOfRows(kept, total, last, paged=bool(meta), cursor=clean(str(cursor or ""), 500), size=size)


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def at_page(request: Request, page: int) -> Request:
    """The same request for another page."""
    query = tuple((name, str(page) if name == "page" else value) for name, value in request.query)
    return replace(request, query=query)


async def read_all(
    read_page: Callable[[int], Awaitable[PageOfRows]],
    per_page: int,
    progress: Callable[[int, int | None], Awaitable[None]],
    *,
    seconds: float = MAX_SECONDS,
) -> AllRows:
    """All rows of a list, in order, within the budgets.

    The first wave asks for several pages before it is known how many there are: waiting for page 1 to say so would
    cost a whole round trip, and a page beyond the last one is cheap. Raises UpstreamError when a page cannot be read.
    """
    reading = _Reading(per_page)
    with anyio.move_on_after(seconds) as limit:
        async with anyio.create_task_group() as group:
            for _ in range(LANES):
                group.start_soon(_lane, reading, read_page, progress, group.cancel_scope)
    if reading.failure is not None:
        raise reading.failure
    return reading.result(f"the time of {seconds:.0f} s ran out" if limit.cancelled_caught else "")


class _Reading:
    """What is known of a list while its pages come in, in any order."""

    def __init__(self, per_page: int) -> None:
        self.per_page = per_page
        self.pages: dict[int, PageOfRows] = {}
        self.budget = max(1, -(-MAX_ROWS // per_page))
        self.last = self.budget
        """The last page to read."""
        self.end: int | None = None
        """The last page there is, once the API or a short page has said so."""
        self.asked = 0
        self.failure: Exception | None = None

    def next_page(self) -> int | None:
        """The number of a page that nobody reads yet."""
        if self.asked >= self.last:
            return None
        self.asked += 1
        return self.asked

    def add(self, number: int, page: PageOfRows) -> None:
        """Take a page in, and learn from it where the list ends."""
        self.pages[number] = page
        end = page.last
        if end is None and not page.paged:
            end = 1  # Without any meta the list has no pages: each answer is all of it.
        elif end is None and len(page.rows) < (page.size or self.per_page):
            end = number if page.rows else number - 1  # An empty page lies behind the end, a short one is the end.
        if end is not None:
            self.end = max(1, end if self.end is None else min(self.end, end))
            self.last = min(self.last, self.end)

    @property
    def complete(self) -> bool:
        """Whether every page up to the last is here."""
        return all(number in self.pages for number in range(1, self.last + 1))

    def result(self, out_of_time: str) -> AllRows:
        """All rows in order, up to the first page that is missing."""
        result = AllRows(total=next((page.total for page in self.pages.values() if page.total is not None), None))
        read = 0
        while read < self.last and read + 1 in self.pages:
            read += 1
            result.rows += self.pages[read].rows
        if out_of_time and not self.complete:
            result.stopped = f"{out_of_time} after {len(result.rows)} rows"
        elif self.end is None or self.end > self.budget:
            result.stopped = f"at most {MAX_ROWS} rows are read at once; filter, or go on with page={read + 1}"
        elif result.total is not None and len(result.rows) < result.total:
            result.stopped = "the list became shorter while it was read"
        return result


async def _lane(
    reading: _Reading,
    read_page: Callable[[int], Awaitable[PageOfRows]],
    progress: Callable[[int, int | None], Awaitable[None]],
    scope: anyio.CancelScope,
) -> None:
    while (number := reading.next_page()) is not None:
        try:
            reading.add(number, await read_page(number))
        except Exception as error:
            # Kept and raised by the reader: out of a task group it would come wrapped.
            reading.failure = reading.failure or error
            scope.cancel()
            return
        if number > reading.last:
            continue  # Asked for before it was known that there is no such page.
        complete = reading.complete
        known = reading.last if reading.last < reading.budget or complete else None
        await progress(sum(page <= reading.last for page in reading.pages), known)
        if complete:
            # Decided before the report was sent: another lane must not cut this one's last report off.
            scope.cancel()
