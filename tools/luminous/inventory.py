"""Stock, its aging and consumption, adjustments and transfer orders: 10 operations."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictInt, model_validator

from schemas.common import Arguments, Date, Evidence, File, Id, Moment, Money, Page, Quantity
from schemas.files import Download
from schemas.filters import Filters
from schemas.listing import Listing, Paging, Sort
from schemas.luminous.inventory import (
    Consumption,
    IdList,
    InventoryAdjustment,
    NewAdjustment,
    NewTransferLine,
    ProductStock,
    SnapshotRow,
    StockAge,
    TransferOrder,
)
from tools.operation import System, Toolset

inventory = Toolset("inventory", System.LUMINOUS, Evidence.CLIENT)


class ReportExport(Download):
    """A report as a file; export is the name that the stock snapshot gives its format."""

    export: Annotated[Literal["excel", "csv"] | None, Evidence.INFERRED] = None
    filters: Filters | None = None


# Stock


@inventory.read("GET", "/inventory/stocks", returns=Page[ProductStock], evidence=Evidence.DOCUMENTED)
class ListInventoryStock(Listing):
    """Stock per product now, by location. To read all, sort=product.id:asc; past stock: get_stock_snapshot."""

    location: Id | None = None
    warehouse_ids: IdList | None = Field(None, description="Comma-separated")
    warehouse_group_ids: IdList | None = Field(None, description="Comma-separated")
    qty_onhand: StrictInt | None = None
    qty_pending: Quantity | None = None
    qty_available: Quantity | None = None
    qty_incoming: Quantity | None = None
    qty_backordered: Quantity | None = None
    qty_available_via_assembly: Quantity | None = None
    qty_recoverable_via_disassembly: Quantity | None = None
    qty_outstanding: Quantity | None = None
    updated_at: Moment | None = None
    discontinued: Literal[0, 1, 2] | None = Field(None, description="0 active, 1 discontinued, 2 all")
    sku: str | None = Field(None, description="Matches name, SKU, UPC")
    product_name: str | None = None
    category_id: Id | None = None


@inventory.read("GET", "/stock-snapshot", returns=Page[SnapshotRow], evidence=Evidence.DOCUMENTED)
class GetStockSnapshot(Paging):
    """Stock as it was between two times, YYYY-MM-DD HH:mm:ss. Leave export out to read the rows."""

    start_date: Moment
    end_date: Moment
    warehouse_id: Id | None = None
    export: Literal["excel", "csv"] | None = None
    columns: str | None = Field(None, description="JSON, for export")

    @model_validator(mode="after")
    def _ends_after_start(self) -> GetStockSnapshot:
        if self.end_date < self.start_date:
            raise ValueError("end_date is before start_date")
        return self


@inventory.money("POST", "/inventory/adjustments", returns=InventoryAdjustment, evidence=Evidence.DOCUMENTED)
class AdjustInventoryStock(Arguments):
    """Correct stock on hand.

    Each entry: product_id or sku, warehouse_id, location_id, qty_onhand (new level or change? Undocumented: ask)."""

    adjustment_entries: list[NewAdjustment]
    remarks: str | None = None


# Reports


@inventory.read("GET", "/inventory/aging", returns=Page[StockAge])
class GetInventoryAging(Listing):
    """How long stock lies and what it is worth, per product by age."""

    as_of_date: Date | None = Field(None, description="Default today")


@inventory.read("GET", "/inventory/aging/export", returns=File)
class ExportInventoryAging(ReportExport):
    """get_inventory_aging as a CSV or Excel file."""


@inventory.read("GET", "/inventory/transactions/consumption", returns=Page[Consumption])
class GetConsumptionReport(Listing):
    """Stock used up over time; group decides whether rows are totals or transactions."""

    group: str | None = None


@inventory.read("GET", "/inventory/transactions/consumption/export", returns=File)
class ExportConsumptionReport(ReportExport):
    """get_consumption_report as a CSV or Excel file."""


# Transfer orders


@inventory.read("GET", "/transfer-orders", returns=Page[TransferOrder])
class ListTransferOrders(Listing):
    """Moves of goods between warehouses."""

    sort: Annotated[Sort | None, Evidence.INFERRED] = None


@inventory.read("GET", "/transfer-orders/{id}", returns=TransferOrder)
class GetTransferOrder(Arguments, extra="allow"):
    """One transfer order."""

    id: Id


@inventory.write("POST", "/transfer-orders", returns=TransferOrder, evidence=Evidence.DOCUMENTED)
class CreateTransferOrder(Arguments):
    """Move goods from one warehouse to another. Each item: product_id, quantity."""

    date: Date
    arrival_date: Date
    source_warehouse_id: Id
    destination_warehouse_id: Id
    status: str
    items: list[NewTransferLine]
    items_cost: Money | None = None
    shipping_cost: Money | None = None
    shipping_method: str | None = None
