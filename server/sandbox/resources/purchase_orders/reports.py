"""Receiving reports as they are shown, and what of their goods can still be billed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, exists, select

from server.sandbox.filters import Condition, Listing, field, fields, page
from server.sandbox.money import ZERO, cents
from server.sandbox.resources import order_lines
from server.sandbox.resources.purchase_orders import present
from server.sandbox.resources.purchase_orders.deletion import RECEIPTS
from server.sandbox.rows import Record, get_row, records
from server.sandbox.tables.purchasing import (
    purchase_order_items,
    purchase_orders,
    receiving_report_items,
    receiving_reports,
)
from server.sandbox.tables.stock import stock_movements, stocks
from server.sandbox.wire import Answer, Call, Routes, data

routes = Routes()

HUNDRED = Decimal(100)

_report, _line, _ordered = receiving_reports.c, receiving_report_items.c, purchase_order_items.c

_OWN = (
    "id", "created_at", "updated_at", "status", "received_date", "tracking_number", "received_by", "received_at",
    "shipped_via", "total_quantity", "total_tax", "total_cost", "shipping_cost",
)  # fmt: skip


def _covering(matches: Condition) -> Condition:
    return exists(
        select(_line.id)
        .join(purchase_order_items, _ordered.id == _line.purchase_order_item_id)
        .where(_line.receiving_report_id == _report.id, matches)
    )


REPORTS = Listing(
    select(receiving_reports),
    {**fields(_report, *_OWN), "purchase_order_id": field(_ordered.purchase_order_id, _covering)},
    _report.id,
)


@routes.get("/receiving-reports")
def list_receiving_reports(call: Call) -> Answer:
    """All reports."""
    return page(call, REPORTS, present=_present)


@routes.get("/receiving-reports/{id}")
def get_receiving_report(call: Call) -> Answer:
    """One report with its orders and lines."""
    return show(call, _load(call))


@routes.get("/receiving-reports/{id}/billable-lines")
def list_receiving_report_billable_lines(call: Call) -> Answer:
    """Goods of the report that no bill covers yet."""
    received = {line["purchase_order_item_id"]: line for line in _lines(call.connection, [_load(call)])}
    found = []
    for line in order_lines.by_ids(call.connection, sorted(received)):
        receipt = received[line["purchase_order_item_id"]]
        quantity = min(line["billable_quantity"], receipt["received_quantity"])
        told = {name: receipt[name] for name in ("receiving_report_id", "received_quantity")}
        bill = {"billable_quantity": quantity, "billable_amount": cents(quantity * line["unit_cost"])}
        found.append({**line, **told, "receiving_report_item_id": receipt["id"], **bill})
    return data([line for line in found if line["billable_quantity"]])


def show(call: Call, report_id: int, status: int = 200) -> Answer:
    """The whole report."""
    rows = records(call.connection, select(receiving_reports).where(_report.id == report_id))
    return data(_present(call.connection, rows)[0], status)


def moment(day: date | None) -> datetime | None:
    """A day as the moment it begins, where the wire speaks of moments."""
    return datetime.combine(day, time(), UTC) if day else None


def _load(call: Call) -> int:
    report_id = call.id("id", "Receiving report")
    get_row(call.connection, receiving_reports, "Receiving report", _report.id == report_id)
    return report_id


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    lines = _lines(connection, [row["id"] for row in rows])
    ids = {line["purchase_order_id"] for line in lines}
    query = select(purchase_orders).where(purchase_orders.c.id.in_(sorted(ids)))
    orders = {order["id"]: order for order in present.headers(connection, records(connection, query))}
    by_report: dict[int, list[dict[str, Any]]] = {}
    for line in lines:
        by_report.setdefault(line["receiving_report_id"], []).append(line)
    return [_shown(row, by_report.get(row["id"], []), orders) for row in rows]


def _shown(row: Record, lines: list[dict[str, Any]], orders: dict[int, dict[str, Any]]) -> dict[str, Any]:
    covered = sorted({line["purchase_order_id"] for line in lines})
    return {
        **{name: row[name] for name in _OWN},
        "received_date": moment(row["received_date"]),
        "purchase_order_id": covered[0] if covered else None,
        "purchase_orders": [orders[order_id] for order_id in covered],
        "items": [{**line, "created_at": row["created_at"], "updated_at": row["updated_at"]} for line in lines],
    }


def _lines(connection: Connection, ids: list[int]) -> list[dict[str, Any]]:
    """The lines of several reports, as they are shown."""
    names = ("id", "receiving_report_id", "purchase_order_item_id", "quantity", "tax", "discount_amount", "line_total")
    query = (
        select(
            *(_line[name] for name in names),
            _ordered.purchase_order_id,
            _line.shipment_id.label("purchase_order_shipment_id"),
            _ordered.product_id,
            _ordered.unit,
            _line.unit_cost.label("unit_price"),
            _line.remarks,
            _line.received_quantity,
        )
        .join(purchase_order_items, _ordered.id == _line.purchase_order_item_id)
        .where(_line.receiving_report_id.in_(ids))
        .order_by(_line.id)
    )
    lines = records(connection, query)
    places = _stocks(connection, [line["id"] for line in lines])
    return [{**line, "discount_percent": _percent(line), "stock_id": places.get(line["id"])} for line in lines]


def _percent(line: Record) -> Decimal:
    gross = line["line_total"] - line["tax"] + line["discount_amount"]
    if not gross:
        return ZERO
    return cents(line["discount_amount"] * HUNDRED / gross)


def _stocks(connection: Connection, ids: list[int]) -> dict[int, int]:
    """The stock that each line's goods went to, by line."""
    moved = stock_movements.c
    same = (stocks.c.product_id == moved.product_id) & (stocks.c.location_id == moved.location_id)
    query = (
        select(moved.owner_id, stocks.c.id)
        .join(stock_movements, same)
        .where(moved.owner == RECEIPTS, moved.owner_id.in_(ids))
    )
    return {row.owner_id: row.id for row in connection.execute(query)}
