"""Products, their prices and bills of materials (BOMs): 19 operations."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema, model_validator

from schemas.common import (
    Arguments,
    CustomFields,
    Evidence,
    Id,
    Mark,
    Moment,
    Page,
    Quantity,
    ShortText,
    TextId,
    UnitPrice,
)
from schemas.filters import Filters
from schemas.listing import Listing, Paging
from schemas.luminous.products import (
    Bom,
    CompanyIds,
    CompanyPricedProduct,
    Named,
    NewBomCost,
    NewBomLine,
    NewVariant,
    PlainWeights,
    Product,
    ProductPricing,
    Sizes,
    StockLevels,
    UpsertVariant,
    VariantChange,
    Weights,
)
from tools.operation import System, Toolset

products = Toolset("products", System.LUMINOUS)

INFERRED = Evidence.INFERRED
ExportSize = Annotated[int, Field(ge=1, le=1000, strict=True), WithJsonSchema({"type": "integer"})]


# Seldom asked for, and filters takes them too.
WeightFilter = Annotated[Quantity | None, Mark.UNLISTED]


class RecordRef(Arguments):
    """Names the product whose path it is."""

    id: Id


class ProductRef(Arguments):
    """Names the product that something belongs to."""

    product_id: Id


class BomRef(Arguments):
    """Names one bill of materials."""

    bom_id: Id


class ProductFields(Sizes, Arguments):
    """What can be stored about a product, besides weights and variants."""

    category_id: Id | None = None
    category: Named | None = None
    sub_category_id: Id | None = None
    subcategory: Named | None = None
    supplier_id: Id | None = None
    supplier: Named | None = None
    description: str | None = None
    upc: str | None = None
    image_url: str | None = None
    sellable: bool | None = None
    lot_tracking: bool | None = None
    default_receiving_location_id: Id | None = None
    wholesale_price: UnitPrice | None = None
    retail_price: UnitPrice | None = None
    unit_cost: UnitPrice | None = None
    custom_fields: CustomFields | None = None
    tags: list[str] | None = None


# Lists and look-ups


@products.read("GET", "/products", returns=Page[Product])
class ListProducts(Sizes, Listing):
    """Products and kits; sku finds alternate SKUs too. Lengths in inches."""

    q: str | None = None
    name: str | None = None
    description: str | None = None
    sku: str | None = None
    upc: str | None = None
    tag: str | None = None
    type: Literal["PRODUCT", "KIT"] | None = None
    category_name: Annotated[str | None, Field(serialization_alias="category.name")] = None
    sub_category_name: Annotated[str | None, Field(serialization_alias="sub_category.name")] = None
    supplier_name: Annotated[str | None, Field(serialization_alias="supplier.name")] = None
    category_id: Annotated[Id | None, Field(serialization_alias="category.id")] = None
    sub_category_id: Annotated[Id | None, Field(serialization_alias="sub_category.id")] = None
    supplier_id: Annotated[Id | None, Field(serialization_alias="supplier.id")] = None
    bom_id: Annotated[Id | None, Field(serialization_alias="bom.id")] = None
    kit_items_product_id: Annotated[Id | None, Field(serialization_alias="kit_items.product_id")] = None
    retail_price: UnitPrice | None = None
    wholesale_price: UnitPrice | None = None
    product_weight_oz: WeightFilter = None
    product_weight_lb: WeightFilter = None
    box_weight_oz: WeightFilter = None
    box_weight_lb: WeightFilter = None
    carton_weight_oz: WeightFilter = None
    carton_weight_lb: WeightFilter = None
    shipping_weight_oz: WeightFilter = None
    shipping_weight_lb: WeightFilter = None
    pallet_weight_oz: WeightFilter = None
    pallet_weight_lb: WeightFilter = None
    dimensional_weight_oz: WeightFilter = None
    dimensional_weight_lb: WeightFilter = None


@products.read("GET", "/products/{id}", returns=Product)
class GetProduct(RecordRef, extra="allow"):
    """One product with variants, alternate SKUs, tags and substitutions."""


@products.read("GET", "/products/export", returns=Page[Product])
class ExportProducts(Arguments):
    """All active products in order of change, for a sync. Give exactly one of since and cursor."""

    since: str | None = Field(None, description="First page: changed since, ISO 8601 UTC")
    cursor: str | None = Field(None, description="Later pages: next_cursor of the last")
    limit: ExportSize | None = None

    @model_validator(mode="after")
    def _starts_or_goes_on(self) -> ExportProducts:
        if (self.since is None) == (self.cursor is None):
            raise ValueError("give exactly one of since and cursor")
        return self


# Prices


@products.read("GET", "/products/pricing", returns=Page[ProductPricing])
class ListProductPricing(Paging):
    """Prices of products with schedules, quantity tiers and company overrides; q matches name, UPC, SKU."""

    q: str | None = None
    name: str | None = None
    description: str | None = None
    sku: str | None = None
    upc: str | None = None
    sellable: bool | None = None
    discontinued: bool | None = None
    retail_price: UnitPrice | None = None
    wholesale_price: UnitPrice | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    filters: Filters | None = None


@products.read("GET", "/products/{product_id}/pricing", returns=ProductPricing)
class GetProductPricing(Arguments):
    """Prices of one product with schedule, quantity tiers and company overrides."""

    product_id: TextId


@products.read("GET", "/products/company-pricing", returns=Page[CompanyPricedProduct], evidence=Evidence.CLIENT)
class ListProductsCompanyPricing(Arguments, extra="allow"):
    """What each company, or those named, pays for every product."""

    company_id: CompanyIds | None = Field(None, description="Several: 101,102")


@products.read("GET", "/products/{product_id}/company-pricing", returns=CompanyPricedProduct)
class GetProductCompanyPricing(ProductRef):
    """What each company, or those named, pays for one product."""

    company_id: CompanyIds | None = Field(None, description="Several: 101,102")


# Entering and changing


@products.write("POST", "/products", returns=Product)
class CreateProduct(ProductFields, Weights, extra="allow"):
    """Add a product. Lengths in inches; category, subcategory, supplier by id or name."""

    name: Annotated[str, INFERRED]
    sku: Annotated[str, INFERRED]
    variants: Annotated[list[NewVariant] | None, Mark.FOLDED] = None


@products.write("POST", "/products/{id}", returns=Product)
class UpdateProduct(RecordRef, StockLevels, ProductFields, PlainWeights, extra="allow"):
    """Change given fields of a product. variants replaces all stored. Weights with a unit: upsert_product."""

    name: str | None = None
    sku: str | None = None
    variants: list[VariantChange] | None = None


@products.write("PATCH", "/products", returns=Product)
class UpsertProduct(StockLevels, ProductFields, Weights, extra="allow"):
    """Change the product with that id or sku, or add it. Fields as in create_product."""

    id: Id | None = None
    sku: str | None = None
    name: str | None = None
    priority_list_id: Id | None = None
    variants: list[UpsertVariant] | None = None


@products.destroy("DELETE", "/products/{id}", evidence=Evidence.CLIENT)
class DeleteProduct(RecordRef, extra="allow"):
    """Delete a product; refused while a kit or BOM contains it."""


@products.write("POST", "/products/alternate-sku", evidence=Evidence.CLIENT)
class AddAlternateSku(Arguments, extra="allow"):
    """Give a product a further SKU, by which it is then found as well."""

    sku: Annotated[str, INFERRED] = Field(description="The product's main SKU")
    alternate_sku: Annotated[str, INFERRED]


# Bills of materials


@products.read("GET", "/boms", returns=Page[Bom], evidence=Evidence.CLIENT)
class ListBoms(Listing):
    """Bills of materials."""


@products.read("GET", "/boms/{bom_id}", returns=Bom)
class GetBom(BomRef):
    """One bill of materials with components and extra costs."""


@products.write("POST", "/boms", returns=Bom)
class CreateBom(Arguments):
    """Add a bill of materials; attach_product_boms ties it to a product. Lines: product_id or sku."""

    name: ShortText
    items: list[NewBomLine] = Field(min_length=1)
    extra_costs: Annotated[list[NewBomCost] | None, Mark.FOLDED] = None


@products.write("POST", "/boms/{bom_id}", returns=Bom, evidence=Evidence.CLIENT)
class UpdateBom(BomRef, extra="allow"):
    """Change a bill of materials; only the fields given. items and extra_costs replace all stored."""

    name: ShortText | None = None
    items: list[NewBomLine] | None = Field(None, min_length=1)
    extra_costs: Annotated[list[NewBomCost] | None, Mark.NULLABLE] = None


@products.destroy("DELETE", "/boms/{bom_id}", evidence=Evidence.CLIENT)
class DeleteBom(BomRef, extra="allow"):
    """Delete a bill of materials."""


@products.write("POST", "/products/{product_id}/boms", evidence=Evidence.CLIENT)
class AttachProductBoms(ProductRef, extra="allow"):
    """Tie bills of materials to a product."""

    bom_ids: Annotated[list[Id], INFERRED] = Field(min_length=1)


@products.destroy("DELETE", "/products/{product_id}/boms", evidence=Evidence.CLIENT)
class DetachProductBoms(ProductRef, extra="allow"):
    """Untie bills of materials from a product; they stay."""

    bom_ids: Annotated[list[Id], INFERRED, Mark.BODY] = Field(min_length=1)
