"""What customers owe: invoices, and the day on which each falls due by its payment terms."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row
from tools.workflows.parts.closed_records import is_closed
from tools.workflows.parts.record_values import amount, day

LIST = "list_invoices"

_NET = re.compile(r"\bnet\s*(\d{1,3})\b", re.IGNORECASE)
_AT_ONCE = frozenset({"due on receipt", "due upon receipt", "cod", "cash on delivery", "immediate"})


def invoice_of(row: Row) -> dict[str, Any]:
    """A row of the list with its customer's name and the day it falls due."""
    customer = row.get("customer")
    customer = customer if isinstance(customer, dict) else {}
    ordered = day(row.get("order_date"))
    return {
        "id": row.get("id"),
        "customer_id": customer.get("id"),
        "customer_name": customer.get("name"),
        "status": row.get("status"),
        "payment_status": row.get("payment_status"),
        "order_date": ordered,
        "payment_terms": row.get("payment_terms"),
        "due_date": due_date(ordered, row.get("payment_terms")),
        "currency": row.get("currency"),
        "total": row.get("total"),
        "total_paid": row.get("total_paid"),
        "total_due": row.get("total_due"),
    }


def due_date(ordered: dt.date | None, terms: object) -> dt.date | None:
    """The day an invoice falls due (inferred: no field says it); None where its terms do not tell.

    Net 30 is thirty days after the order date, also as `2/10 Net 30`.
    """
    if ordered is None or not isinstance(terms, str):
        return None
    if terms.strip().casefold() in _AT_ONCE:
        return ordered
    net = _NET.search(terms)
    return ordered + dt.timedelta(days=int(net[1])) if net else None


def is_due(invoice: Row) -> bool:
    """Whether something is to be paid on it: a cancelled invoice keeps its amounts and is owed by nobody."""
    return amount(invoice, "total_due") > Decimal(0) and not is_closed(invoice.get("status"))
