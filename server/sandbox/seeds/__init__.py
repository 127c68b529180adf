"""Generates the books from a seed: the same seed gives the same rows on every machine.

Only the dice decide; there is no clock, no hash order and no float in what comes out.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from server.sandbox.seeds import (
    billdiary,
    bills,
    catalogue,
    channels,
    credits,  # noqa: A004 - the name of the trade
    currencies,
    custom_fields,
    edi,
    features,
    forecast,
    goods,
    integrations,
    invoices,
    month_end,
    order_payments,
    parties,
    places,
    price_schedules,
    purchase_orders,
    sales_orders,
    stock,
    units,
    warehousing,
)
from server.sandbox.seeds.ledger import Ledger, Store
from server.sandbox.size import Size

Part = Callable[[Ledger], None]

MASTER_DATA: dict[str, Part] = {
    "places": places.add,
    "units": units.add,
    "goods": goods.add,
    "packings": units.add_packings,
    "parties": parties.add,
    "features": features.add,
    "integrations": integrations.add,
    "channels": channels.add,
    "currencies": currencies.add,
    "custom fields": custom_fields.add,
}
"""Records that others refer to, few enough to be kept at hand."""

DOCUMENTS: dict[str, Part] = {
    "catalogue": catalogue.add,
    "price schedules": price_schedules.add,
    "billdiary": billdiary.add,
    "purchase orders": purchase_orders.add,
    "bills": bills.add,
    "credits": credits.add,
    "order payments": order_payments.add,
    "sales orders": sales_orders.add,
    "invoices": invoices.add,
    "edi": edi.add,
    "warehousing": warehousing.add,
    "stock": stock.add,
    "month end": month_end.add,
    "forecast": forecast.add,
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
