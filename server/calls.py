"""The way of a call: declaration, checked arguments, guard, upstream, answer. One direction; knows no MCP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.common import File
from schemas.listing import MAX_PER_PAGE, Pages
from server.answers.answer import MAX_TOKENS, Answer
from server.answers.errors import invalid_arguments, unknown_tool, upstream_error
from server.answers.lists import Span, list_answer
from server.answers.records import file_answer, record_answer
from server.answers.writes import outcome_answer, plan_answer, refusal_answer
from server.guard.guard import Guard, Writes
from server.guard.plan import Plan, PlanRefusedError
from server.upstream.client import Upstream
from server.upstream.errors import UnavailableError, UpstreamError
from server.upstream.pages import PageOfRows, at_page, page_of, read_all
from tools.arguments import InvalidArgumentsError, check
from tools.catalogue import Catalogue, UnknownToolError
from tools.confirm import CONFIRM, ConfirmWrite
from tools.operation import Effect, Operation
from tools.request import Request, compose


async def _silent(done: int, total: int | None) -> None:
    return None


@dataclass(frozen=True)
class Caller:
    """Who calls, and what their client can do. can_ask: it can put a question to the person in front of it."""

    principal: str
    can_ask: bool = False
    progress: Callable[[int, int | None], Awaitable[None]] = _silent


class Calls:
    """Carries out tool calls for one company.

    connect: gives the client of the company's API; called when first needed, so that nothing waits for it before.
    budget: tokens of one text and of one structured content.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        guard: Guard,
        writes: Writes,
        connect: Callable[[], Awaitable[Upstream]],
        *,
        budget: int = MAX_TOKENS,
    ) -> None:
        self._all = catalogue
        self.catalogue = catalogue.reads_only() if writes is Writes.OFF else catalogue
        self.guard = guard
        self.writes = writes
        self._connect = connect
        self._budget = budget

    async def call(self, name: str, given: Mapping[str, Any] | None, caller: Caller) -> Answer | Plan:
        """The answer of a tool, or a Plan that the person in front of the client must be asked about.

        Whatever goes wrong is an answer too; nothing but cancellation is raised.
        """
        try:
            if name == CONFIRM and self.writes is Writes.ASK:
                return await self._confirm(check(ConfirmWrite, given).plan_id, caller)
            if name in self._all and name not in self.catalogue:
                return refusal_answer(f"{name} changes data, and writes are off here. Nothing was changed.", tool=name)
            operation = self.catalogue.operation(name)
            arguments = check(operation.arguments, given)
            if operation.effect is Effect.READ:
                return await self._read(operation, arguments, caller)
            return await self._write(operation, arguments, caller)
        except UnknownToolError as error:
            return unknown_tool(name, error.nearest, len(self.catalogue))
        except InvalidArgumentsError as error:
            return invalid_arguments(name, error)
        except UpstreamError as error:
            return upstream_error(error)

    async def settle(self, plan_id: str, agreed: bool, caller: Caller) -> Answer:
        """Carry out or drop a plan after the person was asked."""
        try:
            if not agreed:
                plan = self.guard.decline(plan_id, caller.principal)
                return refusal_answer(
                    f"The user did not agree, so nothing was changed: {plan.summary}",
                    plan_id=plan_id,
                    tool=plan.operation.name,
                )
            return await self._confirm(plan_id, caller)
        except PlanRefusedError as error:
            return refusal_answer(f"{error} Nothing was changed.", plan_id=plan_id)
        except UpstreamError as error:
            return upstream_error(error)

    async def _confirm(self, plan_id: str, caller: Caller) -> Answer:
        try:
            outcome = await self.guard.carry_out(plan_id, caller.principal, await self._connect())
        except PlanRefusedError as error:
            text = f"{error} Nothing was changed. Call the write tool again for a new plan."
            return refusal_answer(text, plan_id=plan_id)
        except UpstreamError as error:
            text = f"The record could not be read again, so nothing was changed. {error} Call the write tool again."
            return refusal_answer(text, plan_id=plan_id)
        return outcome_answer(outcome)

    async def _write(self, operation: Operation, arguments: Any, caller: Caller) -> Answer | Plan:
        if self.writes is Writes.STRICT and not caller.can_ask:
            text = (
                f"{operation.name} needs the approval of a person, and this client cannot ask for it."
                " Nothing was changed."
            )
            return refusal_answer(text, tool=operation.name)
        upstream = await self._connect()
        plan = await self.guard.plan(operation, arguments, upstream, caller.principal)
        if self.writes is Writes.ALLOW and plan.unsettled is not None:
            self.guard.decline(plan.id, caller.principal)
            text = f"{plan.warnings[-1]}. Nothing was sent: read the record, and see luminous-mcp journal."
            return refusal_answer(text, plan_id=plan.id, tool=operation.name)
        if self.writes is Writes.ALLOW:
            outcome = await self.guard.carry_out(plan.id, caller.principal, upstream, just_planned=True)
            return outcome_answer(outcome)
        return plan if caller.can_ask else plan_answer(plan)

    async def _read(self, operation: Operation, arguments: Any, caller: Caller) -> Answer:
        upstream = await self._connect()
        if operation.many:
            return await self._list(operation, arguments, upstream, caller)
        reply = await upstream.send(compose(operation, arguments), read=True)
        if reply.content is not None:
            if operation.returns is not File:
                raise UnavailableError("The answer is no JSON.")
            return file_answer(operation.name, reply.content, reply.content_type)
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

    async def _list(self, operation: Operation, arguments: Any, upstream: Upstream, caller: Caller) -> Answer:
        request = compose(operation, arguments)
        if not isinstance(arguments, Pages):
            page = await self._page(upstream, request, 0)
            span = Span(total=page.total, pages=page.last, per_page=len(page.rows), paged=page.paged)
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
        span = Span(arguments.page, per_page, page.total, page.last, paged=page.paged)
        return list_answer(operation.name, page.rows, span, operation.returns, arguments.fields, budget=self._budget)

    async def _page(self, upstream: Upstream, request: Request, per_page: int) -> PageOfRows:
        reply = await upstream.send(request, read=True)
        if reply.content is not None:
            raise UnavailableError("The answer is no JSON.")
        return page_of(reply.data, per_page)

    def _next_tools(self, operation: Operation, record: Any) -> tuple[str, ...]:
        """Writes that the record's state takes, as far as that is known."""
        status = record.get("status") if isinstance(record, dict) else None
        if self.writes is Writes.OFF or operation.returns is None:
            return ()
        return tuple(
            each.name
            for each in operation.toolset.operations.values()
            if each.effect is not Effect.READ
            and each.when
            and status in each.when
            and operation.toolset.subject_of(each) is operation
        )
