"""A list of an API whose pages take turns of the loop, and what was asked of it."""

from dataclasses import dataclass, field
from typing import Any

import anyio.lowlevel
from hypothesis import strategies as st

from server.upstream.pages import PageOfRows, page_of

METAS = ["full", "no last_page", "no total", "neither"]
DELAYS = st.lists(st.integers(0, 40), min_size=1, max_size=12)


@dataclass
class List:
    """A list of an API, and how it was read."""

    total: int
    per_page: int
    meta: str = "full"
    """full, no last_page, no total, neither, or none: all rows whatever page is asked for."""
    delays: list[int] = field(default_factory=lambda: [1])
    """Turns of the loop that each answer takes, again from the start when they run out."""
    asked: list[int] = field(default_factory=list)
    most: int = 0
    under_way: int = 0

    async def page(self, number: int) -> PageOfRows:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.asked.append(number)
        try:
            for _ in range(self.delays[(number - 1) % len(self.delays)]):
                await anyio.lowlevel.checkpoint()
            return self.at(number)
        finally:
            self.under_way -= 1

    def at(self, number: int) -> PageOfRows:
        if self.meta == "none":
            return page_of(self.rows(0, self.total), self.per_page)
        meta = {"current_page": number, "per_page": self.per_page}
        if self.meta in ("full", "no last_page"):
            meta["total"] = self.total
        if self.meta in ("full", "no total"):
            meta["last_page"] = max(1, -(-self.total // self.per_page))
        rows = self.rows((number - 1) * self.per_page, min(number * self.per_page, self.total))
        return page_of({"data": rows, "meta": meta}, self.per_page)

    def rows(self, start: int, end: int) -> list[dict[str, Any]]:
        return [{"id": number} for number in range(start, end)]
