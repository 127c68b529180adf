"""What purchase orders and receipts cost: the arithmetic of their lines."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from server.sandbox.money import ZERO, cents

NOTHING = Decimal(0)

Line = Mapping[str, Any]


def gross_of(line: Line) -> Decimal:
    """Quantity times unit cost."""
    return cents(line["quantity"] * line["unit_cost"])


def line_total(line: Line) -> Decimal:
    """What a line comes to, with its tax and less its discount."""
    total: Decimal = gross_of(line) + line["tax"] - line["discount_amount"]
    return total


def order_totals(order: Line, lines: Sequence[Line], payments: Sequence[Line]) -> dict[str, Any]:
    """The computed columns of an order with these lines and payments."""
    ordered = sum((line["quantity"] for line in lines), NOTHING)
    received = sum((line["received_quantity"] for line in lines), NOTHING)
    # The documented sum of quantity times price says nothing of discounts; were they left out here, an order would
    # cost more than its lines.
    cost = sum((gross_of(line) - line["discount_amount"] for line in lines), ZERO)
    tax = sum((line["tax"] for line in lines), ZERO) + order["extra_tax"]
    total = cost + tax + order["total_shipping_cost"]
    paid = sum((payment["paid_amount"] for payment in payments), ZERO)
    return {
        "item_count": len(lines),
        "total_qty_ordered": ordered,
        "total_qty_received": received,
        "total_qty_remaining": ordered - received,
        "order_cost": cost,
        "total_tax": tax,
        "total_cost": total,
        "total_paid": paid,
        "total_due": total - paid,
    }


def receipt_amounts(line: Line, quantity: Decimal) -> dict[str, Decimal]:
    """What `quantity` of an order line costs: its share of the line's tax and discount, and the total."""
    gross = cents(quantity * line["unit_cost"])
    share = quantity / line["quantity"]
    tax, discount = cents(line["tax"] * share), min(cents(line["discount_amount"] * share), gross)
    return {"tax": tax, "discount_amount": discount, "line_total": gross + tax - discount}


def report_totals(report: Line, lines: Sequence[Line]) -> dict[str, Decimal]:
    """The computed columns of a receiving report with these lines."""
    return {
        "total_quantity": sum((line["quantity"] for line in lines), NOTHING),
        "total_tax": sum((line["tax"] for line in lines), ZERO),
        "total_cost": sum((line["line_total"] for line in lines), ZERO) + report["shipping_cost"],
    }
