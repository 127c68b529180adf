"""Vendor credits and prepayments that are not used up: what a vendor has of our money, or owes us, already."""

from __future__ import annotations

from typing import Any

from tools.workflows.books import Row
from tools.workflows.parts.record_values import amount

CREDITS = "list_vendor_credits"
PREPAYMENTS = "list_prepayments"


def unused_filters(vendor_id: object) -> dict[str, Any]:
    """Filters of both lists for what one vendor has. Which ones the API takes is not documented: check the rows."""
    return {"vendor_id": vendor_id, "remaining_amount[gt]": 0}


def is_unused(row: Row, vendor_id: object) -> bool:
    """Whether a credit or prepayment of this vendor can still be applied."""
    of_vendor = row.get("vendor_id") == vendor_id
    return of_vendor and amount(row, "remaining_amount") > 0 and row.get("status") != "cancelled"
