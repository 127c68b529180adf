"""A channel as the API shows it, and what lists can be narrowed by. The wire speaks camelCase."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, Connection, Integer, func, select, type_coerce

from server.sandbox.filters import NUMBER, Field, Listing, field
from server.sandbox.resources.tagging import tag_field, tags_of
from server.sandbox.rows import Record, records
from server.sandbox.tables.channels import channels
from server.sandbox.tables.integrations import integration_accounts, integration_mappings
from server.sandbox.tables.stock import warehouse_groups

OWNER = "channel"
"""Under which tags belong to channels."""
ACTIVE = 1

COLUMNS = {
    "id": "id",
    "label": "label",
    "description": "description",
    "channelType": "channel_type",
    "apiLocked": "api_locked",
    "warehouseGroupId": "warehouse_group_id",
    "status": "status",
    "isPOSChannel": "is_pos_channel",
    "isCustomerSpecific": "is_customer_specific",
    "pullOrdersFromOms": "pull_orders",
    "getProductsEnabled": "get_products",
    "pushInventoryEnabled": "push_stocks",
    "includeIncomingStocksEnabled": "include_incoming_stocks",
    "pullStocksEnabled": "pull_stocks",
    "pullShipmentsEnabled": "pull_shipments",
    "pushIncomingStocksFromSupplierPurchaseOrderEnabled": "push_incoming_stocks",
    "pushStocksAppIntegrationAccountId": "push_stocks_account_id",
    "isDropship": "is_dropship",
    "dropshipSupplierId": "dropship_supplier_id",
    "dropshipPoDeliveryType": "dropship_po_delivery_type",
    "dropshipPoDeliveryWarehouseId": "dropship_po_delivery_warehouse_id",
    "dropshipAutoCreatePo": "dropship_auto_create_po",
    "dropshipAutoSendPo": "dropship_auto_send_po",
    "dropshipInventoryNotTracked": "dropship_inventory_not_tracked",
    "autoPushOrderAfterMinutes": "auto_push_order_after_minutes",
    "autoPushMode": "auto_push_mode",
    "createdBy": "created_by",
    "updatedBy": "updated_by",
}
"""The columns that are shown as they are, by their names on the wire."""

OBJECTS = ("filters", "restrictions", "fees", "metafields")

LINKS = {
    "pullOrder": ("pull_orders", "pull_order_account_id", "pull_order_store_id", "pull_order_mapping_id"),
    "pushOrder": ("push_orders", "push_order_account_id", "push_order_store_id", "push_order_mapping_id"),
    "pushStock": ("push_stocks", "push_stocks_account_id", None, "push_stock_mapping_id"),
    "pushCost": ("push_costs", "push_stocks_account_id", None, "push_cost_mapping_id"),
}
"""What a channel exchanges with other systems: its switch, account, store and integration mapping."""

_SOURCE = integration_accounts.alias("source")
_ROWS = select(channels, _SOURCE.c.app.label("store_type")).outerjoin(
    _SOURCE, _SOURCE.c.id == channels.c.pull_order_account_id
)


def _seconds(name: str) -> Field:
    return Field(type_coerce(func.unixepoch(channels.c[name]), Integer), NUMBER)


CHANNELS = Listing(
    _ROWS,
    {
        **{name: field(channels.c[column]) for name, column in COLUMNS.items()},
        "enabled": field(type_coerce(channels.c.status == ACTIVE, Boolean)),
        "storeType": field(_SOURCE.c.app),
        "createdAt": _seconds("created_at"),
        "updatedAt": _seconds("updated_at"),
        "tag": tag_field(OWNER, channels.c.id),
    },
    channels.c.id,
)


def show(connection: Connection, channel_id: int) -> dict[str, Any]:
    """One channel."""
    return present(connection, records(connection, _ROWS.where(channels.c.id == channel_id)))[0]


def present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Channels with their warehouse group, links and tags."""
    tags = tags_of(connection, OWNER, [row["id"] for row in rows])
    groups = _named(connection, warehouse_groups, {row["warehouse_group_id"] for row in rows})
    links = list(LINKS.values())
    accounts = _named(connection, integration_accounts, {row[account] for row in rows for _, account, _, _ in links})
    mappings = _named(connection, integration_mappings, {row[mapping] for row in rows for *_, mapping in links})
    return [
        {
            **{name: row[column] for name, column in COLUMNS.items()},
            "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"channel {row['id']}")),
            "enabled": row["status"] == ACTIVE,
            "storeType": row["store_type"],
            "warehouseGroup": groups.get(row["warehouse_group_id"]),
            **_links(row, accounts, mappings),
            **{name: row[name] for name in OBJECTS},
            # What the channel logs in with is kept, and never shown.
            "credentials": {},
            "tags": tags.get(row["id"], []),
            "createdAt": int(row["created_at"].timestamp()),
            "updatedAt": int(row["updated_at"].timestamp()),
            "updated_at": row["updated_at"],
        }
        for row in rows
    ]


Named = dict[int, dict[str, Any]]
"""What is shown of other records, by id."""


def _named(connection: Connection, table: Any, ids: set[int | None]) -> Named:
    shown = [table.c[name] for name in ("id", "name", "description", "app", "type") if name in table.c]
    wanted = sorted(row_id for row_id in ids if row_id is not None)
    return {row["id"]: row for row in records(connection, select(*shown).where(table.c.id.in_(wanted)))}


def _links(row: Record, accounts: Named, mappings: Named) -> dict[str, Any]:
    links = {name: _link(row, name, accounts, mappings) for name in LINKS}
    present_ones = [{"purpose": name, **link} for name, link in links.items() if link]
    named = {f"{name}IntegrationMapping": link for name, link in links.items()}
    return {**named, "channelIntegrationMapping": present_ones}


def _link(row: Record, name: str, accounts: Named, mappings: Named) -> dict[str, Any] | None:
    switch, account, store, mapping = LINKS[name]
    if row[account] is None or (name == "pushCost" and not row[switch]):
        return None
    link = {
        "enabled": row[switch],
        "appIntegrationAccountId": row[account],
        "appIntegrationAccount": accounts.get(row[account]),
        "omsStoreId": row[store] if store else None,
        "integrationMapping": mappings.get(row[mapping]),
    }
    return {**link, "options": row["pull_order_options"]} if name == "pullOrder" else link
