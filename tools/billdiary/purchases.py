"""BillDiary purchases, from requisition to return: 24 operations.

The page of an update refers to that of the create: the same fields without the location (and without first payments),
and lines may name the line that they change.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from schemas.billdiary.purchases import (
    CardSecret,
    Clearable,
    Discount,
    DiscountType,
    Format,
    NewOrderLine,
    NewPayment,
    NewPurchaseLine,
    NewRequisitionLine,
    Order,
    OrderLineChange,
    PaymentStatus,
    PayTermType,
    Purchase,
    PurchaseLineChange,
    PurchaseReturn,
    PurchaseStatus,
    Rate,
    RecordedPayment,
    RefNumberCheck,
    Requisition,
    ReturnedLine,
    Search,
    StandaloneReturnLine,
    WorkflowStatus,
    some_quantity,
)
from schemas.common import Arguments, Date, Id, LongText, Mark, Moment, Money, Page, Quantity
from schemas.files import Download, FileInput
from schemas.listing import Paging
from tools.operation import System, Toolset

billdiary = Toolset("billdiary", System.BILLDIARY)


class BilldiaryListing(Paging, Download):
    """A list of transactions at the locations that the token's user may see. Of a date pair both or none are given."""

    sorts = False
    date_pairs: ClassVar[tuple[tuple[str, str], ...]] = (("start_date", "end_date"),)
    q: Search | None = None
    location_id: Id | None = None
    start_date: Date | None = None
    end_date: Date | None = None
    format: Format | None = None

    @model_validator(mode="after")
    def _dates_come_in_pairs(self) -> Self:
        for first, last in self.date_pairs:
            if (getattr(self, first) is None) != (getattr(self, last) is None):
                raise ValueError(f"give {first} and {last} together; BillDiary ignores one alone")
        return self


class TransactionRef(Arguments):
    """Names one requisition, order, purchase or return."""

    id: Id


class TransactionRead(TransactionRef, Download):
    """Reads one of them."""

    format: Annotated[Format | None, Mark.UNLISTED] = None


# Requisitions


@billdiary.read(
    "GET", "/purchase-requisitions", returns=Page[Requisition], permission="purchase_requisition.view_all or .view_own"
)
class BilldiaryListPurchaseRequisitions(BilldiaryListing):
    """BillDiary requisitions: requests to buy, before a purchase order."""

    date_pairs = (("start_date", "end_date"), ("required_by_start", "required_by_end"))
    status: WorkflowStatus | None = None
    required_by_start: Date | None = None
    required_by_end: Date | None = None


@billdiary.read(
    "GET", "/purchase-requisitions/{id}", returns=Requisition, permission="purchase_requisition.view_all or .view_own"
)
class BilldiaryGetPurchaseRequisition(TransactionRead):
    """One BillDiary requisition with lines and quantities already ordered."""


@billdiary.write("POST", "/purchase-requisitions", returns=Requisition, permission="purchase_requisition.create")
class BilldiaryCreatePurchaseRequisition(Arguments):
    """Request goods in BillDiary. At least one line needs a quantity above 0."""

    location_id: Id
    purchases: Annotated[list[NewRequisitionLine], AfterValidator(some_quantity)] = Field(min_length=1)
    delivery_date: Date | None = None


@billdiary.write(
    "PUT",
    "/purchase-requisitions/{id}/status",
    returns=Requisition,
    permission="purchase_requisition.create or .delete",
)
class BilldiaryUpdatePurchaseRequisitionStatus(TransactionRef):
    """Set how far a BillDiary requisition got."""

    status: WorkflowStatus


@billdiary.destroy("DELETE", "/purchase-requisitions/{id}", permission="purchase_requisition.delete")
class BilldiaryDeletePurchaseRequisition(TransactionRef):
    """Delete a BillDiary requisition; orders made from it lose the link."""


# Purchase orders


@billdiary.read("GET", "/purchase-orders", returns=Page[Order], permission="purchase_order.view_all or .view_own")
class BilldiaryListPurchaseOrders(BilldiaryListing):
    """BillDiary purchase orders and quantities still open. Luminous: list_purchase_orders."""

    contact_id: Id | None = None
    status: WorkflowStatus | None = None
    shipping_status: str | None = None


@billdiary.read("GET", "/purchase-orders/{id}", returns=Order, permission="purchase_order.view_all or .view_own")
class BilldiaryGetPurchaseOrder(TransactionRead):
    """One BillDiary purchase order with terms, lines and quantities still open."""


class TransactionFields(Arguments):
    """What an order and a purchase have in common, on creating."""

    contact_id: Id
    transaction_date: Moment
    total_before_tax: Money
    final_total: Money
    exchange_rate: Rate | None = None
    ref_no: str | None = None
    discount_type: DiscountType | None = None
    discount_amount: Discount | None = None
    tax_amount: Money | None = None
    shipping_charges: Money | None = None
    tax_id: Id | None = None
    shipping_details: str | None = None
    additional_notes: str | None = None
    pay_term_number: Quantity | None = None
    pay_term_type: PayTermType | None = None


