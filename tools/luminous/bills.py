"""Vendor bills (accounts payable): 36 operations.

The vendor's pages describe only the aging report in full. The other methods and paths are known from the vendor's
client; arguments marked INFERRED are read off the documented purchase order payments and invoices.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from schemas.common import Arguments, Date, Evidence, File, Id, LongText, Mark, Money, Page, ShortText
from schemas.files import Download, FileInput
from schemas.filters import Filters
from schemas.listing import Listing, Paging
from schemas.luminous.bills import (
    Bill,
    BillAllocation,
    BillAttachment,
    BillPayment,
    BillsAging,
    BillVariance,
    NewBillLine,
    OrderLine,
    PaymentType,
)
from tools.operation import System, Toolset

bills = Toolset("bills", System.LUMINOUS, Evidence.CLIENT)

INFERRED = Evidence.INFERRED
PAYABLE = ("posted", "partially_paid")
"""Statuses in which a bill takes payments (`inferred`)."""


class BillRef(Arguments):
    """Names one bill."""

    bill_id: Id


class BillItemRef(BillRef):
    """Names one line of a bill."""

    bill_item_id: Id


class BillPaymentRef(BillRef):
    """Names one payment of a bill."""

    payment_id: Id


class BillAttachmentRef(BillRef):
    """Names one file of a bill."""

    attachment_id: Id


# Lists and look-ups


@bills.read("GET", "/bills", returns=Page[Bill])
class ListBills(Listing):
    """Vendor bills by any filter. What is overdue: get_bills_aging."""


@bills.read("GET", "/bills/{bill_id}", returns=Bill)
class GetBill(BillRef, extra="allow"):
    """One bill with lines, payments, allocations, attachments."""


@bills.read("GET", "/bills/by-vendor/{vendor_id}", returns=Page[Bill])
class ListBillsByVendor(Paging):
    """All bills of one vendor; vendor_id is a company id (list_companies finds it by name)."""

    vendor_id: Id
    filters: Filters | None = None


@bills.read("GET", "/bills/by-purchase-order/{purchase_order_id}", returns=Page[Bill])
class ListBillsByPurchaseOrder(Paging):
    """All bills of one purchase order."""

    purchase_order_id: Id
    filters: Filters | None = None


@bills.read("GET", "/bills/summary")
class GetBillsSummary(Arguments, extra="allow"):
    """Counts and totals of all bills by status."""


@bills.read("GET", "/bills/reports/aging", returns=BillsAging, evidence=Evidence.DOCUMENTED)
class GetBillsAging(Arguments):
    """What is owed to vendors by days overdue (aging buckets): bills open now, aged to as_of_date."""

    as_of_date: Date | None = Field(None, description="Default today")
    vendor_id: Id | None = None

    def caveat(self, today: dt.date) -> str:
        """Payments made since that day are not put back."""
        if self.as_of_date in (None, today):
            return ""
        return "Bills open today, aged to that day; not what was owed then."


@bills.read("GET", "/bills/allocation-inbox", returns=Page[Bill])
class GetBillsAllocationInbox(Arguments, extra="allow"):
    """Bills with costs (freight, duty) still to be allocated."""


@bills.read("GET", "/bills/check-duplicate")
class CheckDuplicateBill(Arguments, extra="allow"):
    """Whether a vendor's bill number is already entered. Ask before create_bill."""

    vendor_id: Id | None = None
    bill_number: str | None = None


@bills.read("POST", "/bills/calculate-due-date")
class CalculateBillDueDate(Arguments, extra="allow"):
    """Due date from a vendor's terms and a bill date. Stores nothing."""

    vendor_id: Id | None = None
    bill_date: Date | None = None
    payment_term: Annotated[str | None, INFERRED] = None


@bills.read("GET", "/bills/from-shipments/prefill")
class PrefillBillFromShipments(Arguments, extra="allow"):
    """A draft of a bill made from incoming shipments. Stores nothing."""

    shipment_ids: Annotated[list[Id] | None, INFERRED] = None


@bills.read("POST", "/bills/import/parse")
class ParseBillImport(Arguments, extra="allow"):
    """Reads bills out of a CSV file for review. Stores nothing."""

    file: Annotated[FileInput, INFERRED, Mark.FILE]


# Entering and changing


@bills.money("POST", "/bills", returns=Bill)
class CreateBill(Arguments, extra="allow"):
    """Enter a vendor's bill as a draft; post_bill makes it payable. Run check_duplicate_bill first."""

    vendor_id: Annotated[Id, INFERRED]
    bill_number: Annotated[ShortText, INFERRED]
    bill_date: Annotated[Date, INFERRED]
    items: Annotated[list[NewBillLine], INFERRED] = Field(min_length=1)
    due_date: Annotated[Date | None, INFERRED] = None
    purchase_order_id: Annotated[Id | None, INFERRED] = None
    tax_amount: Annotated[Money | None, INFERRED] = Field(None, ge=0)
    notes: Annotated[str | None, INFERRED] = None


@bills.write("PUT", "/bills/{bill_id}", returns=Bill)
class UpdateBill(BillRef, extra="allow"):
    """Change the given fields of a bill (as in create_bill). items replaces all lines."""

    due_date: Annotated[Date | None, INFERRED] = None
    notes: Annotated[str | None, INFERRED] = None


@bills.write("PATCH", "/bills/{bill_id}/status", returns=Bill)
class UpdateBillStatus(BillRef, extra="allow"):
    """Set a bill's status, such as void. Else use post_bill, reopen_bill, hold_bill."""

    status: str


