"""Payment obligations and prepayments: 11 operations.

Methods and paths are known from the vendor's client. Of the bodies it names bill_id alone; the rest is INFERRED.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.common import Arguments, Date, Evidence, Id, Money, Page, ShortText
from schemas.listing import Listing
from schemas.luminous.bills import PaymentType
from schemas.luminous.payment_obligations import PaymentObligation, Prepayment
from tools.operation import System, Toolset

payment_obligations = Toolset("payment_obligations", System.LUMINOUS, Evidence.CLIENT)

INFERRED = Evidence.INFERRED


class PaymentObligationRef(Arguments):
    """Names one payment obligation."""

    payment_obligation_id: Id


class PrepaymentRef(Arguments):
    """Names one prepayment."""

    prepayment_id: Id


# Obligations


@payment_obligations.read("GET", "/payment-obligations", returns=Page[PaymentObligation])
class ListPaymentObligations(Listing):
    """Payments to vendors that fall due, billed or not. What is billed: list_bills."""


@payment_obligations.read("GET", "/payment-obligations/{payment_obligation_id}", returns=PaymentObligation)
class GetPaymentObligation(PaymentObligationRef, extra="allow"):
    """One payment obligation."""


@payment_obligations.read("GET", "/payment-obligations/dashboard")
class GetPaymentObligationsDashboard(Arguments, extra="allow"):
    """Summary figures of all payment obligations."""


@payment_obligations.write("POST", "/payment-obligations/{payment_obligation_id}", returns=PaymentObligation)
class UpdatePaymentObligation(PaymentObligationRef, extra="allow"):
    """Change the given fields of an obligation."""

    amount: Annotated[Money | None, INFERRED] = Field(None, gt=0)
    due_date: Annotated[Date | None, INFERRED] = None
    notes: Annotated[str | None, INFERRED] = None


@payment_obligations.write("PATCH", "/payment-obligations/{payment_obligation_id}/status", returns=PaymentObligation)
class UpdatePaymentObligationStatus(PaymentObligationRef, extra="allow"):
    """Set an obligation's status."""

    status: Annotated[str, INFERRED]


@payment_obligations.write("POST", "/payment-obligations/{payment_obligation_id}/link-bill")
class LinkBillToPaymentObligation(PaymentObligationRef, extra="allow"):
    """Tie a bill that has come in to the obligation it bills."""

    bill_id: Annotated[Id, INFERRED]


@payment_obligations.destroy("DELETE", "/payment-obligations/{payment_obligation_id}/bills/{bill_id}")
class UnlinkBillFromPaymentObligation(PaymentObligationRef, extra="allow"):
    """Untie a bill from an obligation; both stay."""

    bill_id: Id


# Prepayments


@payment_obligations.read("GET", "/prepayments", returns=Page[Prepayment])
class ListPrepayments(Listing):
    """Money paid to vendors ahead of their bills."""


@payment_obligations.money("POST", "/prepayments", returns=Prepayment)
class CreatePrepayment(Arguments, extra="allow"):
    """Record money paid to a vendor before the bill; apply_prepayment uses it up."""

    vendor_id: Annotated[Id, INFERRED]
    amount: Annotated[Money, INFERRED] = Field(gt=0)
    payment_date: Annotated[Date | None, INFERRED] = None
    payment_type: Annotated[PaymentType | None, INFERRED] = None
    purchase_order_id: Annotated[Id | None, INFERRED] = None
    reference: Annotated[ShortText | None, INFERRED] = None


@payment_obligations.money("POST", "/prepayments/{prepayment_id}/apply")
class ApplyPrepayment(PrepaymentRef, extra="allow"):
    """Set a prepayment off against a bill or a payment obligation; name one of them."""

    amount: Annotated[Money, INFERRED] = Field(gt=0)
    bill_id: Annotated[Id | None, INFERRED] = None
    payment_obligation_id: Annotated[Id | None, INFERRED] = None


@payment_obligations.money("POST", "/prepayments/{prepayment_id}/applications/{application_id}/reverse")
class ReversePrepaymentApplication(PrepaymentRef):
    """Undo one application of a prepayment."""

    application_id: Id
