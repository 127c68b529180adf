"""Who bills a purchase order: orders name a supplier, bills come from a company."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, select

from server.sandbox.rows import Record, find_row, get_row, insert_row
from server.sandbox.tables.credits import payment_obligations, prepayments, vendor_return_items, vendor_returns
from server.sandbox.tables.parties import companies, company_types, suppliers
from server.sandbox.tables.payables import bill_items, bills
from server.sandbox.tables.purchasing import purchase_order_items, purchase_orders
from server.sandbox.wire import Call, conflict, invalid

VENDOR_TYPE = "Vendor"
CURRENCY = "USD"
INACTIVE = 0


def supplier(connection: Connection, supplier_id: int) -> Record:
    """The supplier to order from. Raises 422 for one that is unknown or given up."""
    found = find_row(connection, suppliers, suppliers.c.id == supplier_id)
    if found is None or found["status"] == INACTIVE:
        raise invalid({"supplier_id": "The supplier_id is no active supplier."})
    return found


def biller_of(call: Call, factory: Record) -> Record:
    """The company that bills for this supplier.

    Every order needs one, because its bills are entered and matched by vendor: whoever billed the supplier's latest
    order, else the company of the supplier's name, which is opened when there is none: then the factory itself bills.
    """
    connection = call.connection
    latest = (
        select(purchase_orders.c.vendor_id)
        .where(purchase_orders.c.supplier_id == factory["id"])
        .order_by(purchase_orders.c.order_date.desc(), purchase_orders.c.id.desc())
        .limit(1)
    )
    vendor_id = connection.execute(latest).scalar_one_or_none()
    if vendor_id is None:
        named = select(func.min(companies.c.id)).where(companies.c.name == factory["name"])
        vendor_id = connection.execute(named).scalar_one_or_none() or _open(call, factory)
    return get_row(connection, companies, "Vendor", companies.c.id == vendor_id)


def require_unbilled(connection: Connection, order: Record) -> None:
    """409 when an order is to be deleted whose goods are billed or on their way back to the vendor."""
    back = (vendor_returns.c.purchase_order_id == order["id"]) | vendor_returns.c.id.in_(_returns_of(order["id"]))
    billed = select(bill_items.c.bill_id).where(bill_items.c.id.in_(_bill_lines_of(order["id"])))
    asked = (bills.c.purchase_order_id == order["id"]) | bills.c.id.in_(billed)
    held = {
        "bill": select(bills.c.id).where(asked, bills.c.status != "void"),
        "vendor return": select(vendor_returns.c.id).where(back, vendor_returns.c.cancelled_at.is_(None)),
    }
    _refuse(connection, held, f"Purchase order {order['id']} cannot be deleted")


def require_alone(connection: Connection, order: Record) -> None:
    """409 when vendor or currency of an order are to change that other documents with the vendor name."""
    of_order = {
        what: select(table.c.id).where(table.c.purchase_order_id == order["id"])
        for what, table in (
            ("bill", bills),
            ("payment obligation", payment_obligations),
            ("prepayment", prepayments),
            ("vendor return", vendor_returns),
        )
    }
    held = {**of_order, "bill line": _bill_lines_of(order["id"])}
    _refuse(connection, held, f"Purchase order {order['id']} cannot change its vendor or currency")


def _refuse(connection: Connection, held: Mapping[str, Select[Any]], said: str) -> None:
    for what, query in held.items():
        row_id = connection.execute(query.limit(1)).scalar_one_or_none()
        if row_id is not None:
            raise conflict(f"{said}: {what} {row_id} is for it.")


def _lines_of(order_id: int) -> Select[Any]:
    return select(purchase_order_items.c.id).where(purchase_order_items.c.purchase_order_id == order_id)


def _returns_of(order_id: int) -> Select[Any]:
    lines = vendor_return_items.c.purchase_order_item_id.in_(_lines_of(order_id))
    return select(vendor_return_items.c.vendor_return_id).where(lines)


def _bill_lines_of(order_id: int) -> Select[Any]:
    return select(bill_items.c.id).where(bill_items.c.purchase_order_item_id.in_(_lines_of(order_id)))


def _open(call: Call, factory: Record) -> int:
    kind = select(company_types.c.id).where(company_types.c.name == VENDOR_TYPE)
    row: dict[str, Any] = {
        "status": "active",
        "name": factory["name"],
        "type_id": call.connection.execute(kind).scalar_one_or_none(),
        "address": factory["street_address"],
        **{name: factory[name] for name in ("city", "state", "country")},
        "postal_code": factory["zip"],
        "payment_term": factory["default_payment_term"],
        "currency": CURRENCY,
        "custom_fields": {},
        "created_at": call.now,
        "updated_at": call.now,
    }
    return insert_row(call.connection, companies, row)