@bills.money("POST", "/bills/{bill_id}/post", returns=Bill, when=("draft",))
class PostBill(BillRef):
    """Finalize a draft bill so that it can be paid."""


@bills.money("POST", "/bills/{bill_id}/reopen", returns=Bill, when=("posted", "closed"))
class ReopenBill(BillRef):
    """Make a posted or closed bill editable again."""


@bills.write("POST", "/bills/{bill_id}/hold", returns=Bill, when=("draft", *PAYABLE))
class HoldBill(BillRef):
    """Block a bill from payment until unhold_bill."""

    reason: Annotated[ShortText | None, INFERRED] = None


@bills.write("POST", "/bills/{bill_id}/unhold", returns=Bill, when=("hold",))
class UnholdBill(BillRef):
    """Lift the hold of a bill."""


# Payments


@bills.money("POST", "/bills/{bill_id}/payments", returns=BillPayment, when=PAYABLE)
class RecordBillPayment(BillRef, extra="allow"):
    """Record money paid to the vendor on a posted bill, at most what is due."""

    amount: Annotated[Money, INFERRED] = Field(gt=0)
    payment_date: Annotated[Date, INFERRED]
    payment_type: Annotated[PaymentType | None, INFERRED] = None
    reference: Annotated[ShortText | None, INFERRED] = None
    remarks: Annotated[LongText | None, INFERRED] = None


@bills.money("POST", "/bills/{bill_id}/payments/{payment_id}/void", returns=BillPayment)
class VoidBillPayment(BillPaymentRef):
    """Undo a payment, keeping it on record as void."""


@bills.money("DELETE", "/bills/{bill_id}/payments/{payment_id}")
class DeleteBillPayment(BillPaymentRef, extra="allow"):
    """Erase a payment entered by mistake. To undo a real one: void_bill_payment."""


# Allocations


@bills.read("GET", "/bills/{bill_id}/allocations", returns=Page[BillAllocation])
class ListBillAllocations(BillRef, extra="allow"):
    """How a bill's costs are spread over purchase order lines."""


@bills.write("POST", "/bills/{bill_id}/allocations", returns=BillAllocation)
class CreateBillAllocation(BillRef, extra="allow"):
    """Put part of a bill line's cost on a line from list_bill_item_eligible_lines."""

    bill_item_id: Annotated[Id, INFERRED]
    purchase_order_item_id: Annotated[Id, INFERRED]
    amount: Annotated[Money, INFERRED] = Field(gt=0)


@bills.destroy("DELETE", "/bills/{bill_id}/allocations/{allocation_id}")
class DeleteBillAllocation(BillRef, extra="allow"):
    """Take an allocation back."""

    allocation_id: Id


@bills.write("POST", "/bills/{bill_id}/auto-allocate")
class AutoAllocateBill(BillRef):
    """Allocate all lines of a bill automatically."""


@bills.write("POST", "/bills/{bill_id}/bill-items/{bill_item_id}/prorate-allocate")
class ProrateBillItemAllocation(BillItemRef, extra="allow"):
    """Spread a bill line (freight, duty) over its eligible order lines."""


@bills.read("POST", "/bills/{bill_id}/bill-items/{bill_item_id}/ai-suggestions")
class SuggestBillItemAllocations(BillItemRef, extra="allow"):
    """AI suggestions where a bill line belongs. Stores nothing."""


@bills.read("GET", "/bills/{bill_id}/bill-items/{bill_item_id}/eligible-lines", returns=Page[OrderLine])
class ListBillItemEligibleLines(BillItemRef, extra="allow"):
    """Purchase order lines a bill line may be allocated to."""


@bills.read("GET", "/bills/{bill_id}/candidate-lines", returns=Page[OrderLine])
class ListBillCandidateLines(BillRef, extra="allow"):
    """Purchase order lines that a bill could be matched to."""


@bills.read("GET", "/bills/{bill_id}/billable-lines", returns=Page[OrderLine])
class ListBillBillableLines(BillRef, extra="allow"):
    """Lines that could still be billed on a bill."""


@bills.read("GET", "/shipments/{shipment_id}/billable-lines", returns=Page[OrderLine])
class ListShipmentBillableLines(Arguments, extra="allow"):
    """Lines of one incoming shipment that are not billed yet."""

    shipment_id: Id


# Variance


@bills.read("GET", "/bills/{bill_id}/variance", returns=BillVariance)
class GetBillVariance(BillRef, extra="allow"):
    """Where a bill differs from what was ordered and received."""


@bills.money("POST", "/bills/{bill_id}/resolve-variance")
class ResolveBillVariance(BillRef, extra="allow"):
    """Settle the variance of a bill (get_bill_variance shows it)."""

    method: Annotated[Literal["accept", "adjust"] | None, INFERRED] = None
    note: Annotated[LongText | None, INFERRED] = None


# Files


@bills.write("POST", "/bills/{bill_id}/attachments", returns=BillAttachment)
class UploadBillAttachment(BillRef, extra="allow"):
    """Keep a file with a bill."""

    file: Annotated[FileInput, INFERRED, Mark.FILE]


@bills.read("GET", "/bills/{bill_id}/attachments/{attachment_id}/download", returns=File)
class DownloadBillAttachment(BillAttachmentRef, Download, extra="allow"):
    """The content of a bill's attachment."""


@bills.destroy("DELETE", "/bills/{bill_id}/attachments/{attachment_id}")
class DeleteBillAttachment(BillAttachmentRef, extra="allow"):
    """Delete a file of a bill."""
