"""How we stand with one vendor: what we owe, what the vendor has or owes us, what is ordered, what was paid last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from pydantic import Field

from tools.operation import System
from tools.workflows.books import Books, ReadFailedError, Row, system_of, together
from tools.workflows.findings import Findings, Table
from tools.workflows.parts import open_orders
from tools.workflows.parts.credits import CREDITS, PREPAYMENTS, unused_filters
from tools.workflows.parts.document_numbers import Reference
from tools.workflows.parts.last_payments import last_payments
from tools.workflows.parts.obligations import LIST as OBLIGATIONS
from tools.workflows.parts.parties import find_vendor
from tools.workflows.parts.payables import MONEY, NEEDS, read_open_purchases
from tools.workflows.parts.position import Position
from tools.workflows.parts.reading import read_rows
from tools.workflows.parts.telling import vendor_notes
from tools.workflows.workflow import QuestionToEither, workflow

_TOKENS = 1_000
_FACTS_OF = {
    "credits": ("credits",),
    "returns": ("returns_not_paid_back",),
    "prepayments": ("prepayments",),
    "obligations": ("obligations_not_billed", "of_these_due_by_now", "paid_on_obligations_not_billed"),
    "purchase orders": ("open_orders",),
}
"""By part, what is not said when it could not be read."""


class VendorPosition(QuestionToEither):
    """Which vendor."""

    vendor: Reference = Field(description="Name or id")
    aging_chart: bool = False


@workflow(NEEDS, tokens=_TOKENS)
async def vendor_position(wanted: VendorPosition, books: Books) -> Findings:
    """How we stand with one vendor: open and overdue bills, aging, credits, prepayments, unbilled obligations, open
    purchase orders, last payments, and the net owed."""
    system = system_of(books, wanted.system, NEEDS)
    vendor = await find_vendor(books, wanted.vendor, system)
    position = Position(books.today, vendor)
    if system is System.BILLDIARY:
        await _read_billdiary(books, position)
    else:
        await _read_luminous(books, position)
    return _findings(position, system, with_chart=wanted.aging_chart)


# Luminous

Part = Callable[[Books, Position], Awaitable[None]]
"""Reads a part of the position. Raises ReadFailedError."""


async def _read_luminous(books: Books, position: Position) -> None:
    parts: dict[str, Part] = {
        "terms": _read_terms,
        "credits": _read_credits,
        "prepayments": _read_prepayments,
        "obligations": _read_obligations,
        "purchase orders": _read_orders,
        "last payments": _read_payments,
    }
    await together(
        _read_bills(books, position), *(_read_part(books, position, name, read) for name, read in parts.items())
    )
    await _read_part(books, position, "orders of bills", _read_orders_of_bills)


async def _read_part(books: Books, position: Position, name: str, read: Part) -> None:
    """Read a part that may be missing."""
    try:
        await read(books, position)
    except ReadFailedError:
        position.missing.append(name)


async def _read_all(
    books: Books, position: Position, operation: str, take: Callable[[Row], None], **arguments: Any
) -> None:
    if not books.has(operation):
        raise ReadFailedError(operation)
    position.ended(await read_rows(books, operation, take, **arguments))


async def _read_bills(books: Books, position: Position) -> None:
    filters = {"vendor_id": position.vendor.id, "total_due[gt]": 0}
    await _read_all(books, position, "list_bills", position.add_bill, filters=filters)


async def _read_credits(books: Books, position: Position) -> None:
    filters = unused_filters(position.vendor.id)
    await _read_all(books, position, CREDITS, position.add_credit, filters=filters)


async def _read_prepayments(books: Books, position: Position) -> None:
    filters = unused_filters(position.vendor.id)
    await _read_all(books, position, PREPAYMENTS, position.add_prepayment, filters=filters)


async def _read_obligations(books: Books, position: Position) -> None:
    # Those that are paid are read as well: what was paid on them is in no bill yet.
    filters = {"vendor_id": position.vendor.id}
    await _read_all(books, position, OBLIGATIONS, position.add_obligation, filters=filters)


async def _read_orders(books: Books, position: Position) -> None:
    position.orders = await open_orders.of_vendor(books, position.vendor)


async def _read_orders_of_bills(books: Books, position: Position) -> None:
    if position.billed_orders - position.orders.ids:
        if not books.has("list_purchase_orders"):
            raise ReadFailedError("list_purchase_orders")
        await open_orders.add_orders_of_bills(books, position.orders, position.billed_orders)


async def _read_payments(books: Books, position: Position) -> None:
    position.payments = await last_payments(books, position.vendor.id)


async def _read_terms(books: Books, position: Position) -> None:
    record = position.vendor.record
    if not record and books.has("get_company"):
        record = await books.record("get_company", company_id=position.vendor.id)
    days = record.get("due_date_days")
    position.terms = str(record.get("payment_term") or (f"{days} days" if days is not None else ""))


# BillDiary


async def _read_billdiary(books: Books, position: Position) -> None:
    position.ended(await read_open_purchases(books, position.vendor.id, position.add_bill))
    await together(
        _read_part(books, position, "purchase orders", _read_billdiary_orders),
        _read_part(books, position, "returns", _read_returns),
    )


async def _read_billdiary_orders(books: Books, position: Position) -> None:
    position.orders = await open_orders.of_contact(books, position.vendor.id)


async def _read_returns(books: Books, position: Position) -> None:
    of_contact = {"contact_id": position.vendor.id}
    await _read_all(books, position, "billdiary_list_purchase_returns", position.add_return, **of_contact)


# The answer


def _findings(position: Position, system: System, *, with_chart: bool) -> Findings:
    owed, aging = position.aging.owed, position.aging
    is_luminous = system is System.LUMINOUS
    facts: dict[str, Any] = {
        "vendor": position.vendor.name,
        "vendor_id": position.vendor.id,
        "terms": position.terms,
        "as_of": position.today,
        "net_owed": position.net,
        "owed": owed,
        "overdue": aging.overdue,
        "open_bills": position.owed_bills,
        "on_hold": position.on_hold or None,
        "drafts_not_owed_yet": position.drafts or None,
        "credits" if is_luminous else "returns_not_paid_back": position.credits,
        "prepayments": position.prepayments if is_luminous else None,
        "obligations_not_billed": position.obligations if is_luminous else None,
        "of_these_due_by_now": position.obligations_due if position.obligations else None,
        "paid_on_obligations_not_billed": position.paid_on_obligations if _is_some(position) else None,
        **position.orders.facts(),
    }
    for part, names in _FACTS_OF.items():
        if part in position.missing:
            facts |= dict.fromkeys(names)
    stopped = position.stopped or position.orders.stopped
    findings = Findings(facts, notes=list(_notes(position, system)), stopped=stopped)
    findings.tables += _tables(position, is_luminous)
    if is_luminous:
        findings.next += ["explain_bill", "apply_vendor_credit"] if position.credits and owed else ["explain_bill"]
        if with_chart:
            findings.charts += aging.charts("Owed by days overdue")
    return findings


def _is_some(position: Position) -> bool:
    """Whether something was paid on obligations that no bill asks for."""
    return any(position.paid_on_obligations.values())


def _tables(position: Position, is_luminous: bool) -> Iterator[Table]:
    if is_luminous and position.aging.owed:
        yield position.aging.table()
    if position.bills:
        position.trim()
        columns = ["id", "bill_number", "status", "due_date", "days_overdue", "currency", "total_due"]
        if not is_luminous:
            columns = ["id", "bill_number", "status", "bill_date", "total_due"]
        yield Table(
            "open_bills", columns, position.bills, MONEY, of=position.owed_bills, way_on="look_up_bills has all"
        )
    if position.orders.rows:
        yield position.orders.table()
    if position.payments:
        columns = ["date", "paid", "currency", "for", "reference"]
        yield Table("last_payments", columns, position.payments, frozenset({"paid"}))


def _notes(position: Position, system: System) -> Iterator[str]:
    yield from vendor_notes(position.vendor)
    if position.missing:
        yield f"Could not be read here, and not counted: {', '.join(sorted(position.missing))}."
    if system is System.LUMINOUS:
        yield (
            "net_owed is owed less credits and prepayments that are not applied; drafts, orders and obligations are"
            " not in it."
        )
        if _is_some(position):
            yield "The vendor's statement also takes off paid_on_obligations_not_billed: deposits that no bill has yet."
    else:
        yield "net_owed is owed less returns not paid back. BillDiary's lists give no due dates, terms or payments."
    yield from position.orders.notes()
