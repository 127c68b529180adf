"""What keeps a warehouse from being closed: goods in it, and open papers that name it."""

from sqlalchemy import ColumnElement, Connection, exists, select

from server.sandbox.resources.inventory.transfers import DRAFT, IN_TRANSIT, PENDING
from server.sandbox.resources.purchase_orders.record import ACTIVE
from server.sandbox.tables.fulfillment import picklists
from server.sandbox.tables.purchasing import purchase_orders, shipments
from server.sandbox.tables.stock import stocks
from server.sandbox.tables.warehousing import transfer_orders

ON_ITS_WAY = "in_transit"
"""The status of a shipment that did not arrive yet."""


def uses_of(connection: Connection, warehouse_id: int) -> list[str]:
    """What there is of that kind."""
    return [
        name
        for name, where in _uses(warehouse_id).items()
        if connection.execute(select(exists().where(where))).scalar_one()
    ]


def _uses(warehouse_id: int) -> dict[str, ColumnElement[bool]]:
    end = (transfer_orders.c.source_warehouse_id == warehouse_id) | (
        transfer_orders.c.destination_warehouse_id == warehouse_id
    )
    return {
        "stock": (stocks.c.warehouse_id == warehouse_id) & (stocks.c.on_hand > 0),
        "open transfer orders": end & transfer_orders.c.status.in_((DRAFT, PENDING, IN_TRANSIT)),
        "open purchase orders": (purchase_orders.c.warehouse_id == warehouse_id)
        & (purchase_orders.c.order_status == ACTIVE),
        "shipments on their way": (shipments.c.warehouse_id == warehouse_id) & (shipments.c.status == ON_ITS_WAY),
        "open picklists": (picklists.c.warehouse_id == warehouse_id) & picklists.c.picked_at.is_(None),
    }
