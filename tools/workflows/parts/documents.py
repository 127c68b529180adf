"""Which bill or purchase order is meant, by id or by number as people write numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.operation import System
from tools.workflows.books import Books, NotFoundError, Row, together
from tools.workflows.findings import Candidate, UnclearError
from tools.workflows.parts.document_numbers import ending, is_alike
from tools.workflows.parts.parties import contact_name
from tools.workflows.parts.reading import read_rows
from tools.workflows.parts.record_values import decimal
from tools.workflows.parts.telling import amount_text

BILL_NEEDS = {
    System.LUMINOUS: ("get_bill", "list_bills"),
    System.BILLDIARY: ("billdiary_get_purchase", "billdiary_list_purchases"),
}
"""What finding a bill needs."""

_LARGEST_ID = 2**63 - 1
_MOST_CANDIDATES = 10
_NEAREST = 3
_KEPT = 500
"""Numbers that are looked at before only the nearest are kept."""
_SPELLED_LIKE_IT = "No bill has exactly this number; the one above is spelled like it."


@dataclass(frozen=True)
class FoundBill:
    """One bill, whole. notes: what was assumed about it."""

    record: dict[str, Any]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class _Shelf:
    """Where documents lie. get, list: operations. id: the argument that names one. number: the column of its number.

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


async def find_bill(books: Books, given: str, system: System = System.LUMINOUS, argument: str = "bill") -> FoundBill:
    """The bill that is meant, whole. Raises UnclearError where several have that number, NotFoundError where none."""
    given, shelf = given.strip(), _SHELVES[system]
    reads: list[Any] = await together(_by_id(books, shelf, given), _numbered(books, shelf, given))
    record, named = reads
    if record is not None:
        return FoundBill(record, _same_number(record, named))
    notes = []
    if not named:
        named, near = await _alike(books, shelf, given)
        notes = [_SPELLED_LIKE_IT]
        if not named and near:
            raise UnclearError(argument, "bills", given, [_candidate(row) for row in near], 0)
    if not named:
        raise NotFoundError("No bill has this id or number. look_up_bills searches by vendor, text, date and amount.")
    if len(named) > 1:
        shown = [_candidate(row) for row in named[:_MOST_CANDIDATES]]
        raise UnclearError(argument, "bills", given, shown, len(named))
    return FoundBill(await books.record(shelf.get, **{shelf.id: named[0]["id"]}), notes)


async def is_bill_id(books: Books, given: str) -> bool:
    """Whether a bill of Luminous has this id."""
    shelf = _SHELVES[System.LUMINOUS]
    return books.has(shelf.get) and await _by_id(books, shelf, given.strip()) is not None


def _same_number(bill: Row, named: Sequence[Row]) -> list[str]:
    """A note on bills whose number is the id of this one."""
    ids = [row["id"] for row in named if isinstance(row.get("id"), int) and row["id"] != bill.get("id")]
    others = [str(each) for each in ids[:_MOST_CANDIDATES]]
    also = "Taken as the bill's id. It is also the number of another bill; for that one give its id"
    return [f"{also}: {', '.join(others)}."] if others else []


async def _by_id(books: Books, shelf: _Shelf, given: str) -> dict[str, Any] | None:
    if not (given.isascii() and given.isdigit() and 0 < int(given) <= _LARGEST_ID):
        return None
    try:
        return await books.record(shelf.get, **{shelf.id: int(given)})
    except NotFoundError:
        return None


async def _numbered(books: Books, shelf: _Shelf, given: str) -> list[Row]:
    """Bills of exactly that number."""
    found: list[Row] = []

    def take(row: Row) -> None:
        if str(row.get(shelf.number) or "").strip() == given:
            found.append(row)

    if (arguments := shelf.exactly(given)) is not None:
        await read_rows(books, shelf.list, take, **arguments)
    return found


async def _alike(books: Books, shelf: _Shelf, given: str) -> tuple[list[Row], list[Row]]:
    """Bills whose number is another spelling of it; else the nearest of those that were looked at."""
    text = ending(given)
    arguments = shelf.search(text) if text else None
    same: list[Row] = []
    near: list[Row] = []

    def take(row: Row) -> None:
        if is_alike(str(row.get(shelf.number) or ""), given):
            same.append(row)
        near.append(row)
        if len(near) >= _KEPT:
            near[:] = _nearest(near, shelf.number, given)

    if arguments is not None:
        await read_rows(books, shelf.list, take, **arguments)
    return same, _nearest(near, shelf.number, given)


def _nearest(rows: Sequence[Row], column: str, given: str) -> list[Row]:
    """The rows whose number is most like it."""
    from rapidfuzz.fuzz import ratio

    wanted = given.casefold()

    def place(row: Row) -> tuple[float, str]:
        return -ratio(str(row.get(column)).casefold(), wanted), str(row.get("id"))

    return sorted(rows, key=place)[:_NEAREST]


def _candidate(row: Row) -> Candidate:
    number, vendor = row.get("bill_number") or row.get("ref_no"), row.get("vendor_name") or contact_name(row)
    total = decimal(row.get("total", row.get("final_total")))
    date = str(row.get("bill_date") or row.get("transaction_date") or "")[:10]
    told = f"{amount_text(total)} {row.get('currency') or ''}".strip() if total is not None else ""
    parts = (number, vendor, row.get("status"), date, told)
    return Candidate(row.get("id") or 0, ", ".join(str(part) for part in parts if part))


# Purchase orders

_ORDERS = _Shelf("get_purchase_order", "list_purchase_orders", "id", "order_numbers")


def order_number(order: Row) -> str:
    """What a purchase order is called first; its id where it has no number."""
    numbers = order.get("order_numbers")
    return str(numbers[0]) if isinstance(numbers, list) and numbers else str(order.get("id") or "")


async def find_order(books: Books, given: str, argument: str = "purchase_order") -> dict[str, Any]:
    """The purchase order of that number or id, whole. Raises UnclearError and NotFoundError."""
    given = given.strip()
    named = await _orders_named(books, given)
    if len(named) > 1:
        shown = [Candidate(row["id"], order_number(row)) for row in named[:_MOST_CANDIDATES]]
        raise UnclearError(argument, "purchase orders", given, shown, len(named))
    if named:
        return await books.record(_ORDERS.get, id=named[0].get("id"))
    order = await _by_id(books, _ORDERS, given)
    if order is None:
        raise NotFoundError("No purchase order has this id or number. find_record or list_purchase_orders finds it.")
    return order


async def _orders_named(books: Books, given: str) -> list[Row]:
    """Orders that have this number: as it is written, else in another spelling."""
    named: dict[Any, Row] = {}

    def take(row: Row) -> None:
        if any(is_alike(str(number), given) or number == given for number in row.get("order_numbers") or []):
            named[row.get("id")] = row

    for text in filter(None, (given, ending(given))):
        if (arguments := _ORDERS.search(text)) is not None:
            await read_rows(books, _ORDERS.list, take, **arguments)
        if named:
            break
    return list(named.values())
