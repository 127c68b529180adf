"""Plans writes, and carries out the ones that were confirmed: once, if the record is still as it was."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import anyio

from schemas.common import Arguments
from server.guard.foresight import foresee
from server.guard.journal import Journal, Status, Written
from server.guard.plan import LIFETIME, Plan, PlanRefusedError, Plans, new_id, summarize
from server.guard.rules import look_for
from server.upstream.client import Upstream
from server.upstream.errors import ForbiddenError, NotFoundError, OutcomeUnknownError, UpstreamError
from server.upstream.replies import Reply
from tools.arguments import check
from tools.operation import Operation
from tools.request import MASK, FilePart, compose, jsonable

log = logging.getLogger(__name__)

_REPEAT_WINDOW = dt.timedelta(hours=24)


class Writes(StrEnum):
    """What happens to a write."""

    OFF = "off"
    """Write tools are not listed and refused."""
    STRICT = "strict"
    """A person approves each write through the client; where the client cannot ask, it is refused."""
    ASK = "ask"
    """The person is asked where the client can ask; elsewhere the first call gives a plan, confirm_write sends it."""
    ALLOW = "allow"
    """Carried out at once, and journaled."""


@dataclass(frozen=True)
class Outcome:
    """What came of a plan. reply: the API's answer where it was done. journal_id None: it was never begun."""

    plan: Plan
    status: Status
    reply: Reply | None = None
    error: Exception | None = None
    journal_id: int | None = None


