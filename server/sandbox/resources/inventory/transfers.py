"""Transfer orders: goods sent from one warehouse to another. How their goods move is in `transfer_goods.py`."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from server.sandbox.filters import Listing, field, fields, page
from server.sandbox.money import ZERO, cents
from server.sandbox.resources.inventory import transfer_goods
from server.sandbox.rows import Record, find_row, get_row, insert_row, records, replace_rows, same_rows
from server.sandbox.shapes import COMPUTED, Choice, Day, Key, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.goods import products
from server.sandbox.tables.stock import warehouses
from server.sandbox.tables.warehousing import transfer_order_items, transfer_orders
from server.sandbox.wire import Answer, Call, Routes, conflict, created, data, invalid

routes = Routes()

DRAFT, PENDING, IN_TRANSIT, COMPLETED, CANCELLED = "draft", "pending", "in_transit", "completed", "cancelled"
STATUSES = (DRAFT, PENDING, IN_TRANSIT, COMPLETED)
"""Goods leave the source when they are in transit; with a completed order they have arrived as well."""

MOVES = {
    DRAFT: (PENDING, IN_TRANSIT, COMPLETED, CANCELLED),
    PENDING: (IN_TRANSIT, COMPLETED, CANCELLED),
    IN_TRANSIT: (COMPLETED, CANCELLED),
}
"""The statuses that may follow a status. The goods of an order that is cancelled on the way come back."""

FIRST_NUMBER = 80_001

MILLION = Decimal(1_000_000)

LINE = Shape(
    {
        "product_id": required(Whole(minimum=1)),
        "quantity": required(Number(places=4, above=True, maximum=MILLION)),
        "ordered_uom_id": optional(Whole(minimum=1)),
    },
)

_keys: dict[str, Key] = {
    "date": required(Day()),
    "arrival_date": required(Day()),
    "source_warehouse_id": required(Whole(minimum=1)),
    "destination_warehouse_id": required(Whole(minimum=1)),
    "items": required(Many(LINE, minimum=1)),
    "items_cost": optional(Number()),
    "shipping_cost": optional(Number()),
    "shipping_method": optional(Text()),
}

TRANSFER_ORDER = Shape({**_keys, "status": required(Choice(STATUSES))}, computed=COMPUTED)
CHANGE = Shape({**_keys, "status": required(Choice((*STATUSES, CANCELLED)))}, computed=COMPUTED)

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
    return data(_shown(call.connection, _load(call)["id"]))


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
    order = {**row, "id": order_id}
    cost = _leave(call, order, lines) if sent["status"] in (IN_TRANSIT, COMPLETED) else _estimate(call, lines)
    items_cost = cost if given["items_cost"] is None else given["items_cost"]
    mine = transfer_orders.c.id == order_id
    call.connection.execute(update(transfer_orders).where(mine).values(items_cost=items_cost))
    return created(records(call.connection, select(transfer_orders).where(mine))[0])


@routes.put("/transfer-orders/{id}")
def update_transfer_order(call: Call) -> Answer:
    """Change an order whose goods have not left; afterwards its status alone goes on. Lines replace the stored ones."""
    order = _load(call)
    sent = CHANGE.check(call.json(), partial=True)
    stored = _items(call.connection, order["id"])
    rows = [_stored(order["id"], line) for line in sent.pop("items", stored)]
    lines = None if same_rows(stored, [_said(row) for row in rows]) else rows
    changed = {name: value for name, value in _costs(sent, order).items() if value != order[name]}
    _check_change(order, changed, lines)
    if changed or lines is not None:
        _change(call, order, changed, rows, lines is not None)
    return data(_shown(call.connection, order["id"]))


def _costs(sent: dict[str, Any], order: Record) -> dict[str, Any]:
    """What was sent, costs that were sent empty as they are then."""
    kept = {"items_cost": order["items_cost"], "shipping_cost": ZERO}
    return {name: kept.get(name) if value is None else value for name, value in sent.items()}


def _check_change(order: Record, changed: dict[str, Any], lines: list[dict[str, Any]] | None) -> None:
    """409 for a status that cannot follow, and for anything else once the goods have left."""
    name, status = f"Transfer order {order['id']}", order["status"]
    if "status" in changed and changed["status"] not in MOVES.get(status, ()):
        raise conflict(f"{name} cannot become {changed['status']}: its status is {status}.")
    frozen = sorted(changed.keys() - {"status"}) + ([] if lines is None else ["items"])
    if frozen and status not in (DRAFT, PENDING):
        raise conflict(f"{name} cannot change {', '.join(frozen)}: its status is {status}.")


def _change(call: Call, order: Record, changed: dict[str, Any], lines: list[dict[str, Any]], anew: bool) -> None:
    """Store what changed of the order, `anew` its lines as well, and move its goods as its status says."""
    connection, after = call.connection, {**order, **changed}
    mine = transfer_orders.c.id == order["id"]
    if order["status"] in (DRAFT, PENDING) and after["status"] != CANCELLED:
        _check(connection, after, lines)
    if anew:
        replace_rows(connection, transfer_order_items, transfer_order_items.c.transfer_order_id == order["id"], lines)
    cost = _moved(call, order, after, lines)
    if cost is None and anew:
        cost = _estimate(call, lines)
    if cost is not None and "items_cost" not in changed:
        changed = {**changed, "items_cost": cost}
    connection.execute(update(transfer_orders).where(mine).values(**changed, updated_at=call.now))


def _moved(call: Call, order: Record, after: Record, lines: list[dict[str, Any]]) -> Decimal | None:
    """Move the goods from one status to the next; what those cost that left."""
    if order["status"] == IN_TRANSIT and after["status"] in (COMPLETED, CANCELLED):
        end = "destination" if after["status"] == COMPLETED else "source"
        transfer_goods.arrive(call, order, order[f"{end}_warehouse_id"])
    elif order["status"] != after["status"] and after["status"] in (IN_TRANSIT, COMPLETED):
        return _leave(call, after, lines)
    return None


def _leave(call: Call, order: dict[str, Any], lines: list[dict[str, Any]]) -> Decimal:
    return transfer_goods.send(call, order, lines, arrives=order["status"] == COMPLETED)


def _load(call: Call) -> Record:
    what = "Transfer order"
    return get_row(call.connection, transfer_orders, what, transfer_orders.c.id == call.id("id", what))


def _shown(connection: Connection, order_id: int) -> dict[str, Any]:
    rows = records(connection, select(transfer_orders).where(transfer_orders.c.id == order_id))
    return {**_with_warehouses(connection, rows)[0], "items": _items(connection, order_id)}


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


def _said(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "transfer_order_id"}


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
