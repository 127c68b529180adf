"""The lines of orders and purchases as they are entered and changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update

from server.sandbox.billdiary import workflow
from server.sandbox.billdiary.numbering import ORDER, REQUISITION
from server.sandbox.billdiary.wire import Visit
from server.sandbox.money import ZERO
from server.sandbox.rows import Record, insert_row, records
from server.sandbox.tables.billdiary import lines, transactions
from server.sandbox.wire import Errors, invalid

Sent = Mapping[str, Any]

SOURCE_KEYS = {"purchase_requisition_line_id": REQUISITION, "purchase_order_line_id": ORDER}
"""The keys by which a line names what it was made from, and the type of that."""

_COLUMNS = {
    "purchase_line_tax_id": "tax_id",
    "purchase_requisition_line_id": "requisition_line_id",
    "purchase_order_line_id": "order_line_id",
}
"""Keys that are called otherwise in the table."""


def stored(visit: Visit, transaction_id: int) -> list[Record]:
    """The lines as they are stored, by id."""
    query = select(lines).where(lines.c.transaction_id == transaction_id).order_by(lines.c.id)
    return records(visit.connection, query)


def check_sources(visit: Visit, sent: Sequence[Sent]) -> None:
    """The lines that these were made from are the business's own. Raises 422."""
    errors: Errors = {}
    for key, type_ in SOURCE_KEYS.items():
        wanted = {line[key] for line in sent if line.get(key)}
        mine = (transactions.c.business_id == visit.user.business_id) & (transactions.c.type == type_)
        query = select(lines.c.id).join(transactions, transactions.c.id == lines.c.transaction_id)
        known = set(visit.connection.execute(query.where(mine, lines.c.id.in_(wanted))).scalars())
        for index, line in enumerate(sent):
            if line.get(key) and line[key] not in known:
                path = f"purchases.{index}.{key}"
                errors[path] = [f"The selected {path} is invalid."]
    if errors:
        raise invalid(errors)


def merged(sent: Sequence[Sent], before: Sequence[Record]) -> list[Record]:
    """Each line over the stored one that it names by `purchase_line_id`; new ones as they are. Raises 422."""
    known = {row["id"]: row for row in before}
    errors: Errors = {}
    found: list[Record] = []
    for index, line in enumerate(sent):
        line_id = line.get("purchase_line_id")
        if line_id is not None and line_id not in known:
            path = f"purchases.{index}.purchase_line_id"
            errors[path] = [f"The selected {path} is invalid."]
        found.append({**known.pop(line_id, {}), **line})
    if errors:
        raise invalid(errors)
    return found


def insert(visit: Visit, transaction_id: int, sent: Sequence[Sent]) -> None:
    """Enter new lines."""
    for line in sent:
        insert_row(visit.connection, lines, {"transaction_id": transaction_id, **_row(line)})


def replace(visit: Visit, transaction_id: int, sent: Sequence[Sent], type_: str) -> None:
    """Change the lines that are named, enter the new ones, and drop all others."""
    kept = {line["purchase_line_id"] for line in sent if line.get("purchase_line_id")}
    drop(visit, [row["id"] for row in stored(visit, transaction_id) if row["id"] not in kept], type_)
    for line in sent:
        if line.get("purchase_line_id"):
            changed = update(lines).where(lines.c.id == line["purchase_line_id"])
            visit.connection.execute(changed.values(_row(line)))
    insert(visit, transaction_id, [line for line in sent if not line.get("purchase_line_id")])


def drop(visit: Visit, line_ids: Sequence[int], type_: str) -> None:
    """Remove lines; what names them no longer does."""
    if type_ in workflow.SOURCE_LINE:
        workflow.forget_lines(visit.connection, line_ids, type_)
    visit.connection.execute(delete(lines).where(lines.c.id.in_(line_ids)))


def _row(line: Sent) -> Record:
    """A line as it is stored."""
    row = {_COLUMNS.get(name, name): value for name, value in line.items()}
    row = {name: value for name, value in row.items() if name in lines.c and name not in ("id", "transaction_id")}
    defaults = {"discount_percent": ZERO, "quantity_returned": ZERO}
    return {**row, **{name: row.get(name) or value for name, value in defaults.items()}}
