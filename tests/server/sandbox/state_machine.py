"""Random work on the books, each answer held against a model that was written apart from the sandbox.

A step does something, whether the records allow it or not. The model says beforehand whether it must succeed and which
errors are fitting; afterwards every record that the step was about is read again. When a run ends, all records are read
and the books are audited.
"""

import copy
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, initialize, multiple, rule

from tests.server.sandbox import selling
from tests.server.sandbox.state_desk import (
    MISSING,
    ORDERED,
    TERMS,
    VENDORS,
    credits_,
    currencies,
    customer_returns,
    moved_lines,
    obligations,
    order_lines,
    orders,
    part,
    picks,
    prices,
    quantities,
    sales,
    shares,
    vendor_returns,
    vendors,
)
from tests.server.sandbox.state_goods import (
    CustomerReturn,
    Order,
    OrderLine,
    Receipt,
    Sale,
    ShortageError,
    VendorReturn,
    worth,
)
from tests.server.sandbox.state_ledger import (
    CONFLICT,
    CREDITS,
    INVALID,
    NOTHING,
    Fund,
    broken,
    cents,
)
from tests.server.sandbox.state_payables import Payables


class BooksMachine(Payables):
    """Orders and what moves stock, and bills and what settles them."""

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

    @initialize(target=vendor_returns)
    def vendor_returns_to_begin_with(self) -> Any:
        """A return of some of an order that has come."""
        order = self.orders[self.place_order(VENDORS[0], "USD", [(0, Decimal(9), Decimal(4))])]
        self.receive([(order, line, Decimal(8)) for line in order.lines.values()], None)
        return self.begin_vendor_return(order.id, [(0, 50)], None, False)

    @initialize(target=obligations)
    def obligations_to_begin_with(self) -> MultipleResults[int]:
        """A deposit and a balance of an order."""
        order = self.orders[self.place_order(VENDORS[0], "USD", [(1, Decimal(6), Decimal(15))])]
        planned = ((Decimal(30), ORDERED), (Decimal(60), "2026-12-03"))
        return multiple(*(self.plan(order, amount, due) for amount, due in planned))

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

    @rule(
        target=vendor_returns,
        number=orders,
        wanted=moved_lines,
        place=st.none() | picks,
        stranger=st.sampled_from([False, False, False, False, True]),
    )
    def begin_vendor_return(self, number: int, wanted: Any, place: int | None, stranger: bool) -> Any:
        """Parts of what came with an order, or more than that; it may be another vendor's."""
        order = self.orders[number]
        vendor = next(one for one in VENDORS if (one == order.vendor) is not stranger)
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
