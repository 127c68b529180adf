"""Packages: how the goods of a shipment are divided."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from server.sandbox.resources.products.lookup import product_by_sku
from server.sandbox.resources.sales_orders import record as order_record
from server.sandbox.resources.sales_orders import shipment_record
from server.sandbox.resources.sales_orders.lines import MILLION
from server.sandbox.rows import Record, insert_row, records
from server.sandbox.shapes import Day, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.tables.selling import sales_order_shipment_items, shipment_package_items, shipment_packages
from server.sandbox.wire import Answer, Call, Errors, Routes, created, invalid

routes = Routes()

LARGEST_SSCC = 10**18 - 1

_measure = Number(places=4, maximum=MILLION)
_measures = ("length_in", "width_in", "height_in", "weight_lb")
_texts = ("line_item_key", "sku", "internal_sku", "upc", "lot_number", "serial_number")

CONTENT = Shape(
    {
        "order_item_id": optional(Whole(minimum=1)),
        "quantity": required(Whole(minimum=1, maximum=int(MILLION))),
        **{name: optional(Text()) for name in _texts},
        "description": optional(Text(max_length=1000)),
        "expiration_date": optional(Day()),
        "weight_lb": optional(_measure),
    }
)

PACKAGE = Shape(
    {
        "sscc": optional(Whole(maximum=LARGEST_SSCC)),
        **{name: optional(Text()) for name in ("tracking", "package_type", "packing_type")},
        "package_quantity": optional(Whole(minimum=1, maximum=int(MILLION))),
        **{name: optional(_measure) for name in _measures},
        "contained_items": optional(Many(CONTENT)),
    },
)

PACKAGES = Shape({"packages": required(Many(PACKAGE, minimum=1))})


@routes.post("/sales-orders/{salesOrderId}/shipments/{shipmentId}/packages")
def create_shipment_packages(call: Call) -> Answer:
    """Add packages to a shipment; all its packages together hold no more than was shipped."""
    order = order_record.load(call, "salesOrderId")
    shipment = shipment_record.load(call, order["id"])
    sent = PACKAGES.check(call.json())["packages"]
    contents = _contents(call.connection, shipment["id"], sent)
    ids = [_insert(call, shipment["id"], package, inside) for package, inside in zip(sent, contents, strict=True)]
    query = select(shipment_packages).where(shipment_packages.c.id.in_(ids)).order_by(shipment_packages.c.id)
    return created(_present(call.connection, records(call.connection, query)))


def _contents(connection: Connection, shipment_id: int, sent: Sequence[Mapping[str, Any]]) -> list[list[Record]]:
    """What is in each package. Raises 422 for goods that the shipment does not hold."""
    shipped = records(
        connection, select(sales_order_shipment_items).where(sales_order_shipment_items.c.shipment_id == shipment_id)
    )
    left: dict[int, Decimal] = defaultdict(Decimal)
    for line in shipped:
        left[line["order_item_id"]] += line["quantity"]
    for order_item_id, quantity in _packed(connection, shipment_id).items():
        left[order_item_id] -= quantity
    errors: Errors = {}
    contents = []
    for number, package in enumerate(sent):
        inside = []
        for index, content in enumerate(package.get("contained_items") or []):
            path = f"packages.{number}.contained_items.{index}"
            line_id = _order_item(connection, content, shipped, path, errors)
            if line_id is not None:
                left[line_id] -= content["quantity"]
                if left[line_id] < 0:
                    errors[f"{path}.quantity"] = [f"The {path}.quantity is more than the shipment holds."]
                inside.append({**content, "order_item_id": line_id})
        contents.append(inside)
    if errors:
        raise invalid(errors)
    return contents


def _packed(connection: Connection, shipment_id: int) -> dict[int, Decimal]:
    item = shipment_package_items.c
    query = (
        select(item.order_item_id, func.sum(item.quantity))
        .join(shipment_packages, shipment_packages.c.id == item.package_id)
        .where(shipment_packages.c.shipment_id == shipment_id)
        .group_by(item.order_item_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _order_item(
    connection: Connection, content: Mapping[str, Any], shipped: Sequence[Record], path: str, errors: Errors
) -> int | None:
    """The order line that is packed: by its id, else by its SKU."""
    wanted = content.get("order_item_id")
    name, sku = "order_item_id", content.get("sku") or content.get("internal_sku")
    if wanted:
        fits = [line["order_item_id"] for line in shipped if line["order_item_id"] == wanted]
    elif sku:
        name, product = "sku", product_by_sku(connection, sku)
        fits = [line["order_item_id"] for line in shipped if product and line["product_id"] == product["id"]]
    else:
        errors[f"{path}.{name}"] = [f"The {path}.{name} or sku is required."]
        return None
    if not fits:
        errors[f"{path}.{name}"] = [f"The {path}.{name} is not in this shipment."]
        return None
    return int(fits[0])


def _insert(call: Call, shipment_id: int, package: Mapping[str, Any], inside: Sequence[Record]) -> int:
    own = {name: value for name, value in package.items() if name != "contained_items"}
    made = {"shipment_id": shipment_id, "parent_package_id": None, "created_at": call.now, "updated_at": call.now}
    count = package.get("package_quantity") or 1
    package_id = insert_row(call.connection, shipment_packages, {**own, **made, "package_quantity": count})
    for content in inside:
        row = {**content, "package_id": package_id, "created_at": call.now}
        insert_row(call.connection, shipment_package_items, row)
    return package_id


def _present(connection: Connection, packages: Sequence[Record]) -> list[dict[str, Any]]:
    ids = [package["id"] for package in packages]
    contents = order_record.children(connection, shipment_package_items, "package_id", ids)
    return [{**package, "items": [_item(item) for item in contents.get(package["id"], [])]} for package in packages]


def _item(item: Record) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "package_id"}
