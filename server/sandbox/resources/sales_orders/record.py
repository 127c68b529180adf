"""A sales order as it is stored and shown, and the sums every change of it must leave right."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select, update

from server.sandbox.filters import Listing, Present, field, fields
from server.sandbox.money import ZERO, cents
from server.sandbox.resources import tagging
from server.sandbox.resources.companies import record as company_record
from server.sandbox.rows import Record, get_row, records
from server.sandbox.tables.fulfillment import fulfillment_orders, picklists
from server.sandbox.tables.goods import products
from server.sandbox.tables.parties import companies
from server.sandbox.tables.receivables import invoice_payments, invoices
from server.sandbox.tables.selling import sales_order_items, sales_orders
from server.sandbox.wire import Answer, Call, data

ACTIVE = "Active"
"""The status of a record that was not deleted; how far the order is says `order_status`."""

TAG_OWNER = "sales_order"

_total_paid = (
    select(func.coalesce(func.sum(invoices.c.total_paid), ZERO))
    .where(invoices.c.sales_order_id == sales_orders.c.id)
    .correlate(sales_orders)
    .scalar_subquery()
)

_payment_date = (
    select(func.max(invoice_payments.c.date))
    .join(invoices, invoices.c.id == invoice_payments.c.invoice_id)
    .where(invoices.c.sales_order_id == sales_orders.c.id)
    .correlate(sales_orders)
    .scalar_subquery()
)

ROWS: Select[Any] = select(
    sales_orders, _total_paid.label("total_paid"), _payment_date.label("payment_date")
).select_from(sales_orders.outerjoin(companies, sales_orders.c.company_id == companies.c.id))

_OWN = (
    "id", "created_at", "updated_at", "status", "order_number", "order_date", "ship_by_date", "ship_date",
    "hold_until_date", "earliest_ship_date", "order_status", "customer_username", "customer_email",
    "customer_po_number", "bill_to", "ship_to", "requested_shipping_service", "carrier_code", "service_code", "total",
    "total_tax", "total_shipping", "total_discount", "product_total", "customer_notes", "internal_notes",
    "gift_message", "gift", "skip_inventory", "channel_id", "source", "international_options", "custom_fields",
    "company_id", "total_paid", "payment_date",
)  # fmt: skip

_NOT_KEPT = (
    "user_id", "externally_fulfilled_by", "posted_by", "shipstation_order_id", "parent_id", "starred_description",
)  # fmt: skip
"""What a sales order shows and these books have no records of."""

_UNUSED_FLAGS = (
    "externally_fulfilled", "is_posted", "not_sync", "sales_posted", "split_order", "skip_sales_report",
)  # fmt: skip

_NO_FILTERS = {"bill_to", "ship_to", "international_options", "custom_fields", "total_paid", "payment_date"}

SALES_ORDERS = Listing(
    ROWS,
    {
        **fields(sales_orders.c, *(name for name in _OWN if name not in _NO_FILTERS)),
        "total_paid": field(_total_paid),
        "payment_date": field(_payment_date),
        "total_order_quantity": field(sales_orders.c.total_quantity),
        "company.id": field(sales_orders.c.company_id),
        "company.name": field(companies.c.name),
        "tag": tagging.tag_field(TAG_OWNER, sales_orders.c.id),
    },
    sales_orders.c.id,
)


def load(call: Call, name: str = "id") -> Record:
    """The order named in the path, as stored. Raises 404."""
    return load_id(call.connection, call.id(name, "Sales order"))


def load_id(connection: Connection, order_id: int) -> Record:
    """The order of that id, as stored. Raises 404."""
    return get_row(connection, sales_orders, "Sales order", sales_orders.c.id == order_id)


def show(call: Call, order_id: int, status: int = 200) -> Answer:
    """The whole order, with company, lines and tags."""
    rows = records(call.connection, ROWS.where(sales_orders.c.id == order_id))
    return data(present_at(call.today)(call.connection, rows)[0], status)


def present_at(today: date) -> Present:
    """Shows rows as whole orders of the age they have on that day."""
    return partial(_present, today)


def _present(today: date, connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    ids = [row["id"] for row in rows]
    lines = lines_of(connection, ids)
    buyers = companies_of(connection, [row["company_id"] for row in rows if row["company_id"]])
    tags = tagging.tags_of(connection, TAG_OWNER, ids)
    picking = _picking(connection, ids)
    return [
        {
            **dict.fromkeys(_NOT_KEPT),
            **dict.fromkeys(_UNUSED_FLAGS, False),
            **{name: row[name] for name in _OWN},
            "order_id": str(row["id"]),
            "customer_id": str(row["company_id"]) if row["company_id"] else None,
            "age": (today - row["order_date"]).days,
            "type": "order",
            "total_order_quantity": row["total_quantity"],
            "shipping_revenue": row["total_shipping"],
            **_costs(lines.get(row["id"], [])),
            "picking_status": picking.get(row["id"], "none"),
            "company": buyers.get(row["company_id"]),
            "items": [_line(line) for line in lines.get(row["id"], [])],
            "tags": tags.get(row["id"], []),
        }
        for row in rows
    ]


def _line(line: Record) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in ("sales_order_id", "unit_cost")}


def _costs(lines: Iterable[Record]) -> dict[str, Any]:
    goods = sum((cents(line["quantity"] * line["unit_cost"]) for line in lines), ZERO)
    return {"total_order_cost": goods, "order_cost_details": {"products": goods}}


def lines_of(connection: Connection, order_ids: Sequence[int]) -> dict[int, list[Record]]:
    """The lines of several orders, by order, each with its product's SKU."""
    query = (
        select(sales_order_items, products.c.sku)
        .join(products, products.c.id == sales_order_items.c.product_id)
        .where(sales_order_items.c.sales_order_id.in_(order_ids))
        .order_by(sales_order_items.c.sales_order_id, sales_order_items.c.line_number, sales_order_items.c.id)
    )
    return by_owner(records(connection, query), "sales_order_id")


