"""The sales forecast as it was last computed: a row per product, and one per product and warehouse group."""

from typing import Any

from sqlalchemy import Column, Integer, UniqueConstraint

from server.sandbox.tables.base import QUANTITY, Instant, Scaled, key, ref, table

DAYS = Scaled(1, shown=1)


def _figures() -> tuple[Column[Any], ...]:
    """What was counted, and what follows from it."""
    counted = ("qty_onhand", "qty_incoming", "sale_within_7_days", "sale_within_30_days", "sale_within_90_days")
    return (
        *(Column(name, QUANTITY, nullable=False) for name in counted),
        Column("sale_velocity_30_days", QUANTITY, nullable=False),
        Column("days_onhand_30_day_vel", DAYS),
        Column("refreshed_at", Instant, nullable=False),
    )


forecast_rows = table(
    "forecast_rows",
    key(),
    ref("product_id", "products", cascade=True),
    *_figures(),
    Column("lead_time", Integer, nullable=False),
    Column("reorder_point", QUANTITY, nullable=False),
    UniqueConstraint("product_id"),
)

warehouse_forecast_rows = table(
    "warehouse_forecast_rows",
    key(),
    ref("product_id", "products", cascade=True),
    ref("warehouse_group_id", "warehouse_groups", cascade=True),
    *_figures(),
    UniqueConstraint("product_id", "warehouse_group_id"),
)
