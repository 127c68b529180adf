"""Putting returned goods back into stock at what they cost when they left, and taking them out again."""

from decimal import Decimal

from sqlalchemy import func, select, update

from server.sandbox import stock
from server.sandbox.resources.sales_orders.return_record import items_of
from server.sandbox.rows import Record
from server.sandbox.tables.returns import customer_return_items, customer_returns
from server.sandbox.tables.selling import sales_order_shipment_items, sales_order_shipments
from server.sandbox.tables.stock import locations, stock_movements
from server.sandbox.wire import Call, conflict

OWNER = customer_returns.name
"""The table behind movements of goods that came back."""

COST_STEP = Decimal("0.0001")


def put_back(call: Call, returned: Record) -> None:
    """Receive the goods of a return; each line remembers where they went."""
    for item in items_of(call.connection, [returned["id"]]).get(returned["id"], []):
        place = _place(call, item)
        part = stock.Part(item["quantity"], _unit_cost(call, returned["sales_order_id"], item))
        stock.receive(call.connection, call.now, item["product_id"], place, [part], _cause(returned))
        mine = customer_return_items.c.id == item["id"]
        call.connection.execute(update(customer_return_items).where(mine).values(location_id=place.location_id))


def take_out(call: Call, returned: Record) -> None:
    """Undo what was put back. Raises 409 when the goods are gone from where they went."""
    moved = stock_movements.c
    query = (
        select(moved.product_id, moved.warehouse_id, moved.location_id, moved.quantity)
        .where(moved.owner == OWNER, moved.owner_id == returned["id"])
        .order_by(moved.id)
    )
    for row in call.connection.execute(query).all():
        place = stock.Place(row.warehouse_id, row.location_id)
        stock.issue(call.connection, call.now, row.product_id, place, row.quantity, _cause(returned))


def _cause(returned: Record) -> stock.Cause:
    return stock.Cause(stock.CUSTOMER_RETURN, OWNER, returned["id"])


def _place(call: Call, item: Record) -> stock.Place:
    """The line's own location, else one of the warehouse that its goods were last sent from."""
    if item["location_id"]:
        warehouse = select(locations.c.warehouse_id).where(locations.c.id == item["location_id"])
        return stock.Place(call.connection.execute(warehouse).scalar_one(), item["location_id"])
    sent_from = (
        select(sales_order_shipments.c.warehouse_id)
        .join(sales_order_shipment_items, sales_order_shipment_items.c.shipment_id == sales_order_shipments.c.id)
        .where(sales_order_shipment_items.c.order_item_id == item["sales_order_item_id"])
        .where(sales_order_shipments.c.is_return.is_(False))
        .order_by(sales_order_shipments.c.id.desc())
        .limit(1)
    )
    warehouse_id = call.connection.execute(sent_from).scalar_one_or_none()
    if warehouse_id is None:
        raise conflict(f"Order line {item['sales_order_item_id']} was never shipped: name the location it comes to.")
    return stock.default_place(call.connection, warehouse_id)


def _unit_cost(call: Call, order_id: int, item: Record) -> Decimal:
    """What a unit cost on average when it was sent; without movements, when it was ordered."""
    moved = stock_movements.c
    sent = (
        select(func.sum(moved.cost), func.sum(moved.quantity))
        .join(sales_order_shipments, sales_order_shipments.c.id == moved.owner_id)
        .where(moved.owner == sales_order_shipments.name, moved.product_id == item["product_id"])
        .where(sales_order_shipments.c.sales_order_id == order_id)
    )
    cost, quantity = call.connection.execute(sent).one()
    if not quantity:
        ordered: Decimal = item["unit_cost"]
        return ordered
    average: Decimal = cost / quantity
    return average.quantize(COST_STEP)
