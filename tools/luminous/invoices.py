"""Customer invoices: 3 operations."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.common import Arguments, CustomFields, Date, Id, Mark, Moment, Money, Page, Quantity
from schemas.filters import Filters
from schemas.listing import Paging
from schemas.luminous.invoices import Invoice, NewInvoiceLine, ShipTo
from tools.operation import System, Toolset

invoices = Toolset("invoices", System.LUMINOUS)


@invoices.read("GET", "/invoices", returns=Page[Invoice])
class ListInvoices(Paging):
    """Invoices to customers (what they owe us). For what we owe vendors use list_bills."""

    status: str | None = None
    sales_order_order_number: Annotated[str | None, Field(serialization_alias="sales_order.order_number")] = None
    payment_status: str | None = None
    approval_status: str | None = None
    customer_po_number: str | None = None
    tag: str | None = None
    order_date: Date | None = None
    ship_by_date: Date | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    total_qty: Quantity | None = None
    total: Money | None = None
    total_shipping: Money | None = None
    total_discount: Money | None = None
    total_paid: Money | None = None
    total_due: Money | None = None
    custom_fields: CustomFields | None = None
    filters: Filters | None = None


@invoices.read("GET", "/invoices/{id}", returns=Invoice)
class GetInvoice(Arguments, extra="allow"):
    """One invoice with customer, lines, payments and its sales order."""

    id: Id


@invoices.money("POST", "/invoices", returns=Invoice)
class CreateInvoice(Arguments):
    """Invoice a customer. Each line names product_id or sku; totals are computed."""

    company_id: Id
    order_date: Date
    payment_terms: str = Field(description="Label, such as Net 30")
    items: list[NewInvoiceLine] = Field(min_length=1)
    ship_by_date: Date | None = None
    customer_po_number: str | None = None
    public_note: str | None = None
    private_note: str | None = None
    total_shipping: Money | None = None
    tax_amount: Money | None = None
    order_discount_amount: Money | None = None
    warehouse_id: Id | None = None
    sales_channel_id: Id | None = None
    revenue_account_id: Id | None = None
    invoice_export_template_id: Id | None = None
    alternate_ids: list[str] | None = None
    tags: list[str] | None = None
    custom_fields: CustomFields | None = None
    ship_to: Annotated[ShipTo | None, Mark.FOLDED] = None
