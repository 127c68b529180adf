"""Rows of reports: EDI documents, cost of goods sold, stock discrepancies."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from schemas.common import Money, Quantity, Record, View


class EdiDocument(Record):
    """An EDI document that was sent or received. Type to created_at are the client's columns, the rest `inferred`."""

    id: int | None = None
    type: str | None = None
    direction: str | None = None
    status: str | None = None
    partner: str | None = None
    created_at: dt.datetime | None = None
    control_number: str | None = None
    order_number: str | None = None
    document_date: dt.date | None = None
    error: str | None = None
    view: ClassVar[View] = View(
        "id",
        "document_date",
        "type",
        "direction",
        "status",
        "partner",
        "order_number",
        "error",
        "control_number",
        "created_at",
        counts=("type", "direction", "status"),
    )


class TransactionCost(Record):
    """What the goods of one sales line cost. Fields are the client's columns."""

    id: int | None = None
    date: dt.date | None = None
    order_number: str | None = None
    sku: str | None = None
    product_name: str | None = None
    quantity: Quantity | None = None
    cogs: Money | None = None
    view: ClassVar[View] = View(
        "id",
        "date",
        "order_number",
        "sku",
        "product_name",
        "quantity",
        "cogs",
        sums=("cogs",),
        quantities=("quantity",),
    )


class CostUpdate(Record):
    """How many sales lines got another cost (documented)."""

    updated_count: int | None = None


class StockDiscrepancy(Record):
    """A product whose stock count and cost layers disagree (`inferred`)."""

    product_id: int | None = None
    sku: str | None = None
    product_name: str | None = None
    warehouse_id: int | None = None
    warehouse_name: str | None = None
    stock_quantity: Quantity | None = None
    cost_layer_quantity: Quantity | None = None
    difference: Quantity | None = None
    view: ClassVar[View] = View(
        "product_id",
        "sku",
        "product_name",
        "warehouse_name",
        "stock_quantity",
        "cost_layer_quantity",
        "difference",
        quantities=("difference",),
        counts=("warehouse_name",),
    )
