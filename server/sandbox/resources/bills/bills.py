"""Bills: list, look up, enter and change. What happens to a bill afterwards is in the `bill_*` modules beside."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, func, select

from server.sandbox import terms
from server.sandbox.filters import page
from server.sandbox.money import ZERO, cents
from server.sandbox.resources import settlement
from server.sandbox.resources.bills import record as bill_record
from server.sandbox.resources.products.lookup import named_product
from server.sandbox.resources.vendors import order_of, vendor_of
from server.sandbox.rows import Record, insert_row, records, same_rows
from server.sandbox.shapes import COMPUTED, Choice, Day, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.parties import companies
from server.sandbox.tables.payables import bills
from server.sandbox.tables.purchasing import purchase_order_items, purchase_orders
from server.sandbox.wire import Answer, Call, Routes, conflict, data, done, invalid, not_found

routes = Routes()

LINE_TYPES = ("product", "freight", "duty", "other")
CURRENCIES = ("USD", "EUR", "GBP")
OPEN_TO_CHANGE = {"notes", "due_date"}
"""What may still be changed once a bill is no draft any more."""

MILLION = Decimal(1_000_000)

LINE = Shape(
    {
        "type": optional(Choice(LINE_TYPES), nullable=False),
        "product_id": optional(Whole(minimum=1)),
        "sku": optional(Text()),
        "description": optional(Text(max_length=1000)),
        "quantity": required(Number(places=4, above=True, maximum=MILLION)),
        "unit_cost": required(Number(places=4, maximum=MILLION)),
        "purchase_order_item_id": optional(Whole(minimum=1)),
    },
)

BILL = Shape(
    {
        "vendor_id": required(Whole(minimum=1)),
        "bill_number": required(Text()),
        "bill_date": required(Day()),
        "due_date": optional(Day()),
        "payment_term": optional(Choice(terms.LABELS)),
        "currency": optional(Choice(CURRENCIES)),
        "purchase_order_id": optional(Whole(minimum=1)),
        "notes": optional(Text(max_length=5000)),
        "tax_amount": optional(Number()),
        "items": required(Many(LINE, minimum=1)),
    },
    computed=COMPUTED,
)


@routes.get("/bills")
def list_bills(call: Call) -> Answer:
    """All bills."""
    return page(call, bill_record.BILLS)


@routes.get("/bills/by-vendor/{vendorId}")
def list_bills_by_vendor(call: Call) -> Answer:
    """The bills of one vendor."""
    vendor_id = call.id("vendorId", "Vendor")
    if not _exists(call.connection, companies, vendor_id):
        raise not_found("Vendor")
    return page(call, bill_record.BILLS, bills.c.vendor_id == vendor_id)


@routes.get("/bills/by-purchase-order/{purchaseOrderId}")
def list_bills_by_purchase_order(call: Call) -> Answer:
    """The bills of one purchase order."""
    order_id = call.id("purchaseOrderId", "Purchase order")
    if not _exists(call.connection, purchase_orders, order_id):
        raise not_found("Purchase order")
    return page(call, bill_record.BILLS, bills.c.purchase_order_id == order_id)


@routes.get("/bills/{billId}")
def get_bill(call: Call) -> Answer:
    """One bill with everything on it."""
    return bill_record.show(call, bill_record.load(call)["id"])


@routes.get("/bills/check-duplicate")
def check_duplicate_bill(call: Call) -> Answer:
    """Whether a vendor's bill number is on record already; void bills do not count."""
    number, vendor = (call.argument("bill_number") or "").strip(), call.argument("vendor_id")
    if not number:
        raise invalid({"bill_number": "The bill_number is required."})
    query = bill_record.ROWS.where(
        bills.c.status != "void", func.casefold(bills.c.bill_number) == number.casefold()
    ).order_by(bills.c.id)
    if vendor:
        values = Shape({"vendor_id": required(Whole())}).check({"vendor_id": vendor})
        query = query.where(bills.c.vendor_id == values["vendor_id"])
    found = records(call.connection, query)
    return Answer({"duplicate": bool(found), "bills": found})


