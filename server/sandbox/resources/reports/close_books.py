"""What to look at before a month is closed: sales, and records without a cost, a value or a place in the ledger."""

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from server.sandbox.money import ZERO
from server.sandbox.resources.reports.periods import period
from server.sandbox.resources.reports.sold import ROWS, SHIPPED_ON
from server.sandbox.rows import Record, records
from server.sandbox.tables.base import MONEY, QUANTITY
from server.sandbox.tables.channels import channels
from server.sandbox.tables.exchange import invoice_sync_errors
from server.sandbox.tables.goods import products
from server.sandbox.tables.parties import companies
from server.sandbox.tables.receivables import invoice_items, invoices
from server.sandbox.tables.selling import sales_order_items, sales_orders
from server.sandbox.tables.stock import cost_layers, warehouses
from server.sandbox.wire import Answer, Call, Routes, data

routes = Routes()

DIRECT = "Direct sales"
"""What invoices are listed under that came through no channel."""

ACTIVE = "active"

_SUMS = ("product_sales", "discounts", "shipping", "tax", "total_sales")


@routes.get("/reports/close-books/sales-summary")
def get_close_books_sales_summary(call: Call) -> Answer:
    """What was invoiced through each channel; cancelled invoices do not count."""
    asked = period(call)
    invoice = invoices.c
    goods = (
        select(invoice_items.c.invoice_id, func.sum(invoice_items.c.total, type_=MONEY).label("amount"))
        .group_by(invoice_items.c.invoice_id)
        .subquery()
    )
    query = (
        select(
            channels.c.id.label("channel_id"),
            channels.c.label.label("channel"),
            func.count().label("invoice_count"),
            func.sum(invoice.total_qty, type_=QUANTITY).label("quantity"),
            func.sum(goods.c.amount, type_=MONEY).label("product_sales"),
            func.sum(invoice.total_discount, type_=MONEY).label("discounts"),
            func.sum(invoice.total_shipping, type_=MONEY).label("shipping"),
            func.sum(invoice.tax_amount, type_=MONEY).label("tax"),
            func.sum(invoice.total, type_=MONEY).label("total_sales"),
        )
        .join(goods, goods.c.invoice_id == invoice.id)
        .outerjoin(sales_orders, sales_orders.c.id == invoice.sales_order_id)
        .outerjoin(channels, channels.c.id == func.coalesce(invoice.sales_channel_id, sales_orders.c.channel_id))
        .where(invoice.status == ACTIVE, invoice.order_date.between(asked.start, asked.end))
        .group_by(channels.c.id)
        .order_by(channels.c.id)
    )
    rows = [{**row, "channel": row["channel"] or DIRECT} for row in records(call.connection, query)]
    return data({**asked.shown(), "channels": rows, "totals": _totals(rows)})


def _totals(rows: list[Record]) -> dict[str, Any]:
    return {
        "invoice_count": sum(row["invoice_count"] for row in rows),
        "quantity": sum((row["quantity"] for row in rows), Decimal(0)),
        **{name: sum((row[name] for row in rows), ZERO) for name in _SUMS},
    }


@routes.get("/reports/close-books/zero-cost-items")
def get_close_books_zero_cost_items(call: Call) -> Answer:
    """Lines that were sent in the period and cost nothing."""
    asked = period(call)
    free = (sales_order_items.c.unit_cost == 0) & SHIPPED_ON.between(asked.start, asked.end)
    return data(records(call.connection, ROWS.where(free).order_by(SHIPPED_ON, sales_order_items.c.id)))


@routes.get("/reports/close-books/zero-valuation-inventory")
def get_close_books_zero_valuation_inventory(call: Call) -> Answer:
    """Goods in stock that came in without a cost, by product and warehouse."""
    layer = cost_layers.c
    query = (
        select(
            layer.product_id,
            products.c.sku,
            products.c.name.label("product_name"),
            layer.warehouse_id,
            warehouses.c.name.label("warehouse_name"),
            func.sum(layer.remaining, type_=QUANTITY).label("quantity"),
            func.min(layer.received_on).label("received_on"),
        )
        .join(products, products.c.id == layer.product_id)
        .join(warehouses, warehouses.c.id == layer.warehouse_id)
        .where(layer.is_exhausted.is_(False), layer.unit_cost == 0)
        .group_by(layer.product_id, layer.warehouse_id)
        .order_by(layer.product_id, layer.warehouse_id)
    )
    return data([{**row, "value": ZERO} for row in records(call.connection, query)])


@routes.get("/reports/close-books/invoice-sync-errors")
def get_close_books_invoice_sync_errors(call: Call) -> Answer:
    """Invoices that the accounting software turned down in the period."""
    begin, end = period(call).moments()
    error = invoice_sync_errors.c
    query = (
        select(
            error.id,
            error.invoice_id,
            invoices.c.order_date.label("invoice_date"),
            companies.c.name.label("customer_name"),
            invoices.c.total,
            error.system,
            error.message,
            error.occurred_at,
        )
        .join(invoices, invoices.c.id == error.invoice_id)
        .join(companies, companies.c.id == invoices.c.company_id)
        .where(error.occurred_at >= begin, error.occurred_at < end)
        .order_by(error.occurred_at, error.id)
    )
    return data(records(call.connection, query))
