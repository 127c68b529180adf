"""Requests on the forecast."""

from typing import Any

from tests.server.sandbox.requests import Sent

PRODUCT, GROUP = "/forecast-data", "/forecast-warehouse-data"


def list_forecast(api: Any) -> Sent:
    return Sent(query={"sale_within_30_days[gt]": 0, "page": 1, "per_page": 5, "sort": "days_onhand_30_day_vel:asc"})


def get_forecast_row(api: Any) -> Sent:
    return Sent({"id": api.first(PRODUCT)["id"]})


def get_product_forecast(api: Any) -> Sent:
    return Sent({"rfqId": api.first(PRODUCT)["rfq_id"]})


def get_forecast_refresh_status(api: Any) -> Sent:
    return Sent()


def export_forecast(api: Any) -> Sent:
    return Sent(query={"export": "csv", "qty_onhand[gt]": 0})


def list_warehouse_forecast(api: Any) -> Sent:
    label = api.first(GROUP)["warehouse_group_label"]
    return Sent(query={"warehouse_group_label": label, "page": 1, "per_page": 5, "sort": "qty_onhand:desc"})


def get_warehouse_forecast_row(api: Any) -> Sent:
    return Sent({"id": api.first(GROUP)["id"]})


def list_product_warehouse_forecast(api: Any) -> Sent:
    return Sent({"rfqId": api.first(GROUP)["rfq_id"]})


def get_warehouse_forecast_refresh_status(api: Any) -> Sent:
    return Sent()


def export_warehouse_forecast(api: Any) -> Sent:
    return Sent(query={"export": "excel"})