class Guard:
    """Plans and carries out the writes of one server."""

    def __init__(self, journal: Journal, clock: Callable[[], dt.datetime]) -> None:
        self.journal = journal
        self._clock = clock
        self._plans = Plans()

    async def plan(
        self,
        operation: Operation,
        arguments: Arguments,
        upstream: Upstream,
        principal: str,
        files: Sequence[FilePart] = (),
    ) -> Plan:
        """A plan of a write, kept for confirmation. Reads the record that it concerns; changes nothing.

        Raises UpstreamError when that record cannot be read.
        """
        request = compose(operation, arguments, files)
        hidden: list[str] = []
        try:
            record = await self._record(operation, arguments, upstream)
        except ForbiddenError:
            # A key may be allowed to write what it may not read.
            record, hidden = None, ["record: this key may not read it, so no difference to it is shown"]
        found = await self._look(operation, arguments, upstream)
        foresight = foresee(operation, arguments, request.body, record, found)
        company = upstream.connection.label
        earlier = await self._same_write(request.shown(), company)
        warnings = [*foresight.warnings, *hidden, *([_repeated(earlier)] if earlier else [])]
        plan = Plan(
            id=new_id(),
            operation=operation,
            arguments=arguments,
            request=request,
            principal=principal,
            company=company,
            summary=summarize(operation, arguments, foresight.money),
            changes=tuple(foresight.changes),
            warnings=tuple(warnings),
            money=foresight.money,
            fingerprint=_fingerprint(record, found),
            expires_at=self._clock() + LIFETIME,
            unsettled=earlier.id if earlier and earlier.status != Status.DONE else None,
        )
        self._plans.put(plan)
        return plan

    def find(self, plan_id: str, principal: str) -> Plan:
        """A plan that waits. Raises PlanRefusedError like `carry_out`."""
        return self._plans.find(plan_id, principal, self._clock())

    def decline(self, plan_id: str, principal: str) -> Plan:
        """End a plan without carrying it out. Raises PlanRefusedError."""
        return self._plans.take(plan_id, principal, self._clock(), decline=True)

    async def carry_out(
        self, plan_id: str, principal: str, upstream: Upstream, *, just_planned: bool = False
    ) -> Outcome:
        """Send a confirmed plan's request, once.

        just_planned: the record was read a moment ago and is not read again. Raises PlanRefusedError when the plan is
        unknown, foreign, expired, used, or its record has changed; UpstreamError when the record cannot be read.
        """
        plan = self._plans.take(plan_id, principal, self._clock())
        if not just_planned:
            await self._check_unchanged(plan, upstream)
        with anyio.CancelScope(shield=True):  # An intent that was written must be known here, to be concluded.
            write_id = await self._begin(plan)
        status, detail, record_id = Status.UNKNOWN, "interrupted while the answer was awaited", None
        reply: Reply | None = None
        failure: UpstreamError | None = None
        try:
            reply = await upstream.send(plan.request, read=False)
            status, detail, record_id = Status.DONE, f"status {reply.status}", _record_id(reply)
        except OutcomeUnknownError as error:
            failure, detail = error, str(error)
        except UpstreamError as error:
            failure, status, detail = error, Status.FAILED, str(error)
        finally:
            # Also when the call is cancelled: the journal must say that the outcome is open.
            with anyio.CancelScope(shield=True):
                await self._conclude(write_id, status, detail, record_id)
        return Outcome(plan, status, reply, failure, write_id)

    async def _record(self, operation: Operation, arguments: Arguments, upstream: Upstream) -> Mapping[str, Any] | None:
        subject = operation.toolset.subject_of(operation)
        if subject is None:
            return None
        ids = [getattr(arguments, name) for name in operation.path_arguments]
        named = dict(zip(subject.path_arguments, ids, strict=False))
        reply = await upstream.send(compose(subject, check(subject.arguments, named)), read=True)
        return _unwrapped(reply.data)

    async def _look(self, operation: Operation, arguments: Arguments, upstream: Upstream) -> Mapping[str, Any] | None:
        look = look_for(operation.name, arguments)
        if look is None:
            return None
        reading = operation.toolset.operations[look.tool]
        try:
            reply = await upstream.send(compose(reading, check(reading.arguments, look.arguments)), read=True)
        except NotFoundError:
            return None
        return reply.data if isinstance(reply.data, dict) else {"data": reply.data}

    async def _check_unchanged(self, plan: Plan, upstream: Upstream) -> None:
        try:
            record = await self._record(plan.operation, plan.arguments, upstream)
        except ForbiddenError:
            record = None
        found = await self._look(plan.operation, plan.arguments, upstream)
        if _fingerprint(record, found) != plan.fingerprint:
            raise PlanRefusedError("The record has changed since this plan was made, so it was not carried out.")

    async def _begin(self, plan: Plan) -> int:
        try:
            return await anyio.to_thread.run_sync(self.journal.intend, plan)
        except sqlite3.Error:
            log.exception("the journal cannot be written")
            raise PlanRefusedError("The journal cannot be written, so the request was not sent.") from None

    async def _conclude(self, write_id: int, status: Status, detail: str, record_id: str | None) -> None:
        try:
            await anyio.to_thread.run_sync(self.journal.conclude, write_id, status, detail, record_id)
        except sqlite3.Error:
            # The write was sent: what came of it must reach the caller all the same. The journal shows it as begun.
            log.exception("the outcome of write %s could not be journaled", write_id)

    async def _same_write(self, shown: dict[str, Any], company: str) -> Written | None:
        if MASK in shown.get("body", {}).values():
            return None  # What is masked cannot be compared.
        since = self._clock() - _REPEAT_WINDOW
        return await anyio.to_thread.run_sync(self.journal.same_request, shown, company, since)


def _repeated(earlier: Written) -> str:
    if earlier.status == Status.DONE:
        return f"repeat: the very same write was done at {earlier.at} (journal {earlier.id})"
    return (
        f"repeat: the very same write at {earlier.at} (journal {earlier.id}) ended without a known outcome;"
        " check the record before confirming"
    )


def _unwrapped(data: Any) -> Mapping[str, Any] | None:
    inner = data.get("data", data) if isinstance(data, dict) else None
    return inner if isinstance(inner, dict) else None


def _record_id(reply: Reply) -> str | None:
    record = _unwrapped(reply.data)
    value = record.get("id") if record else None
    return str(value) if isinstance(value, int | str) else None


def _fingerprint(*seen: Mapping[str, Any] | None) -> str:
    if not any(seen):
        return ""
    text = json.dumps([jsonable(each) for each in seen], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