@routes.post("/bills/calculate-due-date")
def calculate_bill_due_date(call: Call) -> Answer:
    """The due date for a term, or for a vendor's own term."""
    shape = {
        "vendor_id": optional(Whole()),
        "bill_date": optional(Day()),
        "payment_term": optional(Choice(terms.LABELS)),
        "due_date_days": optional(Whole(maximum=3650)),
    }
    asked = Shape(shape).check(call.json())
    term, days = asked.get("payment_term"), asked.get("due_date_days")
    if asked.get("vendor_id"):
        vendor = vendor_of(call.connection, asked["vendor_id"])
        term = term or vendor["payment_term"]
        days = vendor["due_date_days"] if days is None else days
    elif term is None:
        raise invalid({"payment_term": "Either the payment_term or the vendor_id is required."})
    day = asked.get("bill_date") or call.today
    return data(
        {
            "vendor_id": asked.get("vendor_id"),
            "bill_date": day,
            "payment_term": term or terms.DUE_ON_RECEIPT,
            "due_date_days": terms.days_of(term, days),
            "due_date": terms.due_date(day, term, days),
        }
    )


@routes.post("/bills")
def create_bill(call: Call) -> Answer:
    """Enter a bill; it starts as a draft."""
    sent = BILL.check(call.json())
    lines = sent.pop("items")
    bill = _completed(call.connection, sent)
    rows = _lines(call.connection, bill, lines)
    blank = {"status": "draft", "payment_status": "unpaid", "created_at": call.now, "updated_at": call.now}
    sums = dict.fromkeys(("subtotal", "total", "total_paid", "total_credited", "total_due"), ZERO)
    bill_id = insert_row(call.connection, bills, {**bill, **blank, **sums})
    bill_record.replace_items(call, bill_id, rows)
    bill_record.settle(call, bill_id)
    return bill_record.show(call, bill_id, 201)


@routes.put("/bills/{billId}")
def update_bill(call: Call) -> Answer:
    """Change a bill: a draft in everything, a later one in its notes and due date."""
    bill = bill_record.load(call)
    sent = BILL.check(call.json(), partial=True)
    lines = sent.pop("items", None)
    sent = {name: value for name, value in sent.items() if value != bill[name]}
    rows = _changed_lines(call.connection, {**bill, **sent}, lines)
    _check_changeable(bill, sent.keys() | ({"items"} if rows is not None else set()))
    dated_anew = "due_date" not in sent and bool({"bill_date", "payment_term"} & sent.keys())
    after = _completed(call.connection, {**bill, **sent, **({"due_date": None} if dated_anew else {})})
    if rows is not None:
        bill_record.replace_items(call, bill["id"], rows)
        after |= dict.fromkeys(("variance_method", "variance_note", "variance_resolved_at"))
    elif after["vendor_id"] != bill["vendor_id"]:
        _check_kept_lines(call.connection, bill["id"])
    bill_record.change(call, bill["id"], **{name: value for name, value in after.items() if value != bill[name]})
    bill_record.settle(call, bill["id"])
    return bill_record.show(call, bill["id"])


@routes.delete("/bills/{billId}")
def delete_bill(call: Call) -> Answer:
    """Delete a draft that nothing is paid on, applied to or allocated of; obligations it carries are free again."""
    bill = bill_record.load(call)
    bill_record.require(bill, ("draft",), "deleted")
    _check_deletable(call.connection, bill["id"])
    bill_record.change(call, bill["id"], status="void")
    bill_record.settle(call, bill["id"])
    call.connection.execute(delete(bills).where(bills.c.id == bill["id"]))
    return done("Bill deleted.")


def _check_deletable(connection: Connection, bill_id: int) -> None:
    """409 for a bill with payments, applications or allocations, void and reversed ones among them."""
    kept = {
        "payments": bill_record.payments_of(connection, bill_id),
        "applications": settlement.of_bill(connection, bill_id),
        "allocations": bill_record.allocations_of(connection, bill_id),
    }
    there = [name for name, found in kept.items() if found]
    if there:
        raise conflict(f"Bill {bill_id} cannot be deleted: it has {' and '.join(there)}.")


