"""Integrations with external order systems: 19 operations.

Only updating a field mapping and create_field_mapping_and_retry are documented in full; arguments marked INFERRED are
read off those two.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictInt

from schemas.common import Arguments, Evidence, Id, Mark, Page
from schemas.filters import Filters
from schemas.listing import Paging
from schemas.luminous.integrations import FieldMapping, IntegrationMapping, NewFieldMapping
from tools.operation import System, Toolset

integrations = Toolset("integrations", System.LUMINOUS, Evidence.CLIENT)

INFERRED = Evidence.INFERRED


class FieldMappingRef(Arguments):
    """Names one field mapping."""

    id: Id


class IntegrationMappingRef(Arguments):
    """Names one integration mapping."""

    id: Id


class MappedValues(Arguments):
    """What a field mapping says: of which field, which Luminous value, which external value."""

    field_name: str
    luminous_value: str
    external_value: str


class MappingSettings(Arguments):
    """How a field mapping is grouped and applied."""

    mapping_group: str | None = None
    is_active: bool | None = None
    priority: StrictInt | None = None
    notes: str | None = None


# Field mappings


@integrations.read("GET", "/integration/field-mappings", returns=Page[FieldMapping])
class ListFieldMappings(Paging):
    """Which external value stands for which Luminous value (carriers, services)."""

    filters: Filters | None = None


@integrations.read("GET", "/integration/field-mappings/fields")
class ListFieldMappingNames(Arguments, extra="allow"):
    """Field names that have mappings."""


@integrations.read("GET", "/integration/field-mappings/groups")
class ListFieldMappingGroups(Arguments, extra="allow"):
    """Groups that field mappings are sorted into."""


@integrations.read("GET", "/integration/field-mappings/{id}", returns=FieldMapping)
class GetFieldMapping(FieldMappingRef, extra="allow"):
    """One field mapping with account, group and priority."""


@integrations.write("POST", "/integration/field-mappings", returns=FieldMapping)
class CreateFieldMapping(MappedValues, MappingSettings, extra="allow"):
    """Map one value. Without app_integration_account_id it holds for all accounts."""

    app_integration_account_id: Id | None = None


@integrations.outward(
    "POST",
    "/integration/field-mappings/create-and-retry",
    returns=FieldMapping,
    evidence=Evidence.DOCUMENTED,
)
class CreateFieldMappingAndRetry(MappedValues):
    """Map one value and push a sales order's fulfillment again that failed for lack of it."""

    app_integration_account_id: Id
    sales_order_id: Id | None = None


@integrations.write("PUT", "/integration/field-mappings/{id}", returns=FieldMapping, evidence=Evidence.DOCUMENTED)
class UpdateFieldMapping(FieldMappingRef, MappedValues, MappingSettings):
    """Change a field mapping. Account null: holds for all accounts."""

    app_integration_account_id: Annotated[Id | None, Mark.NULLABLE] = None


@integrations.destroy("DELETE", "/integration/field-mappings/{id}")
class DeleteFieldMapping(FieldMappingRef, extra="allow"):
    """Delete one field mapping."""


@integrations.write("POST", "/integration/field-mappings/bulk")
class BulkCreateFieldMappings(Arguments, extra="allow"):
    """Map many values at once."""

    mappings: Annotated[list[NewFieldMapping], INFERRED] = Field(min_length=1)


@integrations.destroy("POST", "/integration/field-mappings/bulk-delete")
class BulkDeleteFieldMappings(Arguments, extra="allow"):
    """Delete many field mappings by id."""

    ids: Annotated[list[Id], INFERRED] = Field(min_length=1)


@integrations.write("POST", "/integration/field-mappings/quick-add")
class QuickAddFieldMappings(Arguments, extra="allow"):
    """Map the values of recent orders to themselves, as a start."""

    app_integration_account_id: Annotated[Id | None, INFERRED] = None


@integrations.read("POST", "/integration/field-mappings/suggest-carrier")
class SuggestCarrierMapping(Arguments, extra="allow"):
    """Trackstar carriers whose names resemble a given one. Stores nothing."""

    carrier: Annotated[str, INFERRED]


@integrations.write("POST", "/integration/field-mappings/auto-carrier-mapping")
class ToggleAutoCarrierMapping(Arguments, extra="allow"):
    """Switch automatic carrier mapping of an integration account on or off."""

    app_integration_account_id: Annotated[Id | None, INFERRED] = None


# Accounts


@integrations.read("GET", "/integration-accounts/{id}/shipping-methods")
class ListOmsShippingMethods(Arguments, extra="allow"):
    """Shipping methods that an integration account's order system offers now. TrackStar accounts only."""

    id: Id


# Integration mappings


@integrations.read("GET", "/integration-mappings", returns=Page[IntegrationMapping])
class ListIntegrationMappings(Paging):
    """Mappings of whole objects that channels choose from. Single values: list_field_mappings."""

    filters: Filters | None = None


@integrations.read("GET", "/integration-mappings/{id}", returns=IntegrationMapping)
class GetIntegrationMapping(IntegrationMappingRef, extra="allow"):
    """One integration mapping."""


@integrations.write("POST", "/integration-mappings", returns=IntegrationMapping)
class CreateIntegrationMapping(Arguments, extra="allow"):
    """Add an integration mapping. Its fields are undocumented."""

    name: Annotated[str, INFERRED]
    type: Annotated[str | None, INFERRED] = None


@integrations.write("POST", "/integration-mappings/{id}", returns=IntegrationMapping)
class UpdateIntegrationMapping(IntegrationMappingRef, extra="allow"):
    """Change an integration mapping; only the fields given."""

    name: Annotated[str | None, INFERRED] = None
    type: Annotated[str | None, INFERRED] = None


@integrations.destroy("DELETE", "/integration-mappings/{id}")
class DeleteIntegrationMapping(IntegrationMappingRef, extra="allow"):
    """Delete an integration mapping."""
