"""Generates the EDI documents that some customers exchange with the company."""

from datetime import date, timedelta

from sqlalchemy import select

from server.sandbox.seeds.ledger import Ledger, Row, customers
from server.sandbox.size import CLOSING_DAY
from server.sandbox.tables.selling import sales_orders

PARTNERS = 12
"""One customer in that many exchanges EDI documents."""

INBOUND, OUTBOUND = "inbound", "outbound"

STEPS = (("850", INBOUND, 0), ("855", OUTBOUND, 1), ("856", OUTBOUND, 4), ("810", OUTBOUND, 5), ("997", INBOUND, 6))
"""The documents of an order: transaction set, direction, days after the order."""

ERRORS = (
    "Unknown ship-to location code", "Item is not in the catalog of the partner", "Segment BEG is missing",
    "Price differs from the agreed one",
)  # fmt: skip


def add(ledger: Ledger) -> None:
    """Generate the documents of the partners' orders."""
    partners = {customer["id"] for customer in customers(ledger)[::PARTNERS]}
    order = sales_orders.c
    query = select(order.order_number, order.company_id, order.order_date).where(order.company_id.in_(sorted(partners)))
    for row in list(ledger.select(query.order_by(order.id))):
        reached = ledger.dice.randint(1, len(STEPS))
        for kind, direction, days in STEPS[:reached]:
            _document(ledger, row, kind, direction, row["order_date"] + timedelta(days=days))
        ledger.checkpoint()


def _document(ledger: Ledger, order: Row, kind: str, direction: str, day: date) -> None:
    if day > CLOSING_DAY:
        return
    failed = ledger.chance(6)
    moment = ledger.moment(day)
    done = ("received", "processed") if direction == INBOUND else ("sent", "acknowledged")
    ledger.add(
        "edi_documents",
        control_number=f"{100_000_001 + ledger.count('edi_documents')}",
        type=kind,
        direction=direction,
        status="failed" if failed else ledger.pick(done),
        company_id=order["company_id"],
        order_number=order["order_number"],
        error=ledger.pick(ERRORS) if failed else None,
        document_date=day,
        created_at=moment,
        updated_at=moment + timedelta(minutes=ledger.dice.randint(1, 90)),
    )
