"""Products with what they are made of, and the prices they are sold at."""

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Integer, PrimaryKeyConstraint, String, Table

from server.sandbox.tables.base import MONEY, QUANTITY, UNIT_PRICE, flag, key, metadata, ref, stamps, table, text

WEIGHTS = tuple(f"{what}_weight" for what in ("product", "dimensional", "box", "carton", "shipping", "pallet"))
"""The weights of a product; each is kept as it was given, and in all as ounces and as pounds."""

LENGTHS = tuple(
    f"{what}_{side}"
    for what in ("product", "box", "carton", "shipping", "pallet")
    for side in ("length", "width", "height")
)
"""The measures of a product and its packagings in inches."""


def _loose_ref(name: str, target: str) -> Column[int]:
    """A reference that is emptied when the other record goes."""
    return Column(name, Integer, ForeignKey(f"{target}.id", ondelete="SET NULL"), index=True)


price_levels = table(
    "price_levels",
    key(),
    text("status", nullable=False),
    text("name", nullable=False),
    text("type", nullable=False),
    Column("percent_increase", MONEY),
    *stamps(),
)

categories = table("categories", key(), Column("name", String, unique=True, nullable=False), *stamps())

subcategories = table("subcategories", key(), ref("category_id", "categories"), text("name", nullable=False), *stamps())

products = table(
    "products",
    key(),
    Column("sku", String, unique=True, nullable=False),
    text("name", nullable=False, index=True),
    text("description"),
    text("upc", index=True),
    text("status", nullable=False),
    Column("type", String, nullable=False, default="PRODUCT"),
    ref("parent_id", "products", nullable=True, cascade=True),
    Column("variant_attributes", JSON, nullable=False, default=dict),
    ref("category_id", "categories", nullable=True),
    ref("subcategory_id", "subcategories", nullable=True),
    ref("supplier_id", "suppliers", nullable=True),
    _loose_ref("default_receiving_location_id", "locations"),
    Column("retail_price", UNIT_PRICE, nullable=False),
    Column("wholesale_price", UNIT_PRICE, nullable=False),
    Column("cost", UNIT_PRICE, nullable=False),
    Column("freight_and_duty", UNIT_PRICE, nullable=False, default=0),
    Column("sellable", Boolean, nullable=False, default=True),
    flag("discontinued"),
    flag("lot_tracking"),
    text("image_url"),
    *(Column(name, QUANTITY) for name in ("qty_low_alert", "qty_reorder_threshold", "qty_minimum")),
    Column("priority_list_id", Integer),
    *(
        column
        for name in WEIGHTS
        for column in (Column(name, JSON), Column(f"{name}_oz", QUANTITY), Column(f"{name}_lb", QUANTITY))
    ),
    *(Column(name, QUANTITY) for name in LENGTHS),
    Column("custom_fields", JSON, nullable=False, default=dict),
    *stamps(),
)
"""What is bought and sold. A variant is a product that has a parent; a kit is sold as one and consists of others."""

alternate_skus = table(
    "alternate_skus",
    key(),
    ref("product_id", "products", cascade=True),
    Column("sku", String, unique=True, nullable=False),
    _loose_ref("unit_conversion_rule_id", "unit_conversion_rules"),
)
"""Further SKUs that a product is found by."""

kit_items = table(
    "kit_items",
    key(),
    ref("kit_id", "products", cascade=True),
    ref("product_id", "products"),
    Column("quantity", QUANTITY, nullable=False),
    _loose_ref("uom_id", "units_of_measure"),
    Column("price", UNIT_PRICE),
)
"""What is in a kit; `price` is what a unit costs in it where that is not its retail price."""

substitutions = table(
    "substitutions",
    key(),
    ref("product_id", "products", cascade=True),
    ref("substitute_id", "products", cascade=True),
    Column("priority", Integer, nullable=False),
)

product_attachments = table(
    "product_attachments",
    key(),
    ref("product_id", "products", cascade=True),
    text("name", nullable=False),
    text("type", nullable=False),
    Column("size", Integer, nullable=False),
    text("full_url", nullable=False),
    text("thumb_url"),
)

boms = table("boms", key(), Column("name", String, unique=True, nullable=False), *stamps())

bom_items = table(
    "bom_items",
    key(),
    ref("bom_id", "boms", cascade=True),
    ref("product_id", "products"),
    Column("quantity", QUANTITY, nullable=False),
    text("note"),
    _loose_ref("uom_id", "units_of_measure"),
    Column("order", Integer, nullable=False),
    *stamps(),
)

bom_extra_costs = table(
    "bom_extra_costs",
    key(),
    ref("bom_id", "boms", cascade=True),
    text("name", nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("unit_price", UNIT_PRICE, nullable=False),
    Column("line_total", MONEY, nullable=False),
    *stamps(),
)

product_boms = Table(
    "product_boms",
    metadata,
    ref("product_id", "products", cascade=True),
    ref("bom_id", "boms", cascade=True),
    PrimaryKeyConstraint("product_id", "bom_id"),
)
"""Which products are made by which bill of materials."""

price_schedules = table(
    "price_schedules",
    key(),
    text("name", nullable=False),
    text("description"),
    text("status", nullable=False),
    Column("start_date", Date),
    Column("end_date", Date),
    Column("priority", Integer, nullable=False),
    text("counting_algorithm", nullable=False),
    text("modification_type", nullable=False),
    flag("global"),
    *stamps(),
)
"""Discounts by quantity during a time. The one with the highest priority counts."""

price_tiers = table(
    "price_tiers",
    key(),
    ref("price_schedule_id", "price_schedules", cascade=True),
    text("status", nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("discount_amount", UNIT_PRICE, nullable=False),
    *stamps(),
)

price_schedule_levels = Table(
    "price_schedule_levels",
    metadata,
    ref("price_schedule_id", "price_schedules", cascade=True),
    ref("price_level_id", "price_levels", cascade=True),
    PrimaryKeyConstraint("price_schedule_id", "price_level_id"),
)

price_schedule_companies = Table(
    "price_schedule_companies",
    metadata,
    ref("price_schedule_id", "price_schedules", cascade=True),
    ref("company_id", "companies", cascade=True),
    PrimaryKeyConstraint("price_schedule_id", "company_id"),
)

price_schedule_products = Table(
    "price_schedule_products",
    metadata,
    ref("price_schedule_id", "price_schedules", cascade=True),
    ref("product_id", "products", cascade=True),
    PrimaryKeyConstraint("price_schedule_id", "product_id"),
)
"""The products a schedule is about; one that names none is about all of them."""

tier_prices = Table(
    "tier_prices",
    metadata,
    ref("price_tier_id", "price_tiers", cascade=True),
    ref("product_id", "products", cascade=True),
    Column("price", UNIT_PRICE, nullable=False),
    PrimaryKeyConstraint("price_tier_id", "product_id"),
)
"""Prices set by hand where a tier's discount does not give them."""
