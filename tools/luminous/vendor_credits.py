"""Vendor credits, returns to vendors and vendor statements: 14 operations.

Methods and paths are known from the vendor's client, which names no body fields: those here are INFERRED from bills.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.common import Arguments, Date, Evidence, Id, Money, Page, ShortText
from schemas.listing import Listing
from schemas.luminous.vendor_credits import NewVendorReturnLine, VendorCredit, VendorReturn
from tools.operation import System, Toolset

vendor_credits = Toolset("vendor_credits", System.LUMINOUS, Evidence.CLIENT)

INFERRED = Evidence.INFERRED


class VendorCreditRef(Arguments):
    """Names one vendor credit."""

    vendor_credit_id: Id


class VendorCreditApplicationRef(VendorCreditRef):
    """Names one application of a credit."""

    application_id: Id


class VendorReturnRef(Arguments):
    """Names one return to a vendor."""

    vendor_return_id: Id


# Credits


@vendor_credits.read("GET", "/vendor-credits", returns=Page[VendorCredit])
class ListVendorCredits(Listing):
    """Credits that vendors granted us."""


@vendor_credits.read("GET", "/vendor-credits/{vendor_credit_id}", returns=VendorCredit)
class GetVendorCredit(VendorCreditRef, extra="allow"):
    """One vendor credit with its applications."""


@vendor_credits.money("POST", "/vendor-credits", returns=VendorCredit)
class CreateVendorCredit(Arguments, extra="allow"):
    """Enter a vendor's credit note. For returned goods: generate_vendor_return_credit."""

    vendor_id: Annotated[Id, INFERRED]
    amount: Annotated[Money, INFERRED] = Field(gt=0)
    credit_date: Annotated[Date | None, INFERRED] = None
    reference: Annotated[ShortText | None, INFERRED] = None
    notes: Annotated[str | None, INFERRED] = None


@vendor_credits.money("POST", "/vendor-credits/{vendor_credit_id}/cancel", returns=VendorCredit)
class CancelVendorCredit(VendorCreditRef):
    """Cancel a credit as a whole. One application: reverse_vendor_credit_application."""


@vendor_credits.money("POST", "/vendor-credits/{vendor_credit_id}/apply")
class ApplyVendorCredit(VendorCreditRef, extra="allow"):
    """Set a credit off against a bill or a payment obligation; name one of them."""

    amount: Annotated[Money, INFERRED] = Field(gt=0)
    bill_id: Annotated[Id | None, INFERRED] = None
    payment_obligation_id: Annotated[Id | None, INFERRED] = None


@vendor_credits.money("POST", "/vendor-credits/{vendor_credit_id}/applications/{application_id}/reverse")
class ReverseVendorCreditApplication(VendorCreditApplicationRef):
    """Undo one application of a credit, so that the amount can be applied anew."""


@vendor_credits.money("DELETE", "/vendor-credits/{vendor_credit_id}/applications/{application_id}")
class DeleteVendorCreditApplication(VendorCreditApplicationRef, extra="allow"):
    """Erase an application made by mistake."""


@vendor_credits.read("GET", "/vendors/{vendor_id}/statement")
class GetVendorStatement(Arguments, extra="allow"):
    """Account statement of one vendor; vendor_id is a company id."""

    vendor_id: Id


# Returns


@vendor_credits.read("GET", "/vendor-returns", returns=Page[VendorReturn])
class ListVendorReturns(Listing):
    """Goods sent back to vendors."""


@vendor_credits.read("GET", "/vendor-returns/{vendor_return_id}", returns=VendorReturn)
class GetVendorReturn(VendorReturnRef, extra="allow"):
    """One return to a vendor with its lines."""


@vendor_credits.write("POST", "/vendor-returns", returns=VendorReturn)
class CreateVendorReturn(Arguments, extra="allow"):
    """Start sending goods back to a vendor; process_vendor_return carries it out. Lines name product_id or sku."""

    vendor_id: Annotated[Id, INFERRED]
    items: Annotated[list[NewVendorReturnLine], INFERRED] = Field(min_length=1)
    purchase_order_id: Annotated[Id | None, INFERRED] = None
    notes: Annotated[str | None, INFERRED] = None


@vendor_credits.money("POST", "/vendor-returns/{vendor_return_id}/process", returns=VendorReturn)
class ProcessVendorReturn(VendorReturnRef):
    """Carry out a return; generate_vendor_return_credit then claims its value."""


@vendor_credits.money("POST", "/vendor-returns/{vendor_return_id}/generate-credit", returns=VendorCredit)
class GenerateVendorReturnCredit(VendorReturnRef):
    """Make a vendor credit out of a return."""


@vendor_credits.destroy("POST", "/vendor-returns/{vendor_return_id}/cancel", returns=VendorReturn)
class CancelVendorReturn(VendorReturnRef):
    """Call off a return to a vendor."""
