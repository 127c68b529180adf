"""The forecast: what the stock and the sales say, as a list and as files, and its feature."""

import csv
import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from server.sandbox.books import BooksError
from server.sandbox.features import FORECAST
from server.sandbox.tables.stock import stock_movements, stocks

PRODUCT, GROUP = "/forecast-data", "/forecast-warehouse-data"


def test_the_figures_are_those_of_stock_and_sales(api: Any) -> None:
    rows = api.all(PRODUCT)
    assert any(row["sale_within_30_days"] for row in rows)
    assert api.audit() == []
    with api.books.transaction() as connection:
        there = select(stocks.c.product_id, func.sum(stocks.c.on_hand)).group_by(stocks.c.product_id)
        on_hand = {row[0]: row[1] for row in connection.execute(there)}
        moved, end = stock_movements.c, datetime(2026, 11, 20, 20, tzinfo=UTC)
        gone = select(moved.product_id, func.sum(moved.quantity)).where(
            moved.kind == "shipment", moved.moved_at.between(end - timedelta(days=30), end)
        )
        sold = {row[0]: -row[1] for row in connection.execute(gone.group_by(moved.product_id))}
    for row in rows:
        assert row["qty_onhand"] == on_hand.get(row["rfq_id"], 0)
        assert row["sale_within_30_days"] == sold.get(row["rfq_id"], 0)


def test_a_group_counts_its_own_warehouses(reading: Any) -> None:
    product = reading.first(GROUP)["rfq_id"]
    groups = reading.get(f"{GROUP}/product/{product}")["data"]
    assert {row["rfq_id"] for row in groups} == {product}
    whole = reading.get(f"{PRODUCT}/product/{product}")["data"]
    assert all(row["qty_onhand"] <= whole["qty_onhand"] for row in groups)
    assert reading.get(f"{GROUP}/{groups[0]['id']}")["data"] == groups[0]
    assert reading.get(f"{PRODUCT}/{whole['id']}")["data"] == whole
    for path in (PRODUCT, GROUP):
        for unknown in ("0", "x", "9" * 40, "product/0", "product/x"):
            reading.get(f"{path}/{unknown}", 404)


@pytest.mark.parametrize("path", [PRODUCT, GROUP])
def test_the_file_has_the_rows_of_the_list(reading: Any, path: str) -> None:
    narrowed = {"sale_within_30_days[gt]": 0, "sort": "sale_within_30_days:desc"}
    rows = reading.all(path, **narrowed)
    answer = reading.send("GET", f"{path}/export", 200, params=narrowed)
    assert answer.headers["content-type"] == "text/csv; charset=UTF-8"
    read = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [line["id"] for line in read] == [str(row["id"]) for row in rows]
    assert [Decimal(line["sale_velocity_30_days"]) for line in read] == [
        Decimal(str(row["sale_velocity_30_days"])) for row in rows
    ]
    book = reading.send("GET", f"{path}/export", 200, params={"export": "excel"})
    assert book.headers["content-type"].endswith("spreadsheetml.sheet")
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist()
    assert list(reading.get(f"{path}/export", 422, export="pdf")["errors"]) == ["export"]
    assert list(reading.get(f"{path}/export", 422, colour="blue")["errors"]) == ["colour"]


@pytest.mark.parametrize("path", [PRODUCT, GROUP])
def test_the_forecast_is_stale_once_goods_have_moved(api: Any, path: str) -> None:
    status = api.get(f"{path}/refresh-status")
    total = api.get(path)["meta"]["total"]
    assert status == {"refreshed_at": "2026-11-20T20:00:00Z", "total_records": total, "is_stale": False}
    with api.books.transaction() as connection:
        moved = connection.execute(select(stock_movements).limit(1)).mappings().one()
        later = {**moved, "id": 10**9, "moved_at": api.books.clock()}
        connection.execute(stock_movements.insert().values(later))
    assert api.get(f"{path}/refresh-status")["is_stale"] is True


def test_a_plan_without_the_feature_has_no_forecast(api: Any) -> None:
    api.books.switch_features(off={FORECAST})
    for path in (PRODUCT, GROUP):
        for suffix in ("", "/1", "/product/1001", "/refresh-status", "/export"):
            assert FORECAST in api.get(path + suffix, 403)["message"]
    api.get("/suppliers")
    with pytest.raises(BooksError, match=r"no feature telepathy.*forecast_materialized_table"):
        api.books.switch_features(off={"telepathy"})
    api.get(PRODUCT, 403)
    api.books.switch_features()
    api.get(PRODUCT)


def test_the_command_line_knows_which_features_there_are() -> None:
    command = [sys.executable, "-m", "server.sandbox", "--size", "small", "--feature-off", "telepathy"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "There is no feature telepathy" in ended.stderr
    assert "Traceback" not in ended.stderr
