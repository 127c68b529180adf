"""Records that were called off, but keep their amounts: whether a sum has them in it must be said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set

from tools.workflows.books import Row

_FIELDS = ("status", "order_status")
_CLOSED = frozenset({"cancelled", "canceled", "void", "voided", "deleted"})


def is_closed(status: object) -> bool:
    """Whether a record of that status was called off."""
    return isinstance(status, str) and status.lower() in _CLOSED


class ClosedRecords:
    """Counts the records that were cancelled, voided or deleted among those that are added up.

    settled: fields that are filtered or grouped by, so that whoever asks sees what is in the figures.
    """

    def __init__(self, settled: Set[str]) -> None:
        self._fields = () if settled & {*_FIELDS} else _FIELDS
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, rows: Sequence[Row]) -> None:
        """Look through rows."""
        for field in self._fields:
            # Most rows of a list say the same few things.
            states = Counter(state for row in rows if isinstance(state := row.get(field), str))
            self._counts.update({(field, state): count for state, count in states.items() if is_closed(state)})

    def notes(self) -> Iterator[str]:
        """How many there are, and how to leave them out."""
        for (field, state), count in sorted(self._counts.items()):
            word = state.lower()
            way_out = f'filters={{"{field}[neq]": "{word}"}}'
            yield f"{count:,} of the rows are {word} and count too; {way_out} leaves them out."
