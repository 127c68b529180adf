"""Reads: one request or all pages of a list, and the answer made of what comes back."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from schemas.common import Arguments, File
from schemas.listing import COMES_WHOLE, MAX_PER_PAGE, Pages
from server import asked
from server.answers.answer import Answer, aside
from server.answers.budget import RECORD, for_rows
from server.answers.files import file_answer
from server.answers.lists import list_answer
from server.answers.records import picked, record_answer
from server.answers.span import Span
from server.answers.values import kinds
from server.caller import Caller
from server.files.folders import Folders
from server.files.results import Kept, Results
from server.files.shelf import Shelf
from server.upstream.client import Upstream
from server.upstream.declared import as_understood
from server.upstream.errors import InvalidError
from server.upstream.extent import Counts
from server.upstream.pages import MAX_ROWS, MAX_SECONDS, PageOfRows, at_page, page_of, read_all
from server.upstream.replies import Reply
from server.upstream.stream import stream_cursor
from tools.arguments import InvalidArgumentsError, Problem
from tools.catalogue import Catalogue
from tools.operation import Effect, Operation, System
from tools.request import FilePart, Request, compose

_UNASKED = 20
"""Rows that a list which comes whole shows without being asked for more."""
_LARGEST_PART = 1_000
"""Rows of an export's part when all of it is wanted (documented limit)."""


