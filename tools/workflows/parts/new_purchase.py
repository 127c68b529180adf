"""Checks of a purchase before it is entered in BillDiary."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tools.operation import System
from tools.workflows.books import Books, Row, together
from tools.workflows.findings import Findings
from tools.workflows.parts.around import Around
from tools.workflows.parts.checks import Checks, Result, arguments_table, check_dates
from tools.workflows.parts.document_numbers import is_alike
from tools.workflows.parts.parties import Vendor, find_vendor
from tools.workflows.parts.payables import bill_of
from tools.workflows.parts.record_values import decimal
from tools.workflows.parts.similar_bills import SimilarBills
from tools.workflows.parts.telling import amount_text

PURCHASE_NEEDS = ("billdiary_list_purchases",)


async def check_purchase(
    books: Books, supplier: str, number: str, date: dt.date, total: Decimal, order: str | None
) -> Findings:
    """Supplier, duplicates, date and order of a purchase. Amounts have no currency there."""
    vendor = await find_vendor(books, supplier, System.BILLDIARY)
    around, similar, checks = Around(books), SimilarBills(number, date, total, None), Checks()

    def look_at(row: Row) -> bool:
        similar.look_at([bill_of(row, System.BILLDIARY)])
        return False  # What is like it is kept there; no other row is needed.

    reads: list[Any] = await together(
        around.record(
            "the check of the number", "billdiary_check_purchase_ref_number", ref_no=number, contact_id=vendor.id
        ),
        around.rows("purchases", "billdiary_list_purchases", look_at, contact_id=vendor.id),
        _orders(around, vendor, order),
    )
    checked, _, orders = reads
    if vendor.assumed:
        checks.add("supplier", Result.ASK, "no supplier has exactly this name")
    similar.check(checks)
    if checked and checked.get("available") is False and "duplicate" not in checks.named(Result.STOP):
        checks.add("duplicate", Result.STOP, "BillDiary says that the number is taken")
    check_dates(checks, date, books.today)
    _check_order(checks, order, orders)
    notes = [*around.notes(), *checks.notes(), "BillDiary tells no due date; its pay term counts from the date."]
    facts = {
        "verdict": checks.verdict,
        "supplier": vendor.name,
        "contact_id": vendor.id,
        "ref_no": number,
    }
    found = Findings(facts, [*checks.table(), *similar.table()], notes)
    if checks.named(Result.STOP):
        found.next = ["explain_bill"] * bool(similar.found)
        return found
    arguments = {"contact_id": vendor.id, "ref_no": number, "transaction_date": date, "final_total": amount_text(total)}
    if orders:
        arguments["purchase_order_ids"] = str(orders[0].get("id"))
    _tell_how_to_enter(found, arguments, checks)
    return found


def _tell_how_to_enter(found: Findings, arguments: dict[str, Any], checks: Checks) -> None:
    """The call that enters the purchase, with the arguments that are known."""
    found.tables += arguments_table("billdiary_create_purchase", arguments)
    found.notes.append("It also needs location_id, status, total_before_tax and lines with BillDiary's products.")
    found.next = ["billdiary_create_purchase"] * checks.is_ready


async def _orders(around: Around, vendor: Vendor, given: str | None) -> list[dict[str, Any]] | None:
    """The supplier's orders of that number or id."""
    if not given:
        return []

    def keep(row: Row) -> bool:
        return str(row.get("id")) == given or is_alike(str(row.get("ref_no") or ""), given)

    return await around.rows("the order", "billdiary_list_purchase_orders", keep, contact_id=vendor.id)


def _check_order(checks: Checks, given: str | None, orders: Sequence[Row] | None) -> None:
    if not given or orders is None:
        return
    if len(orders) != 1:
        count = f"{len(orders)} orders of this supplier have" if orders else "this supplier has no order of"
        checks.add("purchase_order", Result.ASK, f"{count} this number or id")
        return
    total, left = decimal(orders[0].get("final_total")), decimal(orders[0].get("po_qty_remaining"))
    told = [f"ordered {amount_text(total)}"] if total is not None else []
    if left is not None:
        told.append(f"{left:f} units not purchased yet")
    checks.add("purchase_order", Result.ASK if left == 0 else Result.OK, ", ".join(told) or "found")
