"""Rows of large answers, kept in memory for a while and read in parts by who asked for them."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlencode

from server.answers.budget import compact
from server.answers.values import Kind, jsonable, unfenced
from server.text import clean

SCHEME = "luminous://results/"
TEMPLATE = f"{SCHEME}{{id}}{{?from,to,format}}"
LIFETIME = 3600.0
"""Seconds for which a result is kept."""
_MOST = 50
_MOST_BYTES = 100 * 2**20
_LARGEST = 20 * 2**20
"""Bytes of one result; of a larger one the first rows are kept."""
_ROW = sys.getsizeof(b"") + 8
"""Bytes of memory that a row takes besides its own."""
_TEXT = 20_000
"""Characters of one text in a row."""
_SHORT = 100
_COLUMNS = 300
_DIGITS = 27
"""Of an id: 90 bits. Digits cost a third of the tokens that letters in any order do, and always the same."""
_PART_ROWS = 100
"""Rows of a part where the reader does not say how many."""
_PART = 60_000
"""Characters of a part: about as much as the largest answer of a tool."""

_URI = re.compile(re.escape(SCHEME) + r"([A-Za-z0-9_-]{1,40})(?:\?(.*))?", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,9}")
TYPES = {"csv": "text/csv", "json": "application/json"}


_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_AMOUNT = re.compile(r"[+-]?[0-9][0-9.]*")


class PartError(ValueError):
    """A part that cannot be asked for. The message says what can."""


@dataclass(frozen=True)
class Kept:
    """A result that is kept. total: how many rows the answer had.

    rows: each as compact JSON, complete and harmless. In bytes, since one rare letter makes all of a text four times as
    large in memory.
    """

    uri: str
    name: str
    principal: str
    rows: tuple[bytes, ...] = field(repr=False)
    total: int
    columns: tuple[str, ...]
    size: int
    """Bytes of the rows."""
    until: float

    @property
    def held(self) -> int:
        """Bytes of memory that it takes."""
        return self.size + _ROW * len(self.rows) + sum(map(sys.getsizeof, self.columns))

    def link(self) -> dict[str, Any]:
        """As a resource in a list or a tool result, in wire spelling."""
        rows = f"{len(self.rows)} rows" if len(self.rows) == self.total else f"The first {len(self.rows)} rows"
        about = f"{rows} of {self.name}; ?from=1&to=500&format=csv or json reads a part"
        return {"uri": self.uri, "name": self.name, "description": about, "mimeType": TYPES["csv"], "size": self.size}


class Results:
    """The latest results, bounded in number, bytes and time. clock: seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = Lock()
        """Rows of large answers are kept from threads."""

    def keep(
        self, principal: str, name: str, rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, Kind] | None = None
    ) -> Kept:
        """Keep rows as they came from the API, made harmless; the oldest results make room."""
        kept_rows: list[bytes] = []
        columns: dict[str, None] = {}
        size = 0
        for row in rows:
            harmless = _harmless(row, kinds)
            kept_row = compact(harmless).encode("utf-8", "replace")
            if size + len(kept_row) > _LARGEST:
                break
            size += len(kept_row)
            kept_rows.append(kept_row)
            columns.update(dict.fromkeys(_flat(harmless)))
        kept = Kept(
            f"{SCHEME}{secrets.randbelow(10**_DIGITS):0{_DIGITS}}",
            name,
            principal,
            tuple(kept_rows),
            len(rows),
            tuple(columns)[:_COLUMNS],
            size,
            self._clock() + LIFETIME,
        )
        with self._lock:
            self._expire()
            self._kept[kept.uri] = kept
            while len(self._kept) > _MOST or sum(each.held for each in self._kept.values()) > _MOST_BYTES:
                self._kept.popitem(last=False)
        return kept

    def of(self, principal: str) -> Iterator[dict[str, Any]]:
        """Links to the results of a principal, newest first."""
        with self._lock:
            self._expire()
            kept = list(self._kept.values())
        return iter([each.link() for each in reversed(kept) if each.principal == principal])

    def read(self, uri: str, principal: str) -> dict[str, Any] | None:
        """A part as the contents of a resource, in wire spelling; None when that principal has no such result.

        Raises PartError when the query cannot be read.
        """
        match = _URI.fullmatch(uri)
        query = parse_qs(match[2] or "", keep_blank_values=True) if match else {}
        if match is None:
            return None
        unknown = query.keys() - {"from", "to", "format"}
        if unknown:
            raise PartError(f"A result takes from, to and format, not {clean(', '.join(sorted(unknown)), 60)}.")
        first = _number(query, "from", 1)
        to = _number(query, "to", first + _PART_ROWS - 1)
        part = self.part(match[1], principal, first, to, query.get("format", ["csv"])[-1])
        return part and {**part, "uri": uri}

    def part(self, id: str, principal: str, first: int, last: int, format: str = "csv") -> dict[str, Any] | None:
        """Rows `first` to `last`, counted from 1, or as many of them as one part holds. Raises PartError."""
        with self._lock:
            self._expire()
            kept = self._kept.get(f"{SCHEME}{id}")
        if kept is None or kept.principal != principal:
            return None
        if format not in TYPES:
            raise PartError("format is csv or json.")
        if not 1 <= first <= last or first > max(1, len(kept.rows)):
            raise PartError(f"There are rows 1 to {len(kept.rows)}: from must be at least 1 and not beyond to.")
        rows = _within(kept.rows[first - 1 : last], kept.columns if format == "csv" else None)
        more = first + len(rows) <= len(kept.rows)
        following = {"from": first + len(rows), "to": first + 2 * len(rows) - 1, "format": format}
        next_uri = f"{kept.uri}?{urlencode(following)}" if more else None
        text = _csv(kept, rows, first, next_uri) if format == "csv" else _json(kept, rows, first, next_uri)
        asked = urlencode({"from": first, "to": first + len(rows) - 1, "format": format})
        return {"uri": f"{kept.uri}?{asked}", "mimeType": TYPES[format], "text": text}

    def _expire(self) -> None:
        now = self._clock()
        while self._kept and next(iter(self._kept.values())).until <= now:
            self._kept.popitem(last=False)


