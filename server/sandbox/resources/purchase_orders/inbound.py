"""Inbound shipments: goods on their way, as outside warehouses report them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, exists, func, select

from server.sandbox.filters import Condition, Listing, field, fields, page
from server.sandbox.money import ZERO
from server.sandbox.resources.purchase_orders.newest import newest_first
from server.sandbox.resources.purchase_orders.reports import moment
from server.sandbox.rows import Record, get_row, records
from server.sandbox.tables.purchasing import inbound_shipment_items, inbound_shipments
from server.sandbox.wire import Answer, Call, Routes, data

routes = Routes()

WHAT = "Inbound shipment"

_OWN = (
    "id", "source", "created_at", "updated_at", "reconciled_at", "location_id", "purchase_order_id",
    "external_shipment_id", "external_warehouse_customer_id", "external_po_number", "external_status",
    "external_raw_status", "external_supplier_name", "external_warehouse_id", "external_tracking_numbers",
    "external_date_created", "external_date_updated", "external_ship_from_address", "external_notes",
    "external_system_url",
)  # fmt: skip
_DAYS = ("arrival_date", "external_expected_arrival_date")
_JSON = {"external_tracking_numbers", "external_ship_from_address", "external_notes"}
_UNUSED = ("from_warehouse_id", "transfer_order_id", "app_integration_account_id")
"""Of transfers and of linked accounts, neither of which these shipments come from."""

_inbound, _item = inbound_shipments.c, inbound_shipment_items.c


def _containing(matches: Condition) -> Condition:
    return exists(select(_item.id).where(_item.inbound_shipment_id == _inbound.id, matches))


def _sum(column: Any) -> Any:
    total = select(func.coalesce(func.sum(column), Decimal(0))).where(_item.inbound_shipment_id == _inbound.id)
    return total.correlate(inbound_shipments).scalar_subquery()


INBOUND = Listing(
    select(inbound_shipments),
    {
        **fields(_inbound, *(name for name in (*_OWN, *_DAYS) if name not in _JSON)),
        "purchase_order_shipment_id": field(_inbound.shipment_id),
        "external_po_number_canonical": field(func.lower(_inbound.external_po_number)),
        "external_sku": field(_item.external_sku, _containing),
        "total_expected_quantity": field(_sum(_item.expected_quantity)),
        "total_received_quantity": field(_sum(_item.received_quantity)),
    },
    _inbound.id,
)


@routes.get("/inbound-shipments")
def list_inbound_shipments(call: Call) -> Answer:
    """All inbound shipments, the latest change first."""
    return page(newest_first(call), INBOUND, present=_present)


@routes.get("/inbound-shipments/{id}")
def get_inbound_shipment(call: Call) -> Answer:
    """One inbound shipment."""
    wanted = _inbound.id == call.id("id", WHAT)
    return data(_present(call.connection, [get_row(call.connection, inbound_shipments, WHAT, wanted)])[0])


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    ids = [row["id"] for row in rows]
    query = select(inbound_shipment_items).where(_item.inbound_shipment_id.in_(ids)).order_by(_item.id)
    items: dict[int, list[Record]] = {}
    for item in records(connection, query):
        items.setdefault(item.pop("inbound_shipment_id"), []).append(item)
    return [_shown(row, items.get(row["id"], [])) for row in rows]


def _shown(row: Record, items: list[Record]) -> dict[str, Any]:
    number = row["external_po_number"]
    return {
        **{name: row[name] for name in _OWN},
        **{name: moment(row[name]) for name in _DAYS},
        **dict.fromkeys(_UNUSED),
        "status": row["external_status"],
        "tracking_number": next(iter(row["external_tracking_numbers"] or []), None),
        "expected_date": row["external_expected_arrival_date"],
        "purchase_order_shipment_id": row["shipment_id"],
        "external_po_number_canonical": number.lower() if number else None,
        "total_expected_quantity": sum((item["expected_quantity"] for item in items), Decimal(0)),
        "total_received_quantity": sum((item["received_quantity"] for item in items), Decimal(0)),
        "total_unit_cost": sum((item["unit_cost"] or ZERO for item in items), ZERO),
        "items": items,
    }
