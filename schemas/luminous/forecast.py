"""Rows of the sales forecast by product and by warehouse group: the columns that the vendor's client shows."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from schemas.common import Quantity, Record, View


class ForecastRow(Record):
    """Stock, sales and reorder point of one product. lead_time and days_onhand_30_day_vel are in days."""

    id: int | None = None
    internal_sku: str | None = None
    product_name: str | None = None
    qty_onhand: Quantity | None = None
    qty_incoming: Quantity | None = None
    sale_within_7_days: Quantity | None = None
    sale_within_30_days: Quantity | None = None
    sale_within_90_days: Quantity | None = None
    sale_velocity_30_days: Decimal | None = None
    days_onhand_30_day_vel: Decimal | None = None
    reorder_point: Quantity | None = None
    lead_time: Decimal | None = None
    view: ClassVar[View] = View(
        "id",
        "internal_sku",
        "product_name",
        "qty_onhand",
        "qty_incoming",
        "sale_within_30_days",
        "sale_velocity_30_days",
        "days_onhand_30_day_vel",
        "reorder_point",
        "lead_time",
    )


class WarehouseForecastRow(Record):
    """Stock and sales of one product in one warehouse group."""

    id: int | None = None
    internal_sku: str | None = None
    product_name: str | None = None
    warehouse_group_label: str | None = None
    qty_onhand: Quantity | None = None
    qty_incoming: Quantity | None = None
    sale_within_7_days: Quantity | None = None
    sale_within_30_days: Quantity | None = None
    sale_velocity_30_days: Decimal | None = None
    view: ClassVar[View] = View(
        "id",
        "internal_sku",
        "product_name",
        "warehouse_group_label",
        "qty_onhand",
        "qty_incoming",
        "sale_within_7_days",
        "sale_within_30_days",
        "sale_velocity_30_days",
        counts=("warehouse_group_label",),
    )


class ForecastRefresh(Record):
    """When a forecast was last computed, how many rows it has, and whether it is out of date."""

    refreshed_at: str | None = None
    total_records: int | None = None
    is_stale: bool | None = None
