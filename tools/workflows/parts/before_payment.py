"""What stands between a bill of Luminous and its payment, and which call takes it out of the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row
from tools.workflows.parts.bill_context import BillContext
from tools.workflows.parts.paid_on_order import is_paid_in_full, paid_on
from tools.workflows.parts.payables import PAYABLE, is_held_draft
from tools.workflows.parts.record_values import objects, total
from tools.workflows.parts.three_way import COSTS


@dataclass(frozen=True)
class Hindrance:
    """What is to be done or looked at before the bill is paid. call: the tools for it. amount: in its currency."""

    what: str
    call: str
    amount: Decimal | None = None
    blocks: bool = False
    """Whether the API takes no payment until it is done."""

    @property
    def row(self) -> dict[str, Any]:
        """As a row of a table."""
        return {
            "what": self.what,
            "amount": self.amount,
            "blocks": "yes" if self.blocks else "no",
            "call": self.call,
        }


def hindrances(bill: Row, due: Decimal, context: BillContext, received: Decimal) -> list[Hindrance]:
    """What stands before payment, what blocks it before what does not. received: units of its order that came."""
    if bill.get("status") == "void" or due <= 0:
        return []
    return [*_of_status(bill), *_to_look_at(bill, context, received)]


def _of_status(bill: Row) -> Iterator[Hindrance]:
    status = bill.get("status")
    if status == "hold":
        yield Hindrance("on hold", "unhold_bill", blocks=True)
    if status == "draft" or is_held_draft(bill):
        yield Hindrance("a draft, not posted", "post_bill", blocks=True)
    elif status not in (*PAYABLE, "hold"):
        yield Hindrance("its status takes no payment", "get_bill", blocks=True)


def _to_look_at(bill: Row, context: BillContext, received: Decimal) -> Iterator[Hindrance]:
    yield from _of_paid_order(bill, context.order or {})
    if context.twins:
        yield Hindrance(f"same number as {len(context.twins)} other bill(s)", "explain_bill")
    if (variance := context.variance_total) and not (context.variance or {}).get("resolved"):
        yield Hindrance("variance not settled", "match_bill, resolve_bill_variance", variance)
    if left := not_allocated(bill):
        yield Hindrance("freight or duty not allocated", "prorate_bill_item_allocation", left)
    if bill.get("purchase_order_id") and context.reports is not None and not received:
        yield Hindrance("nothing received on its order", "list_receiving_reports")


def _of_paid_order(bill: Row, order: Row) -> Iterator[Hindrance]:
    """Money that went to the vendor already, on the order: the bill does not take it off."""
    if paid := paid_on(order):
        what = (
            "its order was paid in full already"
            if is_paid_in_full(order)
            else "something was paid on its order already"
        )
        currency = order.get("currency")
        told = "" if currency in (None, bill.get("currency")) else f" in {currency}"
        yield Hindrance(f"{what}{told}, look before paying", "get_purchase_order", paid)


def not_allocated(bill: Row) -> Decimal:
    """What of its freight and duty is not spread over order lines, in its currency."""
    costs = [item for item in objects(bill.get("items")) if item.get("type") in COSTS]
    return total(costs, "line_total") - total(costs, "allocated_amount")
