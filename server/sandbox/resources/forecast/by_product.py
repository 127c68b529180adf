"""The forecast by product: how fast it sells, how long it lasts, when to reorder it."""

from sqlalchemy import select

from server.sandbox.filters import field
from server.sandbox.resources.forecast.table import COUNTED, Forecast
from server.sandbox.tables.forecast import forecast_rows
from server.sandbox.tables.goods import products
from server.sandbox.wire import Answer, Call, Routes, data

routes = Routes()

_COLUMNS = {
    "id": forecast_rows.c.id,
    "rfq_id": forecast_rows.c.product_id,
    "internal_sku": products.c.sku,
    "product_name": products.c.name,
    **{
        name: forecast_rows.c[name]
        for name in (
            *COUNTED, "sale_velocity_30_days", "days_onhand_30_day_vel", "reorder_point", "lead_time", "refreshed_at",
        )
    },
}  # fmt: skip

FORECAST = Forecast(
    table=forecast_rows,
    rows=select(*(column.label(name) for name, column in _COLUMNS.items())).join(
        products, products.c.id == forecast_rows.c.product_id
    ),
    fields={name: field(column) for name, column in _COLUMNS.items()},
    file_name="forecast",
)


@routes.get("/forecast-data")
def list_forecast(call: Call) -> Answer:
    """A row per product."""
    return FORECAST.page(call)


@routes.get("/forecast-data/export")
def export_forecast(call: Call) -> Answer:
    """The list as a file."""
    return FORECAST.export(call)


@routes.get("/forecast-data/refresh-status")
def forecast_refresh_status(call: Call) -> Answer:
    """How old the rows are."""
    return FORECAST.refresh_status(call)


@routes.get("/forecast-data/product/{rfqId}")
def get_product_forecast(call: Call) -> Answer:
    """The row of a product."""
    return data(FORECAST.of_product(call)[0])


@routes.get("/forecast-data/{id}")
def get_forecast_row(call: Call) -> Answer:
    """One row."""
    return FORECAST.row(call)
