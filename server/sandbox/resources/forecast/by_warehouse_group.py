"""The forecast by product and warehouse group."""

from sqlalchemy import select

from server.sandbox.filters import field
from server.sandbox.resources.forecast.table import COUNTED, Forecast
from server.sandbox.tables.forecast import warehouse_forecast_rows
from server.sandbox.tables.goods import products
from server.sandbox.tables.stock import warehouse_groups
from server.sandbox.wire import Answer, Call, Routes, data

routes = Routes()

_COLUMNS = {
    "id": warehouse_forecast_rows.c.id,
    "rfq_id": warehouse_forecast_rows.c.product_id,
    "internal_sku": products.c.sku,
    "product_name": products.c.name,
    "warehouse_group_id": warehouse_forecast_rows.c.warehouse_group_id,
    "warehouse_group_label": warehouse_groups.c.name,
    **{
        name: warehouse_forecast_rows.c[name]
        for name in (*COUNTED, "sale_velocity_30_days", "days_onhand_30_day_vel", "refreshed_at")
    },
}

FORECAST = Forecast(
    table=warehouse_forecast_rows,
    rows=select(*(column.label(name) for name, column in _COLUMNS.items()))
    .join(products, products.c.id == warehouse_forecast_rows.c.product_id)
    .join(warehouse_groups, warehouse_groups.c.id == warehouse_forecast_rows.c.warehouse_group_id),
    fields={name: field(column) for name, column in _COLUMNS.items()},
    file_name="warehouse-forecast",
)


@routes.get("/forecast-warehouse-data")
def list_warehouse_forecast(call: Call) -> Answer:
    """A row per product and group."""
    return FORECAST.page(call)


@routes.get("/forecast-warehouse-data/export")
def export_warehouse_forecast(call: Call) -> Answer:
    """The list as a file."""
    return FORECAST.export(call)


@routes.get("/forecast-warehouse-data/refresh-status")
def warehouse_forecast_refresh_status(call: Call) -> Answer:
    """How old the rows are."""
    return FORECAST.refresh_status(call)


@routes.get("/forecast-warehouse-data/product/{rfqId}")
def list_product_warehouse_forecast(call: Call) -> Answer:
    """The rows of a product, one for each group that deals in it."""
    return data(FORECAST.of_product(call))


@routes.get("/forecast-warehouse-data/{id}")
def get_warehouse_forecast_row(call: Call) -> Answer:
    """One row."""
    return FORECAST.row(call)
