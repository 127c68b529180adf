"""Purchase requisitions: what somebody asks to be bought."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import Connection, delete, update

from server.sandbox.billdiary import entry, lines, listing, record, references, workflow
from server.sandbox.billdiary.listing import TransactionList
from server.sandbox.billdiary.numbering import REQUISITION
from server.sandbox.billdiary.shapes import REQUISITION as SHAPE
from server.sandbox.billdiary.shapes import STATUS, WORKFLOW
from server.sandbox.billdiary.users import May
from server.sandbox.billdiary.wire import Operations, Visit, told
from server.sandbox.money import ZERO
from server.sandbox.rows import Record
from server.sandbox.tables.billdiary import transactions
from server.sandbox.wire import Answer, invalid

operations = Operations()

ROW = ("id", "ref_no", "status", "transaction_date", "delivery_date", "location", "created_by")
LINE = (
    "id", "product_id", "variation_id", "quantity", "secondary_unit_quantity", "po_quantity_purchased",
    "product_name", "sku", "variation_name", "variation_label", "sub_sku", "unit",
)  # fmt: skip

VIEW = (May.VIEW_ALL_REQUISITIONS, May.VIEW_OWN_REQUISITIONS)

_UNPRICED = dict.fromkeys(("pp_without_discount", "purchase_price", "item_tax", "purchase_price_inc_tax"), ZERO)
"""A requisition asks for goods; what they cost is said by the order."""


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    return [record.picked(row, ROW) for row in record.with_parties(connection, rows)]


REQUISITIONS = TransactionList(
    REQUISITION,
    "purchase-requisitions",
    ROW,
    _present,
    statuses={"status": WORKFLOW},
    exact={"status": transactions.c.status},
    ranges={
        ("start_date", "end_date"): transactions.c.transaction_date,
        ("required_by_start", "required_by_end"): transactions.c.delivery_date,
    },
)


def visible(visit: Visit) -> Record:
    """The requisition of the path, if the user may see it. Raises 404."""
    return listing.find(visit, *REQUISITIONS.visible(visit, *VIEW))


@operations.serve("/purchase-requisitions", "GET")
def list_requisitions(visit: Visit) -> Answer:
    """The requisitions the user may see."""
    visit.require(*VIEW)
    visit.require_requisitions()
    return REQUISITIONS.answer(visit, *REQUISITIONS.visible(visit, *VIEW))


@operations.serve("/purchase-requisitions/{id}", "GET")
def get_requisition(visit: Visit) -> Answer:
    """One requisition with its lines."""
    visit.require(*VIEW)
    visit.require_requisitions()
    return listing.one(visit, "purchase-requisition", lambda: _detail(visit.connection, visible(visit)))


@operations.serve("/purchase-requisitions", "POST")
def create_requisition(visit: Visit) -> Answer:
    """Ask for goods."""
    visit.require(May.CREATE_REQUISITION)
    visit.require_requisitions()
    sent = SHAPE.check(visit.sent())
    wanted = sent["purchases"]
    if not any(line.get("quantity") or line.get("secondary_unit_quantity") for line in wanted):
        raise invalid({"purchases": "At least one line needs a quantity or secondary_unit_quantity greater than 0."})
    references.check_head(visit, sent)
    references.check_products(visit, wanted, "purchases")
    delivery = sent.get("delivery_date")
    requisition_id = entry.enter(
        visit,
        REQUISITION,
        {"location_id": sent["location_id"]},
        status=workflow.ORDERED,
        transaction_date=visit.now,
        delivery_date=datetime.combine(delivery, time(), UTC) if delivery else None,
    )
    unpriced = [{**line, **_UNPRICED, "quantity": line.get("quantity") or ZERO} for line in wanted]
    lines.insert(visit, requisition_id, unpriced)
    made = listing.find(visit, record_id=requisition_id)
    return told("Purchase requisition added.", record.picked(made, ("id", "ref_no")), 201)


@operations.serve("/purchase-requisitions/{id}/status", "PUT", "PATCH")
def update_requisition_status(visit: Visit) -> Answer:
    """Say how far the requisition got."""
    visit.require(May.CREATE_REQUISITION, May.DELETE_REQUISITION)
    visit.require_requisitions()
    return set_status(visit, visible(visit), "Purchase requisition updated.")


@operations.serve("/purchase-requisitions/{id}", "DELETE")
def delete_requisition(visit: Visit) -> Answer:
    """Delete a requisition of the business, visible or not; orders made from it lose the link."""
    visit.require(May.DELETE_REQUISITION)
    visit.require_requisitions()
    found = listing.find(visit, listing.of_business(visit, REQUISITION))
    lines.drop(visit, [line["id"] for line in lines.stored(visit, found["id"])], REQUISITION)
    visit.connection.execute(delete(transactions).where(transactions.c.id == found["id"]))
    return told("Purchase requisition deleted.", {"id": found["id"]})


def set_status(visit: Visit, found: Record, message: str) -> Answer:
    """Set the workflow status that the body names, and say so."""
    status = STATUS.check(visit.sent())["status"]
    changed = update(transactions).where(transactions.c.id == found["id"])
    visit.connection.execute(changed.values(status=status, updated_at=visit.now))
    return told(message, {"id": found["id"], "status": status})


def _detail(connection: Connection, row: Record) -> dict[str, Any]:
    shown = record.in_full(connection, row)
    rows = record.lines_of(connection, row["id"])
    ordered = workflow.covered(connection, [line["id"] for line in rows], workflow.SOURCE_LINE[REQUISITION])
    wanted = [record.picked({**line, "po_quantity_purchased": ordered[line["id"]]}, LINE) for line in rows]
    return {**record.picked(shown, ROW), "lines": wanted}