class _FileReply(Exception):
    """A list that turned out to be a file, such as a CSV export."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.content_type)
        self.reply = reply


class Reads:
    """Carries out operations that change nothing. budget: tokens of one text and of one structured content.

    shelf: files that came. results: the rows of answers that were too large to be shown. clock: seconds that only grow.
    today: the day on which figures are as they are.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        connect: Callable[[System], Awaitable[Upstream]],
        folders: Folders,
        budget: int,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], dt.date] = dt.date.today,
    ) -> None:
        self.shelf = Shelf()
        self.results = Results(clock)
        self._catalogue = catalogue
        self._connect = connect
        self._folders = folders
        self._budget = budget
        self._today = today

    async def answer(self, operation: Operation, arguments: Arguments, files: list[FilePart], caller: Caller) -> Answer:
        if target := getattr(arguments, "save_to", None):
            self._folders.target(target)  # Said before anything is downloaded.
        upstream = await self._connect(operation.toolset.system)
        try:
            if operation.many:
                return await self._list(operation, arguments, upstream, caller)
            request = _going_on(compose(operation, arguments, files), arguments)
            reply = await upstream.send(request, read=True, file=operation.returns is File)
        except _FileReply as error:
            reply = error.reply
        if reply.content is not None:
            return self._file(operation, arguments, reply, caller)
        data = reply.data
        enveloped = isinstance(data, dict) and "data" in data and set(data) <= {"data", "message", "meta"}
        record = data["data"] if enveloped else data
        if isinstance(record, list) and operation.returns is None:
            return await self._part(operation, arguments, upstream, request, _part_of(operation, data, 0), caller)
        if fields := getattr(arguments, "fields", None):
            record = picked(record, fields)
        returns = None if operation.returns is File else operation.returns
        if isinstance(record, dict):
            record = as_understood(record, returns)
        return record_answer(
            operation.name,
            record,
            returns,
            self._next_tools(operation, record),
            caveat=arguments.caveat(self._today()),
            budget=self._allowed(arguments, RECORD),
        )

    def _file(self, operation: Operation, arguments: Arguments, reply: Reply, caller: Caller) -> Answer:
        content = reply.content or b""
        target = getattr(arguments, "save_to", None)
        saved = self._folders.save(target, content) if target else None
        kept = self.shelf.keep(caller.principal, reply.file_name or operation.name, reply.content_type, content)
        return file_answer(operation.name, kept, saved)

    # Lists

    async def _list(self, operation: Operation, arguments: Arguments, upstream: Upstream, caller: Caller) -> Answer:
        if isinstance(arguments, Pages):
            return await self._pages(operation, arguments, upstream, caller)
        by_cursor = "cursor" in type(arguments).model_fields
        if by_cursor and getattr(arguments, "all_pages", False):
            rows, span = await self._all_parts(operation, arguments, upstream, caller)
            return await self._rows(operation, arguments, rows, span, caller)
        request = _going_on(compose(operation, arguments), arguments)
        try:
            page = await self._page(operation, upstream, request, 0)
        except InvalidError as error:
            raise _unreadable(arguments, _advised(operation, error)) from None
        if by_cursor:
            span = Span(total=page.total, per_page=len(page.rows), paged=False, cursor=page.cursor)
            return await self._rows(operation, arguments, page.rows, span, caller)
        return await self._part(operation, arguments, upstream, request, page, caller)

    async def _part(
        self,
        operation: Operation,
        arguments: Arguments,
        upstream: Upstream,
        request: Request,
        page: PageOfRows,
        caller: Caller,
    ) -> Answer:
        """A list of which no pages are known: mostly all of it, but its answer may speak of pages."""
        if getattr(arguments, "next", None) and not page.paged:
            raise InvalidArgumentsError([Problem("next", COMES_WHOLE)])
        said = dict(request.query).get("page", "1")
        first = int(said) if said.isdecimal() else 1
        if getattr(arguments, "all_pages", False) and page.rows and (page.last or 1) > first:
            rows, span = await self._all_pages(operation, upstream, request, len(page.rows), first, caller)
            return await self._rows(operation, arguments, rows, span, caller)
        span = Span(
            first, page.size or len(page.rows), page.total, page.last or 1, paged=page.paged, cursor=page.cursor
        )
        rows = page.rows
        if operation.returns is not None and "sort" not in arguments.model_fields_set and span.whole(len(rows)):
            rows = _newest_first(rows, operation.returns.view.newest)
        return await self._rows(operation, arguments, rows, span, caller)

    async def _pages(self, operation: Operation, arguments: Pages, upstream: Upstream, caller: Caller) -> Answer:
        if arguments.next is not None:
            arguments = arguments.model_copy(update={"page": int(arguments.next)})
        if arguments.all_pages and arguments.page_size not in arguments.model_fields_set:
            # Few large pages are fewer requests.
            arguments = arguments.model_copy(update={arguments.page_size: MAX_PER_PAGE})
        per_page = getattr(arguments, arguments.page_size)
        request = compose(operation, arguments)
        if arguments.all_pages:
            first = arguments.page if arguments.next is not None else 1
            rows, span = await self._all_pages(operation, upstream, request, per_page, first, caller)
            return await self._rows(operation, arguments, rows, span, caller)
        try:
            page = await self._page(operation, upstream, request, per_page)
        except InvalidError as error:
            raise _advised(operation, error) from None
        span = Span(
            arguments.page, per_page, page.total, page.last, paged=page.paged, numbered=True, cursor=page.cursor
        )
        return await self._rows(operation, arguments, page.rows, span, caller)

    async def _all_pages(
        self, operation: Operation, upstream: Upstream, request: Request, per_page: int, first: int, caller: Caller
    ) -> tuple[list[dict[str, Any]], Span]:
        """All rows from page `first` on, and where to go on when that was too much at once."""
        lengths: dict[int, int] = {}
        counts = Counts()

        async def read(number: int) -> PageOfRows:
            page = await self._page(operation, upstream, at_page(request, number + first - 1), per_page)
            lengths[number] = len(page.rows)
            counts.add(page.total)
            last = None if page.last is None else max(0, page.last - first + 1)
            return replace(page, last=last, total=None if first > 1 else page.total)

        result = await read_all(read, per_page, caller.progress)
        stopped, following = result.stopped, ""
        if result.ended_early and len(result.rows) >= per_page:
            stopped = stopped.split(";")[0]
            following = str(first + _pages_of(len(result.rows), lengths))
        return result.rows, Span(first, total=counts.most, read_all=True, stopped=stopped, cursor=following)

    async def _all_parts(
        self, operation: Operation, arguments: Arguments, upstream: Upstream, caller: Caller
    ) -> tuple[list[dict[str, Any]], Span]:
        """All rows of an export that is read by cursor, from where the arguments start."""
        if "limit" not in arguments.model_fields_set:
            arguments = arguments.model_copy(update={"limit": _LARGEST_PART})

        async def read(cursor: str) -> PageOfRows:
            at = arguments if not cursor else arguments.model_copy(update={"cursor": cursor, "since": None})
            return await self._page(operation, upstream, compose(operation, at), 0)

        rows: list[dict[str, Any]] = []
        cursor = ""
        try:
            async with stream_cursor(read, caller.progress, seconds=MAX_SECONDS) as parts:
                while len(rows) < MAX_ROWS and (taken := await parts.take()) is not None:
                    rows += taken[1].rows
                    cursor = taken[1].cursor
        except InvalidError as error:
            raise _unreadable(arguments, error) from None
        stopped = parts.stopped or (f"about {MAX_ROWS} rows are read at once" if cursor else "")
        return rows, Span(read_all=True, stopped=stopped, paged=False, cursor=cursor)

    async def _page(self, operation: Operation, upstream: Upstream, request: Request, per_page: int) -> PageOfRows:
        reply = await upstream.send(request, read=True)
        if reply.content is not None:
            raise _FileReply(reply)
        return _part_of(operation, reply.data, per_page)

    async def _rows(
        self,
        operation: Operation,
        arguments: Arguments,
        rows: Sequence[Mapping[str, Any]],
        span: Span,
        caller: Caller,
    ) -> Answer:
        fields = getattr(arguments, "fields", None)

        def keep() -> Kept:
            return self.results.keep(caller.principal, operation.name, rows, kinds(operation.returns))

        # Who names the columns, or wants everything, wants these and not what is cheap.
        shown = len(rows) if operation.many else min(len(rows), _UNASKED)
        usual = self._budget if fields or getattr(arguments, "all_pages", False) else for_rows(shown)
        budget = self._allowed(arguments, usual)
        none = not rows and span.page == 1 and not span.stopped
        make = partial(
            list_answer,
            operation.name,
            rows,
            span,
            operation.returns,
            fields,
            by=asked.columns(operation, arguments),
            note=asked.nothing(operation, arguments, self._catalogue) if none else "",
            record_tool=asked.record_tool(operation, self._catalogue),
            budget=budget,
            keep=keep,
        )
        return await aside(make, rows=len(rows))

    def _allowed(self, arguments: Arguments, usual: int) -> int:
        """Tokens of the answer: what the caller says, else what is usual."""
        return min(getattr(arguments, "max_tokens", None) or usual, self._budget)

    def _next_tools(self, operation: Operation, record: Any) -> tuple[str, ...]:
        """Writes that the record's state takes, as far as that is known."""
        status = record.get("status") if isinstance(record, dict) else None
        if operation.returns is None:
            return ()
        return tuple(
            each.name
            for each in operation.toolset.operations.values()
            if each.effect is not Effect.READ
            and each.name in self._catalogue
            and each.when
            and status in each.when
            and operation.toolset.subject_of(each) is operation
        )


