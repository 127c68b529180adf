"""Steps of random work on the books: bills and what settles them."""

from decimal import Decimal
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, initialize, multiple, rule

from tests.server.sandbox.state_desk import (
    MISSING,
    NOBODY,
    ORDERED,
    TERMS,
    VENDORS,
    Desk,
    amounts,
    applications,
    bill_lines,
    bills,
    credits_,
    currencies,
    days,
    funds,
    obligations,
    orders,
    part,
    payments,
    picks,
    prepayments,
    shares,
    vendors,
)
from tests.server.sandbox.state_goods import (
    Order,
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
    Obligation,
    Payment,
    broken,
    cents,
)


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
        target=bills,
        vendor=vendors,
        currency=currencies,
        lines=bill_lines,
        tax_amount=st.sampled_from([NOTHING, CENT]),
        number=st.one_of(st.none(), st.none(), orders),
        post=st.sampled_from([True, True, False]),
    )
    def enter_any_bill(
        self, vendor: int, currency: str, lines: Any, tax_amount: Decimal, number: int | None, post: bool
    ) -> Any:
        """A bill, posted at once or not; it may name an order, even another vendor's or a deleted one."""
        order = None if number is None else self.orders[number]
        bill_id = self.enter_bill(vendor, lines, order, currency=currency, tax_amount=tax_amount)
        if post and isinstance(bill_id, int):
            self.act_on_bill(self.ledger.bills[bill_id], "post")
        return bill_id

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
        assume(_sum(lines) != bill.total)  # Lines that say the same change nothing, and that is allowed always.
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
        changed = (bill.vendor, bill.currency) != (vendor, currency)
        refusals = broken((changed and self.ledger.status(bill) != "draft", CONFLICT), (tied, INVALID))
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

    @rule(
        target=prepayments,
        vendor=vendors,
        currency=currencies,
        amount=amounts,
        number=st.one_of(st.none(), st.none(), orders),
    )
    def enter_prepayment(self, vendor: int, currency: str, amount: Decimal, number: int | None) -> Any:
        """Money paid ahead, perhaps for an order, even another vendor's or a deleted one."""
        order = None if number is None else self.orders[number]
        return self.enter_fund(PREPAYMENTS, vendor, currency, amount, order)

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

    @rule(target=applications, source=funds, target_id=st.one_of(bills, obligations), percent=shares)
    def apply_to_any(self, source: tuple[str, int], target_id: int, percent: int) -> Any:
        """To a bill or an obligation, which may be another vendor's."""
        target = self.ledger.bills.get(target_id) or self.ledger.obligations[target_id]
        return self.apply(self.ledger.funds[source], target, percent)

    def apply_within(self, target: Bill | Obligation, pick: int, percent: int) -> Any:
        """Apply a fund of the target's own vendor and currency, if there is one."""
        party = (target.vendor, target.currency)
        same = [fund for fund in self.ledger.funds.values() if (fund.vendor, fund.currency) == party]
        usable = [fund for fund in same if self.ledger.left(fund)] or same
        return self.apply(usable[pick % len(usable)], target, percent) if usable else multiple()

    @rule(target=applications, number=bills, pick=picks, percent=shares)
    def apply_to_bill(self, number: int, pick: int, percent: int) -> Any:
        """To a bill, what fits it."""
        return self.apply_within(self.ledger.bills[number], pick, percent)

    @rule(target=applications, number=obligations, pick=picks, percent=shares)
    def apply_to_obligation(self, number: int, pick: int, percent: int) -> Any:
        """To an obligation, what fits it."""
        return self.apply_within(self.ledger.obligations[number], pick, percent)

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
        total = self.orders[obligation.order].plannable
        least, most = self.ledger.covered(obligation), total - self.ledger.planned(obligation.order) + obligation.amount
        amount = (
            part(max(most, obligation.amount), percent) if up else least - CENT if percent > 100 else max(least, CENT)
        )
        refusals = self.ledger.refuse_amount(obligation, amount, total)
        assume(amount != obligation.amount)  # What says the same is allowed always.
        body = {"amount": amount, **({"due_date": due} if due else {})}
        if self.tell("POST", f"/payment-obligations/{number}", refusals, body) is not None:
            obligation.amount, obligation.due = amount, due or obligation.due
        self.touch("obligation", number)
        self.touch("bill", obligation.bill)

    @rule(number=obligations, status=st.sampled_from(["cancelled", "cancelled", "open", "open", "paid"]))
    def set_obligation_status(self, number: int, status: str) -> None:
        """Cancelled and opened again; whether it is paid follows from what is."""
        obligation = self.ledger.obligations[number]
        refusals = self.ledger.refuse_status(obligation, status, self.orders[obligation.order].plannable)
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
