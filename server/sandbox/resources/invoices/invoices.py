"""Invoices to customers, which the API also calls client purchase orders: list, look up, create."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert

from server.sandbox import terms
from server.sandbox.filters import page
from server.sandbox.money import ZERO, cents
from server.sandbox.resources import tagging
from server.sandbox.resources.invoices.record import INVOICES, ROWS, present
from server.sandbox.resources.metadata.fields import checked
from server.sandbox.resources.products.lookup import named_product
from server.sandbox.rows import Record, find_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Choice, Day, Free, Key, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.parties import companies
from server.sandbox.tables.receivables import invoice_items, invoices
from server.sandbox.wire import Answer, Call, Routes, created, data, invalid, not_found

routes = Routes()

MILLION = Decimal(1_000_000)

LINE = Shape(
    {
        "product_id": optional(Whole(minimum=1)),
        "sku": optional(Text()),
        "description": optional(Text(max_length=1000)),
        "quantity": required(Number(places=4, above=True, maximum=MILLION)),
        "unit_price": required(Number(places=4, maximum=MILLION)),
    },
)

_amounts = ("total_shipping", "tax_amount", "order_discount_amount")
_ids = ("warehouse_id", "sales_channel_id", "revenue_account_id", "invoice_export_template_id")
_address: dict[str, Key] = {
    name: optional(Text()) for name in ("address_1", "address_2", "city", "state", "zip", "country")
}

INVOICE = Shape(
    {
        "company_id": required(Whole(minimum=1)),
        "order_date": required(Day()),
        "payment_terms": required(Choice(terms.LABELS)),
        "items": required(Many(LINE, minimum=1)),
        "ship_by_date": optional(Day()),
        "customer_po_number": optional(Text()),
        "public_note": optional(Text(max_length=5000)),
        "private_note": optional(Text(max_length=5000)),
        **{name: optional(Number()) for name in _amounts},
        **{name: optional(Whole(minimum=1)) for name in _ids},
        "alternate_ids": optional(Many(Text())),
        "tags": tagging.TAGS,
        "custom_fields": optional(Free(), nullable=False),
        "ship_to": optional(Shape(_address), nullable=False),
    },
    computed=COMPUTED,
)


@routes.get("/invoices")
def list_invoices(call: Call) -> Answer:
    """All invoices, whole."""
    return page(call, tagging.with_custom_fields(call, INVOICES, invoices.c.custom_fields), present=present)


@routes.get("/invoices/{id}")
def get_invoice(call: Call) -> Answer:
    """One invoice."""
    shown = _show(call.connection, call.id("id", "Invoice"))
    if shown is None:
        raise not_found("Invoice")
    return data(shown)


@routes.post("/invoices")
def create_invoice(call: Call) -> Answer:
    """Invoice a customer; all sums are computed."""
    sent = INVOICE.check(call.json())
    buyer = find_row(call.connection, companies, companies.c.id == sent["company_id"])
    if buyer is None:
        raise invalid({"company_id": "The company_id is no known company."})
    sent["custom_fields"] = checked(call.connection, "invoices", sent.get("custom_fields") or {})
    lines = _lines(call, sent["items"])
    row = {**_stored(sent, buyer), **_sums(sent, lines), "created_at": call.now, "updated_at": call.now}
    invoice_id = insert_row(call.connection, invoices, row)
    call.connection.execute(insert(invoice_items), [{**line, "invoice_id": invoice_id} for line in lines])
    tagging.retag(call.connection, "invoice", invoice_id, sent.get("tags") or [])
    return created(_show(call.connection, invoice_id))


def _show(connection: Connection, invoice_id: int) -> dict[str, Any] | None:
    rows = records(connection, ROWS.where(invoices.c.id == invoice_id))
    return present(connection, rows)[0] if rows else None


def _lines(call: Call, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    errors: dict[str, str] = {}
    rows = []
    for index, line in enumerate(sent):
        product = named_product(call.connection, line, f"items.{index}", errors)
        if product is not None:
            rows.append(
                {
                    "product_id": product["id"],
                    "name": line.get("description") or product["name"],
                    "qty": line["quantity"],
                    "unit_price": line["unit_price"],
                    "discount": ZERO,
                    "total": cents(line["quantity"] * line["unit_price"]),
                    "created_at": call.now,
                    "updated_at": call.now,
                }
            )
    if errors:
        raise invalid(errors)
    return rows


def _stored(sent: dict[str, Any], buyer: Record) -> dict[str, Any]:
    kept = ("order_date", "ship_by_date", "customer_po_number", "payment_terms", "public_note", "private_note", *_ids)
    own = {"address_1": "address", "address_2": "address_line_2", "zip": "postal_code"}
    ship_to = sent.get("ship_to")
    if ship_to is None:
        ship_to = {name: buyer[own.get(name, name)] for name in _address}
    return {
        **{name: sent.get(name) for name in kept},
        "company_id": buyer["id"],
        "status": "active",
        "payment_status": "unpaid",
        "approval_status": "pending",
        "ship_to": {name: ship_to.get(name) for name in _address},
        "custom_fields": sent["custom_fields"],
        "alternate_ids": sent.get("alternate_ids") or [],
    }


def _sums(sent: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Decimal]:
    shipping, tax, discount = (sent.get(name) or ZERO for name in _amounts)
    total = sum((line["total"] for line in lines), ZERO) + shipping + tax - discount
    if total < 0:
        raise invalid({"order_discount_amount": "The order_discount_amount is more than the invoice."})
    return {
        "total_qty": sum((line["qty"] for line in lines), Decimal(0)),
        "total_shipping": shipping,
        "tax_amount": tax,
        "total_discount": discount,
        "total": total,
        "total_paid": ZERO,
        "total_due": total,
    }
