"""BillDiary purchases: requisition, purchase order, purchase, return and their payments, as documented.

All four are transactions of one kind: a head with a contact (the supplier) and a location, and lines. Amounts are in
the business's currency; no record says which.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, Field, SecretStr, WithJsonSchema

from schemas.common import Date, Id, Mark, Moment, Money, Nested, Quantity, Record, UnitPrice, View

T = TypeVar("T")
Clearable = Annotated[T | None, Mark.NULLABLE]
"""A field of an update that null empties."""

_NUMBER = WithJsonSchema({"type": "number"})
_STRING = WithJsonSchema({"type": "string"})

CardSecret = Annotated[SecretStr, _STRING]
"""A card's number or security code. It is sent, and masked everywhere else."""

Search = Annotated[str, Field(min_length=2), _STRING]
"""Text to look for; BillDiary refuses a single character."""

Format = Literal["json", "csv"]
"""How to answer. csv is a file: of a list all rows, whatever the page; of a record one row with its JSON in a cell."""

WorkflowStatus = Literal["ordered", "partial", "completed"]
"""How far a requisition or a purchase order got."""

PurchaseStatus = Literal["received", "pending", "ordered"]
PaymentStatus = Literal["paid", "due", "partial", "overdue"]
"""overdue is a filter only: due or partial, and past the deadline of the pay term."""

DiscountType = Literal["fixed", "percentage"]
PayTermType = Literal["days", "months"]

Rate = Annotated[Decimal, Field(gt=0), _NUMBER]
"""An exchange rate. Prices have at most 4 decimals; rates such as 0.006734 have more."""

Discount = UnitPrice
"""An amount, or a percentage with discount_type percentage; hence up to 4 decimals."""


# What is sent


class NewRequisitionLine(Nested):
    """A line of a requisition: quantity in the unit of the product, in its secondary unit, or both."""

    product_id: Id
    variation_id: Id
    quantity: Quantity | None = None
    secondary_unit_quantity: Quantity | None = None


def some_quantity(lines: list[NewRequisitionLine]) -> list[NewRequisitionLine]:
    """Refuses lines none of which asks for anything."""
    if not any((line.quantity or 0) > 0 or (line.secondary_unit_quantity or 0) > 0 for line in lines):
        raise ValueError("at least one line needs a quantity or secondary_unit_quantity above 0")
    return lines


class PricedLine(Nested):
    """What the lines of a purchase order and of a purchase have in common. Prices and item_tax are per unit."""

    product_id: Id
    variation_id: Id
    quantity: Quantity
    pp_without_discount: UnitPrice
    purchase_price: UnitPrice
    purchase_price_inc_tax: UnitPrice
    item_tax: UnitPrice
    discount_percent: Quantity | None = None
    purchase_line_tax_id: Id | None = None
    sub_unit_id: Id | None = None
    product_unit_id: Id | None = None
    secondary_unit_quantity: Quantity | None = None
    lot_number: str | None = None
    mfg_date: Date | None = None
    exp_date: Date | None = None


class NewOrderLine(PricedLine):
    """A line of a purchase order to create."""

    purchase_requisition_line_id: Id | None = None


class OrderLineChange(NewOrderLine):
    """A line of a purchase order to change; without purchase_line_id it is new."""

    purchase_line_id: Id | None = None


class NewPurchaseLine(PricedLine):
    """A line of a purchase to create."""

    purchase_order_line_id: Id | None = None


class PurchaseLineChange(NewPurchaseLine):
    """A line of a purchase to change; without purchase_line_id it is new."""

    purchase_line_id: Id | None = None


class NewPayment(Nested):
    """A payment that is entered together with its purchase."""

    amount: Money
    method: str
    paid_on: Moment | None = None
    account_id: Id | None = None
    note: str | None = None
    is_return: bool | None = None


LEAST_QUANTITY = Decimal("0.0001")


def _returned(quantity: Decimal) -> Decimal:
    if quantity < LEAST_QUANTITY:
        raise ValueError(f"must be at least {LEAST_QUANTITY}")
    return quantity


ReturnQuantity = Annotated[Quantity, AfterValidator(_returned)]
"""A quantity that goes back without reference to a purchase."""


class ReturnedLine(Nested):
    """How many units of a purchase line go back."""

    purchase_line_id: Id
    quantity: Quantity


class StandaloneReturnLine(Nested):
    """Goods that go back without reference to a purchase."""

    product_id: Id
    variation_id: Id
    unit_price: UnitPrice
    quantity: ReturnQuantity
    lot_number: str | None = None
    exp_date: Date | None = None


# What is answered


