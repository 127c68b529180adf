"""What may be sent for a shipment, and whether its lines fit the order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from server.sandbox.money import ZERO
from server.sandbox.resources.sales_orders.lines import MILLION, spelled
from server.sandbox.resources.sales_orders.shipment_record import MEASURES
from server.sandbox.rows import Record
from server.sandbox.shapes import COMPUTED, Day, Flag, Key, Many, Number, Shape, Text, Whole, optional, required
from server.sandbox.wire import Errors, invalid

_measure = Number(places=4, maximum=MILLION)

WEIGHT = Shape({"value": optional(_measure), "units": optional(Text())})
DIMENSIONS = Shape({"units": optional(Text()), **{name: optional(_measure) for name in MEASURES}})

_needed = ("name", "street1", "city", "state", "postalCode", "country")
_more = ("company", "street2", "street3", "phone")

SHIP_TO = Shape(
    {
        **{name: required(Text()) for name in _needed},
        "residential": required(Flag()),
        **{name: optional(Text()) for name in _more},
    }
)

LINE = Shape(
    {
        "product_id": optional(Whole(minimum=1)),
        "order_item_id": optional(Whole(minimum=1)),
        "quantity": required(Number(places=4, above=True, maximum=MILLION)),
        "unit_price": optional(Number(places=4, maximum=MILLION)),
        "weight": optional(WEIGHT),
    }
)

_texts = ("bol_number", "pro_number", "partner_reference_number", "service_code", "package_code")

_keys: dict[str, Key] = {
    "ship_date": required(Day()),
    "tracking_number": required(Text()),
    "carrier_code": required(Text()),
    "warehouse_id": required(Whole(minimum=1)),
    "ship_to": required(SHIP_TO),
    "items": required(Many(LINE, minimum=1)),
    **{name: optional(Text()) for name in _texts},
    "is_return": optional(Flag()),
    "shipment_cost": optional(Number()),
    "insurance_cost": optional(Number()),
    "weight": optional(WEIGHT),
    "dimensions": optional(DIMENSIONS),
}


SHIPMENT = Shape(_keys, computed=COMPUTED)
"""A shipment whose fulfillment order the path names."""

ORDER_SHIPMENT = Shape({**_keys, "fulfillment_order_id": optional(Whole(minimum=1))}, computed=COMPUTED)


@dataclass(frozen=True, slots=True)
class ShippedLine:
    """How much of an order line is in a shipment."""

    order_item_id: int
    product_id: int
    quantity: Decimal
    unit_price: Decimal
    weight: Mapping[str, Any]

    def stored(self) -> Record:
        """The columns of the line."""
        return {
            "order_item_id": self.order_item_id,
            "product_id": self.product_id,
            "quantity": self.quantity,
            "unit_price": self.unit_price,
            **_prefixed("weight", ("value", "units"), self.weight),
        }


def stored(sent: Mapping[str, Any]) -> Record:
    """The shipment's own columns of what was sent."""
    plain = ("ship_date", "tracking_number", "carrier_code", "warehouse_id", *_texts)
    return {
        **{name: sent.get(name) for name in plain},
        "ship_to": {name: sent["ship_to"].get(name) for name in (*_needed, *_more, "residential")},
        "shipment_cost": sent.get("shipment_cost") or ZERO,
        "insurance_cost": sent.get("insurance_cost") or ZERO,
        **_prefixed("weight", ("value", "units"), sent.get("weight") or {}),
        **_prefixed("dimensions", ("units", *MEASURES), sent.get("dimensions") or {}),
    }


def _prefixed(prefix: str, names: Sequence[str], values: Mapping[str, Any]) -> Record:
    return {f"{prefix}_{name}": values.get(name) for name in names}


def shipped_lines(
    sent: Sequence[Mapping[str, Any]],
    ordered: Sequence[Record],
    limits: Mapping[int, Decimal] | None,
    *,
    returned: bool,
) -> list[ShippedLine]:
    """The lines to ship of what was ordered, of a fulfillment order within its `limits`.

    A shipment that brings goods back holds no more than was sent. Raises 422.
    """
    left = {line["id"]: line["quantity_shipped" if returned else "quantity"] for line in ordered}
    if not returned:
        left = {line["id"]: left[line["id"]] - line["quantity_shipped"] for line in ordered}
    if limits is not None:
        left = {line_id: min(left[line_id], limit) for line_id, limit in limits.items()}
    errors: Errors = {}
    taken: dict[int, Decimal] = defaultdict(Decimal)
    lines: list[ShippedLine] = []
    for index, item in enumerate(sent):
        line = _ordered_line(item, [one for one in ordered if one["id"] in left], f"items.{index}", errors)
        if line is None:
            continue
        taken[line["id"]] += item["quantity"]
        if taken[line["id"]] > left[line["id"]]:
            path = f"items.{index}.quantity"
            errors[path] = [f"The {path} is more than the {spelled(left[line['id']])} that can be shipped."]
        price = line["unit_price"] if item.get("unit_price") is None else item["unit_price"]
        lines.append(ShippedLine(line["id"], line["product_id"], item["quantity"], price, item.get("weight") or {}))
    if errors:
        raise invalid(errors)
    return lines


def _ordered_line(item: Mapping[str, Any], ordered: Sequence[Record], path: str, errors: Errors) -> Record | None:
    """The order line that is meant: by its id, or the first one of the product."""
    wanted, product_id = item.get("order_item_id"), item.get("product_id")
    name = "order_item_id" if wanted or not product_id else "product_id"
    if not wanted and not product_id:
        errors[f"{path}.{name}"] = [f"The {path}.{name} or product_id is required."]
        return None
    line = next(
        (one for one in ordered if wanted in (None, one["id"]) and (wanted or one["product_id"] == product_id)), None
    )
    if line is None:
        errors[f"{path}.{name}"] = [f"The {path}.{name} is not on this order."]
    elif product_id and line["product_id"] != product_id:
        errors[f"{path}.product_id"] = [f"The {path}.product_id is not the product of the order line."]
        return None
    return line
