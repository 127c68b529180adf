"""Channels: where orders come from and go to, and which of their SKUs stands for which product."""

from sqlalchemy import JSON, Column, ForeignKey, Integer, UniqueConstraint

from server.sandbox.tables.base import Instant, flag, key, ref, stamps, table, text


def _mapping(name: str) -> Column[int]:
    """An integration mapping; deleted channels give up theirs when it goes."""
    return Column(name, Integer, ForeignKey("integration_mappings.id", ondelete="SET NULL"), index=True)


channels = table(
    "channels",
    key(),
    text("label", nullable=False, index=True),
    text("description"),
    text("channel_type", nullable=False, index=True),
    flag("api_locked"),
    Column("warehouse_group_id", Integer, ForeignKey("warehouse_groups.id", ondelete="SET NULL"), index=True),
    Column("status", Integer, nullable=False),
    *map(flag, ("is_pos_channel", "is_customer_specific")),
    flag("pull_orders"),
    ref("pull_order_account_id", "integration_accounts", nullable=True),
    text("pull_order_store_id"),
    Column("pull_order_options", JSON),
    _mapping("pull_order_mapping_id"),
    flag("push_orders"),
    ref("push_order_account_id", "integration_accounts", nullable=True),
    text("push_order_store_id"),
    _mapping("push_order_mapping_id"),
    flag("push_stocks"),
    ref("push_stocks_account_id", "integration_accounts", nullable=True),
    _mapping("push_stock_mapping_id"),
    flag("push_costs"),
    _mapping("push_cost_mapping_id"),
    *map(flag, ("get_products", "include_incoming_stocks", "push_incoming_stocks", "pull_stocks", "pull_shipments")),
    flag("is_dropship"),
    ref("dropship_supplier_id", "suppliers", nullable=True),
    flag("dropship_inventory_not_tracked"),
    text("dropship_po_delivery_type"),
    Column("dropship_po_delivery_warehouse_id", Integer),
    *map(flag, ("dropship_auto_create_po", "dropship_auto_send_po")),
    Column("auto_push_order_after_minutes", Integer),
    text("auto_push_mode"),
    *(Column(name, JSON, nullable=False) for name in ("filters", "restrictions", "fees", "metafields")),
    Column("created_by", Integer, nullable=False),
    Column("updated_by", Integer, nullable=False),
    Column("deleted_at", Instant),
    *stamps(),
)
"""Deleted channels stay, for the orders that came through them."""

channel_products = table(
    "channel_products",
    key(),
    ref("channel_id", "channels"),
    text("channel_sku", nullable=False),
    ref("product_id", "products", cascade=True),
    *stamps(),
    UniqueConstraint("channel_id", "channel_sku"),
)
"""Which product a SKU of the channel stands for."""
