"""Unit classes, units of measure and conversion rules: 17 operations."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from schemas.common import Arguments, Evidence, Id, Page
from schemas.filters import Filters
from schemas.listing import Paging
from schemas.luminous.units import Factor, RuleType, UnitClass, UnitConversionRule, UnitOfMeasure
from tools.operation import System, Toolset

units = Toolset("units", System.LUMINOUS, Evidence.CLIENT)


class UnitClassRef(Arguments):
    """Names one unit class."""

    id: Id


class UnitRef(Arguments):
    """Names one unit of measure."""

    id: Id


class RuleRef(Arguments):
    """Names one conversion rule."""

    id: Id


class RuleFields(Arguments):
    """A conversion rule: all of it on creating and on changing it."""

    type: RuleType
    base_unit_of_measure_id: Id
    converted_unit_of_measure_id: Id
    conversion_factor: Factor
    product_id: Id | None = None

    @model_validator(mode="after")
    def _product_fits_type(self) -> RuleFields:
        if (self.type == "SKU") != (self.product_id is not None):
            raise ValueError("give product_id with type SKU, and only then")
        return self


# Unit classes


@units.read("GET", "/unit-classes", returns=Page[UnitClass], evidence=Evidence.DOCUMENTED)
class ListUnitClasses(Paging):
    """Kinds of quantity (length, weight) with their units."""

    filters: Filters | None = None


@units.read("GET", "/unit-classes/{id}", returns=UnitClass)
class GetUnitClass(UnitClassRef, extra="allow"):
    """One unit class with its units and base unit."""


@units.write("POST", "/unit-classes", returns=UnitClass, evidence=Evidence.DOCUMENTED)
class CreateUnitClass(Arguments, extra="allow"):
    """Add a unit class; then create_unit_of_measure."""

    name: Annotated[str, Evidence.INFERRED]
    base_class: bool | None = None


@units.write("POST", "/unit-classes/{id}", returns=UnitClass)
class UpdateUnitClass(UnitClassRef, extra="allow"):
    """Change a unit class."""

    name: str | None = None
    base_class: bool | None = None


@units.destroy("DELETE", "/unit-classes/{id}")
class DeleteUnitClass(UnitClassRef, extra="allow"):
    """Delete a unit class that no unit or rule uses."""


@units.write(
    "POST",
    "/unit-classes/{unit_class_id}/default-unit-of-measure/{unit_of_measure_id}",
    returns=UnitClass,
    evidence=Evidence.DOCUMENTED,
)
class SetBaseUnitOfMeasure(Arguments):
    """Make a unit the base of its class, in place of the present one; factors then count from it."""

    unit_class_id: Id
    unit_of_measure_id: Id


# Units of measure


@units.read("GET", "/unit-of-measures", returns=Page[UnitOfMeasure])
class ListUnitsOfMeasure(Paging):
    """Units of measure of all classes."""

    filters: Filters | None = None


@units.read("GET", "/unit-of-measures/{id}", returns=UnitOfMeasure, evidence=Evidence.DOCUMENTED)
class GetUnitOfMeasure(UnitRef):
    """One unit with its conversion rules."""


@units.write("POST", "/unit-of-measures", returns=UnitOfMeasure, evidence=Evidence.DOCUMENTED)
class CreateUnitOfMeasure(Arguments, extra="allow"):
    """Add a unit to a unit class."""

    unit_class_id: Id
    name: str
    description: str
    base_unit: bool | None = None
    conversion_factor: Factor | None = None


@units.write("POST", "/unit-of-measures/{id}", returns=UnitOfMeasure)
class UpdateUnitOfMeasure(UnitRef, extra="allow"):
    """Change a unit of measure."""

    unit_class_id: Id | None = None
    name: str | None = None
    description: str | None = None
    base_unit: bool | None = None
    conversion_factor: Factor | None = None


@units.destroy("DELETE", "/unit-of-measures/{id}")
class DeleteUnitOfMeasure(UnitRef, extra="allow"):
    """Delete a unit that no rule or product uses."""


# Conversion rules


@units.read("GET", "/unit-conversion-rules", returns=Page[UnitConversionRule], evidence=Evidence.DOCUMENTED)
class ListUnitConversionRules(Paging):
    """Conversion rules of classes (SYSTEM) and of products (SKU)."""


@units.read("GET", "/unit-conversion-rules/{id}", returns=UnitConversionRule, evidence=Evidence.DOCUMENTED)
class GetUnitConversionRule(RuleRef):
    """One conversion rule."""


@units.read("GET", "/unit-conversion-rules/resolve", returns=UnitConversionRule)
class ResolveUnitConversionRule(Arguments, extra="allow"):
    """The rule that converts between two units for a product: its own, else that of the class."""

    product_id: Id
    base_unit_of_measure_id: Id
    converted_unit_of_measure_id: Id


@units.write("POST", "/unit-conversion-rules", returns=UnitConversionRule, evidence=Evidence.DOCUMENTED)
class CreateUnitConversionRule(RuleFields):
    """Add a rule: converted units per base unit. SYSTEM for a class, SKU with product_id."""


@units.write("POST", "/unit-conversion-rules/{id}", returns=UnitConversionRule)
class UpdateUnitConversionRule(RuleRef, RuleFields, extra="allow"):
    """Replace a conversion rule as a whole."""


@units.destroy("DELETE", "/unit-conversion-rules/{id}")
class DeleteUnitConversionRule(RuleRef, extra="allow"):
    """Delete a conversion rule."""
