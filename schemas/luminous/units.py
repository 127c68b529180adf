"""Unit classes (length, weight), units of measure, and the rules that convert between units, as documented."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, WithJsonSchema

from schemas.common import Record, View

Factor = Annotated[Decimal, Field(gt=0), WithJsonSchema({"type": "number"})]
"""A conversion factor. Quantities have at most 4 decimals; factors such as 0.453592 have more."""

RuleType = Literal["SYSTEM", "SKU"]
"""SYSTEM holds for a whole unit class, SKU for one product."""


class UnitConversionRule(Record):
    """How many converted units one base unit is (that direction is read off the documented example)."""

    id: int | None = None
    type: str | None = None
    base_unit_of_measure_id: int | None = None
    converted_unit_of_measure_id: int | None = None
    conversion_factor: Decimal | None = None
    product_id: int | None = None
    status: str | None = None
    view: ClassVar[View] = View(
        "id",
        "type",
        "base_unit_of_measure_id",
        "base_unit_of_measure.name",
        "converted_unit_of_measure_id",
        "converted_unit_of_measure.name",
        "conversion_factor",
        "product.sku",
        "product_id",
        counts=("type",),
    )


class UnitOfMeasure(Record):
    """A unit of a class. Its factors are in unit_conversion_rules."""

    id: int | None = None
    name: str | None = None
    description: str | None = None
    unit_class_id: int | None = None
    base_unit: bool | None = None
    status: str | None = None
    unit_conversion_rules: list[UnitConversionRule] | None = None
    view: ClassVar[View] = View(
        "id",
        "name",
        "description",
        "unit_class_id",
        "unit_class.name",
        "base_unit",
        "status",
        counts=("unit_class.name",),
    )


class UnitClass(Record):
    """A kind of quantity and its units; one of them is the base."""

    id: int | None = None
    name: str | None = None
    base_class: bool | None = None
    status: str | None = None
    unit_of_measures: list[UnitOfMeasure] | None = None
    view: ClassVar[View] = View(
        "id",
        "name",
        "base_class",
        "base_unit_of_measure.id",
        "base_unit_of_measure.name",
        "unit_of_measures.name",
        "status",
    )
