"""Random work on the books, each answer held against a model that was written apart from the sandbox.

A step does something, whether the records allow it or not. The model says beforehand whether it must succeed and which
errors are fitting; afterwards every record that the step was about is read again. When a run ends, all records are read
and the books are audited.
"""

import asyncio
import copy
import itertools
import json
import shutil
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, initialize, invariant, multiple, rule

from server.sandbox.books import Books
from tests.server.sandbox import selling
from tests.server.sandbox.conftest import NOW, Api
from tests.server.sandbox.state_goods import (
    CustomerReturn,
    Order,
    OrderLine,
    Receipt,
    Sale,
    Shelves,
    ShortageError,
    VendorReturn,
    worth,
)
from tests.server.sandbox.state_ledger import (
    CENT,
    CONFLICT,
    CREDITS,
    INVALID,
    NOTHING,
    PREPAYMENTS,
    Application,
    Bill,
    Fund,
    Ledger,
    Obligation,
    Payment,
    broken,
    cents,
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


import collections, atexit
STATS = collections.Counter()
atexit.register(lambda: [print(k, v) for k, v in sorted(STATS.items())])

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
    runs: int = 0
    steps: int = 0
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

    def machine(self) -> "BooksMachine":
        """A run that is about to begin."""
        return BooksMachine(self)


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
        import os, re
        if os.environ.get("STATS"): STATS[re.sub(r"[0-9]+", "N", f"{method} {path}"), bool(refusals)] += 1
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
        self.workshop.runs += 1
        self.workshop.steps += self.steps


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


class Payables(Desk):
    """Bills and what settles them."""

    def enter_bill(
        self, vendor: int, lines: list[tuple[Decimal, Decimal]], order: Order | None = None, **fields: Any
    ) -> Any:
        """Enter a draft; its id, or nothing where its order is not one of the vendor's."""
        tax, currency = fields.get("tax_amount", NOTHING), fields.get("currency", "USD")
        body = {
            "vendor_id": vendor,
            "bill_number": f"ST-{next(self.numbers)}",
            "bill_date": "2026-11-02",
            "payment_term": "Net 30",
            "currency": currency,
            "purchase_order_id": order.id if order else None,
            "items": [_bill_line(*line) for line in lines],
            **fields,
        }
        strange = order is not None and (order.vendor != vendor or order.status == "deleted")
        answer = self.tell("POST", "/bills", broken((strange, INVALID)), body, 201)
        if answer is None:
            return multiple()
        bill = Bill(answer["id"], vendor, currency, order.id if order else None, _sum(lines) + tax)
        self.ledger.bills[bill.id] = bill
        self.touch("bill", bill.id)
        return bill.id

    def enter_fund(self, kind: str, vendor: int, currency: str, amount: Decimal, order: Order | None = None) -> Any:
        """Enter a credit or a prepayment; its kind and id, or nothing where its order does not fit."""
        body = {"vendor_id": vendor, "currency": currency, "amount": amount}
        refusals: set[int] = set()
        if order:
            body["purchase_order_id"] = order.id
            fits = (order.vendor, order.currency) == (vendor, currency) and order.status != "deleted"
            refusals = broken((not fits, INVALID))
        answer = self.tell("POST", f"/{kind}", refusals, body, 201)
        if answer is None:
            return multiple()
        self.ledger.funds[kind, answer["id"]] = Fund(kind, answer["id"], vendor, currency, amount)
        self.touch(kind, answer["id"])
        return kind, answer["id"]

    def plan(self, order: Order, amount: Decimal, due: str) -> Any:
        """Plan a payment of an order; the obligation's id, or nothing."""
        over = self.ledger.planned(order.id) + amount > order.total
        refusals = broken((amount <= 0 or over, INVALID), (order.status == "deleted", CONFLICT))
        path = f"/purchase-orders/{order.id}/payment-obligations"
        answer = self.tell("POST", path, refusals, {"amount": amount, "due_date": due}, 201)
        return multiple() if answer is None else self.obliged(order, answer["id"], amount, due)

    def obliged(self, order: Order, number: int, amount: Decimal, due: str) -> int:
        """Note a new obligation; its id."""
        obligation = Obligation(number, order.id, order.vendor, order.currency, amount, due)
        self.ledger.obligations[number] = obligation
        self.touch("obligation", number)
        return number

    @initialize(target=bills)
    def bills_to_begin_with(self) -> MultipleResults[int]:
        """A posted bill of each vendor."""
        made = [self.enter_bill(vendor, [(Decimal(1), Decimal(100))]) for vendor in VENDORS]
        for number in made:
            self.act_on_bill(self.ledger.bills[number], "post")
        return multiple(*made)

    @initialize(target=credits_)
    def credits_to_begin_with(self) -> MultipleResults[Any]:
        """A credit of each vendor."""
        return multiple(*(self.enter_fund(CREDITS, vendor, "USD", Decimal(80)) for vendor in VENDORS))

    @rule(
        target=bills, vendor=vendors, currency=currencies, lines=bill_lines, tax_amount=st.sampled_from([NOTHING, CENT])
    )
    def enter_any_bill(self, vendor: int, currency: str, lines: Any, tax_amount: Decimal) -> Any:
        """A draft with lines of any kind."""
        return self.enter_bill(vendor, lines, currency=currency, tax_amount=tax_amount)

    @rule(target=bills, vendor=vendors, lines=bill_lines)
    def enter_posted_bill(self, vendor: int, lines: Any) -> Any:
        """A bill that is ready to be paid."""
        number = self.enter_bill(vendor, lines)
        self.act_on_bill(self.ledger.bills[number], "post")
        return number

    @rule(target=bills, vendor=vendors, number=orders)
    def enter_bill_of_order(self, vendor: int, number: int) -> Any:
        """A bill that names an order, which may be another vendor's or deleted."""
        return self.enter_bill(vendor, [(Decimal(1), Decimal(50))], self.orders[number])

    @rule(vendor=vendors, line=st.sampled_from([("0", "1"), ("-1", "1"), ("1", "-0.01"), ("1", "0.00001")]))
    def enter_wrong_bill(self, vendor: int, line: tuple[str, str]) -> None:
        """Lines that are none."""
        items = [{"description": "Wrong", "quantity": line[0], "unit_cost": line[1]}]
        body = {"vendor_id": vendor, "bill_number": "W", "bill_date": "2026-11-02", "items": items}
        self.tell("POST", "/bills", {INVALID}, body)

    @rule(number=bills, lines=bill_lines)
    def change_lines(self, number: int, lines: Any) -> None:
        """Other lines, which only a draft takes."""
        bill = self.ledger.bills[number]
        body = {"items": [_bill_line(*line) for line in lines], "tax_amount": 0}
        refusals = broken((self.ledger.status(bill) != "draft", CONFLICT))
        if self.tell("PUT", f"/bills/{number}", refusals, body) is not None:
            bill.total = _sum(lines)
        self.touch("bill", number)

    @rule(number=bills, vendor=vendors, currency=currencies)
    def change_parties(self, number: int, vendor: int, currency: str) -> None:
        """Another vendor or currency, which only a draft takes; what it carried of the former one it lets go."""
        bill = self.ledger.bills[number]
        tied = bill.order is not None and bill.vendor != vendor
        refusals = broken((self.ledger.status(bill) != "draft", CONFLICT), (tied, INVALID))
        answer = self.tell("PUT", f"/bills/{number}", refusals, {"vendor_id": vendor, "currency": currency})
        if answer is not None and (bill.vendor, bill.currency) != (vendor, currency):
            self.touch("obligation", *(one.id for one in self.ledger.carried(bill)))
            self.ledger.let_go(bill)
            bill.vendor, bill.currency = vendor, currency
        self.touch("bill", number)

    def act_on_bill(self, bill: Bill, action: str) -> None:
        """Post, hold, unhold, reopen or void it."""
        refusals = self.ledger.refuse_action(bill, action)
        self.touch("obligation", *(one.id for one in self.ledger.carried(bill)))
        path = f"/bills/{bill.id}"
        if action == "void":
            answer = self.tell("PATCH", f"{path}/status", refusals, {"status": "void"})
        else:
            answer = self.tell("POST", f"{path}/{action}", refusals)
        if answer is not None:
            self.ledger.act(bill, action)
        self.touch("bill", bill.id)

    @rule(number=bills, action=st.sampled_from(["post", "post", "hold", "unhold", "reopen", "void"]))
    def change_status(self, number: int, action: str) -> None:
        """What a bill goes through."""
        self.act_on_bill(self.ledger.bills[number], action)

    @rule(target=payments, number=bills, percent=shares)
    def pay(self, number: int, percent: int) -> Any:
        """A part of what is due, or more than it."""
        bill = self.ledger.bills[number]
        amount = part(self.ledger.due(bill), percent)
        refusals = self.ledger.refuse_payment(bill, amount)
        body = {"amount": amount, "payment_date": "2026-11-20"}
        answer = self.tell("POST", f"/bills/{number}/payments", refusals, body, 201)
        self.touch("bill", number)
        if answer is None:
            return multiple()
        bill.payments[answer["id"]] = Payment(amount)
        return number, answer["id"]

    @rule(paid=payments)
    def void_payment(self, paid: tuple[int, int]) -> None:
        """Once, and not when it is deleted."""
        number, payment_id = paid
        payment = self.ledger.bills[number].payments.get(payment_id)
        refusals = {MISSING} if payment is None else broken((not payment.counts, CONFLICT))
        answer = self.tell("POST", f"/bills/{number}/payments/{payment_id}/void", refusals)
        if answer is not None and payment is not None:
            payment.counts = False
        self.touch("bill", number)

    @rule(paid=payments)
    def delete_payment(self, paid: tuple[int, int]) -> None:
        """Void or not, but once."""
        number, payment_id = paid
        there = self.ledger.bills[number].payments
        if self.tell("DELETE", f"/bills/{number}/payments/{payment_id}", broken((payment_id not in there, MISSING))):
            del there[payment_id]
        self.touch("bill", number)

    @rule(paid=payments, other=bills)
    def void_payment_of_another_bill(self, paid: tuple[int, int], other: int) -> None:
        """A payment is known to its own bill alone."""
        if other != paid[0]:
            self.tell("POST", f"/bills/{other}/payments/{paid[1]}/void", {MISSING})

    @rule(target=credits_, vendor=vendors, currency=currencies, amount=amounts)
    def enter_credit(self, vendor: int, currency: str, amount: Decimal) -> Any:
        """A credit that a vendor granted."""
        return self.enter_fund(CREDITS, vendor, currency, amount)

    @rule(target=prepayments, vendor=vendors, currency=currencies, amount=amounts)
    def enter_prepayment(self, vendor: int, currency: str, amount: Decimal) -> Any:
        """Money paid ahead."""
        return self.enter_fund(PREPAYMENTS, vendor, currency, amount)

    @rule(target=prepayments, vendor=vendors, currency=currencies, number=orders)
    def enter_prepayment_of_order(self, vendor: int, currency: str, number: int) -> Any:
        """Money paid ahead for an order, which may be another vendor's or deleted."""
        return self.enter_fund(PREPAYMENTS, vendor, currency, Decimal(40), self.orders[number])

    def apply(self, fund: Fund, target: Bill | Obligation, percent: int) -> Any:
        """Apply so much of what fits; the fund's kind and id and the application's, or nothing."""
        ledger, to_bill = self.ledger, isinstance(target, Bill)
        asked = ledger.due(target) if isinstance(target, Bill) else ledger.asked(target)
        amount = part(min(ledger.left(fund), asked), percent)
        carrier = target.id if isinstance(target, Bill) else target.bill
        refusals = ledger.refuse_apply(fund, target, amount)
        body = {"amount": amount, "bill_id" if to_bill else "payment_obligation_id": target.id}
        answer = self.tell("POST", f"/{fund.kind}/{fund.id}/apply", refusals, body, 201)
        self.touch(fund.kind, fund.id)
        self.touch("bill", carrier)
        self.touch("obligation", None if to_bill else target.id)
        if answer is None:
            return multiple()
        assert (answer["bill_id"], answer["amount"], answer["status"]) == (carrier, amount, "applied")
        own = (target.id, None) if to_bill else (None, target.id)
        ledger.applications[answer["id"]] = Application(fund, amount, *own)
        return fund.kind, fund.id, answer["id"]

    @rule(target=applications, source=funds, number=bills, percent=shares)
    def apply_to_bill(self, source: tuple[str, int], number: int, percent: int) -> Any:
        """To a bill, which may be another vendor's."""
        return self.apply(self.ledger.funds[source], self.ledger.bills[number], percent)

    @rule(target=applications, source=funds, number=obligations, percent=shares)
    def apply_to_obligation(self, source: tuple[str, int], number: int, percent: int) -> Any:
        """To an obligation, which may be another vendor's."""
        return self.apply(self.ledger.funds[source], self.ledger.obligations[number], percent)

    @rule(target=applications, number=bills, pick=picks, percent=shares)
    def apply_what_fits(self, number: int, pick: int, percent: int) -> Any:
        """To a bill, of a fund of its own vendor."""
        bill = self.ledger.bills[number]
        same = [fund for fund in self.ledger.funds.values() if (fund.vendor, fund.currency) == (bill.vendor, "USD")]
        if not same:
            return multiple()
        return self.apply(same[pick % len(same)], bill, percent)

    @rule(source=funds, number=bills, other=st.sampled_from([None, NOBODY]))
    def apply_to_nothing_known(self, source: tuple[str, int], number: int, other: int | None) -> None:
        """To a bill that does not exist, or to a bill and an obligation at once."""
        body = {"amount": 1, "bill_id": other or number, **({} if other else {"payment_obligation_id": NOBODY})}
        self.tell("POST", f"/{source[0]}/{source[1]}/apply", {INVALID}, body)

    @rule(applied=applications)
    def reverse(self, applied: tuple[str, int, int]) -> None:
        """Once, and not when it is deleted."""
        kind, fund_id, number = applied
        application = self.ledger.applications.get(number)
        refusals = {MISSING} if application is None else broken((not application.counts, CONFLICT))
        self._touch_application(kind, fund_id, application)
        answer = self.tell("POST", f"/{kind}/{fund_id}/applications/{number}/reverse", refusals)
        if answer is not None and application is not None:
            assert answer["status"] == "reversed"
            application.counts = False

    @rule(applied=applications)
    def delete_application(self, applied: tuple[str, int, int]) -> None:
        """Of a credit, reversed or not, but once; those of prepayments only are reversed."""
        kind, fund_id, number = applied
        if kind == CREDITS:
            application = self.ledger.applications.get(number)
            self._touch_application(kind, fund_id, application)
            path = f"/{kind}/{fund_id}/applications/{number}"
            if self.tell("DELETE", path, broken((application is None, MISSING)), success=204) is not None:
                del self.ledger.applications[number]

    @rule(applied=applications, source=funds)
    def reverse_application_of_another(self, applied: tuple[str, int, int], source: tuple[str, int]) -> None:
        """An application is known to its own credit alone."""
        if applied[:2] != source:
            self.tell("POST", f"/{source[0]}/{source[1]}/applications/{applied[2]}/reverse", {MISSING})

    def _touch_application(self, kind: str, fund_id: int, application: Application | None) -> None:
        self.touch(kind, fund_id)
        if application is not None:
            obligation = self.ledger.obligations.get(application.obligation or 0)
            self.touch("obligation", application.obligation)
            self.touch("bill", obligation.bill if obligation else application.bill)

    @rule(source=credits_)
    def cancel_credit(self, source: tuple[str, int]) -> None:
        """Once, while nothing of it is applied; the return it was for may be claimed anew."""
        fund = self.ledger.funds[source]
        refusals = self.ledger.refuse_cancel(fund)
        if self.tell("POST", f"/{CREDITS}/{fund.id}/cancel", refusals) is not None:
            fund.cancelled = True
            if fund.returned is not None:
                returned = self.vendor_returns[fund.returned]
                returned.status, returned.credit = "processed", None
        self.touch(CREDITS, fund.id)
        self.touch("vendor return", fund.returned)

    @rule(target=obligations, number=orders, percent=shares, due=days)
    def plan_payment(self, number: int, percent: int, due: str) -> Any:
        """A part of what an order costs and is not planned yet."""
        order = self.orders[number]
        return self.plan(order, part(order.total - self.ledger.planned(number), percent), due)

    @rule(target=obligations, number=orders)
    def plan_by_terms(self, number: int) -> Any:
        """All that an order costs, by its terms."""
        order = self.orders[number]
        refusals = broken((bool(self.ledger.planned(number)) or order.status == "deleted", CONFLICT))
        before = {one.id for one in self.ledger.obligations.values() if one.order == number}
        answer = self.tell("POST", f"/purchase-orders/{number}/payment-obligations/generate", refusals, {}, 201)
        if answer is None:
            return multiple()
        share, due = TERMS[order.terms]
        deposit = cents(order.total * share)
        wanted = [one for one in ((deposit, ORDERED), (order.total - deposit, due)) if one[0]]
        made = [row for row in answer if row["id"] not in before]
        assert [(row["amount"], row["due_date"]) for row in made] == wanted
        return multiple(*(self.obliged(order, row["id"], row["amount"], row["due_date"]) for row in made))

    @rule(number=obligations, percent=shares, due=st.none() | days, up=st.booleans())
    def change_obligation(self, number: int, percent: int, due: str | None, up: bool) -> None:
        """A new amount, from what is paid up to what the order costs, or beyond; perhaps another due date."""
        obligation = self.ledger.obligations[number]
        total = self.orders[obligation.order].total
        least, most = self.ledger.covered(obligation), total - self.ledger.planned(obligation.order) + obligation.amount
        amount = part(most, percent) if up else least - CENT if percent > 100 else max(least, CENT)
        refusals = self.ledger.refuse_amount(obligation, amount, total)
        body = {"amount": amount, **({"due_date": due} if due else {})}
        if self.tell("POST", f"/payment-obligations/{number}", refusals, body) is not None:
            obligation.amount, obligation.due = amount, due or obligation.due
        self.touch("obligation", number)
        self.touch("bill", obligation.bill)

    @rule(number=obligations, status=st.sampled_from(["cancelled", "cancelled", "open", "open", "paid"]))
    def set_obligation_status(self, number: int, status: str) -> None:
        """Cancelled and opened again; whether it is paid follows from what is."""
        obligation = self.ledger.obligations[number]
        order = self.orders[obligation.order]
        refusals = self.ledger.refuse_status(obligation, status, order.total, order.status == "deleted")
        before = self.ledger.obligation_status(obligation)
        self.touch("bill", obligation.bill)
        answer = self.tell("PATCH", f"/payment-obligations/{number}/status", refusals, {"status": status})
        if answer is not None and status != before:
            obligation.cancelled = status == "cancelled"
            obligation.bill = None
        self.touch("obligation", number)

    @rule(number=obligations, bill_number=bills)
    def link(self, number: int, bill_number: int) -> None:
        """Tie an obligation to a bill, which may be another vendor's, void, or have no room."""
        obligation, bill = self.ledger.obligations[number], self.ledger.bills[bill_number]
        refusals = self.ledger.refuse_link(obligation, bill)
        if self.tell("POST", f"/payment-obligations/{number}/link-bill", refusals, {"bill_id": bill.id}) is not None:
            obligation.bill = bill.id
        self.touch("bill", bill.id)
        self.touch("obligation", number)

    @rule(number=obligations, pick=picks)
    def link_what_fits(self, number: int, pick: int) -> None:
        """Tie an obligation to a bill of its own vendor and currency."""
        obligation = self.ledger.obligations[number]
        party = (obligation.vendor, obligation.currency)
        same = [bill for bill in self.ledger.bills.values() if (bill.vendor, bill.currency) == party]
        if same:
            self.link(number, same[pick % len(same)].id)

    @rule(number=obligations, other=st.none() | bills)
    def unlink(self, number: int, other: int | None) -> None:
        """Untie it from its bill, or from one that does not carry it."""
        obligation = self.ledger.obligations[number]
        bill_id = other or obligation.bill or NOBODY
        refusals = broken((obligation.bill != bill_id, MISSING))
        if self.tell("DELETE", f"/payment-obligations/{number}/bills/{bill_id}", refusals) is not None:
            obligation.bill = None
        self.touch("obligation", number)
        self.touch("bill", bill_id if bill_id in self.ledger.bills else None)


def _bill_line(quantity: Decimal, cost: Decimal) -> dict[str, Any]:
    return {"description": "Goods", "quantity": quantity, "unit_cost": cost}


def _sum(lines: list[tuple[Decimal, Decimal]]) -> Decimal:
    return sum((cents(quantity * cost) for quantity, cost in lines), NOTHING)


class Goods(Payables):
    """Orders and what moves stock."""

    def place_order(self, vendor: int, currency: str, lines: Any, **fields: Any) -> int:
        """Order goods; the order's id."""
        terms, shipping = fields.get("payment_terms", "Net 30"), fields.get("total_shipping_cost", NOTHING)
        wanted = [(self.product(pick), quantity, price) for pick, quantity, price in lines]
        body = {
            "supplier_id": 1,
            "vendor_id": vendor,
            "currency": currency,
            "order_date": ORDERED,
            "payment_terms": terms,
            "items": [{"product_id": one[0], "quantity": one[1], "unit_price": one[2]} for one in wanted],
            **fields,
        }
        answer = self.tell("POST", "/purchase-orders", (), body, 201)
        ids = [row["id"] for row in answer["items"]]
        made = {number: OrderLine(number, *line) for number, line in zip(ids, wanted, strict=True)}
        warehouse = fields.get("warehouse_id")
        self.orders[answer["id"]] = Order(answer["id"], vendor, currency, terms, warehouse, shipping, made)
        self.touch("order", answer["id"])
        number: int = answer["id"]
        return number

    def receive(self, lines: list[tuple[Order, OrderLine, Decimal]], location: int | None) -> None:
        """Report goods received; more than is to come, and anything on a closed order, is refused."""
        refusals: set[int] = set()
        for order, line, _ in lines:
            together = sum((quantity for _, one, quantity in lines if one is line), NOTHING)
            refusals |= broken((order.status != "active", CONFLICT), (together > line.left, INVALID))
        refusals |= broken((any(quantity <= 0 for _, _, quantity in lines), INVALID))
        items = [{"purchase_order_item_id": line.id, "quantity": quantity} for _, line, quantity in lines]
        body = {"items": items, "location_id": location}
        answer = self.tell("POST", "/receiving-reports", refusals, body, 201)
        self.touch("order", *(order.id for order, _, _ in lines))
        self.touch("product", *(line.product for _, line, _ in lines))
        if answer is None:
            return
        assert answer["total_cost"] == sum((cents(quantity * line.cost) for _, line, quantity in lines), NOTHING)
        for order, line, quantity in lines:
            warehouse = order.warehouse or self.warehouse(0)
            place = location or self.shelves.warehouses[warehouse][0]
            self.shelves.put(line.product, place, [(quantity, line.cost)])
            line.received += quantity
            order.receipts.append(Receipt(line, place, quantity))
        for order, _, _ in lines:
            if not order.left:
                order.status = "completed"

    @initialize(target=orders)
    def orders_to_begin_with(self) -> MultipleResults[int]:
        """An order of which half has come."""
        number = self.place_order(VENDORS[0], "USD", [(0, Decimal(20), Decimal("2.5")), (1, Decimal(6), Decimal(10))])
        order = self.orders[number]
        self.receive([(order, line, line.quantity / 2) for line in order.lines.values()], None)
        return multiple(number)

    @initialize(target=sales)
    def sales_to_begin_with(self) -> MultipleResults[int]:
        """A sale of which some is shipped."""
        number = self.sell(0, Decimal(10), Decimal("12.50"))
        self.ship(number, 50, 0)
        return multiple(number)

    @rule(
        target=orders,
        vendor=vendors,
        currency=currencies,
        lines=order_lines,
        terms=st.sampled_from(sorted(TERMS)),
        place=st.none() | picks,
        shipping=st.sampled_from([NOTHING, Decimal("7.77")]),
    )
    def order_goods(
        self, vendor: int, currency: str, lines: Any, terms: str, place: int | None, shipping: Decimal
    ) -> int:
        """An order of some lines."""
        fields: dict[str, Any] = {"payment_terms": terms, "total_shipping_cost": shipping}
        if place is not None:
            fields["warehouse_id"] = self.warehouse(place)
        return self.place_order(vendor, currency, lines, **fields)

    @rule(number=orders, other=orders, wanted=moved_lines, place=st.none() | picks)
    def receive_goods(self, number: int, other: int, wanted: Any, place: int | None) -> None:
        """Parts of what is to come on one or two orders, or more than that."""
        lines = []
        for order, (pick, percent) in zip((self.orders[number], self.orders[other]), wanted, strict=False):
            line = list(order.lines.values())[pick % len(order.lines)]
            lines.append((order, line, part(line.left, percent, Decimal("0.0001"))))
        self.receive(lines, None if place is None else self.location(place))

    @rule(number=orders, percent=shares, pick=picks)
    def change_order_quantity(self, number: int, percent: int, pick: int) -> None:
        """Twice as much of a line down to nothing; never less than has come, and nothing of a deleted order."""
        order = self.orders[number]
        line = list(order.lines.values())[pick % len(order.lines)]
        quantity = part(line.quantity * 2, percent, Decimal("0.0001"))
        wanted = {one.id: quantity if one is line else one.quantity for one in order.lines.values()}
        items = [{"id": i, "product_id": order.lines[i].product, "quantity": wanted[i]} for i in wanted]
        small = quantity <= 0 or quantity < line.received
        refusals = broken((small, INVALID), (order.status == "deleted", CONFLICT))
        if self.tell("PUT", f"/purchase-orders/{number}", refusals, {"items": items}) is not None:
            line.quantity = quantity
        self.touch("order", number)

    @rule(number=orders, status=st.sampled_from(["active", "active", "completed"]))
    def set_order_status(self, number: int, status: str) -> None:
        """An order of any status is made active or completed."""
        self.tell("PUT", f"/purchase-orders/{number}", (), {"order_status": status})
        self.orders[number].status = status
        self.touch("order", number)

    @rule(number=orders)
    def delete_order(self, number: int) -> None:
        """Once, while nothing is billed or going back; the goods leave from where they were put."""
        order, after = self.orders[number], copy.deepcopy(self.shelves)
        billed = any(bill.order == number and bill.state != "void" for bill in self.ledger.bills.values())
        mine = {id(line) for line in order.lines.values()}
        going = any(
            id(line) in mine and one.status != "cancelled"
            for one in self.vendor_returns.values()
            for line, _ in one.lines
        )
        try:
            for receipt in order.receipts:
                after.take(receipt.line.product, receipt.location, receipt.quantity)
            gone = False
        except ShortageError:
            gone = True
        refusals = broken((order.status == "deleted" or billed or going or gone, CONFLICT))
        planned = [one for one in self.ledger.obligations.values() if one.order == number]
        if self.tell("DELETE", f"/purchase-orders/{number}", refusals) is not None:
            self.shelves = after
            order.receipts.clear()
            order.status = "deleted"
            for line in order.lines.values():
                line.received = NOTHING
            for one in planned:
                one.cancelled |= one.bill is None and not self.ledger.own(one)
        self.touch("order", number)
        self.touch("obligation", *(one.id for one in planned))
        self.touch("product", *(line.product for line in order.lines.values()))

    @rule(target=vendor_returns, vendor=vendors, number=orders, wanted=moved_lines, place=st.none() | picks)
    def begin_vendor_return(self, vendor: int, number: int, wanted: Any, place: int | None) -> Any:
        """Parts of what came with an order, which may be another vendor's, or more than that."""
        order = self.orders[number]
        lines: list[tuple[OrderLine, Decimal]] = []
        over = False
        for pick, percent in wanted:
            line = list(order.lines.values())[pick % len(order.lines)]
            left = line.received - self._going_back(line) - sum((q for one, q in lines if one is line), NOTHING)
            lines.append((line, part(left, percent, Decimal("0.0001"))))
            over |= lines[-1][1] > left or lines[-1][1] <= 0
        warehouse = None if place is None else self.warehouse(place)
        items = [{"purchase_order_item_id": line.id, "quantity": quantity} for line, quantity in lines]
        body = {"vendor_id": vendor, "warehouse_id": warehouse, "items": items}
        refusals = broken((over or vendor != order.vendor, INVALID))
        answer = self.tell("POST", "/vendor-returns", refusals, body, 201)
        if answer is None:
            return multiple()
        returned = VendorReturn(answer["id"], vendor, order.currency, warehouse, lines)
        self.vendor_returns[returned.id] = returned
        self.touch("vendor return", returned.id)
        return returned.id

    def _going_back(self, line: OrderLine) -> Decimal:
        live = (one for one in self.vendor_returns.values() if one.status != "cancelled")
        return sum((one.of(line) for one in live), NOTHING)

    @rule(number=vendor_returns)
    def process_vendor_return(self, number: int) -> None:
        """Once, while the goods are there: in the return's warehouse, else in the one that has most of them."""
        returned, after = self.vendor_returns[number], copy.deepcopy(self.shelves)
        try:
            for line, quantity in returned.lines:
                warehouse = returned.warehouse or after.fullest(line.product)
                after.gather(line.product, warehouse, quantity)
            short = False
        except ShortageError:
            short = True
        refusals = broken((short or returned.status != "draft", CONFLICT))
        if self.tell("POST", f"/vendor-returns/{number}/process", refusals) is not None:
            self.shelves, returned.status = after, "processed"
        self.touch("vendor return", number)
        self.touch("product", *(line.product for line, _ in returned.lines))

    @rule(number=vendor_returns)
    def cancel_vendor_return(self, number: int) -> None:
        """Only while the goods are still here."""
        returned = self.vendor_returns[number]
        refusals = broken((returned.status != "draft", CONFLICT))
        if self.tell("POST", f"/vendor-returns/{number}/cancel", refusals) is not None:
            returned.status = "cancelled"
        self.touch("vendor return", number)

    @rule(target=credits_, number=vendor_returns)
    def claim_vendor_return(self, number: int) -> Any:
        """Once, when the goods have left and are worth something."""
        returned = self.vendor_returns[number]
        refusals = broken((returned.status != "processed" or not returned.total, CONFLICT))
        answer = self.tell("POST", f"/vendor-returns/{number}/generate-credit", refusals, success=201)
        self.touch("vendor return", number)
        if answer is None:
            return multiple()
        credit = Fund(CREDITS, answer["id"], returned.vendor, returned.currency, returned.total, returned=number)
        self.ledger.funds[CREDITS, credit.id] = credit
        returned.status, returned.credit = "credited", credit.id
        self.touch(CREDITS, credit.id)
        return CREDITS, credit.id

    @rule(
        entries=st.lists(
            st.tuples(picks, picks, st.one_of(quantities, st.sampled_from([NOTHING, Decimal(-1)]))),
            min_size=1,
            max_size=2,
        )
    )
    def adjust(self, entries: Any) -> None:
        """Set levels; a rise is worth what the latest goods cost, and none is below zero."""
        wanted = [(self.product(pick), self.location(place), level) for pick, place, level in entries]
        sent = [
            {
                "product_id": product,
                "warehouse_id": self.shelves.warehouse_of(location),
                "location_id": location,
                "qty_onhand": level,
            }
            for product, location, level in wanted
        ]
        below = any(level < 0 for *_, level in wanted)
        answer = self.tell(
            "POST", "/inventory/adjustments", broken((below, INVALID)), {"adjustment_entries": sent}, 201
        )
        self.touch("product", *(product for product, *_ in wanted))
        for product, location, level in wanted if answer is not None else ():
            change = level - self.shelves.levels[product, location]
            known = self.shelves.newest_cost(product, self.shelves.warehouse_of(location))
            if change > 0:
                self.shelves.put(product, location, [(change, self.cost[product] if known is None else known)])
            elif change < 0:
                self.shelves.take(product, location, -change)

    @rule(pick=picks, warehouse=picks)
    def adjust_in_another_warehouse(self, pick: int, warehouse: int) -> None:
        """A location counts only within its own warehouse."""
        there, other = self.warehouse(warehouse), self.warehouse(warehouse + 1)
        entry = {"product_id": self.product(pick), "warehouse_id": there, "qty_onhand": 5}
        entry["location_id"] = self.shelves.warehouses[other][0]
        self.tell("POST", "/inventory/adjustments", {INVALID}, {"adjustment_entries": [entry]})
        self.touch("product", self.product(pick))

    @rule(
        status=st.sampled_from(["draft", "pending", "in_transit", "completed", "completed"]),
        ends=st.sampled_from([(0, 1), (1, 0), (0, 1), (1, 0), (0, 0)]),
        wanted=moved_lines,
    )
    def transfer(self, status: str, ends: tuple[int, int], wanted: Any) -> None:
        """Goods go from a warehouse to another as far as the status says; never more than are there."""
        source, target = map(self.warehouse, ends)
        moves, after = status in {"in_transit", "completed"}, copy.deepcopy(self.shelves)
        refusals = broken((source == target, INVALID))
        lines, cost = [], NOTHING
        for pick, percent in wanted:
            product = self.product(pick)
            quantity = part(after.within(product, source), percent, Decimal("0.0001"))
            lines.append({"product_id": product, "quantity": quantity})
            refusals |= broken((quantity <= 0, INVALID))
            if not moves:
                cost += cents(quantity * self.cost[product])
                continue
            try:
                parts = after.gather(product, source, quantity)
            except ShortageError:
                refusals.add(INVALID)
                continue
            cost += worth(parts)
            if status == "completed":
                after.put(product, after.warehouses[target][0], parts)
        ways = {"source_warehouse_id": source, "destination_warehouse_id": target}
        body = {"date": "2026-11-19", "arrival_date": "2026-11-25", "status": status, "items": lines, **ways}
        answer = self.tell("POST", "/transfer-orders", refusals, body, 201)
        self.touch("product", *(line["product_id"] for line in lines))
        if answer is not None:
            assert answer["items_cost"] == cost, f"{answer['items_cost']} where it is {cost}"
            self.shelves = after

    def sell(self, pick: int, quantity: Decimal, price: Decimal) -> int:
        """Enter a sales order; its id."""
        product = self.product(pick)
        address = {"company_id": None, "bill_to": selling.ADDRESS, "ship_to": selling.ADDRESS}
        line = {"product_id": product, "quantity": str(quantity), "unit_price": str(price)}
        number = f"ST-{next(self.numbers)}"
        made = selling.new_order(self.api, product, order_number=number, items=[line], **address)
        total = cents(quantity * price)
        self.sales[made["id"]] = Sale(made["id"], made["items"][0]["id"], product, self.cost[product], quantity, total)
        sale_id: int = made["id"]
        return sale_id

    @rule(target=sales, pick=picks, quantity=quantities, price=prices)
    def enter_sale(self, pick: int, quantity: Decimal, price: Decimal) -> int:
        """An order of a customer."""
        return self.sell(pick, quantity, price)

    @rule(number=sales, percent=shares, place=picks)
    def ship(self, number: int, percent: int, place: int) -> None:
        """Ship a part of what is left, or more than that; shipments that are entered leave the stock alone."""
        sale, warehouse = self.sales[number], self.warehouse(place)
        quantity = part(sale.quantity - sale.shipped, percent, Decimal("0.0001"))
        order = {"items": [{"id": sale.line, "product_id": sale.product}]}
        body = selling.shipment(order, warehouse)
        body["items"][0]["quantity"] = quantity
        left = sale.quantity - sale.shipped
        refusals = broken((not 0 < quantity <= left, INVALID))
        answer = self.tell("POST", f"/sales-orders/{number}/shipments", refusals, _floatless(body), 201)
        if answer is not None:
            sale.shipped, sale.warehouse = sale.shipped + quantity, warehouse
        self.touch("product", sale.product)

    @rule(
        target=customer_returns,
        number=sales,
        percent=shares,
        place=st.none() | picks,
        restock=st.sampled_from([None, None, True, False]),
        kind=st.sampled_from(["return-only", "return-only", "return-and-refund", "refund-only"]),
        posted=st.booleans(),
    )
    def take_back(
        self, number: int, percent: int, place: int | None, restock: bool | None, kind: str, posted: bool
    ) -> Any:
        """A part of what was shipped and is on no return yet, or more than that."""
        sale, location = self.sales[number], None if place is None else self.location(place)
        coming = (one.quantity for one in self.customer_returns.values() if one is not None and one.sale is sale)
        left = sale.shipped - sum(coming, NOTHING)
        quantity = part(left, percent, Decimal("0.0001"))
        item = {"sales_order_item_id": sale.line, "quantity": quantity, "location_id": location}
        body = {"sales_order_id": number, "items": [item], "transaction_type": kind, "is_posted": int(posted)}
        body |= {} if restock is None else {"restock": restock}
        refusals = broken((not 0 < quantity <= left, INVALID))
        answer = self.tell("POST", "/returns", refusals, body, 201)
        self.touch("product", sale.product)
        if answer is None:
            return multiple()
        refund = cents(sale.total * quantity / sale.quantity)
        assert (answer["refund"] or {}).get("amount") == (None if kind == "return-only" else refund)
        back = CustomerReturn(
            answer["id"], sale, quantity, location, kind != "refund-only" and restock is not False, kind
        )
        self.customer_returns[back.id] = back
        self.touch("customer return", back.id)
        if posted:
            self._arrived(back)
        return back.id

    def _arrived(self, back: CustomerReturn) -> None:
        back.status = "Received"
        if back.restock:
            warehouse = back.sale.warehouse or self.warehouse(0)
            back.location = back.location or self.shelves.warehouses[warehouse][0]
            self.shelves.put(back.sale.product, back.location, [(back.quantity, back.sale.cost)])

    def _returned(self, number: int, *, pending: bool = True) -> tuple[CustomerReturn | None, set[int]]:
        """A return, and how an action on it is refused that needs it to be there, or even to be awaited."""
        back = self.customer_returns[number]
        self.touch("customer return", number)
        if back is None:
            return None, {MISSING}
        self.touch("product", back.sale.product)
        return back, broken((pending and back.status != "Pending", CONFLICT))

    @rule(number=customer_returns)
    def receive_customer_return(self, number: int) -> None:
        """Once, and not when it is deleted."""
        back, refusals = self._returned(number)
        answer = self.tell("PATCH", f"/returns/{number}/receive", refusals)
        if answer is not None and back is not None:
            self._arrived(back)

    @rule(number=customer_returns, restock=st.booleans())
    def set_restock(self, number: int, restock: bool) -> None:
        """While it is awaited; a refund without goods never restocks."""
        back, refusals = self._returned(number)
        if back is not None:
            refusals |= broken((restock and back.kind == "refund-only", CONFLICT))
        answer = self.tell("PATCH", f"/returns/{number}/restock", refusals, {"restock": restock})
        if answer is not None and back is not None:
            back.restock = restock

    @rule(number=customer_returns)
    def delete_customer_return(self, number: int) -> None:
        """Once, while what it put into stock is still there."""
        back, refusals = self._returned(number, pending=False)
        after = copy.deepcopy(self.shelves)
        if back is not None and back.restock and back.status == "Received" and back.location:
            try:
                after.take(back.sale.product, back.location, back.quantity)
            except ShortageError:
                refusals.add(CONFLICT)
        if self.tell("DELETE", f"/returns/{number}", refusals) is not None:
            self.customer_returns[number], self.shelves = None, after


def _floatless(value: Any) -> Any:
    """The body without what is no exact decimal."""
    if isinstance(value, dict):
        return {name: _floatless(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_floatless(inner) for inner in value]
    return str(value) if isinstance(value, float) else value


class BooksMachine(Goods):
    """All of it together."""
