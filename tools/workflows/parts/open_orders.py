"""Purchase orders of one vendor that are still open: ordered, not yet received, not yet billed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tools.workflows.books import Books, ReadFailedError, Row
from tools.workflows.findings import Amounts, Table
from tools.workflows.parts.parties import Vendor, plain

_CLOSED = frozenset({"completed", "deleted", "inactive", "cancelled", "closed"})
_KEPT = 300
"""Orders of which is asked what was billed."""
_AT_ONCE = 50
_MONEY = frozenset({"total", "not_received", "not_billed"})
_CENT = Decimal("0.01")


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
    stopped: str = ""
    by_name: bool = False
    """Whether orders were taken that name the vendor as their supplier only."""

    def add(self, row: dict[str, Any]) -> None:
        """Count an order."""
        self.count += 1
        self.total.add(row["currency"], row["total"])
        if len(self.rows) < _KEPT:
            self.rows.append(row)

    def facts(self) -> dict[str, Any]:
        """The figures."""
        valued = {"orders_not_received": self.not_received, "orders_not_billed": self.not_billed}
        return {
            "open_orders": self.count,
            "orders_total": self.total if self.count else None,
            **(valued if self.count and self.is_valued else {}),
        }

    def table(self) -> Table:
        """The orders, oldest first."""
        wanted = (
            "id",
            "number",
            "order_date",
            "expected",
            "to_come",
            "currency",
            "total",
            "not_received",
            "not_billed",
        )
        columns = [name for name in wanted if any(row.get(name) is not None for row in self.rows)]
        return Table("open_orders", columns, self.rows, _MONEY, of=self.count)

    def notes(self) -> Iterator[str]:
        """What has to be said of the figures."""
        if self.count > _KEPT and self.is_valued:
            yield f"orders_not_billed is of the first {_KEPT} open orders."
        if self.by_name:
            yield "Orders do not say who bills them here: those whose supplier has the vendor's name were taken."


async def of_vendor(books: Books, vendor: Vendor) -> OpenOrders:
    """The open orders of a vendor in Luminous. Raises ReadFailedError."""
    if not books.has("list_purchase_orders"):
        raise ReadFailedError("list_purchase_orders")
    found = OpenOrders(is_valued=True)
    # That the list can be narrowed by the vendor is not documented, so each row is looked at.
    arguments: dict[str, Any] = {"order_status": "active", "filters": {"vendor_id": vendor.id}}
    async with books.stream("list_purchase_orders", **arguments) as stream:
        async for rows in stream:
            for row in rows:
                if str(row.get("order_status") or "").lower() not in _CLOSED and _is_of(vendor, row, found):
                    found.add(_order(row))
                    found.not_received.add(row.get("currency"), _to_come(row))
    found.stopped = stream.stopped
    found.rows.sort(key=lambda row: (str(row["order_date"] or ""), row["id"]))
    await _subtract_bills(books, found)
    return found


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
    numbers = row.get("order_numbers")
    return {
        "id": row.get("id"),
        "number": numbers[0] if isinstance(numbers, list) and numbers else None,
        "order_date": row.get("order_date"),
        "expected": row.get("arrival_due_date"),
        "to_come": row.get("total_qty_remaining"),
        "currency": row.get("currency"),
        "total": row.get("total_cost"),
        "not_received": _to_come(row),
        "not_billed": None,
    }


def _to_come(order: Row) -> Decimal:
    """What the goods cost that have not come: of each line its share of what the line comes to."""
    value = Decimal(0)
    for line in order.get("items") or ():
        ordered, received, total = (line.get(name) for name in ("quantity", "received_quantity", "line_total"))
        if ordered and isinstance(total, Decimal | int) and (left := ordered - (received or 0)) > 0:
            value += (Decimal(total) * left / ordered).quantize(_CENT)
    return value


async def _subtract_bills(books: Books, found: OpenOrders) -> None:
    """What of each order no bill asks for: its total less its bills, at least nothing."""
    billed: dict[Any, Decimal] = {row["id"]: Decimal(0) for row in found.rows}
    ids = list(billed)
    for start in range(0, len(ids), _AT_ONCE):
        filters = {"purchase_order_id[in]": ids[start : start + _AT_ONCE], "status[neq]": "void"}
        async with books.stream("list_bills", filters=filters) as stream:
            async for rows in stream:
                for bill in rows:
                    order = bill.get("purchase_order_id")
                    if order in billed and bill.get("status") != "void":
                        billed[order] += bill.get("total") or 0
    for row in found.rows:
        if isinstance(row["total"], Decimal | int):
            row["not_billed"] = max(row["total"] - billed[row["id"]], Decimal(0))
            found.not_billed.add(row["currency"], row["not_billed"])


async def of_contact(books: Books, contact_id: int) -> OpenOrders:
    """The open orders of a supplier in BillDiary. Raises ReadFailedError."""
    if not books.has("billdiary_list_purchase_orders"):
        raise ReadFailedError("billdiary_list_purchase_orders")
    found = OpenOrders()
    async with books.stream("billdiary_list_purchase_orders", contact_id=contact_id) as stream:
        async for rows in stream:
            for row in rows:
                if (row.get("contact") or {}).get("id") == contact_id and row.get("status") != "completed":
                    found.add(_billdiary_order(row))
    found.stopped = stream.stopped
    found.rows.sort(key=lambda row: (str(row["order_date"] or ""), row["id"]))
    return found


def _billdiary_order(row: Row) -> dict[str, Any]:
    return {
        "id": row.get("id"),
        "number": row.get("ref_no"),
        "order_date": str(row.get("transaction_date") or "")[:10] or None,
        "to_come": row.get("po_qty_remaining"),
        "currency": None,
        "total": row.get("final_total"),
    }
