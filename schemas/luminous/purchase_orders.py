"""Purchase orders, their lines, payments and supplier shipments; inbound shipments; receiving reports (documented)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import Field, WithJsonSchema

from schemas.common import Date, Id, LongText, Money, Nested, Quantity, Record, UnitPrice, View
from schemas.luminous.bills import PaymentType

OrderStatus = Literal["active", "completed", "deleted"]
"""What an order can be set to. The list's filter is documented with other values."""


class NewPurchaseOrderLine(Nested):
    """A line to order: product_id or sku names the product; an alternate SKU will do."""

    product_id: Id | None = None
    sku: str | None = None
    quantity: Quantity | None = None
    unit_price: UnitPrice | None = None


class PurchaseOrderLineChange(NewPurchaseOrderLine):
    """A line of an updated order; with id it is a stored line that stays, without id a new one."""

    id: Id | None = None


class PurchaseOrderPaymentEntry(Nested, extra="allow"):
    """A payment inside an order; its fields are those of a payment that is recorded alone (`inferred`)."""

    id: Id | None = None
    payment_date: Date | None = None
    payment_type: PaymentType | None = None
    paid_amount: Money | None = Field(None, gt=0)
    remarks: LongText | None = None


# What is inside stays out of the schema: record_purchase_order_payment shows it.
PaymentEntries = Annotated[
    list[PurchaseOrderPaymentEntry], WithJsonSchema({"type": "array", "items": {"type": "object"}})
]


class NewReceivingLine(Nested, extra="allow"):
    """What arrived of one order line (`inferred` from the lines of a stored report)."""

    purchase_order_item_id: Id
    quantity: Quantity
    purchase_order_id: Id | None = None


class PurchaseOrderItem(Record):
    """A line of a purchase order: what was ordered and how much of it has come."""

    id: int | None = None
    purchase_order_id: int | None = None
    source_sku: str | None = None
    quantity: Quantity | None = None
    received_quantity: Quantity | None = None
    unit: str | None = None
    unit_price: UnitPrice | None = None
    tax: Money | None = None
    discount_amount: Money | None = None
    line_total: Money | None = None
    view: ClassVar[View] = View(
        "id",
        "purchase_order_id",
        "product.sku",
        "product.name",
        "quantity",
        "received_quantity",
        "unit_price",
        "line_total",
        sums=("line_total",),
        within="purchase_order_id",
        quantities=("quantity", "received_quantity"),
    )


class PurchaseOrderPayment(Record):
    """Money paid to the supplier for an order."""

    id: int | None = None
    payment_date: dt.date | None = None
    payment_type: str | None = None
    paid_amount: Money | None = None
    remarks: str | None = None
    view: ClassVar[View] = View("id", "payment_date", "payment_type", "paid_amount", "remarks", sums=("paid_amount",))


class PurchaseOrder(Record):
    """An order to a supplier. total_cost is order_cost (the lines) with tax and shipping."""

    id: int | None = None
    order_numbers: list[str] | None = None
    order_status: str | None = None
    vendor_id: int | None = None
    supplier_id: int | None = None
    order_date: dt.date | None = None
    invoice_date: dt.date | None = None
    requested_ship_date: dt.date | None = None
    arrival_due_date: dt.date | None = None
    payment_terms: str | None = None
    incoterm: str | None = None
    tracking_info: str | None = None
    item_count: int | None = None
    total_qty_ordered: Quantity | None = None
    total_qty_received: Quantity | None = None
    total_qty_remaining: Quantity | None = None
    order_cost: Money | None = None
    total_tax: Money | None = None
    total_shipping_cost: Money | None = None
    total_cost: Money | None = None
    total_paid: Money | None = None
    total_due: Money | None = None
    down_payment: Money | None = None
    public_note: str | None = None
    private_note: str | None = None
    starred: bool | None = None
    items: list[PurchaseOrderItem] | None = None
    payments: list[PurchaseOrderPayment] | None = None
    view: ClassVar[View] = View(
        "id",
        "order_numbers",
        "vendor_id",
        "vendor.name",
        "supplier.name",
        "order_status",
        "order_date",
        "arrival_due_date",
        "currency",
        "total_cost",
        "total_due",
        "total_qty_remaining",
        sums=("total_cost",),
        counts=("order_status",),
    )


class ShipmentItem(Record):
    """A line of a supplier's shipment and the order line it belongs to."""

    id: int | None = None
    supplier_purchase_order_id: int | None = None
    supplier_purchase_order_item_id: int | None = None
    quantity: Quantity | None = None
    unit_of_measure_id: int | None = None
    view: ClassVar[View] = View("id", "supplier_purchase_order_id", "supplier_purchase_order_item_id", "quantity")


