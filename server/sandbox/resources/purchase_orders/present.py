"""Purchase orders as they are shown, with lines, products, supplier, payments and tags."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from server.sandbox.filters import Listing, field, fields
from server.sandbox.resources import tagging
from server.sandbox.resources.purchase_orders import record as order_record
from server.sandbox.resources.purchase_orders.units import counted_in
from server.sandbox.rows import Record, records
from server.sandbox.tables.goods import products
from server.sandbox.tables.parties import contacts, supplier_contacts, suppliers
from server.sandbox.tables.purchasing import (
    purchase_order_items,
    purchase_order_numbers,
    purchase_order_payments,
    purchase_orders,
)
from server.sandbox.wire import Answer, Call, data

Shown = dict[str, Any]

_line, _paid = purchase_order_items.c, purchase_order_payments.c

_OWN = ("id", "purchase_order_id", "line_number", "description", "source_sku", "created_at", "updated_at")
_COUNTED = ("quantity", "received_quantity", "unit", "tax", "discount_amount", "line_total")
_PREFIX = "of_product_"
"""What the columns of a line's product begin with."""
_OF_PRODUCT = (
    "id", "name", "description", "retail_price", "wholesale_price", "sellable", "discontinued", "image_url",
    "variant_attributes", "sku", "upc", "created_at", "updated_at", "product_length", "product_width", "product_height",
)  # fmt: skip
_PRODUCT = {
    **{name: products.c[name] for name in _OF_PRODUCT},
    "unit_cost": products.c.cost,
    "product_weight": products.c.product_weight_lb,
}
_SUPPLIER = (
    "id", "status", "name", "description", "street_address", "city", "state", "zip", "country", "created_at",
    "updated_at",
)  # fmt: skip

LINES = select(
    *(_line[name] for name in (*_OWN, *_COUNTED)),
    _line.unit_cost.label("unit_price"),
    *(column.label(_PREFIX + name) for name, column in _PRODUCT.items()),
).select_from(purchase_order_items.join(products, products.c.id == _line.product_id))

ITEMS = Listing(
    LINES,
    {
        **fields(_line, *_OWN, *_COUNTED, "product_id"),
        "unit_price": field(_line.unit_cost),
        "product.id": field(products.c.id),
        "product.sku": field(products.c.sku),
        "product.name": field(products.c.name),
        "sku": field(products.c.sku),
    },
    _line.id,
)


def show(call: Call, order_id: int, status: int = 200) -> Answer:
    """The whole order."""
    rows = records(call.connection, select(purchase_orders).where(purchase_orders.c.id == order_id))
    return data(orders(call.connection, rows)[0], status)


def orders(connection: Connection, rows: Sequence[Record]) -> list[Shown]:
    """The rows as whole orders."""
    ids = [row["id"] for row in rows]
    lines = _by_order(items(connection, records(connection, _lines_of(ids))))
    payments = _by_order(records(connection, _payments_of(ids)))
    heads = headers(connection, rows)
    return [{**head, "items": lines.get(head["id"], []), "payments": payments.get(head["id"], [])} for head in heads]


def headers(connection: Connection, rows: Sequence[Record]) -> list[Shown]:
    """The rows as orders without their lines and payments."""
    ids = [row["id"] for row in rows]
    numbers: dict[int, list[str]] = {}
    number = purchase_order_numbers.c
    query = select(number.purchase_order_id, number.number).where(number.purchase_order_id.in_(ids)).order_by(number.id)
    for order_id, text in connection.execute(query):
        numbers.setdefault(order_id, []).append(text)
    factories = _suppliers(connection, {row["supplier_id"] for row in rows})
    tags = tagging.tags_of(connection, order_record.OWNER, ids)
    return [
        {
            **{name: row[name] for name in order_record.OWN},
            "order_numbers": numbers.get(row["id"], [row["order_number"]]),
            "order_quantity": row["total_qty_ordered"],
            "supplier": factories.get(row["supplier_id"]),
            "tags": tags.get(row["id"], []),
        }
        for row in rows
    ]


def items(connection: Connection, rows: Sequence[Record]) -> list[Shown]:
    """Rows of `LINES` as order lines with their products."""
    unit = counted_in(connection)
    units = {"base_unit_of_measure": unit, "ordered_unit_of_measure": unit}
    return [{**_item(row), **units, "lot": None} for row in rows]


def _item(row: Record) -> Shown:
    product = {name.removeprefix(_PREFIX): value for name, value in row.items() if name.startswith(_PREFIX)}
    line = {name: value for name, value in row.items() if not name.startswith(_PREFIX)}
    return {**line, "product_id": product["id"], "product": product}


def _lines_of(ids: list[int]) -> Any:
    return LINES.where(_line.purchase_order_id.in_(ids)).order_by(_line.line_number, _line.id)


def _payments_of(ids: list[int]) -> Any:
    return select(purchase_order_payments).where(_paid.purchase_order_id.in_(ids)).order_by(_paid.id)


def _by_order(rows: Sequence[Shown]) -> dict[int, list[Shown]]:
    found: dict[int, list[Shown]] = {}
    for row in rows:
        found.setdefault(row["purchase_order_id"], []).append(row)
    return found


def _suppliers(connection: Connection, ids: set[int | None]) -> dict[int | None, Shown]:
    known = sorted(number for number in ids if number is not None)
    query = (
        select(supplier_contacts.c.supplier_id, contacts)
        .join(contacts, contacts.c.id == supplier_contacts.c.contact_id)
        .where(supplier_contacts.c.supplier_id.in_(known))
        .order_by(supplier_contacts.c.supplier_id, supplier_contacts.c.position.desc())
    )
    people = {row["supplier_id"]: row for row in records(connection, query)}  # the first one is read last
    rows = records(connection, select(*(suppliers.c[name] for name in _SUPPLIER)).where(suppliers.c.id.in_(known)))
    return {row["id"]: {**row, **_contact(people.get(row["id"]))} for row in rows}


def _contact(person: Record | None) -> Shown:
    if person is None:
        return dict.fromkeys(("contact_name", "contact_email", "contact_phone"))
    name = " ".join(filter(None, (person["first_name"], person["last_name"])))
    return {"contact_name": name, "contact_email": person["email"], "contact_phone": person["phone_1"]}
