"""What is read around a bill of Luminous: its variance, order, receipts, obligations, twins, credits it could take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tools.workflows.books import Books, Row, together
from tools.workflows.parts import obligations
from tools.workflows.parts.around import Around
from tools.workflows.parts.credits import CREDITS, PREPAYMENTS, is_unused, unused_filters
from tools.workflows.parts.record_values import decimal, objects


@dataclass(frozen=True)
class BillContext:
    """What was read; None where it could not be read. notes: what is missing.

    reports: receiving reports of the order. twins: bills of the vendor with the same number, but void ones.
    """

    variance: Row | None
    order: Row | None
    reports: Sequence[Row] | None
    credits: Sequence[Row] | None
    prepayments: Sequence[Row] | None
    obligations: Sequence[Row] | None
    twins: Sequence[Row]
    notes: Sequence[str]

    @property
    def variance_total(self) -> Decimal | None:
        """What the bill asks beyond what it should, in its currency."""
        return decimal((self.variance or {}).get("variance_total"))

    @property
    def sources(self) -> list[dict[str, Any]]:
        """Credits and prepayments that could be applied to the bill, each with its `kind` and `date`."""
        return [
            {"kind": kind, "date": row.get("credit_date") or row.get("payment_date"), **row}
            for kind, rows in (("vendor credit", self.credits), ("prepayment", self.prepayments))
            for row in rows or []
        ]


async def read_context(books: Books, bill: Row) -> BillContext:
    """Read it all side by side."""
    around = Around(books)
    vendor, order_id = bill.get("vendor_id"), bill.get("purchase_order_id")
    unused = unused_filters(vendor)

    def can_be_applied(row: Row) -> bool:
        return is_unused(row, vendor) and row.get("currency") in (None, bill.get("currency"))

    def concerns(row: Row) -> bool:
        return obligations.concerns(row, bill)

    async def its_order() -> dict[str, Any] | None:
        return await around.record("the purchase order", "get_purchase_order", id=order_id) if order_id else None

    reads: list[Any] = await together(
        around.record("variance", "get_bill_variance", bill_id=bill["id"]),
        its_order(),
        around.receiving_reports([order_id] if order_id else []),
        around.rows("vendor credits", CREDITS, can_be_applied, filters=unused),
        around.rows("prepayments", PREPAYMENTS, can_be_applied, filters=unused),
        around.rows("payment obligations", obligations.LIST, concerns, filters={"vendor_id": vendor}),
        around.record(
            "the check for duplicates", "check_duplicate_bill", vendor_id=vendor, bill_number=bill.get("bill_number")
        ),
    )
    variance, order, reports, vendor_credits, prepayments, obliged, same_number = reads
    same = objects((same_number or {}).get("bills"))
    twins = [row for row in same if row.get("status") != "void" and row.get("id") != bill["id"]]
    notes = list(around.notes())
    return BillContext(variance, order, reports, vendor_credits, prepayments, obliged, twins, notes)
