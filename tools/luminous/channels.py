"""Channels: 8 operations. The API spells their fields in camelCase."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.common import Arguments, Evidence, Id, Mark, Page
from schemas.listing import Listing
from schemas.luminous.channels import Channel, ChannelProduct, ChannelType, Options
from tools.operation import System, Toolset

channels = Toolset("channels", System.LUMINOUS)


class ChannelRef(Arguments):
    """Names one channel."""

    channel_id: Id


class OrderSource(Arguments):
    """What any channel has, and where it takes its orders from."""

    description: str | None = None
    is_customer_specific: bool | None = Field(None, serialization_alias="isCustomerSpecific")
    tag_ids: list[Id] | None = Field(None, serialization_alias="tagIds")
    pull_orders_from_oms: bool | None = Field(None, serialization_alias="pullOrdersFromOms")
    pull_order_app_integration_account_id: Id | None = Field(
        None, serialization_alias="pullOrderAppIntegrationAccountId"
    )
    pull_order_oms_store_id: str | None = Field(None, serialization_alias="pullOrderOmsStoreId")


class ChannelFields(OrderSource):
    """What else can be stored about a channel: where it sends orders, stock and costs to, and dropship."""

    warehouse_group_id: Id | None = Field(None, serialization_alias="warehouseGroupId")
    pull_orders_from_oms_options: Options | None = Field(None, serialization_alias="pullOrdersFromOmsOptions")
    push_orders_to_oms: bool | None = Field(None, serialization_alias="pushOrdersToOms")
    push_order_app_integration_account_id: Id | None = Field(
        None, serialization_alias="pushOrderAppIntegrationAccountId"
    )
    push_order_oms_store_id: str | None = Field(None, serialization_alias="pushOrderOmsStoreId")
    push_stocks_to_oms: bool | None = Field(None, serialization_alias="pushStocksToOms")
    push_stocks_app_integration_account_id: Id | None = Field(
        None, serialization_alias="pushStocksAppIntegrationAccountId"
    )
    push_costs_to_oms: bool | None = Field(None, serialization_alias="pushCostsToOms")
    is_dropship: bool | None = Field(None, serialization_alias="isDropship")
    dropship_supplier_id: Id | None = Field(None, serialization_alias="dropshipSupplierId")
    dropship_inventory_not_tracked: bool | None = Field(None, serialization_alias="dropshipInventoryNotTracked")


@channels.read("GET", "/channels", returns=Page[Channel], evidence=Evidence.CLIENT)
class ListChannels(Listing):
    """Channels that orders come from or go to; finds a channel_id."""


@channels.read("GET", "/channels/{channel_id}", returns=Channel)
class GetChannel(ChannelRef, extra="allow"):
    """One channel with mappings, warehouse group and tags."""


@channels.write("POST", "/channels", returns=Channel)
class CreateChannel(ChannelFields):
    """Add a channel; channel_type is final.

    Needs warehouse_group_id unless dropship without tracked stock."""

    channel_type: ChannelType = Field(serialization_alias="channelType")
    label: str
    integration_products: Annotated[list[ChannelProduct] | None, Mark.FOLDED] = Field(
        None, max_length=500, serialization_alias="integrationProducts"
    )


@channels.write("POST", "/channels/sales", returns=Channel)
class CreateSalesChannelLegacy(OrderSource, extra="allow"):
    """Old way to add a sales channel; use create_channel."""

    label: str
    warehouse_group_id: Id = Field(serialization_alias="warehouseGroupId")


@channels.write("PUT", "/channels/{channel_id}", returns=Channel)
class UpdateChannel(ChannelRef, ChannelFields, extra="allow"):
    """Change an unlocked channel; only the fields given. Its type cannot change."""

    label: str | None = None


@channels.destroy("DELETE", "/channels/{channel_id}", evidence=Evidence.CLIENT)
class DeleteChannel(ChannelRef, extra="allow"):
    """Delete an unlocked channel; it stays on record."""


@channels.destroy("PATCH", "/channels/{channel_id}/lock", returns=Channel, evidence=Evidence.CLIENT)
class LockChannel(ChannelRef):
    """Lock a channel against changes by API. Only the web app can unlock it."""

    api_locked: Literal[True] = Field(serialization_alias="apiLocked")


@channels.write("POST", "/channels/{channel_id}/integration-products")
class SyncChannelProducts(ChannelRef, extra="allow"):
    """Map SKUs of an unlocked sales channel to Luminous SKUs. Item fields are guesses."""

    items: list[ChannelProduct] = Field(max_length=500)
