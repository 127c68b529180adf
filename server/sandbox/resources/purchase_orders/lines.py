"""The lines of an order as they are sent: read, checked against what happened to the stored ones, and stored."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from server.sandbox.money import ZERO
from server.sandbox.ordering import NOTHING, gross_of, line_total
from server.sandbox.resources.bills.bills import MILLION
from server.sandbox.resources.products.lookup import named_product
from server.sandbox.resources.purchase_orders import record as order_record
from server.sandbox.rows import Record, insert_row
from server.sandbox.shapes import Number, Shape, Text, Whole, optional, required
from server.sandbox.tables import metadata
from server.sandbox.tables.purchasing import EACH, purchase_order_items
from server.sandbox.wire import Call, conflict, invalid

_QUANTITY = Number(places=4, above=True, maximum=MILLION)
_PRICE = Number(places=4, maximum=MILLION)
_keys = {
    "product_id": optional(Whole(minimum=1)),
    "sku": optional(Text()),
    "description": optional(Text(max_length=1000)),
    "unit": optional(Text(max_length=50)),
    "tax": optional(Number()),
    "discount_amount": optional(Number()),
}

NEW_LINE = Shape({**_keys, "quantity": required(_QUANTITY), "unit_price": required(_PRICE)})
CHANGED_LINE = Shape(
    {
        **_keys,
        "id": optional(Whole(minimum=1)),
        "quantity": optional(_QUANTITY, nullable=False),
        "unit_price": optional(_PRICE, nullable=False),
    }
)

_line = purchase_order_items.c


def add(call: Call, order_id: int, sent: Sequence[dict[str, Any]]) -> None:
    """Store the lines of a new order. Raises 422."""
    replace(call, order_id, [{**line, "id": None} for line in sent])


def replace(call: Call, order_id: int, sent: Sequence[dict[str, Any]]) -> None:
    """Make these the order's lines: those with an id stay and change, the others are new, the rest goes.

    Raises 422 for lines that do not fit, 409 when a line would go that goods, shipments or bills hang on.
    """
    stored = {line["id"]: line for line in order_record.items_of(call.connection, order_id)}
    errors: dict[str, str] = {}
    used = _in_use(call.connection, stored)
    rows = [_row(call.connection, stored, used, line, f"items.{index}", errors) for index, line in enumerate(sent)]
    _check_ids(sent, errors)
    if errors:
        raise invalid(errors)
    kept = {line["id"] for line in sent if line.get("id")}
    _remove(call.connection, stored.keys() - kept, used)
    for number, (line, row) in enumerate(zip(sent, rows, strict=True), 1):
        values = {**row, "line_number": number, "updated_at": call.now}
        if line.get("id"):
            call.connection.execute(update(purchase_order_items).where(_line.id == line["id"]).values(values))
        else:
            new = {"purchase_order_id": order_id, "received_quantity": NOTHING, "created_at": call.now}
            insert_row(call.connection, purchase_order_items, {**values, **new})


def _check_ids(sent: Sequence[dict[str, Any]], errors: dict[str, str]) -> None:
    seen: set[int] = set()
    for index, line in enumerate(sent):
        if line.get("id") in seen:
            errors[f"items.{index}.id"] = f"The items.{index}.id is there twice."
        if line.get("id"):
            seen.add(line["id"])


def _row(
    connection: Connection,
    stored: dict[int, Record],
    used: set[int],
    line: dict[str, Any],
    path: str,
    errors: dict[str, str],
) -> dict[str, Any]:
    """The columns of one line; what is wrong with it goes to `errors`."""
    before: Record | None = None
    if line.get("id"):
        before = stored.get(line["id"])
        if before is None:
            errors[f"{path}.id"] = f"The {path}.id is no line of this order."
            return {}
    product = named_product(connection, line, path, errors)
    row = _merged(line, before, product)
    for name, column in (("quantity", "quantity"), ("unit_price", "unit_cost")):
        if row[column] is None:
            errors[f"{path}.{name}"] = f"The {path}.{name} is required."
            return {}
    if before is not None and product is not None:
        _check_change(before, row, before["id"] in used, path, errors)
    gross = gross_of(row)
    if row["discount_amount"] > gross:
        errors[f"{path}.discount_amount"] = f"The {path}.discount_amount may not be greater than the line's {gross}."
    return {**row, "line_total": line_total(row)}


def _merged(line: dict[str, Any], before: Record | None, product: Record | None) -> dict[str, Any]:
    old = before or {"unit": EACH, "tax": ZERO, "discount_amount": ZERO, "quantity": None, "unit_cost": None}
    same = before is not None and product is not None and before["product_id"] == product["id"]
    name = product["name"] if product else None
    sku = product["sku"] if product else None
    return {
        "product_id": product["id"] if product else None,
        "description": line.get("description") or (old["description"] if same else name),
        "quantity": line.get("quantity", old["quantity"]),
        "unit_cost": line.get("unit_price", old["unit_cost"]),
        "unit": line.get("unit") or old["unit"],
        "tax": (line["tax"] or ZERO) if "tax" in line else old["tax"],
        "discount_amount": (line["discount_amount"] or ZERO) if "discount_amount" in line else old["discount_amount"],
        "source_sku": line.get("sku") or (old["source_sku"] if same else sku),
    }


def _check_change(before: Record, row: dict[str, Any], used: bool, path: str, errors: dict[str, str]) -> None:
    if row["quantity"] < before["received_quantity"]:
        received = f"{before['received_quantity']:f}"
        errors[f"{path}.quantity"] = f"The {path}.quantity may not be less than the {received} received."
    if used and row["product_id"] != before["product_id"]:
        errors[f"{path}.product_id"] = f"The {path}.product_id cannot change: the line is shipped, received or billed."


def _remove(connection: Connection, ids: Iterable[int], used: set[int]) -> None:
    gone = sorted(ids)
    held = [line_id for line_id in gone if line_id in used]
    if held:
        listed = ", ".join(map(str, held))
        raise conflict(f"Order lines {listed} cannot be removed: they are shipped, received or billed.")
    connection.execute(delete(purchase_order_items).where(_line.id.in_(gone)))


def _in_use(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Which of the order lines other records name: shipments, reports, bills and whatever else refers to them."""
    wanted = sorted(ids)
    found: set[int] = set()
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column is _line.id:
                query = select(key.parent).where(key.parent.in_(wanted)).distinct()
                found.update(connection.execute(query).scalars())
    return found
