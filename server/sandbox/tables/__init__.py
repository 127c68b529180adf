"""The tables of the books, by subject. A new module is named here, so that its tables are made."""

from server.sandbox.tables import (
    about,
    base,
    billdiary,
    channels,
    credits,  # noqa: A004 - the name of the trade
    currencies,
    custom_fields,
    exchange,
    forecast,
    fulfillment,
    goods,
    integrations,
    parties,
    payables,
    purchasing,
    receivables,
    returns,
    selling,
    stock,
    units,
    warehousing,
)

metadata = base.metadata

__all__ = [
    "about",
    "base",
    "billdiary",
    "channels",
    "credits",
    "currencies",
    "custom_fields",
    "exchange",
    "forecast",
    "fulfillment",
    "goods",
    "integrations",
    "metadata",
    "parties",
    "payables",
    "purchasing",
    "receivables",
    "returns",
    "selling",
    "stock",
    "units",
    "warehousing",
]
