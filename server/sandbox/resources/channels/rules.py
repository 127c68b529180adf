"""What a channel may be: the fields of its bodies, and the conditions between them."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from server.sandbox.rows import Record, find_row
from server.sandbox.shapes import COMPUTED, Choice, Flag, Free, Key, Many, Shape, Text, Whole, optional, required
from server.sandbox.tables.about import tags
from server.sandbox.tables.channels import channels
from server.sandbox.tables.integrations import integration_accounts
from server.sandbox.tables.parties import suppliers
from server.sandbox.tables.stock import warehouse_groups
from server.sandbox.wire import Errors, WireError, invalid

SALES, FULFILLMENT, END_TO_END = "sales_channel", "fulfillment_channel", "end_to_end_channel"
TYPES = (SALES, FULFILLMENT, END_TO_END)
SELLING = (SALES, END_TO_END)
SHIPPING = (FULFILLMENT, END_TO_END)

MOST_PRODUCTS = 500
"""SKUs of one request."""

STORED = {
    "label": "label",
    "description": "description",
    "channelType": "channel_type",
    "warehouseGroupId": "warehouse_group_id",
    "isCustomerSpecific": "is_customer_specific",
    "pullOrdersFromOms": "pull_orders",
    "pullOrderAppIntegrationAccountId": "pull_order_account_id",
    "pullOrderOmsStoreId": "pull_order_store_id",
    "pullOrdersFromOmsOptions": "pull_order_options",
    "pushOrdersToOms": "push_orders",
    "pushOrderAppIntegrationAccountId": "push_order_account_id",
    "pushOrderOmsStoreId": "push_order_store_id",
    "pushStocksToOms": "push_stocks",
    "pushStocksAppIntegrationAccountId": "push_stocks_account_id",
    "pushCostsToOms": "push_costs",
    "isDropship": "is_dropship",
    "dropshipSupplierId": "dropship_supplier_id",
    "dropshipInventoryNotTracked": "dropship_inventory_not_tracked",
}
"""The columns that bodies set, by their names there."""

_SWITCHES = (
    "isCustomerSpecific", "pullOrdersFromOms", "pushOrdersToOms", "pushStocksToOms", "pushCostsToOms", "isDropship",
    "dropshipInventoryNotTracked",
)  # fmt: skip
_REFERENCES = (
    "warehouseGroupId", "pullOrderAppIntegrationAccountId", "pushOrderAppIntegrationAccountId",
    "pushStocksAppIntegrationAccountId", "dropshipSupplierId",
)  # fmt: skip

PRODUCT = Shape(
    {
        "channelSku": required(Text()),
        "luminousSku": optional(Text()),
        "productId": optional(Whole(minimum=1)),
        "delete": optional(Flag(), nullable=False),
    }
)

_keys: dict[str, Key] = {
    "label": required(Text()),
    "description": optional(Text(max_length=5000)),
    **{name: optional(Flag(), nullable=False) for name in _SWITCHES},
    **{name: optional(Whole(minimum=1)) for name in _REFERENCES},
    "pullOrderOmsStoreId": optional(Text()),
    "pushOrderOmsStoreId": optional(Text()),
    "pullOrdersFromOmsOptions": optional(Free()),
    "tagIds": optional(Many(Whole(minimum=1), maximum=100)),
}
_products: dict[str, Key] = {"integrationProducts": optional(Many(PRODUCT, maximum=MOST_PRODUCTS))}

NEW = Shape({"channelType": required(Choice(TYPES)), **_keys, **_products}, computed=COMPUTED)
NEW_SALES = Shape({**_keys, "warehouseGroupId": required(Whole(minimum=1))}, computed=COMPUTED)
CHANGE = Shape(_keys, computed=COMPUTED)

REFERS = {
    "warehouse_group_id": (warehouse_groups, "warehouse group"),
    "pull_order_account_id": (integration_accounts, "integration account"),
    "push_order_account_id": (integration_accounts, "integration account"),
    "push_stocks_account_id": (integration_accounts, "integration account"),
    "dropship_supplier_id": (suppliers, "supplier"),
}
"""What a column names, and what that is called."""

ON_THE_WIRE = {column: name for name, column in STORED.items()}


def check_unlocked(channel: Record) -> None:
    """Raises 403 for a channel that the API must leave alone."""
    if channel["api_locked"]:
        raise WireError(403, f"Channel {channel['id']} is locked for the API. Unlock it in the app first.")


def stored(sent: dict[str, Any]) -> dict[str, Any]:
    """The columns that a body sets."""
    return {column: sent[name] for name, column in STORED.items() if name in sent}


def check(connection: Connection, channel: dict[str, Any], sent: dict[str, Any]) -> None:
    """Whether the channel may be as it is after what was sent. Raises 422 with every fault."""
    errors: Errors = {}
    _check_label(connection, channel, errors)
    _check_references(connection, channel, errors)
    _check_tags(connection, sent.get("tagIds") or [], errors)
    _check_kind(channel, errors)
    _check_accounts(connection, channel, errors)
    if errors:
        raise invalid(errors)


def _check_label(connection: Connection, channel: dict[str, Any], errors: Errors) -> None:
    same: list[ColumnElement[bool]] = [
        func.casefold(channels.c.label) == channel["label"].casefold(),
        channels.c.deleted_at.is_(None),
        channels.c.id != channel.get("id", 0),
    ]
    if find_row(connection, channels, *same) is not None:
        errors["label"] = ["The label has already been taken."]


def _check_references(connection: Connection, channel: dict[str, Any], errors: Errors) -> None:
    for column, (table, what) in REFERS.items():
        target = channel.get(column)
        if target is not None and find_row(connection, table, table.c.id == target) is None:
            name = ON_THE_WIRE[column]
            errors[name] = [f"The {name} is no known {what}."]


def _check_tags(connection: Connection, ids: list[int], errors: Errors) -> None:
    known = set(connection.execute(select(tags.c.id).where(tags.c.id.in_(ids))).scalars())
    for index, tag_id in enumerate(ids):
        if tag_id not in known:
            errors[f"tagIds.{index}"] = [f"The tagIds.{index} is no known tag."]


def _check_kind(channel: dict[str, Any], errors: Errors) -> None:
    kind = channel["channel_type"]
    if channel.get("pull_orders") and kind not in SELLING:
        errors["pullOrdersFromOms"] = [f"A {kind} takes no orders from an OMS."]
    if channel.get("push_orders") and kind not in SHIPPING:
        errors["pushOrdersToOms"] = [f"A {kind} sends no orders to an OMS."]
    untracked = channel.get("is_dropship") and channel.get("dropship_inventory_not_tracked")
    if channel.get("warehouse_group_id") is None and (kind == SALES or not untracked):
        errors["warehouseGroupId"] = [f"The warehouseGroupId is required for this {kind}."]


def _check_accounts(connection: Connection, channel: dict[str, Any], errors: Errors) -> None:
    for switch, account in (
        ("pull_orders", "pull_order_account_id"),
        ("push_orders", "push_order_account_id"),
        ("push_stocks", "push_stocks_account_id"),
    ):
        if channel.get(switch) and channel.get(account) is None:
            name = ON_THE_WIRE[account]
            errors.setdefault(name, [f"The {name} is required with {ON_THE_WIRE[switch]}."])
    if channel.get("pull_orders") and not channel.get("pull_order_store_id"):
        source = channel.get("pull_order_account_id")
        account_row = find_row(connection, integration_accounts, integration_accounts.c.id == source)
        if account_row is not None and account_row["needs_store_id"]:
            errors["pullOrderOmsStoreId"] = [f"The pullOrderOmsStoreId is required for {account_row['name']}."]
