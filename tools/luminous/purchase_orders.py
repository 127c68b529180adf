"""Purchase orders, their payments, shipments and obligations, and receiving reports: 23 operations."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from schemas.common import Arguments, Date, Evidence, Id, LongText, Moment, Money, Page, Quantity, ShortText
from schemas.filters import Filters
from schemas.listing import Listing, Paging
from schemas.luminous.bills import OrderLine, PaymentType
from schemas.luminous.payment_obligations import PaymentObligation
from schemas.luminous.purchase_orders import (
    InboundShipment,
    NewPurchaseOrderLine,
    NewReceivingLine,
    OrderStatus,
    PaymentEntries,
    PurchaseOrder,
    PurchaseOrderItem,
    PurchaseOrderLineChange,
    PurchaseOrderShipment,
    ReceivingReport,
)
from tools.operation import System, Toolset

purchase_orders = Toolset("purchase_orders", System.LUMINOUS, Evidence.CLIENT)

INFERRED = Evidence.INFERRED
Flag = Annotated[bool, AfterValidator(int), WithJsonSchema({"type": "boolean"})]
"""A yes or no that this API's examples send as 1 or 0."""


class RecordRef(Arguments):
    """Names the record whose path it is."""

    id: Id


class PurchaseOrderRef(Arguments):
    """Names the purchase order that something belongs to."""

    purchase_order_id: Id


class PurchaseOrderPaymentRef(PurchaseOrderRef):
    """Names one payment of a purchase order."""

    payment_id: Id


class PurchaseOrderFields(Arguments):
    """What can be stored about an order, besides supplier, date and lines."""

    warehouse_id: Id | None = None
    location_id: Id | None = None
    order_status: OrderStatus | None = None
    order_numbers: list[ShortText] | None = None
    invoice_date: Date | None = None
    total_shipping_cost: Money | None = Field(None, ge=0)
    total_tax: Money | None = Field(None, ge=0)
    public_note: str | None = None
    private_note: str | None = None
    requested_ship_date: Date | None = None
    arrival_due_date: Date | None = None
    payments: PaymentEntries | None = None


# Orders


@purchase_orders.read("GET", "/purchase-orders", returns=Page[PurchaseOrder], evidence=Evidence.DOCUMENTED)
class ListPurchaseOrders(Paging):
    """Orders to suppliers by status, date, supplier, cost or quantity still to come."""

    order_numbers: str | None = None
    public_note: str | None = None
    private_note: str | None = None
    tag: str | None = None
    order_date: Date | None = None
    invoice_date: Date | None = None
    requested_ship_date: Date | None = None
    arrival_due_date: Date | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    order_quantity: Quantity | None = None
    order_cost: Money | None = None
    total_cost: Money | None = None
    total_tax: Money | None = None
    total_shipping_cost: Money | None = None
    total_paid: Money | None = None
    total_qty_ordered: Quantity | None = None
    total_qty_received: Quantity | None = None
    total_qty_remaining: Quantity | None = None
    starred: Flag | None = None
    supplier_id: Id | None = None
    warehouse_id: Id | None = None
    location_id: Id | None = None
    # The page lists these values here and active, completed, deleted on the update; filters takes any.
    order_status: Literal["active", "inactive", "deleted"] | None = None
    filters: Filters | None = None


@purchase_orders.read("GET", "/purchase-orders/{id}", returns=PurchaseOrder)
class GetPurchaseOrder(RecordRef, extra="allow"):
    """One purchase order with lines, payments and supplier."""


@purchase_orders.read("GET", "/purchase-orders/items", returns=Page[PurchaseOrderItem], evidence=Evidence.DOCUMENTED)
class ListPurchaseOrderItems(Paging):
    """Order lines across all purchase orders, or of one."""

    purchase_order_id: Id | None = None
    filters: Filters | None = None


@purchase_orders.write("POST", "/purchase-orders", returns=PurchaseOrder)
class CreatePurchaseOrder(PurchaseOrderFields, extra="allow"):
    """Order goods from a supplier. Each line names product_id or sku; totals are computed."""

    supplier_id: Annotated[Id, INFERRED]
    order_date: Annotated[Date, INFERRED]
    items: Annotated[list[NewPurchaseOrderLine], INFERRED] = Field(min_length=1)


@purchase_orders.write("PUT", "/purchase-orders/{id}", returns=PurchaseOrder, evidence=Evidence.DOCUMENTED)
class UpdatePurchaseOrder(RecordRef, PurchaseOrderFields, extra="allow"):
    """Change given fields of an order. items and payments replace all stored: repeat the id of what stays."""

    supplier_id: Id | None = None
    order_date: Date | None = None
    items: list[PurchaseOrderLineChange] | None = Field(None, min_length=1)


@purchase_orders.destroy("DELETE", "/purchase-orders/{id}")
class DeletePurchaseOrder(RecordRef, extra="allow"):
    """Delete an order; stock counts and incoming quantities are corrected."""


@purchase_orders.read("GET", "/purchase-orders/{purchase_order_id}/billable-lines", returns=Page[OrderLine])
class ListPurchaseOrderBillableLines(PurchaseOrderRef, extra="allow"):
    """Lines of one order that can still be billed."""


