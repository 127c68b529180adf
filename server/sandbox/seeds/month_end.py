"""Generates what is found before a month is closed: counts that differ, missing costs, invoices turned down."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, select, update

from server.sandbox.seeds.ledger import Ledger
from server.sandbox.size import CLOSING_DAY
from server.sandbox.tables.receivables import invoices
from server.sandbox.tables.selling import sales_order_items
from server.sandbox.tables.stock import stocks

COUNTERS = ("Harborline 3PL", "Ridgeway Fulfillment", "Cycle count team")

EVENING = datetime.combine(CLOSING_DAY, time(20), UTC)

RARE = 80
"""One sold line in that many has no cost."""

SYNC_ERRORS = (
    "Duplicate document number", "The customer does not exist in QuickBooks", "The income account is inactive",
    "The tax code cannot be used for this customer", "The accounting period is closed",
)  # fmt: skip


def add(ledger: Ledger) -> None:
    """Generate what is to be settled."""
    _counts(ledger)
    _missing_costs(ledger)
    _sync_errors(ledger)


def _counts(ledger: Ledger) -> None:
    query = select(stocks.c.product_id, stocks.c.warehouse_id, stocks.c.on_hand).where(stocks.c.on_hand > Decimal(10))
    filled = list(ledger.select(query.order_by(stocks.c.id)))
    for row in ledger.some(filled, max(4, ledger.size.orders // 18)):
        off = ledger.dice.randint(1, 8)
        ledger.add(
            "warehouse_counts",
            product_id=row["product_id"],
            warehouse_id=row["warehouse_id"],
            quantity=row["on_hand"] + (off if ledger.chance(35) else -off),
            last_movement_id=ledger.count("stock_movements"),
            counted_by=ledger.pick(COUNTERS),
            counted_at=EVENING,
        )


def _missing_costs(ledger: Ledger) -> None:
    """Lines that were sent before anybody had entered what their goods cost."""
    line = sales_order_items.c
    query = select(line.id).where(line.quantity_shipped > Decimal(0)).order_by(line.id)
    chosen = [
        {"line_id": row["id"], "missing": Decimal(0)} for row in ledger.select(query) if not ledger.dice.randrange(RARE)
    ]
    change = update(sales_order_items).where(line.id == bindparam("line_id")).values(unit_cost=bindparam("missing"))
    ledger.execute(change, chosen)


def _sync_errors(ledger: Ledger) -> None:
    query = select(invoices.c.id, invoices.c.order_date).order_by(invoices.c.id)
    for invoice in list(ledger.select(query)):
        if not ledger.chance(5):
            continue
        day = min(invoice["order_date"] + timedelta(days=ledger.dice.randint(0, 3)), CLOSING_DAY)
        ledger.add(
            "invoice_sync_errors",
            invoice_id=invoice["id"],
            system="quickbooks",
            message=ledger.pick(SYNC_ERRORS),
            occurred_at=ledger.moment(day),
        )
        ledger.checkpoint()
