"""What the pages of a list tell about it, in whatever order they come: where it ends, whether it changed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from server.upstream.errors import UnavailableError

if TYPE_CHECKING:
    from server.upstream.pages import PageOfRows

_TELLING = 2
"""Rows of a page from which its first and last ids tell it from others."""


@dataclass
class Counts:
    """How many rows there are, as the pages say, and how many rows came twice."""

    most: int | None = None
    fewest: int = 0
    repeated: int = 0

    def add(self, total: int | None) -> None:
        """Note what a page says."""
        if total is not None:
            self.fewest = total if self.most is None else min(self.fewest, total)
            self.most = total if self.most is None else max(self.most, total)

    @property
    def changed(self) -> bool:
        """Whether the list is known to have changed while it was read."""
        return self.repeated > 0 or (self.most is not None and self.fewest < self.most)

    def amiss(self, read: int) -> str:
        """Why so many rows, read to the end and none twice, may not be the list; empty when they are."""
        if self.most is None:
            return f"the list changed while it was read: {self.repeated:,} rows came twice" if self.repeated else ""
        if read == self.most:
            return ""
        if self.changed:
            return f"the list changed while it was read: {read:,} of {self.most:,} rows"
        return f"the API counts {self.most:,} rows and gave {read:,}"


@dataclass
class Borders:
    """Pages next to which another is still to come.

    A list that grows at its front while it is read moves its rows on: what ended one page begins the next one as well.
    """

    _rows: dict[int, dict[int | str, Any]] = field(default_factory=dict)
    _came: set[int] = field(default_factory=set)
    _all_up_to: int = 0

    def without_repeated(self, number: int, page: PageOfRows) -> PageOfRows:
        """The page without the rows that are on the page before or behind it too."""
        known = [self._rows[near] for near in (number - 1, number + 1) if near in self._rows]
        mine = {key: row for row in page.rows if isinstance(key := row.get("id"), int | str)}
        self._note(number, mine)
        if not any(mine.keys() & each.keys() for each in known):
            return page
        # The same id alone is not enough: in some lists several rows are of one record.
        new = [row for row in page.rows if not any(row in each.values() for each in known)]
        return replace(page, rows=new)

    def _note(self, number: int, rows: dict[int | str, Any]) -> None:
        self._rows[number] = rows
        self._came.add(number)
        while self._all_up_to + 1 in self._came:
            self._all_up_to += 1
            self._came.remove(self._all_up_to)
        for each in (number - 1, number, number + 1):
            if self._is_there(each - 1) and self._is_there(each + 1):
                self._rows.pop(each, None)

    def _is_there(self, number: int) -> bool:
        return number <= self._all_up_to or number in self._came


class Extent:
    """Where a list ends, as far as the pages that came in so far, in any order, tell. limit: pages to read at most."""

    def __init__(self, per_page: int, limit: int | None = None) -> None:
        self.limit = limit
        self.end: int | None = None
        """The last page there is, once the API or a short page has said so."""
        self.counts = Counts()
        self._borders = Borders()
        self._per_page = per_page
        self._asked = 0
        self._begun = False
        self._seen: dict[int, int] = {}
        self._under_way: set[int] = set()
        self._failures: dict[int, Exception] = {}

    @property
    def last(self) -> int | None:
        """The last page to read, as far as that is known."""
        known = [number for number in (self.end, self.limit) if number is not None]
        return min(known, default=None)

    def begins(self) -> bool:
        """Whether the caller is the first to ask."""
        first, self._begun = not self._begun, True
        return first

    def next_page(self) -> int | None:
        """The number of a page that nobody reads yet; none behind one that failed."""
        if self._failures or not self.reaches(self._asked + 1):
            return None
        self._asked += 1
        self._under_way.add(self._asked)
        return self._asked

    def reaches(self, number: int) -> bool:
        """Whether there may be such a page."""
        last = self.last
        return last is None or number <= last

    def add(self, number: int, page: PageOfRows) -> PageOfRows | None:
        """Learn from a page where the list ends. The page without rows that came before, None for one behind the end.

        Raises UnavailableError for a page that came before under another number.
        """
        self._under_way.discard(number)
        self._check_new(number, page)
        self._learn_end(number, page)
        if not self.reaches(number):
            return None
        self.counts.add(page.total)
        kept = self._borders.without_repeated(number, page) if page.paged else page
        self.counts.repeated += len(page.rows) - len(kept.rows)
        return kept

    def _learn_end(self, number: int, page: PageOfRows) -> None:
        end = page.last
        if not page.rows:
            end = number - 1 if end is None else min(end, number - 1)
        if end is None and not page.paged:
            end = 1  # Without any meta the list has no pages: each answer is all of it.
        elif end is None and len(page.rows) < (page.size or self._per_page):
            end = number  # A short page is the last one; an empty one lies behind it.
        if end is not None:
            self.end = max(1, end if self.end is None else min(self.end, end))

    def _check_new(self, number: int, page: PageOfRows) -> None:
        """Raise UnavailableError for a page that came before under another number: everything would count twice."""
        if not page.paged or len(page.rows) < _TELLING or page.rows[0].get("id") is None:
            return
        if page.last is not None and number > page.last:
            return  # Some answer a page behind the end with the last one.
        if self.counts.changed or page.total not in (None, self.counts.most or page.total):
            return  # As many new rows as a page has make the next page what this one was.
        seen = hash((str(page.rows[0].get("id")), str(page.rows[-1].get("id")), len(page.rows)))
        if self._seen.setdefault(seen, number) != number:
            raise UnavailableError("The API gives the same rows for different pages of this list.")

    def fail(self, number: int, error: Exception) -> None:
        """Note that a page could not be read. Whether that matters depends on where the list ends."""
        self._under_way.discard(number)
        self._failures[number] = error

    @property
    def failure(self) -> Exception | None:
        """What a page of the list failed with, or, where no page tells the end any more, the first that failed."""
        first = min(self._failures, default=None)
        if first is None or (self.end is None and self._under_way) or (self.end is not None and first > self.end):
            return None
        return self._failures[first]

    @property
    def complete(self) -> bool:
        """Whether every page up to the last came in."""
        return not self.reaches(self._asked + 1) and not any(map(self.reaches, self._under_way))
