"""Workflows carried out: what they read with, over the connected systems, and the answer made of what they found."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import anyio

from schemas.listing import MAX_PER_PAGE, Pages
from server.answers.answer import Answer, aside
from server.answers.errors import error_answer
from server.answers.findings import findings_answer, kinds_of, picture, unclear_answer
from server.caller import Caller, NotConnectedError
from server.files.results import Kept, Results
from server.upstream.client import Upstream
from server.upstream.declared import as_declared
from server.upstream.errors import ForbiddenError, InvalidError, UnavailableError, UnexpectedAnswerError, UpstreamError
from server.upstream.errors import NotFoundError as NoSuchRecord
from server.upstream.pages import MAX_SECONDS, PageOfRows, at_page, page_of
from server.upstream.stream import PageStream, stream_cursor, stream_pages
from tools.arguments import InvalidArgumentsError, check
from tools.catalogue import Catalogue
from tools.operation import Effect, Operation, System
from tools.request import Request, compose
from tools.workflows import workflow
from tools.workflows.books import NotAllowedError, NotFoundError, ReadFailedError, RefusedError, Rows, Stream
from tools.workflows.findings import Table, UnclearError

log = logging.getLogger(__name__)
T = TypeVar("T")

_STABLE_SORTS = {"list_inventory_stock": "product.id:asc"}
"""The order in which a list is read whole: what is new comes last and moves nothing. Usually by id; documented here."""
_USUAL_SORT = "id:asc"
_EVER = "1970-01-01 00:00:00"
"""Exports by cursor begin where records changed; this is before any of them."""
_LARGEST_PART = 1000
_OUT_OF_TIME = "The time for this answer ran out while the API was asked."
_REFUSALS = (InvalidError, UnavailableError)
"""What an API may answer to an order that it does not have: some fail instead of refusing."""


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
        self._unsorted: set[str] = set()
        """Lists that were found to refuse the order in which they are best read."""

    async def answer(self, name: str, given: Mapping[str, Any] | None, caller: Caller) -> Answer:
        """The answer of a workflow. Raises InvalidArgumentsError and UpstreamError."""
        declared = workflow.find(name)
        wanted = check(declared.arguments, given)
        books = _Books(self._catalogue, self._connect, self._today(), caller, self._unsorted)
        try:
            found = await declared.answer(wanted, books)
        except UnclearError as error:
            return unclear_answer(name, error, min(wanted.max_tokens or declared.tokens, self._budget))
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            # What the API answers is documented in part only; a shape that nobody expected must not look like a crash.
            log.exception("workflow %s", name)
            text = "The API's answer is not of the shape that is known, so this question cannot be answered from it."
            raise UnexpectedAnswerError(text) from None
        except ReadFailedError as error:
            if isinstance(error.__cause__, InvalidArgumentsError):
                text = f"{name} was not carried out. {error}"
                return error_answer("invalid_arguments", text, "Check the ids and values that were given.")
            raise _of_its_kind(error) from None
        budget = min(wanted.max_tokens or found.tokens or declared.tokens, self._budget)
        pictures = [await anyio.to_thread.run_sync(picture, chart) for chart in found.charts]

        def keep(table: Table) -> Kept:
            return self._results.keep(caller.principal, f"{name} {table.name}", table.rows, kinds_of(table))

        make = partial(findings_answer, name, found, books.used, tuple(pictures), budget=budget, keep=keep)
        return await aside(make, rows=sum(len(each.rows) for each in found.tables))


def _declared(rows: Sequence[dict[str, Any]], operation: Operation) -> list[dict[str, Any]]:
    """Rows in the shape that the operation declares."""
    try:
        return [as_declared(row, operation.returns) for row in rows]
    except UnexpectedAnswerError as error:
        raise ReadFailedError(str(error)) from error


def _of_its_kind(error: ReadFailedError) -> Exception:
    """What is raised where a get or list tool fails like this."""
    cause = error.__cause__
    if isinstance(cause, UpstreamError | NotConnectedError):
        return cause
    if isinstance(error, NotFoundError):
        return NoSuchRecord(str(error), advice="")
    if isinstance(error, NotAllowedError):
        return ForbiddenError(str(error), advice="")
    if isinstance(cause, TimeoutError):
        return UnavailableError(str(error))
    return UpstreamError(str(error), advice="")


@dataclass
class _Books:
    """The connected systems as a workflow reads them."""

    catalogue: Catalogue
    connect: Callable[[System], Awaitable[Upstream]]
    today: dt.date
    caller: Caller
    unsorted: set[str]
    """Lists that refuse to be sorted."""
    used: dict[str, int] = field(default_factory=dict)
    """Requests by operation, in the order of first use."""
    _ends: float = field(default_factory=lambda: anyio.current_time() + MAX_SECONDS)
    _pages: int = 0
    _has_rows: bool = False
    """Whether a page of any list that is read whole came in."""

    def has(self, *operations: str) -> bool:
        """Whether all of these operations may be used."""
        return all(name in self.catalogue.readable for name in operations)

    async def record(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """One record, without its envelope."""
        declared, request = self._request(operation, arguments)
        data = await self._in_time(self._send(declared, request))
        if isinstance(data, dict) and isinstance(data.get("data"), dict) and set(data) <= {"data", "message", "meta"}:
            data = data["data"]
        return _declared([data], declared)[0] if isinstance(data, dict) else {"result": data}

    async def page(self, operation: str, **arguments: Any) -> Rows:
        """One page of a list."""
        declared, request = self._request(operation, arguments)
        page = await self._in_time(self._page(declared, request))
        total = page.total if page.total is not None or page.paged else len(page.rows)
        return Rows(page.rows, total)

    @asynccontextmanager
    async def stream(self, operation: str, **arguments: Any) -> AsyncIterator[Stream]:
        """All pages of a list; an export that is read by cursor from its beginning."""
        declared = self.operation(operation)
        is_export = "cursor" in declared.arguments.model_fields
        async with (self._parts if is_export else self._numbered)(declared, arguments, self._left) as stream:
            yield stream
        if stream.out_of_time and not self._has_rows:
            raise ReadFailedError(_OUT_OF_TIME) from TimeoutError()

    def _parts(
        self, declared: Operation, arguments: Mapping[str, Any], seconds: float
    ) -> AbstractAsyncContextManager[PageStream]:
        async def read_part(cursor: str) -> PageOfRows:
            start = {"cursor": cursor} if cursor else {"since": arguments.get("since", _EVER)}
            part = {**arguments, "since": None, "limit": _LARGEST_PART, **start}
            return await self._streamed(*self._request(declared.name, part))

        return stream_cursor(read_part, self._progress, seconds=seconds)

    def _numbered(
        self, declared: Operation, arguments: Mapping[str, Any], seconds: float
    ) -> AbstractAsyncContextManager[PageStream]:
        name = declared.name
        _, unsorted = self._request(name, arguments)
        request, sorts = unsorted, "sort" in declared.arguments.model_fields and "sort" not in arguments
        if sorts and name not in self.unsorted:
            _, request = self._request(name, {**arguments, "sort": _STABLE_SORTS.get(name, _USUAL_SORT)})

        async def read(number: int) -> PageOfRows:
            nonlocal request
            try:
                return await self._streamed(declared, at_page(request, number))
            except ReadFailedError as error:
                refusal = error.__cause__
                if number > 1 or request is unsorted or not isinstance(refusal, _REFUSALS):
                    raise
            # By what a list can be sorted is hardly documented; the first page shows it, and is read alone.
            page = await self._streamed(declared, at_page(unsorted, number))
            request = unsorted
            if isinstance(refusal, InvalidError):  # What failed otherwise may have failed this once.
                self.unsorted.add(name)
            return page

        return stream_pages(read, MAX_PER_PAGE, self._progress, seconds=seconds, ahead=False)

    async def _streamed(self, operation: Operation, request: Request) -> PageOfRows:
        page = await self._page(operation, request)
        self._has_rows = True
        return page

    @property
    def _left(self) -> float:
        """Seconds that there are still to read."""
        return max(self._ends - anyio.current_time(), 1.0)

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
        try:
            return operation, compose(operation, check(model, given))
        except InvalidArgumentsError as error:
            # The names are those of the operation; the caller has others.
            said = "; ".join(dict.fromkeys(problem.message for problem in error.problems))
            raise ReadFailedError(f"What was given does not fit {name}: {said}.") from error

    async def _page(self, operation: Operation, request: Request) -> PageOfRows:
        per_page = next((int(value) for name, value in request.query if name in ("per_page", "limit")), MAX_PER_PAGE)
        data = await self._send(operation, request)
        try:
            page = page_of(data, per_page, operation.returns)
        except UnavailableError as error:
            raise ReadFailedError(str(error)) from error
        return replace(page, rows=_declared(page.rows, operation))

    async def _in_time(self, read: Awaitable[T]) -> T:
        """What is read, within the time of the call. Pages of a stream have its time instead."""
        try:
            with anyio.fail_after(self._left):
                return await read
        except TimeoutError as error:
            raise ReadFailedError(_OUT_OF_TIME) from error

    async def _send(self, operation: Operation, request: Request) -> Any:
        self.used[operation.name] = self.used.get(operation.name, 0) + 1
        try:
            upstream = await self.connect(operation.toolset.system)
            reply = await upstream.send(request, read=True)
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
