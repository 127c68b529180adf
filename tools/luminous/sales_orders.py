"""Sales orders, their shipments and packages, and customer returns: 15 operations."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, WithJsonSchema, model_validator

from schemas.common import Arguments, Date, Email, Evidence, Id, Mark, Money, Page, ShortText
from schemas.filters import Filters
from schemas.listing import Listing, Paging
from schemas.luminous.sales_orders import (
    CustomerReturn,
    ExportedOrder,
    FreeObjects,
    FullShipmentAddress,
    LikeShipTo,
    NewOrderLine,
    NewPackage,
    NewReturnLine,
    NewShipmentLine,
    OrderAddress,
    OrderStatus,
    ReturnType,
    SalesOrder,
    Shipment,
    ShipmentDetails,
    ShipmentPackage,
    Switch,
)
from tools.operation import System, Toolset

sales_orders = Toolset("sales_orders", System.LUMINOUS)

INFERRED = Evidence.INFERRED

ExportSize = Annotated[int, Field(ge=1, le=1000, strict=True), WithJsonSchema({"type": "integer"})]
"""Rows of one answer of the export."""


class OrderShipments(Arguments):
    """Names the sales order whose shipments are meant."""

    sales_order_id: Id


class ShipmentRef(OrderShipments):
    """Names one shipment of a sales order."""

    shipment_id: Id


class ReturnRef(Arguments):
    """Names one customer return."""

    id: Id


# Orders


@sales_orders.read("GET", "/sales-orders", returns=Page[SalesOrder], evidence=Evidence.CLIENT)
class ListSalesOrders(Listing):
    """Customers' orders by any filter. Changes since a time: export_sales_orders."""

    order_status: str | None = None
    order_date: Date | None = None


@sales_orders.read("GET", "/sales-orders/{id}", returns=SalesOrder)
class GetSalesOrder(Arguments, extra="allow"):
    """One sales order with company, addresses and totals."""

    id: Id


@sales_orders.read("GET", "/sales-orders/export", returns=Page[ExportedOrder])
class ExportSalesOrders(Arguments):
    """Active orders with lines, in order of change, for a sync. Give exactly one of since and cursor."""

    since: str | None = Field(None, description="First page: changed since, UTC")
    cursor: str | None = Field(None, description="Later pages: next_cursor of the last")
    limit: ExportSize | None = None

    @model_validator(mode="after")
    def _starts_or_goes_on(self) -> ExportSalesOrders:
        if (self.since is None) == (self.cursor is None):
            raise ValueError("give exactly one of since and cursor")
        return self


@sales_orders.write("POST", "/sales-orders", returns=SalesOrder)
class CreateSalesOrder(Arguments, extra="allow"):
    """Enter a customer's order. company_id fills the addresses, else give both. Lines name product_id or sku."""

    channel_id: Id
    order_number: ShortText
    order_date: Date
    order_status: OrderStatus
    items: list[NewOrderLine] = Field(min_length=1)
    customer_username: ShortText | None = None
    customer_po_number: ShortText | None = None
    company_id: Id | None = None
    bill_to: LikeShipTo | None = Field(None, description="Keys as in ship_to")
    ship_to: OrderAddress | None = None
    ship_date: Date | None = None
    hold_until_date: Date | None = None
    ship_by_date: Date | None = None
    total_tax: Money | None = Field(None, ge=0)


@sales_orders.write("PATCH", "/sales-orders/{id}", returns=SalesOrder)
class UpdateSalesOrder(Arguments, extra="allow"):
    """Change a sales order's status, addresses, dates, notes or tags. Lines stay."""

    id: Id
    order_status: str | None = None
    customer_email: Email | None = None
    customer_username: str | None = None
    customer_po_number: str | None = None
    bill_to: OrderAddress | None = None
    ship_to: OrderAddress | None = None
    ship_date: Date | None = None
    hold_until_date: Date | None = None
    ship_by_date: Date | None = None
    earliest_ship_date: Date | None = None
    requested_shipping_service: str | None = None
    carrier_code: str | None = None
    service_code: str | None = None
    customer_notes: str | None = None
    internal_notes: str | None = None
    gift_message: str | None = None
    gift: bool | None = None
    international_options: FreeObjects | None = None
    custom_fields: FreeObjects | None = None
    tags: list[str] | None = None


# Shipments


@sales_orders.read("GET", "/sales-orders/{sales_order_id}/shipments", returns=Page[Shipment])
class ListSalesOrderShipments(OrderShipments, Paging):
    """What was shipped for one sales order: tracking, carrier, cost."""

    filters: Filters | None = None


@sales_orders.write("POST", "/sales-orders/{sales_order_id}/shipments", returns=Shipment)
class CreateSalesOrderShipment(OrderShipments, ShipmentDetails, extra="allow"):
    """Record a shipment that left; sets the order's status, not stock."""

    ship_date: Date
    tracking_number: str
    carrier_code: str
    warehouse_id: Id
    ship_to: FullShipmentAddress
    items: list[NewShipmentLine] = Field(min_length=1)
    fulfillment_order_id: Id | None = None


@sales_orders.write(
    "POST", "/sales-orders/{sales_order_id}/shipments/{shipment_id}/packages", returns=Page[ShipmentPackage]
)
class CreateShipmentPackages(ShipmentRef, extra="allow"):
    """Add packages and what is in them to a shipment."""

    packages: Annotated[list[NewPackage], INFERRED] = Field(min_length=1)


@sales_orders.outward(
    "POST",
    "/sales-orders/{sales_order_id}/shipments/{shipment_id}/force-push-source-fulfillment",
    evidence=Evidence.CLIENT,
)
class ForcePushShipmentFulfillment(ShipmentRef, extra="allow"):
    """Report a shipment to the order's source system for named lines whose SKUs do not match (kits)."""

    sales_order_item_ids: list[Id]
    tracking_number: str | None = None
    carrier: str | None = None


# Customer returns


@sales_orders.read("GET", "/returns", returns=Page[CustomerReturn])
class ListCustomerReturns(Paging):
    """Goods that customers send back."""

    filters: Annotated[Filters | None, Mark.UNLISTED] = None


@sales_orders.read("GET", "/returns/{id}", returns=CustomerReturn, evidence=Evidence.CLIENT)
class GetCustomerReturn(ReturnRef, extra="allow"):
    """One customer return with its lines."""


@sales_orders.write("POST", "/returns", returns=CustomerReturn)
class CreateCustomerReturn(Arguments):
    """Take back or refund lines of a sales order (sales_order_item_id, quantity); Pending until
    receive_customer_return."""

    sales_order_id: Id
    items: list[NewReturnLine] = Field(min_length=1)
    order_date: Date | None = None
    is_posted: Switch | None = Field(None, description="1: received at once")
    restock: bool | None = None
    transaction_type: ReturnType | None = Field(None, description="Default return-only")


@sales_orders.write("PATCH", "/returns/{id}/receive", returns=CustomerReturn, when=("Pending",))
class ReceiveCustomerReturn(ReturnRef):
    """Mark a return as received; puts its goods into stock unless restock is false."""


@sales_orders.write("PATCH", "/returns/{id}/restock", returns=CustomerReturn, evidence=Evidence.CLIENT)
class SetCustomerReturnRestock(ReturnRef, extra="allow"):
    """Say whether receiving a return puts its goods into stock."""

    restock: Annotated[bool, INFERRED]


@sales_orders.destroy("DELETE", "/returns/{id}", evidence=Evidence.CLIENT)
class DeleteCustomerReturn(ReturnRef, extra="allow"):
    """Delete a return; if it was received, its stock is taken out again."""
