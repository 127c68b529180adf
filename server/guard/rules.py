"""What the guard knows of single operations: money moved, fields that follow, warnings. By tool name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schemas.common import Arguments
from server.guard.foresight import Foresight, Look, Record, Rule, currency_of, money_at
from server.guard.plan import Change, Sum
from server.text import clean, label

_CENT = Decimal("0.01")
_NONE = Decimal(0)
Found = Mapping[str, Any] | None


def _pay(field: str) -> Rule:
    """A payment of the amount in `field` against a record with total_paid and total_due."""

    def rule(arguments: Arguments, record: Record, found: Found, foresight: Foresight) -> None:
        _add_payment(getattr(arguments, field), record, foresight)

    return rule


def _add_payment(amount: Decimal, bill: Record, foresight: Foresight) -> None:
    foresight.money = Sum(amount, currency_of(bill))
    paid, due = money_at(bill, "total_paid"), money_at(bill, "total_due")
    if paid is not None:
        foresight.changes.append(Change("total_paid", _text(paid), _text(paid + amount)))
    if due is not None:
        foresight.changes.append(Change("total_due", _text(due), _text(due - amount)))
        if amount > due:
            foresight.warnings.append(
                f"overpayment: {_text(amount)} is {_text(amount - due)} more than the {_text(due)} that is due"
            )


def _take_payment_back(arguments: Arguments, bill: Record, found: Found, foresight: Foresight) -> None:
    payment_id: int = arguments.payment_id  # type: ignore[attr-defined]
    payments = bill.get("payments")
    known = [each for each in payments if isinstance(each, dict)] if isinstance(payments, list) else []
    payment = next((each for each in known if str(each.get("id")) == str(payment_id)), None)
    if payment is None:
        if known:
            foresight.warnings.append(f"payment: the bill shows no payment {payment_id}")
        return
    amount = money_at(payment, "amount")
    if payment.get("status") == "void":
        foresight.warnings.append(f"payment: payment {payment_id} is void already")
        return
    if amount is None:
        return
    foresight.money = Sum(amount, currency_of(bill))
    paid, due = money_at(bill, "total_paid"), money_at(bill, "total_due")
    if paid is not None and due is not None:
        foresight.changes += [
            Change("total_paid", _text(paid), _text(paid - amount)),
            Change("total_due", _text(due), _text(due + amount)),
        ]


def _to(status: str) -> Rule:
    def change(arguments: Arguments, record: Record, found: Found, foresight: Foresight) -> None:
        before = record.get("status")
        foresight.changes.append(Change("status", clean(str(before), 40) if before is not None else None, status))
        total = money_at(record, "total")
        if status == "posted" and total is not None:
            foresight.money = Sum(total, currency_of(record))

    return change


def _new_bill(arguments: Arguments, record: Record, found: Found, foresight: Foresight) -> None:
    lines = arguments.items  # type: ignore[attr-defined]
    tax: Decimal = arguments.tax_amount or Decimal(0)  # type: ignore[attr-defined]
    total = sum(((line.quantity * line.unit_cost).quantize(_CENT) for line in lines), tax)
    foresight.money = Sum(total)
    if found is None:
        foresight.warnings.append("duplicate: whether this bill is entered already could not be checked")
    elif _is_duplicate(found):
        said = "duplicate: a bill with this vendor and number is on record already"
        foresight.warnings.append(f"{said}{_twins(found, total)}")


def _is_duplicate(found: Mapping[str, Any]) -> bool:
    """The shape of this answer is not documented: any flag or list that says so counts, also inside `data`."""
    data = found.get("data")
    if isinstance(data, dict) and _is_duplicate(data):
        return True
    said = any(found.get(key) for key in ("duplicate", "is_duplicate", "exists", "bills"))
    return said or (bool(data) and not isinstance(data, dict))


def _twins(found: Mapping[str, Any], total: Decimal) -> str:
    """Which bills these are, and whether their amounts are the same, where the answer shows that."""
    data = found.get("data")
    rows = found.get("bills") or (data.get("bills") if isinstance(data, dict) else data)
    known = [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []
    said = []
    for each in known[:5]:
        amount = money_at(each, "total")
        same = "" if amount is None else ", the same amount" if amount == total else f", amount {_text(amount)}"
        said.append(f"bill {label(str(each.get('id')), 40)}{same}")
    return f" ({'; '.join(said)})" if said else ""


def _new_invoice(arguments: Arguments, record: Record, found: Found, foresight: Foresight) -> None:
    lines = arguments.items  # type: ignore[attr-defined]
    total = sum(((line.quantity or _NONE) * (line.unit_price or _NONE) for line in lines), _NONE)
    total += (arguments.total_shipping or 0) + (arguments.tax_amount or 0)  # type: ignore[attr-defined]
    total -= arguments.order_discount_amount or 0  # type: ignore[attr-defined]
    foresight.money = Sum(total.quantize(_CENT))
    if any(line.product_id is None and line.sku is None for line in lines):
        foresight.warnings.append("items: each line needs product_id or sku; Luminous refuses it otherwise")


def _text(amount: Decimal) -> str:
    return f"{amount.quantize(_CENT):f}"


RULES: Mapping[str, Rule] = {
    "record_bill_payment": _pay("amount"),
    "record_purchase_order_payment": _pay("paid_amount"),
    "void_bill_payment": _take_payment_back,
    "delete_bill_payment": _take_payment_back,
    "create_bill": _new_bill,
    "create_invoice": _new_invoice,
    "post_bill": _to("posted"),
    "reopen_bill": _to("draft"),
    "hold_bill": _to("hold"),
}


def look_for(tool: str, arguments: Arguments) -> Look | None:
    """What else to read before a plan of this write is made."""
    if tool == "create_bill":
        vendor, number = arguments.vendor_id, arguments.bill_number  # type: ignore[attr-defined]
        return Look("check_duplicate_bill", {"vendor_id": vendor, "bill_number": number})
    return None
