"""EDI documents: what partners sent and were sent."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from server.sandbox.exports import file_of
from server.sandbox.filters import Listing, field, fields, page
from server.sandbox.resources.reports.periods import END, START, period_or_none
from server.sandbox.rows import records
from server.sandbox.tables.exchange import edi_documents
from server.sandbox.tables.parties import companies
from server.sandbox.wire import Answer, Call, Routes, data, invalid

routes = Routes()

LARGEST_EXPORT = 50_000
"""Rows of a file."""

_KINDS = {
    "850": "Purchase order", "855": "Purchase order acknowledgment", "856": "Advance ship notice", "810": "Invoice",
    "997": "Functional acknowledgment",
}  # fmt: skip
"""What the transaction sets are called."""

_COLUMNS = (
    "id", "control_number", "type", "direction", "status", "partner_id", "partner", "order_number", "document_date",
    "error", "created_at", "updated_at",
)  # fmt: skip

_document = edi_documents.c

DOCUMENTS = Listing(
    select(
        *(_document[name] for name in _COLUMNS if name in _document),
        _document.company_id.label("partner_id"),
        companies.c.name.label("partner"),
    ).join(companies, companies.c.id == _document.company_id),
    {
        **fields(_document, *(name for name in _COLUMNS if name in _document)),
        "partner_id": field(_document.company_id),
        "partner": field(companies.c.name),
        "order": field(_document.order_number),
    },
    _document.id,
    parameters=frozenset({START, END, "format"}),
)


@routes.get("/reports/edi")
def list_edi_documents(call: Call) -> Answer:
    """The documents, of a period if one is named."""
    return page(call, DOCUMENTS, *_within(call))


@routes.get("/reports/edi/export")
def export_edi_documents(call: Call) -> Answer:
    """The documents as a CSV file."""
    if (call.argument("format") or "csv") != "csv":
        raise invalid({"format": "The format must be csv."})
    where = [*_within(call), *DOCUMENTS.where(call.query)]
    order = DOCUMENTS.order(call.argument("sort"))
    rows = records(call.connection, DOCUMENTS.rows.where(*where).order_by(*order).limit(LARGEST_EXPORT))
    return file_of("edi-documents", _COLUMNS, rows)


@routes.get("/reports/edi/summary")
def get_edi_summary(call: Call) -> Answer:
    """How many documents there are of each status, type and direction."""
    where = _within(call)
    total = select(func.count()).select_from(edi_documents).where(*where)
    counted: dict[str, Any] = {"total": call.connection.execute(total).scalar_one()}
    for name in ("status", "type", "direction"):
        query = select(_document[name], func.count().label("count")).where(*where)
        counted[f"by_{name}"] = records(call.connection, query.group_by(_document[name]).order_by(_document[name]))
    counted["by_type"] = [{**row, "name": _KINDS[row["type"]]} for row in counted["by_type"]]
    return data(counted)


def _within(call: Call) -> list[ColumnElement[bool]]:
    asked = period_or_none(call)
    return [_document.document_date.between(asked.start, asked.end)] if asked else []
