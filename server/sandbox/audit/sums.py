"""What the checks have in common."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

Sums = dict[int, Decimal]


def sums(connection: Connection, amount: ColumnElement[Any], owner: ColumnElement[Any], *where: Any) -> Sums:
    """The sum of `amount` by owner."""
    query = select(owner, func.sum(amount)).where(*where).group_by(owner)
    return {row[0]: row[1] for row in connection.execute(query)}


def rows(connection: Connection, table: Table) -> Iterator[Any]:
    """All rows of the table, a few at a time."""
    query = select(table).order_by(table.c.id).execution_options(yield_per=1000)
    yield from connection.execute(query).mappings()