# Payments and obligations


@purchase_orders.money(
    "POST", "/purchase-orders/{purchase_order_id}/payments", returns=PurchaseOrder, evidence=Evidence.DOCUMENTED
)
class RecordPurchaseOrderPayment(PurchaseOrderRef, extra="allow"):
    """Record money paid on an order itself. A bill was paid: record_bill_payment."""

    payment_date: Annotated[Date, INFERRED]
    payment_type: Annotated[PaymentType, INFERRED]
    paid_amount: Annotated[Money, INFERRED] = Field(gt=0)
    remarks: LongText | None = None


@purchase_orders.money(
    "PUT",
    "/purchase-orders/{purchase_order_id}/payments/{payment_id}",
    returns=PurchaseOrder,
    evidence=Evidence.DOCUMENTED,
)
class UpdatePurchaseOrderPayment(PurchaseOrderPaymentRef, extra="allow"):
    """Correct a payment of an order; only the fields given."""

    payment_date: Date | None = None
    payment_type: PaymentType | None = None
    paid_amount: Money | None = Field(None, gt=0)
    remarks: LongText | None = None


@purchase_orders.money("DELETE", "/purchase-orders/{purchase_order_id}/payments/{payment_id}")
class DeletePurchaseOrderPayment(PurchaseOrderPaymentRef):
    """Erase a payment of an order; paid and due are computed again."""


@purchase_orders.read(
    "GET", "/purchase-orders/{purchase_order_id}/payment-obligations", returns=Page[PaymentObligation]
)
class ListPurchaseOrderPaymentObligations(PurchaseOrderRef, extra="allow"):
    """Payments that one order requires; list_payment_obligations has all."""


@purchase_orders.write("POST", "/purchase-orders/{purchase_order_id}/payment-obligations", returns=PaymentObligation)
class CreatePurchaseOrderPaymentObligation(PurchaseOrderRef, extra="allow"):
    """Plan one payment an order will require."""

    amount: Annotated[Money, INFERRED] = Field(gt=0)
    due_date: Annotated[Date, INFERRED]
    notes: Annotated[str | None, INFERRED] = None


@purchase_orders.write("POST", "/purchase-orders/{purchase_order_id}/payment-obligations/generate")
class GeneratePurchaseOrderPaymentObligations(PurchaseOrderRef, extra="allow"):
    """Plan all payments of an order from its payment terms."""


# Shipments


@purchase_orders.read("GET", "/purchase-order-shipments", returns=Page[PurchaseOrderShipment])
class ListPurchaseOrderShipments(Listing):
    """Shipments sent by suppliers, newest change first. For news since a moment filter updated_at[gt]."""

    updated_at: Moment | None = None


@purchase_orders.read(
    "GET", "/purchase-order-shipments/{id}", returns=PurchaseOrderShipment, evidence=Evidence.DOCUMENTED
)
class GetPurchaseOrderShipment(RecordRef, extra="allow"):
    """One supplier shipment with lines and extra costs."""


@purchase_orders.read(
    "GET",
    "/purchase-orders/{purchase_order_id}/shipments",
    returns=Page[PurchaseOrderShipment],
    evidence=Evidence.DOCUMENTED,
)
class ListShipmentsByPurchaseOrder(PurchaseOrderRef, Paging):
    """Supplier shipments that carry at least one line of an order."""

    filters: Filters | None = None


@purchase_orders.read(
    "GET", "/purchase-orders/{purchase_order_id}/shipments/{shipment_id}", returns=PurchaseOrderShipment
)
class GetShipmentByPurchaseOrder(PurchaseOrderRef, extra="allow"):
    """One shipment, provided it carries a line of that order; else not found."""

    shipment_id: Id


@purchase_orders.read("GET", "/inbound-shipments", returns=Page[InboundShipment], evidence=Evidence.DOCUMENTED)
class ListInboundShipments(Listing):
    """Arrivals that outside warehouses report, newest change first."""

    updated_at: Moment | None = None


@purchase_orders.read("GET", "/inbound-shipments/{id}", returns=InboundShipment)
class GetInboundShipment(RecordRef, extra="allow"):
    """One inbound shipment with expected and received quantities."""


# Receiving


@purchase_orders.read("GET", "/receiving-reports", returns=Page[ReceivingReport])
class ListReceivingReports(Listing):
    """Reports of goods received."""


@purchase_orders.read("GET", "/receiving-reports/{id}", returns=ReceivingReport, evidence=Evidence.DOCUMENTED)
class GetReceivingReport(RecordRef, extra="allow"):
    """One receiving report with its orders and lines."""


@purchase_orders.write("POST", "/receiving-reports", returns=ReceivingReport)
class CreateReceivingReport(Arguments, extra="allow"):
    """Report goods received on purchase orders; list_purchase_order_items gives the line ids."""

    items: Annotated[list[NewReceivingLine], INFERRED] = Field(min_length=1)
    received_date: Annotated[Date | None, INFERRED] = None


@purchase_orders.read("GET", "/receiving-reports/{id}/billable-lines", returns=Page[OrderLine])
class ListReceivingReportBillableLines(RecordRef, extra="allow"):
    """Received lines of one report that can still be billed."""