class TransactionChange(TransactionRef):
    """What an order and a purchase have in common, on changing; null empties a field."""

    contact_id: Id
    transaction_date: Moment
    total_before_tax: Money
    final_total: Money
    exchange_rate: Clearable[Rate] = None
    ref_no: Clearable[str] = None
    discount_type: Clearable[DiscountType] = None
    discount_amount: Clearable[Discount] = None
    tax_amount: Clearable[Money] = None
    shipping_charges: Clearable[Money] = None
    tax_id: Clearable[Id] = None
    shipping_details: Clearable[str] = None
    additional_notes: Clearable[str] = None
    pay_term_number: Clearable[Quantity] = None
    pay_term_type: Clearable[PayTermType] = None


@billdiary.write("POST", "/purchase-orders", returns=Order, permission="purchase_order.create")
class BilldiaryCreatePurchaseOrder(TransactionFields):
    """Order from a supplier in BillDiary. Totals are yours to compute."""

    location_id: Id
    purchases: Annotated[list[NewOrderLine], Mark.FOLDED] = Field(
        min_length=1, description="As in billdiary_create_purchase"
    )
    delivery_date: Moment | None = None
    delivered_to: str | None = None
    shipping_address: str | None = None
    shipping_status: str | None = None
    purchase_requisition_ids: list[Id] | None = None


@billdiary.write("PUT", "/purchase-orders/{id}", returns=Order, permission="purchase_order.update")
class BilldiaryUpdatePurchaseOrder(TransactionChange):
    """Change a BillDiary purchase order: send all data and lines again; purchase_line_id keeps a line."""

    purchases: list[OrderLineChange] = Field(min_length=1)
    delivery_date: Clearable[Moment] = None
    delivered_to: Clearable[str] = None
    shipping_address: Clearable[str] = None
    shipping_status: Clearable[str] = None
    purchase_requisition_ids: Clearable[list[Id]] = None


@billdiary.destroy("DELETE", "/purchase-orders/{id}", permission="purchase_order.delete")
class BilldiaryDeletePurchaseOrder(TransactionRef):
    """Delete a BillDiary purchase order; purchases made from it lose the link."""


@billdiary.write("PUT", "/purchase-orders/{id}/status", returns=Order, permission="business admin")
class BilldiaryUpdatePurchaseOrderStatus(TransactionRef):
    """Set how far a BillDiary purchase order got (business admins only)."""

    status: WorkflowStatus


# Purchases


@billdiary.read(
    "GET", "/purchases", returns=Page[Purchase], permission="purchase.view, purchase.create or view_own_purchase"
)
class BilldiaryListPurchases(BilldiaryListing):
    """BillDiary purchases: goods bought, what is paid and overdue. Luminous: list_bills."""

    contact_id: Id | None = None
    status: PurchaseStatus | None = None
    payment_status: PaymentStatus | None = None


@billdiary.read(
    "GET", "/purchases/check-ref-number", returns=RefNumberCheck, permission="purchase.create or purchase.update"
)
class BilldiaryCheckPurchaseRefNumber(Arguments):
    """Whether a supplier's (contact_id) ref_no is unused in BillDiary; give both. Ask before entering a purchase."""

    ref_no: str | None = None
    contact_id: Id | None = None
    exclude_transaction_id: Id | None = Field(None, description="Purchase being changed")

    @model_validator(mode="after")
    def _has_what_to_compare(self) -> Self:
        if not (self.ref_no or "").strip() or self.contact_id is None:
            raise ValueError("give ref_no and contact_id together; BillDiary calls anything else available, unchecked")
        return self


@billdiary.read(
    "GET", "/purchases/{id}", returns=Purchase, permission="purchase.view, purchase.create or view_own_purchase"
)
class BilldiaryGetPurchase(TransactionRead):
    """One BillDiary purchase with lines, taxes and payments."""


@billdiary.money("POST", "/purchases", returns=Purchase, permission="purchase.create")
class BilldiaryCreatePurchase(TransactionFields):
    """Enter goods bought in BillDiary (not a Luminous bill). Totals are yours to compute."""

    location_id: Id
    status: PurchaseStatus
    purchases: list[NewPurchaseLine] = Field(min_length=1)
    payment: Annotated[list[NewPayment] | None, Mark.FOLDED] = None
    document: Annotated[FileInput | None, Mark.FILE, Mark.FOLDED] = None
    purchase_order_ids: list[Id] | None = None
    custom_field_1: str | None = None
    custom_field_2: str | None = None
    custom_field_3: str | None = None
    custom_field_4: str | None = None
    shipping_custom_field_1: str | None = None
    shipping_custom_field_2: str | None = None
    shipping_custom_field_3: str | None = None
    shipping_custom_field_4: str | None = None
    shipping_custom_field_5: str | None = None
    additional_expense_key_1: str | None = None
    additional_expense_key_2: str | None = None
    additional_expense_key_3: str | None = None
    additional_expense_key_4: str | None = None
    additional_expense_value_1: Money | None = None
    additional_expense_value_2: Money | None = None
    additional_expense_value_3: Money | None = None
    additional_expense_value_4: Money | None = None


