"""Generates price schedules: what is taken off at which quantities, when, for whom and on what."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from server.sandbox.seeds.ledger import Ledger, Row, customers


class Schedule(NamedTuple):
    """A schedule to be."""

    name: str
    description: str
    type: str
    priority: int
    tiers: tuple[tuple[int, str], ...]
    """Quantities, and what is taken off from there on."""
    start: date | None = None
    end: date | None = None
    levels: tuple[int, ...] = ()
    """Which of the price levels, from 0 on."""
    companies: int = 0
    """How many customers."""
    kinds: tuple[str, ...] = ()
    """Which goods, by the beginning of their SKUs; all when there are none."""
    status: str = "active"


FRAGRANCES = ("CAN", "DIF")

SCHEDULES = (
    Schedule("Volume discount", "For everybody, by quantity", "percentage", 10, ((24, "3"), (96, "5"), (240, "8"))),
    Schedule(
        "Holiday season 2026", "Fragrances for the holidays", "amount_off", 50, ((1, "0.50"), (48, "1.25")),
        date(2026, 11, 1), date(2026, 12, 31), levels=(0, 1), kinds=FRAGRANCES,
    ),
    Schedule(
        "Holiday season 2025", "Fragrances for the holidays", "amount_off", 50, ((1, "0.45"), (48, "1.10")),
        date(2025, 11, 1), date(2025, 12, 31), levels=(0, 1), kinds=FRAGRANCES,
    ),
    Schedule("Partner programme", "Agreed for 2026", "percentage", 30, ((1, "2"), (48, "4"), (144, "6")),
             date(2026, 1, 1), date(2026, 12, 31), levels=(2,)),
    Schedule("Key accounts", "Tableware and boxes", "percentage", 80, ((1, "4"), (120, "7.5")),
             companies=5, kinds=("MUG", "GLS", "JAR", "BOX")),
    Schedule("Spring launch 2027", "New linens", "percentage", 60, ((12, "10"),),
             date(2027, 3, 1), date(2027, 4, 30), kinds=("TOW",)),
    Schedule("Card clearance", "Ended early", "percentage", 90, ((1, "40"),), kinds=("CRD",), status="inactive"),
)  # fmt: skip


def add(ledger: Ledger) -> None:
    """Generate the schedules."""
    for schedule in SCHEDULES:
        _schedule(ledger, schedule)
        ledger.checkpoint()


def _schedule(ledger: Ledger, wanted: Schedule) -> None:
    stamps = ledger.stamps()
    row: dict[str, Any] = {
        "name": wanted.name,
        "description": wanted.description,
        "status": wanted.status,
        "start_date": wanted.start,
        "end_date": wanted.end,
        "priority": wanted.priority,
        "counting_algorithm": "each_item",
        "modification_type": wanted.type,
        "global": not wanted.levels and not wanted.companies,
    }
    schedule = ledger.add("price_schedules", **row, **stamps)
    own = {"price_schedule_id": schedule["id"]}
    for index in wanted.levels:
        ledger.link("price_schedule_levels", **own, price_level_id=ledger.rows["price_levels"][index]["id"])
    for company in ledger.some(customers(ledger), wanted.companies):
        ledger.link("price_schedule_companies", **own, company_id=company["id"])
    goods = [item for item in ledger.rows["products"] if item["sku"][:3] in wanted.kinds]
    for item in goods:
        ledger.link("price_schedule_products", **own, product_id=item["id"])
    for quantity, discount in wanted.tiers:
        values = {"status": "active", "quantity": Decimal(quantity), "discount_amount": Decimal(discount)}
        _prices_by_hand(ledger, ledger.add("price_tiers", **own, **values, **stamps), goods)


def _prices_by_hand(ledger: Ledger, tier: Row, goods: list[Row]) -> None:
    for item in goods:
        if ledger.chance(5):
            price = (item["wholesale_price"] * Decimal("0.9")).quantize(Decimal("0.01"))
            ledger.link("tier_prices", price_tier_id=tier["id"], product_id=item["id"], price=price)
