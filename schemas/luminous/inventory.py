"""Stock by product and location, aging, consumption, snapshots, adjustments and transfer orders.

Stock, adjustments and transfer orders are documented; rows of aging and snapshots are what the vendor's client shows.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from schemas.common import Id, Money, Nested, Quantity, Record, UnitPrice, View


def _id_list(value: object) -> str:
    ids = [each.strip() for each in value.split(",")] if isinstance(value, str) else [""]
    if not all(each.isascii() and each.isdigit() for each in ids):
        raise ValueError("must be a string of ids separated by commas, such as 3,7")
    return ",".join(ids)


IdList = Annotated[str, BeforeValidator(_id_list), WithJsonSchema({"type": "string"})]
"""Ids separated by commas."""


class NewAdjustment(Nested):
    """A correction of stock at one location: product_id or sku names the product (documented).

    Their order on the page suggests that the other fields are required; it does not say so.
    """

    product_id: Id | None = None
    sku: str | None = None
    warehouse_id: Id | None = None
    location_id: Id | None = None
    qty_onhand: Quantity | None = None

    @model_validator(mode="after")
    def _names_a_product(self) -> NewAdjustment:
        if self.product_id is None and self.sku is None:
            raise ValueError("give product_id or sku")
        return self


class InventoryAdjustment(Record):
    """A stock correction that was posted; posted_by is a user."""

    id: int | None = None
    remarks: str | None = None
    posted_by: int | None = None
    view: ClassVar[View] = View("id", "remarks", "posted_by", "created_at")


class LocationStock(Record):
    """Stock of a product at one location."""

    id: int | None = None
    qty_onhand: Quantity | None = None
    qty_pending: Quantity | None = None
    qty_available: Quantity | None = None
    qty_incoming: Quantity | None = None
    current_landed_unit_cost: UnitPrice | None = None
    view: ClassVar[View] = View(
        "id",
        "warehouse",
        "location",
        "qty_onhand",
        "qty_pending",
        "qty_available",
        "qty_incoming",
        "current_landed_unit_cost",
    )


class ProductStock(Record):
    """Stock of a product over all locations."""

    id: str | int | None = None
    sku: str | None = None
    name: str | None = None
    type: str | None = None
    qty_onhand: Quantity | None = None
    qty_pending: Quantity | None = None
    qty_available: Quantity | None = None
    qty_incoming: Quantity | None = None
    qty_backordered: Quantity | None = None
    qty_outstanding: Quantity | None = None
    qty_available_via_assembly: Quantity | None = None
    qty_recoverable_via_disassembly: Quantity | None = None
    current_landed_unit_cost: UnitPrice | None = None
    category_name: str | None = None
    location_stocks: list[LocationStock] | None = None
    view: ClassVar[View] = View(
        "id",
        "sku",
        "name",
        "qty_onhand",
        "qty_pending",
        "qty_available",
        "qty_incoming",
        "qty_backordered",
        "current_landed_unit_cost",
        "category_name",
        quantities=("qty_onhand", "qty_available", "qty_incoming"),
        entries=("location_stocks",),
    )


class StockAge(Record):
    """How long the stock of a product lies; the names of its age buckets are not documented."""

    product_id: int | None = None
    sku: str | None = None
    product_name: str | None = None
    category: str | None = None
    total_value: Money | None = None
    view: ClassVar[View] = View(
        "product_id",
        "sku",
        "product_name",
        "category",
        "qty_onhand",
        "total_value",
        "oldest_days",
        "value_over_365",
        "value_181_365",
        "average_days",
        sums=("total_value",),
        quantities=("qty_onhand",),
    )


class Consumption(Record):
    """Stock used up; group decides what a row is. Documented are date, product and quantity."""

    date: dt.date | None = None
    product_id: int | None = None
    quantity: Quantity | None = None
    cost: Money | None = None
    view: ClassVar[View] = View(
        "id",
        "date",
        "sku",
        "product_name",
        "product",
        "quantity",
        "cost",
        "warehouse_name",
        "type",
        "product_id",
        sums=("cost",),
        quantities=("quantity",),
        counts=("type",),
    )


class SnapshotRow(Record):
    """Stock of a product at a point in time (`client`)."""

    product_id: int | None = None
    sku: str | None = None
    name: str | None = None
    qty_onhand: Quantity | None = None
    qty_available: Quantity | None = None
    warehouse_name: str | None = None
    view: ClassVar[View] = View(
        "product_id",
        "sku",
        "name",
        "warehouse_name",
        "qty_opening",
        "qty_in",
        "qty_out",
        "qty_onhand",
        "qty_available",
        quantities=("qty_onhand", "qty_available"),
    )


class NewTransferLine(Nested):
    """What is moved. The fields are those of the documented example, which does not say what is required."""

    product_id: Id | None = None
    quantity: Quantity | None = None
    ordered_uom_id: Id | None = None


class TransferOrder(Record):
    """Goods on the way from one warehouse to another."""

    id: int | None = None
    number: str | None = None
    date: dt.date | None = None
    arrival_date: dt.date | None = None
    source_warehouse_id: int | None = None
    destination_warehouse_id: int | None = None
    status: str | None = None
    items_cost: Money | None = None
    shipping_cost: Money | None = None
    shipping_method: str | None = None
    view: ClassVar[View] = View(
        "id",
        "number",
        "status",
        "date",
        "arrival_date",
        "source_warehouse.name",
        "destination_warehouse.name",
        "items_cost",
        "shipping_cost",
        sums=("items_cost", "shipping_cost"),
        counts=("status",),
    )