@billdiary.write("PUT", "/purchases/{id}", returns=Purchase, permission="purchase.update")
class BilldiaryUpdatePurchase(TransactionChange):
    """Change a BillDiary purchase: send all data and lines again; purchase_line_id keeps a line."""

    status: PurchaseStatus
    purchases: list[PurchaseLineChange] = Field(min_length=1)
    purchase_order_ids: Clearable[list[Id]] = None
    custom_field_1: Clearable[str] = None
    custom_field_2: Clearable[str] = None
    custom_field_3: Clearable[str] = None
    custom_field_4: Clearable[str] = None
    shipping_custom_field_1: Clearable[str] = None
    shipping_custom_field_2: Clearable[str] = None
    shipping_custom_field_3: Clearable[str] = None
    shipping_custom_field_4: Clearable[str] = None
    shipping_custom_field_5: Clearable[str] = None
    additional_expense_key_1: Clearable[str] = None
    additional_expense_key_2: Clearable[str] = None
    additional_expense_key_3: Clearable[str] = None
    additional_expense_key_4: Clearable[str] = None
    additional_expense_value_1: Clearable[Money] = None
    additional_expense_value_2: Clearable[Money] = None
    additional_expense_value_3: Clearable[Money] = None
    additional_expense_value_4: Clearable[Money] = None


class PaymentFields(TransactionRef):
    """A payment of a purchase or a return. custom_pay_1 to custom_pay_3 use transaction_no_1 to transaction_no_3."""

    amount: Money = Field(gt=0)
    method: str
    paid_on: Moment | None = None
    note: LongText | None = None
    account_id: Id | None = None
    card_number: CardSecret | None = None
    card_holder_name: str | None = None
    card_transaction_number: str | None = None
    card_type: str | None = None
    card_month: str | None = None
    card_year: str | None = None
    card_security: CardSecret | None = None
    cheque_number: str | None = None
    bank_account_number: str | None = None
    transaction_no_1: str | None = None
    transaction_no_2: str | None = None
    transaction_no_3: str | None = None

    @model_validator(mode="after")
    def _advance_has_no_account(self) -> Self:
        if self.method == "advance" and self.account_id is not None:
            raise ValueError("leave out account_id with method advance; BillDiary ignores it")
        return self


@billdiary.money(
    "POST", "/purchases/{id}/payments", returns=RecordedPayment, permission="purchase.payments, and to see the purchase"
)
class BilldiaryRecordPurchasePayment(PaymentFields):
    """Record money paid on a BillDiary purchase. method: a key its location allows, or advance."""


@billdiary.destroy("DELETE", "/purchases/{id}", permission="purchase.delete")
class BilldiaryDeletePurchase(TransactionRef):
    """Delete a BillDiary purchase that has no return, and reverse its stock."""


# Returns


@billdiary.read("GET", "/purchase-returns", returns=Page[PurchaseReturn], permission="purchase.view or purchase.create")
class BilldiaryListPurchaseReturns(BilldiaryListing):
    """BillDiary purchase returns: goods sent back to suppliers."""

    contact_id: Id | None = None


@billdiary.read("GET", "/purchase-returns/{id}", returns=PurchaseReturn, permission="purchase.view or purchase.create")
class BilldiaryGetPurchaseReturn(TransactionRead):
    """One BillDiary purchase return with lines, tax and payments."""


@billdiary.money("POST", "/purchase-returns", returns=PurchaseReturn, permission="purchase.update")
class BilldiaryCreatePurchaseReturn(Arguments):
    """Return goods of one BillDiary purchase (transaction_id), or change its return: it has at most one."""

    transaction_id: Id
    returns: list[ReturnedLine] = Field(min_length=1)
    tax_amount: Money | None = None
    ref_no: str | None = None


@billdiary.money("POST", "/purchase-returns/combined", returns=PurchaseReturn, permission="purchase.update")
class BilldiaryCreateStandalonePurchaseReturn(Arguments):
    """Return goods in BillDiary without naming the purchase; stock falls at once. final_total includes tax."""

    location_id: Id
    transaction_date: Moment
    final_total: Money
    products: list[StandaloneReturnLine] = Field(min_length=1)
    tax_amount: Money | None = None
    tax_id: Id | None = None
    contact_id: Id | None = None
    ref_no: str | None = None
    document: Annotated[FileInput | None, Mark.FILE, Mark.FOLDED] = None


@billdiary.money(
    "POST",
    "/purchase-returns/{id}/payments",
    returns=RecordedPayment,
    permission="purchase.payments, and to see the return",
)
class BilldiaryRecordPurchaseReturnPayment(PaymentFields):
    """Record a payment on a BillDiary purchase return."""


@billdiary.destroy("DELETE", "/purchase-returns/{id}", permission="purchase.delete")
class BilldiaryDeletePurchaseReturn(TransactionRef):
    """Delete a BillDiary purchase return; returned quantities are restored."""
