"""Warnings that need a look beyond the record: closed periods, credit to be used first, orders that were paid
already, a payee that changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from schemas.common import Arguments
from server.guard.foresight import currency_of, money_at
from server.guard.plan import Sum
from server.guard.policy import PAYMENTS, Policy
from server.guard.reading import Tools, reader, unwrapped
from server.upstream.client import Upstream
from server.upstream.errors import UpstreamError
from tools.operation import Operation, System

PAYEE_IS_NEW = dt.timedelta(days=30)
_SPENT = ("cancelled", "canceled", "void")
_DATES = (
    "payment_date",
    "bill_date",
    "credit_date",
    "order_date",
    "invoice_date",
    "transaction_date",
    "date",
    "paid_on",
)


async def surroundings(
    operation: Operation,
    arguments: Arguments,
    record: Mapping[str, Any] | None,
    upstream: Upstream,
    tools: Tools,
    now: dt.datetime,
    policy: Policy,
) -> list[str]:
    """What else deserves a warning. What cannot be read gives none: a warning is a help, not a promise."""
    warnings = _closed(arguments, policy)
    if operation.name not in PAYMENTS or operation.toolset.system is not System.LUMINOUS:
        return warnings
    vendor_id = getattr(arguments, "vendor_id", None) or (record or {}).get("vendor_id")
    if not isinstance(vendor_id, int):
        return warnings
    read = reader(upstream, tools)
    # Each on its own: a key that may not see credits may still see vendors.
    with suppress(UpstreamError):
        of_vendor = {"filters": {"vendor_id": vendor_id}, "per_page": 100}
        warnings += _credit(await read("list_vendor_credits", of_vendor), currency_of(record or {}))
    with suppress(UpstreamError):
        warnings += _payee(unwrapped(await read("get_company", {"company_id": vendor_id})), now)
    if isinstance(order_id := (record or {}).get("purchase_order_id"), int) and order_id > 0:
        with suppress(UpstreamError):
            warnings += _paid_order(unwrapped(await read("get_purchase_order", {"id": order_id})) or {})
    return warnings


def _closed(arguments: Arguments, policy: Policy) -> list[str]:
    through = policy.books_closed_through
    if through is None:
        return []
    given = {name: _day_of(getattr(arguments, name, None)) for name in _DATES}
    return [
        f"closed period: {name} {day} is not after {through}, through which the books are closed"
        for name, day in given.items()
        if day is not None and day <= through
    ]


def _day_of(value: Any) -> dt.date | None:
    """The day of a date, or of a moment as BillDiary spells it."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    with suppress(TypeError, ValueError):
        return dt.datetime.fromisoformat(value).date()
    return None


def _credit(data: Any, currency: str) -> list[str]:
    """currency: of what is paid; credit in another one is of no use. Empty: not known, so any may be."""
    rows = data.get("data") if isinstance(data, dict) else data
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    left: dict[str, Decimal] = {}
    for row in known:
        theirs = currency_of(row) or currency
        if row.get("status") not in _SPENT and currency in ("", theirs):
            left[theirs] = left.get(theirs, Decimal(0)) + (money_at(row, "remaining_amount") or Decimal(0))
    sums = ", ".join(str(Sum(amount, name)) for name, amount in sorted(left.items()) if amount > 0)
    return [f"credit: this vendor has {sums} of vendor credit that could be applied instead"] if sums else []


def _paid_order(order: Mapping[str, Any]) -> list[str]:
    """Of the order that is billed: what is paid on it is not taken off its bill."""
    paid, cost = money_at(order, "total_paid"), money_at(order, "total_cost")
    if not paid or paid < 0:
        return []
    told = Sum(paid, currency_of(order))
    much = "paid in full" if cost is not None and paid >= cost else "paid in part"
    return [f"order: the purchase order of this bill was {much} itself already, {told}; make sure it is not paid twice"]


def _payee(company: Mapping[str, Any] | None, now: dt.datetime) -> list[str]:
    changed = (company or {}).get("updated_at")
    try:
        moment = dt.datetime.fromisoformat(str(changed))
    except ValueError:
        return []
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    if not dt.timedelta(0) <= now - moment <= PAYEE_IS_NEW:
        return []
    return [f"payee: the vendor's record was changed on {moment.date()}; make sure that its details are right"]
