"""Lines of a sales order: what may be sent for one, and what is stored of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from server.sandbox.money import ZERO, cents
from server.sandbox.resources.products.lookup import product_by_id, product_by_sku
from server.sandbox.rows import Record
from server.sandbox.shapes import Number, Shape, Text, Whole, optional, required
from server.sandbox.wire import invalid

MILLION = Decimal(1_000_000)

LINE = Shape(
    {
        "product_id": optional(Whole(minimum=1)),
        "sku": optional(Text()),
        "line_number": optional(Whole(minimum=1, maximum=10_000)),
        "quantity": required(Number(places=4, above=True, maximum=MILLION)),
        "unit_price": required(Number(places=4, maximum=MILLION)),
        "discount": optional(Number()),
    },
)


def lines_to_store(connection: Connection, sent: list[dict[str, Any]]) -> list[Record]:
    """The lines of a new order. Raises 422 for products that are unknown and discounts that are too high."""
    errors: dict[str, str] = {}
    lines = [_line(connection, line, index, errors) for index, line in enumerate(sent)]
    if errors:
        raise invalid(errors)
    return [line for line in lines if line is not None]


def _line(connection: Connection, line: dict[str, Any], index: int, errors: dict[str, str]) -> Record | None:
    path = f"items.{index}"
    product = _product(connection, line, path, errors)
    amount, discount = cents(line["quantity"] * line["unit_price"]), line.get("discount") or ZERO
    if discount > amount:
        errors[f"{path}.discount"] = f"The {path}.discount is more than the line."
    if product is None:
        return None
    return {
        "line_number": line.get("line_number") or index + 1,
        "product_id": product["id"],
        "name": product["name"],
        "quantity": line["quantity"],
        "quantity_shipped": Decimal(0),
        "unit_price": line["unit_price"],
        "unit_cost": product["cost"],
        "discount": discount,
        "line_total": amount - discount,
    }


def _product(connection: Connection, line: Mapping[str, Any], path: str, errors: dict[str, str]) -> Record | None:
    for name, find in (("product_id", product_by_id), ("sku", product_by_sku)):
        if line.get(name):
            found: Record | None = find(connection, line[name])
            if found is None:
                errors[f"{path}.{name}"] = f"The {path}.{name} is no known product."
            return found
    errors[f"{path}.product_id"] = f"The {path}.product_id or sku is required."
    return None


def spelled(quantity: Decimal) -> str:
    """A quantity as it is said in a message."""
    return f"{quantity.normalize():f}"
