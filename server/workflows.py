"""Workflows carried out: what they read with, over the connected systems, and the answer made of what they found."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import anyio

from schemas.listing import MAX_PER_PAGE, Pages
from server.answers.answer import Answer
from server.answers.errors import error_answer
from server.answers.findings import findings_answer, kinds_of, picture, unclear_answer
from server.caller import Caller, NotConnectedError
from server.files.results import Kept, Results
from server.upstream.client import Upstream
from server.upstream.declared import as_declared
from server.upstream.errors import ForbiddenError, InvalidError, UpstreamError
from server.upstream.errors import NotFoundError as NoSuchRecord
from server.upstream.pages import PageOfRows, at_page, page_of
from server.upstream.stream import stream_cursor, stream_pages
from tools.arguments import check
from tools.catalogue import Catalogue
from tools.operation import Effect, Operation, System
from tools.request import Request, compose
from tools.workflows import workflow
from tools.workflows.books import NotAllowedError, NotFoundError, ReadFailedError, RefusedError, Rows, Stream
from tools.workflows.findings import Table, UnclearError

log = logging.getLogger(__name__)

SECONDS = 50.0
"""How long a workflow reads. Hosts give a call a minute."""


_EVER = "1970-01-01 00:00:00"
"""Exports by cursor begin where records changed; this is before any of them."""
_LARGEST_PART = 1000


class Workflows:
    """Carries out workflow tools.

    today: the day for which due and overdue are told. results: where rows are kept that do not fit into an answer.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        connect: Callable[[System], Awaitable[Upstream]],
        today: Callable[[], dt.date],
        results: Results,
        budget: int,
    ) -> None:
        self._results = results
        self._catalogue = catalogue
        self._connect = connect
        self._today = today
        self._budget = budget

    async def answer(self, name: str, given: Mapping[str, Any] | None, caller: Caller) -> Answer:
        """The answer of a workflow. Raises InvalidArgumentsError and UpstreamError."""
        declared = workflow.find(name)
        wanted = check(declared.arguments, given)
        books = _Books(self._catalogue, self._connect, self._today(), caller)
        try:
            found = await declared.answer(wanted, books)
        except UnclearError as error:
            return unclear_answer(name, error)
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            # What the API answers is documented in part only; a shape that nobody expected must not look like a crash.
            log.exception("workflow %s", name)
            text = "The API's answer is not of the shape that is known, so this question cannot be answered from it."
            return error_answer("unexpected_answer", text, "Use the list and get tools, which show what it gives.")
        except ReadFailedError as error:
            cause = error.__cause__
            raise cause if isinstance(cause, UpstreamError) else UpstreamError(str(error), advice="") from None
        budget = min(wanted.max_tokens or found.tokens or declared.tokens, self._budget)
        pictures = [await anyio.to_thread.run_sync(picture, chart) for chart in found.charts]

        def keep(table: Table) -> Kept:
            return self._results.keep(caller.principal, f"{name} {table.name}", table.rows, kinds_of(table))

        return findings_answer(name, found, books.used, tuple(pictures), budget=budget, keep=keep)


@dataclass
class _Books:
    """The connected systems as a workflow reads them."""

    catalogue: Catalogue
    connect: Callable[[System], Awaitable[Upstream]]
    today: dt.date
    caller: Caller
    used: dict[str, int] = field(default_factory=dict)
    """Requests by operation, in the order of first use."""
    _ends: float = field(default_factory=lambda: anyio.current_time() + SECONDS)
    _pages: int = 0

    def has(self, *operations: str) -> bool:
        """Whether all of these operations may be used."""
        return all(name in self.catalogue.readable for name in operations)

    async def record(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """One record, without its envelope."""
        declared, request = self._request(operation, arguments)
        data = await self._send(declared, request)
        if isinstance(data, dict) and isinstance(data.get("data"), dict) and set(data) <= {"data", "message", "meta"}:
            data = data["data"]
        return as_declared(data, declared.returns) if isinstance(data, dict) else {"result": data}

    async def page(self, operation: str, **arguments: Any) -> Rows:
        """One page of a list."""
        declared, request = self._request(operation, arguments)
        page = await self._page(declared, request)
        total = page.total if page.total is not None or page.paged else len(page.rows)
        return Rows(page.rows, total)

    @asynccontextmanager
    async def stream(self, operation: str, **arguments: Any) -> AsyncIterator[Stream]:
        """All pages of a list; an export that is read by cursor from its beginning."""
        declared = self.operation(operation)
        time = max(self._ends - anyio.current_time(), 1.0)
        if "cursor" in declared.arguments.model_fields:

            async def read_part(cursor: str) -> PageOfRows:
                start = {"cursor": cursor} if cursor else {"since": arguments.get("since", _EVER)}
                part = {**arguments, "since": None, "limit": _LARGEST_PART, **start}
                return await self._page(*self._request(operation, part))

            async with stream_cursor(read_part, self._progress, seconds=time) as parts:
                yield parts
            return
        _, request = self._request(operation, arguments)

        async def read(number: int) -> PageOfRows:
            return await self._page(declared, at_page(request, number))

        async with stream_pages(read, MAX_PER_PAGE, self._progress, seconds=time, ahead=False) as stream:
            yield stream

    def take(self, seconds: int) -> None:
        """From now on, read for so long."""
        self._ends = anyio.current_time() + seconds

    def operation(self, name: str) -> Operation:
        """The declaration of an operation that may be used."""
        return self.catalogue.read_by_workflows(name)

    def operations(self) -> Iterable[str]:
        """The names of all operations that may be used."""
        return self.catalogue.readable

    async def _progress(self, done: int, total: int | None) -> None:
        # Several lists may be read in one call, and progress only ever grows.
        self._pages += 1
        await self.caller.progress(max(self._pages, done), total if total and total >= self._pages else None)

    def _request(self, name: str, given: Mapping[str, Any]) -> tuple[Operation, Request]:
        operation = self.catalogue.read_by_workflows(name)
        if operation.effect is not Effect.READ:
            raise ValueError(f"{name} is no read")
        model = operation.arguments
        if issubclass(model, Pages):
            given = {model.page_size: MAX_PER_PAGE, **given}
        return operation, compose(operation, check(model, given))

    async def _page(self, operation: Operation, request: Request) -> PageOfRows:
        per_page = next((int(value) for name, value in request.query if name in ("per_page", "limit")), MAX_PER_PAGE)
        page = page_of(await self._send(operation, request), per_page)
        return replace(page, rows=[as_declared(row, operation.returns) for row in page.rows])

    async def _send(self, operation: Operation, request: Request) -> Any:
        self.used[operation.name] = self.used.get(operation.name, 0) + 1
        try:
            with anyio.fail_after(max(self._ends - anyio.current_time(), 1.0)):
                upstream = await self.connect(operation.toolset.system)
                reply = await upstream.send(request, read=True)
        except TimeoutError as error:
            raise ReadFailedError("The time for this answer ran out while the API was asked.") from error
        except NotConnectedError as error:
            raise NotAllowedError(str(error)) from error
        except NoSuchRecord as error:
            raise NotFoundError(str(error)) from error
        except ForbiddenError as error:
            raise NotAllowedError(str(error)) from error.needing(operation.permission)
        except InvalidError as error:
            raise RefusedError(str(error), tuple(error.fields)) from error
        except UpstreamError as error:
            raise ReadFailedError(str(error)) from error
        return reply.data
