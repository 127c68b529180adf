"""Which rows fit a query, how well, and in which turn they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tools.workflows.books import Row
from tools.workflows.parts.searched import Kind, Text, first, values
from tools.workflows.parts.spelling import LONGEST, Query, Rank, fit

SHOWN = 24
_OF_A_KIND = 6
"""Rows of one kind that are shown before other kinds had their turn."""
_RELATED = 2
"""The same for rows that only belong to what was named."""
_MOST_OF_A_KIND = 8
"""Rows of one kind that are shown at all, where there are others."""


@dataclass(frozen=True)
class Hit:
    """A record that fits. by: which of its fields does. distance: whether it only belongs to what fits, and how far."""

    kind: Kind
    row: Row
    rank: Rank
    by: str
    distance: tuple[int, int]

    @property
    def id(self) -> Any:
        """Its id; the export of sales orders calls it otherwise."""
        return self.row.get("id", self.row.get("order_id"))

    @property
    def order(self) -> tuple[int, tuple[int, int]]:
        """Its place among all hits."""
        return self.rank, self.distance


def best_hit(query: Query, kind: Kind, row: Row) -> Hit | None:
    """How a row fits: by the text that fits best, its own before those of other records."""
    found = [each for text in kind.texts for each in _fits(query, kind, text, row)]
    if query.id and str(row.get("id")) == query.text:
        found.append(Hit(kind, row, Rank.ID, "id", (0, 0)))
    return min(found, key=lambda each: each.order, default=None)


def _fits(query: Query, kind: Kind, text: Text, row: Row) -> Iterator[Hit]:
    beside = f" {first(row, (text.beside,)) or ''}" if text.beside else ""
    for value in values(row, text.path):
        found = fit(query, f"{value}{beside}"[:LONGEST], text) if isinstance(value, str | int) else None
        if found is not None:
            yield Hit(kind, row, found[0], text.name, (int(not text.own), found[1]))


def in_turn(hits: Sequence[Hit]) -> list[Hit]:
    """The first hits to show: some of each kind before many of one, and never one kind alone among several."""
    seen: Counter[str] = Counter()
    early: list[Hit] = []
    late: list[Hit] = []
    most = _MOST_OF_A_KIND if len({each.kind.name for each in hits}) > 1 else SHOWN
    for each in hits:
        seen[each.kind.name] += 1
        count = seen[each.kind.name]
        if count <= (_RELATED if each.distance[0] else _OF_A_KIND):
            early.append(each)
        elif count <= most:
            late.append(each)
    return [*early, *late][:SHOWN]
