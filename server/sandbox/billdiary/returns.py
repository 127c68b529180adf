"""Purchase returns: goods sent back, of one purchase or without naming any."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, select, update

from server.sandbox.billdiary import (
    documents,
    entry,
    lines,
    listing,
    payments,
    purchases,
    record,
    references,
    settlement,
    stock,
)
from server.sandbox.billdiary.listing import CONTACT_FIELDS, TransactionList
from server.sandbox.billdiary.numbering import RETURN
from server.sandbox.billdiary.shapes import RECEIVED, STANDALONE_RETURN
from server.sandbox.billdiary.shapes import RETURN as SHAPE
from server.sandbox.billdiary.users import May
from server.sandbox.billdiary.wire import Operations, Visit, blocked, not_found, told
from server.sandbox.money import ZERO, cents
from server.sandbox.rows import Record
from server.sandbox.tables.billdiary import contacts, transactions
from server.sandbox.tables.billdiary import lines as line_table
from server.sandbox.wire import Answer, Errors, invalid

operations = Operations()

FINAL = "final"
"""The status of every return: there are no drafts."""

OF_PURCHASE, OF_RETURN = "parent_purchase", "purchase_return"
"""Where the lines of a return are kept."""

ROW = (
    "id", "ref_no", "document", "transaction_date", "status", "payment_status", "final_total", "total_before_tax",
    "tax_amount", "total_paid", "return_parent_id", "parent_purchase", "contact", "location",
)  # fmt: skip
DETAIL = (*ROW, "order_tax", "lines", "payments")
LINE = (
    "purchase_line_id", "product_id", "variation_id", "product_label", "sub_sku", "quantity_returned",
    "purchase_price_inc_tax", "line_total", "source",
)  # fmt: skip

VIEW = (May.VIEW_PURCHASES, May.CREATE_PURCHASE)

_parent = transactions.alias("parent")


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Rows of the list."""
    paid = settlement.paid_of(connection, [row["id"] for row in rows])
    parents = record.named(connection, transactions, ("id", "ref_no"), (row["return_parent_id"] for row in rows))
    return [
        record.picked(
            {**row, "total_paid": paid[row["id"]], "parent_purchase": parents.get(row["return_parent_id"])}, ROW
        )
        for row in record.with_parties(connection, rows)
    ]


RETURNS = TransactionList(
    RETURN,
    "purchase-returns",
    ROW,
    present,
    ids=("location_id", "contact_id"),
    searched=(transactions.c.ref_no, transactions.c.document, *CONTACT_FIELDS, _parent.c.ref_no),
    rows=select(transactions)
    .outerjoin(contacts, contacts.c.id == transactions.c.contact_id)
    .outerjoin(_parent, _parent.c.id == transactions.c.return_parent_id),
)


@operations.serve("/purchase-returns", "GET")
def list_returns(visit: Visit) -> Answer:
    """The returns at the user's locations."""
    visit.require(*VIEW)
    return RETURNS.answer(visit, *RETURNS.visible(visit))


@operations.serve("/purchase-returns/{id}", "GET")
def get_return(visit: Visit) -> Answer:
    """One return with what went back and what was paid for that."""
    visit.require(*VIEW)
    seen = RETURNS.visible(visit)
    return listing.one(visit, "purchase-return", lambda: _detail(visit.connection, listing.find(visit, *seen)))


@operations.serve("/purchase-returns", "POST")
def create_return(visit: Visit) -> Answer:
    """Send goods of a purchase back, or change what its return sends back: lines that are not named, nothing."""
    visit.require(May.UPDATE_PURCHASE)
    visit.require_no_demo()
    visit.require_subscription()
    sent = SHAPE.check(visit.sent())
    purchase = listing.find(visit, *purchases.visible(visit), record_id=sent["transaction_id"])
    rows = lines.stored(visit, purchase["id"])
    returned = _returned(sent["returns"], rows)
    if purchase["status"] != RECEIVED:
        raise blocked("Goods that were not received cannot be returned.")
    _send_back(visit, purchase, rows, returned)
    return_id = _enter(visit, purchase, sent, rows, returned)
    settlement.settle(visit.connection, return_id)
    made = listing.find(visit, record_id=return_id)
    answered = {"id": return_id, "ref_no": made["ref_no"], "parent_purchase_id": purchase["id"]}
    return told("Purchase return added.", answered, 201)


@operations.serve("/purchase-returns/combined", "POST")
def create_standalone_return(visit: Visit) -> Answer:
    """Send goods back without naming a purchase."""
    visit.require(May.UPDATE_PURCHASE)
    visit.require_no_demo()
    visit.require_subscription()
    sent = STANDALONE_RETURN.check(visit.sent())
    references.check_head(visit, sent)
    if not visit.user.permits(sent["location_id"]):
        raise not_found()
    references.check_products(visit, sent["products"], "products")
    total = _total((line["quantity"], line["unit_price"]) for line in sent["products"])
    if sent["final_total"] != total + (sent.get("tax_amount") or ZERO):
        said = f"The final_total must be quantity times unit_price plus tax_amount ({total} before tax)."
        raise invalid({"final_total": said})
    return_id = entry.enter(visit, RETURN, sent, total_before_tax=total, status=FINAL)
    lines.insert(visit, return_id, [_standalone_line(line) for line in sent["products"]])
    stock.put(visit.connection, sent["location_id"], lines.stored(visit, return_id), -1)
    documents.keep(visit, return_id)
    settlement.settle(visit.connection, return_id)
    made = listing.find(visit, record_id=return_id)
    return told("Purchase return added.", record.picked(made, ("id", "ref_no", "return_parent_id")), 201)


