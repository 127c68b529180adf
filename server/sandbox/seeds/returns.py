"""Generates customer returns."""

from datetime import timedelta
from decimal import Decimal

from server.sandbox.money import ZERO, cents
from server.sandbox.seeds.ledger import Flow, Ledger, Row
from server.sandbox.size import CLOSING_DAY

TYPES = ("return-only", "return-and-refund", "return-and-refund", "refund-only")
SMALLEST_PART = 4
"""A line comes back by a quarter at least."""


def come_back(ledger: Ledger, order: Row, lines: list[Row], warehouse_id: int) -> None:
    """Something of a shipped order comes back to the warehouse, or is refunded."""
    day = order["ship_date"] + timedelta(days=ledger.dice.randint(3, 30))
    shipped = [line for line in lines if line["quantity_shipped"]]
    if day > CLOSING_DAY:
        return
    created = ledger.moment(day)
    kind = ledger.pick(TYPES)
    received = created + timedelta(days=ledger.dice.randint(2, 12))
    arrived = received.date() <= CLOSING_DAY and ledger.chance(90)
    returned = ledger.add(
        "customer_returns",
        sales_order_id=order["id"],
        status="Received" if arrived else "Pending",
        transaction_type=kind,
        restock=kind != "refund-only" and ledger.chance(80),
        order_date=day,
        received_at=received if arrived else None,
        created_at=created,
        updated_at=received if arrived else created,
    )
    amount = ZERO
    for line in ledger.some(shipped, ledger.dice.randint(1, 2)):
        quantity = max(line["quantity_shipped"] * ledger.dice.randint(1, 4) // SMALLEST_PART, Decimal(1))
        amount += cents(line["line_total"] * quantity / line["quantity"])
        _line(ledger, returned, line, quantity, warehouse_id)
    if kind != "return-only":
        stamps = {"created_at": created, "updated_at": created}
        ledger.add("customer_refunds", customer_return_id=returned["id"], amount=amount, **stamps)


def _line(ledger: Ledger, returned: Row, line: Row, quantity: Decimal, warehouse_id: int) -> None:
    ledger.add(
        "customer_return_items",
        customer_return_id=returned["id"],
        sales_order_item_id=line["id"],
        quantity=quantity,
        uom_id=None,
        location_id=None,
        lot_id=None,
    )
    if returned["received_at"] and returned["restock"]:
        ledger.flow(
            Flow(
                at=returned["received_at"],
                product_id=line["product_id"],
                warehouse_id=warehouse_id,
                quantity=int(quantity),
                kind="customer_return",
                owner="customer_returns",
                owner_id=returned["id"],
                unit_cost=line["unit_cost"],
            )
        )
