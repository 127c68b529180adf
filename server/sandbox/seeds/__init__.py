"""Generates the books from a seed: the same seed gives the same rows on every machine.

Only the dice decide; there is no clock, no hash order and no float in what comes out.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from server.sandbox.seeds import bills, goods, invoices, parties, places, purchase_orders, stock
from server.sandbox.seeds.ledger import Ledger, Store
from server.sandbox.seeds.size import Size

Part = Callable[[Ledger], None]

MASTER_DATA: dict[str, Part] = {
    "places": places.add,
    "goods": goods.add,
    "parties": parties.add,
}
"""Records that others refer to, few enough to be kept at hand."""

DOCUMENTS: dict[str, Part] = {
    "purchase orders": purchase_orders.add,
    "bills": bills.add,
    "invoices": invoices.add,
    "stock": stock.add,
}
"""Everything else, written as it comes. Stock comes last: it is made of all that moved before."""


def generate(connection: Connection, seed: int, size: Size) -> None:
    """Write all rows of the books."""
    ledger = Ledger(Store(size, connection), seed, "")
    for name, add in MASTER_DATA.items():
        add(ledger.part(name, keep=True))
    for name, add in DOCUMENTS.items():
        add(ledger.part(name))
    ledger.write()
