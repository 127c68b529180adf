"""Purchase orders of one vendor that are still open: ordered, not yet received, not yet billed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tools.workflows.books import Books, ReadFailedError, Row
from tools.workflows.findings import Amounts, Table
from tools.workflows.parts.documents import order_number
from tools.workflows.parts.paid_on_order import paid_on
from tools.workflows.parts.parties import Vendor, plain
from tools.workflows.parts.reading import read_bills_of_orders, read_orders, read_rows
from tools.workflows.parts.record_values import CENT, ZERO, amount, day, decimal, objects

_CLOSED = frozenset({"completed", "deleted", "inactive", "cancelled", "closed"})
_KEPT = 300
"""Orders of which is asked what was billed."""
_COLUMNS = ("id", "number", "order_date", "expected", "to_come", "currency", "total", "not_received", "not_billed")
_MONEY = frozenset({"total", "not_received", "not_billed"})


@dataclass
class OpenOrders:
    """The open orders and their sums. rows: the first of them, oldest first."""

    count: int = 0
    total: Amounts = field(default_factory=Amounts)
    not_received: Amounts = field(default_factory=Amounts)
    not_billed: Amounts = field(default_factory=Amounts)
    rows: list[dict[str, Any]] = field(default_factory=list)
    is_valued: bool = False
    """Whether it is known what of them was received and billed, in money."""
    paid: Amounts = field(default_factory=Amounts)
    """What was paid on orders themselves, in Luminous."""
    ids: set[Any] = field(default_factory=set)
    """The orders of which it is known what was paid on them."""
    stopped: str = ""
    unsaid: int = 0
    """Orders of which it is not said what came."""
    by_name: bool = False
    """Whether orders were taken that name the vendor as their supplier only."""

    def add(self, row: dict[str, Any]) -> None:
        """Count an order."""
        self.count += 1
        self.total.add(row["currency"], row["total"])
        if len(self.rows) < _KEPT:
            self.rows.append(row)

    def add_paid(self, order: Row) -> None:
        """Count what was paid on an order, once."""
        if order.get("id") not in self.ids:
            self.ids.add(order.get("id"))
            self.paid.add(order.get("currency"), paid_on(order))

    def sort(self) -> None:
        """Bring the rows in their order."""
        self.rows.sort(key=lambda row: (str(row["order_date"] or ""), row["id"]))

    def facts(self) -> dict[str, Any]:
        """The figures."""
        not_received = self.not_received if self.unsaid < self.count else None
        valued = {"orders_not_received": not_received, "orders_not_billed": self.not_billed}
        return {
            "open_orders": self.count,
            "orders_total": self.total if self.count else None,
            **(valued if self.count and self.is_valued else {}),
            "paid_on_orders": self.paid if any(self.paid.values()) else None,
        }

    def table(self) -> Table:
        """The orders, oldest first."""
        columns = [name for name in _COLUMNS if any(row.get(name) is not None for row in self.rows)]
        return Table("open_orders", columns, self.rows, _MONEY, of=self.count)

    def notes(self) -> Iterator[str]:
        """What has to be said of the figures."""
        if self.count > _KEPT and self.is_valued:
            yield f"orders_not_billed is of the first {_KEPT} open orders."
        if self.unsaid:
            yield f"orders_not_received leaves {self.unsaid} open orders out: the list does not say what came of them."
        if self.by_name:
            yield "Orders do not say who bills them here: those whose supplier has the vendor's name were taken."
        if any(self.paid.values()):
            yield "paid_on_orders: on open orders and those of open bills; bills and net_owed do not take it off."


async def of_vendor(books: Books, vendor: Vendor) -> OpenOrders:
    """The open orders of a vendor in Luminous. Raises ReadFailedError."""
    if not books.has("list_purchase_orders"):
        raise ReadFailedError("list_purchase_orders")
    found = OpenOrders(is_valued=True)
    # That the list can be narrowed by the vendor is not documented, so each row is looked at.
    arguments: dict[str, Any] = {"order_status": "active", "filters": {"vendor_id": vendor.id}}

    def take(row: Row) -> None:
        if str(row.get("order_status") or "").lower() not in _CLOSED and _is_of(vendor, row, found):
            found.add(_order(row))
            to_come = _to_come(row)
            found.unsaid += to_come is None
            found.not_received.add(row.get("currency"), to_come)
            found.add_paid(row)

    found.stopped = await read_rows(books, "list_purchase_orders", take, **arguments)
    found.sort()
    await _subtract_bills(books, found)
    return found


async def add_orders_of_bills(books: Books, found: OpenOrders, order_ids: Iterable[int]) -> None:
    """Count what was paid on orders of bills that are to be paid, also where they are open no more.

    Raises ReadFailedError.
    """
    stopped = await read_orders(books, set(order_ids) - found.ids, found.add_paid)
    found.stopped = found.stopped or stopped


def _is_of(vendor: Vendor, row: Row, found: OpenOrders) -> bool:
    """Whether an order is a vendor's. Of an order the supplier is documented; who bills it may not be said."""
    if "vendor_id" in row:
        return bool(row["vendor_id"] == vendor.id)
    supplier = row.get("supplier")
    is_namesake = isinstance(supplier, dict) and _words(supplier.get("name")) == _words(vendor.name)
    found.by_name = found.by_name or is_namesake
    return is_namesake


