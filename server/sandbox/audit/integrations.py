"""Field mappings and channels: nothing is mapped twice, and channels have what their kind needs."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from server.sandbox.audit.sums import rows
from server.sandbox.tables.channels import channel_products, channels
from server.sandbox.tables.integrations import field_mappings

NEEDED = {
    "pull_orders": "pull_order_account_id",
    "push_orders": "push_order_account_id",
    "push_stocks": "push_stocks_account_id",
}
"""The account that each switch of a channel needs."""


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the channels and what connects them."""
    yield from _field_mappings(connection)
    yield from _channels(connection)
    yield from _channel_products(connection)


def _field_mappings(connection: Connection) -> Iterator[str]:
    mapped = field_mappings.c
    identity = (mapped.field_name, mapped.luminous_value, mapped.external_value, mapped.app_integration_account_id)
    query = select(func.min(mapped.id)).group_by(*identity).having(func.count() > 1)
    for mapping_id in connection.execute(query.order_by(func.min(mapped.id))).scalars():
        yield f"Field mapping {mapping_id}: there is another one that says the same."


def _channels(connection: Connection) -> Iterator[str]:
    labels: set[str] = set()
    for channel in rows(connection, channels):
        name = f"Channel {channel['id']}"
        if channel["deleted_at"] is not None:
            continue
        if channel["label"].casefold() in labels:
            yield f"{name}: another channel has its label."
        labels.add(channel["label"].casefold())
        for switch, account in NEEDED.items():
            if channel[switch] and channel[account] is None:
                yield f"{name}: {switch} is on without an account."
        untracked = channel["is_dropship"] and channel["dropship_inventory_not_tracked"]
        if channel["warehouse_group_id"] is None and (channel["channel_type"] == "sales_channel" or not untracked):
            yield f"{name}: it has no warehouse group."
        if channel["pull_orders"] and channel["channel_type"] == "fulfillment_channel":
            yield f"{name}: it takes orders, and only ships."
        if channel["push_orders"] and channel["channel_type"] == "sales_channel":
            yield f"{name}: it sends orders on, and only sells."


def _channel_products(connection: Connection) -> Iterator[str]:
    query = (
        select(channel_products.c.id)
        .join(channels, channels.c.id == channel_products.c.channel_id)
        .where(channels.c.channel_type == "fulfillment_channel")
        .order_by(channel_products.c.id)
    )
    for row_id in connection.execute(query).scalars():
        yield f"Channel SKU {row_id}: its channel sells nothing."
