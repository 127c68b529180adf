"""What is promised and what is on its way: open sales orders, purchase orders, and transfers between warehouses."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, func, null, select, union_all

from server.sandbox.resources.inventory.transfers import IN_TRANSIT
from server.sandbox.resources.purchase_orders.record import ACTIVE
from server.sandbox.resources.sales_orders.statuses import CANCELLED, WHOLLY_SENT
from server.sandbox.tables.base import QUANTITY
from server.sandbox.tables.purchasing import purchase_order_items, purchase_orders
from server.sandbox.tables.selling import (
    sales_order_items,
    sales_order_shipment_items,
    sales_order_shipments,
    sales_orders,
)
from server.sandbox.tables.warehousing import transfer_order_items, transfer_orders

NOTHING = Decimal(0)

Levels = Mapping[int, Decimal]
"""How much is where."""

_ordered, _sold = purchase_order_items.c, sales_order_items.c

_COUNTING = sales_orders.c.skip_inventory.is_(False) & (sales_orders.c.order_status != CANCELLED)


def pending() -> Subquery:
    """What open sales orders wait for, by product."""
    left: ColumnElement[Any] = _sold.quantity - _sold.quantity_shipped
    query = (
        select(_sold.product_id, func.sum(left, type_=QUANTITY).label("quantity"))
        .join(sales_orders, sales_orders.c.id == _sold.sales_order_id)
        .where(_COUNTING, sales_orders.c.order_status.not_in(WHOLLY_SENT), _sold.quantity > _sold.quantity_shipped)
    )
    return query.group_by(_sold.product_id).subquery("pending")


def pending_on(connection: Connection, product_ids: Collection[int], at: datetime) -> dict[int, Decimal]:
    """What these products were promised for at a point in time and not sent yet, by product."""
    lines = (
        select(_sold.id)
        .join(sales_orders, sales_orders.c.id == _sold.sales_order_id)
        .where(
            _COUNTING,
            sales_orders.c.order_date <= at.date(),
            _sold.product_id.in_(product_ids),
            # An order that is called complete waits for nothing, even where not all of it was sent.
            sales_orders.c.order_status.not_in(WHOLLY_SENT) | (_sold.quantity_shipped >= _sold.quantity),
        )
    )
    item, shipment = sales_order_shipment_items.c, sales_order_shipments.c
    ordered = select(_sold.product_id, _sold.quantity.label("quantity")).where(_sold.id.in_(lines))
    shipped = (
        select(item.product_id, (-item.quantity).label("quantity"))
        .join(sales_order_shipments, shipment.id == item.shipment_id)
        .where(item.order_item_id.in_(lines), shipment.ship_date <= at.date(), shipment.is_return.is_(False))
    )
    both = union_all(ordered, shipped).subquery()
    query = select(both.c.product_id, func.sum(both.c.quantity, type_=QUANTITY)).group_by(both.c.product_id)
    return {product_id: max(quantity, NOTHING) for product_id, quantity in connection.execute(query)}


def incoming() -> Subquery:
    """What is on its way to which warehouse: open purchase orders, and transfers that left and did not arrive."""
    left: ColumnElement[Any] = _ordered.quantity - _ordered.received_quantity
    bought: Select[Any] = (
        select(
            _ordered.product_id,
            purchase_orders.c.warehouse_id,
            purchase_orders.c.location_id,
            left.label("quantity"),
        )
        .join(purchase_orders, purchase_orders.c.id == _ordered.purchase_order_id)
        .where(purchase_orders.c.order_status == ACTIVE, _ordered.quantity > _ordered.received_quantity)
    )
    sent: Select[Any] = (
        select(
            transfer_order_items.c.product_id,
            transfer_orders.c.destination_warehouse_id,
            null(),
            transfer_order_items.c.quantity,
        )
        .join(transfer_orders, transfer_orders.c.id == transfer_order_items.c.transfer_order_id)
        .where(transfer_orders.c.status == IN_TRANSIT)
    )
    return union_all(bought, sent).subquery("incoming")


def spread(quantity: Decimal | None, levels: Levels) -> dict[int, Decimal]:
    """The quantity taken from one place after the other, as far as there is something."""
    shares: dict[int, Decimal] = {}
    left = quantity or NOTHING
    for place, there in levels.items():
        shares[place] = min(left, there)
        left -= shares[place]
    return shares
