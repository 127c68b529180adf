"""Sales orders, their shipments and packages, and customer returns, as documented.

Addresses of orders say postal_code; those of shipments say postalCode on the wire.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, StrictInt, WithJsonSchema, model_validator

from schemas.common import (
    Arguments,
    Date,
    Id,
    Money,
    Nested,
    Quantity,
    Record,
    UnitPrice,
    View,
)

OrderStatus = Literal[
    "pending",
    "shipped",
    "fulfilled",
    "cancelled",
    "awaiting_shipment",
    "partially_shipped",
    "on_hold",
    "backorder",
    "partially_refunded",
    "committed",
    "processing",
    "completed",
]

# Orders


class NewOrderLine(Nested):
    """A line of a sales order to create: product_id or sku names the product (documented)."""

    product_id: Id | None = None
    sku: str | None = None
    quantity: Quantity | None = None
    unit_price: UnitPrice | None = None

    @model_validator(mode="after")
    def _names_a_product(self) -> NewOrderLine:
        if self.product_id is None and self.sku is None:
            raise ValueError("give product_id or sku")
        return self


class OrderAddress(Nested):
    """An address of a sales order."""

    name: str | None = None
    company: str | None = None
    street1: str | None = None
    street2: str | None = None
    street3: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None


LikeShipTo = Annotated[OrderAddress, WithJsonSchema({"type": "object", "properties": {"name": {"type": "string"}}})]
"""An address beside another: checked alike, spelled out in the schema once."""


class SalesOrderLine(Record):
    """A line of a sales order. Single orders say unit_price, the export says price."""

    id: int | None = None
    order_item_id: int | None = None
    product_id: int | None = None
    sku: str | None = None
    name: str | None = None
    quantity: Quantity | None = None
    unit_price: UnitPrice | None = None
    price: UnitPrice | None = None
    tax: Money | None = None
    view: ClassVar[View] = View("id", "order_item_id", "sku", "name", "quantity", "unit_price", "price", "tax")


class SalesOrder(Record):
    """A customer's order. status says whether the record is active, order_status how far the order is."""

    id: int | None = None
    order_id: str | int | None = None
    order_number: str | None = None
    order_status: str | None = None
    status: str | None = None
    order_date: dt.date | None = None
    payment_date: dt.date | None = None
    ship_by_date: dt.date | None = None
    ship_date: dt.date | None = None
    hold_until_date: dt.date | None = None
    channel_id: int | None = None
    company_id: int | None = None
    customer_id: str | int | None = None
    customer_username: str | None = None
    customer_email: str | None = None
    customer_po_number: str | None = None
    total: Money | None = None
    total_amount: Money | None = None
    total_paid: Money | None = None
    total_tax: Money | None = None
    total_shipping: Money | None = None
    total_discount: Money | None = None
    product_total: Money | None = None
    shipping_revenue: Money | None = None
    total_order_cost: Money | None = None
    total_order_quantity: Quantity | None = None
    customer_notes: str | None = None
    internal_notes: str | None = None
    items: list[SalesOrderLine] | None = None
    view: ClassVar[View] = View(
        "id",
        "order_number",
        "order_date",
        "order_status",
        "company.name",
        "customer_username",
        "ship_by_date",
        "total",
        "total_paid",
        sums=("total", "total_paid"),
        counts=("order_status",),
    )


class ExportedOrder(SalesOrder):
    """A sales order as the export gives it: its number is order_id, its total total_amount."""

    view: ClassVar[View] = View(
        "order_id",
        "order_number",
        "order_date",
        "order_status",
        "customer_username",
        "total_amount",
        "total_paid",
        "updated_at",
        sums=("total_amount", "total_paid"),
        counts=("order_status",),
    )


# Shipments


class ShipmentAddress(Nested):
    """Where a shipment goes. The postal code is camelCase on the wire, unlike in orders (documented)."""

    name: str | None = None
    street1: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = Field(None, serialization_alias="postalCode")
    country: str | None = None
    residential: bool | None = None
    company: str | None = None
    street2: str | None = None
    street3: str | None = None
    phone: str | None = None


class FullShipmentAddress(ShipmentAddress):
    """The same with what shipments of sales orders need (documented)."""

    name: str
    street1: str
    city: str
    state: str
    postal_code: str = Field(serialization_alias="postalCode")
    country: str
    residential: bool


class Weight(Nested):
    """A weight and its unit, such as ounces."""

    value: Quantity | None = None
    units: str | None = None


class Dimensions(Nested):
    """Measures of a package and their unit, such as inches."""

    units: str | None = None
    length: Quantity | None = None
    width: Quantity | None = None
    height: Quantity | None = None


class NewShipmentLine(Nested):
    """What of an order line is in a shipment."""

    product_id: Id | None = None
    order_item_id: Id | None = None
    quantity: StrictInt | None = None
    unit_price: UnitPrice | None = None
    weight: Weight | None = None


