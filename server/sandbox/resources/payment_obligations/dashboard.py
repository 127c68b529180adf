"""Summary figures of what will fall due."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from server.sandbox.resources.settlement import CANCELLED
from server.sandbox.rows import records
from server.sandbox.tables.credits import payment_obligations
from server.sandbox.wire import Answer, Call, Routes, data

routes = Routes()

HORIZONS = (7, 30)
"""Days ahead."""

_obligation = payment_obligations.c


@routes.get("/payment-obligations/dashboard")
def get_payment_obligations_dashboard(call: Call) -> Answer:
    """Counts and sums by status and currency, and what is open, overdue or due soon in each currency.

    `billed` is a part of what open bills ask for; only `unbilled` comes on top of these.
    """
    sums = [func.sum(_obligation[name]).label(name) for name in ("amount", "total_paid", "total_due")]
    by_status = (
        select(_obligation.status, _obligation.currency, func.count().label("count"), *sums)
        .group_by(_obligation.status, _obligation.currency)
        .order_by(_obligation.status, _obligation.currency)
    )
    overdue = _obligation.due_date < call.today
    soon = {f"due_in_{days}_days": _due_within(call, days) for days in HORIZONS}
    return data(
        {
            "as_of_date": call.today,
            "count": call.connection.execute(select(func.count()).select_from(payment_obligations)).scalar_one(),
            "by_status": records(call.connection, by_status),
            "open": _open(call),
            "billed": _open(call, _obligation.bill_id.is_not(None)),
            "unbilled": _open(call, _obligation.bill_id.is_(None)),
            "overdue": _open(call, overdue),
            **{name: _open(call, condition) for name, condition in soon.items()},
        }
    )


def _due_within(call: Call, days: int) -> ColumnElement[bool]:
    return _obligation.due_date.between(call.today, call.today + timedelta(days=days))


def _open(call: Call, *where: ColumnElement[bool]) -> list[dict[str, Any]]:
    query = (
        select(_obligation.currency, func.count().label("count"), func.sum(_obligation.total_due).label("total_due"))
        .where(_obligation.status != CANCELLED, _obligation.total_due > 0, *where)
        .group_by(_obligation.currency)
        .order_by(_obligation.currency)
    )
    return records(call.connection, query)
