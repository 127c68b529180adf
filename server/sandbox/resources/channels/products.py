"""Which product a SKU of a channel stands for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from server.sandbox.resources.channels.rules import SELLING
from server.sandbox.resources.products.lookup import product_by_id, product_by_sku
from server.sandbox.rows import Record, insert_row, records
from server.sandbox.tables.channels import channel_products
from server.sandbox.wire import Call, Errors, invalid

CREATED, UPDATED, UNCHANGED, DELETED = "created", "updated", "unchanged", "deleted"


def sync(call: Call, channel: Record, items: Sequence[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """Carry out all items, or none when one is wrong; what became of each. Raises 422 below `path`."""
    if items and channel["channel_type"] not in SELLING:
        raise invalid({path: f"A {channel['channel_type']} has no SKUs of its own."})
    mapped = _mapped(call.connection, channel["id"], [item["channelSku"] for item in items])
    targets = _targets(call.connection, items, mapped, path)
    return [
        _apply(call, channel["id"], item, mapped.get(item["channelSku"]), product)
        for item, product in zip(items, targets, strict=True)
    ]


def _mapped(connection: Connection, channel_id: int, skus: list[str]) -> dict[str, Record]:
    stored = channel_products.c
    query = select(channel_products).where(stored.channel_id == channel_id, stored.channel_sku.in_(skus))
    return {row["channel_sku"]: row for row in records(connection, query)}


def _targets(
    connection: Connection, items: Sequence[dict[str, Any]], mapped: dict[str, Record], path: str
) -> list[Record | None]:
    """The product of each item, none for those to be deleted."""
    errors: Errors = {}
    seen: set[str] = set()
    targets = []
    for index, item in enumerate(items):
        place, sku = f"{path}.{index}", item["channelSku"]
        if sku in seen:
            errors[f"{place}.channelSku"] = [f"The {place}.channelSku comes twice."]
        elif item.get("delete") and sku not in mapped:
            errors[f"{place}.channelSku"] = [f"The {place}.channelSku is not mapped."]
        seen.add(sku)
        targets.append(None if item.get("delete") else _product(connection, item, place, errors))
    if errors:
        raise invalid(errors)
    return targets


def _product(connection: Connection, item: dict[str, Any], place: str, errors: Errors) -> Record | None:
    product_id, sku = item.get("productId"), item.get("luminousSku")
    name = "luminousSku" if product_id is None else "productId"
    if product_id is None and sku is None:
        errors[f"{place}.luminousSku"] = [f"The {place}.luminousSku is required."]
        return None
    found = product_by_id(connection, product_id) if product_id is not None else product_by_sku(connection, str(sku))
    if found is None:
        errors[f"{place}.{name}"] = [f"The {place}.{name} is no known product."]
    return found


def _apply(
    call: Call, channel_id: int, item: dict[str, Any], stored: Record | None, product: Record | None
) -> dict[str, Any]:
    own = channel_products.c
    product_id = product["id"] if product else None
    if stored is None:
        outcome = CREATED
        row = {"channel_id": channel_id, "channel_sku": item["channelSku"], "product_id": product_id}
        insert_row(call.connection, channel_products, {**row, "created_at": call.now, "updated_at": call.now})
    elif product is None:
        outcome = DELETED
        call.connection.execute(delete(channel_products).where(own.id == stored["id"]))
    elif stored["product_id"] == product_id:
        outcome = UNCHANGED
    else:
        outcome = UPDATED
        changed = {"product_id": product_id, "updated_at": call.now}
        call.connection.execute(update(channel_products).where(own.id == stored["id"]).values(changed))
    return {
        "channelSku": item["channelSku"],
        "luminousSku": product["sku"] if product else None,
        "productId": product_id,
        "outcome": outcome,
    }
