"""Receiving goods: a report puts them into stock and onto the lines of their orders."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select, update

from server.sandbox import stock
from server.sandbox.money import ZERO
from server.sandbox.ordering import NOTHING, receipt_amounts, report_totals
from server.sandbox.resources.bills.bills import MILLION
from server.sandbox.resources.purchase_orders import record as order_record
from server.sandbox.resources.purchase_orders import reports
from server.sandbox.resources.purchase_orders.deletion import CANCELLED, RECEIPTS
from server.sandbox.resources.purchase_orders.places import check_place, place_for
from server.sandbox.rows import Record, find_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Day, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.purchasing import (
    inbound_shipments,
    purchase_order_items,
    purchase_orders,
    receiving_report_items,
    receiving_reports,
    shipment_items,
    shipments,
)
from server.sandbox.wire import Answer, Call, Routes, conflict, invalid

routes = Routes()

RECEIVED = "received"

_orders = ("purchase_order_id", "purchase_order_shipment_id")
_lineage = {name: optional(Whole(minimum=1)) for name in _orders}

LINE = Shape(
    {
        "purchase_order_item_id": required(Whole(minimum=1)),
        "quantity": required(Number(places=4, above=True, maximum=MILLION)),
        **_lineage,
        "remarks": optional(Text(max_length=1000)),
    },
)
REPORT = Shape(
    {
        "items": required(Many(LINE, minimum=1)),
        "received_date": optional(Day()),
        **_lineage,
        **{name: optional(Whole(minimum=1)) for name in ("warehouse_id", "location_id")},
        **{name: optional(Text()) for name in ("tracking_number", "shipped_via", "received_by")},
        "shipping_cost": optional(Number()),
    },
    computed=COMPUTED,
)


@dataclass(frozen=True, slots=True)
class _Receipt:
    """Goods of one order line that have come."""

    sent: dict[str, Any]
    line: Record
    order: Record
    shipment: Record | None

    @property
    def quantity(self) -> Decimal:
        quantity: Decimal = self.sent["quantity"]
        return quantity


@routes.post("/receiving-reports")
def create_receiving_report(call: Call) -> Answer:
    """Report goods received on orders: they go into stock, and an order is completed when all of it has come."""
    sent = REPORT.check(call.json())
    today = max(call.today, call.now.date())
    received_date = sent.get("received_date") or min(today, call.now.date())
    if received_date > today:
        raise invalid({"received_date": "The received_date may not be in the future."})
    wish = check_place(call.connection, sent.get("warehouse_id"), sent.get("location_id"))
    receipts = _receipts(call.connection, sent)
    row = {
        **{name: sent.get(name) for name in ("tracking_number", "shipped_via", "received_by")},
        "status": RECEIVED,
        "received_date": received_date,
        "received_at": call.now,
        "shipping_cost": sent.get("shipping_cost") or ZERO,
        "created_at": call.now,
        "updated_at": call.now,
    }
    report_id = insert_row(call.connection, receiving_reports, row)
    lines = [_receive(call, report_id, receipt, wish) for receipt in receipts]
    call.connection.execute(
        update(receiving_reports).where(receiving_reports.c.id == report_id).values(report_totals(row, lines))
    )
    for shipment_id in sorted({receipt.shipment["id"] for receipt in receipts if receipt.shipment}):
        _close_shipment(call, shipment_id, received_date)
    for order_id in sorted({receipt.order["id"] for receipt in receipts}):
        _close_order(call, order_id)
    return reports.show(call, report_id, 201)


def _receipts(connection: Connection, sent: dict[str, Any]) -> list[_Receipt]:
    """What is to be received. Raises 422 for lines that do not fit or more than is open, 409 for closed orders."""
    ids = [line["purchase_order_item_id"] for line in sent["items"]]
    lines = {row["id"]: row for row in _rows(connection, purchase_order_items, ids)}
    orders = {
        row["id"]: row
        for row in _rows(connection, purchase_orders, [line["purchase_order_id"] for line in lines.values()])
    }
    errors: dict[str, str] = {}
    receipts = []
    for index, line in enumerate(sent["items"]):
        path = f"items.{index}"
        stored = lines.get(line["purchase_order_item_id"])
        if stored is None:
            errors[f"{path}.purchase_order_item_id"] = f"The {path}.purchase_order_item_id is no known order line."
            continue
        _check_order(sent, line, stored, path, errors)
        shipment = _shipment(connection, sent, line, path, errors)
        receipts.append(_Receipt(line, stored, orders[stored["purchase_order_id"]], shipment))
    if errors:
        raise invalid(errors)
    for order in orders.values():
        order_record.require_undeleted(order)
    _check_quantities(connection, receipts)
    for order in orders.values():
        if order["order_status"] == order_record.COMPLETED:
            raise conflict(f"Purchase order {order['id']} is completed. Make it active to receive more.")
    return receipts


def _rows(connection: Connection, table: Any, ids: list[int]) -> list[Record]:
    return records(connection, select(table).where(table.c.id.in_(ids)).order_by(table.c.id))


def _check_order(sent: dict[str, Any], line: dict[str, Any], stored: Record, path: str, errors: dict[str, str]) -> None:
    for where, named in ((f"{path}.purchase_order_id", line), ("purchase_order_id", sent)):
        if named.get("purchase_order_id") not in {None, stored["purchase_order_id"]}:
            errors[where] = f"The {where} is not the order of line {stored['id']}."


def _shipment(
    connection: Connection, sent: dict[str, Any], line: dict[str, Any], path: str, errors: dict[str, str]
) -> Record | None:
    """The shipment the goods came with, if one is named."""
    name = "purchase_order_shipment_id"
    where, shipment_id = (f"{path}.{name}", line[name]) if line.get(name) else (name, sent.get(name))
    if shipment_id is None:
        return None
    carried = (shipment_items.c.shipment_id == shipment_id) & (
        shipment_items.c.purchase_order_item_id == line["purchase_order_item_id"]
    )
    shipment = find_row(connection, shipments, shipments.c.id == shipment_id, shipments.c.status != CANCELLED)
    if shipment is None or find_row(connection, shipment_items, carried) is None:
        errors[where] = f"The {where} is no shipment that carries line {line['purchase_order_item_id']}."
        return None
    return shipment


def _check_quantities(connection: Connection, receipts: list[_Receipt]) -> None:
    """Never more than was ordered, nor with a shipment more than it carries. Raises 422."""
    errors: dict[str, str] = {}
    ordered: dict[int, Decimal] = {}
    carried: dict[tuple[int, int], Decimal] = {}
    for index, receipt in enumerate(receipts):
        line = receipt.line
        left = ordered.get(line["id"], line["quantity"] - line["received_quantity"])
        ordered[line["id"]] = left - receipt.quantity
        if receipt.shipment:
            pair = (receipt.shipment["id"], line["id"])
            aboard = carried.get(pair, _aboard(connection, *pair))
            carried[pair] = aboard - receipt.quantity
            left = min(left, aboard)
        if receipt.quantity > left:
            path = f"items.{index}.quantity"
            errors[path] = f"The {path} may not be greater than the {max(left, NOTHING):f} still to come."
    if errors:
        raise invalid(errors)


def _aboard(connection: Connection, shipment_id: int, line_id: int) -> Decimal:
    item = shipment_items.c
    query = select(func.coalesce(func.sum(item.quantity - item.received_quantity), NOTHING))
    wanted = (item.shipment_id == shipment_id) & (item.purchase_order_item_id == line_id)
    left: Decimal = connection.execute(query.where(wanted)).scalar_one()
    return left


def _receive(call: Call, report_id: int, receipt: _Receipt, wish: Record) -> dict[str, Any]:
    """Store one line of the report and put its goods away; the line."""
    line, quantity = receipt.line, receipt.quantity
    row = {
        **receipt_amounts(line, quantity),
        "receiving_report_id": report_id,
        "purchase_order_item_id": line["id"],
        "shipment_id": receipt.shipment["id"] if receipt.shipment else None,
        "quantity": quantity,
        "received_quantity": quantity,
        "unit_cost": line["unit_cost"],
        "remarks": receipt.sent.get("remarks"),
    }
    item_id = insert_row(call.connection, receiving_report_items, row)
    place = place_for(call.connection, wish, receipt.shipment or {}, receipt.order)
    cause = stock.Cause(stock.RECEIPT, RECEIPTS, item_id, receipt.sent.get("remarks"))
    parts = [stock.Part(quantity, line["unit_cost"])]
    stock.receive(call.connection, call.now, line["product_id"], place, parts, cause)
    came = {"received_quantity": purchase_order_items.c.received_quantity + quantity, "updated_at": call.now}
    call.connection.execute(update(purchase_order_items).where(purchase_order_items.c.id == line["id"]).values(came))
    if receipt.shipment:
        _unload(call.connection, receipt.shipment["id"], line["id"], quantity)
    return row


def _unload(connection: Connection, shipment_id: int, line_id: int, quantity: Decimal) -> None:
    item = shipment_items.c
    query = select(shipment_items).where(item.shipment_id == shipment_id, item.purchase_order_item_id == line_id)
    for row in records(connection, query.order_by(item.id)):
        taken = min(quantity, row["quantity"] - row["received_quantity"])
        quantity -= taken
        after = {"received_quantity": row["received_quantity"] + taken}
        connection.execute(update(shipment_items).where(item.id == row["id"]).values(after))


def _close_shipment(call: Call, shipment_id: int, day: Any) -> None:
    """A shipment that is unloaded is received, and what an outside warehouse said of it is reconciled."""
    values: dict[str, Any] = {"updated_at": call.now}
    item = shipment_items.c
    left = select(item.id).where(item.shipment_id == shipment_id, item.received_quantity < item.quantity).limit(1)
    if call.connection.execute(left).first() is None:
        values |= {"status": RECEIVED, "received_date": day}
        told = (inbound_shipments.c.shipment_id == shipment_id) & inbound_shipments.c.reconciled_at.is_(None)
        reconciled = {"reconciled_at": call.now, "updated_at": call.now}
        call.connection.execute(update(inbound_shipments).where(told).values(reconciled))
    call.connection.execute(update(shipments).where(shipments.c.id == shipment_id).values(values))


def _close_order(call: Call, order_id: int) -> None:
    order = order_record.settle(call, order_id)
    if not order["total_qty_remaining"]:
        order_record.change(call, order_id, order_status=order_record.COMPLETED)
