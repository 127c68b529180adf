"""A bill as it is stored and shown, and the sums every change of it must leave right."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from server.sandbox.filters import Listing, field, fields
from server.sandbox.money import ZERO
from server.sandbox.resources import settlement
from server.sandbox.rows import Record, get_row, records
from server.sandbox.tables.goods import products
from server.sandbox.tables.parties import companies
from server.sandbox.tables.payables import bill_allocations, bill_attachments, bill_items, bill_payments, bills
from server.sandbox.tables.purchasing import purchase_orders
from server.sandbox.wire import Answer, Call, conflict, data

SHOWN = (
    "id", "bill_number", "vendor_id", "vendor_name", "purchase_order_id", "status", "payment_status", "hold_reason",
    "bill_date", "due_date", "payment_term", "currency", "subtotal", "tax_amount", "total", "total_paid",
    "total_credited", "total_due", "notes", "posted_at", "created_at", "updated_at",
)  # fmt: skip

_vendor_name = companies.c.name.label("vendor_name")

ROWS: Select[Any] = select(*(_vendor_name if name == "vendor_name" else bills.c[name] for name in SHOWN)).select_from(
    # Outer, although every bill has a vendor: where nothing asks for the vendor, SQLite then leaves it out.
    bills.outerjoin(companies, bills.c.vendor_id == companies.c.id)
)

BILLS = Listing(
    ROWS,
    {
        **fields(bills.c, *(name for name in SHOWN if name != "vendor_name")),
        "vendor_name": field(companies.c.name),
        "vendor.id": field(bills.c.vendor_id),
        "vendor.name": field(companies.c.name),
        "purchase_order.order_number": field(
            select(purchase_orders.c.order_number)
            .where(purchase_orders.c.id == bills.c.purchase_order_id)
            .scalar_subquery()
        ),
    },
    bills.c.id,
)


def load(call: Call) -> Record:
    """The bill named in the path, as stored. Raises 404."""
    return load_id(call.connection, call.id("billId", "Bill"))


def load_id(connection: Connection, bill_id: int) -> Record:
    """The bill of that id, as stored. Raises 404."""
    return get_row(connection, bills, "Bill", bills.c.id == bill_id)


def load_item(call: Call, bill: Record) -> Record:
    """The bill's line named in the path. Raises 404."""
    wanted = (bill_items.c.id == call.id("billItemId", "Bill item")) & (bill_items.c.bill_id == bill["id"])
    return get_row(call.connection, bill_items, "Bill item", wanted)


def require(bill: Record, allowed: tuple[str, ...], action: str) -> None:
    """409 unless the bill has one of the statuses."""
    if bill["status"] not in allowed:
        raise conflict(f"Bill {bill['id']} cannot be {action}: its status is {bill['status']}.")


def show(call: Call, bill_id: int, status: int = 200) -> Answer:
    """The whole bill, with lines, payments, what else was applied to it, allocations and attachments."""
    connection = call.connection
    bill = dict(connection.execute(ROWS.where(bills.c.id == bill_id)).mappings().one())
    bill["items"] = items_of(connection, bill_id)
    bill["payments"] = payments_of(connection, bill_id)
    bill["applications"] = settlement.of_bill(connection, bill_id)
    bill["allocations"] = allocations_of(connection, bill_id)
    bill["attachments"] = attachments_of(connection, bill_id)
    return data(bill, status)


def items_of(connection: Connection, bill_id: int) -> list[dict[str, Any]]:
    """The bill's lines in their order, each with what is allocated of it."""
    allocated = (
        select(func.coalesce(func.sum(bill_allocations.c.amount), ZERO))
        .where(bill_allocations.c.bill_item_id == bill_items.c.id)
        .scalar_subquery()
        .label("allocated_amount")
    )
    names = ("id", "line_number", "type", "product_id", "description", "quantity", "unit_cost", "line_total")
    columns = [bill_items.c[name] for name in names]
    query = (
        select(*columns, products.c.sku, bill_items.c.purchase_order_item_id, allocated)
        .select_from(bill_items.outerjoin(products, bill_items.c.product_id == products.c.id))
        .where(bill_items.c.bill_id == bill_id)
        .order_by(bill_items.c.line_number)
    )
    return records(connection, query)


def payments_of(connection: Connection, bill_id: int) -> list[dict[str, Any]]:
    """The bill's payments, void ones included."""
    query = select(bill_payments).where(bill_payments.c.bill_id == bill_id).order_by(bill_payments.c.id)
    return records(connection, query)


def allocations_of(connection: Connection, bill_id: int) -> list[dict[str, Any]]:
    """The bill's allocations."""
    query = select(bill_allocations).where(bill_allocations.c.bill_id == bill_id).order_by(bill_allocations.c.id)
    return records(connection, query)


def attachments_of(connection: Connection, bill_id: int) -> list[dict[str, Any]]:
    """The bill's attachments without their content."""
    columns = [column for column in bill_attachments.c if column is not bill_attachments.c.content]
    query = select(*columns).where(bill_attachments.c.bill_id == bill_id).order_by(bill_attachments.c.id)
    return records(connection, query)


def change(call: Call, bill_id: int, **values: Any) -> None:
    """Store new values of the bill's own columns."""
    changed = {**values, "updated_at": call.now}
    call.connection.execute(update(bills).where(bills.c.id == bill_id).values(changed))


def replace_items(call: Call, bill_id: int, lines: list[dict[str, Any]]) -> None:
    """Put these lines in the place of the bill's lines; allocations of the old ones go with them."""
    call.connection.execute(delete(bill_items).where(bill_items.c.bill_id == bill_id))
    rows = [{**line, "bill_id": bill_id, "line_number": number} for number, line in enumerate(lines, 1)]
    call.connection.execute(insert(bill_items), rows)


def settle(call: Call, bill_id: int) -> None:
    """Recompute the bill's sums, from what is paid and credited its status, and the obligations that it carries."""
    connection = call.connection
    bill = load_id(connection, bill_id)
    lines = select(func.coalesce(func.sum(bill_items.c.line_total), ZERO)).where(bill_items.c.bill_id == bill_id)
    subtotal: Decimal = connection.execute(lines).scalar_one()
    paid: Decimal = connection.execute(
        select(func.coalesce(func.sum(bill_payments.c.amount), ZERO)).where(
            bill_payments.c.bill_id == bill_id, bill_payments.c.status == "posted"
        )
    ).scalar_one()
    credited = settlement.credited(connection, bill_id)
    total = subtotal + bill["tax_amount"]
    due = ZERO if bill["status"] == "void" else total - paid - credited
    sums = {"subtotal": subtotal, "total": total, "total_paid": paid, "total_credited": credited, "total_due": due}
    change(call, bill_id, **sums, **_statuses(bill, paid + credited, due))
    settlement.follow_bill(connection, call.now, {**bill, **sums})


def _statuses(bill: Record, settled: Decimal, due: Decimal) -> dict[str, str]:
    """The status that follows from what is paid and credited; a hold keeps it for later."""
    payment_status = "unpaid" if not settled else "partial" if due else "paid"
    held = bill["status"] == "hold"
    before = bill["status_before_hold"] if held else bill["status"]
    after = before
    if before in ("posted", "partially_paid", "paid"):
        after = {"unpaid": "posted", "partial": "partially_paid", "paid": "paid"}[payment_status]
    return {"payment_status": payment_status, "status_before_hold" if held else "status": after}