def _completed(connection: Connection, bill: Mapping[str, Any]) -> dict[str, Any]:
    """The bill with what it leaves open taken from its vendor. Raises 422 for what does not fit together."""
    vendor = vendor_of(connection, bill["vendor_id"])
    whole = {
        **bill,
        "payment_term": bill.get("payment_term") or vendor["payment_term"],
        "currency": bill.get("currency") or vendor["currency"],
        "tax_amount": bill.get("tax_amount") or ZERO,
    }
    due = terms.due_date(whole["bill_date"], whole["payment_term"], vendor["due_date_days"])
    whole["due_date"] = bill.get("due_date") or due
    _check_dates(whole)
    order_of(connection, whole.get("purchase_order_id"), whole["vendor_id"])
    return whole


def _changed_lines(
    connection: Connection, bill: Mapping[str, Any], sent: list[dict[str, Any]] | None
) -> list[dict[str, Any]] | None:
    """The lines to store in the place of the bill's; None where those say the same. Raises 422."""
    if sent is None:
        return None
    rows = _lines(connection, bill, sent)
    return None if same_rows(bill_record.items_of(connection, bill["id"]), rows) else rows


def _check_changeable(bill: Record, changed: Collection[str]) -> None:
    if bill["status"] == "void" and changed:
        raise conflict(f"Bill {bill['id']} cannot be changed: its status is void.")
    frozen = sorted(set(changed) - OPEN_TO_CHANGE)
    if bill["status"] != "draft" and frozen:
        said = f"Bill {bill['id']} cannot change {', '.join(frozen)}: its status is {bill['status']}."
        raise conflict(f"{said} Reopen it as a draft first.")


def _check_dates(bill: Mapping[str, Any]) -> None:
    if bill["due_date"] < bill["bill_date"]:
        raise invalid({"due_date": "The due_date may not be before the bill_date."})


def _check_kept_lines(connection: Connection, bill_id: int) -> None:
    if any(item["purchase_order_item_id"] for item in bill_record.items_of(connection, bill_id)):
        raise invalid({"vendor_id": "The lines belong to purchase orders of the former vendor. Send items as well."})


def _lines(connection: Connection, bill: Mapping[str, Any], sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines to store. Raises 422 for products and order lines that do not fit."""
    errors: dict[str, str] = {}
    rows = [_line(connection, bill, line, f"items.{index}", errors) for index, line in enumerate(sent)]
    if errors:
        raise invalid(errors)
    return rows


def _line(
    connection: Connection, bill: Mapping[str, Any], line: dict[str, Any], path: str, errors: dict[str, str]
) -> dict[str, Any]:
    product = _product(connection, line, path, errors)
    ordered = line.get("purchase_order_item_id")
    if ordered and not order_line_of(connection, ordered, bill["vendor_id"]):
        errors[f"{path}.purchase_order_item_id"] = f"The {path}.purchase_order_item_id is not of this vendor."
    description = line.get("description") or (product["name"] if product else None)
    if description is None and f"{path}.product_id" not in errors and f"{path}.sku" not in errors:
        errors[f"{path}.description"] = f"The {path}.description is required without product_id or sku."
    return {
        "type": line.get("type") or ("product" if product else "other"),
        "product_id": product["id"] if product else None,
        "description": description,
        "quantity": line["quantity"],
        "unit_cost": line["unit_cost"],
        "line_total": cents(line["quantity"] * line["unit_cost"]),
        "purchase_order_item_id": ordered,
    }


def _product(connection: Connection, line: Mapping[str, Any], path: str, errors: dict[str, str]) -> Record | None:
    return named_product(connection, line, path, errors) if line.get("product_id") or line.get("sku") else None


def order_line_of(connection: Connection, item_id: int, vendor_id: int) -> bool:
    """Whether the purchase order line is one of this vendor's."""
    query = (
        select(purchase_order_items.c.id)
        .join(purchase_orders, purchase_orders.c.id == purchase_order_items.c.purchase_order_id)
        .where(purchase_order_items.c.id == item_id, purchase_orders.c.vendor_id == vendor_id)
    )
    return connection.execute(query).first() is not None


def _exists(connection: Connection, table: Any, row_id: int) -> bool:
    return connection.execute(select(table.c.id).where(table.c.id == row_id)).first() is not None
