"""The way of a call: declaration, checked arguments, guard, upstream, answer. One direction; knows no MCP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from schemas.common import Arguments, Mark
from schemas.files import FileInput
from server.answers.answer import MAX_TOKENS, Answer
from server.answers.budget import tokens
from server.answers.errors import error_answer, invalid_arguments, refusal_budget, unknown_tool, upstream_error
from server.answers.tools import description_answer, found_answer, workflow_description_answer
from server.answers.writes import (
    already_answer,
    batch_answer,
    outcome_answer,
    plan_answer,
    plan_text,
    refusal_answer,
)
from server.caller import Caller, NotConnectedError
from server.files.folders import Folders
from server.guard.guard import AlreadyDoneError, Guard, Outcome, Wanted
from server.guard.modes import Writes
from server.guard.plan import AnyPlan, Batch, PlanRefusedError, SecondPersonError
from server.guard.policy import Decision
from server.guard.undo import NoUndoError, may_be_undone
from server.reads import Reads
from server.upstream.client import Upstream
from server.upstream.errors import ForbiddenError, UpstreamError
from server.workflows import Workflows
from tools import meta
from tools.arguments import InvalidArgumentsError, Problem, check, is_marked
from tools.catalogue import Catalogue, UnknownToolError, WorkflowEntry
from tools.operation import Effect, Operation, System
from tools.request import FilePart
from tools.workflows import workflow

if TYPE_CHECKING:
    from tools.search import Index


_MONTHLY = frozenset({"close_checklist"})
"""Workflows that the compact surface does not list, but finds: it is there for hosts that load everything."""


class Surface(StrEnum):
    """Which tools a host sees."""

    FULL = "full"
    """Every enabled operation."""
    COMPACT = "compact"
    """Search, describe and call; every enabled operation is reached through them."""


class Calls:
    """Carries out tool calls.

    catalogue: the enabled operations. connect: gives the client of a system's API; called when first needed, so that
    nothing waits for it before. today: the day for which due and overdue are told. budget: tokens of one text and of
    one structured content.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        guard: Guard,
        connect: Callable[[System], Awaitable[Upstream]],
        *,
        today: Callable[[], dt.date],
        surface: Surface = Surface.FULL,
        folders: Folders | None = None,
        budget: int = MAX_TOKENS,
    ) -> None:
        self._all = catalogue
        self.catalogue = catalogue.reads_only() if guard.writes is Writes.OFF else catalogue
        self.guard = guard
        self.surface = surface
        self._folders = folders or Folders()
        self._budget = budget
        self.reads = Reads(self.catalogue, connect, self._folders, budget, today=today)
        self.today = today
        self.workflows = Workflows(self.catalogue, connect, today, self.reads.results, budget)

    @property
    def meta_tools(self) -> tuple[str, ...]:
        """Tools over tools that are listed: on the compact surface all that apply, else the confirmation alone."""
        names = [meta.FIND, meta.DESCRIBE, meta.CALL_READ] if self.surface is Surface.COMPACT else []
        if self.writes is Writes.OFF:
            return tuple(names)
        if self.surface is Surface.COMPACT:
            names.append(meta.CALL_WRITE)
        names += [meta.BATCH, meta.UNDO]
        if self.guard.may_be_confirmed:
            names.append(meta.CONFIRM)
        return tuple(names)

    @property
    def listed_workflows(self) -> list[WorkflowEntry]:
        """The workflow tools that hosts see."""
        unseen = _MONTHLY if self.surface is Surface.COMPACT else frozenset()
        return [entry for name, entry in self.catalogue.workflows.items() if name not in unseen]

    @cached_property
    def _index(self) -> Index:
        """Search over everything that is not listed."""
        from tools.search import Index

        listed = {entry.name for entry in self.listed_workflows}
        found = [entry.entry for name, entry in self.catalogue.workflows.items() if name not in listed]
        return Index((*self.catalogue, *found)) if found else self.catalogue.index

    @property
    def writes(self) -> Writes:
        """The mode of writing."""
        return self.guard.writes

    async def call(self, name: str, given: Mapping[str, Any] | None, caller: Caller) -> Answer | AnyPlan:
        """The answer of a tool, or a plan that the person in front of the client must be asked about.

        Whatever goes wrong is an answer too; nothing but cancellation is raised.
        """
        try:
            if name in self.meta_tools:
                return await self._meta(name, given, caller)
            if name in self.catalogue.workflows:
                return await self.workflows.answer(name, given, caller)
            if self.surface is Surface.COMPACT and name in self.catalogue:
                door = meta.CALL_READ if self.catalogue.entries[name].effect == "read" else meta.CALL_WRITE
                raise InvalidArgumentsError([Problem("name", f"this tool is called through {door}")])
            return await self._operation(name, given, caller)
        except UnknownToolError as error:
            where = "find_tools" if self.surface is Surface.COMPACT else "tools/list"
            return unknown_tool(error.name, error.nearest, where)
        except InvalidArgumentsError as error:
            return invalid_arguments(name, error, refusal_budget((given or {}).get("max_tokens")))
        except NotConnectedError as error:
            return error_answer("not_connected", str(error))
        except PlanRefusedError as error:
            return refusal_answer(f"{error} Nothing was changed.", tool=name)
        except AlreadyDoneError as error:
            return already_answer(error.earlier)
        except UpstreamError as error:
            return upstream_error(error, refusal_budget((given or {}).get("max_tokens")))

    async def settle(self, plan_id: str, agreed: bool, caller: Caller) -> Answer:
        """Carry out or drop a plan after the person was asked."""
        try:
            if not agreed:
                plan = self.guard.decline(plan_id, caller.principal)
                text = f"The user did not agree, so nothing was changed: {plan.summary}"
                return refusal_answer(text, plan_id=plan_id, tool=plan.tool)
            return await self._confirm(plan_id, caller, asked=True)
        except PlanRefusedError as error:
            return refusal_answer(f"{error} Nothing was changed.", plan_id=plan_id)
        except UpstreamError as error:
            return upstream_error(error)

    # Tools over tools

    async def _meta(self, name: str, given: Mapping[str, Any] | None, caller: Caller) -> Answer | AnyPlan:
        if name == meta.CONFIRM:
            plan_id = check(meta.ConfirmWrite, given).plan_id
            return self._for_second(plan_id, caller) or await self._confirm(plan_id, caller)
        if name == meta.BATCH:
            return await self._batch(check(meta.PlanBatch, given), caller)
        if name == meta.UNDO:
            return await self._undo(check(meta.PlanUndo, given).journal_id, caller)
        if name == meta.FIND:
            wanted = check(meta.FindTools, given)
            found = self._index.find(wanted.query, wanted.effect, wanted.limit)
            return found_answer(wanted.query, [each.entry for each in found])
        if name == meta.DESCRIBE:
            described = check(meta.DescribeTool, given).name
            if described in self.catalogue.workflows:
                return workflow_description_answer(workflow.find(described))
            return description_answer(self.catalogue.operation(described))
        if name == meta.CALL_READ:
            read = check(meta.CallReadTool, given)
            if read.name in self.catalogue.workflows:
                return await self.workflows.answer(read.name, read.arguments, caller)
            entry = self._all.entries.get(read.name)
            if entry is not None and entry.effect != "read":
                text = f"{read.name} changes data; call_read_tool calls tools that read. Nothing was changed."
                return refusal_answer(text, tool=read.name)
            return await self._operation(read.name, read.arguments, caller)
        write = check(meta.CallWriteTool, given)
        entry = self._all.entries.get(write.name)
        if entry is not None and entry.effect == "read":
            return refusal_answer(f"{write.name} only reads; use call_read_tool.", tool=write.name)
        return await self._operation(write.name, write.arguments, caller)

    def _for_second(self, plan_id: str, caller: Caller) -> AnyPlan | None:
        """Somebody else's plan, where its second person can be asked: they are shown what they confirm."""
        if not caller.can_ask:
            return None
        try:
            plan = self.guard.find(plan_id, caller.principal)
        except PlanRefusedError:
            return None
        return plan if plan.principal != caller.principal else None

    async def _confirm(self, plan_id: str, caller: Caller, *, asked: bool = False) -> Answer:
        try:
            outcomes = await self.guard.carry_out(plan_id, caller.principal, asked=asked)
        except SecondPersonError as error:
            return refusal_answer(f"{error} Nothing was changed yet.", plan_id=plan_id)
        except PlanRefusedError as error:
            text = f"{error} Nothing was changed. Call the write tool again for a new plan."
            return refusal_answer(text, plan_id=plan_id)
        except AlreadyDoneError as error:
            return already_answer(error.earlier)
        except UpstreamError as error:
            text = f"The record could not be read again, so nothing was changed. {error} Call the write tool again."
            return refusal_answer(text, plan_id=plan_id)
        return self._outcome(outcomes)

    def _outcome(self, outcomes: Sequence[Outcome]) -> Answer:
        if len(outcomes) > 1:
            return batch_answer(outcomes)
        plan = outcomes[0].plan
        undo = may_be_undone(plan.operation, plan.before, plan.request.body, self.catalogue.operations)
        return outcome_answer(outcomes[0], undo)

    async def _batch(self, batch: meta.PlanBatch, caller: Caller) -> Answer | AnyPlan:
        wanted = [self._wanted(each.tool, each.arguments) for each in batch.writes]
        for each in wanted:
            if each.operation.effect is Effect.READ:
                raise InvalidArgumentsError([Problem("writes", f"{each.operation.name} only reads")])
            self._check_person(each.operation, caller)
        return await self._offered(await self.guard.plan_batch(wanted, caller.principal), caller)

    async def _undo(self, journal_id: int, caller: Caller) -> Answer | AnyPlan:
        try:
            plan = await self.guard.plan_undo(journal_id, caller.principal)
        except NoUndoError as error:
            return refusal_answer(f"Write {journal_id} cannot be taken back: {error}.", tool=meta.UNDO)
        if plan.operation.name not in self.catalogue:
            text = f"Write {journal_id} is taken back by {plan.operation.name}, which is not enabled here."
            return refusal_answer(f"{text} Nothing was changed.", tool=meta.UNDO)
        self._check_person(plan.operation, caller)
        return await self._offered(plan, caller)

    # Operations

    async def _operation(self, name: str, given: Mapping[str, Any] | None, caller: Caller) -> Answer | AnyPlan:
        if name in self._all and name not in self.catalogue:
            return refusal_answer(f"{name} changes data, and writes are off here. Nothing was changed.", tool=name)
        wanted = self._wanted(name, given)
        operation = wanted.operation
        try:
            if operation.effect is Effect.READ:
                return await self.reads.answer(operation, wanted.arguments, list(wanted.files), caller)
            return await self._write(wanted, caller)
        except ForbiddenError as error:
            raise error.needing(operation.permission) from None

    def _loaded(self, arguments: Arguments) -> list[FilePart]:
        """The files that arguments name, read from where the user allowed."""
        model = type(arguments)
        given = {name: getattr(arguments, name) for name in model.model_fields if is_marked(model, name, Mark.FILE)}
        return [self._folders.load(name, value) for name, value in given.items() if isinstance(value, FileInput)]

    def _wanted(self, name: str, given: Mapping[str, Any] | None) -> Wanted:
        """The checked call of an operation; `repeat` is taken by every write. Raises InvalidArgumentsError."""
        operation = self.catalogue.operation(name)
        given = dict(given or {})
        repeat = False
        if operation.effect is not Effect.READ and "repeat" not in operation.arguments.model_fields:
            repeat = given.pop("repeat", False)
            if not isinstance(repeat, bool):
                raise InvalidArgumentsError([Problem("repeat", "must be true or false")])
        read = operation.effect is Effect.READ
        arguments = check(operation.asked if read else operation.arguments, given)
        return Wanted(operation, arguments, tuple(self._loaded(arguments)), repeat)

    def _check_person(self, operation: Operation, caller: Caller) -> None:
        """Refuse before anything is planned what only a person may approve, where nobody can be asked."""
        if self.guard.ruling(operation).decision is Decision.PERSON and not caller.can_ask:
            raise PlanRefusedError(
                f"{operation.name} needs the approval of a person, and this client cannot ask for it."
            )

    async def _write(self, wanted: Wanted, caller: Caller) -> Answer | AnyPlan:
        self._check_person(wanted.operation, caller)
        return await self._offered(await self.guard.plan(wanted, caller.principal), caller)

    async def _offered(self, plan: AnyPlan, caller: Caller) -> Answer | AnyPlan:
        """The plan for whoever confirms it; what came of it where nobody has to."""
        if plan.decision == Decision.ALLOW and not plan.two_persons:
            return self._outcome(await self.guard.carry_out(plan.id, caller.principal, just_planned=True))
        if isinstance(plan, Batch) and tokens(plan_text(plan)) > self._budget:
            self.guard.decline(plan.id, caller.principal)
            raise PlanRefusedError(
                f"The plan of these {len(plan.plans)} writes is too long to be shown whole, and nobody should confirm"
                " what they cannot see. Plan fewer at once."
            )
        return plan if caller.can_ask else plan_answer(plan)
