"""Bills of Luminous read one by one: lists leave their lines out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tools.workflows.books import Books, ReadFailedError, Row, together

_AT_ONCE = 20


async def read_whole(books: Books, bill_ids: Sequence[Any], take: Callable[[Row], object], most: int) -> int:
    """Hand bills with their lines to `take`: the first so many, while there is time. Returns how many it were."""
    read = 0
    ids = bill_ids[:most]
    for start in range(0, len(ids), _AT_ONCE):
        some = await together(*(_one(books, bill_id) for bill_id in ids[start : start + _AT_ONCE]))
        found = [bill for bill in some if bill is not None]
        for bill in found:
            take(bill)
        read += len(found)
        if not found:
            break  # The time is over, or this key may not: the others would not come either.
    return read


async def _one(books: Books, bill_id: Any) -> dict[str, Any] | None:
    try:
        return await books.record("get_bill", bill_id=bill_id)
    except ReadFailedError:
        return None
