"""Purchase orders: what was ordered from suppliers, and how much of it is bought."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, select

from server.sandbox.billdiary import documents, entry, lines, listing, record, references, totals, workflow
from server.sandbox.billdiary.listing import CONTACT_FIELDS, TransactionList
from server.sandbox.billdiary.numbering import ORDER, REQUISITION
from server.sandbox.billdiary.requisitions import set_status
from server.sandbox.billdiary.shapes import ORDER as SHAPE
from server.sandbox.billdiary.shapes import ORDER_CHANGE, WORKFLOW
from server.sandbox.billdiary.users import May
from server.sandbox.billdiary.wire import Operations, Visit, forbidden, told
from server.sandbox.rows import Record, insert_row, records
from server.sandbox.tables.billdiary import activities, contacts, transactions
from server.sandbox.tables.billdiary import lines as line_table
from server.sandbox.wire import Answer

operations = Operations()

NOTHING = Decimal(0)

ROW = (
    "id", "ref_no", "document", "transaction_date", "status", "shipping_status", "final_total", "total_before_tax",
    "tax_amount", "discount_amount", "po_qty_remaining", "contact", "location",
)  # fmt: skip
DETAIL = (
    "id", "ref_no", "document", "transaction_date", "delivery_date", "status", "shipping_status", "exchange_rate",
    "final_total", "total_before_tax", "tax_amount", "discount_amount", "shipping_charges", "discount_type",
    "shipping_details", "additional_notes", "pay_term_type", "shipping_address", "delivered_to", "pay_term_number",
    "purchase_requisition_ids", "order_tax", "contact", "location", "lines",
)  # fmt: skip
LINE = (
    "id", "product_id", "variation_id", "quantity", "po_quantity_purchased", "quantity_remaining",
    "pp_without_discount", "discount_percent", "purchase_price", "purchase_price_inc_tax", "item_tax", "line_tax",
    "purchase_requisition_line_id", "product_name", "sub_sku",
)  # fmt: skip

VIEW = (May.VIEW_ALL_ORDERS, May.VIEW_OWN_ORDERS)

FROM_REQUISITIONS = "purchase_requisition_ids"


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    remaining = _remaining(connection, [row["id"] for row in rows])
    shown = record.with_parties(connection, rows)
    return [record.picked({**row, "po_qty_remaining": remaining[row["id"]]}, ROW) for row in shown]


ORDERS = TransactionList(
    ORDER,
    "purchase-orders",
    ROW,
    _present,
    statuses={"status": WORKFLOW},
    exact={"status": transactions.c.status, "shipping_status": transactions.c.shipping_status},
    ids=("location_id", "contact_id"),
    searched=(transactions.c.ref_no, transactions.c.document, *CONTACT_FIELDS),
    rows=select(transactions).join(contacts, contacts.c.id == transactions.c.contact_id),
)


@operations.serve("/purchase-orders", "GET")
def list_orders(visit: Visit) -> Answer:
    """The orders the user may see."""
    visit.require(*VIEW)
    visit.require_orders()
    return ORDERS.answer(visit, *ORDERS.visible(visit, *VIEW))


@operations.serve("/purchase-orders/{id}", "GET")
def get_order(visit: Visit) -> Answer:
    """One order with its lines."""
    visit.require(*VIEW)
    visit.require_orders()
    seen = ORDERS.visible(visit, *VIEW)
    return listing.one(visit, "purchase-order", lambda: _detail(visit.connection, listing.find(visit, *seen)))


@operations.serve("/purchase-orders", "POST")
def create_order(visit: Visit) -> Answer:
    """Order goods, of requisitions or of one's own accord."""
    visit.require(May.CREATE_ORDER)
    visit.require_orders()
    visit.require_subscription()
    sent = SHAPE.check(visit.sent())
    _check(visit, sent, sent, sent["purchases"])
    order_id = entry.enter(visit, ORDER, sent, status=workflow.ORDERED)
    lines.insert(visit, order_id, sent["purchases"])
    workflow.link(visit.connection, order_id, sent.get(FROM_REQUISITIONS) or [])
    workflow.refresh(visit.connection, workflow.sources_of(visit.connection, order_id, REQUISITION), REQUISITION)
    documents.keep(visit, order_id)
    return _told(visit, order_id, "Purchase order added.", 201)


