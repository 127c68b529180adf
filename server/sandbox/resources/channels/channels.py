"""Channels: where orders come from and go to."""

from typing import Any

from sqlalchemy import delete, insert, update

from server.sandbox.filters import page
from server.sandbox.resources.channels import products, rules
from server.sandbox.resources.channels.record import ACTIVE, CHANNELS, OWNER, present, show
from server.sandbox.rows import Record, get_row, insert_row
from server.sandbox.shapes import Flag, Many, Shape, required
from server.sandbox.tables.about import taggings
from server.sandbox.tables.channels import channels
from server.sandbox.wire import Answer, Call, Routes, created, data, done, invalid

routes = Routes()

CALLER = 1
"""The user the token belongs to."""

LOCK = Shape({"apiLocked": required(Flag())})
SYNC = Shape({"items": required(Many(rules.PRODUCT, maximum=rules.MOST_PRODUCTS))})

_LIVE = channels.c.deleted_at.is_(None)


@routes.get("/channels")
def list_channels(call: Call) -> Answer:
    """The channels that are not deleted."""
    return page(call, CHANNELS, _LIVE, present=present)


@routes.get("/channels/{channelId}")
def get_channel(call: Call) -> Answer:
    """One channel, locked or not."""
    return data(show(call.connection, _load(call)["id"]))


@routes.post("/channels")
def create_channel(call: Call) -> Answer:
    """Create a channel of any type, unlocked."""
    return _create(call, rules.NEW.check(call.json()))


@routes.post("/channels/sales")
def create_sales_channel(call: Call) -> Answer:
    """Create a sales channel in the old way."""
    return _create(call, {**rules.NEW_SALES.check(call.json()), "channelType": rules.SALES})


@routes.put("/channels/{channelId}")
def update_channel(call: Call) -> Answer:
    """Change what is sent, but never the type."""
    channel = _load(call)
    rules.check_unlocked(channel)
    body = call.json()
    if body.get("channelType", channel["channel_type"]) != channel["channel_type"]:
        raise invalid({"channelType": "The channelType cannot be changed."})
    sent = rules.CHANGE.check(body, partial=True)
    changed = rules.stored(sent)
    rules.check(call.connection, {**channel, **changed}, sent)
    _change(call, channel["id"], changed)
    _replace_tags(call, channel["id"], sent)
    return data(show(call.connection, channel["id"]))


@routes.delete("/channels/{channelId}")
def delete_channel(call: Call) -> Answer:
    """Take a channel out of use; its orders keep naming it, its label is free again."""
    channel = _load(call)
    rules.check_unlocked(channel)
    _change(call, channel["id"], {"deleted_at": call.now})
    return done("Channel deleted.")


@routes.patch("/channels/{channelId}/lock")
def lock_channel(call: Call) -> Answer:
    """Keep the API from changing the channel; there is no way back through the API."""
    channel = _load(call)
    if not LOCK.check(call.json())["apiLocked"]:
        raise invalid({"apiLocked": "A channel can be unlocked in the app only."})
    if not channel["api_locked"]:
        _change(call, channel["id"], {"api_locked": True})
    return data(show(call.connection, channel["id"]))


@routes.post("/channels/{channelId}/integration-products")
def sync_products(call: Call) -> Answer:
    """Say which products the channel's SKUs stand for."""
    channel = _load(call)
    rules.check_unlocked(channel)
    items = SYNC.check(call.json())["items"]
    return data(products.sync(call, channel, items, "items"))


def _create(call: Call, sent: dict[str, Any]) -> Answer:
    own = rules.stored(sent)
    rules.check(call.connection, own, sent)
    blank: dict[str, Any] = {"filters": {}, "restrictions": {}, "fees": {}, "metafields": []}
    made = {
        "status": ACTIVE,
        "created_by": CALLER,
        "updated_by": CALLER,
        "created_at": call.now,
        "updated_at": call.now,
    }
    channel_id = insert_row(call.connection, channels, {**blank, **own, **made})
    _replace_tags(call, channel_id, sent)
    items = sent.get("integrationProducts") or []
    products.sync(call, {**own, "id": channel_id}, items, "integrationProducts")
    return created(show(call.connection, channel_id))


def _load(call: Call) -> Record:
    what = "Channel"
    return get_row(call.connection, channels, what, channels.c.id == call.id("channelId", what), _LIVE)


def _change(call: Call, channel_id: int, values: dict[str, Any]) -> None:
    changed = {**values, "updated_by": CALLER, "updated_at": call.now}
    call.connection.execute(update(channels).where(channels.c.id == channel_id).values(changed))


def _replace_tags(call: Call, channel_id: int, sent: dict[str, Any]) -> None:
    if "tagIds" not in sent:
        return
    old = (taggings.c.owner == OWNER) & (taggings.c.owner_id == channel_id)
    call.connection.execute(delete(taggings).where(old))
    rows = [
        {"owner": OWNER, "owner_id": channel_id, "tag_id": tag_id} for tag_id in dict.fromkeys(sent["tagIds"] or [])
    ]
    if rows:
        call.connection.execute(insert(taggings), rows)
