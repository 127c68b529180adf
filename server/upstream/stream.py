"""Reading many pages at once: a few under way, handed on as they arrive, never all held at once.

    async with stream_pages(read_page, 100, progress, seconds=50) as pages:
        async for rows in pages:
            ...
    pages.read, pages.total, pages.stopped

Leaving the block ends all reading, whether the rows were read to the end or not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio

from server.upstream.errors import UnavailableError
from server.upstream.extent import Counts, Extent

if TYPE_CHECKING:
    from server.upstream.pages import PageOfRows

LANES = 6
"""Requests under way at once."""

_REPORTS = 100
"""A list of more pages reports its progress about this often, not with each page."""

Progress = Callable[[int, int | None], Awaitable[None]]


class PageStream:
    """Pages of a list as they arrive, one page's rows at a time.

    At most `lanes` pages are under way and as many wait to be taken. Raises what reading a page raised.
    """

    def __init__(
        self, progress: Progress, *, seconds: float, lanes: int, clock: Callable[[], float], limit: int | None = None
    ) -> None:
        self.counts = Counts()
        """How many rows match, as the API says."""
        self.read = 0
        """Rows handed out so far."""
        self.stopped = ""
        """Why it ended early, empty when it was all."""
        self.out_of_time = False
        self.pages = 0
        """Pages handed out so far."""
        self.end: int | None = None
        """The last page there is, once that is known."""
        self.last: int | None = None
        """The last page to read of them."""
        self._limit = limit
        self._progress = progress
        self._seconds = seconds
        self._clock = clock
        self._deadline = clock() + seconds
        self._arrived: deque[tuple[int, PageOfRows]] = deque()
        self._room = anyio.Semaphore(2 * lanes, fast_acquire=True)
        self._news = anyio.Event()
        self._complete = False
        self._failure: Exception | None = None

    @property
    def total(self) -> int | None:
        """Rows that match, once the API has said so."""
        return self.counts.most

    def __aiter__(self) -> AsyncIterator[list[dict[str, Any]]]:
        return self

    async def __anext__(self) -> list[dict[str, Any]]:
        taken = await self.take()
        if taken is None:
            raise StopAsyncIteration
        return taken[1].rows

    async def take(self) -> tuple[int, PageOfRows] | None:
        """The next page and its number, None at the end."""
        with anyio.move_on_after(self._deadline - self._clock()):
            while not (self._arrived or self._complete or self._failure):
                self._news = anyio.Event()
                await self._news.wait()
        # What fails when the time is over anyway does not take away what was read.
        if self._failure is not None and self._clock() < self._deadline:
            raise self._failure
        if not self._arrived:
            self._end()
            return None
        number, page = self._arrived.popleft()
        self._room.release()
        self.read += len(page.rows)
        self.pages += 1
        await self._report()
        return number, page

    async def _report(self) -> None:
        last = self.last
        if last is None and self._complete and not self._arrived:
            last = self.pages
        if self.pages % max(1, (last or self.pages) // _REPORTS) == 0 or self.pages == last:
            # A client that does not read its reports must not stop the clock.
            with anyio.move_on_after(max(0.0, self._deadline - self._clock())):
                await self._progress(self.pages, last)

    def _end(self) -> None:
        self.out_of_time = not self._complete
        of = f" of {self.total:,}" if self.total is not None else ""
        if self.out_of_time:
            self.stopped = f"the time of {self._seconds:.0f} s ran out after {self.read:,}{of} rows"
        elif self._cut:
            self.stopped = f"no more pages are read at once; {self.read:,}{of} rows were read"
        else:
            self.stopped = self.counts.amiss(self.read)

    @property
    def _cut(self) -> bool:
        """Whether the limit ended it."""
        return self._limit is not None and (self.end is None or self.end > self._limit)

    # What the lanes call.

    async def goes_on(self) -> bool:
        """Wait until there is room for another page. Whether there is also time for it."""
        await self._room.acquire()
        return self._clock() < self._deadline

    def arrived(self, number: int, page: PageOfRows | None) -> None:
        """Hand a page in. One that is not wanted, or did not come, gives its room back."""
        if page is not None:
            self._arrived.append((number, page))
        else:
            self._room.release()
        self._news.set()

    def finish(self, failure: Exception | None = None) -> None:
        """Nothing more comes: all is here, or reading failed."""
        self._failure = self._failure or failure
        self._complete = self._failure is None
        self._news.set()


@asynccontextmanager
async def stream_pages(
    read_page: Callable[[int], Awaitable[PageOfRows]],
    per_page: int,
    progress: Progress,
    *,
    seconds: float,
    lanes: int = LANES,
    limit: int | None = None,
    ahead: bool = True,
    clock: Callable[[], float] = anyio.current_time,
) -> AsyncIterator[PageStream]:
    """The pages of a numbered list, in the order they arrive.

    ahead: the first wave asks for several pages before it is known how many there are. Waiting for page 1 to say so
    costs a whole round trip, but where one page is likely to be all, it saves requests. seconds: when to stop with
    what is there. limit: pages to read at most. progress: told the pages handed out, and how many there are once that
    is known.
    """
    extent = Extent(per_page, limit)
    begun = anyio.Event()

    async def lane(stream: PageStream) -> None:
        if not (ahead or extent.begins()):
            await begun.wait()
        while await stream.goes_on() and (number := extent.next_page()) is not None:
            page: PageOfRows | None = None
            try:
                page = extent.add(number, await read_page(number))
            except Exception as error:
                extent.fail(number, error)
            else:
                begun.set()
            stream.end = extent.end
            stream.last = None if extent.end is None else extent.last
            stream.arrived(number, page)
            if extent.complete or extent.failure:
                stream.finish(extent.failure)

    pages = PageStream(progress, seconds=seconds, lanes=lanes, clock=clock, limit=limit)
    pages.counts = extent.counts
    async with _running([lane] * lanes, pages) as stream:
        yield stream


@asynccontextmanager
async def stream_cursor(
    read_part: Callable[[str], Awaitable[PageOfRows]],
    progress: Progress,
    *,
    seconds: float,
    clock: Callable[[], float] = anyio.current_time,
) -> AsyncIterator[PageStream]:
    """The parts of an export, one after the other: each says with which cursor the next is asked for.

    read_part: given "" for the first part. While one part is worked on, the next is read.
    """

    async def follow(stream: PageStream) -> None:
        cursor, number = "", 0
        while await stream.goes_on():
            part, number = await read_part(cursor), number + 1
            if stream.total is None:  # What later parts say may be of themselves.
                stream.counts.add(part.total)
            if part.cursor == cursor and cursor:
                raise UnavailableError("The API gives the same part of the list again and again.")
            cursor = part.cursor
            stream.arrived(number, part)
            if not cursor:
                stream.end = stream.last = number
                stream.finish()
                return

    async with _running([follow], PageStream(progress, seconds=seconds, lanes=1, clock=clock)) as stream:
        yield stream


@asynccontextmanager
async def _running(
    lanes: list[Callable[[PageStream], Awaitable[None]]], stream: PageStream
) -> AsyncIterator[PageStream]:
    """Lanes that read while the block runs, and no longer."""

    async def guarded(lane: Callable[[PageStream], Awaitable[None]]) -> None:
        try:
            await lane(stream)
        except Exception as error:
            stream.finish(error)

    # Errors are carried past the task group, which would wrap them.
    failure: Exception | None = None
    async with anyio.create_task_group() as group:
        for lane in lanes:
            group.start_soon(guarded, lane)
        try:
            yield stream
        except Exception as error:
            failure = error
        group.cancel_scope.cancel()
    if failure is not None:
        raise failure