@operations.serve("/purchase-returns/{id}/payments", "POST")
def record_payment(visit: Visit) -> Answer:
    """Enter what the supplier paid back."""
    visit.require(May.PAY)
    visit.require(*VIEW)
    visit.require_no_demo()
    visit.require_subscription()
    return payments.record(visit, *RETURNS.visible(visit))


@operations.serve("/purchase-returns/{id}", "DELETE")
def delete_return(visit: Visit) -> Answer:
    """Delete a return: its goods are in the stock again."""
    visit.require(May.DELETE_PURCHASE)
    visit.require_no_demo()
    found = listing.find(visit, *RETURNS.visible(visit))
    parent_id = found["return_parent_id"]
    if parent_id is None:
        stock.put(visit.connection, found["location_id"], lines.stored(visit, found["id"]))
    else:
        _send_back(visit, found, lines.stored(visit, parent_id), {})
    visit.connection.execute(delete(transactions).where(transactions.c.id == found["id"]))
    if parent_id is not None:
        settlement.settle(visit.connection, parent_id)
    return told("Purchase return deleted.", {"id": found["id"]})


def _returned(sent: Sequence[Record], rows: Sequence[Record]) -> dict[int, Decimal]:
    """How much goes back of each line of the purchase. Raises 422."""
    bought = {row["id"]: row["quantity"] for row in rows}
    found: dict[int, Decimal] = {}
    errors: Errors = {}
    for index, line in enumerate(sent):
        path, line_id = f"returns.{index}", line["purchase_line_id"]
        if line_id not in bought:
            errors[f"{path}.purchase_line_id"] = [f"The {path}.purchase_line_id does not belong to the purchase."]
        elif line_id in found:
            errors[f"{path}.purchase_line_id"] = [f"The {path}.purchase_line_id has a duplicate value."]
        elif line["quantity"] > bought[line_id]:
            said = f"The {path}.quantity may not be more than was purchased ({bought[line_id]})."
            errors[f"{path}.quantity"] = [said]
        found[line_id] = line["quantity"]
    if not errors and not any(found.values()):
        errors["returns"] = ["At least one quantity must be greater than 0."]
    if errors:
        raise invalid(errors)
    return found


def _send_back(visit: Visit, place: Record, rows: Sequence[Record], returned: dict[int, Decimal]) -> None:
    """Set how much of each line is sent back; the stock of the place changes by the difference."""
    each = stock.multipliers(visit.connection, rows)
    for row in rows:
        quantity = returned.get(row["id"], stock.NOTHING)
        more = quantity - row["quantity_returned"]
        if more:
            changed = update(line_table).where(line_table.c.id == row["id"])
            visit.connection.execute(changed.values(quantity_returned=quantity))
            stock.move(visit.connection, place["location_id"], row["variation_id"], -more * each[row["id"]])


def _enter(visit: Visit, purchase: Record, sent: Record, rows: Sequence[Record], returned: dict[int, Decimal]) -> int:
    """Enter the purchase's return, or bring the one it has up to date; its id."""
    before = settlement.return_of(visit.connection, purchase["id"])
    total = _total((returned.get(row["id"], ZERO), row["purchase_price_inc_tax"]) for row in rows)
    tax = sent.get("tax_amount", before["tax_amount"] if before else ZERO) or ZERO
    head = {"total_before_tax": total, "tax_amount": tax, "final_total": total + tax, "ref_no": sent.get("ref_no")}
    if before is not None:
        entry.change(visit, before, head)
        return_id: int = before["id"]
        return return_id
    same = {name: purchase[name] for name in ("location_id", "contact_id", "tax_id")}
    return entry.enter(
        visit, RETURN, head | same, status=FINAL, transaction_date=visit.now, return_parent_id=purchase["id"]
    )


def _total(parts: Any) -> Decimal:
    return sum((cents(quantity * price) for quantity, price in parts), ZERO)


def _standalone_line(line: Record) -> Record:
    price = dict.fromkeys(("pp_without_discount", "purchase_price", "purchase_price_inc_tax"), line["unit_price"])
    return {**line, **price, "item_tax": ZERO, "quantity_returned": line["quantity"]}


def _detail(connection: Connection, row: Record) -> dict[str, Any]:
    parent_id = row["return_parent_id"]
    rows = record.lines_of(connection, parent_id or row["id"])
    shown = {
        **record.in_full(connection, row),
        "total_paid": settlement.paid_of(connection, [row["id"]])[row["id"]],
        "parent_purchase": record.named(connection, transactions, ("id", "ref_no"), [parent_id]).get(parent_id),
        "lines": [_line(line, OF_PURCHASE if parent_id else OF_RETURN) for line in rows if line["quantity_returned"]],
        "payments": record.payments_of(connection, row["id"]),
    }
    return record.picked(shown, DETAIL)


def _line(line: Record, source: str) -> dict[str, Any]:
    total = cents(line["quantity_returned"] * line["purchase_price_inc_tax"])
    return record.picked({**line, "purchase_line_id": line["id"], "line_total": total, "source": source}, LINE)