def _part_of(operation: Operation, data: Any, per_page: int) -> PageOfRows:
    """The rows of an answer, as far as they can be understood in the shape that the operation declares."""
    page = page_of(data, per_page, operation.returns)
    return replace(page, rows=[as_understood(row, operation.returns) for row in page.rows])


def _going_on(request: Request, arguments: Arguments) -> Request:
    """The request for what comes next in a list of which no pages are known."""
    page = None if "cursor" in type(arguments).model_fields else getattr(arguments, "next", None)
    return at_page(request, int(page)) if page else request


def _newest_first(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """The same rows, the newest first, where they have a date of that name."""
    if not column or not all(isinstance(row.get(column), str) for row in rows):
        return rows
    return sorted(rows, key=lambda row: str(row[column]), reverse=True)


def _advised(operation: Operation, error: InvalidError) -> InvalidError:
    """A refusal of a filter, with what the list is known to be filtered by."""
    known = asked.known_filters(operation)
    refused = {name.partition("[")[0] for name in error.fields}
    return error.filtered_by(known) if known and refused - {*known, "sort"} else error


def _pages_of(rows: int, lengths: Mapping[int, int]) -> int:
    """How many pages the first `rows` rows filled, given the rows of each page that was read."""
    count = 0
    while rows > 0 and lengths.get(count + 1):
        count += 1
        rows -= lengths[count]
    return count


def _unreadable(arguments: Arguments, error: InvalidError) -> Exception:
    """What to say when an export is refused: its `next` may be none that was given out."""
    if getattr(arguments, "next", None) is not None and "cursor" in error.fields:
        text = 'is none that this list gave, or no longer good; take it from "More" unchanged, or begin with since'
        return InvalidArgumentsError([Problem("next", text)])
    return error
