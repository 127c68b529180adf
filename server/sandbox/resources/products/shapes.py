"""What bodies about products must look like."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from server.sandbox.resources import tagging
from server.sandbox.shapes import (
    COMPUTED,
    Anything,
    Choice,
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
from server.sandbox.tables.goods import LENGTHS, WEIGHTS
from server.sandbox.weights import Weight
from server.sandbox.wire import Call, Errors

PRODUCT_TYPE, KIT = "PRODUCT", "KIT"
ACTIVE, INACTIVE = "active", "inactive"

MILLION = Decimal(1_000_000)
LONGEST_TEXT = 5000

_id = Whole(minimum=1)
_number = Number(places=4, maximum=MILLION)
_quantity = Number(places=4, above=True, maximum=MILLION)
_named = Shape({"name": required(Text())})

PRICES = ("retail_price", "wholesale_price", "unit_cost")
FLAGS = ("sellable", "discontinued", "lot_tracking")
LEVELS = ("qty_low_alert", "qty_reorder_threshold", "qty_minimum")

_OWN: dict[str, Key] = {
    "description": optional(Text(max_length=LONGEST_TEXT)),
    "upc": optional(Text()),
    "image_url": optional(Text(max_length=2000)),
    **{name: optional(Flag(), nullable=False) for name in FLAGS},
    **{name: optional(_number, nullable=False) for name in PRICES},
    **{name: optional(_number) for name in (*LEVELS, *LENGTHS)},
    **{name: optional(Weight()) for name in WEIGHTS},
    "supplier_id": optional(_id),
    "supplier": optional(_named),
    "default_receiving_location_id": optional(_id),
    "priority_list_id": optional(_id),
    "custom_fields": optional(Free(), nullable=False),
}

_VALUE = Shape({"name": required(Text()), "value": optional(Anything())})


@dataclass(frozen=True, slots=True)
class _NamedValues:
    """Custom fields: an object, or names with values in an array, as answers have them."""

    def read(self, value: Any, path: str, errors: Errors) -> dict[str, Any]:
        """The object."""
        if not isinstance(value, list):
            return Free().read(value, path, errors)
        entries = Many(_VALUE).read(value, path, errors)
        return {entry["name"]: entry.get("value") for entry in entries if entry and entry.get("name")}


VARIANT = Shape(
    {
        "id": optional(_id),
        "sku": required(Text()),
        "name": optional(Text()),
        "variant_attributes": optional(Free(), nullable=False),
        **_OWN,
        "custom_fields": optional(_NamedValues(), nullable=False),
    }
)

COMPONENT: dict[str, Key] = {
    "product_id": optional(_id),
    "sku": optional(Text()),
    "quantity": required(_quantity),
    "uom_id": optional(_id),
}
"""The product in a line of a kit or a BOM, and how much of it."""

KIT_ITEM = Shape({**COMPONENT, "price": optional(_number)})

_SUBSTITUTION = Shape({"product_id": optional(_id), "sku": optional(Text()), "priority": optional(Whole())})


@dataclass(frozen=True, slots=True)
class _Substitution:
    """The product that may take another one's place: by id, by SKU, or as answers show it, below `product`."""

    def read(self, value: Any, path: str, errors: Errors) -> dict[str, Any]:
        """The object, with the id or the SKU."""
        shown = value.get("product") if isinstance(value, dict) else None
        if isinstance(shown, dict) and not value.get("product_id") and not value.get("sku"):
            value = {**value, "product_id": shown.get("id")}
        return _SUBSTITUTION.read(value, path, errors)


_ALTERNATE = Shape({"sku": required(Text()), "unit_conversion_rule_id": optional(_id)})


@dataclass(frozen=True, slots=True)
class AlternateSku:
    """An alternate SKU: the bare text, or an object with the conversion rule of its unit."""

    def read(self, value: Any, path: str, errors: Errors) -> dict[str, Any]:
        """The object."""
        if isinstance(value, str):
            return {"sku": Text(min_length=1).read(value, path, errors)}
        return _ALTERNATE.read(value, path, errors)


_PRODUCT: dict[str, Key] = {
    "name": required(Text()),
    "sku": required(Text()),
    "status": optional(Choice((ACTIVE, INACTIVE)), nullable=False),
    "type": optional(Choice((PRODUCT_TYPE, KIT)), nullable=False),
    "category_id": optional(_id),
    "category": optional(_named),
    "sub_category_id": optional(_id),
    "subcategory": optional(_named),
    "variant_attributes": optional(Free(), nullable=False),
    **_OWN,
    "tags": tagging.TAGS,
    "alternate_skus": optional(Many(AlternateSku())),
    "variants": optional(Many(VARIANT, maximum=100)),
    "kit_items": optional(Many(KIT_ITEM)),
    "substitutions": optional(Many(_Substitution(), maximum=50)),
}

PRODUCT = Shape(_PRODUCT, computed=COMPUTED)
UPSERT = Shape({"id": optional(_id), **_PRODUCT}, computed=COMPUTED - {"id"})


def body_of(call: Call) -> dict[str, Any]:
    """The body; `tags[]`, as forms spell an array, is another name of `tags`."""
    body = call.json()
    for name in [name for name in body if name.endswith("[]")]:
        body.setdefault(name.removesuffix("[]"), body.pop(name))
    return body
