"""Lists: what of an answer are rows and what says how many there are, and reading all pages at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.common import Record
from server.text import clean
from server.upstream.errors import UnavailableError
from server.upstream.stream import Progress, stream_pages
from tools.request import Request

MAX_ROWS = 2_000
MAX_SECONDS = 50.0
"""How long a call reads. Hosts give a call a minute."""


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
    """What was read of all pages. stopped: why it may not be everything. ended_early: there is more to read."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    total: int | None = None
    stopped: str = ""
    ended_early: bool = False


def page_of(data: Any, per_page: int, record: type[Record] | None = None) -> PageOfRows:
    """Rows and counts of a list answer: `data` with `meta` (or `pagination`), or a bare array.

    Some metas lack `last_page`; it follows from `total`. record: what the rows are, where that is known. Raises
    UnavailableError when there are no such rows to find: no answer is no empty list.
    """
    rows = data if isinstance(data, list) else data.get("data") if isinstance(data, dict) else None
    if isinstance(rows, dict) and isinstance(rows.get("data"), list):
        data, rows = rows, rows["data"]
    if not isinstance(rows, list) or (record and not all(isinstance(row, dict) for row in rows)):
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
    query = dict(request.query)
    if page > 1 or "page" in query:  # Lists whose pages are not documented may have some.
        query["page"] = str(page)
    return replace(request, query=tuple(query.items()))


async def read_all(
    read_page: Callable[[int], Awaitable[PageOfRows]],
    per_page: int,
    progress: Progress,
    *,
    seconds: float = MAX_SECONDS,
) -> AllRows:
    """All rows of a list, in order, within the budgets. Raises UpstreamError when a page cannot be read."""
    limit = max(1, -(-MAX_ROWS // per_page))
    pages: dict[int, PageOfRows] = {}
    async with stream_pages(read_page, per_page, progress, seconds=seconds, limit=limit) as stream:
        while (taken := await stream.take()) is not None:
            number, page = taken
            pages[number] = page
    result, read = AllRows(total=stream.total), 0
    # Pages behind the end may have come in before it was known; those behind one that is missing are of no use.
    while read + 1 in pages and (stream.last is None or read < stream.last):
        read += 1
        result.rows += pages[read].rows
    if stream.out_of_time:
        result.stopped = f"the time of {seconds:.0f} s ran out after {len(result.rows)} rows"
    elif stream.end is None or stream.end > limit:
        result.stopped = f"at most {MAX_ROWS} rows are read at once; filter, or go on with next"
    result.ended_early = bool(result.stopped)
    result.stopped = result.stopped or stream.stopped
    return result
