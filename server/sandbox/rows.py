"""Reading and writing single rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, insert, select

from server.sandbox.wire import not_found

Record = dict[str, Any]
"""A row as a plain dictionary, by column."""

_STAMPS = {"created_at", "updated_at"}


def records(connection: Connection, query: Select[Any]) -> list[Record]:
    """All rows of the query."""
    return [dict(row) for row in connection.execute(query).mappings()]


def find_row(connection: Connection, table: Table, *where: ColumnElement[bool]) -> Record | None:
    """The first row that fits, or None."""
    row = connection.execute(select(table).where(*where)).mappings().first()
    return dict(row) if row is not None else None


def get_row(connection: Connection, table: Table, what: str, *where: ColumnElement[bool]) -> Record:
    """The row that fits. Raises 404 naming `what`."""
    row = find_row(connection, table, *where)
    if row is None:
        raise not_found(what)
    return row


def insert_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert a row; its id."""
    key = connection.execute(insert(table).values(dict(values))).inserted_primary_key
    if key is None:
        raise LookupError(f"{table.name} has no id")
    row_id: int = key[0]
    return row_id


def replace_rows(
    connection: Connection, table: Table, owner: ColumnElement[bool], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Make these the rows of their owner. Where they say what is stored already, that stays, with its ids."""
    stored = records(connection, select(table).where(owner).order_by(table.c.id))
    if same_rows(stored, rows):
        return
    connection.execute(delete(table).where(owner))
    if rows:
        connection.execute(insert(table), [dict(row) for row in rows])


def same_rows(stored: Sequence[Record], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the rows say what is stored, in that order; when they were made does not count."""
    return len(stored) == len(rows) and all(
        kept[name] == value
        for kept, row in zip(stored, rows, strict=True)
        for name, value in row.items()
        if name not in _STAMPS
    )
