"""The columns of a product out of what a body says of it."""

from typing import Any

from sqlalchemy import Connection, Table, select

from server.sandbox import weights
from server.sandbox.rows import Record, find_row, insert_row
from server.sandbox.tables.goods import LENGTHS, WEIGHTS, categories, products, subcategories
from server.sandbox.tables.parties import suppliers
from server.sandbox.tables.stock import locations
from server.sandbox.wire import Call

Faults = dict[str, str]

_SAME = (
    "sku", "name", "description", "upc", "status", "type", "variant_attributes", "image_url", "sellable",
    "discontinued", "lot_tracking", "retail_price", "wholesale_price", "qty_low_alert", "qty_reorder_threshold",
    "qty_minimum", "priority_list_id", "custom_fields", *LENGTHS,
)  # fmt: skip


def columns_of(call: Call, sent: Record, path: str, faults: Faults, before: Record | None = None) -> Record:
    """The columns that a product's or variant's body fills; what it refers to in vain goes to `faults`."""
    values = {name: sent[name] for name in _SAME if name in sent}
    if "unit_cost" in sent:
        values["cost"] = sent["unit_cost"]
    for name in WEIGHTS:
        if name in sent:
            values |= weights.stored(name, sent[name])
    values |= _categories(call, sent, path, faults, before or {})
    values |= _supplier(call.connection, sent, path, faults)
    location = "default_receiving_location_id"
    if location in sent:
        values[location] = _known(call.connection, locations, sent[location], f"{path}{location}", faults)
    return values


def blank(call: Call) -> Record:
    """A new product of which nothing is said."""
    unset = [column.name for column in products.c if column.nullable and column.name not in products.primary_key]
    prices = dict.fromkeys(("retail_price", "wholesale_price", "cost", "freight_and_duty"), 0)
    flags: Record = {"sellable": True, "discontinued": False, "lot_tracking": False}
    free: Record = {"custom_fields": {}, "variant_attributes": {}}
    kind = {"type": "PRODUCT", "status": "active"}
    stamps = {"created_at": call.now, "updated_at": call.now}
    return {**dict.fromkeys(unset), **prices, **flags, **free, **kind, **stamps}


def _known(connection: Connection, table: Table, row_id: int | None, path: str, faults: Faults) -> int | None:
    if row_id is not None and find_row(connection, table, table.c.id == row_id) is None:
        faults[path] = f"The {path} is unknown."
    return row_id


def _supplier(connection: Connection, sent: Record, path: str, faults: Faults) -> Record:
    if "supplier_id" in sent:
        found = _known(connection, suppliers, sent["supplier_id"], f"{path}supplier_id", faults)
        return {"supplier_id": found}
    if "supplier" not in sent:
        return {}
    if sent["supplier"] is None:
        return {"supplier_id": None}
    named = select(suppliers.c.id).where(suppliers.c.name == sent["supplier"]["name"])
    supplier_id = connection.execute(named.order_by(suppliers.c.status.desc(), suppliers.c.id)).scalars().first()
    if supplier_id is None:
        faults[f"{path}supplier.name"] = f"The {path}supplier.name is no known supplier."
    return {"supplier_id": supplier_id}


def _categories(call: Call, sent: Record, path: str, faults: Faults, before: Record) -> Record:
    """Category and subcategory; one that is named and does not exist yet is made."""
    values: Record = {}
    if "category_id" in sent:
        place = f"{path}category_id"
        values["category_id"] = _known(call.connection, categories, sent["category_id"], place, faults)
    elif "category" in sent:
        values["category_id"] = _named(call, categories, sent["category"], {})
    category_id = values.get("category_id", before.get("category_id"))
    if "sub_category_id" in sent:
        values["subcategory_id"] = sent["sub_category_id"]
        _check_subcategory(call.connection, sent["sub_category_id"], category_id, f"{path}sub_category_id", faults)
    elif "subcategory" in sent:
        place = f"{path}subcategory.name"
        if sent["subcategory"] and category_id is None:
            faults[place] = f"The {place} needs a category."
        elif f"{path}category_id" not in faults:
            values["subcategory_id"] = _named(call, subcategories, sent["subcategory"], {"category_id": category_id})
    elif category_id != before.get("category_id"):
        values["subcategory_id"] = None  # it was one of the former category
    return values


def _check_subcategory(
    connection: Connection, row_id: int | None, category_id: int | None, path: str, faults: Faults
) -> None:
    if row_id is None:
        return
    same = (subcategories.c.id == row_id) & (subcategories.c.category_id == category_id)
    if find_row(connection, subcategories, same) is None:
        faults[path] = f"The {path} is no subcategory of the category."


def _named(call: Call, table: Table, sent: Record | None, within: Record) -> int | None:
    if sent is None:
        return None
    wanted: Any = table.c.name == sent["name"]
    for name, value in within.items():
        wanted = wanted & (table.c[name] == value)
    found = find_row(call.connection, table, wanted)
    if found is not None:
        known: int = found["id"]
        return known
    stamps = {"created_at": call.now, "updated_at": call.now}
    return insert_row(call.connection, table, {"name": sent["name"], **within, **stamps})
