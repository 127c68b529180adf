"""Transfer orders: goods sent from one warehouse to another."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from server.sandbox import stock
from server.sandbox.filters import Listing, field, fields, page
from server.sandbox.money import ZERO, cents
from server.sandbox.rows import Record, find_row, insert_row, records
from server.sandbox.shapes import Choice, Day, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.stock import Cause, Part
from server.sandbox.tables.goods import products
from server.sandbox.tables.stock import warehouses
from server.sandbox.tables.warehousing import transfer_order_items, transfer_orders
from server.sandbox.wire import Answer, Call, Errors, Routes, created, data, invalid, not_found

routes = Routes()

DRAFT, PENDING, IN_TRANSIT, COMPLETED = "draft", "pending", "in_transit", "completed"
STATUSES = (DRAFT, PENDING, IN_TRANSIT, COMPLETED)
"""Goods leave the source when they are in transit; with a completed order they have arrived as well."""

FIRST_NUMBER = 80_001

MILLION = Decimal(1_000_000)

LINE = Shape(
    {
        "product_id": required(Whole(minimum=1)),
        "quantity": required(Number(places=4, above=True, maximum=MILLION)),
        "ordered_uom_id": optional(Whole(minimum=1)),
    },
    computed=frozenset({"id"}),
)

TRANSFER_ORDER = Shape(
    {
        "date": required(Day()),
        "arrival_date": required(Day()),
        "source_warehouse_id": required(Whole(minimum=1)),
        "destination_warehouse_id": required(Whole(minimum=1)),
        "status": required(Choice(STATUSES)),
        "items": required(Many(LINE, minimum=1)),
        "items_cost": optional(Number()),
        "shipping_cost": optional(Number()),
        "shipping_method": optional(Text()),
    },
    computed=frozenset({"id", "number", "created_at", "updated_at"}),
)

_ENDS = ("source_warehouse", "destination_warehouse")
_source, _destination = (warehouses.alias(name) for name in _ENDS)

TRANSFER_ORDERS = Listing(
    select(transfer_orders)
    .join(_source, _source.c.id == transfer_orders.c.source_warehouse_id)
    .join(_destination, _destination.c.id == transfer_orders.c.destination_warehouse_id),
    {
        **fields(transfer_orders.c, *transfer_orders.c.keys()),
        "source_warehouse.id": field(_source.c.id),
        "source_warehouse.name": field(_source.c.name),
        "destination_warehouse.id": field(_destination.c.id),
        "destination_warehouse.name": field(_destination.c.name),
    },
    transfer_orders.c.id,
)


@routes.get("/transfer-orders")
def list_transfer_orders(call: Call) -> Answer:
    """All transfer orders."""
    return page(call, TRANSFER_ORDERS, present=_with_warehouses)


@routes.get("/transfer-orders/{id}")
def get_transfer_order(call: Call) -> Answer:
    """One transfer order with its lines."""
    order_id = call.id("id", "Transfer order")
    rows = records(call.connection, select(transfer_orders).where(transfer_orders.c.id == order_id))
    if not rows:
        raise not_found("Transfer order")
    return data({**_with_warehouses(call.connection, rows)[0], "items": _items(call.connection, order_id)})


@routes.post("/transfer-orders")
def create_transfer_order(call: Call) -> Answer:
    """Order a transfer; with a status that says so, its goods move at once."""
    sent = TRANSFER_ORDER.check(call.json())
    lines = sent.pop("items")
    _check(call.connection, sent, lines)
    given = {name: sent.pop(name, None) for name in ("items_cost", "shipping_cost")}
    row = {
        **sent,
        "number": _next_number(call.connection),
        "items_cost": ZERO,
        "shipping_cost": given["shipping_cost"] or ZERO,
        "created_at": call.now,
        "updated_at": call.now,
    }
    order_id = insert_row(call.connection, transfer_orders, row)
    call.connection.execute(insert(transfer_order_items), [_stored(order_id, line) for line in lines])
    cost = _send(call, order_id, sent, lines) if sent["status"] in (IN_TRANSIT, COMPLETED) else _estimate(call, lines)
    items_cost = cost if given["items_cost"] is None else given["items_cost"]
    order = transfer_orders.c.id == order_id
    call.connection.execute(update(transfer_orders).where(order).values(items_cost=items_cost))
    return created(records(call.connection, select(transfer_orders).where(order))[0])


def _check(connection: Connection, sent: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    errors: dict[str, str] = {}
    if sent["arrival_date"] < sent["date"]:
        errors["arrival_date"] = "The arrival_date may not be before the date."
    for end in _ENDS:
        path = f"{end}_id"
        live = (warehouses.c.id == sent[path]) & warehouses.c.deleted_at.is_(None)
        if find_row(connection, warehouses, live) is None:
            errors[path] = f"The {path} is no known warehouse."
    if sent["source_warehouse_id"] == sent["destination_warehouse_id"]:
        errors["destination_warehouse_id"] = "The destination_warehouse_id must be another warehouse."
    wanted = {line["product_id"] for line in lines}
    known = set(connection.execute(select(products.c.id).where(products.c.id.in_(wanted))).scalars())
    for index, line in enumerate(lines):
        if line["product_id"] not in known:
            errors[f"items.{index}.product_id"] = f"The items.{index}.product_id is no known product."
    if errors:
        raise invalid(errors)


def _next_number(connection: Connection) -> str:
    newest = connection.execute(select(func.max(transfer_orders.c.id))).scalar_one()
    return f"TO-{FIRST_NUMBER + (newest or 0)}"


def _stored(order_id: int, line: dict[str, Any]) -> dict[str, Any]:
    names = ("product_id", "quantity", "ordered_uom_id")
    return {"transfer_order_id": order_id, **{name: line.get(name) for name in names}}


def _send(call: Call, order_id: int, sent: dict[str, Any], lines: list[dict[str, Any]]) -> Decimal:
    """Move the goods as far as the status says; what they cost."""
    connection, source = call.connection, sent["source_warehouse_id"]
    arrives = sent["status"] == COMPLETED
    target = stock.default_place(connection, sent["destination_warehouse_id"])
    out, into = (Cause(kind, transfer_orders.name, order_id) for kind in (stock.TRANSFER_OUT, stock.TRANSFER_IN))
    errors: Errors = {}
    moved: list[Part] = []
    for index, line in enumerate(lines):
        product_id, quantity, path = line["product_id"], line["quantity"], f"items.{index}.quantity"
        there = stock.on_hand_in(connection, product_id, source)
        if there < quantity:
            errors[path] = [f"The {path} is more than the {there:f} on hand in the source warehouse."]
            continue
        for place, taken in stock.gather(connection, product_id, source, quantity):
            parts = stock.issue(connection, call.now, product_id, place, taken, out)
            moved += parts
            if arrives:
                stock.receive(connection, call.now, product_id, target, parts, into)
    if errors:
        raise invalid(errors)
    return sum((cents(part.quantity * part.unit_cost) for part in moved), ZERO)


def _estimate(call: Call, lines: list[dict[str, Any]]) -> Decimal:
    wanted = {line["product_id"] for line in lines}
    query = select(products.c.id, products.c.cost).where(products.c.id.in_(wanted))
    costs = {row.id: row.cost for row in call.connection.execute(query)}
    return sum((cents(line["quantity"] * costs[line["product_id"]]) for line in lines), ZERO)


def _with_warehouses(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    ids = {row[f"{end}_id"] for row in rows for end in _ENDS}
    query = select(warehouses.c.id, warehouses.c.name).where(warehouses.c.id.in_(ids))
    named = {row["id"]: row for row in records(connection, query)}
    return [{**row, **{end: named[row[f"{end}_id"]] for end in _ENDS}} for row in rows]


def _items(connection: Connection, order_id: int) -> list[Record]:
    item = transfer_order_items.c
    query = (
        select(item.id, item.product_id, products.c.sku, products.c.name, item.quantity, item.ordered_uom_id)
        .join(products, products.c.id == item.product_id)
        .where(item.transfer_order_id == order_id)
        .order_by(item.id)
    )
    return records(connection, query)
