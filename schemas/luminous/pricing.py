"""Price levels and price schedules, as documented. Ids inside a schedule are strings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from schemas.common import Quantity, Record, UnitPrice, View


class PriceLevel(Record):
    """A price list derived from the base price; percent_increase is negative for a decrease."""

    id: int | None = None
    name: str | None = None
    type: str | None = None
    percent_increase: Decimal | None = None
    status: str | None = None
    view: ClassVar[View] = View("id", "name", "type", "percent_increase", "status", counts=("status",))


class PriceTier(Record):
    """What is taken off from a quantity on; an amount or a percentage, as modification_type says."""

    id: int | None = None
    quantity: Quantity | None = None
    discount_amount: UnitPrice | None = None
    status: str | None = None
    view: ClassVar[View] = View("id", "quantity", "discount_amount", "status")


class PriceSchedule(Record):
    """Quantity discounts during a time. Of several, the one with the higher priority wins."""

    id: int | None = None
    name: str | None = None
    description: str | None = None
    status: str | None = None
    start_date: dt.date | None = None
    end_date: dt.date | None = None
    priority: int | None = None
    counting_algorithm: str | None = None
    modification_type: str | None = None
    tiers: list[PriceTier] | None = None
    view: ClassVar[View] = View(
        "id",
        "name",
        "status",
        "start_date",
        "end_date",
        "priority",
        "counting_algorithm",
        "modification_type",
        "global",
        entries=("tiers",),
        counts=("status", "modification_type"),
    )
