"""Custom fields of records of any kind."""

from sqlalchemy import update

from server.sandbox.resources.metadata.fields import changes, definitions, set_values, show_value, touched, values_of
from server.sandbox.resources.metadata.kinds import Kind, record_of
from server.sandbox.wire import Answer, Call, Routes, data

routes = Routes()


@routes.get("/{recordType}/{recordId}/custom-fields")
def get_custom_field_values(call: Call) -> Answer:
    """The record's custom fields by label, the empty ones among them."""
    kind, _ = record_of(call)
    return _show(call, kind)


@routes.put("/{recordType}/{recordId}/custom-fields")
def update_custom_field_values(call: Call) -> Answer:
    """Set the custom fields that are sent, by label; null or an empty text takes a value away."""
    kind, record = record_of(call)
    known = definitions(call.connection)
    changed = changes(known, kind, call.json())
    set_values(call.connection, kind, record, changed, {row["id"]: row["label"] for row in known})
    if stamps := touched(kind, call.now):
        call.connection.execute(update(kind.table).where(kind.table.c.id == record["id"]).values(stamps))
    return _show(call, kind)


def _show(call: Call, kind: Kind) -> Answer:
    _, record = record_of(call)
    kept = values_of(call.connection, kind, record)
    known = {row["label"]: row for row in definitions(call.connection)}
    empty = {label: None for label, row in known.items() if kind.name in row["object_types"]}
    shown = {label: show_value(known[label], value) if label in known else value for label, value in kept.items()}
    return data({**empty, **shown})
