"""Where random work on the books is done: books, model, requests, and how a record is held against the model."""

import asyncio
import itertools
import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant

from server.sandbox.books import Books
from tests.server.sandbox.conftest import NOW, Api
from tests.server.sandbox.state_goods import (
    CustomerReturn,
    Order,
    Sale,
    Shelves,
    VendorReturn,
)
from tests.server.sandbox.state_ledger import (
    CENT,
    CREDITS,
    NOTHING,
    PREPAYMENTS,
    Ledger,
)

SIZE = "small"
VENDORS = (101, 102)
MISSING = 404
NOBODY = 10**9
"""An id that no record has."""

COSTS = (Decimal("3.3333"), Decimal("12.50"))
"""Of the two products that are moved."""

TERMS = {"Net 30": (Decimal(0), "2026-12-03"), "30% deposit, Net 60": (Decimal("0.3"), "2027-01-02")}
"""The deposit that a term asks for, and the day the rest of an order is due."""
ORDERED = "2026-11-03"

vendors = st.sampled_from(VENDORS)
currencies = st.sampled_from(["USD", "USD", "USD", "EUR"])
amounts = st.integers(1, 200_000).map(lambda units: Decimal(units).scaleb(-2))
prices = st.integers(0, 500_000).map(lambda units: Decimal(units).scaleb(-4))
quantities = st.one_of(
    st.integers(1, 30).map(Decimal), st.integers(1, 300_000).map(lambda units: Decimal(units).scaleb(-4))
)
shares = st.sampled_from([0, 1, 20, 33, 50, 50, 80, 100, 100, 100, 101])
"""Percent of what would be allowed: all of it, parts of it, nothing, and a little more than it."""
days = st.sampled_from(["2026-11-20", "2026-12-01", "2026-12-24"])
picks = st.integers(0, 3)
bill_lines = st.lists(st.tuples(quantities, prices), min_size=1, max_size=3)
order_lines = st.lists(st.tuples(picks, quantities, prices), min_size=1, max_size=2)
moved_lines = st.lists(st.tuples(picks, shares), min_size=1, max_size=2)

bills = Bundle("bills")
payments = Bundle("payments")
credits_ = Bundle("credits")
prepayments = Bundle("prepayments")
applications = Bundle("applications")
obligations = Bundle("obligations")
orders = Bundle("orders")
vendor_returns = Bundle("vendor_returns")
sales = Bundle("sales")
customer_returns = Bundle("customer_returns")

funds = st.one_of(credits_, prepayments)


def part(limit: Decimal, percent: int, step: Decimal = CENT) -> Decimal:
    """So much of the limit, at least a step unless it is nothing; more than 100 percent are a step too many."""
    if percent > 100:
        return max(limit, NOTHING) + step
    exact = (limit * percent / 100).quantize(step, rounding=ROUND_FLOOR)
    return max(exact, step) if percent else NOTHING


@dataclass
class Workshop:
    """Where runs get their books from, and what they counted."""

    folder: Path
    runner: asyncio.Runner
    runs: "defaultdict[int, int]" = field(default_factory=lambda: defaultdict(int))
    """How many runs there were of how many steps."""
    requests: int = 0
    refused: int = 0
    _used: "itertools.count[int]" = field(default_factory=itertools.count)

    def books(self) -> tuple[Books, Path]:
        """Books as they are generated, in a file of their own."""
        pristine = self.folder / "pristine.books"
        if not pristine.exists():
            Books.open(pristine, size=SIZE).close()
        path = Path(shutil.copy(pristine, self.folder / f"{next(self._used)}.books"))
        return Books.open(path, size=SIZE, clock=lambda: NOW), path


