"""Returns to vendors: begun, processed when the goods leave, credited by the vendor, or called off."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from server.sandbox import stock
from server.sandbox.filters import Listing, field, fields, page
from server.sandbox.money import ZERO
from server.sandbox.resources import settlement
from server.sandbox.resources.vendor_credits import record as credit_record
from server.sandbox.resources.vendor_credits import return_lines
from server.sandbox.resources.vendors import order_of, vendor_of
from server.sandbox.rows import Record, find_row, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Day, Many, Shape, Text, Whole, optional, required
from server.sandbox.tables.credits import vendor_credits, vendor_return_items, vendor_returns
from server.sandbox.tables.goods import products
from server.sandbox.tables.parties import companies
from server.sandbox.tables.stock import stocks, warehouses
from server.sandbox.wire import Answer, Call, Routes, conflict, data, invalid

routes = Routes()

DRAFT, PROCESSED, CREDITED = "draft", "processed", "credited"
CANCELLED = settlement.CANCELLED

_credit_id = (
    select(func.max(vendor_credits.c.id))
    .where(vendor_credits.c.vendor_return_id == vendor_returns.c.id, vendor_credits.c.status != CANCELLED)
    .scalar_subquery()
    .label("vendor_credit_id")
)

ROWS: Select[Any] = select(vendor_returns, companies.c.name.label("vendor_name"), _credit_id).select_from(
    vendor_returns.join(companies, companies.c.id == vendor_returns.c.vendor_id)
)

RETURNS = Listing(
    ROWS,
    {
        **fields(vendor_returns.c, *vendor_returns.c.keys()),
        "vendor_name": field(companies.c.name),
        "vendor.id": field(vendor_returns.c.vendor_id),
        "vendor.name": field(companies.c.name),
        "vendor_credit_id": field(_credit_id.element),
    },
    vendor_returns.c.id,
)

NEW_RETURN = Shape(
    {
        "vendor_id": required(Whole(minimum=1)),
        "purchase_order_id": optional(Whole(minimum=1)),
        "warehouse_id": optional(Whole(minimum=1)),
        "return_date": optional(Day()),
        "notes": optional(Text(max_length=5000)),
        "items": required(Many(return_lines.LINE, minimum=1)),
    },
    computed=COMPUTED,
)


@routes.get("/vendor-returns")
def list_vendor_returns(call: Call) -> Answer:
    """All returns."""
    return page(call, RETURNS, present=_present)


@routes.get("/vendor-returns/{vendorReturnId}")
def get_vendor_return(call: Call) -> Answer:
    """One return with its lines."""
    return _show(call, _load(call)["id"])


@routes.post("/vendor-returns")
def create_vendor_return(call: Call) -> Answer:
    """Begin a return of received goods; nothing leaves yet."""
    sent = NEW_RETURN.check(call.json())
    connection = call.connection
    vendor = vendor_of(connection, sent["vendor_id"])
    order_of(connection, sent.get("purchase_order_id"), vendor["id"])
    if sent.get("warehouse_id") and not find_row(connection, warehouses, warehouses.c.id == sent["warehouse_id"]):
        raise invalid({"warehouse_id": "The warehouse_id is no known warehouse."})
    found = return_lines.resolve(connection, vendor["id"], sent.get("purchase_order_id"), sent.pop("items"))
    begun = {
        "purchase_order_id": found.purchase_order_id,
        "return_date": sent.get("return_date") or call.today,
        "status": DRAFT,
        "currency": found.currency,
        "total": sum((line["line_total"] for line in found.lines), ZERO),
        "created_at": call.now,
        "updated_at": call.now,
    }
    return_id = insert_row(connection, vendor_returns, {**sent, **begun})
    rows = [{**line, "vendor_return_id": return_id} for line in found.lines]
    connection.execute(insert(vendor_return_items), rows)
    return _show(call, return_id, 201)


@routes.post("/vendor-returns/{vendorReturnId}/process")
def process_vendor_return(call: Call) -> Answer:
    """Send the goods off: they leave the stock."""
    returned = _load(call)
    _require(returned, DRAFT, "processed")
    for line in _lines(call.connection, [returned["id"]]):
        _send_off(call, returned, line)
    _change(call, returned["id"], status=PROCESSED, processed_at=call.now)
    return _show(call, returned["id"])


@routes.post("/vendor-returns/{vendorReturnId}/generate-credit")
def generate_vendor_return_credit(call: Call) -> Answer:
    """Claim the value of what was sent back as one vendor credit."""
    returned = _load(call)
    _require(returned, PROCESSED, "credited")
    if not returned["total"]:
        raise conflict(f"Vendor return {returned['id']} has no value to be credited.")
    credit = {
        "vendor_id": returned["vendor_id"],
        "vendor_return_id": returned["id"],
        "credit_date": call.today,
        "currency": returned["currency"],
        "amount": returned["total"],
        "reference": f"Return {returned['id']}",
    }
    credit_id = credit_record.enter(call, credit)
    _change(call, returned["id"], status=CREDITED)
    return credit_record.show(call, credit_id, 201)


@routes.post("/vendor-returns/{vendorReturnId}/cancel")
def cancel_vendor_return(call: Call) -> Answer:
    """Call off a return whose goods are still here."""
    returned = _load(call)
    _require(returned, DRAFT, "cancelled")
    _change(call, returned["id"], status=CANCELLED, cancelled_at=call.now)
    return _show(call, returned["id"])


def unclaim(call: Call, return_id: int) -> None:
    """The return's credit was cancelled: its value may be claimed anew."""
    _change(call, return_id, status=PROCESSED)


