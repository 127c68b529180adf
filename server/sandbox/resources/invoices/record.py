"""Invoices as they are shown: with customer, lines, payments, sales order and tags."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from server.sandbox.filters import Listing, field, fields
from server.sandbox.resources import tagging
from server.sandbox.rows import Record, records
from server.sandbox.tables.exchange import invoice_sync_errors
from server.sandbox.tables.goods import products
from server.sandbox.tables.parties import companies
from server.sandbox.tables.receivables import invoice_items, invoice_payments, invoices
from server.sandbox.tables.selling import sales_orders

FILTERED = (
    "status", "payment_status", "approval_status", "customer_po_number", "order_date", "ship_by_date", "created_at",
    "updated_at", "total_qty", "total", "total_shipping", "total_discount", "total_paid", "total_due",
)  # fmt: skip

ROWS: Select[Any] = select(invoices).select_from(
    invoices.outerjoin(sales_orders, invoices.c.sales_order_id == sales_orders.c.id).join(
        companies, invoices.c.company_id == companies.c.id
    )
)

INVOICES = Listing(
    ROWS,
    {
        **fields(invoices.c, *FILTERED),
        "id": field(invoices.c.id),
        "customer.id": field(companies.c.id),
        "customer.name": field(companies.c.name),
        "sales_order.order_number": field(sales_orders.c.order_number),
        "tag": tagging.tag_field("invoice", invoices.c.id),
    },
    invoices.c.id,
)

_OWN = (
    "id", "created_at", "updated_at", "status", "payment_status", "order_date", "ship_by_date", "approval_status",
    "customer_po_number", "payment_terms", "public_note", "private_note", "total_qty", "total_shipping",
    "total_discount", "total", "total_paid", "total_due", "warehouse_id", "ship_to",
)  # fmt: skip

_OF_THE_ORDER = (
    "id", "created_at", "updated_at", "status", "order_status", "order_number", "order_date", "ship_by_date",
    "ship_date", "hold_until_date", "total", "total_shipping", "total_tax", "total_discount", "product_total",
    "customer_username", "customer_email", "customer_po_number", "requested_shipping_service", "customer_notes",
    "internal_notes", "channel_id", "source", "bill_to", "ship_to", "skip_inventory",
)  # fmt: skip

_NOT_KEPT = (
    "payment_date", "user_id", "externally_fulfilled_by", "posted_by", "total_order_cost", "shipstation_order_id",
    "parent_id", "starred_description",
)  # fmt: skip
"""What a sales order shows and these books have no records of."""

_FLAGS = ("externally_fulfilled", "is_posted", "not_sync", "sales_posted", "split_order", "skip_sales_report")


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows as whole invoices."""
    ids = [row["id"] for row in rows]
    items = _children(connection, invoice_items, ids)
    payments = _children(connection, invoice_payments, ids)
    tags = tagging.tags_of(connection, "invoice", ids)
    customers = _by_id(connection, companies, [row["company_id"] for row in rows])
    orders = _by_id(connection, sales_orders, [row["sales_order_id"] for row in rows if row["sales_order_id"]])
    failed = _sync_errors(connection, ids)
    skus = _skus(connection, [item["product_id"] for lines in items.values() for item in lines])
    return [
        {
            **{name: row[name] for name in _OWN},
            "order_date": _midnight(row["order_date"]),
            "ship_by_date": _midnight(row["ship_by_date"]),
            "quickbooks_invoice_id": None,
            "quickbooks_message": failed.get(row["id"]),
            "customer": _customer(customers[row["company_id"]]),
            "items": [_item(item, skus) for item in items.get(row["id"], [])],
            "payments": [_payment(payment) for payment in payments.get(row["id"], [])],
            "sales_order": _sales_order(orders.get(row["sales_order_id"]), row),
            "custom_fields": row["custom_fields"],
            "tags": tags.get(row["id"], []),
        }
        for row in rows
    ]


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _children(connection: Connection, table: Table, ids: list[int]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = {}
    query = select(table).where(table.c.invoice_id.in_(ids)).order_by(table.c.id)
    for row in records(connection, query):
        found.setdefault(row["invoice_id"], []).append(row)
    return found


def _by_id(connection: Connection, table: Table, ids: list[int]) -> dict[int, Record]:
    query = select(table).where(table.c.id.in_(ids))
    return {row["id"]: row for row in records(connection, query)}


def _sync_errors(connection: Connection, ids: list[int]) -> dict[int, str]:
    """The latest reason why an invoice did not get into the accounting system."""
    error = invoice_sync_errors.c
    query = select(error.invoice_id, error.message).where(error.invoice_id.in_(ids)).order_by(error.id)
    return {row.invoice_id: row.message for row in connection.execute(query)}


def _skus(connection: Connection, ids: list[int]) -> dict[int, str]:
    query = select(products.c.id, products.c.sku).where(products.c.id.in_(ids))
    return {row.id: row.sku for row in connection.execute(query)}


def _customer(company: Record) -> dict[str, Any]:
    return {
        "id": company["id"],
        "name": company["name"],
        "address_1": company["address"],
        "address_2": company["address_line_2"],
        "city": company["city"],
        "state": company["state"],
        "zip": company["postal_code"],
        "country": company["country"],
        "phone": company["phone"],
        "email": None,
        "created_at": company["created_at"],
        "updated_at": company["updated_at"],
    }


def _item(item: Record, skus: Mapping[int, str]) -> dict[str, Any]:
    names = ("id", "created_at", "updated_at", "name", "product_id", "qty", "unit_price", "discount", "total")
    return {**{name: item[name] for name in names}, "sku": skus[item["product_id"]]}


def _payment(payment: Record) -> dict[str, Any]:
    return {**payment, "date": _midnight(payment["date"]), "gateway_response": None, "deleted_at": None}


def _sales_order(order: Record | None, invoice: Record) -> dict[str, Any] | None:
    if order is None:
        return None
    return {
        **dict.fromkeys(_NOT_KEPT),
        **dict.fromkeys(_FLAGS, False),
        **{name: order[name] for name in _OF_THE_ORDER},
        "order_id": str(order["id"]),
        "customer_id": str(order["company_id"]) if order["company_id"] else None,
        "age": (invoice["updated_at"].date() - order["order_date"]).days,
        "total_paid": invoice["total_paid"],
        "shipping_revenue": order["total_shipping"],
        "total_order_quantity": order["total_quantity"],
        "order_cost_details": {},
        "type": "order",
        "picking_status": "none",
    }
