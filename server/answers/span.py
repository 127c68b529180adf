"""Which part of what matches a list shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Which part of the match the rows are. total and pages are None where the API does not say."""

    page: int = 1
    per_page: int = 0
    total: int | None = None
    pages: int | None = None
    read_all: bool = False
    """All pages were asked for."""
    stopped: str = ""
    """Why reading all pages ended early."""
    paged: bool = True
    numbered: bool = False
    """Pages can be asked for by number, whether or not the answer says anything of pages."""
    cursor: str = ""
    """Where the next part begins, in lists that are read by cursor and where reading all pages ended early."""

    def next(self, shown: int) -> str:
        """What `next` is to be for more, empty when this is the end. shown: rows of this part."""
        if self.cursor or not (self.paged or self.numbered) or self.read_all:
            return self.cursor
        more = self.page < self.pages if self.pages is not None else shown >= self.per_page > 0
        return str(self.page + 1) if more else ""

    def whole(self, shown: int) -> bool:
        """Whether the rows are everything that matches."""
        if self.stopped or self.page > 1 or self.next(shown):
            return False
        return self.total is None or self.total <= shown


def headline(name: str, shown: int, span: Span) -> str:
    """How many match, and which of them these are."""
    if not span.paged and not span.read_all and (span.page, span.next(shown)) == (1, ""):
        return f"{name}: {shown} rows"
    if span.read_all:
        if span.page > 1:
            of = f"{span.total} match, " if span.total is not None else ""
            return f"{name}: {of}{shown} read from page {span.page} on"
        of = f"{span.total} match" if span.total is not None else f"{shown} match"
        return f"{name}: {of}, {'all' if not span.stopped else shown} read"
    if span.total is None or not span.per_page:
        return f"{name}: page {span.page}, {shown} rows"
    first = (span.page - 1) * span.per_page + 1
    rows = f", rows {first}-{first + shown - 1}" if shown else ""
    return f"{name}: {span.total} match, page {span.page} of {span.pages}{rows}"
