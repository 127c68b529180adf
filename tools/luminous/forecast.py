"""Sales forecasts by product and by warehouse group: 10 operations. All need a feature of the vendor's plan."""

from __future__ import annotations

from typing import Annotated, Literal

from schemas.common import Arguments, Evidence, File, Id, Page
from schemas.files import Download
from schemas.filters import Filters
from schemas.listing import Listing
from schemas.luminous.forecast import ForecastRefresh, ForecastRow, WarehouseForecastRow
from tools.operation import System, Toolset

forecast = Toolset("forecast", System.LUMINOUS, Evidence.CLIENT)


class RowRef(Arguments):
    """Names one row of a forecast table."""

    id: Id


class ProductRef(Arguments):
    """Names one product by its RFQ id."""

    rfq_id: Id


class ForecastExport(Download):
    """A forecast as a file; export is the name that the stock snapshot gives its format."""

    export: Annotated[Literal["excel", "csv"] | None, Evidence.INFERRED] = None
    filters: Filters | None = None


# By product


@forecast.read("GET", "/forecast-data", returns=Page[ForecastRow])
class ListForecast(Listing):
    """Sales velocity, days of stock and reorder point per product: what to reorder. 403: feature is off."""


@forecast.read("GET", "/forecast-data/{id}", returns=ForecastRow)
class GetForecastRow(RowRef, extra="allow"):
    """One forecast row by its id in list_forecast."""


@forecast.read("GET", "/forecast-data/product/{rfq_id}", returns=ForecastRow)
class GetProductForecast(ProductRef, extra="allow"):
    """Forecast of one product by its RFQ id."""


@forecast.read("GET", "/forecast-data/refresh-status", returns=ForecastRefresh)
class GetForecastRefreshStatus(Arguments, extra="allow"):
    """When the product forecast was computed and whether it is stale."""


@forecast.read("GET", "/forecast-data/export", returns=File)
class ExportForecast(ForecastExport):
    """list_forecast as a CSV or Excel file."""


# By warehouse group


@forecast.read("GET", "/forecast-warehouse-data", returns=Page[WarehouseForecastRow])
class ListWarehouseForecast(Listing):
    """Stock and sales velocity per product and warehouse group."""


@forecast.read("GET", "/forecast-warehouse-data/{id}", returns=WarehouseForecastRow)
class GetWarehouseForecastRow(RowRef, extra="allow"):
    """One row by its id in list_warehouse_forecast."""


@forecast.read("GET", "/forecast-warehouse-data/product/{rfq_id}", returns=Page[WarehouseForecastRow])
class ListProductWarehouseForecast(ProductRef, extra="allow"):
    """Forecast of one product in every warehouse group."""


@forecast.read("GET", "/forecast-warehouse-data/refresh-status", returns=ForecastRefresh)
class GetWarehouseForecastRefreshStatus(Arguments, extra="allow"):
    """When the warehouse forecast was computed and whether it is stale."""


@forecast.read("GET", "/forecast-warehouse-data/export", returns=File)
class ExportWarehouseForecast(ForecastExport):
    """list_warehouse_forecast as a CSV or Excel file."""