class ShipmentExtraCost(Record):
    """A cost of a shipment besides its goods. cost_allocation_type: how it is spread over them."""

    id: int | None = None
    name: str | None = None
    quantity: Quantity | None = None
    unit_price: UnitPrice | None = None
    line_total: Money | None = None
    cost_allocation_type: str | None = None
    view: ClassVar[View] = View("id", "name", "quantity", "unit_price", "line_total", "cost_allocation_type")


class PurchaseOrderShipment(Record):
    """Goods that a supplier sent; one shipment can carry lines of several orders."""

    id: int | None = None
    reference_number: str | None = None
    shipping_date: dt.datetime | None = None
    warehouse_id: int | None = None
    shipment_status_id: int | None = None
    total_shipping_cost: Money | None = None
    sync_status: str | None = None
    last_synced_at: dt.datetime | None = None
    shipment_items: list[ShipmentItem] | None = None
    shipment_extra_costs: list[ShipmentExtraCost] | None = None
    updated_at: dt.datetime | None = None
    view: ClassVar[View] = View(
        "id",
        "reference_number",
        "purchase_order_id",
        "shipment_status.name",
        "shipping_date",
        "received_date",
        "warehouse.name",
        "total_shipping_cost",
        "sync_status",
        "updated_at",
        sums=("total_shipping_cost",),
        within="purchase_order_id",
        counts=("shipment_status.name",),
    )


class InboundShipmentItem(Record):
    """A line of an inbound shipment: announced and received."""

    id: int | None = None
    external_sku: str | None = None
    expected_quantity: Quantity | None = None
    received_quantity: Quantity | None = None
    unit_cost: UnitPrice | None = None
    view: ClassVar[View] = View("id", "external_sku", "expected_quantity", "received_quantity", "unit_cost")


class InboundShipment(Record):
    """Goods on their way as an outside warehouse reports them; `external_` fields are that system's own."""

    id: int | None = None
    source: str | None = None
    purchase_order_id: int | None = None
    purchase_order_shipment_id: int | None = None
    transfer_order_id: int | None = None
    location_id: int | None = None
    from_warehouse_id: int | None = None
    external_shipment_id: str | None = None
    external_po_number: str | None = None
    external_status: str | None = None
    external_supplier_name: str | None = None
    external_expected_arrival_date: dt.datetime | None = None
    arrival_date: dt.datetime | None = None
    reconciled_at: dt.datetime | None = None
    total_expected_quantity: Quantity | None = None
    total_received_quantity: Quantity | None = None
    total_unit_cost: UnitPrice | None = None
    items: list[InboundShipmentItem] | None = None
    updated_at: dt.datetime | None = None
    view: ClassVar[View] = View(
        "id",
        "source",
        "external_status",
        "purchase_order_id",
        "external_po_number",
        "external_supplier_name",
        "external_expected_arrival_date",
        "arrival_date",
        "total_expected_quantity",
        "total_received_quantity",
        counts=("external_status",),
        quantities=("total_expected_quantity", "total_received_quantity"),
    )


class ReceivingReportItem(Record):
    """A line of a receiving report and the order line whose goods came."""

    id: int | None = None
    purchase_order_id: int | None = None
    purchase_order_item_id: int | None = None
    purchase_order_shipment_id: int | None = None
    quantity: Quantity | None = None
    received_quantity: Quantity | None = None
    unit: str | None = None
    unit_price: UnitPrice | None = None
    tax: Money | None = None
    discount_amount: Money | None = None
    line_total: Money | None = None
    remarks: str | None = None
    view: ClassVar[View] = View(
        "id",
        "purchase_order_id",
        "purchase_order_item_id",
        "quantity",
        "received_quantity",
        "unit_price",
        "line_total",
        "remarks",
    )


class ReceivingReport(Record):
    """Goods taken in, for one purchase order or several."""

    id: int | None = None
    status: str | None = None
    received_date: dt.datetime | None = None
    received_by: str | None = None
    received_at: dt.datetime | None = None
    tracking_number: str | None = None
    shipped_via: str | None = None
    total_quantity: Quantity | None = None
    total_tax: Money | None = None
    shipping_cost: Money | None = None
    total_cost: Money | None = None
    purchase_orders: list[PurchaseOrder] | None = None
    items: list[ReceivingReportItem] | None = None
    view: ClassVar[View] = View(
        "id",
        "status",
        "received_date",
        "purchase_orders.id",
        "purchase_orders.supplier.name",
        "total_quantity",
        "purchase_orders.currency",
        "total_cost",
        "received_by",
        "shipping_cost",
        "tracking_number",
        sums=("total_cost",),
        counts=("status",),
        currency="purchase_orders.currency",
    )
