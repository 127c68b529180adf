"""Products, their variants, sizes and weights, prices per company, and bills of materials (BOMs)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from schemas.common import Id, Money, Nested, Quantity, Record, UnitPrice, View


def _ids(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return value
    return str(value).replace(" ", "")


CompanyIds = Annotated[
    str, BeforeValidator(_ids), Field(pattern=r"^[0-9]+(,[0-9]+)*$"), WithJsonSchema({"type": "string"})
]
"""One company id or several, `101,102`; a JSON number is taken too."""


class Weight(Nested):
    """A weight: value in unit, such as lb (documented)."""

    unit: str | None = None
    value: Quantity | None = None


class Named(Nested):
    """A category or supplier by name instead of id (documented)."""

    name: str | None = None


class Sizes(BaseModel):
    """Lengths of a product and its packagings in inches (documented)."""

    product_length: Quantity | None = None
    product_width: Quantity | None = None
    product_height: Quantity | None = None
    box_length: Quantity | None = None
    box_width: Quantity | None = None
    box_height: Quantity | None = None
    carton_length: Quantity | None = None
    carton_width: Quantity | None = None
    carton_height: Quantity | None = None
    shipping_length: Quantity | None = None
    shipping_width: Quantity | None = None
    shipping_height: Quantity | None = None
    pallet_length: Quantity | None = None
    pallet_width: Quantity | None = None
    pallet_height: Quantity | None = None


class Weights(BaseModel):
    """Weights with their unit, as the pages of creating and upserting type them."""

    product_weight: Weight | None = None
    dimensional_weight: Weight | None = None
    box_weight: Weight | None = None
    carton_weight: Weight | None = None
    shipping_weight: Weight | None = None
    pallet_weight: Weight | None = None


class PlainWeights(BaseModel):
    """Weights as the page of the update types them; it is older than the others."""

    product_weight: Quantity | None = None
    box_weight: str | None = None
    carton_weight: str | None = None
    shipping_weight: str | None = None
    pallet_weight: str | None = None


class StockLevels(BaseModel):
    """Quantities at which a stock is low or to be ordered again."""

    qty_low_alert: Quantity | None = None
    qty_reorder_threshold: Quantity | None = None
    qty_minimum: Quantity | None = None


# The documented lists of a variant's fields are cut off, each at another place. What follows there is as in a product,
# so the variants are open.


class VariantFields(Nested, extra="allow"):
    """What every page shows of a variant."""

    name: str | None = None
    sku: str | None = None
    image_url: str | None = None
    supplier_id: Id | None = None
    supplier: Named | None = None
    sellable: bool | None = None
    discontinued: bool | None = None
    default_receiving_location_id: Id | None = None
    description: str | None = None
    wholesale_price: UnitPrice | None = None
    retail_price: UnitPrice | None = None
    unit_cost: UnitPrice | None = None
    product_length: Quantity | None = None
    product_width: Quantity | None = None
    product_height: Quantity | None = None
    box_length: Quantity | None = None


class PackedVariant(VariantFields):
    """A variant with its weights and box."""

    product_weight: Weight | None = None
    dimensional_weight: Weight | None = None
    box_weight: Weight | None = None
    box_width: Quantity | None = None
    box_height: Quantity | None = None
    carton_weight: Weight | None = None


class NewVariant(PackedVariant):
    """A variant of a product to create."""

    carton_length: Quantity | None = None
    carton_width: Quantity | None = None
    carton_height: Quantity | None = None
    shipping_weight: Weight | None = None
    shipping_length: Quantity | None = None
    shipping_width: Quantity | None = None


class UpsertVariant(PackedVariant, StockLevels):
    """A variant of a product to create or update."""


class VariantChange(VariantFields, StockLevels):
    """A variant of a product to update; the variants that are sent replace the stored ones."""

    product_weight: Quantity | None = None
    box_weight: str | None = None


class NewBomLine(Nested):
    """A component: product_id or sku (alternate SKUs count) names it (documented)."""

    product_id: Id | None = None
    sku: str | None = None
    quantity: Quantity
    note: str | None = None
    uom_id: Id | None = None
    order: int | None = None


class NewBomCost(Nested):
    """A cost of a BOM besides its components (documented)."""

    name: str
    quantity: Quantity
    unit_price: UnitPrice


class Variant(Record):
    """A variant of a product."""

    id: int | None = None
    sku: str | None = None
    name: str | None = None
    upc: str | None = None
    retail_price: UnitPrice | None = None
    wholesale_price: UnitPrice | None = None
    view: ClassVar[View] = View("id", "sku", "name", "upc", "retail_price", "wholesale_price")


class KitItem(Record):
    """A product inside a kit."""

    id: int | None = None
    product_id: int | None = None
    quantity: Quantity | None = None
    price: UnitPrice | None = None
    total: Money | None = None
    view: ClassVar[View] = View("id", "product_id", "quantity", "price", "total")


class Product(Record):
    """A product or kit. Lengths are inches. landed_cost: unit_cost with freight and duty."""

    id: int | None = None
    sku: str | None = None
    name: str | None = None
    description: str | None = None
    type: str | None = None
    upc: str | None = None
    sellable: bool | None = None
    discontinued: bool | None = None
    retail_price: UnitPrice | None = None
    wholesale_price: UnitPrice | None = None
    unit_cost: UnitPrice | None = None
    landed_cost: UnitPrice | None = None
    product_weight_oz: Quantity | None = None
    product_weight_lb: Quantity | None = None
    product_length: Quantity | None = None
    product_width: Quantity | None = None
    product_height: Quantity | None = None
    image_url: str | None = None
    variants: list[Variant] | None = None
    kit_items: list[KitItem] | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    view: ClassVar[View] = View(
        "id",
        "sku",
        "name",
        "type",
        "category.name",
        "upc",
        "retail_price",
        "wholesale_price",
        "unit_cost",
        "discontinued",
        counts=("type", "discontinued"),
    )


class CompanyPrice(Record):
    """What one company pays for a product, after its price level, group, discounts and markups."""

    company_id: int | None = None
    company_name: str | None = None
    price: UnitPrice | None = None
    view: ClassVar[View] = View("company_id", "company_name", "price")


class CompanyPricedProduct(Product):
    """A product with its price for each company."""

    company_prices: list[CompanyPrice] | None = None
    view: ClassVar[View] = View(
        "id",
        "sku",
        "name",
        "company_prices.price",
        "company_prices.company_name",
        "retail_price",
        "wholesale_price",
        "unit_cost",
        entries=("company_prices",),
    )


class CompanyOverride(Record):
    """A price agreed with one company."""

    price: UnitPrice | None = None
    view: ClassVar[View] = View("company.id", "company.name", "price")


class ProductPricing(Record):
    """A product's prices: base prices, the schedule with its levels and quantity tiers, company overrides."""

    id: int | None = None
    sku: str | None = None
    name: str | None = None
    is_active: bool | None = None
    wholesale_price: UnitPrice | None = None
    retail_price: UnitPrice | None = None
    company_pricing: list[CompanyOverride] | None = None
    view: ClassVar[View] = View(
        "id", "sku", "name", "is_active", "wholesale_price", "retail_price", "pricing_schedule.name"
    )


class BomItem(Record):
    """A component of a BOM; base_quantity is its quantity in the base unit."""

    id: int | None = None
    product_id: int | None = None
    quantity: Quantity | None = None
    base_quantity: Quantity | None = None
    uom_id: int | None = None
    note: str | None = None
    order: int | None = None
    view: ClassVar[View] = View(
        "id", "product_id", "product.sku", "product.name", "quantity", "unit_of_measure.name", "note", "order"
    )


class BomCost(Record):
    """A cost of a BOM besides its components."""

    id: int | None = None
    name: str | None = None
    quantity: Quantity | None = None
    unit_price: UnitPrice | None = None
    line_total: Money | None = None
    view: ClassVar[View] = View("id", "name", "quantity", "unit_price", "line_total")


class Bom(Record):
    """A bill of materials: what a product is made of."""

    id: int | None = None
    name: str | None = None
    items: list[BomItem] | None = None
    extra_costs: list[BomCost] | None = None
    total_cost: Money | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    view: ClassVar[View] = View(
        "id", "name", "items.product.sku", "total_cost", "updated_at", entries=("items", "extra_costs")
    )
