"""Sales lines whose goods were sent, with what these cost."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, func, select, type_coerce

from server.sandbox.filters import Listing, field, fields
from server.sandbox.tables.base import MONEY, QUANTITY, UNIT_PRICE
from server.sandbox.tables.channels import channels
from server.sandbox.tables.goods import products
from server.sandbox.tables.selling import sales_order_items, sales_orders

_line = sales_order_items.c


def money_of(quantity: ColumnElement[Any], unit_price: ColumnElement[Any]) -> ColumnElement[Any]:
    """Quantity times unit price, rounded half up to cents, for amounts that are not negative.

    Whole units and the rest are multiplied apart, which keeps every product within 64 bits.
    """
    one = 10**QUANTITY.places
    units: ColumnElement[int] = type_coerce(quantity, Integer)
    price: ColumnElement[int] = type_coerce(unit_price, Integer)
    exact = units // one * price + units % one * price // one
    cent = 10 ** (UNIT_PRICE.places - MONEY.places)
    return type_coerce((exact + cent // 2) // cent, MONEY)


_date: ColumnElement[Any] = func.coalesce(sales_orders.c.ship_date, sales_orders.c.order_date)
_cogs = money_of(_line.quantity_shipped, _line.unit_cost)

ROWS: Select[Any] = (
    select(
        _line.id,
        _date.label("date"),
        _line.sales_order_id,
        sales_orders.c.order_number,
        sales_orders.c.channel_id,
        channels.c.label.label("channel"),
        _line.product_id,
        products.c.sku,
        _line.name.label("product_name"),
        _line.quantity_shipped.label("quantity"),
        _line.unit_cost.label("cost_per_unit"),
        _cogs.label("cogs"),
    )
    .join(sales_orders, sales_orders.c.id == _line.sales_order_id)
    .join(products, products.c.id == _line.product_id)
    .outerjoin(channels, channels.c.id == sales_orders.c.channel_id)
    .where(_line.quantity_shipped > 0)
)

SOLD = Listing(
    ROWS,
    {
        **fields(_line, "id", "sales_order_id", "product_id"),
        **fields(sales_orders.c, "order_number", "channel_id"),
        "sales_order.order_number": field(sales_orders.c.order_number),
        "date": field(_date),
        "channel": field(channels.c.label),
        "sku": field(products.c.sku),
        "product_name": field(_line.name),
        "quantity": field(_line.quantity_shipped),
        "cost_per_unit": field(_line.unit_cost),
        "cost": field(_line.unit_cost),
        "cogs": field(_cogs),
    },
    _line.id,
    parameters=frozenset({"start_date", "end_date"}),
)

SHIPPED_ON = _date
"""The day the goods of a line's order were sent."""
