"""Price levels and price schedules: 4 operations."""

from __future__ import annotations

from typing import Annotated

from schemas.common import Arguments, Evidence, Mark, Page, TextId
from schemas.filters import Filters
from schemas.listing import LimitPaging, Listing
from schemas.luminous.pricing import PriceLevel, PriceSchedule
from tools.operation import System, Toolset

pricing = Toolset("pricing", System.LUMINOUS)


@pricing.read("GET", "/price-levels", returns=Page[PriceLevel], evidence=Evidence.CLIENT)
class ListPriceLevels(Listing):
    """Price levels (wholesale, retail) and how far they are from the base price."""


@pricing.read("GET", "/price-levels/{level_id}", returns=PriceLevel)
class GetPriceLevel(Arguments):
    """One price level."""

    level_id: TextId


@pricing.read("GET", "/price-schedules", returns=Page[PriceSchedule])
class ListPriceSchedules(LimitPaging):
    """Timed quantity discounts."""

    name: str | None = None
    counting_algorithm: str | None = None
    modification_type: str | None = None
    filters: Annotated[Filters | None, Mark.UNLISTED] = None


@pricing.read("GET", "/price-schedules/{schedule_id}", returns=PriceSchedule)
class GetPriceSchedule(Arguments):
    """One price schedule with its tiers, price levels and companies."""

    schedule_id: TextId
