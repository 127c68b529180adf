"""What becomes of requisitions and orders as goods are ordered and bought for them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import Column, Connection, delete, func, insert, select, update

from server.sandbox.billdiary.numbering import ORDER, REQUISITION
from server.sandbox.rows import records
from server.sandbox.tables.billdiary import lines, links, transactions

ORDERED, PARTLY, COMPLETED = "ordered", "partial", "completed"

NOTHING = Decimal(0)

SOURCE_LINE: dict[str, Column[int]] = {REQUISITION: lines.c.requisition_line_id, ORDER: lines.c.order_line_id}
"""How the lines that were made from one name it, by the type of what they were made from."""


def covered(connection: Connection, line_ids: Sequence[int], source: Column[int]) -> dict[int, Decimal]:
    """How much of each line later documents cover."""
    query = select(source, func.sum(lines.c.quantity)).where(source.in_(line_ids)).group_by(source)
    found = {row[0]: row[1] for row in connection.execute(query)}
    return {line_id: found.get(line_id, NOTHING) for line_id in line_ids}


def refresh(connection: Connection, ids: Iterable[int], source_type: str) -> None:
    """Set the status of these requisitions or orders by how much of their lines is covered."""
    for transaction_id in sorted(set(ids)):
        rows = records(connection, select(lines).where(lines.c.transaction_id == transaction_id))
        done = covered(connection, [row["id"] for row in rows], SOURCE_LINE[source_type])
        if not any(done.values()):
            status = ORDERED
        else:
            status = COMPLETED if all(done[row["id"]] >= row["quantity"] for row in rows) else PARTLY
        connection.execute(update(transactions).where(transactions.c.id == transaction_id).values(status=status))


def sources_of(connection: Connection, transaction_id: int, source_type: str) -> set[int]:
    """What the transaction was made from: linked as a whole, or by a line."""
    linked = select(links.c.source_id).where(links.c.transaction_id == transaction_id)
    named = select(SOURCE_LINE[source_type]).where(lines.c.transaction_id == transaction_id)
    of_lines = select(lines.c.transaction_id).where(lines.c.id.in_(named))
    return {*connection.execute(linked).scalars(), *connection.execute(of_lines).scalars()}


def link(connection: Connection, transaction_id: int, source_ids: Iterable[int]) -> None:
    """Make these what the transaction was made from."""
    connection.execute(delete(links).where(links.c.transaction_id == transaction_id))
    rows = [{"transaction_id": transaction_id, "source_id": source_id} for source_id in sorted(set(source_ids))]
    if rows:
        connection.execute(insert(links), rows)


def linked(connection: Connection, transaction_id: int) -> list[int]:
    """What the transaction is linked to as a whole."""
    query = select(links.c.source_id).where(links.c.transaction_id == transaction_id).order_by(links.c.source_id)
    return list(connection.execute(query).scalars())


def forget_lines(connection: Connection, line_ids: Iterable[int], source_type: str) -> None:
    """Lines made from these no longer name them."""
    column = SOURCE_LINE[source_type]
    connection.execute(update(lines).where(column.in_(list(line_ids))).values({column.key: None}))
