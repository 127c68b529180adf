"""The forecast: each figure follows from those it is made of."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from server.sandbox.audit.sums import rows
from server.sandbox.tables.forecast import forecast_rows, warehouse_forecast_rows

VELOCITY_ERROR = Decimal("0.00005")
"""What rounding may cost a velocity."""
DAYS_ERROR = Decimal("0.05")


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the forecast."""
    for table in (forecast_rows, warehouse_forecast_rows):
        for row in rows(connection, table):
            yield from (f"{table.name} {row['id']}: {said}" for said in _faults(row))
    for row in rows(connection, forecast_rows):
        if not 0 <= row["reorder_point"] - row["sale_velocity_30_days"] * row["lead_time"] < 1:
            yield f"forecast_rows {row['id']}: the reorder point is not what sells in the lead time."


def _faults(row: Any) -> Iterator[str]:
    sold = [row[f"sale_within_{days}_days"] for days in (7, 30, 90)]
    if sold != sorted(sold) or sold[0] < 0:
        yield "more was sold in a shorter time."
    velocity, lasts = row["sale_velocity_30_days"], row["days_onhand_30_day_vel"]
    if abs(velocity * 30 - sold[1]) > VELOCITY_ERROR * 30:
        yield "the velocity is not the sales of 30 days by 30."
    if (lasts is None) != (velocity == 0):
        yield "the days of stock do not go with the velocity."
    if lasts is not None and abs(lasts - row["qty_onhand"] / velocity) > DAYS_ERROR:
        yield "the days of stock are not the stock by the velocity."
