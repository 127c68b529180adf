"""Lists inside records (lines, stocks by location): one row per entry, so that these can be grouped and added up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from schemas.common import Record
from tools.arguments import InvalidArgumentsError, Problem
from tools.workflows.books import Row


class Unfolding:
    """Which list inside the records is asked for, by fields such as `items.sku`.

    keys: fields to group by. amounts: fields that are added up or compared. Raises InvalidArgumentsError where lists
    of two kinds are asked for, or an amount of the whole record: it would count once per entry.
    """

    def __init__(self, keys: Iterable[str], amounts: Iterable[str], record: type[Record] | None) -> None:
        self._keys, self._amounts, self._record = [*keys], [*amounts], record
        self._known = False
        self.place = ""
        """The field that holds the list; empty where none is asked for, or no rows came by yet."""

    def rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows, or those of the list inside them."""
        if not self._known and rows:
            self._known = True
            self.place = self._found(rows)
        return [*self._entries(rows)] if self.place else rows

    def _found(self, rows: Sequence[Row]) -> str:
        asked = [field.partition(".")[0] for field in (*self._keys, *self._amounts) if "." in field]
        places = [name for name in dict.fromkeys(asked) if self._is_list(name, rows)]
        if len(places) > 1:
            text = f"{' and '.join(places)} are two lists; ask for one at a time"
            raise InvalidArgumentsError([Problem("group_by", text)])
        outside = [name for name in self._amounts if places and not name.startswith(f"{places[0]}.")]
        if outside:
            text = f"{outside[0]} is of the whole record and would count once per entry of {places[0]}"
            raise InvalidArgumentsError([Problem("metrics", f"{text}; use {places[0]}.… or leave {places[0]} out")])
        return places[0] if places else ""

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
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, dict):
                    yield {**row, self.place: entry}
