"""Plans writes, and carries out the ones that were confirmed: once, if the record is still as it was."""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import anyio

from schemas.common import Arguments
from server.guard.entries import Status, Written
from server.guard.journal import Journal, RepeatError
from server.guard.modes import Writes
from server.guard.plan import LIFETIME, AnyPlan, Batch, Flow, Plan, PlanRefusedError, Plans, SecondPersonError, new_id
from server.guard.planner import Planner, key_of
from server.guard.policy import Decision, Policy, Ruling
from server.guard.reading import Connect, Tools, fingerprint, look, reader, record_of, unwrapped
from server.guard.recognition import Others, Verdict, recognise
from server.guard.settlement import SETTLE_AFTER, Settlement, conclude
from server.guard.undo import NoUndoError, inverse_of, sets_state
from server.upstream.client import Upstream
from server.upstream.errors import ForbiddenError, OutcomeUnknownError, UpstreamError
from server.upstream.replies import Reply
from tools.arguments import InvalidArgumentsError, check
from tools.operation import Operation
from tools.request import FilePart, compose

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What came of a plan. reply: the API's answer where it was done. journal_id None: it was never begun.

    note: what to know besides, such as that reading settled it.
    """

    plan: Plan
    status: Status
    reply: Reply | None = None
    error: Exception | None = None
    journal_id: int | None = None
    note: str = ""


class AlreadyDoneError(Exception):
    """The very same write was carried out before, inside the window. Nothing was sent."""

    def __init__(self, earlier: Written) -> None:
        super().__init__(f"the very same was done already (journal {earlier.id}, {earlier.at})")
        self.earlier = earlier


class OpenWriteError(PlanRefusedError):
    """The very same write may have been carried out, and that could not be settled. Nothing was sent."""

    def __init__(self, earlier: Written, reason: str) -> None:
        begun = "was begun and has no outcome" if earlier.status is None else "ended without a known outcome"
        super().__init__(f"The very same write of {earlier.at} (journal {earlier.id}) {begun}: {reason}.")
        self.earlier = earlier


@dataclass(frozen=True)
class Wanted:
    """A write that is asked for: checked arguments, loaded files."""

    operation: Operation
    arguments: Arguments
    files: Sequence[FilePart] = ()
    repeat: bool = False


class Guard:
    """Plans and carries out the writes of one server.

    tools: every operation by name, for what must be read and what takes a write back.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Callable[[], dt.datetime],
        connect: Connect,
        tools: Tools,
        *,
        writes: Writes = Writes.ASK,
        policy: Policy | None = None,
        settle_after: dt.timedelta = SETTLE_AFTER,
    ) -> None:
        self.journal = journal
        self.writes = writes
        self.policy = policy or Policy()
        self._planner = Planner(self.policy, tools)
        self._clock = clock
        self._connect = connect
        self._tools = tools
        self.settlement = Settlement(journal, clock, connect, tools, settle_after)
        self._plans = Plans()

    @property
    def may_be_confirmed(self) -> bool:
        """Whether any plan can be confirmed by a second call."""
        if self.writes is Writes.ASK:
            return True
        if self.writes is not Writes.OFF and self.policy.four_eyes is not None:
            return True
        said = {*self.policy.effects.values(), *self.policy.toolsets.values(), *self.policy.tools.values()}
        return self.writes is Writes.ALLOW and Decision.CONFIRM in said

    def ruling(self, operation: Operation) -> Ruling:
        """What a write needs here, and which rule says so."""
        return self._planner.ruling(operation, self.writes)

    # Planning

    async def plan(self, wanted: Wanted, principal: str) -> Plan:
        """A plan of a write, kept for confirmation. Changes nothing.

        Raises AlreadyDoneError; OpenWriteError and PlanRefusedError; UpstreamError when the record cannot be read.
        """
        plan = await self._plan(wanted, principal)
        self._plans.put(plan)
        return plan

    async def plan_batch(self, wanted: Sequence[Wanted], principal: str) -> Batch:
        """A plan of several writes, to be confirmed together. Raises PlanRefusedError, which names the one at fault."""
        plans = []
        for number, each in enumerate(wanted, 1):
            try:
                plans.append(await self._plan(each, principal))
            except AlreadyDoneError as error:
                said = f"{error}; leave it out, or give it repeat=true to do it once more."
                raise PlanRefusedError(f"Write {number} ({each.operation.name}): {said}") from None
            except PlanRefusedError as error:
                raise PlanRefusedError(f"Write {number} ({each.operation.name}): {error}") from None
        keys = [plan.key for plan in plans if plan.key is not None]
        if len(set(keys)) < len(keys):
            raise PlanRefusedError("Two writes of the batch are the very same.")
        now = self._clock()
        companies = ", ".join(dict.fromkeys(plan.company for plan in plans))
        batch = Batch(new_id(), tuple(plans), principal, companies, now, now + LIFETIME)
        self._plans.put(batch)
        return batch

    async def plan_undo(self, journal_id: int, principal: str) -> Plan:
        """A plan that takes a write back. Raises NoUndoError, and like `plan`."""
        write = await anyio.to_thread.run_sync(self.journal.find, journal_id)
        if write is None:
            raise NoUndoError(f"there is no write {journal_id} in the journal")
        operation = self._tools.get(write.tool)
        if operation is None:
            raise NoUndoError(f"{write.tool} is not known here")
        upstream = await self._connect(operation.toolset.system)
        if write.company != upstream.connection.label:
            raise NoUndoError(f"it was written to {write.company}, and this is {upstream.connection.label}")
        inverse = inverse_of(write, self._tools, await self._made_by(write, operation, upstream))
        undo = self._tools[inverse.tool]
        try:
            arguments = check(undo.arguments, inverse.arguments)
        except InvalidArgumentsError as error:
            raise NoUndoError(f"what {inverse.tool} needs for it is not known: {error}") from None
        # Null for a field that cannot be null means "left out".
        kept = compose(undo, arguments).body or {}
        if undo is operation and (emptied := sorted(set(write.before or {}) - set(kept))):
            raise NoUndoError(f"{', '.join(emptied)} had no value before, and {undo.name} cannot take a value away")
        # Taking back what was done once more is a write of its own, however often it happens.
        return await self.plan(Wanted(undo, arguments, repeat=True), principal)

    async def _plan(self, wanted: Wanted, principal: str) -> Plan:
        operation = wanted.operation
        upstream = await self._connect(operation.toolset.system)
        now, company = self._clock(), upstream.connection.label
        ruling = self._planner.check(operation, self.writes, company, now)
        await self.settlement.look_back(operation.toolset.system, upstream)
        key = key_of(principal, company, operation, compose(operation, wanted.arguments, wanted.files))
        earlier = await self._settled_earlier(operation, key, upstream)
        if earlier is not None and not wanted.repeat:
            raise AlreadyDoneError(earlier)
        return await self._planner.plan(
            operation,
            wanted.arguments,
            upstream,
            principal,
            now,
            ruling=ruling,
            files=wanted.files,
            repeat=wanted.repeat,
            earlier=earlier,
        )

    async def _settled_earlier(self, operation: Operation, key: str | None, upstream: Upstream) -> Written | None:
        """The same write, where it was done inside the window. Raises OpenWriteError where that cannot be said."""
        if key is None:
            return None
        since = self._clock() - self.policy.repeat_window
        earlier = await anyio.to_thread.run_sync(self.journal.earlier, key, since)
        if earlier is not None and earlier.is_open:
            finding = await self.settlement.settle(earlier, upstream)
            if finding.verdict is Verdict.UNSURE:
                raise OpenWriteError(earlier, finding.reason)
            earlier = await anyio.to_thread.run_sync(self.journal.earlier, key, since)
        if earlier is None:
            return None
        superseded = sets_state(operation) and await anyio.to_thread.run_sync(self.journal.superseded, earlier)
        return None if superseded else earlier

    # Confirmation

    def find(self, plan_id: str, principal: str) -> AnyPlan:
        """A plan that waits. Raises PlanRefusedError like `carry_out`."""
        return self._plans.find(plan_id, principal, self._clock())

    def decline(self, plan_id: str, principal: str) -> AnyPlan:
        """End a plan without carrying it out. Raises PlanRefusedError."""
        return self._plans.take(plan_id, principal, self._clock(), decline=True)

    async def carry_out(
        self, plan_id: str, principal: str, *, just_planned: bool = False, asked: bool = False
    ) -> list[Outcome]:
        """Send a confirmed plan's requests, each once, and stop at the first that fails; what came of each.

        just_planned: the record was read a moment ago and is not read again. asked: the person in front of the client
        said yes. Raises PlanRefusedError when the plan is unknown, foreign, expired, used, forbidden by now, in want of
        a person's approval, or its record has changed; SecondPersonError when another person must confirm too;
        AlreadyDoneError; UpstreamError when the record cannot be read.
        """
        found = self.find(plan_id, principal)
        if found.decision == Decision.PERSON and not asked and not await self._was_approved(found, principal):
            raise PlanRefusedError("A person must approve this plan through the client, and this call asks nobody.")
        if found.two_persons:
            await self._second_person(found, principal)
        found = self._plans.take(plan_id, principal, self._clock())
        plans = found.plans if isinstance(found, Batch) else (found,)
        for plan in plans:
            self._planner.check(plan.operation, self.writes, plan.company, self._clock())
            if not just_planned:
                await self._check_unchanged(plan)
        outcomes: list[Outcome] = []
        for plan in plans:
            if outcomes and outcomes[-1].status is not Status.DONE:
                outcomes.append(Outcome(plan, Status.REFUSED, note="not sent, because a write before it was not done"))
                continue
            try:
                outcomes.append(await self._send(plan))
            except (PlanRefusedError, AlreadyDoneError) as error:
                if len(plans) == 1:
                    raise
                outcomes.append(Outcome(plan, Status.REFUSED, error=error, note=str(error)))
        return outcomes

    async def _was_approved(self, plan: AnyPlan, principal: str) -> bool:
        """Whether two persons have approved it: it is put down for the second after the first did."""
        asked = await anyio.to_thread.run_sync(self.journal.approver, plan.id)
        return principal == plan.principal and asked not in (None, principal)

    async def _second_person(self, plan: AnyPlan, principal: str) -> None:
        """Let the plan pass when somebody else confirmed it too; else put it down for them."""
        plans = plan.plans if isinstance(plan, Batch) else (plan,)
        asked = await anyio.to_thread.run_sync(self.journal.approver, plan.id)
        if asked is not None and asked != plan.principal:
            return
        await anyio.to_thread.run_sync(self.journal.propose, plan.id, plans, plan.expires_at)
        if principal != plan.principal:
            # The journal says who the second person was, in whichever way they confirmed.
            await anyio.to_thread.run_sync(self.journal.approve, plan.id, principal)
            return
        raise SecondPersonError(
            "A second person must confirm this as well: another user runs"
            f" `luminous-mcp approve {plan.id}`. Then call confirm_write again."
        )

    async def _send(self, plan: Plan) -> Outcome:
        upstream = await self._connect(plan.operation.toolset.system)
        with anyio.CancelScope(shield=True):  # An intent that was written must be known here, to be concluded.
            write_id = await self._begin(plan, upstream)
        status, detail, record_id = Status.UNKNOWN, "interrupted while the answer was awaited", None
        reply: Reply | None = None
        failure: UpstreamError | None = None
        try:
            reply = await upstream.send(plan.request, read=False)
            status, detail, record_id = Status.DONE, f"status {reply.status}", _record_id(reply)
        except OutcomeUnknownError as error:
            failure, detail = error, error.full
        except UpstreamError as error:
            failure, status, detail = error, Status.FAILED, error.full
        finally:
            # Also when the call is cancelled: the journal must say that the outcome is open.
            with anyio.CancelScope(shield=True):
                await conclude(self.journal, write_id, status, detail, record_id)
        if status is Status.UNKNOWN:
            return await self._looked_into(Outcome(plan, status, None, failure, write_id), upstream)
        return Outcome(plan, status, reply, failure, write_id)

    async def _looked_into(self, outcome: Outcome, upstream: Upstream) -> Outcome:
        """The outcome after reading whether the write is there; that it is not says nothing so soon."""
        try:
            write = await anyio.to_thread.run_sync(self.journal.find, outcome.journal_id or 0)
            if write is None:
                return outcome
            finding = await self.settlement.settle(write, upstream)
        except sqlite3.Error:
            log.exception("write %s could not be looked into", outcome.journal_id)
            return outcome
        if finding.verdict is Verdict.DONE:
            note = f"The answer was lost; {finding.reason}, so it was carried out."
            return Outcome(outcome.plan, Status.DONE, None, None, outcome.journal_id, note)
        return Outcome(outcome.plan, Status.UNKNOWN, None, outcome.error, outcome.journal_id, finding.reason)

    # Parts

    async def _check_unchanged(self, plan: Plan) -> None:
        upstream = await self._connect(plan.operation.toolset.system)
        try:
            record = await record_of(plan.operation, plan.arguments, upstream)
        except ForbiddenError:
            record = None
        found = await look(plan.operation, plan.arguments, upstream)
        if fingerprint(record, found) != plan.fingerprint:
            raise PlanRefusedError("The record has changed since this plan was made, so it was not carried out.")

    async def _begin(self, plan: Plan, upstream: Upstream) -> int:
        try:
            return await anyio.to_thread.run_sync(self._intend, plan)
        except RepeatError as error:
            # Planned twice before either was confirmed, or by two processes: the other one was first.
            if not error.earlier.is_open:
                raise AlreadyDoneError(error.earlier) from None
            finding = await self.settlement.settle(error.earlier, upstream)
            if finding.verdict is Verdict.DONE:
                settled = await anyio.to_thread.run_sync(self.journal.find, error.earlier.id)
                raise AlreadyDoneError(settled or error.earlier) from None
            if finding.verdict is Verdict.UNSURE:
                raise OpenWriteError(error.earlier, finding.reason) from None
            raise PlanRefusedError("An earlier attempt was found not to have been carried out.") from None
        except sqlite3.Error:
            log.exception("the journal cannot be written")
            raise PlanRefusedError("The journal cannot be written, so the request was not sent.") from None

    def _intend(self, plan: Plan) -> int:
        gate = (lambda flow: self._beyond(plan, flow)) if self.policy.counts else None
        return self.journal.intend(plan, self.policy.repeat_window, gate)

    def _beyond(self, plan: Plan, flow: Flow) -> str | None:
        """Why the write goes beyond what may be written in an hour or paid in a day."""
        return self.policy.beyond(plan.operation, plan.money, flow)

    async def _made_by(self, write: Written, operation: Operation, upstream: Upstream) -> str | None:
        """The id of what a write made: as answered, or found by reading where the answer was the record it is on."""
        subject_id = (write.subject or "").rpartition("/")[2]
        if write.record_id and write.record_id != subject_id:
            return write.record_id

        async def others() -> Others:
            return Others()

        try:
            finding = await recognise(operation, write, others, reader(upstream, self._tools))
        except (UpstreamError, InvalidArgumentsError):
            return None
        return finding.record_id


def _record_id(reply: Reply) -> str | None:
    record: Mapping[str, object] | None = unwrapped(reply.data)
    value = record.get("id") if record else None
    return str(value) if isinstance(value, int | str) else None
