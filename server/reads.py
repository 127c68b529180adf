"""Reads: one request or all pages of a list, and the answer made of what comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from schemas.common import Arguments, File
from schemas.listing import MAX_PER_PAGE, Pages
from server.answers.answer import Answer
from server.answers.files import file_answer
from server.answers.lists import Span, list_answer
from server.answers.records import record_answer
from server.caller import Caller
from server.files.folders import Folders
from server.files.shelf import Shelf
from server.upstream.client import Upstream
from server.upstream.pages import PageOfRows, at_page, page_of, read_all
from server.upstream.replies import Reply
from tools.catalogue import Catalogue
from tools.operation import Effect, Operation, System
from tools.request import FilePart, Request, compose


class _FileReply(Exception):
    """A list that turned out to be a file, such as a CSV export."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.content_type)
        self.reply = reply


class Reads:
    """Carries out operations that change nothing. budget: tokens of one text and of one structured content."""

    def __init__(
        self,
        catalogue: Catalogue,
        connect: Callable[[System], Awaitable[Upstream]],
        folders: Folders,
        budget: int,
    ) -> None:
        self.shelf = Shelf()
        self._catalogue = catalogue
        self._connect = connect
        self._folders = folders
        self._budget = budget

    async def answer(self, operation: Operation, arguments: Arguments, files: list[FilePart], caller: Caller) -> Answer:
        if target := getattr(arguments, "save_to", None):
            self._folders.target(target)  # Said before anything is downloaded.
        upstream = await self._connect(operation.toolset.system)
        try:
            if operation.many:
                return await self._list(operation, arguments, upstream, caller)
            request = compose(operation, arguments, files)
            reply = await upstream.send(request, read=True, file=operation.returns is File)
        except _FileReply as error:
            reply = error.reply
        if reply.content is not None:
            return self._file(operation, arguments, reply, caller)
        data = reply.data
        enveloped = isinstance(data, dict) and "data" in data and set(data) <= {"data", "message", "meta"}
        record = data["data"] if enveloped else data
        if isinstance(record, list) and operation.returns is None:
            return list_answer(
                operation.name, page_of(record, 0).rows, Span(paged=False), operation.returns, budget=self._budget
            )
        returns = None if operation.returns is File else operation.returns
        next_tools = self._next_tools(operation, record)
        return record_answer(operation.name, record, returns, next_tools, budget=self._budget)

    def _file(self, operation: Operation, arguments: Arguments, reply: Reply, caller: Caller) -> Answer:
        content = reply.content or b""
        target = getattr(arguments, "save_to", None)
        saved = self._folders.save(target, content) if target else None
        kept = self.shelf.keep(caller.principal, reply.file_name or operation.name, reply.content_type, content)
        return file_answer(operation.name, kept, saved)

    async def _list(self, operation: Operation, arguments: Arguments, upstream: Upstream, caller: Caller) -> Answer:
        request = compose(operation, arguments)
        if not isinstance(arguments, Pages):
            page = await self._page(upstream, request, 0)
            span = Span(
                total=page.total, pages=page.last, per_page=len(page.rows), paged=page.paged, cursor=page.cursor
            )
            return list_answer(operation.name, page.rows, span, operation.returns, budget=self._budget)
        per_page = getattr(arguments, arguments.page_size)
        if arguments.all_pages:
            if arguments.page_size not in arguments.model_fields_set:
                # Few large pages are fewer requests.
                arguments = arguments.model_copy(update={arguments.page_size: MAX_PER_PAGE})
                per_page, request = MAX_PER_PAGE, compose(operation, arguments)
            rows = await read_all(
                lambda number: self._page(upstream, at_page(request, number), per_page), per_page, caller.progress
            )
            span = Span(total=rows.total, read_all=True, stopped=rows.stopped)
            return list_answer(
                operation.name, rows.rows, span, operation.returns, arguments.fields, budget=self._budget
            )
        page = await self._page(upstream, request, per_page)
        span = Span(arguments.page, per_page, page.total, page.last, paged=page.paged, cursor=page.cursor)
        return list_answer(operation.name, page.rows, span, operation.returns, arguments.fields, budget=self._budget)

    async def _page(self, upstream: Upstream, request: Request, per_page: int) -> PageOfRows:
        reply = await upstream.send(request, read=True)
        if reply.content is not None:
            raise _FileReply(reply)
        return page_of(reply.data, per_page)

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
