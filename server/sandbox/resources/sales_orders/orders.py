"""Sales orders: list, look up, enter and change."""

from typing import Any

from sqlalchemy import Connection, insert

from server.sandbox.filters import page
from server.sandbox.money import ZERO
from server.sandbox.resources import tagging
from server.sandbox.resources.sales_orders import record as order_record
from server.sandbox.resources.sales_orders import statuses
from server.sandbox.resources.sales_orders.lines import LINE, lines_to_store
from server.sandbox.rows import Record, find_row, insert_row
from server.sandbox.shapes import (
    COMPUTED,
    Anything,
    Choice,
    Day,
    Flag,
    Free,
    Key,
    Many,
    Number,
    Shape,
    Text,
    Whole,
    optional,
    required,
)
from server.sandbox.tables.channels import channels
from server.sandbox.tables.selling import sales_order_items, sales_orders
from server.sandbox.wire import Answer, Call, Routes, invalid

routes = Routes()

SOURCE = "external_api"
"""Where orders come from that are entered here."""


_parts = ("company", "street1", "street2", "street3", "city", "state", "postal_code", "country", "phone")
_address: dict[str, Key] = {name: optional(Text()) for name in ("name", *_parts)}
ADDRESS = Shape(_address)
NEW_ADDRESS = Shape({**_address, "name": required(Text())})

_days = ("ship_date", "hold_until_date", "ship_by_date", "earliest_ship_date")
_texts = ("customer_username", "customer_po_number", "requested_shipping_service", "carrier_code", "service_code")
_notes = ("customer_notes", "internal_notes", "gift_message")

_CHANGEABLE: dict[str, Key] = {
    "order_status": optional(Choice(statuses.STATUSES), nullable=False),
    "customer_email": optional(Text(email=True)),
    **{name: optional(Text()) for name in _texts},
    **{name: optional(Text(max_length=5000)) for name in _notes},
    **{name: optional(Day()) for name in _days},
    "bill_to": optional(ADDRESS, nullable=False),
    "ship_to": optional(ADDRESS, nullable=False),
    "gift": optional(Flag(), nullable=False),
    "skip_inventory": optional(Flag(), nullable=False),
    "international_options": optional(Many(Free()), nullable=False),
    "custom_fields": optional(Many(Anything()), nullable=False),
    "tags": tagging.TAGS,
}


CHANGE = Shape(_CHANGEABLE, computed=COMPUTED)

ORDER = Shape(
    {
        **_CHANGEABLE,
        "channel_id": required(Whole(minimum=1)),
        "order_number": required(Text()),
        "order_date": required(Day()),
        "order_status": required(Choice(statuses.STATUSES)),
        "items": required(Many(LINE, minimum=1)),
        "company_id": optional(Whole(minimum=1)),
        "bill_to": optional(NEW_ADDRESS),
        "ship_to": optional(NEW_ADDRESS),
        "total_tax": optional(Number()),
        "total_shipping": optional(Number()),
    },
    computed=COMPUTED,
)


@routes.get("/sales-orders")
def list_sales_orders(call: Call) -> Answer:
    """All orders."""
    orders = tagging.with_custom_fields(call, order_record.SALES_ORDERS, sales_orders.c.custom_fields)
    return page(call, orders, present=order_record.present_at(call.today))


@routes.get("/sales-orders/{id}")
def get_sales_order(call: Call) -> Answer:
    """One order."""
    return order_record.show(call, order_record.load(call)["id"])


@routes.post("/sales-orders")
def create_sales_order(call: Call) -> Answer:
    """Enter an order; all sums are computed."""
    sent = ORDER.check(call.json())
    _check_heading(call.connection, sent)
    addresses = _addresses(call.connection, sent)
    lines = lines_to_store(call.connection, sent.pop("items"))
    sums = order_record.totals(lines, sent.get("total_tax") or ZERO, sent.get("total_shipping") or ZERO)
    own = {name: value for name, value in sent.items() if name in sales_orders.c and value is not None}
    blank: dict[str, Any] = {"international_options": [], "custom_fields": []}
    made = {"status": order_record.ACTIVE, "source": SOURCE, "created_at": call.now, "updated_at": call.now}
    order_id = insert_row(call.connection, sales_orders, {**blank, **own, **addresses, **sums, **made})
    call.connection.execute(insert(sales_order_items), [{**line, "sales_order_id": order_id} for line in lines])
    tagging.retag(call.connection, order_record.TAG_OWNER, order_id, sent.get("tags") or [])
    return order_record.show(call, order_id, 201)


@routes.patch("/sales-orders/{id}")
def update_sales_order(call: Call) -> Answer:
    """Change what is sent; of an address, the parts that are sent. Lines stay as they are."""
    order = order_record.load(call)
    sent = CHANGE.check(call.json(), partial=True)
    if sent.get("order_status", order["order_status"]) != order["order_status"]:
        lines = order_record.lines_of(call.connection, [order["id"]])[order["id"]]
        statuses.check(order["id"], sent["order_status"], lines)
    if "tags" in sent:
        tagging.retag(call.connection, order_record.TAG_OWNER, order["id"], sent.pop("tags") or [])
    for name in ("bill_to", "ship_to"):
        if name in sent:
            sent[name] = {**order[name], **sent[name]}
    order_record.change(call, order["id"], **sent)
    return order_record.show(call, order["id"])


def _check_heading(connection: Connection, sent: dict[str, Any]) -> None:
    """Raises 422 for a number that is taken and for a channel that is none."""
    errors = {}
    if find_row(connection, sales_orders, sales_orders.c.order_number == sent["order_number"]):
        errors["order_number"] = "The order_number has already been taken."
    channel = find_row(connection, channels, channels.c.id == sent["channel_id"])
    if channel is None or channel["deleted_at"] is not None:
        errors["channel_id"] = "The channel_id is no known channel."
    if errors:
        raise invalid(errors)


def _addresses(connection: Connection, sent: dict[str, Any]) -> dict[str, Any]:
    """Where the bill and the goods go: as sent, else as the company has it. Raises 422."""
    known: dict[str, Any] = {"bill_to": None, "ship_to": None}
    if sent.get("company_id"):
        company = order_record.companies_of(connection, [sent["company_id"]]).get(sent["company_id"])
        if company is None:
            raise invalid({"company_id": "The company_id is no known company."})
        known = {"bill_to": _bill_to(company), "ship_to": _ship_to(company)}
    chosen = {name: _whole(sent[name]) if sent.get(name) else known[name] for name in known}
    missing = [name for name, address in chosen.items() if address is None]
    if missing:
        raise invalid({name: f"The {name} is required without a company_id." for name in missing})
    return chosen


def _whole(address: dict[str, Any]) -> dict[str, Any]:
    return {name: address.get(name) for name in _address}


def _bill_to(company: Record) -> dict[str, Any]:
    return _whole({**company, "company": company["name"], **_streets(company)})


def _ship_to(company: Record) -> dict[str, Any]:
    default = company["default_shipping"]
    if default is None:
        return _bill_to(company)
    person = default["full_name"] or company["name"]
    return _whole({**default, "name": person, "company": company["name"], **_streets(default)})


def _streets(place: Record) -> dict[str, Any]:
    return {"street1": place["address"], "street2": place["address_line_2"]}
