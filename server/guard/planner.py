"""Makes plans: the exact request, the difference it makes, its money, its warnings, and what the policy asks for."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from schemas.common import Arguments
from server.guard.entries import Written
from server.guard.foresight import foresee
from server.guard.modes import Writes
from server.guard.plan import LIFETIME, Plan, PlanRefusedError, new_id, summarize
from server.guard.policy import Decision, Policy, Ruling, strictest
from server.guard.reading import Tools, fingerprint, look, reader, record_of, subject_path
from server.guard.recognition import asked_of, ids_of, look_alikes
from server.guard.surroundings import surroundings
from server.guard.undo import before_of, sets_state
from server.upstream.client import Upstream
from server.upstream.errors import ForbiddenError, InvalidError, NotFoundError
from tools.arguments import InvalidArgumentsError
from tools.operation import Operation
from tools.request import MASK, FilePart, Request, compose, jsonable

_DEFAULTS = {
    Writes.OFF: Decision.DENY,
    Writes.STRICT: Decision.PERSON,
    Writes.ASK: Decision.CONFIRM,
    Writes.ALLOW: Decision.ALLOW,
}


class Planner:
    """Plans writes under a policy."""

    def __init__(self, policy: Policy, tools: Tools) -> None:
        self.policy = policy
        self._tools = tools

    def ruling(self, operation: Operation, writes: Writes) -> Ruling:
        """What a write needs in that mode. `strict` and `off` are promises that no policy loosens."""
        default = Ruling(_DEFAULTS[writes], f"--writes {writes.value}")
        said = self.policy.ruling(operation)
        return strictest(default, said) if writes in (Writes.OFF, Writes.STRICT) else said or default

    def check(self, operation: Operation, writes: Writes, company: str, now: dt.datetime) -> Ruling:
        """The ruling, where anybody may carry the write out at all. Raises PlanRefusedError."""
        ruling = self.ruling(operation, writes)
        if ruling.decision is Decision.DENY:
            raise PlanRefusedError(f"The policy does not allow it: {ruling.rule} is deny.")
        if said := self.policy.refusal(operation, company, None, now):
            raise PlanRefusedError(f"The policy does not allow it: {said}.")
        return ruling

    async def plan(
        self,
        operation: Operation,
        arguments: Arguments,
        upstream: Upstream,
        principal: str,
        now: dt.datetime,
        *,
        ruling: Ruling,
        files: Sequence[FilePart] = (),
        repeat: bool = False,
        earlier: Written | None = None,
    ) -> Plan:
        """A plan of a write. Reads the record that it concerns; changes nothing.

        Raises PlanRefusedError when the policy forbids it, UpstreamError when that record cannot be read.
        """
        request = compose(operation, arguments, files)
        company = upstream.connection.label
        hidden: list[str] = []
        try:
            record = await record_of(operation, arguments, upstream)
        except ForbiddenError:
            # A key may be allowed to write what it may not read.
            record, hidden = None, ["record: this key may not read it, so no difference to it is shown"]
        found = await look(operation, arguments, upstream)
        foresight = foresee(operation, arguments, request.body, record, found)
        payee = payee_of(arguments, record)
        if said := self.policy.refusal(operation, company, foresight.money, now):
            raise PlanRefusedError(f"The policy does not allow it: {said}.")
        warned = [*foresight.warnings, *hidden]
        warned += await surroundings(operation, arguments, record, upstream, self._tools, now, self.policy)
        if repeat and earlier is not None:
            warned.append(f"repeat: the very same write was done at {earlier.at} (journal {earlier.id})")
        return Plan(
            id=new_id(),
            operation=operation,
            arguments=arguments,
            request=request,
            principal=principal,
            company=company,
            summary=summarize(operation, arguments, foresight.money),
            changes=tuple(foresight.changes),
            consequences=tuple(foresight.consequences),
            warnings=tuple(warned),
            money=foresight.money,
            fingerprint=fingerprint(record, found),
            made_at=now,
            expires_at=now + LIFETIME,
            key=key_of(principal, company, operation, request),
            subject=subject_path(operation, arguments),
            payee=payee,
            before=before_of(operation, asked_of(operation, request.shown()), request.body, record),
            seen=await self._seen(operation, request, record, upstream),
            repeat=repeat,
            decision=ruling.decision.value,
            rule=ruling.rule,
            two_persons=self.policy.needs_second(operation, foresight.money),
        )

    async def _seen(
        self, operation: Operation, request: Request, record: Mapping[str, Any] | None, upstream: Upstream
    ) -> tuple[str, ...] | None:
        """Ids of what already looks like the write's effect, so that the effect itself can be told from it later."""
        subject = operation.toolset.subject_of(operation)
        over_the_wire = reader(upstream, self._tools)

        async def read(tool: str, given: Mapping[str, Any]) -> Any:
            if subject is not None and tool == subject.name and record is not None:
                return record  # It was read a moment ago.
            return await over_the_wire(tool, given)

        try:
            found = await look_alikes(operation, asked_of(operation, request.shown()), read)
        except (ForbiddenError, InvalidArgumentsError, InvalidError, NotFoundError):
            return None  # The list may not take these filters: what already looks like it is then not known.
        return None if found is None else tuple(ids_of(found))


def key_of(principal: str, company: str, operation: Operation, request: Request) -> str | None:
    """What makes two writes the same; None where one masked value after the other may be set.

    A payment by card has one, whatever the card: its money must not leave twice.
    """
    shown = request.shown()
    if sets_state(operation) and _masked(shown.get("body")):
        return None
    body = _spelled_alike(request.body)
    same = [principal, company, operation.name, {**shown, "body": jsonable(body)}]
    text = json.dumps(same, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _spelled_alike(value: Any) -> Any:
    """The same value for each spelling of it: 1, 1.0 and 1.00."""
    if isinstance(value, dict):
        return {name: _spelled_alike(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_spelled_alike(each) for each in value]
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
        return number.normalize() + 0 if number.is_finite() else value
    return value


def _masked(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_masked(each) for each in value.values())
    if isinstance(value, list):
        return any(_masked(each) for each in value)
    return bool(value == MASK)


def payee_of(arguments: Arguments, record: Mapping[str, Any] | None) -> str | None:
    """Whom money goes to: the vendor, supplier, company or contact that the write or its record names."""
    for name in ("vendor_id", "supplier_id", "company_id", "contact_id"):
        value = getattr(arguments, name, None) or (record or {}).get(name)
        if isinstance(value, int | str) and str(value).isdigit():
            return f"{name.removesuffix('_id')} {value}"
    return None
