"""What to look at before a period is closed: the close-the-books reports, and payables that hinder a close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import model_validator

from schemas.common import Date
from tools.arguments import InvalidArgumentsError, Problem
from tools.operation import System
from tools.workflows.books import Books, NotAllowedError, NotFoundError, ReadFailedError, Row, together
from tools.workflows.findings import Findings, Table
from tools.workflows.parts.close_points import WORST, Outcome, Period, Point
from tools.workflows.parts.reading import read_rows
from tools.workflows.parts.record_values import amount, objects, whole
from tools.workflows.parts.unallocated_freight import COLUMNS, find_unallocated_freight
from tools.workflows.parts.unallocated_freight import LIST as UNALLOCATED
from tools.workflows.parts.unbilled_receipts import find_unbilled_receipts
from tools.workflows.workflow import Question, workflow

_MONTHS = 3
"""The longest period that the reports take (documented)."""
_FAILED = frozenset({"failed", "failure", "error", "errored", "rejected"})
_MONEY = frozenset({"total", "total_due", "value", "not_allocated"})


class CloseChecklist(Question):
    """First and last day, at most three months; default the last full month."""

    start_date: Date | None = None
    end_date: Date | None = None

    @model_validator(mode="after")
    def _is_short(self) -> CloseChecklist:
        if self.start_date is None or self.end_date is None:
            return self
        if self.end_date < self.start_date:
            raise ValueError("end_date is before start_date")
        months = (self.end_date.year - self.start_date.year) * 12 + self.end_date.month - self.start_date.month
        if (months, self.end_date.day) > (_MONTHS, self.start_date.day):
            raise ValueError(f"the period must be at most {_MONTHS} months")
        return self


def period_of(wanted: CloseChecklist, today: dt.date) -> Period:
    """The period that is meant: of one day alone the month, of none the last full month. Raises for one to come."""
    start, end = wanted.start_date, wanted.end_date
    if start is None and end is None:
        end = today.replace(day=1) - dt.timedelta(days=1)
    if start is None:
        start = (end or today).replace(day=1)
    if start > today:
        raise InvalidArgumentsError([Problem("start_date", f"the period begins after today, {today}")])
    if end is None:
        # From the 28th, four days on is in the next month whatever the month.
        next_month = start.replace(day=28) + dt.timedelta(days=4)
        end = next_month - dt.timedelta(days=next_month.day)
    return Period(start, end)


@workflow({System.LUMINOUS: ("get_close_books_sales_summary",)})
async def close_checklist(wanted: CloseChecklist, books: Books) -> Findings:
    """What still hinders the month-end close: sync errors, zero costs, stock discrepancies, draft and held
    bills, unallocated freight, receipts not billed."""
    period = period_of(wanted, books.today)
    points = await together(*(_read(check, books, period) for check in _CHECKS))
    if all(point.failed for point in points):
        raise next(point.failed for point in points if point.failed)
    return _findings(period, points, books.today)


Read = Callable[[Books, Period, Outcome], Awaitable[None]]
"""Fills in the outcome of a check. Raises ReadFailedError."""
Size = Callable[[Row], Any]
"""How bad a row is: the greatest are the worst."""


@dataclass(frozen=True)
class _Check:
    """One point of the list. tools: what shows it, then what mends it. needs: operations that are read."""

    name: str
    tools: tuple[str, ...]
    columns: tuple[str, ...]
    read: Read
    needs: tuple[str, ...] = ()


async def _read(check: _Check, books: Books, period: Period) -> Point:
    """The outcome of a check, whatever happens."""
    outcome = Outcome()
    try:
        if not books.has(*(check.needs or check.tools[:1])):
            raise NotAllowedError("not enabled here")
        await check.read(books, period, outcome)
    except ReadFailedError as error:
        return Point(check.name, check.tools, check.columns, outcome, failed=error)
    return Point(check.name, check.tools, check.columns, outcome)


# The checks


async def _sales(books: Books, period: Period, outcome: Outcome) -> None:
    said = await books.record("get_close_books_sales_summary", **period.arguments)
    totals = said.get("totals")
    if isinstance(totals, dict):
        outcome.facts |= {"invoices": totals.get("invoice_count"), "sales": totals.get("total_sales")}


def _report(operation: str, size: Size, *, of_period: bool = True) -> Read:
    """A check that a report of all its rows answers; `size` says which are worst."""

    async def read(books: Books, period: Period, outcome: Outcome) -> None:
        page = await books.page(operation, **(period.arguments if of_period else {}))
        outcome.add(page.rows, size)
        outcome.count = max(page.total or 0, outcome.count)

    return read


async def _edi(books: Books, period: Period, outcome: Outcome) -> None:
    said = await books.record("get_edi_summary", **period.arguments)
    counted = said.get("by_status")
    if isinstance(counted, dict):
        counted = [{"status": name, "count": number} for name, number in counted.items()]
    if not isinstance(counted, list):
        raise ReadFailedError("the summary does not count by status")
    failed = [row for row in objects(counted) if _is_failed(row)]
    counts = [whole(row.get("count")) for row in failed]
    if None in counts:
        raise ReadFailedError("the summary's counts are no numbers")
    outcome.count = sum(filter(None, counts))
    if not outcome.count or not books.has("list_edi_documents"):
        return
    filters = {
        "status[in]": list(dict.fromkeys(str(row["status"]) for row in failed)),
        **period.filters("document_date"),
    }
    page = await books.page("list_edi_documents", filters=filters, per_page=10)
    outcome.rows += [row for row in page.rows if _is_failed(row)][:WORST]


def _is_failed(row: Row) -> bool:
    return str(row.get("status") or "").lower() in _FAILED


def _bills(status: str, column: str, *, also_before: bool = False) -> Read:
    """A check of bills of a status that are dated in the period; `column` is the amount that says how bad each is."""

    async def read(books: Books, period: Period, outcome: Outcome) -> None:
        dated, fits = (period.filters_past, period.is_past) if also_before else (period.filters, period.has)

        def take(row: Row) -> None:
            if row.get("status") == status and fits(row.get("bill_date")):
                outcome.add([row], _by(column))
                outcome.amounts.add(row.get("currency"), row.get(column))

        filters = {"status": status, **dated("bill_date")}
        outcome.stopped = await read_rows(books, "list_bills", take, filters=filters)

    return read


def _by(column: str) -> Size:
    """Rows by a number, be it above or below zero."""
    return lambda row: abs(amount(row, column))


_CHECKS = (
    _Check("sales", ("get_close_books_sales_summary",), (), _sales),
    _Check(
        "invoice_sync_errors",
        ("get_close_books_invoice_sync_errors",),
        ("invoice_id", "invoice_date", "customer_name", "total", "message"),
        _report("get_close_books_invoice_sync_errors", _by("total")),
    ),
    _Check(
        "zero_cost_items",
        ("get_close_books_zero_cost_items", "update_transaction_cogs"),
        ("id", "date", "order_number", "sku", "quantity"),
        _report("get_close_books_zero_cost_items", _by("quantity")),
    ),
    _Check(
        "zero_valuation_inventory",
        ("get_close_books_zero_valuation_inventory",),
        ("product_id", "sku", "warehouse_name", "quantity"),
        _report("get_close_books_zero_valuation_inventory", _by("quantity"), of_period=False),
    ),
    _Check(
        "stock_discrepancies",
        ("list_stock_discrepancies",),
        ("product_id", "sku", "warehouse_name", "stock_quantity", "cost_layer_quantity", "difference"),
        _report("list_stock_discrepancies", _by("difference"), of_period=False),
    ),
    _Check(
        "edi_errors",
        ("list_edi_documents",),
        ("id", "type", "partner", "order_number", "error"),
        _edi,
        needs=("get_edi_summary",),
    ),
    _Check(
        "draft_bills",
        ("list_bills", "post_bill"),
        ("id", "bill_number", "vendor_name", "bill_date", "currency", "total"),
        _bills("draft", "total"),
    ),
    _Check(
        "bills_on_hold",
        ("list_bills", "unhold_bill"),
        ("id", "bill_number", "vendor_name", "bill_date", "currency", "total_due"),
        _bills("hold", "total_due", also_before=True),
    ),
    _Check(
        "unallocated_freight",
        (UNALLOCATED, "auto_allocate_bill"),
        COLUMNS,
        find_unallocated_freight,
    ),
    _Check(
        "receipts_not_billed_by_then",
        ("list_receiving_reports", "create_bill"),
        ("receiving_report_id", "received_date", "purchase_order_id", "currency", "value"),
        find_unbilled_receipts,
        needs=("list_receiving_reports", "list_bills"),
    ),
)


# The answer


def _findings(period: Period, points: list[Point], today: dt.date) -> Findings:
    checked = [point for point in points if point.columns]
    ok = sum(point.is_ok for point in checked)
    facts: dict[str, Any] = {
        "start_date": period.start,
        "end_date": period.end,
        "points_ok": f"{ok} of {len(checked)}, others: how many to look at",
    }
    for point in points:
        facts |= point.facts
    stopped = ", ".join(point.name for point in points if point.outcome.stopped)
    findings = Findings(facts, notes=list(_notes(period, points, today)), stopped=stopped)
    found = [point for point in checked if point.outcome.count]
    findings.tables += [
        Table(point.name, point.shown, point.outcome.rows, _MONEY, of=point.outcome.count, way_on=point.tools[0])
        for point in found
        if point.outcome.rows
    ]
    findings.next += [tool for point in found for tool in point.tools[1:]]
    return findings


def _notes(period: Period, points: list[Point], today: dt.date) -> Iterator[str]:
    if period.end >= today:
        yield "The period is not over yet."
    for point in points:
        if point.failed:
            yield f"{point.name} was not read: {_why(point.failed)}."
        elif point.outcome.stopped:
            yield f"{point.name} was not read to the end: {point.outcome.stopped}."
        yield from point.outcome.notes
    yield (
        "Zero values and stock discrepancies are as they stand now; bills on hold and receipts not billed are all up"
        " to end_date."
    )


def _why(error: ReadFailedError) -> str:
    if isinstance(error, NotAllowedError):
        return "it is not enabled here, or the key may not read it"
    if isinstance(error, NotFoundError):
        return "this company does not have it"
    return "the API did not answer as expected; try again later"