def _load(call: Call) -> Record:
    wanted = vendor_returns.c.id == call.id("vendorReturnId", "Vendor return")
    return get_row(call.connection, vendor_returns, "Vendor return", wanted)


def _require(returned: Record, status: str, action: str) -> None:
    if returned["status"] != status:
        raise conflict(f"Vendor return {returned['id']} cannot be {action}: its status is {returned['status']}.")


def _change(call: Call, return_id: int, **values: Any) -> None:
    changed = {**values, "updated_at": call.now}
    call.connection.execute(update(vendor_returns).where(vendor_returns.c.id == return_id).values(changed))


def _send_off(call: Call, returned: Record, line: Record) -> None:
    warehouse_id = returned["warehouse_id"] or _fullest(call.connection, line["product_id"])
    if warehouse_id is None:
        raise conflict(f"Product {line['product_id']} is in no warehouse.")
    cause = stock.Cause(stock.VENDOR_RETURN, vendor_returns.name, returned["id"], line["reason"])
    product_id, quantity = line["product_id"], line["quantity"]
    for place, taken in stock.gather(call.connection, product_id, warehouse_id, quantity):
        stock.issue(call.connection, call.now, product_id, place, taken, cause)


def _fullest(connection: Connection, product_id: int) -> int | None:
    """The warehouse that has most of the product."""
    query = (
        select(stocks.c.warehouse_id)
        .where(stocks.c.product_id == product_id)
        .group_by(stocks.c.warehouse_id)
        .order_by(func.sum(stocks.c.on_hand).desc(), stocks.c.warehouse_id)
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _lines(connection: Connection, ids: Sequence[int]) -> list[Record]:
    query = (
        select(vendor_return_items, products.c.sku)
        .join(products, products.c.id == vendor_return_items.c.product_id)
        .where(vendor_return_items.c.vendor_return_id.in_(ids))
        .order_by(vendor_return_items.c.vendor_return_id, vendor_return_items.c.line_number)
    )
    return records(connection, query)


def _show(call: Call, return_id: int, status: int = 200) -> Answer:
    rows = records(call.connection, ROWS.where(vendor_returns.c.id == return_id))
    return data(_present(call.connection, rows)[0], status)


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    lines: dict[int, list[Record]] = {}
    for line in _lines(connection, [row["id"] for row in rows]):
        lines.setdefault(line["vendor_return_id"], []).append(line)
    return [{**row, "items": lines.get(row["id"], [])} for row in rows]
