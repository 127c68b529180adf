"""The end of a month, and what the stock count says."""

from __future__ import annotations

from pydantic import Field

from schemas.common import Arguments
from tools.prompts.prompt import (
    NO_WRITES,
    Call,
    Given,
    Month,
    Step,
    Warehouse,
    first_day,
    last_day,
    month_before,
    prompt,
)

_MONTH = {"start_date": Given("month", first_day), "end_date": Given("month", last_day)}


@prompt(
    "Month-end close",
    Step(
        "Read the state of the month:",
        (
            (Call("close_checklist", _MONTH),),
            (
                Call("get_close_books_sales_summary", _MONTH),
                Call("get_close_books_invoice_sync_errors", _MONTH),
                Call("get_close_books_zero_cost_items", _MONTH),
                Call("get_close_books_zero_valuation_inventory"),
            ),
        ),
    ),
    Step(
        "Read the bills of the month that are still drafts:",
        (
            (
                Call(
                    "list_bills",
                    {
                        "filters": {"status": "draft", "bill_date[lte]": Given("month", last_day)},
                        "sort": "bill_date:asc",
                    },
                ),
            ),
        ),
        otherwise="",
    ),
    Step(
        "Read the month's bills by status and currency:",
        (
            (
                Call(
                    "summarize_records",
                    {
                        "operation": "list_bills",
                        "filters": {
                            "bill_date[gte]": Given("month", first_day),
                            "bill_date[lte]": Given("month", last_day),
                        },
                        "group_by": "status",
                        "metrics": "count,sum:total,sum:total_due",
                    },
                ),
            ),
        ),
        otherwise="",
    ),
    Step("Read the costs that are not allocated yet:", ((Call("get_bills_allocation_inbox"),),), otherwise=""),
    Step("Read where stock and cost layers differ:", ((Call("get_discrepancy_summary"),),), otherwise=""),
    Step(
        "Show a checklist: each point with its state (clean, or how many and how much), the records behind it by id,"
        " and who would settle it. Put first what changes the month's result.",
    ),
    Step(
        "STOP. Correct nothing by yourself: settle one point at a time when the user asks, show each plan, wait for"
        " a clear yes, and read the checklist again at the end.",
    ),
    defaults=lambda today: {"month": month_before(today)},
)
class MonthEndClose(Arguments):
    """What is left to settle before a month is closed."""

    month: Month | None = Field(None, description="YYYY-MM; the last full month without it")


@prompt(
    "Stock discrepancies",
    Step(
        "Find the warehouse:",
        ((Call("list_warehouses", {"filters": {"name": Given("warehouse")}}),),),
        when="warehouse",
    ),
    Step(
        "Read how much the stock and its cost layers differ, and where:",
        (
            (
                Call("get_discrepancy_summary", filled=("warehouse_id",)),
                Call("list_stock_discrepancies", filled=("warehouse_id",)),
            ),
        ),
        when="warehouse",
    ),
    Step(
        "Read how much the stock and its cost layers differ, and where:",
        ((Call("get_discrepancy_summary"), Call("list_stock_discrepancies")),),
        when="!warehouse",
    ),
    Step(
        "For the largest differences, read the product's stock by place and what moved lately:",
        (
            (Call("find_record", filled=("query",)), Call("list_inventory_stock", filled=("sku",))),
            (Call("list_inventory_stock", filled=("sku",)),),
        ),
    ),
    Step(
        "Read receipts that may explain them:", ((Call("list_receiving_reports", {"sort": "id:desc"}),),), otherwise=""
    ),
    Step(
        "Read transfers that may explain them:", ((Call("list_transfer_orders", {"sort": "id:desc"}),),), otherwise=""
    ),
    Step(
        "Show per product and warehouse: counted or on hand, in cost layers, difference, who counted and when, the"
        " likeliest reason and how sure it is. Sum missing and surplus apart.",
    ),
    Step(
        "STOP. A correction changes the value of the stock: propose it, and only where the user agrees plan it; it is"
        " carried out only after a clear yes to its plan:",
        ((Call("adjust_inventory_stock", filled=("adjustment_entries",)),),),
        otherwise=NO_WRITES,
    ),
)
class StockDiscrepancies(Arguments):
    """Where stock and books differ, why, and what to correct."""

    warehouse: Warehouse | None = Field(None, description="Its name; all without it")
