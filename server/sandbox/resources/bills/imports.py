"""Reads bills out of a CSV text for review; nothing is stored."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from server.sandbox import terms
from server.sandbox.money import ZERO, cents
from server.sandbox.resources.bills.bills import LINE, LINE_TYPES
from server.sandbox.resources.products.lookup import product_by_sku
from server.sandbox.rows import Record, records
from server.sandbox.shapes import Choice, Day, Number, Shape, Text, optional, required
from server.sandbox.tables.parties import companies
from server.sandbox.tables.payables import bills
from server.sandbox.wire import Answer, Call, Errors, Routes, data, invalid

routes = Routes()

CONTENT = Shape({"content": required(Text(max_length=5 * 1024 * 1024))})

ROW = Shape(
    {
        "bill_number": required(Text()),
        "bill_date": required(Day()),
        "due_date": optional(Day()),
        "tax_amount": optional(Number()),
        "notes": optional(Text(max_length=5000)),
        "type": optional(Choice(LINE_TYPES)),
        **{name: LINE.keys[name] for name in ("sku", "description", "quantity", "unit_cost")},
    }
)
"""A row of the file: one line of a bill. Rows of the same vendor and number make up one bill."""

LARGEST_ROWS = 5000

Problems = list[dict[str, Any]]


@routes.post("/bills/import/parse")
def parse_bill_import(call: Call) -> Answer:
    """The bills in a CSV file, from `content` in JSON or from a multipart `file`."""
    reader = csv.DictReader(io.StringIO(_text(call)))
    problems: Problems = []
    found: dict[tuple[int, str], dict[str, Any]] = {}
    try:
        for number, row in enumerate(reader, 2):
            if number > LARGEST_ROWS + 1:
                raise invalid({"content": f"The content may have at most {LARGEST_ROWS} rows."})
            _read_row(call.connection, number, {(k or "").strip().lower(): v for k, v in row.items()}, found, problems)
    except csv.Error as error:
        raise invalid({"content": "The content is not readable as CSV."}) from error
    parsed = [_finished(call.connection, bill) for bill in found.values()]
    return data({"bills": parsed, "errors": problems})


def _text(call: Call) -> str:
    if not call.multipart:
        text: str = CONTENT.check(call.json())["content"]
        return text
    upload = call.files.get("file")
    if upload is None:
        raise invalid({"file": "The file is required."})
    try:
        return upload.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise invalid({"file": "The file is not UTF-8 text."}) from error


def _read_row(
    connection: Connection, number: int, row: dict[str, Any], found: dict[tuple[int, str], Any], problems: Problems
) -> None:
    errors: Errors = {}
    values = ROW.read(row, "", errors)
    vendor = _vendor(connection, row)
    if vendor is None:
        errors["vendor"] = ["The vendor is unknown or not unique."]
    product = _product(connection, values.get("sku"))
    if values.get("sku") and product is None:
        errors["sku"] = ["The sku is no known product."]
    if not values.get("description") and product is None and "sku" not in errors:
        errors["description"] = ["The description is required without a sku."]
    problems += [{"row": number, "field": name, "message": said[0]} for name, said in errors.items()]
    if errors or vendor is None:
        return
    bill = found.setdefault((vendor["id"], values["bill_number"].casefold()), _begun(vendor, values))
    bill["tax_amount"] += values.get("tax_amount") or ZERO
    bill["items"].append(_item(values, product))


def _begun(vendor: Record, values: Mapping[str, Any]) -> dict[str, Any]:
    due = terms.due_date(values["bill_date"], vendor["payment_term"], vendor["due_date_days"])
    return {
        "vendor_id": vendor["id"],
        "vendor_name": vendor["name"],
        "bill_number": values["bill_number"],
        "bill_date": values["bill_date"],
        "due_date": values.get("due_date") or due,
        "payment_term": vendor["payment_term"],
        "currency": vendor["currency"],
        "notes": values.get("notes"),
        "items": [],
        "tax_amount": ZERO,
    }


def _item(values: Mapping[str, Any], product: Record | None) -> dict[str, Any]:
    return {
        "type": values.get("type") or ("product" if product else "other"),
        "product_id": product["id"] if product else None,
        "sku": product["sku"] if product else None,
        "description": values.get("description") or (product["name"] if product else None),
        "quantity": values["quantity"],
        "unit_cost": values["unit_cost"],
        "line_total": cents(values["quantity"] * values["unit_cost"]),
    }


def _finished(connection: Connection, bill: dict[str, Any]) -> dict[str, Any]:
    subtotal = sum((item["line_total"] for item in bill["items"]), ZERO)
    same = (bills.c.vendor_id == bill["vendor_id"]) & (bills.c.status != "void")
    number = func.casefold(bills.c.bill_number) == bill["bill_number"].casefold()
    duplicate = connection.execute(select(bills.c.id).where(same, number)).first() is not None
    return {**bill, "subtotal": subtotal, "total": subtotal + bill["tax_amount"], "duplicate": duplicate}


def _vendor(connection: Connection, row: Mapping[str, Any]) -> Record | None:
    """The vendor by `vendor_id`, or by `vendor` or `vendor_name` when only one company is called so."""
    name = (row.get("vendor") or row.get("vendor_name") or "").strip()
    number = (row.get("vendor_id") or "").strip()
    if number:
        wanted = companies.c.id == (int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0)
    else:
        wanted = func.casefold(companies.c.name) == name.casefold()
    matches = records(connection, select(companies).where(wanted))
    return matches[0] if len(matches) == 1 else None


def _product(connection: Connection, sku: str | None) -> Record | None:
    return product_by_sku(connection, sku) if sku else None
