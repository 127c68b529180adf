"""Reports over all bills: ageing of what is due, and totals by status."""

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from server.sandbox.money import ZERO
from server.sandbox.resources.bills.record import ROWS
from server.sandbox.rows import records
from server.sandbox.shapes import Day, Shape, Whole, optional
from server.sandbox.tables.payables import bills
from server.sandbox.wire import Answer, Call, Routes, data

routes = Routes()

BUCKETS = ("current", "bucket_1_30", "bucket_31_60", "bucket_61_90", "bucket_90_plus")
OWED = ("posted", "partially_paid")

OPEN = (bills.c.status.in_(OWED) | bills.c.status_before_hold.in_(OWED)) & (bills.c.total_due > 0)
"""Bills with something to pay: posted ones, also those on hold."""

ARGUMENTS = Shape({"as_of_date": optional(Day()), "vendor_id": optional(Whole(minimum=1))})


@routes.get("/bills/reports/aging")
def get_bills_aging(call: Call) -> Answer:
    """What is due to each vendor, by how long it is overdue; one entry per vendor and currency."""
    asked = ARGUMENTS.check({name: call.argument(name) for name in ARGUMENTS.keys})
    as_of = asked["as_of_date"] or call.today
    query = ROWS.where(OPEN).order_by(ROWS.selected_columns["vendor_name"], bills.c.vendor_id, bills.c.id)
    if asked["vendor_id"]:
        query = query.where(bills.c.vendor_id == asked["vendor_id"])
    vendors: dict[tuple[int, str], dict[str, Any]] = {}
    totals = _empty()
    for row in call.connection.execute(query).mappings():
        key = (row["vendor_id"], row["currency"])
        vendor = vendors.setdefault(key, _vendor(row["vendor_id"], row["vendor_name"], row["currency"]))
        days = max((as_of - row["due_date"]).days, 0)
        bucket = bucket_of(days)
        for sums in (vendor, totals):
            sums[bucket] += row["total_due"]
            sums["total"] += row["total_due"]
        vendor["bills"].append({**_bill(row), "days_overdue": days, "bucket": bucket})
    return Answer({"as_of_date": as_of, "vendors": list(vendors.values()), "totals": totals})


@routes.get("/bills/summary")
def get_bills_summary(call: Call) -> Answer:
    """Counts and totals by status and currency, and what is due and overdue in each currency."""
    connection = call.connection
    sums = [func.sum(bills.c[name]).label(name) for name in ("total", "total_paid", "total_credited", "total_due")]
    by_status = (
        select(bills.c.status, bills.c.currency, func.count().label("count"), *sums)
        .group_by(bills.c.status, bills.c.currency)
        .order_by(bills.c.status, bills.c.currency)
    )
    due = (
        select(bills.c.currency, func.count().label("count"), func.sum(bills.c.total_due).label("total_due"))
        .where(OPEN)
        .group_by(bills.c.currency)
        .order_by(bills.c.currency)
    )
    return data(
        {
            "as_of_date": call.today,
            "count": connection.execute(select(func.count()).select_from(bills)).scalar_one(),
            "by_status": records(connection, by_status),
            "open": records(connection, due),
            "overdue": records(connection, due.where(bills.c.due_date < call.today)),
        }
    )


def bucket_of(days_overdue: int) -> str:
    """The ageing bucket; a bill that is due today is not overdue."""
    limits = ((0, 0), (30, 1), (60, 2), (90, 3))
    return BUCKETS[next((index for limit, index in limits if days_overdue <= limit), 4)]


def _empty() -> dict[str, Decimal]:
    return dict.fromkeys((*BUCKETS, "total"), ZERO)


def _vendor(vendor_id: int, name: str, currency: str) -> dict[str, Any]:
    return {"vendor_id": vendor_id, "vendor_name": name, "currency": currency, **_empty(), "bills": []}


def _bill(row: Any) -> dict[str, Any]:
    sums = ("total", "total_paid", "total_credited", "total_due")
    names = ("id", "bill_number", "bill_date", "due_date", "status", "currency", *sums)
    return {name: row[name] for name in names}
