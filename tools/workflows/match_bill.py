"""The three-way match of one bill, or of all that are open: what is read for it, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from tools.arguments import InvalidArgumentsError, Problem
from tools.operation import System
from tools.workflows.books import Books, Row, system_of, together
from tools.workflows.findings import Findings
from tools.workflows.parts.around import Around
from tools.workflows.parts.document_numbers import Reference
from tools.workflows.parts.documents import BILL_NEEDS, find_bill
from tools.workflows.parts.open_matches import match_open_bills
from tools.workflows.parts.parties import find_vendor
from tools.workflows.parts.purchases import match_purchase
from tools.workflows.parts.record_values import ZERO, amount, decimal, objects, totals_by_key
from tools.workflows.parts.three_way import Match, Papers, Tolerance
from tools.workflows.workflow import QuestionToEither, workflow

_MOST_BILLS = 20
"""Other bills of an order that are read for their lines."""


def _tolerance(value: object) -> str:
    # The shortest text of a JSON number, so that 0.1 is 0.1; it goes no further as a float.
    text = repr(value) if isinstance(value, int | float) else str(value)
    Tolerance.of(text)
    return text


class MatchBill(QuestionToEither):
    """Which bill, or all open ones, of one vendor or of all; and what difference of a line still passes."""

    bill: Reference | None = None
    vendor: Reference | None = None
    tolerance: Annotated[str, BeforeValidator(_tolerance), WithJsonSchema({"type": "string"})] = Field(
        "0", description="Per line: amount or 2%"
    )

    @model_validator(mode="after")
    def _names_one(self) -> MatchBill:
        if self.bill is not None and self.vendor is not None:
            raise ValueError("give bill or vendor: a vendor means all its open bills")
        return self


@workflow(BILL_NEEDS)
async def match_bill(wanted: MatchBill, books: Books) -> Findings:
    """Three-way match of a bill, else all open bills, with PO and receipts: what differs in price or quantity, was not
    ordered or received."""
    system, tolerance = system_of(books, wanted.system, BILL_NEEDS), Tolerance.of(wanted.tolerance)
    if wanted.bill is None:
        if system is System.BILLDIARY:
            raise InvalidArgumentsError([Problem("bill", "is required: BillDiary's purchases are matched one by one")])
        vendor = await find_vendor(books, wanted.vendor) if wanted.vendor else None
        return await match_open_bills(books, vendor, tolerance)
    found = await find_bill(books, wanted.bill, system)
    if system is System.BILLDIARY:
        return await match_purchase(books, found, tolerance)
    papers = await _papers(books, found.record)
    match = Match(found.record, papers, tolerance)
    answer = match.findings() if papers.orders else match.without_order()
    answer.notes = [*found.notes, *answer.notes, *papers.notes]
    return answer


async def _papers(books: Books, bill: Row) -> Papers:
    around = Around(books)
    reads: list[Any] = await together(
        around.record("the variance that Luminous sees", "get_bill_variance", bill_id=bill["id"]),
        around.rows("order lines that could fit", "list_bill_candidate_lines", bool, bill_id=bill["id"]),
    )
    variance, candidates = reads
    order_ids = await _order_ids(around, bill, candidates or [])
    reads = await together(
        _orders(around, order_ids), around.receiving_reports(order_ids), _others(around, order_ids, bill)
    )
    orders, reports, others = reads
    papers = Papers(orders, reports, {}, others, candidates or [], variance)
    papers.billed = await _billed_elsewhere(around, bill, papers)
    papers.notes += around.notes()
    return papers


async def _order_ids(around: Around, bill: Row, candidates: Sequence[Row]) -> list[Any]:
    """The orders that the bill's head and its lines name."""
    head = [bill["purchase_order_id"]] if bill.get("purchase_order_id") else []
    linked = {
        item["purchase_order_item_id"] for item in objects(bill.get("items")) if item.get("purchase_order_item_id")
    }
    orders = {row.get("purchase_order_item_id"): row.get("purchase_order_id") for row in candidates}
    if unknown := linked - orders.keys():
        rows = await around.rows(
            "the order lines that it names",
            "list_purchase_order_items",
            lambda row: row.get("id") in unknown,
            filters={"id[in]": sorted(unknown)},
        )
        orders |= {row.get("id"): row.get("purchase_order_id") for row in rows or []}
    named = {order for key in linked if (order := orders.get(key))}
    return [*head, *sorted(each for each in named if each not in head)]


async def _orders(around: Around, ids: Sequence[Any]) -> list[dict[str, Any]]:
    found = await together(*(around.record("a purchase order", "get_purchase_order", id=each) for each in ids))
    return [order for order in found if order is not None]


async def _others(around: Around, ids: Sequence[Any], bill: Row) -> list[dict[str, Any]]:
    """Other bills of these orders; void ones bill nothing."""

    def counts(row: Row) -> bool:
        return row.get("id") != bill["id"] and row.get("status") != "void"

    operation = "list_bills_by_purchase_order"
    found = await together(*(around.rows("other bills", operation, counts, purchase_order_id=each) for each in ids))
    return list({row["id"]: row for rows in found for row in rows or []}.values())


async def _billed_elsewhere(around: Around, bill: Row, papers: Papers) -> dict[Any, Decimal]:
    """What other bills bill of each order line: as Luminous counts it, of lines that it does not count by reading
    those bills."""
    counted = {
        row.get("purchase_order_item_id"): billed
        for row in papers.candidates
        if (billed := decimal(row.get("billed_quantity"))) is not None
    }
    own = _units_by_order_line(objects(bill.get("items"))) if bill.get("status") != "void" else {}
    elsewhere = {key: max(billed - own.get(key, ZERO), ZERO) for key, billed in counted.items()}
    lines = {line.get("id") for order in papers.orders for line in objects(order.get("items"))}
    if counted and counted.keys() >= lines:
        return elsewhere
    if len(papers.others) > _MOST_BILLS:
        around.cut.append("other bills of the order")
    reads = (
        around.record("a bill of the same order", "get_bill", bill_id=row["id"]) for row in papers.others[:_MOST_BILLS]
    )
    items = [item for other in await together(*reads) for item in objects((other or {}).get("items"))]
    return _units_by_order_line(items) | elsewhere


def _units_by_order_line(items: Sequence[Row]) -> dict[Any, Decimal]:
    return totals_by_key((item.get("purchase_order_item_id"), amount(item, "quantity")) for item in items)
