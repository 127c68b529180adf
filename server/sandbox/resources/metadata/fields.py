"""Custom fields: what their definitions say about values, and where the values of records are kept."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, FromClause, Select, delete, func, insert, select, true, update

from server.sandbox.resources.metadata.kinds import KINDS, Kind
from server.sandbox.rows import Record, records
from server.sandbox.shapes import Choice, Day, Fault, Number, Reader, Text
from server.sandbox.tables.custom_fields import custom_field_definitions, custom_field_values
from server.sandbox.wire import Errors, as_decimal, invalid

NUMBER, DATE, STRING, DROPDOWN = TYPES = ("number", "date", "string", "dropdown")

LONGEST_VALUE = 5000

_NUMBER = Number(places=6, minimum=None, maximum=Decimal(1_000_000_000_000))

Values = dict[str, Any]
"""Values as they are kept, by label."""


def definitions(connection: Connection) -> list[Record]:
    """All definitions."""
    return records(connection, select(custom_field_definitions).order_by(custom_field_definitions.c.id))


def read_value(definition: Record, value: Any) -> Any:
    """A value as it is kept. Raises Fault for one that does not fit the definition."""
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        raise Fault(f"The {{name}} must be a {definition['type']}.")
    read = _reader(definition).read(value, definition["label"], {})
    if definition["type"] == NUMBER:
        return f"{read.normalize():f}"
    return read.isoformat() if definition["type"] == DATE else read


def _reader(definition: Record) -> Reader:
    options = definition["options"]
    if definition["type"] == DROPDOWN:
        return Choice(options["choices"])
    if definition["type"] == STRING:
        return Text(options.get("maxLength", LONGEST_VALUE), options.get("minLength", 0))
    return _NUMBER if definition["type"] == NUMBER else Day()


def show_value(definition: Record, value: Any) -> Any:
    """A kept value as the API shows it: numbers are numbers."""
    if definition["type"] == NUMBER and isinstance(value, str):
        return as_decimal(value) or value
    return value


def checked(connection: Connection, kind_name: str, sent: Mapping[str, Any], path: str = "custom_fields") -> Values:
    """Custom fields out of a record's body, those with a definition as it wants them. Raises 422."""
    known = {row["label"]: row for row in definitions(connection) if kind_name in row["object_types"]}
    kept, errors = dict(sent), Errors()
    for label in known.keys() & sent.keys():
        if sent[label] is not None:
            _read_into(kept, known[label], sent[label], f"{path}.{label}", errors)
    if errors:
        raise invalid(dict(sorted(errors.items())))
    return kept


def _read_into(kept: Values, definition: Record, value: Any, path: str, errors: Errors) -> None:
    try:
        kept[definition["label"]] = read_value(definition, value)
    except Fault as fault:
        errors[path] = [str(fault).replace("{name}", path)]


def changes(known: list[Record], kind: Kind, sent: Mapping[str, Any]) -> dict[int, Any]:
    """What a body of labels and values changes, by definition; None takes a value away. Raises 422."""
    labels = {row["label"].casefold(): row for row in known if kind.name in row["object_types"]}
    found: dict[int, Any] = {}
    errors = Errors()
    for key, value in sent.items():
        definition = labels.get(key.strip().casefold())
        if definition is None:
            errors[key] = [f"The {key} is no custom field of {kind.name}."]
        elif value is None or (isinstance(value, str) and not value.strip()):
            found[definition["id"]] = None
        else:
            kept: Values = {}
            _read_into(kept, definition, value, key, errors)
            found[definition["id"]] = kept.get(definition["label"])
    if errors:
        raise invalid(errors)
    return found


def values_of(connection: Connection, kind: Kind, record: Record) -> Values:
    """The custom fields of a record."""
    if kind.keeps_values:
        return dict(record["custom_fields"] or {})
    value, field = custom_field_values.c, custom_field_definitions.c
    query = select(field.label, value.value).join(custom_field_definitions, field.id == value.definition_id)
    owned = query.where(value.owner == kind.owner, value.owner_id == record["id"]).order_by(field.id)
    return {label: kept for label, kept in connection.execute(owned)}  # noqa: C416 - rows are no plain pairs


def set_values(
    connection: Connection, kind: Kind, record: Record, changed: Mapping[int, Any], labels: Mapping[int, str]
) -> None:
    """Set custom fields of a record, by definition; None takes a value away."""
    if kind.keeps_values:
        kept = values_of(connection, kind, record) | {labels[number]: value for number, value in changed.items()}
        kept = {label: value for label, value in kept.items() if value is not None}
        connection.execute(update(kind.table).where(kind.table.c.id == record["id"]).values(custom_fields=kept))
        return
    value = custom_field_values.c
    own = (value.owner == kind.owner) & (value.owner_id == record["id"])
    connection.execute(delete(custom_field_values).where(own, value.definition_id.in_(changed)))
    rows = [
        {"owner": kind.owner, "owner_id": record["id"], "definition_id": number, "value": kept}
        for number, kept in changed.items()
        if kept is not None
    ]
    if rows:
        connection.execute(insert(custom_field_values), rows)


def used_values(connection: Connection, definition: Record) -> Iterator[Any]:
    """Every value that records have in this field."""
    value = custom_field_values.c
    yield from connection.execute(select(value.value).where(value.definition_id == definition["id"])).scalars()
    for kind in KINDS:
        if kind.keeps_values:
            for kept in connection.execute(_holders(kind, definition["label"])).mappings():
                if (found := kept["custom_fields"][definition["label"]]) is not None:
                    yield found


def rename(connection: Connection, old: str, new: str, now: datetime) -> None:
    """Give a field another label in the records that keep their fields under it."""
    for kind in KINDS:
        if kind.keeps_values:
            for row in records(connection, _holders(kind, old)):
                kept = {new if label == old else label: value for label, value in row["custom_fields"].items()}
                change = update(kind.table).where(kind.table.c.id == row["id"])
                connection.execute(change.values(custom_fields=kept, **touched(kind, now)))


def touched(kind: Kind, now: datetime) -> Record:
    """The columns that say when a record was changed."""
    return {"updated_at": now} if "updated_at" in kind.table.c else {}


def _holders(kind: Kind, label: str) -> Select[Any]:
    """The records of a kind that have something under that label, with all their fields."""
    each: FromClause = func.json_each(kind.table.c.custom_fields).table_valued("key", name="each")
    rows = select(kind.table.c.id, kind.table.c.custom_fields).select_from(kind.table).join(each, true())
    return rows.where(each.c.key == label).order_by(kind.table.c.id)
