"""Lists as files, and lists by cursor: everything a client reads that is larger than a page."""

import base64
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, tuple_

from server.sandbox.filters import INSTANT, BadValue, Listing, Present, plain
from server.sandbox.rows import records
from server.sandbox.tables.base import Instant
from server.sandbox.wire import Answer, Call, invalid

CSV = "text/csv; charset=UTF-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

LARGEST_LIMIT = 1000
"""Rows of a cursor's page."""


def file_of(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], kind: str = "csv") -> Answer:
    """The rows as a file `name`.csv, or with kind `xlsx` as a workbook; 200."""
    if kind == "xlsx":
        return download(f"{name}.xlsx", XLSX, _workbook(columns, rows))
    return download(f"{name}.csv", CSV, _csv(columns, rows))


def download(file_name: str, content_type: str, content: bytes) -> Answer:
    """Bytes that a client is to save under a name."""
    headers = {"content-type": content_type, "content-disposition": f'attachment; filename="{file_name}"'}
    return Answer(content=content, headers=headers)


def file_kind(call: Call, name: str = "format") -> str:
    """`csv` or `xlsx`, as the query asks. Raises 422."""
    kind = call.argument(name) or "csv"
    known = {"csv": "csv", "xlsx": "xlsx", "excel": "xlsx"}
    if kind not in known:
        raise invalid({name: f"The {name} must be csv or xlsx."})
    return known[kind]


def every_row(call: Call, listing: Listing, *where: ColumnElement[bool], present: Present = plain) -> list[Any]:
    """All rows of the list that the query's filters let through, in the query's order."""
    matching = listing.rows.where(*where, *listing.where(call.query))
    rows = records(call.connection, matching.order_by(*listing.order(call.argument("sort"))))
    return present(call.connection, rows)


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _workbook(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    import xlsxwriter  # only here: it is slow to load and seldom needed

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, columns)
        for number, row in enumerate(rows, 1):
            for column, name in enumerate(columns):
                value = _cell(row.get(name))
                # A workbook knows binary numbers only, so exact ones go in as text.
                sheet.write(number, column, str(value) if isinstance(value, Decimal) else value)
    return content.getvalue()


class _Cursor(msgspec.Struct):
    cutoff: datetime
    since: datetime | None
    updated_at: datetime
    id: int
    latest: list[int]
    """Ids of what had changed in the very second of the cutoff when the run began."""


def cursor_page(call: Call, listing: Listing, *where: ColumnElement[bool], present: Present = plain) -> Answer:
    """A part of an export by `updated_at` and id: from `since`, or on from `cursor`.

    What changes after the first part was read is left for the next export, which starts at its cutoff: so no row
    comes twice, and none is lost. Raises 422.
    """
    cursor, since = _cursor(call), _since(call)
    if cursor and since:
        raise invalid({"cursor": "Send either since or cursor."})
    if not (cursor or since):
        raise invalid({"since": "The since is required without a cursor."})
    limit = _limit(call)
    updated_at = listing.fields["updated_at"].column
    cutoff = cursor.cutoff if cursor else call.now
    since = cursor.since if cursor else since
    conditions: list[ColumnElement[bool]] = [updated_at <= cutoff]
    if since:
        conditions.append(updated_at >= since)
    if cursor:
        last = tuple_(cursor.updated_at, cursor.id, types=[Instant, listing.key.type])
        conditions.append(tuple_(updated_at, listing.key) > last)
        conditions.append((updated_at < cutoff) | listing.key.in_(cursor.latest))
    query = listing.rows.where(*where, *conditions).order_by(updated_at.asc(), listing.key.asc()).limit(limit + 1)
    rows = records(call.connection, query)
    more, rows = len(rows) > limit, rows[:limit]
    following = None
    if more:
        last_row = rows[-1]
        latest = cursor.latest if cursor else _latest(call, listing, *where, updated_at == cutoff)
        following = _spell(_Cursor(cutoff, since, last_row["updated_at"], last_row["id"], latest))
    meta = {"rows": len(rows), "cutoff": cutoff}
    body = {"data": present(call.connection, rows), "next_cursor": following, "has_more": more, "meta": meta}
    return Answer(body)


def _latest(call: Call, listing: Listing, *where: ColumnElement[bool]) -> list[int]:
    keys = listing.rows.where(*where).with_only_columns(listing.key, maintain_column_froms=True)
    return list(call.connection.execute(keys.order_by(listing.key)).scalars())


def _spell(cursor: _Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode()


def _cursor(call: Call) -> _Cursor | None:
    text = call.argument("cursor")
    if not text:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text.encode()), type=_Cursor)
    except (ValueError, msgspec.MsgspecError) as error:
        raise invalid({"cursor": "The cursor is none that was given out."}) from error


def _since(call: Call) -> datetime | None:
    text = call.argument("since")
    if not text:
        return None
    try:
        moment: datetime = INSTANT.read(text)
    except BadValue as problem:
        raise invalid({"since": f"The since {problem}."}) from problem
    return moment


def _limit(call: Call) -> int:
    text = call.argument("limit") or "100"
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LARGEST_LIMIT):
        raise invalid({"limit": f"The limit must be between 1 and {LARGEST_LIMIT}."})
    return int(text)