@operations.serve("/purchase-orders/{id}", "PUT", "PATCH")
def update_order(visit: Visit) -> Answer:
    """Change an order of the business, visible or not; its lines become the ones that are sent."""
    visit.require(May.UPDATE_ORDER)
    visit.require_orders()
    visit.require_subscription()
    before = listing.find(visit, listing.of_business(visit, ORDER))
    sent = ORDER_CHANGE.check(visit.sent())
    rows = lines.merged(sent["purchases"], lines.stored(visit, before["id"]))
    _check(visit, sent, entry.head_of(before, sent), rows)
    sources = workflow.sources_of(visit.connection, before["id"], REQUISITION)
    entry.change(visit, before, sent)
    lines.replace(visit, before["id"], rows, ORDER)
    if FROM_REQUISITIONS in sent:
        workflow.link(visit.connection, before["id"], sent[FROM_REQUISITIONS] or [])
    sources |= workflow.sources_of(visit.connection, before["id"], REQUISITION)
    workflow.refresh(visit.connection, sources, REQUISITION)
    documents.keep(visit, before["id"])
    return _told(visit, before["id"], "Purchase order updated.")


@operations.serve("/purchase-orders/{id}", "DELETE")
def delete_order(visit: Visit) -> Answer:
    """Delete an order of the business, visible or not; purchases made from it lose the link."""
    visit.require(May.DELETE_ORDER)
    visit.require_orders()
    found = listing.find(visit, listing.of_business(visit, ORDER))
    sources = workflow.sources_of(visit.connection, found["id"], REQUISITION)
    lines.drop(visit, [line["id"] for line in lines.stored(visit, found["id"])], ORDER)
    activity = {"business_id": found["business_id"], "user_id": visit.user.id, "action": "po_deleted"}
    subject = {"subject_id": found["id"], "subject": found["ref_no"], "at": visit.now}
    insert_row(visit.connection, activities, activity | subject)
    visit.connection.execute(delete(transactions).where(transactions.c.id == found["id"]))
    workflow.refresh(visit.connection, sources, REQUISITION)
    return told("Purchase order deleted.", {"id": found["id"]})


@operations.serve("/purchase-orders/{id}/status", "PUT", "PATCH")
def update_order_status(visit: Visit) -> Answer:
    """Say how far an order of the business got; for its admins."""
    if not visit.user.is_admin:
        raise forbidden()
    visit.require_orders()
    found = listing.find(visit, listing.of_business(visit, ORDER))
    return set_status(visit, found, "Purchase order updated.")


def _check(visit: Visit, sent: Record, head: Record, rows: list[Record]) -> None:
    references.check_head(visit, sent)
    references.check_products(visit, sent["purchases"], "purchases")
    references.check_sources(visit, sent.get(FROM_REQUISITIONS) or [], FROM_REQUISITIONS, REQUISITION)
    lines.check_sources(visit, sent["purchases"])
    totals.check_lines(rows)
    totals.check_totals(head, rows)


def _told(visit: Visit, order_id: int, message: str, status: int = 200) -> Answer:
    return told(message, record.picked(listing.find(visit, record_id=order_id), ("id", "ref_no")), status)


def _remaining(connection: Connection, ids: Sequence[int]) -> dict[int, Decimal]:
    """How much of each order is not bought yet."""
    rows = records(connection, select(line_table).where(line_table.c.transaction_id.in_(ids)))
    bought = workflow.covered(connection, [row["id"] for row in rows], workflow.SOURCE_LINE[ORDER])
    found = dict.fromkeys(ids, NOTHING)
    for row in rows:
        found[row["transaction_id"]] += max(NOTHING, row["quantity"] - bought[row["id"]])
    return found


def _detail(connection: Connection, row: Record) -> dict[str, Any]:
    rows = record.lines_of(connection, row["id"])
    bought = workflow.covered(connection, [line["id"] for line in rows], workflow.SOURCE_LINE[ORDER])
    shown = {
        **record.in_full(connection, row),
        FROM_REQUISITIONS: workflow.linked(connection, row["id"]),
        "lines": [_line(line, bought[line["id"]]) for line in rows],
    }
    return record.picked(shown, DETAIL)


def _line(line: Record, bought: Decimal) -> dict[str, Any]:
    computed = {
        "po_quantity_purchased": bought,
        "quantity_remaining": max(NOTHING, line["quantity"] - bought),
        "purchase_requisition_line_id": line["requisition_line_id"],
    }
    return record.picked({**line, **computed}, LINE)
