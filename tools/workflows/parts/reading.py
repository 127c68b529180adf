"""Reading lists to their end, row by row. What a row is worth keeping of is decided as it comes by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tools.workflows.books import Books, Row

_ORDERS_AT_ONCE = 100
"""Ids in one filter: the URL stays well below what servers take."""


async def read_rows(books: Books, operation: str, take: Callable[[Row], object], **arguments: Any) -> str:
    """Hand every row of all pages of a list to `take`. Returns why that ended early, empty when it was all.

    Raises ReadFailedError.
    """
    async with books.stream(operation, **arguments) as stream:
        async for rows in stream:
            for row in rows:
                take(row)
    return stream.stopped


async def read_bills_of_orders(books: Books, order_ids: Iterable[int], take: Callable[[int, Row], object]) -> str:
    """Hand every bill of these purchase orders to `take`, with the order's id; void ones bill nothing.

    Returns why that ended early, empty when it was all. Raises ReadFailedError.
    """
    ids = sorted(order_ids)
    wanted = set(ids)

    def take_bill(bill: Row) -> None:
        order = bill.get("purchase_order_id")
        if order in wanted and bill.get("status") != "void":
            take(order, bill)

    stopped = ""
    for some in _parts(ids):
        filters = {"purchase_order_id[in]": some, "status[neq]": "void"}
        ended = await read_rows(books, "list_bills", take_bill, filters=filters)
        stopped = stopped or ended
    return stopped


async def read_orders(books: Books, order_ids: Iterable[int], take: Callable[[Row], object]) -> str:
    """Hand these purchase orders to `take`, as lists show them: with their lines.

    Returns why that ended early, empty when it was all. Raises ReadFailedError.
    """
    ids = sorted(order_ids)
    wanted = set(ids)

    def take_order(order: Row) -> None:
        if order.get("id") in wanted:
            take(order)

    stopped = ""
    for some in _parts(ids):
        ended = await read_rows(books, "list_purchase_orders", take_order, filters={"id[in]": some})
        stopped = stopped or ended
    return stopped


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _ORDERS_AT_ONCE] for start in range(0, len(ids), _ORDERS_AT_ONCE))
