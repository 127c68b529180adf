"""Purchases: goods that were bought, what they cost, and what is paid of that."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update

from server.sandbox.billdiary import (
    documents,
    entry,
    lines,
    listing,
    numbering,
    payments,
    record,
    references,
    settlement,
    stock,
    totals,
    workflow,
)
from server.sandbox.billdiary.listing import CONTACT_FIELDS, Condition, TransactionList
from server.sandbox.billdiary.numbering import ORDER, PURCHASE
from server.sandbox.billdiary.shapes import PURCHASE as SHAPE
from server.sandbox.billdiary.shapes import PURCHASE_CHANGE, PURCHASE_STATUSES, RECEIVED
from server.sandbox.billdiary.users import May
from server.sandbox.billdiary.wire import Operations, Visit, blocked, told
from server.sandbox.rows import Record
from server.sandbox.tables.billdiary import businesses, contacts, transactions
from server.sandbox.wire import Answer

operations = Operations()

ROW = (
    "id", "ref_no", "document", "transaction_date", "status", "payment_status", "final_total", "total_before_tax",
    "tax_amount", "discount_amount", "total_paid", "contact", "location",
)  # fmt: skip
DETAIL = (
    "id", "ref_no", "document", "transaction_date", "status", "payment_status", "final_total", "total_before_tax",
    "tax_amount", "discount_amount", "shipping_charges", "total_paid", "additional_notes", "staff_note",
    "purchase_order_ids", "contact", "location", "order_tax", "lines", "payments",
)  # fmt: skip
LINE = (
    "id", "product_id", "variation_id", "product_label", "sub_sku", "quantity", "purchase_price",
    "purchase_price_inc_tax", "pp_without_discount", "discount_percent", "item_tax", "line_tax",
)  # fmt: skip

LIST = (May.VIEW_PURCHASES, May.CREATE_PURCHASE, May.VIEW_OWN_PURCHASES)
VIEW = (May.VIEW_PURCHASES, May.VIEW_OWN_PURCHASES)

FROM_ORDERS = "purchase_order_ids"

PAYMENT_STATUSES = (settlement.PAID, settlement.DUE, settlement.PARTIAL, settlement.OVERDUE)


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Rows of the list."""
    paid = settlement.paid_of(connection, [row["id"] for row in rows])
    shown = record.with_parties(connection, rows)
    return [record.picked({**row, "total_paid": paid[row["id"]]}, ROW) for row in shown]


PURCHASES = TransactionList(
    PURCHASE,
    "purchases",
    ROW,
    present,
    statuses={"status": PURCHASE_STATUSES, "payment_status": PAYMENT_STATUSES},
    exact={"status": transactions.c.status},
    ids=("location_id", "contact_id"),
    searched=(transactions.c.ref_no, transactions.c.invoice_no, transactions.c.document, *CONTACT_FIELDS),
    rows=select(transactions).join(contacts, contacts.c.id == transactions.c.contact_id),
)


def visible(visit: Visit) -> list[Condition]:
    """The purchases the user may see."""
    return PURCHASES.visible(visit, *VIEW)


@operations.serve("/purchases", "GET")
def list_purchases(visit: Visit) -> Answer:
    """The purchases the user may see."""
    visit.require(*LIST)
    return PURCHASES.answer(visit, *visible(visit), *_payment_status(visit))


@operations.serve("/purchases/check-ref-number", "GET")
def check_ref_number(visit: Visit) -> Answer:
    """Whether a supplier's number is free; without number or supplier it always is."""
    visit.require(May.CREATE_PURCHASE, May.UPDATE_PURCHASE)
    query = listing.sent(visit)
    ref_no, contact_id = query.get("ref_no"), listing.optional_id(query, "contact_id")
    except_id = listing.optional_id(query, "exclude_transaction_id")
    free = not ref_no or contact_id is None or numbering.is_available(visit, ref_no, contact_id, except_id)
    return Answer({"data": {"available": free, "ref_no": ref_no, "contact_id": contact_id}})


@operations.serve("/purchases/{id}", "GET")
def get_purchase(visit: Visit) -> Answer:
    """One purchase with its lines and payments."""
    visit.require(*LIST)
    return listing.one(visit, "purchase", lambda: _detail(visit.connection, listing.find(visit, *visible(visit))))


@operations.serve("/purchases", "POST")
def create_purchase(visit: Visit) -> Answer:
    """Enter goods that were bought, with first payments."""
    visit.require(May.CREATE_PURCHASE)
    visit.require_subscription()
    sent = SHAPE.check(visit.sent())
    _check(visit, sent, sent, sent["purchases"])
    purchase_id = entry.enter(visit, PURCHASE, sent, payment_status=settlement.DUE)
    lines.insert(visit, purchase_id, sent["purchases"])
    workflow.link(visit.connection, purchase_id, sent.get(FROM_ORDERS) or [])
    found = listing.find(visit, record_id=purchase_id)
    for index, payment in enumerate(sent.get("payment") or []):
        payments.enter(visit, found, payment, f"payment.{index}.")
    _receive(visit, found)
    _finish(visit, found, workflow.sources_of(visit.connection, purchase_id, ORDER))
    return _told(visit, purchase_id, "Purchase added.", 201)


