"""Fulfillment orders: the part of a sales order that one warehouse group sends, as documented."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import Field, WithJsonSchema

from schemas.common import Money, Record, View

Inches = Annotated[float, Field(ge=0.1, le=15, strict=True), WithJsonSchema({"type": "number", "maximum": 15})]
"""A side of a label (documented range)."""


class FulfillmentOrder(Record):
    """A fulfillment order; order_status is its state."""

    id: int | None = None
    order_number: str | None = None
    order_key: str | None = None
    order_status: str | None = None
    sales_order_id: int | None = None
    warehouse_group_id: int | None = None
    ship_by_date: dt.date | None = None
    total: Money | None = None
    source_reference_identifier: str | None = None
    view: ClassVar[View] = View(
        "id",
        "order_number",
        "order_status",
        "sales_order_id",
        "warehouse_group_id",
        "ship_by_date",
        "ship_to",
        "total",
        sums=("total",),
        counts=("order_status",),
    )
