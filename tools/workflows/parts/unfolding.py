"""Lists inside records (lines, payments, tags): one row per entry, so that these can be grouped and added up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, get_args, get_origin

from schemas.common import Record
from tools.arguments import InvalidArgumentsError, Problem
from tools.workflows.books import Row
from tools.workflows.parts.grouping import GroupKey


class Unfolding:
    """Which list inside the records is asked for, by fields such as `items.sku`.

    keys: what is grouped by. amounts: fields that are added up or compared. Where the amounts are those of the whole
    record (the total of orders by tag), it counts once in each of its groups, and `overlaps` says that it was in
    several. Raises InvalidArgumentsError where lists of two kinds are asked for, or amounts of the record by entries
    that have amounts of their own (the total of orders by SKU): nobody means that.
    """

    def __init__(self, keys: Sequence[GroupKey], amounts: Iterable[str], record: type[Record] | None) -> None:
        self._keys, self._amounts, self._record = keys, [*amounts], record
        self._known = False
        self.place = ""
        """The field that holds the list; empty where none is asked for, or no rows came by yet."""
        self.entries = 0
        self.overlaps = False
        self.by_record = False
        """Whether records are counted and not their entries."""
        self.is_carried = False
        """Whether any record has that list, be it empty."""

    def rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows, or those of the list inside them."""
        if not self._known and rows:
            self._known = True
            self.place = self._found(rows)
        if not self.place:
            return rows
        unfolded = [*self._once_per_group(rows)] if self.by_record else [*self._entries(rows)]
        self.entries += len(unfolded)
        return unfolded

    def _found(self, rows: Sequence[Row]) -> str:
        asked = [name.partition(".")[0] for name in (*self._key_fields, *self._amounts) if "." in name]
        places = [name for name in dict.fromkeys(asked) if self._is_list(name, rows)]
        if len(places) > 1:
            text = f"{' and '.join(places)} are two lists; ask for one at a time"
            raise InvalidArgumentsError([Problem("group_by", text)])
        if not places:
            return ""
        (place,) = places
        outside = [name for name in self._amounts if not name.startswith(f"{place}.")]
        if outside and (len(outside) < len(self._amounts) or _has_amounts(place, rows)):
            text = f"{outside[0]} is of the whole record and would count once per entry of {place}"
            inside = f"{place}.{outside[0]}" if _has_key(place, outside[0], rows) else f"{place}.…"
            raise InvalidArgumentsError([Problem("metrics", f"{text}; use {inside} or leave {place} out")])
        self.by_record = bool(outside)
        return place

    @property
    def _key_fields(self) -> list[str]:
        return [key.field for key in self._keys]

    def _is_list(self, name: str, rows: Sequence[Row]) -> bool:
        field = self._record.model_fields.get(name) if self._record else None
        if field is not None and any(
            get_origin(each) is list for each in (field.annotation, *get_args(field.annotation))
        ):
            return True
        return any(isinstance(row.get(name), list) for row in rows)

    def _entries(self, rows: Sequence[Row]) -> Iterator[Mapping[str, Any]]:
        for row in rows:
            entries = row.get(self.place)
            self.is_carried = self.is_carried or isinstance(entries, list)
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, dict):
                    yield {**row, self.place: entry}

    def _once_per_group(self, rows: Sequence[Row]) -> Iterator[Mapping[str, Any]]:
        readers = [key.reader() for key in self._keys]
        for row in rows:
            groups = {tuple(read(entry) for read in readers): entry for entry in self._entries([row])}
            self.overlaps = self.overlaps or len(groups) > 1
            yield from groups.values() if groups else [{**row, self.place: None}]


def _has_key(place: str, name: str, rows: Sequence[Row]) -> bool:
    return any(isinstance(entry, dict) and name in entry for row in rows for entry in row.get(place) or ())


def _has_amounts(place: str, rows: Sequence[Row]) -> bool:
    entries = [entry for row in rows for entry in row.get(place) or () if isinstance(entry, dict)]
    return any(isinstance(value, Decimal) for entry in entries for value in entry.values())
