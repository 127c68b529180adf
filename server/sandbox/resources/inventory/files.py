"""Reports as files: which kind, and which columns under which headings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from server.sandbox.exports import file_kind, file_of
from server.sandbox.wire import Answer, Call, WireError, invalid

EXPORT_PARAMETERS = frozenset({"export", "format", "columns"})
"""Query parameters of an export that are no filters."""


def asked_kind(call: Call) -> str:
    """The kind of file, under the stock snapshot's name for it or the usual one. Raises 422."""
    return file_kind(call, "export" if call.argument("export") else "format")


def report_file(call: Call, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], kind: str) -> Answer:
    """The rows under the headings that `columns` in the query asks for; all columns unless it is sent."""
    headings = _headings(call.argument("columns"), columns)
    titled = ({title: row.get(column) for column, title in headings.items()} for row in rows)
    return file_of(name, list(headings.values()), titled, kind)


def _headings(text: str | None, columns: Sequence[str]) -> dict[str, str]:
    """Heading by column, of a JSON array of columns or an object of headings by column."""
    if not text:
        return {column: column for column in columns}
    try:
        asked = msgspec.json.decode(text, type=list[str] | dict[str, str])
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise _bad("The columns must be a JSON array of columns or an object of headings by column.") from error
    headings = asked if isinstance(asked, dict) else {column: column for column in asked}
    unknown = [column for column in headings if column not in columns]
    if unknown or not headings:
        raise _bad(f"The columns must be some of {', '.join(columns)}.")
    if len(set(headings.values())) < len(headings):
        raise _bad("The columns must have different headings.")
    return headings


def _bad(said: str) -> WireError:
    return invalid({"columns": said})