def _words(name: object) -> list[str]:
    return plain(str(name or "")).split()


def _order(row: Row) -> dict[str, Any]:
    return {
        "id": row.get("id"),
        "number": order_number(row),
        "order_date": row.get("order_date"),
        "expected": row.get("arrival_due_date"),
        "to_come": row.get("total_qty_remaining"),
        "currency": row.get("currency"),
        "total": row.get("total_cost"),
        "not_received": _to_come(row),
        "not_billed": None,
    }


def _to_come(order: Row) -> Decimal | None:
    """What the goods cost that have not come: of each line its share of what the line comes to, in cents.

    None where the order does not say it.
    """
    if not isinstance(order.get("items"), list):
        return None
    value = ZERO
    for line in objects(order["items"]):
        ordered, received, cost = (decimal(line.get(name)) for name in ("quantity", "received_quantity", "line_total"))
        if ordered is None or received is None or cost is None:
            return None
        if ordered > received:
            value += (cost * (ordered - received) / ordered).quantize(CENT)
    return value


async def _subtract_bills(books: Books, found: OpenOrders) -> None:
    """What of each order no bill asks for: its total less its bills, at least nothing."""
    billed: dict[Any, Decimal] = {row["id"]: ZERO for row in found.rows}
    currencies = {row["id"]: row["currency"] for row in found.rows}
    mixed: set[Any] = set()

    def take(order: int, bill: Row) -> None:
        if None not in (bill.get("currency"), currencies[order]) and bill["currency"] != currencies[order]:
            mixed.add(order)
        billed[order] += amount(bill, "total")

    stopped = await read_bills_of_orders(books, billed, take)
    found.stopped = found.stopped or stopped
    for row in found.rows:
        # What is billed in another currency cannot be taken off.
        if (total := decimal(row["total"])) is not None and row["id"] not in mixed:
            row["not_billed"] = max(total - billed[row["id"]], ZERO)
            found.not_billed.add(row["currency"], row["not_billed"])


async def of_contact(books: Books, contact_id: int) -> OpenOrders:
    """The open orders of a supplier in BillDiary. Raises ReadFailedError."""
    if not books.has("billdiary_list_purchase_orders"):
        raise ReadFailedError("billdiary_list_purchase_orders")
    found = OpenOrders()

    def take(row: Row) -> None:
        if (row.get("contact") or {}).get("id") == contact_id and row.get("status") != "completed":
            found.add(_billdiary_order(row))

    found.stopped = await read_rows(books, "billdiary_list_purchase_orders", take, contact_id=contact_id)
    found.sort()
    return found


def _billdiary_order(row: Row) -> dict[str, Any]:
    return {
        "id": row.get("id"),
        "number": row.get("ref_no"),
        "order_date": day(row.get("transaction_date")),
        "to_come": row.get("po_qty_remaining"),
        "currency": None,
        "total": row.get("final_total"),
    }