class Named(Record):
    """A location or a user, in short."""

    id: int | None = None
    name: str | None = None
    email: str | None = None
    view: ClassVar[View] = View("id", "name")


class Supplier(Record):
    """A contact, in short. contact_id is the number people know it by, id the one to send."""

    id: int | None = None
    name: str | None = None
    mobile: str | None = None
    email: str | None = None
    contact_id: str | int | None = None
    supplier_business_name: str | None = None
    view: ClassVar[View] = View("id", "name", "supplier_business_name", "mobile")


class Tax(Record):
    """The tax of a line or of a whole transaction."""

    id: int | None = None
    name: str | None = None
    amount: Decimal | None = None
    is_tax_group: bool | None = None
    view: ClassVar[View] = View("id", "name", "amount")


class RequisitionLine(Record):
    """A line of a requisition. po_quantity_purchased: what purchase orders already cover."""

    id: int | None = None
    product_id: int | None = None
    variation_id: int | None = None
    quantity: Quantity | None = None
    secondary_unit_quantity: Quantity | None = None
    po_quantity_purchased: Quantity | None = None
    product_name: str | None = None
    sku: str | None = None
    variation_name: str | None = None
    variation_label: str | None = None
    sub_sku: str | None = None
    unit: str | None = None
    view: ClassVar[View] = View(
        "id",
        "product_id",
        "variation_id",
        "sub_sku",
        "product_name",
        "variation_label",
        "quantity",
        "unit",
        "po_quantity_purchased",
    )


class Requisition(Record):
    """A request to buy. delivery_date: required by. Lists leave out the lines."""

    id: int | None = None
    ref_no: str | None = None
    status: str | None = None
    transaction_date: dt.datetime | None = None
    delivery_date: dt.datetime | None = None
    location: Named | None = None
    created_by: Named | None = None
    lines: list[RequisitionLine] | None = None
    view: ClassVar[View] = View(
        "id",
        "ref_no",
        "status",
        "transaction_date",
        "delivery_date",
        "location.name",
        "created_by.name",
        counts=("status",),
    )


class OrderLine(Record):
    """A line of a purchase order. quantity_remaining: what no purchase covers yet."""

    id: int | None = None
    product_id: int | None = None
    variation_id: int | None = None
    quantity: Quantity | None = None
    po_quantity_purchased: Quantity | None = None
    quantity_remaining: Quantity | None = None
    pp_without_discount: UnitPrice | None = None
    discount_percent: Quantity | None = None
    purchase_price: UnitPrice | None = None
    purchase_price_inc_tax: UnitPrice | None = None
    item_tax: UnitPrice | None = None
    line_tax: Tax | None = None
    purchase_requisition_line_id: int | None = None
    product_name: str | None = None
    sub_sku: str | None = None
    view: ClassVar[View] = View(
        "id",
        "product_id",
        "variation_id",
        "sub_sku",
        "product_name",
        "quantity",
        "quantity_remaining",
        "purchase_price",
        "purchase_price_inc_tax",
    )


class Order(Record):
    """A purchase order. po_qty_remaining comes with lists only, lines with the single order only."""

    id: int | None = None
    ref_no: str | None = None
    document: str | None = None
    transaction_date: dt.datetime | None = None
    delivery_date: dt.datetime | None = None
    status: str | None = None
    shipping_status: str | None = None
    exchange_rate: Decimal | None = None
    final_total: Money | None = None
    total_before_tax: Money | None = None
    tax_amount: Money | None = None
    discount_type: str | None = None
    discount_amount: Discount | None = None
    shipping_charges: Money | None = None
    shipping_details: str | None = None
    shipping_address: str | None = None
    delivered_to: str | None = None
    additional_notes: str | None = None
    pay_term_number: Decimal | None = None
    pay_term_type: str | None = None
    po_qty_remaining: Quantity | None = None
    purchase_requisition_ids: list[int] | None = None
    order_tax: Tax | None = None
    contact: Supplier | None = None
    location: Named | None = None
    lines: list[OrderLine] | None = None
    view: ClassVar[View] = View(
        "id",
        "ref_no",
        "contact.id",
        "contact.name",
        "transaction_date",
        "status",
        "final_total",
        "po_qty_remaining",
        "shipping_status",
        "location.name",
        sums=("final_total",),
        counts=("status",),
    )


