"""Channels (where orders come from or go to), as documented. On the wire they speak camelCase."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, WithJsonSchema

from schemas.common import Evidence, Nested, Record, View

ChannelType = Literal["sales_channel", "fulfillment_channel", "end_to_end_channel"]

Options = Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]
"""Settings whose fields are not documented."""


class ChannelProduct(Nested, extra="allow"):
    """Which Luminous SKU a channel's SKU stands for. Only `delete` is documented; other names are passed on."""

    delete: bool | None = Field(None, description="true removes the mapping")
    channel_sku: Annotated[str | None, Evidence.INFERRED] = Field(None, serialization_alias="channelSku")
    luminous_sku: Annotated[str | None, Evidence.INFERRED] = Field(None, serialization_alias="luminousSku")


class Channel(Record):
    """A channel. apiLocked: the API may no longer change it."""

    id: int | None = None
    uuid: str | None = None
    label: str | None = None
    description: str | None = None
    enabled: bool | None = None
    status: int | None = None
    channel_type: str | None = Field(None, alias="channelType")
    api_locked: bool | None = Field(None, alias="apiLocked")
    warehouse_group_id: int | None = Field(None, alias="warehouseGroupId")
    store_type: str | None = Field(None, alias="storeType")
    is_dropship: bool | None = Field(None, alias="isDropship")
    view: ClassVar[View] = View(
        "id",
        "label",
        "channelType",
        "enabled",
        "apiLocked",
        "warehouseGroupId",
        "storeType",
        "isDropship",
        counts=("channelType",),
    )
