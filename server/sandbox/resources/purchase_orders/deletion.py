"""Deleting a purchase order: it stays on record, its goods leave the stock again and nothing more is on its way."""

from decimal import Decimal

from sqlalchemy import Connection, func, select, update

from server.sandbox import stock
from server.sandbox.money import ZERO
from server.sandbox.ordering import NOTHING
from server.sandbox.resources import settlement
from server.sandbox.resources.purchase_orders import record as order_record
from server.sandbox.resources.purchase_orders.vendors import require_unbilled
from server.sandbox.rows import Record, records
from server.sandbox.tables.credits import payment_obligations
from server.sandbox.tables.purchasing import (
    purchase_order_items,
    receiving_report_items,
    receiving_reports,
    shipment_items,
    shipments,
)
from server.sandbox.tables.stock import stock_movements
from server.sandbox.wire import Call

CANCELLED = "cancelled"
REVERSED = "reversed"
RECEIPTS = receiving_report_items.name
"""The table that stock movements of receipts name as their owner."""

_line, _report = receiving_report_items.c, receiving_reports.c


def delete_order(call: Call, order: Record) -> None:
    """Mark the order deleted and undo what it brought. Raises 409 when it is billed or its goods are gone."""
    require_unbilled(call.connection, order)
    lines = select(purchase_order_items.c.id).where(purchase_order_items.c.purchase_order_id == order["id"])
    receipts = records(
        call.connection,
        select(receiving_report_items)
        .where(_line.purchase_order_item_id.in_(lines), _line.received_quantity > 0)
        .order_by(_line.id),
    )
    for receipt in receipts:
        _return(call, receipt)
    ids = [receipt["id"] for receipt in receipts]
    nothing = {"received_quantity": NOTHING}
    call.connection.execute(update(receiving_report_items).where(_line.id.in_(ids)).values(nothing))
    call.connection.execute(update(purchase_order_items).where(purchase_order_items.c.id.in_(lines)).values(nothing))
    _close_reports(call, {receipt["receiving_report_id"] for receipt in receipts})
    _cancel_shipments(call, order["id"])
    _cancel_obligations(call, order["id"])
    order_record.change(call, order["id"], order_status=order_record.DELETED)
    order_record.settle(call, order["id"])


def _return(call: Call, receipt: Record) -> None:
    """Take the goods of one receipt out of where they were put."""
    moved = stock_movements.c
    query = (
        select(stock_movements)
        .where(moved.owner == RECEIPTS, moved.owner_id == receipt["id"])
        .order_by(moved.id)
        .limit(1)
    )
    put = call.connection.execute(query).mappings().one()
    place = stock.Place(put["warehouse_id"], put["location_id"])
    cause = stock.Cause(stock.ADJUSTMENT, RECEIPTS, receipt["id"], "Purchase order deleted")
    stock.issue(call.connection, call.now, put["product_id"], place, receipt["received_quantity"], cause)


def _close_reports(call: Call, ids: set[int]) -> None:
    for report_id in sorted(ids):
        left = _received(call.connection, report_id)
        status = {} if left else {"status": REVERSED}
        values = {**status, "updated_at": call.now}
        call.connection.execute(update(receiving_reports).where(_report.id == report_id).values(values))


def _received(connection: Connection, report_id: int) -> Decimal:
    query = select(func.coalesce(func.sum(_line.received_quantity), NOTHING))
    left: Decimal = connection.execute(query.where(_line.receiving_report_id == report_id)).scalar_one()
    return left


def _cancel_obligations(call: Call, order_id: int) -> None:
    """Payments that were planned and not begun are not asked for any more."""
    planned = payment_obligations.c
    unpaid = (planned.purchase_order_id == order_id) & (planned.status == settlement.OPEN) & planned.bill_id.is_(None)
    values = {"status": settlement.CANCELLED, "total_due": ZERO, "updated_at": call.now}
    call.connection.execute(update(payment_obligations).where(unpaid).values(values))


def _cancel_shipments(call: Call, order_id: int) -> None:
    of_order = shipments.c.purchase_order_id == order_id
    ids = select(shipments.c.id).where(of_order)
    nothing = {"received_quantity": NOTHING}
    call.connection.execute(update(shipment_items).where(shipment_items.c.shipment_id.in_(ids)).values(nothing))
    values = {"status": CANCELLED, "received_date": None, "updated_at": call.now}
    call.connection.execute(update(shipments).where(of_order).values(values))
