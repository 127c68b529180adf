"""Fulfillment orders and labels: 7 operations."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictInt

from schemas.common import Arguments, Date, Evidence, File, Id, Mark, Page
from schemas.files import Download
from schemas.listing import Listing
from schemas.luminous.fulfillment import FulfillmentOrder, Inches
from schemas.luminous.sales_orders import NewShipmentLine, Shipment, ShipmentAddress, ShipmentDetails
from tools.operation import System, Toolset

fulfillment = Toolset("fulfillment", System.LUMINOUS, Evidence.CLIENT)

INFERRED = Evidence.INFERRED


class FulfillmentOrderRef(Arguments):
    """Names one fulfillment order."""

    id: Id


@fulfillment.read("GET", "/fulfillment-orders", returns=Page[FulfillmentOrder])
class ListFulfillmentOrders(Listing):
    """What warehouses have to send for sales orders."""


@fulfillment.read("GET", "/fulfillment-orders/{id}", returns=FulfillmentOrder, evidence=Evidence.DOCUMENTED)
class GetFulfillmentOrder(FulfillmentOrderRef, extra="allow"):
    """One fulfillment order with lines, picklists and its sales order."""


@fulfillment.outward("POST", "/fulfillment-orders/{id}/push")
class PushFulfillmentOrder(FulfillmentOrderRef, extra="allow"):
    """Send a fulfillment order to the order system of its channel."""

    debug: bool | None = None


@fulfillment.outward("POST", "/fulfillment-orders/{id}/unpush")
class UnpushFulfillmentOrder(FulfillmentOrderRef, extra="allow"):
    """Take a pushed fulfillment order back, where the order system allows it."""

    debug: bool | None = None


@fulfillment.outward("POST", "/fulfillment-orders/{id}/shipments", returns=Shipment)
class CreateFulfillmentShipment(FulfillmentOrderRef, ShipmentDetails, extra="allow"):
    """Record a carrier shipment of a fulfillment order; the sales order follows, with status and cost."""

    ship_date: Annotated[Date, INFERRED]
    tracking_number: Annotated[str, INFERRED]
    carrier_code: Annotated[str, INFERRED]
    warehouse_id: Annotated[Id, INFERRED]
    ship_to: Annotated[ShipmentAddress, INFERRED, Mark.FOLDED]
    items: Annotated[list[NewShipmentLine], INFERRED] = Field(min_length=1)


@fulfillment.destroy("POST", "/fulfillment-orders/{id}/remove-so-item", evidence=Evidence.DOCUMENTED)
class RemoveFulfillmentOrderLine(FulfillmentOrderRef):
    """Take a sales order line out of an unpicked fulfillment order; pushed ones need allow_pushed."""

    sales_order_item_id: Id
    allow_pushed: bool | None = None


@fulfillment.read("POST", "/labels/render", returns=File, evidence=Evidence.DOCUMENTED)
class RenderZplLabel(Download):
    """Draw a ZPL label as PNG or PDF, by the Labelary service. Default 4 x 6 inches."""

    zpl: str
    dpmm: Literal["6dpmm", "8dpmm", "12dpmm", "24dpmm"] | None = None
    width: Inches | None = None
    height: Inches | None = None
    format: Literal["png", "pdf"] | None = None
    index: StrictInt | None = Field(None, ge=0, description="Which of several labels")
