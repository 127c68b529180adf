"""Generates corrections of stock and transfers between warehouses, and the goods these move."""

from datetime import date, timedelta
from decimal import Decimal

from server.sandbox.money import ZERO, cents
from server.sandbox.seeds.ledger import Flow, Ledger, Row
from server.sandbox.seeds.places import home
from server.sandbox.size import CLOSING_DAY
from server.sandbox.stock import ADJUSTMENT, TRANSFER_IN, TRANSFER_OUT

LOSSES = ("Cycle count", "Damaged in storage", "Water damage, bay 4", "Taken as samples for the sales team")
GAINS = ("Cycle count", "Found behind the racking", "Put away twice by mistake, corrected")
GIFT = "Free goods from the vendor"

METHODS = ("LTL freight", "Own truck", "Parcel", None)

OPEN = ((0, "draft"), (0, "pending"), (1, "in_transit"), (2, "in_transit"))
"""Transfers at the end of the books: how many days ago, and how far they are."""


def add(ledger: Ledger) -> None:
    """Generate the papers of the warehouses."""
    _adjustments(ledger)
    _transfers(ledger)


def _adjustments(ledger: Ledger) -> None:
    days = sorted(ledger.recent_day() for _ in range(max(6, ledger.size.orders // 6)))
    for number, day in enumerate(days):
        rises = ledger.chance(40)
        gift = number % 12 == 5
        remarks = GIFT if gift else ledger.pick(GAINS if rises else LOSSES)
        moment = ledger.moment(day)
        adjustment = ledger.add(
            "inventory_adjustments", remarks=remarks, posted_by=1, created_at=moment, updated_at=moment
        )
        warehouse = ledger.pick(ledger.rows["warehouses"])
        for product in ledger.some(ledger.rows["products"], ledger.dice.randint(1, 3)):
            change = ledger.dice.randint(1, 12) * (1 if rises or gift else -1)
            _entry(ledger, adjustment, product, warehouse["id"], change, Decimal(0) if gift else None)
        ledger.checkpoint()


def _entry(
    ledger: Ledger, adjustment: Row, product: Row, warehouse_id: int, change: int, unit_cost: Decimal | None
) -> None:
    ledger.add(
        "inventory_adjustment_entries",
        inventory_adjustment_id=adjustment["id"],
        product_id=product["id"],
        warehouse_id=warehouse_id,
        location_id=home(ledger, product["id"], warehouse_id),
        quantity=change,
    )
    owner = ("inventory_adjustments", adjustment["id"])
    moment = adjustment["created_at"]
    ledger.flow(Flow(moment, product["id"], warehouse_id, change, ADJUSTMENT, *owner, unit_cost))


def _transfers(ledger: Ledger) -> None:
    last = CLOSING_DAY - timedelta(days=10)
    days = sorted(min(ledger.recent_day(), last) for _ in range(max(4, ledger.size.orders // 10)))
    for day in days:
        _transfer(ledger, day, "cancelled" if ledger.chance(5) else "completed")
        ledger.checkpoint()
    for ago, status in reversed(OPEN):
        _transfer(ledger, CLOSING_DAY - timedelta(days=ago), status)


def _transfer(ledger: Ledger, day: date, status: str) -> None:
    source, destination = ledger.dice.sample(range(len(ledger.rows["warehouses"])), 2)
    ends = [ledger.rows["warehouses"][index]["id"] for index in (source, destination)]
    arrival = day + timedelta(days=ledger.dice.randint(3, 8))
    moment = ledger.moment(day)
    arrived = ledger.moment(arrival)
    order = ledger.add(
        "transfer_orders",
        number=f"TO-{80_001 + ledger.count('transfer_orders')}",
        status=status,
        date=day,
        arrival_date=arrival,
        source_warehouse_id=ends[0],
        destination_warehouse_id=ends[1],
        items_cost=ZERO,
        shipping_cost=ledger.decimal(2500, 60000) if ledger.chance(70) else ZERO,
        shipping_method=ledger.pick(METHODS),
        created_at=moment,
        updated_at=arrived if status == "completed" else moment,
    )
    for product in ledger.some(ledger.rows["products"], ledger.dice.randint(1, 4)):
        quantity = ledger.dice.randint(1, 6) * 4
        order["items_cost"] += cents(quantity * product["cost"])
        item = {"product_id": product["id"], "quantity": quantity, "ordered_uom_id": None}
        ledger.add("transfer_order_items", transfer_order_id=order["id"], **item)
        owner = ("transfer_orders", order["id"])
        if status in ("in_transit", "completed"):
            ledger.flow(Flow(moment, product["id"], ends[0], -quantity, TRANSFER_OUT, *owner))
        if status == "completed":
            ledger.flow(Flow(arrived, product["id"], ends[1], quantity, TRANSFER_IN, *owner))
