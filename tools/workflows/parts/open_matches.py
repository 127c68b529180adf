"""All open bills that have an order, matched one after the other: which of them do not agree with what was ordered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from tools.workflows.books import Books, NotAllowedError, Row
from tools.workflows.findings import Amounts, Findings, Table
from tools.workflows.parts.around import Around
from tools.workflows.parts.parties import Vendor
from tools.workflows.parts.payables import is_owed
from tools.workflows.parts.reading import read_bills_of_orders, read_orders, read_rows
from tools.workflows.parts.record_values import ZERO, amount, objects, total, totals_by_key
from tools.workflows.parts.telling import as_table, vendor_notes
from tools.workflows.parts.three_way import Match, Papers, Tolerance
from tools.workflows.parts.whole_bills import read_whole

_NEEDS = ("list_bills", "get_bill", "list_purchase_orders")
_MOST = 150
"""Bills that are read for their lines, those with the most due."""
_MOST_OTHERS = 50
"""Other bills of the same orders that are read for theirs."""
_COLUMNS = ("id", "bill_number", "vendor_name", "status", "currency", "total_due", "difference", "differs_in")
_MONEY = frozenset({"total_due", "difference"})


async def match_open_bills(books: Books, vendor: Vendor | None, tolerance: Tolerance) -> Findings:
    """The bills that do not match, of all vendors or of one. Raises ReadFailedError."""
    if not books.has(*_NEEDS):
        raise NotAllowedError(f"Matching all open bills takes {', '.join(_NEEDS)}; not all of them are enabled here.")
    matches = _OpenMatches(vendor, tolerance)
    await matches.read(books)
    return matches.findings()


class _OpenMatches:
    """The open bills, what stands behind them, and how they match."""

    def __init__(self, vendor: Vendor | None, tolerance: Tolerance) -> None:
        self.vendor, self.tolerance = vendor, tolerance
        self.bills: list[Row] = []
        """The open ones with an order, as their list shows them."""
        self.whole: dict[Any, Row] = {}
        """Bills with their lines: the open ones, and others of their orders."""
        self.orders: dict[Any, dict[str, Any]] = {}
        self.order_of_line: dict[Any, Any] = {}
        self.stopped = ""
        self.notes: list[str] = []

    # What is read

    async def read(self, books: Books) -> None:
        """Read the bills, their lines, their orders, and the other bills of these."""
        of_vendor = {} if self.vendor is None else {"vendor_id": self.vendor.id}
        filters = {**of_vendor, "total_due[gt]": 0, "purchase_order_id[gte]": 1}
        self.stopped = await read_rows(books, "list_bills", self._add_bill, filters=filters)
        self.bills.sort(key=lambda bill: (-amount(bill, "total_due"), str(bill.get("id"))))
        await read_whole(books, [bill["id"] for bill in self.bills], self._add_whole, _MOST)
        await self._read_orders(books, {bill["purchase_order_id"] for bill in self.bills if bill["id"] in self.whole})
        await self._read_orders(books, await self._orders_of_lines(books))
        await self._read_others(books)

    def _add_bill(self, bill: Row) -> None:
        of_vendor = self.vendor is None or bill.get("vendor_id") == self.vendor.id
        if of_vendor and is_owed(bill) and isinstance(bill.get("purchase_order_id"), int):
            self.bills.append(bill)

    def _add_whole(self, bill: Row) -> None:
        self.whole[bill["id"]] = bill

    def _add_order(self, order: Row) -> None:
        self.orders[order["id"]] = dict(order)
        self.order_of_line |= {item.get("id"): order["id"] for item in objects(order.get("items"))}

    async def _read_orders(self, books: Books, order_ids: Iterable[int]) -> None:
        ended = await read_orders(books, set(order_ids) - self.orders.keys(), self._add_order)
        self.stopped = self.stopped or ended

    async def _orders_of_lines(self, books: Books) -> set[int]:
        """Further orders, which only lines of the bills name."""
        linked = {item.get("purchase_order_item_id") for bill in self.whole.values() for item in _items(bill)} - {None}
        unknown = linked - self.order_of_line.keys()
        if not unknown:
            return set()
        around = Around(books)
        rows = await around.rows(
            "the order lines that bills name",
            "list_purchase_order_items",
            lambda row: row.get("id") in unknown,
            filters={"id[in]": sorted(unknown)},
        )
        self.notes += around.notes()
        return {row["purchase_order_id"] for row in rows or [] if row.get("purchase_order_id")}

    async def _read_others(self, books: Books) -> None:
        """Other bills of these orders, paid ones and drafts: what they bill is not left to bill."""
        others: set[Any] = set()

        def take(order: int, bill: Row) -> None:
            if bill.get("id") not in self.whole:
                others.add(bill.get("id"))

        ended = await read_bills_of_orders(books, self.orders, take)
        self.stopped = self.stopped or ended
        if len(others) > await read_whole(books, sorted(others), self._add_whole, _MOST_OTHERS):
            self.notes.append("Not all other bills of the orders were read; what they bill may be billed twice.")

    # How they match

    def _matches(self) -> Iterator[tuple[Row, Match]]:
        """Each open bill that was read beside its orders."""
        billed = _units(self.whole.values())
        for row in self.bills:
            bill = self.whole.get(row["id"])
            if bill is None:
                continue
            own = _units([bill])
            named = [row["purchase_order_id"], *(self.order_of_line.get(key) for key in own)]
            orders = [self.orders[key] for key in dict.fromkeys(named) if key in self.orders]
            if orders:
                elsewhere = {key: billed[key] - units for key, units in own.items()}
                yield row, Match(bill, Papers(orders, None, elsewhere), self.tolerance)

    def findings(self) -> Findings:
        """How many do not match, and which."""
        matched = list(self._matches())
        unlike = [_told(row, match) for row, match in matched if match.unlike]
        unlike.sort(key=lambda row: (-abs(row["difference"]), str(row["id"])))
        facts: dict[str, Any] = {} if self.vendor is None else {"vendor": self.vendor.name, "vendor_id": self.vendor.id}
        verdict = f"{len(unlike)} of {len(matched)} open bills do not match their order"
        if self.bills and not matched:
            verdict = "none of the open bills could be looked at"
        facts |= {
            "verdict": verdict,
            "open_bills_with_an_order": len(self.bills),
            "difference": Amounts.of(unlike, "difference"),
        }
        if within := [_told(row, match) for row, match in matched if not match.unlike and match.differs]:
            facts |= {
                "bills_within_tolerance": len(within),
                "difference_within_tolerance": Amounts.of(within, "difference"),
            }
        columns = [name for name in _COLUMNS if self.vendor is None or name != "vendor_name"]
        found = Findings(facts, [*_by_currency(matched)], list(self._notes(len(matched))), stopped=self.stopped)
        if unlike:
            found.tables.append(Table("do_not_match", columns, unlike, _MONEY))
            found.next = ["match_bill", "resolve_bill_variance"]
        return found

    def _notes(self, matched: int) -> Iterator[str]:
        yield from vendor_notes(self.vendor)
        if left := len(self.bills) - matched:
            yield f"{left} open bills with an order were not looked at, mostly those with the least due; give a vendor."
        yield "Compared are prices, and quantities with what came less what other bills bill; drafts are left out."
        yield from self.notes


def _items(bill: Row) -> list[dict[str, Any]]:
    return objects(bill.get("items"))


def _units(bills: Iterable[Row]) -> dict[Any, Decimal]:
    """What bills bill of each order line."""
    items = (item for bill in bills for item in _items(bill))
    return totals_by_key((item.get("purchase_order_item_id"), amount(item, "quantity")) for item in items)


def _told(row: Row, match: Match) -> dict[str, Any]:
    """A bill that does not match, as a row. differs_in: how many of its lines differ in what."""
    counts: dict[str, int] = {}
    for line in match.unlike:
        counts[line["verdict"]] = counts.get(line["verdict"], 0) + 1
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return {**row, "difference": total(match.goods, "difference"), "differs_in": told}


def _by_currency(matched: list[tuple[Row, Match]]) -> list[Table]:
    rows: dict[str, dict[str, Any]] = {}
    for bill, match in matched:
        currency = str(bill.get("currency") or "")
        row = rows.setdefault(currency, {"currency": currency, "bills": 0, "do_not_match": 0, "difference": ZERO})
        row["bills"] += 1
        if match.unlike:
            row["do_not_match"] += 1
            row["difference"] += total(match.goods, "difference")
    shown = [rows[name] for name in sorted(rows)]
    return as_table("by_currency", ("currency", "bills", "do_not_match", "difference"), shown, money=("difference",))
