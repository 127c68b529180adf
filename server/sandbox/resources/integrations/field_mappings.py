"""Field mappings: which external value stands for which value of the company's own."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, tuple_, update

from server.sandbox.filters import Listing, fields, page
from server.sandbox.resources.integrations.accounts import ACCOUNT
from server.sandbox.resources.integrations.vocabulary import FIELDS, GROUP_OF, GROUPS
from server.sandbox.rows import Record, get_row, insert_row, records
from server.sandbox.shapes import COMPUTED, Choice, Flag, Key, Many, Shape, Text, Whole, optional, required
from server.sandbox.tables.integrations import field_mappings, integration_accounts
from server.sandbox.wire import Answer, Call, Errors, Routes, created, data, done, invalid

routes = Routes()

MOST = 500
"""Mappings of one bulk request."""
LARGEST_PRIORITY = 10_000

VALUES: dict[str, Key] = {
    "field_name": required(Choice(FIELDS)),
    "luminous_value": required(Text()),
    "external_value": required(Text()),
}

MAPPING = Shape(
    {
        **VALUES,
        ACCOUNT: optional(Whole(minimum=1)),
        "mapping_group": optional(Choice(GROUPS), nullable=False),
        "is_active": optional(Flag(), nullable=False),
        "priority": optional(Whole(maximum=LARGEST_PRIORITY), nullable=False),
        "notes": optional(Text(max_length=5000)),
    },
    computed=COMPUTED,
)
BULK = Shape({"mappings": required(Many(MAPPING, minimum=1, maximum=MOST))})
DOOMED = Shape({"ids": required(Many(Whole(minimum=1), minimum=1, maximum=MOST))})

MAPPINGS = Listing(select(field_mappings), fields(field_mappings.c, *field_mappings.c.keys()), field_mappings.c.id)

Identity = tuple[str, str, str, int | None]
"""What no two mappings have in common: field, both values, account."""


@routes.get("/integration/field-mappings")
def list_field_mappings(call: Call) -> Answer:
    """All field mappings."""
    return page(call, MAPPINGS)


@routes.get("/integration/field-mappings/fields")
def list_field_names(call: Call) -> Answer:
    """The fields that have mappings."""
    return _distinct(call, "field_name")


@routes.get("/integration/field-mappings/groups")
def list_groups(call: Call) -> Answer:
    """The groups that have mappings."""
    return _distinct(call, "mapping_group")


@routes.get("/integration/field-mappings/{id}")
def get_field_mapping(call: Call) -> Answer:
    """One field mapping."""
    return data(_load(call))


@routes.post("/integration/field-mappings")
def create_field_mapping(call: Call) -> Answer:
    """Map one value."""
    return created(add(call, [MAPPING.check(call.json())], [""])[0])


@routes.post("/integration/field-mappings/bulk")
def create_field_mappings(call: Call) -> Answer:
    """Map many values, or none when one of them is wrong."""
    sent = BULK.check(call.json())["mappings"]
    return created(add(call, sent, [f"mappings.{index}." for index in range(len(sent))]))


@routes.put("/integration/field-mappings/{id}")
@routes.post("/integration/field-mappings/{id}")
def update_field_mapping(call: Call) -> Answer:
    """Change a mapping; its field and both values are always sent."""
    stored = _load(call)
    sent = MAPPING.check(call.json())
    changed = {**stored, **sent}
    _check_accounts(call.connection, [changed], [""])
    if identity(changed) != identity(stored) and identity(changed) in known(call.connection, [changed]):
        raise _twice([""])
    values = {**sent, "updated_at": call.now}
    call.connection.execute(update(field_mappings).where(field_mappings.c.id == stored["id"]).values(values))
    return data(_load(call))


@routes.delete("/integration/field-mappings/{id}")
def delete_field_mapping(call: Call) -> Answer:
    """Delete a mapping."""
    call.connection.execute(delete(field_mappings).where(field_mappings.c.id == _load(call)["id"]))
    return done("Field mapping deleted.")


@routes.post("/integration/field-mappings/bulk-delete")
def delete_field_mappings(call: Call) -> Answer:
    """Delete many mappings, or none when one of them is not there."""
    ids = DOOMED.check(call.json())["ids"]
    doomed = field_mappings.c.id.in_(ids)
    there = set(call.connection.execute(select(field_mappings.c.id).where(doomed)).scalars())
    unknown = [f"ids.{index}" for index, mapping_id in enumerate(ids) if mapping_id not in there]
    if unknown:
        raise invalid({path: f"The {path} is no known field mapping." for path in unknown})
    call.connection.execute(delete(field_mappings).where(doomed))
    return done(f"{len(there)} field mappings deleted.")


def add(call: Call, sent: Sequence[dict[str, Any]], paths: Sequence[str]) -> list[Record]:
    """Store new mappings; `paths` is where each stands in the body. Raises 422 for accounts unknown and duplicates."""
    _check_accounts(call.connection, sent, paths)
    seen = known(call.connection, sent)
    twice = []
    for mapping, path in zip(sent, paths, strict=True):
        if identity(mapping) in seen:
            twice.append(path)
        seen.add(identity(mapping))
    if twice:
        raise _twice(twice)
    ids = [insert_row(call.connection, field_mappings, _row(call, mapping)) for mapping in sent]
    query = select(field_mappings).where(field_mappings.c.id.in_(ids)).order_by(field_mappings.c.id)
    return records(call.connection, query)


def _row(call: Call, mapping: dict[str, Any]) -> dict[str, Any]:
    blank = {
        ACCOUNT: None,
        "mapping_group": GROUP_OF[mapping["field_name"]],
        "is_active": True,
        "priority": 0,
        "notes": None,
    }
    return {**blank, **mapping, "created_at": call.now, "updated_at": call.now}


def identity(mapping: dict[str, Any]) -> Identity:
    """What tells the mapping from others."""
    return (mapping["field_name"], mapping["luminous_value"], mapping["external_value"], mapping.get(ACCOUNT))


def known(connection: Connection, mappings: Iterable[dict[str, Any]]) -> set[Identity]:
    """What is mapped already among the same fields and values."""
    stored = field_mappings.c
    values = [(mapping["field_name"], mapping["luminous_value"]) for mapping in mappings]
    query = select(
        stored.field_name, stored.luminous_value, stored.external_value, stored.app_integration_account_id
    ).where(tuple_(stored.field_name, stored.luminous_value).in_(values))
    return {(row[0], row[1], row[2], row[3]) for row in connection.execute(query)}


def _twice(paths: Iterable[str]) -> Exception:
    return invalid({f"{path}external_value": "The value is mapped like this already." for path in paths})


def _check_accounts(connection: Connection, mappings: Sequence[dict[str, Any]], paths: Sequence[str]) -> None:
    ids = {mapping[ACCOUNT] for mapping in mappings if mapping.get(ACCOUNT) is not None}
    there = set(
        connection.execute(select(integration_accounts.c.id).where(integration_accounts.c.id.in_(ids))).scalars()
    )
    errors: Errors = {
        f"{path}{ACCOUNT}": [f"The {path}{ACCOUNT} is no known integration account."]
        for mapping, path in zip(mappings, paths, strict=True)
        if mapping.get(ACCOUNT) is not None and mapping[ACCOUNT] not in there
    }
    if errors:
        raise invalid(errors)


def _load(call: Call) -> Record:
    what = "Field mapping"
    return get_row(call.connection, field_mappings, what, field_mappings.c.id == call.id("id", what))


def _distinct(call: Call, name: str) -> Answer:
    column = field_mappings.c[name]
    return data(list(call.connection.execute(select(column).distinct().order_by(column)).scalars()))
