"""Reading and writing single rows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, insert, select

from server.sandbox.wire import not_found

Record = dict[str, Any]
"""A row as a plain dictionary, by column."""


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
