"""What is exchanged with other systems: EDI documents, and invoices the accounting software turned down."""

from sqlalchemy import Column, Date, String

from server.sandbox.tables.base import Instant, key, ref, stamps, table, text

edi_documents = table(
    "edi_documents",
    key(),
    Column("control_number", String, unique=True, nullable=False),
    text("type", nullable=False, index=True),
    text("direction", nullable=False, index=True),
    text("status", nullable=False, index=True),
    ref("company_id", "companies"),
    text("order_number", index=True),
    text("error"),
    Column("document_date", Date, nullable=False, index=True),
    *stamps(),
)

invoice_sync_errors = table(
    "invoice_sync_errors",
    key(),
    ref("invoice_id", "invoices"),
    text("system", nullable=False),
    text("message", nullable=False),
    Column("occurred_at", Instant, nullable=False, index=True),
)