@operations.serve("/purchases/{id}", "PUT", "PATCH")
def update_purchase(visit: Visit) -> Answer:
    """Change a purchase that nothing was sent back of; its lines become the ones that are sent."""
    visit.require(May.UPDATE_PURCHASE)
    visit.require_subscription()
    before = listing.find(visit, *visible(visit))
    sent = PURCHASE_CHANGE.check(visit.sent())
    _require_no_return(visit, before)
    if (visit.today - before["transaction_date"].date()).days > visit.user.transaction_edit_days:
        raise blocked(f"A purchase cannot be edited after {visit.user.transaction_edit_days} days.")
    rows = lines.merged(sent["purchases"], lines.stored(visit, before["id"]))
    _check(visit, sent, entry.head_of(before, sent), rows, before)
    sources = workflow.sources_of(visit.connection, before["id"], ORDER)
    _take_back(visit, before)
    entry.change(visit, before, sent)
    lines.replace(visit, before["id"], rows, PURCHASE)
    if FROM_ORDERS in sent:
        workflow.link(visit.connection, before["id"], sent[FROM_ORDERS] or [])
    after = listing.find(visit, record_id=before["id"])
    _receive(visit, after)
    _finish(visit, after, sources | workflow.sources_of(visit.connection, before["id"], ORDER))
    return _told(visit, before["id"], "Purchase updated.")


@operations.serve("/purchases/{id}", "DELETE")
def delete_purchase(visit: Visit) -> Answer:
    """Delete a purchase that nothing was sent back of; its goods leave the stock, its payments go."""
    visit.require(May.DELETE_PURCHASE)
    found = listing.find(visit, *visible(visit))
    _require_no_return(visit, found)
    if visit.user.tracks_lots and stock.has_sold_lots(visit.connection, found["id"]):
        raise blocked("A lot of this purchase was sold already, so the purchase cannot be deleted.")
    sources = workflow.sources_of(visit.connection, found["id"], ORDER)
    _take_back(visit, found)
    lines.drop(visit, [line["id"] for line in lines.stored(visit, found["id"])], PURCHASE)
    visit.connection.execute(delete(transactions).where(transactions.c.id == found["id"]))
    workflow.refresh(visit.connection, sources, ORDER)
    return told("Purchase deleted.", {"id": found["id"]})


@operations.serve("/purchases/{id}/payments", "POST")
def record_payment(visit: Visit) -> Answer:
    """Enter a payment of a purchase."""
    visit.require(May.PAY)
    visit.require(*LIST)
    visit.require_no_demo()
    visit.require_subscription()
    return payments.record(visit, *visible(visit))


def _payment_status(visit: Visit) -> list[ColumnElement[bool]]:
    status = listing.sent(visit).get("payment_status")
    if status != settlement.OVERDUE:
        return [] if status is None else [transactions.c.payment_status == status]
    is_open = transactions.c.payment_status.in_((settlement.DUE, settlement.PARTIAL))
    return [is_open, transactions.c.due_date < visit.today]


def _check(visit: Visit, sent: Record, head: Record, rows: list[Record], before: Record | None = None) -> None:
    references.check_head(visit, sent)
    references.check_products(visit, sent["purchases"], "purchases")
    references.check_sources(visit, sent.get(FROM_ORDERS) or [], FROM_ORDERS, ORDER)
    lines.check_sources(visit, sent["purchases"])
    ref_no = sent.get("ref_no") or (before or {}).get("ref_no")
    if ref_no:
        numbering.check_available(visit, ref_no, sent["contact_id"], before["id"] if before else None)
    totals.check_lines(rows)
    totals.check_totals(head, rows)


def _require_no_return(visit: Visit, purchase: Record) -> None:
    if settlement.return_of(visit.connection, purchase["id"]) is not None:
        raise blocked("A return exists for this purchase, so it cannot be changed or deleted.")


def _receive(visit: Visit, purchase: Record) -> None:
    """Put the goods into the stock if they have come."""
    if purchase["status"] == RECEIVED:
        rows = lines.stored(visit, purchase["id"])
        stock.put(visit.connection, purchase["location_id"], rows)
        stock.cover_oversold(visit.connection, purchase["location_id"], rows)


def _take_back(visit: Visit, purchase: Record) -> None:
    """Take the goods out of the stock if they had come; what was sold of them is oversold then."""
    if purchase["status"] == RECEIVED:
        rows = lines.stored(visit, purchase["id"])
        stock.put(visit.connection, purchase["location_id"], rows, -1)
        stock.release_sales(visit.connection, [row["id"] for row in rows])


def _finish(visit: Visit, purchase: Record, orders: set[int]) -> None:
    """What a purchase changes beside itself: its orders, the business's exchange rate, its document."""
    workflow.refresh(visit.connection, orders, ORDER)
    rate = {"purchase_exchange_rate": purchase["exchange_rate"]}
    visit.connection.execute(update(businesses).where(businesses.c.id == purchase["business_id"]).values(rate))
    documents.keep(visit, purchase["id"])
    settlement.settle(visit.connection, purchase["id"])


def _told(visit: Visit, purchase_id: int, message: str, status: int = 200) -> Answer:
    return told(message, record.picked(listing.find(visit, record_id=purchase_id), ("id", "ref_no")), status)


def _detail(connection: Connection, row: Record) -> dict[str, Any]:
    shown = {
        **record.in_full(connection, row),
        "total_paid": settlement.paid_of(connection, [row["id"]])[row["id"]],
        FROM_ORDERS: workflow.linked(connection, row["id"]),
        "lines": [record.picked(line, LINE) for line in record.lines_of(connection, row["id"])],
        "payments": record.payments_of(connection, row["id"]),
    }
    return record.picked(shown, DETAIL)