def children(connection: Connection, table: Table, owner: str, ids: Sequence[int]) -> dict[int, list[Record]]:
    """The rows of a table that belong to several records, by the owner's id."""
    return by_owner(records(connection, select(table).where(table.c[owner].in_(ids)).order_by(table.c.id)), owner)


def by_owner(rows: Iterable[Record], owner: str) -> dict[int, list[Record]]:
    """The rows in groups."""
    found: dict[int, list[Record]] = {}
    for row in rows:
        found.setdefault(row[owner], []).append(row)
    return found


def companies_of(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The companies of these ids as they are shown, by id."""
    rows = records(connection, company_record.ROWS.where(companies.c.id.in_(ids)))
    return {company["id"]: company for company in company_record.present(connection, rows)}


def _picking(connection: Connection, order_ids: Sequence[int]) -> dict[int, str]:
    """How far picking is for the orders that have picklists."""
    query = (
        select(fulfillment_orders.c.sales_order_id, func.min(picklists.c.picked_at.is_not(None)))
        .join(picklists, picklists.c.fulfillment_order_id == fulfillment_orders.c.id)
        .where(fulfillment_orders.c.sales_order_id.in_(order_ids))
        .group_by(fulfillment_orders.c.sales_order_id)
    )
    return {row[0]: "picked" if row[1] else "picking" for row in connection.execute(query)}


def change(call: Call, order_id: int, **values: Any) -> None:
    """Store new values of the order's own columns."""
    changed = {**values, "updated_at": call.now}
    call.connection.execute(update(sales_orders).where(sales_orders.c.id == order_id).values(changed))


def totals(lines: Sequence[Record], tax: Decimal, shipping: Decimal) -> dict[str, Decimal]:
    """The sums of an order with these lines."""
    discount = sum((line["discount"] for line in lines), ZERO)
    goods = sum((line["line_total"] for line in lines), ZERO) + discount
    return {
        "product_total": goods,
        "total_discount": discount,
        "total_tax": tax,
        "total_shipping": shipping,
        "total": goods - discount + tax + shipping,
        "total_quantity": sum((line["quantity"] for line in lines), Decimal(0)),
    }
