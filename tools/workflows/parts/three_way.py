"""A bill's lines beside those of its purchase orders and what was received of them: what agrees, what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row
from tools.workflows.findings import Findings, Table
from tools.workflows.parts.documents import order_number
from tools.workflows.parts.paid_on_order import paid_facts
from tools.workflows.parts.receiving_reports import units_by_order_line, with_units
from tools.workflows.parts.record_values import ZERO, amount, decimal, line_value, objects, total
from tools.workflows.parts.telling import amount_text, as_table, in_currency

COSTS = ("freight", "duty")
"""Types of lines that are spread over order lines by allocations instead of being ordered."""

_AGREES = frozenset({"matches", "within tolerance", "allocated"})
_WRITTEN = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,4})?)\s*(%?)")
_LINES = (
    "line", "sku", "description", "billed", "ordered", "received", "by_others", "unit_cost", "order_cost", "amount",
    "expected", "difference", "verdict",
)  # fmt: skip
_COST_LINES = ("line", "type", "description", "amount", "allocated", "verdict")
_CANDIDATES = ("purchase_order_id", "purchase_order", "lines", "billable_quantity", "billable_amount")


@dataclass(frozen=True)
class Tolerance:
    """The difference of a line that still passes: an amount, or a percentage of what was to be expected."""

    value: Decimal = ZERO
    is_percent: bool = False

    @classmethod
    def of(cls, text: str) -> Tolerance:
        """`5.00` or `2%`. Raises ValueError."""
        written = _WRITTEN.fullmatch(text.strip())
        if written is None:
            raise ValueError("must be an amount such as 5.00, or a percentage such as 2%")
        return cls(Decimal(written[1]), bool(written[2]))

    def allows(self, difference: Decimal, expected: Decimal) -> bool:
        """Whether a difference passes."""
        return abs(difference) <= (expected * self.value / 100 if self.is_percent else self.value)


@dataclass
class Papers:
    """What a bill is held against.

    billed: by order line, what other bills bill of it. others: bills of the same orders. candidates: order lines that
    could stand behind the bill. keeps_receipts: whether there are receiving reports; without them what was ordered
    counts as received.
    """

    orders: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] | None = None
    billed: Mapping[Any, Decimal] = field(default_factory=dict)
    others: Sequence[Row] = ()
    candidates: Sequence[Row] = ()
    variance: Row | None = None
    keeps_receipts: bool = True
    notes: list[str] = field(default_factory=list)


class Match:
    """The lines of a bill beside those of its orders."""

    def __init__(self, bill: Row, papers: Papers, tolerance: Tolerance = Tolerance()) -> None:
        self.bill = bill
        self.papers = papers
        self.currency = bill.get("currency")
        self._tolerance = tolerance
        self._same_currency = all(order.get("currency") in (None, self.currency) for order in papers.orders)
        self._ordered = {item["id"]: item for order in papers.orders for item in objects(order.get("items"))}
        self._received = self._counted()
        self._used: dict[Any, Decimal] = {}
        items = objects(bill.get("items"))
        self._taken = {item.get("purchase_order_item_id") for item in items}
        self.goods = [self._line(item) for item in items if not _is_cost(item)]
        self.costs = [_cost(item) for item in items if _is_cost(item)]

    def _counted(self) -> dict[Any, Decimal]:
        """What was received of each order line: by the reports, or as the order says where there are none to read."""
        if not self.papers.keeps_receipts:
            return {key: amount(item, "quantity") for key, item in self._ordered.items()}
        if self.papers.reports is None:
            return {key: amount(item, "received_quantity") for key, item in self._ordered.items()}
        return units_by_order_line(self.papers.reports, [order.get("id") for order in self.papers.orders])

    def _line(self, item: Row) -> dict[str, Any]:
        quantity, cost, billed = amount(item, "quantity"), amount(item, "unit_cost"), amount(item, "line_total")
        row = {"line": item.get("line_number"), "sku": item.get("sku"), "description": item.get("description")}
        row |= {"billed": quantity, "unit_cost": cost, "amount": billed}
        ordered = self._order_line(item)
        if ordered is None:
            return {**row, "expected": ZERO, "difference": billed, "verdict": "not ordered"}
        key = ordered["id"]
        elsewhere, received = self.papers.billed.get(key, ZERO), self._received.get(key, ZERO)
        left = max(received - elsewhere - self._used.get(key, ZERO), ZERO)
        self._used[key] = self._used.get(key, ZERO) + quantity
        price = decimal(ordered.get("unit_price")) if self._same_currency else None
        expected = line_value(min(quantity, left), cost if price is None else price)
        wrong = ["price"] if price is not None and price != cost else []
        if quantity > left:
            wrong.append("quantity" if received else "not received")
        came = received if self.papers.keeps_receipts else None
        row |= {"ordered": amount(ordered, "quantity"), "received": came, "by_others": elsewhere or None}
        row |= {"order_line": key, "order_cost": price, "expected": expected, "difference": billed - expected}
        return {**row, "verdict": self._verdict(wrong, billed - expected, expected)}

    def _order_line(self, item: Row) -> dict[str, Any] | None:
        """The order line behind a line of the bill: the one that it names, else the only one of that product."""
        if named := item.get("purchase_order_item_id"):
            return self._ordered.get(named)
        product = item.get("product_id")
        same = [row for row in self._ordered.values() if product and row.get("product_id") == product]
        return same[0] if len(same) == 1 and same[0]["id"] not in self._taken else None

    def _verdict(self, wrong: Sequence[str], difference: Decimal, expected: Decimal) -> str:
        if not wrong and not difference:
            return "matches"
        if self._tolerance.allows(difference, expected):
            return "within tolerance"
        return " and ".join(wrong) or "amount"

    # The answer

    def _head(self) -> dict[str, Any]:
        bill = self.bill
        return {
            "bill": bill.get("bill_number"),
            "bill_id": bill.get("id"),
            "vendor": bill.get("vendor_name"),
            "status": bill.get("status"),
            "total": in_currency(self.currency, amount(bill, "total")),
        }

    def findings(self) -> Findings:
        """Line by line, and in all."""
        billed, expected = (total(self.goods, name) for name in ("amount", "expected"))
        facts = {
            **self._head(),
            "verdict": self.verdict,
            "purchase_order": ", ".join(order_number(order) for order in self.papers.orders),
            "purchase_order_id": ", ".join(str(order.get("id")) for order in self.papers.orders),
            "goods_billed": in_currency(self.currency, billed),
            "goods_expected": in_currency(self.currency, expected),
            "difference": in_currency(self.currency, billed - expected),
            **paid_facts(self.papers.orders),
        }
        if self.costs:
            allocated = amount_text(total(self.costs, "allocated"))
            facts["freight_and_duty"] = f"{amount_text(total(self.costs, 'amount'))}, allocated {allocated}"
        if amount(self.bill, "tax_amount"):
            facts["tax_in_total"] = in_currency(self.currency, amount(self.bill, "tax_amount"))
        found = Findings(facts, list(self._tables()), list(self._notes()))
        if self.problems and self.bill.get("status") != "void":
            open_variance = billed != expected and not (self.papers.variance or {}).get("resolution")
            found.next = ["get_bill_variance", "resolve_bill_variance"] if open_variance else []
            found.next += ["prorate_bill_item_allocation"] * any(row["verdict"] != "allocated" for row in self.costs)
        return found

    @property
    def problems(self) -> list[dict[str, Any]]:
        """Lines that do not agree."""
        return [row for row in (*self.goods, *self.costs) if row["verdict"] not in _AGREES]

    @property
    def unlike(self) -> list[dict[str, Any]]:
        """Lines of goods that do not agree; freight and duty have nothing to agree with."""
        return [row for row in self.goods if row["verdict"] not in _AGREES]

    @property
    def differs(self) -> bool:
        """Whether any line differs at all, be it within the tolerance."""
        return any(row["difference"] for row in self.goods)

    @property
    def verdict(self) -> str:
        """In all."""
        counts: dict[str, int] = {}
        for row in self.problems:
            counts[row["verdict"]] = counts.get(row["verdict"], 0) + 1
        lines = len(self.goods) + len(self.costs)
        if counts:
            told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
            return f"{sum(counts.values())} of {lines} lines need a look: {told}"
        exact = all(row["verdict"] != "within tolerance" for row in self.goods)
        return f"all {lines} lines match" if exact else f"all {lines} lines match within the tolerance"

    def _tables(self) -> Iterator[Table]:
        amounts, prices = ("amount", "expected", "difference"), ("unit_cost", "order_cost")
        # What differs comes first, so that it is seen where not all lines fit.
        goods = sorted(self.goods, key=lambda row: row["verdict"] in _AGREES)
        yield from as_table("lines", _LINES, goods, money=amounts, prices=prices)
        yield from as_table("freight_and_duty", _COST_LINES, self.costs, money=("amount", "allocated"))
        left = "received_not_billed" if self.papers.keeps_receipts else "ordered_not_billed"
        yield from as_table(left, ("order_line", "sku", "units", "amount"), self._unbilled(), money=("amount",))
        ids = [order.get("id") for order in self.papers.orders]
        yield from as_table("receipts", ("id", "date", "units"), with_units(self.papers.reports or [], ids))
        others = ("id", "bill_number", "status", "bill_date", "total")
        yield from as_table("other_bills_of_the_order", others, self.papers.others, money=("total",))

    def _unbilled(self) -> list[dict[str, Any]]:
        """Goods that came and that neither this bill nor another one bills."""
        rows = []
        own = self._used if self.bill.get("status") != "void" else {}
        for key, ordered in self._ordered.items():
            billed = own.get(key, ZERO) + self.papers.billed.get(key, ZERO)
            units = self._received.get(key, ZERO) - billed
            if units > 0:
                value = line_value(units, amount(ordered, "unit_price"))
                sku = (ordered.get("product") or {}).get("sku") or ordered.get("source_sku")
                rows.append({"order_line": key, "sku": sku, "units": units, "amount": value})
        return rows

    def _notes(self) -> Iterator[str]:
        what = "received" if self.papers.keeps_receipts else "ordered"
        yield f"expected is what was {what} and not billed by others, at the order's cost."
        if self.bill.get("status") == "void":
            yield "The bill is void: it bills nothing."
        if not self._same_currency:
            yield "The order is in another currency than the bill: prices were not compared, quantities were."
        if any(amount(item, "discount_amount") for item in self._ordered.values()):
            yield "Order lines have discounts; the costs compared are those before them."
        yield from self._cross_check()

    def _cross_check(self) -> Iterator[str]:
        variance = self.papers.variance or {}
        theirs = decimal(variance.get("variance_total"))
        linked = {row["id"] for row in self._ordered.values()} & self._taken
        ours = sum((row["difference"] for row in self.goods if row.get("order_line") in linked), ZERO)
        if theirs is not None and theirs != ours:
            told = f"{amount_text(theirs)} on the ordered lines, these figures say {amount_text(ours)}"
            yield f"Luminous sees a variance of {told}."
        if variance.get("resolution"):
            yield "The variance was settled already."

    def without_order(self) -> Findings:
        """The orders that could stand behind a bill that names none."""
        found = self._candidate_orders()
        named = self.bill.get("purchase_order_id") or any(self._taken - {None})
        why = "the purchase order cannot be read" if named else "no purchase order"
        facts = {**self._head(), "verdict": f"{why}, nothing to match with", "candidate_orders": len(found)}
        answer = Findings(facts, as_table("candidates", _CANDIDATES, found, money=("billable_amount",)))
        if self.costs:
            answer.tables += as_table("freight_and_duty", _COST_LINES, self.costs, money=("amount", "allocated"))
        if found:
            answer.notes.append(
                "Candidates are orders of this vendor with the bill's products; billable is received, not billed."
            )
            answer.next.append("list_bill_candidate_lines")
        return answer

    def _candidate_orders(self) -> list[dict[str, Any]]:
        """The orders of the candidate lines, those with the most to bill first."""
        rows: dict[Any, dict[str, Any]] = {}
        for line in self.papers.candidates:
            key = line.get("purchase_order_id")
            row = rows.setdefault(
                key, {"purchase_order_id": key, "purchase_order": line.get("order_number"), "lines": 0}
            )
            row["lines"] += 1
            for column in ("billable_quantity", "billable_amount"):
                if (value := decimal(line.get(column))) is not None:
                    row[column] = row.get(column, ZERO) + value
        return sorted(rows.values(), key=lambda row: (-amount(row, "billable_amount"), str(row["purchase_order_id"])))


def _is_cost(item: Row) -> bool:
    return item.get("type") in COSTS and not item.get("purchase_order_item_id")


def _cost(item: Row) -> dict[str, Any]:
    value, allocated = amount(item, "line_total"), amount(item, "allocated_amount")
    verdict = "allocated" if allocated >= value else "part allocated" if allocated else "not allocated"
    told = {"line": item.get("line_number"), "type": item.get("type"), "description": item.get("description")}
    return {**told, "amount": value, "allocated": allocated, "verdict": verdict}
