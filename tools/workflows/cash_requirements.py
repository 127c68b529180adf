"""What has to be paid up to a day: owed bills, and planned payments that no bill asks for yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from schemas.common import Date
from tools.arguments import InvalidArgumentsError, Problem
from tools.operation import System
from tools.workflows.books import Books, NotAllowedError, NotFoundError, system_of, together
from tools.workflows.findings import Amounts, Chart, Findings, Table
from tools.workflows.parts import currencies, obligations, payables
from tools.workflows.parts.currencies import Base
from tools.workflows.parts.document_numbers import Reference
from tools.workflows.parts.falling_due import BILLS, OBLIGATIONS, OVERDUE, FallingDue, OfVendor
from tools.workflows.parts.parties import Vendor, find_vendor
from tools.workflows.parts.payables import read_open_purchases
from tools.workflows.parts.reading import read_bills_of_orders, read_rows
from tools.workflows.parts.record_values import ZERO
from tools.workflows.parts.telling import vendor_notes
from tools.workflows.workflow import QuestionToEither, workflow

_USUAL_DAYS = 30
_MOST_VENDORS = 8
_MOST_BARS = 31
_MOST_CHARTS = 3
_MOST_COLUMNS = 5
"""Currencies up to which each has a column of its own."""
_LATER = "later"
_MONEY = frozenset({"overdue", BILLS, OBLIGATIONS, "total", "in_base"})


class CashRequirements(QuestionToEither):
    """Up to which day, told by which periods; vendor: name or id."""

    until: Date | None = None
    by: Literal["day", "week", "month"] = "week"
    vendor: Reference | None = None
    cash_chart: bool = False


@workflow(payables.NEEDS)
async def cash_requirements(wanted: CashRequirements, books: Books) -> Findings:
    """What falls due up to a day (default 30 days on): unpaid bills and unbilled payment obligations, by period,
    vendor, currency and in base currency."""
    until = _until(wanted, books.today)
    system = system_of(books, wanted.system, payables.NEEDS)
    vendor = await find_vendor(books, wanted.vendor, system) if wanted.vendor else None
    due = FallingDue(books.today, until, wanted.by, vendor.id if vendor else None)
    if system is System.BILLDIARY:
        await _read_purchases(books, due)
    else:
        await together(_read_bills(books, due), _read_obligations(books, due))
        await _look_for_bills(books, due)
    base = await currencies.in_base(books, due.required) if system is System.LUMINOUS and due.required else None
    return _findings(wanted, due, base, vendor)


def _until(wanted: CashRequirements, today: dt.date) -> dt.date:
    until = wanted.until or today + dt.timedelta(days=_USUAL_DAYS)
    if until < today:
        raise InvalidArgumentsError([Problem("until", f"is in the past; give {today} or a later day")])
    return until


async def _read_bills(books: Books, due: FallingDue) -> None:
    # Not narrowed by due date: most open bills are due within weeks, and one without a date would not be seen.
    filters = {"total_due[gt]": 0, **due.of_vendor}
    due.ended(await read_rows(books, "list_bills", due.add_bill, filters=filters))


async def _read_obligations(books: Books, due: FallingDue) -> None:
    if not books.has(obligations.LIST):
        due.notes.append("Payment obligations are not enabled here; bills alone were counted.")
        return
    try:
        filters = {"total_due[gt]": 0, **due.of_vendor}
        due.ended(await read_rows(books, obligations.LIST, due.add_obligation, filters=filters))
    except (NotAllowedError, NotFoundError):
        due.notes.append("Payment obligations could not be read with this key; bills alone were counted.")


async def _look_for_bills(books: Books, due: FallingDue) -> None:
    """Find obligations of orders that have bills: tied to none of these, they may be the same money."""
    due.ended(await read_bills_of_orders(books, due.of_orders, lambda order, _: due.add_billed(order)))


async def _read_purchases(books: Books, due: FallingDue) -> None:
    due.ended(await read_open_purchases(books, due.vendor_id, due.add_bill))
    due.notes.append("BillDiary's lists say what is overdue, but not when the rest falls due.")


def _findings(wanted: CashRequirements, due: FallingDue, base: Base | None, vendor: Vendor | None) -> Findings:
    facts: dict[str, Any] = {
        **({"vendor": vendor.name, "vendor_id": vendor.id} if vendor else {}),
        "as_of": due.today,
        "until": due.until,
        "required": due.required,
        "overdue": due.sum_of(OVERDUE),
        "required_in_base": _in_base(due, base),
        "bills": due.counts[BILLS],
        "obligations": due.counts[OBLIGATIONS],
        "of_it_on_hold": due.on_hold or None,
        "of_it_perhaps_counted_twice": due.perhaps_billed or None,
        "drafts_not_counted": due.drafts or None,
        "due_later": due.later or None,
    }
    findings = Findings(facts, notes=[*due.notes, *_notes(due, base, vendor)], stopped=due.stopped)
    if due.required:
        findings.tables += [_by_period(due, wanted.by), _by_currency(due, base)]
        if vendor is None:
            findings.tables.append(_by_vendor(due, base))
        findings.next += ["look_up_bills", "vendor_position"]
    if wanted.cash_chart:
        findings.charts += _charts(due, base, wanted.by)
    return findings


def _by_period(due: FallingDue, by: str) -> Table:
    """A row a period and a column a currency; with one currency, or very many, what it is made of instead."""
    codes = sorted(due.required)
    if 1 < len(codes) <= _MOST_COLUMNS and all(codes):
        rows: list[dict[str, Any]] = [{by: period, **due.sum_of(period)} for period in due.in_order]
        return Table(f"by_{by}", (by, *codes), rows, frozenset(codes), way_on=_fewer(by))
    rows = [
        {by: period, "currency": currency, **due.parts(period, currency), "total": total}
        for period in due.in_order
        for currency, total in sorted(due.sum_of(period).items())
    ]
    return Table(f"by_{by}", (by, "currency", BILLS, OBLIGATIONS, "total"), rows, _MONEY, way_on=_fewer(by))


def _in_base(due: FallingDue, base: Base | None) -> Amounts | None:
    """All of it in the base currency, where that says more than the sums themselves."""
    return base.total if base and base.is_whole and set(due.required) != {base.code} else None


def _fewer(by: str) -> str:
    """How the caller sees all periods."""
    return "max_tokens shows more" if by == "month" else "max_tokens shows more, by=month all in fewer rows"


def _by_currency(due: FallingDue, base: Base | None) -> Table:
    overdue, bills, obligations = due.sum_of(OVERDUE), due.sum_of_kind(BILLS), due.sum_of_kind(OBLIGATIONS)
    columns = ["currency", "overdue", BILLS, OBLIGATIONS, "total"]
    rows: list[dict[str, Any]] = []
    for currency, total in sorted(due.required.items()):
        sums = {"overdue": overdue, BILLS: bills, OBLIGATIONS: obligations}
        row: dict[str, Any] = {name: amounts.get(currency, ZERO) for name, amounts in sums.items()}
        converted = base.by_currency.get(currency) if base else None
        if converted is not None and base is not None and currency != base.code:
            row |= {"rate": converted.rate, "rate_of": converted.date, "in_base": converted.amount}
        rows.append({"currency": currency, **row, "total": total})
    if any("rate" in row for row in rows):
        columns += ["rate", "rate_of", "in_base"]
    return Table("by_currency", columns, rows, _MONEY)


def _by_vendor(due: FallingDue, base: Base | None) -> Table:
    def size(each: OfVendor) -> Decimal:
        return base.worth(each.currency, each.total) if base and base.is_whole else each.total

    first = sorted(due.vendors.values(), key=lambda each: (-size(each), str(each.id)))[:_MOST_VENDORS]
    rows = [
        {
            "vendor_id": each.id,
            "vendor_name": each.name,
            "items": each.items,
            "currency": each.currency,
            "overdue": each.overdue,
            "total": each.total,
        }
        for each in first
    ]
    columns = ("vendor_id", "vendor_name", "items", "currency", "overdue", "total")
    way_on = "vendor=... shows one" if len(due.vendors) > len(rows) else ""
    return Table("by_vendor", columns, rows, _MONEY, of=len(due.vendors), way_on=way_on)


def _notes(due: FallingDue, base: Base | None, vendor: Vendor | None) -> Iterator[str]:
    yield from vendor_notes(vendor)
    if due.tied:
        yield f"Obligations that are tied to a bill ({due.tied}) count through that bill only."
    if due.perhaps_billed:
        yield "of_it_perhaps_counted_twice: obligations tied to no bill, of orders that have one."
    if due.drafts:
        yield "Draft bills are not owed until posted; those due by then are drafts_not_counted."
    if due.required and len(due.required) > 1 and (base is None or not base.is_whole):
        yield "There is no total in one currency: the base currency or a rate could not be read."
    if due.required:
        yield "Credits and prepayments that are not applied yet are not deducted; vendor_position shows them."


def _charts(due: FallingDue, base: Base | None, by: str) -> list[Chart]:
    if not due.required:
        return []
    if base is not None and base.is_whole:
        return [_chart(due, by, base.code, sorted(due.required), base)]
    return [_chart(due, by, currency, [currency], None) for currency in sorted(due.required)[:_MOST_CHARTS]]


def _chart(due: FallingDue, by: str, unit: str, of: list[str], base: Base | None) -> Chart:
    """Bars by period of the amounts in the currencies `of`; beyond a month of bars the rest is one."""
    shown = due.in_order if len(due.in_order) <= _MOST_BARS else due.in_order[: _MOST_BARS - 1]
    rest = due.in_order[len(shown) :]
    groups = [(name, [name]) for name in shown] + ([(_LATER, rest)] if rest else [])

    def height(periods: list[str], kind: str) -> Decimal:
        sums = [(currency, due.periods[name][kind].get(currency, ZERO)) for name in periods for currency in of]
        return sum((base.worth(*each) if base else each[1] for each in sums), ZERO)

    series = {kind: [height(periods, kind) for _, periods in groups] for kind in (BILLS, OBLIGATIONS)}
    kept = {kind: values for kind, values in series.items() if any(values)}
    about = ", converted at current rates" if base and len(of) > 1 else ""
    return Chart(f"Falls due until {due.until}, by {by}{about}", [name for name, _ in groups], kept, unit)
