"""What a transaction comes to. Clients send the totals; they must be what the lines, taxes and charges add up to."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from server.sandbox.billdiary.shapes import EXPENSE_VALUES, PERCENTAGE
from server.sandbox.money import ZERO, cents
from server.sandbox.wire import Errors, invalid

HALF_CENT = Decimal("0.005")
HUNDRED = Decimal(100)
LARGEST_TOTAL = Decimal("999999999.99")


def check_lines(lines: Iterable[Mapping[str, Any]]) -> None:
    """Each line's prices follow from each other. Raises 422."""
    errors: Errors = {}
    for index, line in enumerate(lines):
        path = f"purchases.{index}"
        kept = HUNDRED - (line.get("discount_percent") or ZERO)
        net = line["pp_without_discount"] * kept / HUNDRED
        if abs(line["purchase_price"] - net) > HALF_CENT:
            errors[f"{path}.purchase_price"] = [
                f"The {path}.purchase_price must be pp_without_discount less discount_percent ({cents(net)})."
            ]
        gross = line["purchase_price"] + line["item_tax"]
        if line["purchase_price_inc_tax"] != gross:
            errors[f"{path}.purchase_price_inc_tax"] = [
                f"The {path}.purchase_price_inc_tax must be purchase_price plus item_tax ({gross})."
            ]
    if errors:
        raise invalid(errors)


def check_totals(head: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> None:
    """The totals that were sent are those of the lines and the charges. Raises 422 naming the right ones."""
    before_tax = lines_total(lines)
    if head["total_before_tax"] != before_tax:
        said = f"The total_before_tax must be the sum of quantity times purchase_price_inc_tax ({before_tax})."
        raise invalid({"total_before_tax": said})
    final = final_total(head)
    if not ZERO <= final <= LARGEST_TOTAL:
        raise invalid({"discount_amount": "The discount_amount may not be more than the total."})
    if head["final_total"] != final:
        raise invalid(
            {"final_total": f"The final_total must be total_before_tax less discount plus tax and charges ({final})."}
        )


def lines_total(lines: Iterable[Mapping[str, Any]]) -> Decimal:
    """What the lines come to, their own taxes and discounts included."""
    return sum((cents(line["quantity"] * line["purchase_price_inc_tax"]) for line in lines), ZERO)


def final_total(head: Mapping[str, Any]) -> Decimal:
    """Total before tax less discount, plus the order's tax, shipping and additional expenses."""
    added = sum((head.get(name) or ZERO for name in ("tax_amount", "shipping_charges", *EXPENSE_VALUES)), ZERO)
    return Decimal(head["total_before_tax"]) - _discount(head) + added


def _discount(head: Mapping[str, Any]) -> Decimal:
    amount = head.get("discount_amount") or ZERO
    if head.get("discount_type") == PERCENTAGE:
        return cents(head["total_before_tax"] * amount / HUNDRED)
    return cents(amount)
