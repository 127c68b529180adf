"""Corrections of stock: what was counted at a location, entered as its new quantity."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert

from server.sandbox import stock
from server.sandbox.resources.products.lookup import named_product
from server.sandbox.rows import Record, find_row, insert_row
from server.sandbox.shapes import COMPUTED, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.stock import Cause, Part, Place
from server.sandbox.tables.stock import locations, warehouses
from server.sandbox.tables.warehousing import inventory_adjustment_entries, inventory_adjustments
from server.sandbox.wire import Answer, Call, Routes, invalid

routes = Routes()

CALLER = 1
"""The user the token belongs to."""

MILLION = Decimal(1_000_000)

ENTRY = Shape(
    {
        "product_id": optional(Whole(minimum=1)),
        "sku": optional(Text()),
        "warehouse_id": required(Whole(minimum=1)),
        "location_id": required(Whole(minimum=1)),
        # The name is that of the level in the stock list, so it is taken for the new level, not for a difference.
        "qty_onhand": required(Number(places=4, maximum=MILLION)),
    }
)

ADJUSTMENT = Shape(
    {"adjustment_entries": required(Many(ENTRY, minimum=1)), "remarks": optional(Text(max_length=1000))},
    computed=COMPUTED,
)


@dataclass(frozen=True, slots=True)
class _Entry:
    product: Record
    place: Place
    level: Decimal


@routes.post("/inventory/adjustments")
def adjust_inventory_stock(call: Call) -> Answer:
    """Set what is at the locations; each difference becomes a movement."""
    sent = ADJUSTMENT.check(call.json())
    entries = _entries(call.connection, sent["adjustment_entries"])
    row = {"remarks": sent.get("remarks"), "posted_by": CALLER, "created_at": call.now, "updated_at": call.now}
    adjustment_id = insert_row(call.connection, inventory_adjustments, row)
    for entry in entries:
        _post(call, adjustment_id, entry, sent.get("remarks"))
    return Answer({"id": adjustment_id, **row}, 201)


def _post(call: Call, adjustment_id: int, entry: _Entry, remarks: str | None) -> None:
    connection, product_id, place = call.connection, entry.product["id"], entry.place
    change = entry.level - stock.on_hand(connection, product_id, place)
    cause = Cause(stock.ADJUSTMENT, inventory_adjustments.name, adjustment_id, remarks)
    if change > 0:
        known = stock.cost_of(connection, product_id, place.warehouse_id)
        parts = [Part(change, entry.product["cost"] if known is None else known)]
        stock.receive(connection, call.now, product_id, place, parts, cause)
    elif change < 0:
        stock.issue(connection, call.now, product_id, place, -change, cause)
    line = {
        "inventory_adjustment_id": adjustment_id,
        "product_id": product_id,
        "warehouse_id": place.warehouse_id,
        "location_id": place.location_id,
        "quantity": change,
    }
    connection.execute(insert(inventory_adjustment_entries).values(line))


def _entries(connection: Connection, sent: list[dict[str, Any]]) -> list[_Entry]:
    errors: dict[str, str] = {}
    entries = []
    for index, entry in enumerate(sent):
        path = f"adjustment_entries.{index}"
        product = named_product(connection, entry, path, errors)
        place = _place(connection, entry, path, errors)
        if product is not None and place is not None:
            entries.append(_Entry(product, place, entry["qty_onhand"]))
    if errors:
        raise invalid(errors)
    return entries


def _place(connection: Connection, entry: Mapping[str, Any], path: str, errors: dict[str, str]) -> Place | None:
    warehouse_id, location_id = entry["warehouse_id"], entry["location_id"]
    live = (warehouses.c.id == warehouse_id) & warehouses.c.deleted_at.is_(None)
    if find_row(connection, warehouses, live) is None:
        errors[f"{path}.warehouse_id"] = f"The {path}.warehouse_id is no known warehouse."
        return None
    inside = (locations.c.id == location_id) & (locations.c.warehouse_id == warehouse_id)
    if find_row(connection, locations, inside) is None:
        errors[f"{path}.location_id"] = f"The {path}.location_id is no location of the warehouse."
        return None
    return Place(warehouse_id, location_id)
