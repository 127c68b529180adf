"""Generates goods that go back to vendors; the flows of those that left, and what vendors grant for them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from server.sandbox.money import ZERO, cents
from server.sandbox.resources.vendor_credits.returns import CANCELLED, CREDITED, DRAFT, PROCESSED
from server.sandbox.seeds.held import scaled
from server.sandbox.seeds.ledger import Flow, Ledger, Row
from server.sandbox.size import CLOSING_DAY
from server.sandbox.stock import RECEIPT, VENDOR_RETURN

RETURNS = 25
"""In books of the usual size."""

STATES = (CREDITED, DRAFT, PROCESSED, CREDITED, CANCELLED, CREDITED)
"""What became of one return after the other."""

REASONS = ("Broken in transit", "Wrong colour", "Seam defects", "Not to specification", "Ordered twice")


class Claim(NamedTuple):
    """What a vendor granted for a return."""

    return_id: int
    day: date
    vendor_id: int
    currency: str
    amount: Decimal


class _Plan(NamedTuple):
    day: date
    state: str
    order: Row
    goods: list[tuple[Row, Flow]]
    """Lines of the order, and the receipt of each."""


def add(ledger: Ledger) -> list[Claim]:
    """Generate the returns, and say which of them became credits."""
    claims = []
    for plan in sorted(_plans(ledger), key=lambda plan: plan.day):  # ids grow with the dates
        claim = _return(ledger, plan)
        if claim:
            claims.append(claim)
        ledger.checkpoint()
    return claims


def _plans(ledger: Ledger) -> list[_Plan]:
    receipts: dict[tuple[int, int], list[Flow]] = {}
    for flow in ledger.flows:
        if flow.kind == RECEIPT:
            receipts.setdefault((flow.product_id, flow.quantity), []).append(flow)
    received = []
    for order, lines in ledger.orders:
        goods = [(line, receipt) for line in lines if (receipt := _receipt_of(order, line, receipts))]
        if goods:
            received.append((order, goods))
    count = scaled(ledger, RETURNS, len(STATES))
    return [
        _plan(ledger, STATES[number % len(STATES)], order, ledger.some(goods, ledger.dice.randint(1, 2)))
        for number, (order, goods) in enumerate(ledger.some(received, count))
    ]


def _receipt_of(order: Row, line: Row, receipts: dict[tuple[int, int], list[Flow]]) -> Flow | None:
    """The flow the line's goods came with: the first of that product and quantity since the order."""
    flows = receipts.get((line["product_id"], int(line["received_quantity"])), ())
    return next((flow for flow in flows if flow.at.date() >= order["order_date"]), None)


def _plan(ledger: Ledger, state: str, order: Row, goods: list[tuple[Row, Flow]]) -> _Plan:
    arrived = max(flow.at.date() for _, flow in goods)
    soon = arrived + timedelta(days=ledger.dice.randint(1, 30))
    recent = CLOSING_DAY - timedelta(days=ledger.dice.randrange(10))
    return _Plan(max(arrived, recent) if state == DRAFT else min(soon, CLOSING_DAY), state, order, goods)


def _return(ledger: Ledger, plan: _Plan) -> Claim | None:
    order, created = plan.order, ledger.moment(plan.day)
    created = max(created, *(flow.at for _, flow in plan.goods))
    left = plan.state in (PROCESSED, CREDITED)
    done = created + timedelta(minutes=ledger.dice.randint(10, 90))
    row = ledger.add(
        "vendor_returns",
        vendor_id=order["vendor_id"],
        purchase_order_id=order["id"],
        warehouse_id=None,
        status=plan.state,
        return_date=plan.day,
        currency=order["currency"],
        total=ZERO,
        notes=None,
        processed_at=done if left else None,
        cancelled_at=done if plan.state == CANCELLED else None,
        created_at=created,
        updated_at=created if plan.state == DRAFT else done,
    )
    for number, (line, flow) in enumerate(plan.goods, 1):
        item = _item(ledger, row, number, line)
        row["total"] += item["line_total"]
        if left:
            _send_off(ledger, row, item, flow, done)
    if plan.state != CREDITED:
        return None
    day = min(plan.day + timedelta(days=ledger.dice.randint(1, 20)), CLOSING_DAY)
    return Claim(row["id"], day, row["vendor_id"], row["currency"], row["total"])


def _item(ledger: Ledger, row: Row, number: int, line: Row) -> Row:
    quantity = Decimal(ledger.dice.randint(1, max(1, int(line["received_quantity"]) // 4)))
    return ledger.add(
        "vendor_return_items",
        vendor_return_id=row["id"],
        line_number=number,
        purchase_order_item_id=line["id"],
        product_id=line["product_id"],
        quantity=quantity,
        unit_cost=line["unit_cost"],
        line_total=cents(quantity * line["unit_cost"]),
        reason=ledger.pick(REASONS),
    )


def _send_off(ledger: Ledger, row: Row, item: Row, receipt: Flow, at: datetime) -> None:
    ledger.flow(
        Flow(
            at=at,
            product_id=item["product_id"],
            warehouse_id=receipt.warehouse_id,
            quantity=-int(item["quantity"]),
            kind=VENDOR_RETURN,
            owner="vendor_returns",
            owner_id=row["id"],
        )
    )
