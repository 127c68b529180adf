"""What of a purchase order is billed and what is left to bill, for a bill that is to be entered with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tools.workflows.books import Row, together
from tools.workflows.parts.around import Around
from tools.workflows.parts.checks import Result
from tools.workflows.parts.documents import order_number
from tools.workflows.parts.paid_on_order import paid_facts
from tools.workflows.parts.record_values import ZERO, amount, decimal, total
from tools.workflows.parts.telling import amount_text, in_currency


@dataclass(frozen=True)
class OrderToBill:
    """An order, what its bills but void ones come to, and its lines that can be billed.

    Amounts are of the order's currency; None where they could not be read.
    """

    order: Row
    billed: Decimal | None = None
    billable: Sequence[Row] | None = None

    @property
    def not_billed(self) -> Decimal | None:
        """What was received and is not billed, None where that is not told."""
        values = [decimal(row.get("billable_amount")) for row in self.billable or []]
        return None if self.billable is None or None in values else sum(filter(None, values), ZERO)

    def fit(self, goods: Decimal, currency: str | None) -> tuple[Result, str]:
        """How a bill's total without tax fits what the order leaves to bill."""
        left, what = self.not_billed, "received and not billed"
        ordered = decimal(self.order.get("total_cost"))
        if left is None and ordered is not None and self.billed is not None:
            left, what = max(ordered - self.billed, ZERO), "ordered and not billed"
        if left is None or self.order.get("currency") not in (None, currency):
            return Result.ASK, "what is left to bill cannot be compared"
        if goods > left:
            return Result.ASK, f"{amount_text(goods - left)} more than {what}; freight?"
        return Result.OK, f"{amount_text(left - goods)} stays {what}" if goods < left else f"exactly what is {what}"

    def facts(self) -> dict[str, Any]:
        """The order's own figures."""
        order = self.order
        figures = {
            "ordered": decimal(order.get("total_cost")),
            "billed": self.billed,
            "received_not_billed": self.not_billed,
        }
        return {
            "purchase_order": order_number(order),
            "purchase_order_id": order.get("id"),
            "order_status": order.get("order_status"),
            **{name: in_currency(order.get("currency"), each) for name, each in figures.items() if each is not None},
            **paid_facts([order]),
        }

    def items(self) -> list[dict[str, Any]]:
        """What can be billed, as lines of a bill."""
        return [
            {**row, "type": "product", "quantity": row.get("billable_quantity"), "unit_cost": row.get("unit_cost")}
            for row in self.billable or []
            if amount(row, "billable_quantity") > 0
        ]


async def read_order_to_bill(around: Around, order: Row) -> OrderToBill:
    """Read what is billed of an order and what can be."""

    def counts(bill: Row) -> bool:
        return bill.get("status") != "void"

    order_id = order["id"]
    reads: list[Any] = await together(
        around.rows("bills of the order", "list_bills_by_purchase_order", counts, purchase_order_id=order_id),
        around.rows("what can be billed", "list_purchase_order_billable_lines", bool, purchase_order_id=order_id),
    )
    bills, billable = reads
    # What is billed in another currency cannot be added up with the rest.
    currencies = {each["currency"] for each in (order, *(bills or ())) if each.get("currency") is not None}
    comparable = bills is not None and len(currencies) <= 1
    return OrderToBill(order, total(bills, "total") if comparable else None, billable)
