"""Invoices and what was received for them."""

from collections.abc import Iterator

from sqlalchemy import Connection

from server.sandbox.audit.sums import rows, sums
from server.sandbox.money import ZERO
from server.sandbox.tables.receivables import invoice_items, invoice_payments, invoices


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the invoices."""
    lines = sums(connection, invoice_items.c.total, invoice_items.c.invoice_id)
    paid = sums(connection, invoice_payments.c.amount, invoice_payments.c.invoice_id)
    for invoice in rows(connection, invoices):
        name = f"Invoice {invoice['id']}"
        extra = invoice["total_shipping"] + invoice["tax_amount"] - invoice["total_discount"]
        if invoice["total"] != lines.get(invoice["id"], ZERO) + extra:
            yield f"{name}: the total is not lines plus shipping and tax less discount."
        if invoice["total_paid"] != paid.get(invoice["id"], ZERO):
            yield f"{name}: what is paid is not the sum of its payments."
        if invoice["total_due"] != invoice["total"] - invoice["total_paid"]:
            yield f"{name}: what is due is not the total less what is paid."
        status = "unpaid" if not invoice["total_paid"] else "partial" if invoice["total_due"] else "paid"
        if invoice["payment_status"] != status:
            yield f"{name}: payment status {invoice['payment_status']} where it is {status}."