class Desk(RuleBasedStateMachine):
    """One run: books, model, and how they are compared."""

    def __init__(self, workshop: Workshop) -> None:
        super().__init__()
        self.workshop = workshop
        self.steps = -1
        self.books, self.path = workshop.books()
        self.api = Api(self.books, workshop.runner)
        self.ledger = Ledger()
        self.orders: dict[int, Order] = {}
        self.vendor_returns: dict[int, VendorReturn] = {}
        self.sales: dict[int, Sale] = {}
        self.customer_returns: dict[int, CustomerReturn | None] = {}
        self.touched: set[tuple[str, int]] = set()
        places = self.api.get("/warehouses")["data"][:2]
        self.shelves = Shelves({place["id"]: _emptied(place["locations"]) for place in places})
        self.products = [self._new_product(number, cost) for number, cost in enumerate(COSTS)]
        self.cost = dict(zip(self.products, COSTS, strict=True))
        self.numbers = itertools.count(1)

    def _new_product(self, number: int, cost: Decimal) -> int:
        body = {"sku": f"STATE-{number}", "name": f"Thing {number}", "unit_cost": str(cost)}
        product_id: int = self.api.post("/products", 201, body)["data"]["id"]
        return product_id

    def product(self, pick: int) -> int:
        """One of the products."""
        return self.products[pick % len(self.products)]

    def warehouse(self, pick: int) -> int:
        """One of the warehouses."""
        return sorted(self.shelves.warehouses)[pick % len(self.shelves.warehouses)]

    def location(self, pick: int) -> int:
        """One of the locations."""
        every = sorted(itertools.chain.from_iterable(self.shelves.warehouses.values()))
        return every[pick * 2 % len(every)]

    def tell(self, method: str, path: str, refusals: Collection[int], body: Any = None, success: int = 200) -> Any:
        """Send a request that must be refused with one of the statuses, or succeed; the answer, None when refused."""
        options = {} if body is None else {"json": _sendable(body)}
        response = self.api.try_send(method, path, **options)
        wanted = refusals or {success}
        said = f"{method} {path} {body}: {response.status_code} instead of {sorted(wanted)}: {response.text}"
        assert response.status_code in wanted, said
        self.workshop.requests += 1
        self.workshop.refused += bool(refusals)
        if refusals:
            return None
        answer = json.loads(response.text, parse_float=Decimal) if response.content else {}
        return answer.get("data", answer)

    def read(self, path: str) -> Any:
        """The record at the path."""
        return self.tell("GET", path, ())

    def touch(self, kind: str, *ids: int | None) -> None:
        """These records are to be compared after the step."""
        self.touched.update((kind, number) for number in ids if number is not None)

    @invariant(check_during_init=True)
    def the_records_agree_with_the_model(self) -> None:
        """What the step was about says what the model says."""
        self.steps += 1
        for kind, number in sorted(self.touched):
            self.compare(kind, number)
        self.touched.clear()

    def compare(self, kind: str, number: int) -> None:
        """Read a record and hold it against the model."""
        compare = {
            "bill": self._compare_bill,
            CREDITS: self._compare_credit,
            PREPAYMENTS: self._compare_prepayment,
            "obligation": self._compare_obligation,
            "order": self._compare_order,
            "vendor return": self._compare_vendor_return,
            "customer return": self._compare_customer_return,
            "product": self._compare_stock,
        }[kind]
        compare(number)

    def _agree(self, what: str, found: Any, expected: dict[str, Any]) -> None:
        wrong = {name: (found[name], value) for name, value in expected.items() if found[name] != value}
        assert not wrong, f"{what} against the model: {wrong}"

    def _compare_bill(self, number: int) -> None:
        bill = self.ledger.bills[number]
        found = self.read(f"/bills/{number}")
        found["payments"] = {row["id"]: (row["amount"], row["status"]) for row in found["payments"]}
        self._agree(f"bill {number}", found, self.ledger.bill_shown(bill))
        for obligation in self.ledger.carried(bill):
            self._compare_obligation(obligation.id)

    def _compare_credit(self, number: int) -> None:
        self._agree_fund(CREDITS, number, self.read(f"/{CREDITS}/{number}"))

    def _compare_prepayment(self, number: int) -> None:
        self._agree_fund(PREPAYMENTS, number, self.read(f"/{PREPAYMENTS}?id={number}")[0])

    def _agree_fund(self, kind: str, number: int, found: Any) -> None:
        found["applications"] = {row["id"]: (row["amount"], row["status"]) for row in found["applications"]}
        self._agree(f"{kind} {number}", found, self.ledger.fund_shown(self.ledger.funds[kind, number]))

    def _compare_obligation(self, number: int) -> None:
        expected = self.ledger.obligation_shown(self.ledger.obligations[number])
        self._agree(f"obligation {number}", self.read(f"/payment-obligations/{number}"), expected)

    def _compare_order(self, number: int) -> None:
        order, found = self.orders[number], self.read(f"/purchase-orders/{number}")
        expected = {
            "order_status": order.status,
            "vendor_id": order.vendor,
            "currency": order.currency,
            "total_cost": order.total,
            "total_due": order.total,
            "total_qty_remaining": order.left,
            "total_qty_received": sum((line.received for line in order.lines.values()), NOTHING),
        }
        self._agree(f"purchase order {number}", found, expected)

    def _compare_vendor_return(self, number: int) -> None:
        returned, found = self.vendor_returns[number], self.read(f"/vendor-returns/{number}")
        expected = {"status": returned.status, "total": returned.total, "vendor_credit_id": returned.credit}
        self._agree(f"vendor return {number}", found, {**expected, "currency": returned.currency})

    def _compare_customer_return(self, number: int) -> None:
        returned = self.customer_returns[number]
        if returned is None:
            self.tell("GET", f"/returns/{number}", {MISSING})
            return
        expected = {"status": returned.status, "restock": returned.restock}
        self._agree(f"customer return {number}", self.read(f"/returns/{number}"), expected)

    def _compare_stock(self, number: int) -> None:
        [row] = self.read(f"/inventory/stocks?product.id={number}")
        found = {place["location"]["id"]: place["qty_onhand"] for place in row["location_stocks"]}
        there = {location: level for location, level in found.items() if level}
        assert there == self.shelves.shown(number), f"stock of product {number}: {there}"

    def teardown(self) -> None:
        """Read everything once more and audit the books, unless the run is broken off."""
        try:
            if sys.exc_info()[0] is None:
                self._close_the_books()
        finally:
            self.api.close()
            self.books.close()
            for path in self.path.parent.glob(f"{self.path.name}*"):
                path.unlink()

    def _close_the_books(self) -> None:
        for kind, records in (
            ("bill", self.ledger.bills),
            ("obligation", self.ledger.obligations),
            ("order", self.orders),
            ("vendor return", self.vendor_returns),
            ("customer return", self.customer_returns),
            ("product", self.products),
        ):
            for number in records:
                self.compare(kind, number)
        for kind, number in self.ledger.funds:
            self.compare(kind, number)
        faults = self.api.audit()
        assert faults == [], faults
        self.workshop.runs[self.steps] += 1


def _emptied(locations: list[Any]) -> list[int]:
    """The order in which the locations of a warehouse are emptied."""
    ranked = sorted(locations, key=lambda location: (not location["is_pick_location"], location["id"]))
    return [location["id"] for location in ranked]


def _sendable(value: Any) -> Any:
    """The body with its decimals as strings."""
    if isinstance(value, dict):
        return {name: _sendable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_sendable(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value