class ShipmentDetails(Arguments):
    """What may be said about a shipment besides what it needs. service_code: such as ups_ground."""

    bol_number: str | None = None
    pro_number: str | None = None
    partner_reference_number: str | None = None
    is_return: bool | None = None
    service_code: str | None = None
    shipment_cost: Money | None = None
    insurance_cost: Money | None = None
    package_code: str | None = None
    weight: Weight | None = None
    dimensions: Dimensions | None = None


class ShipmentLine(Record):
    """A line of a shipment."""

    id: int | None = None
    product_id: int | None = None
    order_item_id: int | None = None
    quantity: Quantity | None = None
    unit_price: UnitPrice | None = None
    view: ClassVar[View] = View("id", "product_id", "order_item_id", "quantity", "unit_price")


class Shipment(Record):
    """Goods sent to a customer. status is a number whose meaning is not documented."""

    id: int | None = None
    sales_order_id: int | None = None
    ship_date: dt.date | None = None
    tracking_number: str | None = None
    carrier_code: str | None = None
    service_code: str | None = None
    package_code: str | None = None
    is_return: bool | None = None
    shipment_cost: Money | None = None
    insurance_cost: Money | None = None
    warehouse_id: int | None = None
    status: int | None = None
    items: list[ShipmentLine] | None = None
    view: ClassVar[View] = View(
        "id",
        "sales_order_id",
        "ship_date",
        "carrier_code",
        "service_code",
        "tracking_number",
        "warehouse_id",
        "shipment_cost",
        "is_return",
        sums=("shipment_cost",),
        counts=("carrier_code",),
    )


_EXACT_INTEGER = 2**53
"""Up to here every JSON reader keeps integers as they are; many round larger ones."""


def _sscc(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _EXACT_INTEGER:
        return value
    raise ValueError("must be a string of at most 18 digits; numbers that long lose their last digits on the way")


Sscc = Annotated[int, BeforeValidator(_sscc), WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string"}]})]
"""A serial shipping container code: a number on the wire, given as text."""


class PackedItem(Nested):
    """What is inside a package."""

    order_item_id: Id | None = None
    line_item_key: str | None = None
    sku: str | None = None
    internal_sku: str | None = None
    upc: str | None = None
    quantity: StrictInt | None = None
    description: str | None = None
    lot_number: str | None = None
    serial_number: str | None = None
    expiration_date: Date | None = None
    weight_lb: Quantity | None = None


class NewPackage(Nested):
    """A package of a shipment; measures in inches, weight in pounds."""

    tracking: str | None = None
    sscc: Sscc | None = Field(None, description="As a string")
    package_quantity: StrictInt | None = None
    package_type: str | None = None
    packing_type: str | None = None
    length_in: Quantity | None = None
    width_in: Quantity | None = None
    height_in: Quantity | None = None
    weight_lb: Quantity | None = None
    contained_items: list[PackedItem] | None = None


class PackedLine(Record):
    """What is inside a package, as answered."""

    id: int | None = None
    order_item_id: int | None = None
    sku: str | None = None
    description: str | None = None
    quantity: Quantity | None = None
    lot_number: str | None = None
    view: ClassVar[View] = View("id", "order_item_id", "sku", "description", "quantity", "lot_number")


class ShipmentPackage(Record):
    """A package of a shipment."""

    id: int | None = None
    sscc: int | str | None = None
    tracking: str | None = None
    package_type: str | None = None
    package_quantity: int | None = None
    weight_lb: Quantity | None = None
    parent_package_id: int | None = None
    items: list[PackedLine] | None = None
    view: ClassVar[View] = View(
        "id", "sscc", "tracking", "package_type", "package_quantity", "weight_lb", "parent_package_id", "items"
    )


FreeObjects = list[dict[str, Any]]
"""Objects whose fields are not documented."""

# Customer returns

ReturnType = Literal["return-only", "refund-only", "return-and-refund"]


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be 0 or 1")
    return value


Switch = Annotated[Literal[0, 1], BeforeValidator(_number)]
"""0 or 1, where the API wants a number rather than true or false."""


class NewReturnLine(Nested):
    """Which order line comes back, how much of it, and where its stock goes."""

    sales_order_item_id: Id | None = None
    quantity: Quantity | None = None
    uom_id: Id | None = None
    location_id: Id | None = None
    lot_id: Id | None = None


class CustomerReturnLine(Record):
    """A line of a customer return."""

    id: int | None = None
    sales_order_item_id: int | None = None
    sku: str | None = None
    quantity: Quantity | None = None
    location_id: int | None = None
    lot_id: int | None = None
    view: ClassVar[View] = View("id", "sales_order_item_id", "sku", "quantity", "location_id", "lot_id")


class CustomerReturn(Record):
    """Goods that a customer sends back. restock: whether receiving them puts them into stock."""

    id: int | None = None
    sales_order_id: int | None = None
    status: str | None = None
    transaction_type: str | None = None
    restock: bool | None = None
    order_date: dt.date | None = None
    items: list[CustomerReturnLine] | None = None
    view: ClassVar[View] = View(
        "id",
        "sales_order_id",
        "status",
        "transaction_type",
        "restock",
        "order_date",
        "items.sku",
        "items.quantity",
        "refund.amount",
        entries=("items",),
        counts=("status", "transaction_type"),
    )
