"""The company and the purchase order that a document with a vendor names."""

from sqlalchemy import Connection

from server.sandbox.rows import Record, find_row
from server.sandbox.tables.parties import companies
from server.sandbox.tables.purchasing import purchase_orders
from server.sandbox.wire import invalid


def vendor_of(connection: Connection, vendor_id: int) -> Record:
    """The company a body names as `vendor_id`. Raises 422."""
    vendor = find_row(connection, companies, companies.c.id == vendor_id)
    if vendor is None:
        raise invalid({"vendor_id": "The vendor_id is no known company."})
    return vendor


def order_of(connection: Connection, order_id: int | None, vendor_id: int) -> Record | None:
    """The vendor's order a body names as `purchase_order_id`, or None. Raises 422."""
    if order_id is None:
        return None
    order = find_row(connection, purchase_orders, purchase_orders.c.id == order_id)
    if order is None or order["vendor_id"] != vendor_id or order["order_status"] == "deleted":
        raise invalid({"purchase_order_id": "The purchase_order_id is not a purchase order of this vendor."})
    return order
