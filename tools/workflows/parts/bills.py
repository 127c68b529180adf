"""Which bill or purchase order is meant, by id or by number as people write numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.operation import System
from tools.workflows.books import Books, NotFoundError, Row, together
from tools.workflows.findings import Candidate, UnclearError
from tools.workflows.parts.amounts import decimal, said
from tools.workflows.parts.document_numbers import ending, is_alike
from tools.workflows.parts.parties import contact_name

NEEDS = {
    System.LUMINOUS: ("get_bill", "list_bills"),
    System.BILLDIARY: ("billdiary_get_purchase", "billdiary_list_purchases"),
}
"""What finding a bill needs."""

PAYABLE = ("posted", "partially_paid")
"""Statuses in which a bill takes payments."""

_LARGEST_ID = 2**63 - 1
_MOST_CANDIDATES = 10
_NEAREST = 3
_KEPT = 500


@dataclass(frozen=True)
class Found:
    """One bill, whole. notes: what was assumed about it."""

    record: dict[str, Any]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class _Shelf:
    """Where documents lie. id: the argument that names one. number: the column of its number.

    filters: whether the list takes filters; else it has one search over all texts.
    """

    get: str
    list: str
    id: str
    number: str
    filters: bool = True

    def search(self, text: str) -> dict[str, Any] | None:
        """Arguments of the list for numbers that contain a text, None where it cannot be searched for."""
        if self.filters:
            return {"filters": {f"{self.number}[contains]": text}}
        return {"q": text} if len(text) > 1 else None

    def exactly(self, number: str) -> dict[str, Any] | None:
        """Arguments of the list for one number."""
        return {"filters": {self.number: number}} if self.filters else self.search(number)


_SHELVES = {
    System.LUMINOUS: _Shelf("get_bill", "list_bills", "bill_id", "bill_number"),
    System.BILLDIARY: _Shelf("billdiary_get_purchase", "billdiary_list_purchases", "id", "ref_no", filters=False),
}


async def find_bill(books: Books, given: str, system: System = System.LUMINOUS, argument: str = "bill") -> Found:
    """The bill that is meant, whole. Raises UnclearError where several have that number, NotFoundError where none."""
    given, shelf = given.strip(), _SHELVES[system]
    record, named = await together(_by_id(books, shelf, given), _numbered(books, shelf, given))
    if record is not None:
        others = [row["id"] for row in named if row.get("id") != record.get("id")]
        return Found(record, [_SAME_NUMBER.format(", ".join(map(str, others[:_MOST_CANDIDATES])))] if others else [])
    notes = []
    if not named:
        named, near = await _alike(books, shelf, given)
        notes = ["No bill has exactly this number; the one above is spelled like it."]
        if not named and near:
            raise UnclearError(argument, "bills", given, [_candidate(row) for row in near], 0)
    if not named:
        raise NotFoundError("No bill has this id or number. look_up_bills searches by vendor, text, date and amount.")
    if len(named) > 1:
        shown = [_candidate(row) for row in named[:_MOST_CANDIDATES]]
        raise UnclearError(argument, "bills", given, shown, len(named))
    return Found(await books.record(shelf.get, **{shelf.id: named[0]["id"]}), notes)


_SAME_NUMBER = "Taken as the bill's id. It is also the number of another bill; for that one give its id: {}."


async def _by_id(books: Books, shelf: _Shelf, given: str) -> Any:
    if not (given.isascii() and given.isdigit() and 0 < int(given) <= _LARGEST_ID):
        return None
    try:
        return await books.record(shelf.get, **{shelf.id: int(given)})
    except NotFoundError:
        return None


async def _numbered(books: Books, shelf: _Shelf, given: str) -> Any:
    """Bills of exactly that number."""
    rows = [row async for row in _rows(books, shelf, shelf.exactly(given))]
    return [row for row in rows if str(row.get(shelf.number) or "").strip() == given]


async def _alike(books: Books, shelf: _Shelf, given: str) -> tuple[list[Row], list[Row]]:
    """Bills whose number is another spelling of it; else the nearest of those that were looked at."""
    from rapidfuzz.fuzz import ratio

    if not (text := ending(given)):
        return [], []
    same: list[Row] = []
    near: list[Row] = []
    async for row in _rows(books, shelf, shelf.search(text)):
        number = str(row.get(shelf.number) or "")
        if is_alike(number, given):
            same.append(row)
        near.append(row)
        if len(near) >= _KEPT:
            near = _nearest(near, lambda each: ratio(str(each.get(shelf.number)).casefold(), given.casefold()))
    return same, _nearest(near, lambda each: ratio(str(each.get(shelf.number)).casefold(), given.casefold()))


def _nearest(rows: Sequence[Row], likeness: Callable[[Row], float]) -> list[Row]:
    return sorted(rows, key=lambda row: (-likeness(row), str(row.get("id"))))[:_NEAREST]


async def _rows(books: Books, shelf: _Shelf, arguments: Mapping[str, Any] | None) -> AsyncIterator[Row]:
    if arguments is None:
        return
    async with books.stream(shelf.list, **arguments) as stream:
        async for rows in stream:
            for row in rows:
                yield row


def _candidate(row: Row) -> Candidate:
    number, vendor = row.get("bill_number") or row.get("ref_no"), row.get("vendor_name") or contact_name(row)
    total = decimal(row.get("total", row.get("final_total")))
    day = str(row.get("bill_date") or row.get("transaction_date") or "")[:10]
    amounts = f"{said(total)} {row.get('currency') or ''}".strip() if total is not None else ""
    parts = (number, vendor, row.get("status"), day, amounts)
    return Candidate(row.get("id") or 0, ", ".join(str(part) for part in parts if part))


# Purchase orders


def order_number(order: Row) -> str:
    """What a purchase order is called first."""
    numbers = order.get("order_numbers")
    return str(numbers[0]) if isinstance(numbers, list) and numbers else str(order.get("id") or "")


async def find_order(books: Books, given: str, argument: str = "purchase_order") -> dict[str, Any]:
    """The purchase order of that number or id, whole. Raises UnclearError and NotFoundError."""
    given = given.strip()
    shelf = _Shelf("get_purchase_order", "list_purchase_orders", "id", "order_numbers")
    named: dict[Any, Row] = {}
    for text in filter(None, (given, ending(given))):
        async for row in _rows(books, shelf, shelf.search(text)):
            if any(is_alike(str(number), given) or number == given for number in row.get("order_numbers") or []):
                named[row.get("id")] = row
        if named:
            break
    if len(named) > 1:
        shown = [Candidate(row["id"], order_number(row)) for row in list(named.values())[:_MOST_CANDIDATES]]
        raise UnclearError(argument, "purchase orders", given, shown, len(named))
    if named:
        return await books.record(shelf.get, id=next(iter(named)))
    order = await _by_id(books, shelf, given)
    if order is None:
        raise NotFoundError("No purchase order has this id or number. find_record or list_purchase_orders finds it.")
    found: dict[str, Any] = order
    return found
