"""What orders, purchases and returns have in common when they are entered and changed."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from server.sandbox.billdiary.numbering import next_number
from server.sandbox.billdiary.shapes import CUSTOM_FIELDS, EXPENSE_KEYS, EXPENSE_VALUES, MONTHS, SHIPPING_FIELDS
from server.sandbox.billdiary.wire import Visit
from server.sandbox.money import ZERO
from server.sandbox.rows import Record, insert_row
from server.sandbox.tables.billdiary import transactions

Sent = Mapping[str, Any]

_DEFAULTS: dict[str, Decimal] = {
    "exchange_rate": Decimal(1),
    "total_before_tax": ZERO,
    "discount_amount": ZERO,
    "tax_amount": ZERO,
    "shipping_charges": ZERO,
    "final_total": ZERO,
}
"""What an amount is that is left out or null."""

MORE = (*CUSTOM_FIELDS, *SHIPPING_FIELDS, *EXPENSE_KEYS, *EXPENSE_VALUES)
"""Keys that nothing is listed or sorted by."""


def enter(visit: Visit, type_: str, sent: Sent, **values: Any) -> int:
    """Enter a transaction under the number that was sent, or the next one; its id."""
    row = {name: value for name, value in {**sent, **values}.items() if name in transactions.c}
    for name, default in _DEFAULTS.items():
        row[name] = row.get(name) or default
    own = {
        "business_id": visit.user.business_id,
        "type": type_,
        "ref_no": row.get("ref_no") or next_number(visit, type_),
        "more": _more(sent, {}),
        "due_date": _due_date(row),
        "created_by": visit.user.id,
        "created_at": visit.now,
        "updated_at": visit.now,
    }
    return insert_row(visit.connection, transactions, row | own)


def change(visit: Visit, before: Record, sent: Sent) -> None:
    """Change what was sent; null empties a field, but a transaction always has a number."""
    row = {name: value for name, value in sent.items() if name in transactions.c}
    for name, default in _DEFAULTS.items():
        if name in row:
            row[name] = row[name] or default
    row["ref_no"] = row.get("ref_no") or before["ref_no"]
    changed = {"more": _more(sent, before["more"]), "due_date": _due_date({**before, **row}), "updated_at": visit.now}
    statement = update(transactions).where(transactions.c.id == before["id"])
    visit.connection.execute(statement.values(row | changed))


def head_of(before: Record, sent: Sent) -> Record:
    """The amounts a transaction would have after a change."""
    expenses = {name: Decimal(before["more"][name]) for name in EXPENSE_VALUES if before["more"].get(name)}
    return {**before, **expenses, **sent}


def _more(sent: Sent, before: Mapping[str, Any]) -> dict[str, str | None]:
    spelled = {name: None if sent[name] is None else str(sent[name]) for name in MORE if name in sent}
    return {**before, **spelled}


def _due_date(row: Sent) -> date | None:
    """The last day of the pay term; None without one."""
    if row.get("pay_term_number") is None or row.get("pay_term_type") is None:
        return None
    moment: datetime = row["transaction_date"]
    day, number = moment.date(), int(row["pay_term_number"])
    return months_after(day, number) if row["pay_term_type"] == MONTHS else day + timedelta(days=number)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
