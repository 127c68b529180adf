"""Lists: what of an answer are rows and what says how many there are, and reading all pages at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import anyio

from server.upstream.errors import UnavailableError, UpstreamError
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
    kept = [row if isinstance(row, dict) else {"value": row} for row in rows]
    return PageOfRows(kept, total, last, paged=bool(meta))


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.isdigit():
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
    pages: dict[int, PageOfRows] = {}
    budget = max(1, -(-MAX_ROWS // per_page))
    last = budget
    following = 1
    failed: UpstreamError | None = None

    async def lane() -> None:
        nonlocal last, following, failed
        while following <= last:
            number, following = following, following + 1
            try:
                page = await read_page(number)
            except UpstreamError as error:
                failed = failed or error
                group.cancel_scope.cancel()
                return
            if number > last:
                return
            pages[number] = page
            if page.last is not None:
                last = min(last, page.last)
            elif len(page.rows) < per_page or not page.paged:
                # Without counts, a short page is the last; without any meta, the list has no pages at all.
                last = min(last, number if page.paged else 1)
            known = pages[1].last if 1 in pages else page.last
            await progress(len(pages), min(known, budget) if known else None)
            if following > last and len(pages) >= last:
                group.cancel_scope.cancel()

    with anyio.move_on_after(seconds) as limit:
        async with anyio.create_task_group() as group:
            for _ in range(LANES):
                group.start_soon(lane)
    if failed is not None:
        raise failed
    result = AllRows(total=next((page.total for page in pages.values() if page.total is not None), None))
    for number in range(1, last + 1):
        if number not in pages:
            break
        result.rows += pages[number].rows
    everything = result.total is None or len(result.rows) >= result.total
    if limit.cancelled_caught:
        result.stopped = f"the time of {seconds:.0f} s ran out after {len(result.rows)} rows"
    elif not everything and len(result.rows) >= MAX_ROWS:
        result.stopped = f"at most {MAX_ROWS} rows are read at once; filter, or go on with page={last + 1}"
    elif not everything:
        result.stopped = "the list became shorter while it was read"
    return result