class PurchaseLine(Record):
    """A line of a purchase."""

    id: int | None = None
    product_id: int | None = None
    variation_id: int | None = None
    product_label: str | None = None
    sub_sku: str | None = None
    quantity: Quantity | None = None
    purchase_price: UnitPrice | None = None
    purchase_price_inc_tax: UnitPrice | None = None
    pp_without_discount: UnitPrice | None = None
    discount_percent: Quantity | None = None
    item_tax: UnitPrice | None = None
    line_tax: Tax | None = None
    view: ClassVar[View] = View(
        "id",
        "product_id",
        "variation_id",
        "sub_sku",
        "product_label",
        "quantity",
        "purchase_price",
        "item_tax",
        "purchase_price_inc_tax",
    )


class Payment(Record):
    """A payment of a purchase or a return. is_return: money that came back."""

    id: int | None = None
    amount: Money | None = None
    method: str | None = None
    paid_on: dt.datetime | None = None
    payment_ref_no: str | None = None
    note: str | None = None
    is_return: bool | None = None
    view: ClassVar[View] = View(
        "id", "payment_ref_no", "paid_on", "method", "amount", "is_return", "note", sums=("amount",)
    )


class RecordedPayment(Record):
    """A payment as it was just entered. transaction_id: the purchase or return, payment_status: where that stands."""

    transaction_id: int | None = None
    payment_id: int | None = None
    payment_ref_no: str | None = None
    payment_status: str | None = None
    amount: Money | None = None
    method: str | None = None
    paid_on: dt.datetime | None = None
    view: ClassVar[View] = View("payment_id", "payment_ref_no", "paid_on", "method", "amount", "payment_status")


class Purchase(Record):
    """Goods bought: total, paid so far, and where it stands. Lists leave out lines and payments."""

    id: int | None = None
    ref_no: str | None = None
    document: str | None = None
    transaction_date: dt.datetime | None = None
    status: str | None = None
    payment_status: str | None = None
    final_total: Money | None = None
    total_before_tax: Money | None = None
    tax_amount: Money | None = None
    discount_amount: Discount | None = None
    shipping_charges: Money | None = None
    total_paid: Money | None = None
    additional_notes: str | None = None
    staff_note: str | None = None
    purchase_order_ids: list[int] | None = None
    contact: Supplier | None = None
    location: Named | None = None
    order_tax: Tax | None = None
    lines: list[PurchaseLine] | None = None
    payments: list[Payment] | None = None
    view: ClassVar[View] = View(
        "id",
        "ref_no",
        "contact.id",
        "contact.name",
        "transaction_date",
        "payment_status",
        "final_total",
        "total_paid",
        "status",
        "location.name",
        sums=("final_total", "total_paid"),
        counts=("status", "payment_status"),
    )


class RefNumberCheck(Record):
    """Whether a supplier's reference number is free, and what was looked up."""

    available: bool | None = None
    ref_no: str | None = None
    contact_id: int | None = None
    view: ClassVar[View] = View("available", "ref_no", "contact_id")


class ReturnLine(Record):
    """Goods that went back. source: whether the line is the purchase's own or the return's."""

    purchase_line_id: int | None = None
    product_id: int | None = None
    variation_id: int | None = None
    product_label: str | None = None
    sub_sku: str | None = None
    quantity_returned: Quantity | None = None
    purchase_price_inc_tax: UnitPrice | None = None
    line_total: Money | None = None
    source: str | None = None
    view: ClassVar[View] = View(
        "purchase_line_id",
        "product_id",
        "variation_id",
        "sub_sku",
        "product_label",
        "quantity_returned",
        "purchase_price_inc_tax",
        "line_total",
        sums=("line_total",),
    )


class ParentPurchase(Record):
    """The purchase that a return belongs to."""

    id: int | None = None
    ref_no: str | None = None
    view: ClassVar[View] = View("id", "ref_no")


class PurchaseReturn(Record):
    """Goods sent back to a supplier. return_parent_id is empty where no purchase was named.

    parent_purchase_id is said on creating only.
    """

    id: int | None = None
    ref_no: str | None = None
    document: str | None = None
    transaction_date: dt.datetime | None = None
    status: str | None = None
    payment_status: str | None = None
    final_total: Money | None = None
    total_before_tax: Money | None = None
    tax_amount: Money | None = None
    total_paid: Money | None = None
    return_parent_id: int | None = None
    parent_purchase_id: int | None = None
    parent_purchase: ParentPurchase | None = None
    contact: Supplier | None = None
    location: Named | None = None
    order_tax: Tax | None = None
    lines: list[ReturnLine] | None = None
    payments: list[Payment] | None = None
    view: ClassVar[View] = View(
        "id",
        "ref_no",
        "contact.id",
        "contact.name",
        "parent_purchase.ref_no",
        "transaction_date",
        "final_total",
        "total_paid",
        "payment_status",
        "location.name",
        sums=("final_total", "total_paid"),
        counts=("payment_status",),
    )
