"""Warnings that need a look beyond the record: closed periods, credit to be used first, a payee that changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schemas.common import Arguments
from server.guard.foresight import money_at
from server.guard.policy import PAYMENTS, Policy
from server.guard.reading import Tools, reader, unwrapped
from server.upstream.client import Upstream
from server.upstream.errors import UpstreamError
from tools.operation import Effect, Operation, System

PAYEE_IS_NEW = dt.timedelta(days=30)
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
    warnings = list(_closed(arguments, policy)) if operation.effect is not Effect.READ else []
    if operation.name not in PAYMENTS or operation.toolset.system is not System.LUMINOUS:
        return warnings
    vendor_id = getattr(arguments, "vendor_id", None) or (record or {}).get("vendor_id")
    if not isinstance(vendor_id, int):
        return warnings
    read = reader(upstream, tools)
    try:
        of_vendor = {"filters": {"vendor_id": vendor_id}, "per_page": 100}
        warnings += _credit(await read("list_vendor_credits", of_vendor), record)
        warnings += _payee(unwrapped(await read("get_company", {"company_id": vendor_id})), now)
    except UpstreamError:
        pass
    return warnings


def _closed(arguments: Arguments, policy: Policy) -> list[str]:
    through = policy.books_closed_through
    if through is None:
        return []
    given = {name: getattr(arguments, name, None) for name in _DATES}
    return [
        f"closed period: {name} {value} is not after {through}, through which the books are closed"
        for name, value in given.items()
        if isinstance(value, dt.date) and value <= through
    ]


def _credit(data: Any, record: Mapping[str, Any] | None) -> list[str]:
    rows = data.get("data") if isinstance(data, dict) else data
    currency = (record or {}).get("currency")
    left = Decimal(0)
    for row in rows if isinstance(rows, list) else []:
        balance = money_at(row, "balance") if isinstance(row, dict) else None
        if balance and balance > 0 and row.get("currency", currency) == currency:
            left += balance
    return [f"credit: this vendor has {left:f} of vendor credit that could be applied instead"] if left else []


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
