"""Money paid on purchases, and paid back on returns."""

from collections.abc import Mapping
from typing import Any

from server.sandbox.billdiary import listing, numbering, references, settlement
from server.sandbox.billdiary.listing import Condition
from server.sandbox.billdiary.shapes import CARD_FIELDS, PAYMENT, TRANSACTION_NUMBERS
from server.sandbox.billdiary.wire import Visit, blocked, told
from server.sandbox.rows import Record, get_row, insert_row
from server.sandbox.tables.billdiary import payments
from server.sandbox.wire import Answer, invalid

Sent = Mapping[str, Any]

_DETAILS = (*CARD_FIELDS, "cheque_number", "bank_account_number")
"""What is kept of a payment beside its amount; a card's number and security code are not."""


def record(visit: Visit, *visible: Condition) -> Answer:
    """Enter a payment of the purchase or return of the path. Raises 404, 422."""
    found = listing.find(visit, *visible)
    sent = PAYMENT.check(visit.sent())
    if settlement.settle(visit.connection, found["id"]) == settlement.PAID:
        raise blocked("This transaction is already fully paid.")
    payment_id = enter(visit, found, sent)
    status = settlement.settle(visit.connection, found["id"])
    payment = get_row(visit.connection, payments, "Payment", payments.c.id == payment_id)
    answered = {
        "transaction_id": found["id"],
        "payment_id": payment_id,
        "payment_ref_no": payment["payment_ref_no"],
        "payment_status": status,
        "amount": payment["amount"],
        "method": payment["method"],
        "paid_on": payment["paid_on"],
    }
    return told("Payment added.", answered, 201)


def enter(visit: Visit, transaction: Record, sent: Sent, path: str = "") -> int:
    """Enter a payment whose fields are at `path` of the body; its id. Raises 422."""
    method = sent["method"]
    if method not in references.payment_methods(visit.connection, transaction["location_id"]):
        raise invalid({f"{path}method": f"The selected {path}method is invalid for this location."})
    is_advance = method == settlement.ADVANCE
    if is_advance and not sent.get("is_return"):
        left = settlement.balance(visit.connection, transaction["contact_id"])
        if sent["amount"] > left:
            said = f"The {path}amount is more than the advance balance of the contact ({left})."
            raise invalid({f"{path}amount": said})
    account_id = None if is_advance else sent.get("account_id")
    references.check_account(visit, account_id, f"{path}account_id")
    row = {
        "transaction_id": transaction["id"],
        "contact_id": transaction["contact_id"],
        "account_id": account_id,
        "amount": sent["amount"],
        "method": method,
        "paid_on": sent.get("paid_on") or visit.now,
        "payment_ref_no": numbering.next_number(visit, numbering.PAYMENT),
        "note": sent.get("note"),
        "is_return": bool(sent.get("is_return")),
        "details": _details(sent),
    }
    return insert_row(visit.connection, payments, row)


def _details(sent: Sent) -> dict[str, str]:
    names = [*_DETAILS, *filter(None, [TRANSACTION_NUMBERS.get(sent["method"])])]
    return {name: sent[name] for name in names if sent.get(name)}
