"""Reports: month-end checks, stock discrepancies, EDI documents, cost of goods sold: 11 operations."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from schemas.common import Arguments, Date, Evidence, File, Id, Page, UnitPrice
from schemas.files import Download
from schemas.filters import Filters
from schemas.listing import Listing
from schemas.luminous.reports import CostUpdate, EdiDocument, StockDiscrepancy, TransactionCost
from tools.operation import System, Toolset

reports = Toolset("reports", System.LUMINOUS, Evidence.CLIENT)

MAX_MONTHS = 3
"""The longest period of a month-end check (documented)."""


# Closing the books


class ClosePeriod(Arguments):
    """First and last day of a period of at most three months."""

    start_date: Date
    end_date: Date

    @model_validator(mode="after")
    def _is_short(self) -> ClosePeriod:
        if self.end_date < self.start_date:
            raise ValueError("end_date is before start_date")
        months = (self.end_date.year - self.start_date.year) * 12 + self.end_date.month - self.start_date.month
        if (months, self.end_date.day) > (MAX_MONTHS, self.start_date.day):
            raise ValueError(f"the period must be at most {MAX_MONTHS} months")
        return self


@reports.read("GET", "/reports/close-books/invoice-sync-errors")
class GetCloseBooksInvoiceSyncErrors(ClosePeriod, extra="allow"):
    """Invoices that did not reach the accounting software; at most 3 months."""


@reports.read("GET", "/reports/close-books/sales-summary")
class GetCloseBooksSalesSummary(ClosePeriod, extra="allow"):
    """Sales totals by channel; at most 3 months."""


@reports.read("GET", "/reports/close-books/zero-cost-items")
class GetCloseBooksZeroCostItems(ClosePeriod, extra="allow"):
    """Sales lines without a cost; at most 3 months. update_transaction_cogs gives them one."""


@reports.read("GET", "/reports/close-books/zero-valuation-inventory")
class GetCloseBooksZeroValuationInventory(Arguments, extra="allow"):
    """Items in stock that are valued at zero."""


# Stock discrepancies


@reports.read("GET", "/reports/inventory-discrepancy", returns=Page[StockDiscrepancy])
class ListStockDiscrepancies(Arguments, extra="allow"):
    """Products whose stock count and cost layers disagree."""

    warehouse_id: Id | None = None


@reports.read("GET", "/reports/inventory-discrepancy/dashboard")
class GetDiscrepancySummary(Arguments, extra="allow"):
    """Totals of list_stock_discrepancies."""

    warehouse_id: Id | None = None


# EDI


@reports.read("GET", "/reports/edi", returns=Page[EdiDocument])
class ListEdiDocuments(Listing):
    """EDI documents exchanged with partners; filter by type, status, direction, order, date."""


@reports.read("GET", "/reports/edi/export", returns=File)
class ExportEdiDocuments(Download):
    """EDI documents as a CSV file of at most 50,000 rows; filters as in list_edi_documents."""

    filters: Filters | None = None


@reports.read("GET", "/reports/edi/summary")
class GetEdiSummary(Arguments, extra="allow"):
    """Counts of EDI documents by status and type."""


# Cost of goods sold


@reports.read("GET", "/reports/transaction-cogs", returns=Page[TransactionCost])
class ListTransactionCogs(Listing):
    """Cost of goods sold per sales line; filter by date, product, channel, order_number, cost."""


_TAKES = {
    "sales_item_ids": ({"sales_item_ids"}, {"sales_item_ids"}),
    "sku_date_range": ({"sku", "from_date", "to_date"}, {"sku", "from_date", "to_date"}),
    "order_ids": ({"order_ids"}, {"order_ids", "sku"}),
}
"""By mode: the arguments it needs, and those it takes."""


@reports.money("POST", "/transaction-cogs/update-costs", returns=CostUpdate, evidence=Evidence.DOCUMENTED)
class UpdateTransactionCogs(Arguments, extra="allow"):
    """Set the unit cost of sales lines: by ids, by SKU and ship dates, or by orders."""

    mode: Literal["sales_item_ids", "sku_date_range", "order_ids"]
    cost_per_unit: UnitPrice
    sales_item_ids: list[Id] | None = Field(None, min_length=1)
    sku: str | None = None
    from_date: Date | None = None
    to_date: Date | None = None
    order_ids: list[Id] | None = Field(None, min_length=1, description="Sales orders")

    @model_validator(mode="after")
    def _fits_mode(self) -> UpdateTransactionCogs:
        selection = {"sales_item_ids", "sku", "from_date", "to_date", "order_ids"}
        given = {name for name in selection if getattr(self, name) is not None}
        needed, taken = _TAKES[self.mode]
        if missing := needed - given:
            raise ValueError(f"mode {self.mode} needs {', '.join(sorted(missing))}")
        if excess := given - taken:
            raise ValueError(f"mode {self.mode} does not take {', '.join(sorted(excess))}")
        if self.from_date and self.to_date and self.to_date < self.from_date:
            raise ValueError("to_date is before from_date")
        return self
