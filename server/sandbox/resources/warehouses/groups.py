"""Warehouse groups: warehouses that serve channels together."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, update

from server.sandbox.filters import Listing, fields, page
from server.sandbox.resources.warehouses.warehouses import LIVE
from server.sandbox.rows import Record, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Many, Shape, Text, Whole, optional, required
from server.sandbox.tables.channels import channels
from server.sandbox.tables.stock import warehouse_group_members, warehouse_groups, warehouses
from server.sandbox.wire import Answer, Call, Routes, conflict, created, data, done, invalid

routes = Routes()

GROUP = Shape(
    {
        "name": required(Text()),
        "description": optional(Text(max_length=1000)),
        "warehouse_ids": optional(Many(Whole(minimum=1))),
    },
    computed=COMPUTED,
)

WAREHOUSE_GROUPS = Listing(
    select(warehouse_groups), fields(warehouse_groups.c, *warehouse_groups.c.keys()), warehouse_groups.c.id
)


@routes.get("/warehouse-groups")
def list_warehouse_groups(call: Call) -> Answer:
    """All groups with their warehouses."""
    return page(call, WAREHOUSE_GROUPS, present=_present)


@routes.get("/warehouse-groups/{id}")
def get_warehouse_group(call: Call) -> Answer:
    """One group."""
    return data(_show(call.connection, _load(call)))


@routes.post("/warehouse-groups")
def create_warehouse_group(call: Call) -> Answer:
    """Create a group, with warehouses if they are sent."""
    sent = _read(call)
    row = {**_own(sent), "created_at": call.now, "updated_at": call.now}
    group_id = insert_row(call.connection, warehouse_groups, row)
    _replace_members(call.connection, group_id, sent)
    return created(_show(call.connection, group_id))


@routes.put("/warehouse-groups/{id}")
def update_warehouse_group(call: Call) -> Answer:
    """Change what is sent; warehouses that are sent replace those of the group."""
    group_id = _load(call)
    sent = _read(call, partial=True)
    changed = {**_own(sent), "updated_at": call.now}
    call.connection.execute(update(warehouse_groups).where(warehouse_groups.c.id == group_id).values(changed))
    _replace_members(call.connection, group_id, sent)
    return data(_show(call.connection, group_id))


@routes.delete("/warehouse-groups/{id}")
def delete_warehouse_group(call: Call) -> Answer:
    """Delete a group that no channel is served from; its warehouses stay."""
    group_id = _load(call)
    serves = exists().where(channels.c.warehouse_group_id == group_id, channels.c.deleted_at.is_(None))
    if call.connection.execute(select(serves)).scalar_one():
        raise conflict(f"Warehouse group {group_id} serves a channel.")
    call.connection.execute(delete(warehouse_groups).where(warehouse_groups.c.id == group_id))
    return done("Warehouse group deleted.")


def _load(call: Call) -> int:
    group_id = call.id("id", "Warehouse group")
    get_row(call.connection, warehouse_groups, "Warehouse group", warehouse_groups.c.id == group_id)
    return group_id


def _read(call: Call, *, partial: bool = False) -> dict[str, Any]:
    sent = GROUP.check(call.json(), partial=partial)
    ids = sent.get("warehouse_ids") or []
    query = select(warehouses.c.id).where(LIVE, warehouses.c.id.in_(ids))
    known = set(call.connection.execute(query).scalars())
    paths = [f"warehouse_ids.{index}" for index, warehouse_id in enumerate(ids) if warehouse_id not in known]
    if paths:
        raise invalid({path: f"The {path} is no known warehouse." for path in paths})
    return sent


def _own(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name in warehouse_groups.c}


def _replace_members(connection: Connection, group_id: int, sent: dict[str, Any]) -> None:
    if "warehouse_ids" not in sent:
        return
    member = warehouse_group_members
    connection.execute(delete(member).where(member.c.warehouse_group_id == group_id))
    ids = dict.fromkeys(sent["warehouse_ids"] or [])
    if ids:
        rows = [{"warehouse_group_id": group_id, "warehouse_id": warehouse_id} for warehouse_id in ids]
        connection.execute(insert(member), rows)


def _show(connection: Connection, group_id: int) -> dict[str, Any]:
    rows = records(connection, select(warehouse_groups).where(warehouse_groups.c.id == group_id))
    return _present(connection, rows)[0]


def _present(connection: Connection, rows: Sequence[Record]) -> list[dict[str, Any]]:
    member = warehouse_group_members.c
    query = (
        select(member.warehouse_group_id, warehouses.c.id, warehouses.c.name, warehouses.c.status)
        .join(warehouses, warehouses.c.id == member.warehouse_id)
        .where(LIVE, member.warehouse_group_id.in_([row["id"] for row in rows]))
        .order_by(warehouses.c.id)
    )
    members: dict[int, list[Record]] = {}
    for row in records(connection, query):
        members.setdefault(row.pop("warehouse_group_id"), []).append(row)
    return [{**row, "warehouses": members.get(row["id"], [])} for row in rows]