def _harmless(row: Mapping[str, Any], kinds: Mapping[str, Kind] | None) -> dict[str, Any]:
    """A row that fits into one part: whole where that is possible, else with shorter texts, else its simple values."""
    for length in (_TEXT, _SHORT):
        harmless: dict[str, Any] = jsonable(row, fields=kinds, length=length)
        if len(compact(harmless)) <= _PART:
            return harmless
    return dict([item for item in harmless.items() if not isinstance(item[1], list | dict)][:_COLUMNS])


def _number(query: Mapping[str, list[str]], name: str, usual: int) -> int:
    if name not in query:
        return usual
    text = query[name][-1]
    if not _NUMBER.fullmatch(text):
        raise PartError(f"{name} is the number of a row, counted from 1.")
    return int(text)


def _within(rows: Sequence[bytes], columns: Sequence[str] | None) -> list[dict[str, Any]]:
    """As many of the rows as one part holds, at least one."""
    taken: list[dict[str, Any]] = []
    room = _PART - sum(len(column) + 1 for column in columns or ())
    for row in rows:
        text = row.decode()
        room -= len(text)
        if room < 0 and taken:
            break
        taken.append(json.loads(text))
    return taken


def _csv(kept: Kept, rows: Sequence[Mapping[str, Any]], first: int, next_uri: str | None) -> str:
    buffer = io.StringIO()
    write = csv.writer(buffer, lineterminator="\n").writerow
    write([_cell(column) for column in kept.columns])
    for row in rows:
        flat = _flat(row)
        write([_cell(flat.get(column)) for column in kept.columns])
    more = f"; more: {next_uri}" if next_uri else ""
    return f"{buffer.getvalue()}# {_said(kept, first, rows)}{more}\n"


def _json(kept: Kept, rows: Sequence[Mapping[str, Any]], first: int, next_uri: str | None) -> str:
    part = {"result": _said(kept, first, rows), "rows": rows} | ({"more": next_uri} if next_uri else {})
    return compact(part)


def _said(kept: Kept, first: int, rows: Sequence[Any]) -> str:
    of = f"{len(kept.rows)}" if len(kept.rows) == kept.total else f"{len(kept.rows)} kept of {kept.total}"
    return f"rows {first}-{first + len(rows) - 1} of {of}" if rows else "no rows"


def _flat(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Nested objects as dotted columns."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict) and value and before.count(".") < 3:
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[f"{before}{name}"] = value
    return flat


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A host may save the part, and a spreadsheet takes such text for a formula. Amounts come as text, too.
        risky = value[:1] in _FORMULA and not _AMOUNT.fullmatch(value)
        return unfenced(f"'{value}" if risky else value)
    return unfenced(str(value) if isinstance(value, int) else compact(value))
