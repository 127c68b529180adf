"""A plan: the exact request of a write, what it would change, and how long it may be confirmed."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from schemas.common import Arguments
from tools.operation import Operation
from tools.request import Request, jsonable

LIFETIME = dt.timedelta(minutes=10)
_KEPT = 2_000
_HARMLESS = re.compile(r"[A-Za-z0-9_./#-]{1,40}")


@dataclass(frozen=True)
class Change:
    """One field as it stands and as it would be. None: not there, or not known."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Sum:
    """Money that a write moves. currency is empty where the record does not say it."""

    amount: Decimal
    currency: str = ""

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}".rstrip()


@dataclass(frozen=True)
class Plan:
    """A write that was not carried out yet. Bound to its arguments, its principal and the record as it stood."""

    id: str
    operation: Operation
    arguments: Arguments = field(repr=False)
    request: Request = field(repr=False)
    principal: str
    company: str
    summary: str
    changes: tuple[Change, ...]
    warnings: tuple[str, ...]
    money: Sum | None
    fingerprint: str
    """Of the record as it stood when the plan was made; empty where the write concerns no stored record."""
    expires_at: dt.datetime
    unsettled: int | None = None
    """The journal's id of an earlier, identical write whose outcome is not known."""


class Standing(StrEnum):
    """What has become of a plan."""

    WAITING = "waiting"
    USED = "used"
    DECLINED = "declined"
    EXPIRED = "expired"


class PlanRefusedError(Exception):
    """A plan that cannot be confirmed, and why. Nothing was sent."""


def new_id() -> str:
    """An identifier that cannot be guessed: `plan_` and 22 URL-safe characters."""
    return f"plan_{secrets.token_urlsafe(16)}"


def summarize(operation: Operation, arguments: Arguments, money: Sum | None) -> str:
    """One line about a write, made of names, numbers and dates only: free text could be anybody's."""
    parts = []
    for name in type(arguments).model_fields:
        value = getattr(arguments, name)
        if name not in arguments.model_fields_set or value is None:
            continue
        if isinstance(value, list):
            parts.append(f"{len(value)} {name}")
        elif money is not None and isinstance(value, Decimal) and value == money.amount:
            parts.append(f"{name} {money}")
        elif _HARMLESS.fullmatch(text := str(jsonable(value))):
            parts.append(f"{name} {text}")
    return f"{operation.title}: {', '.join(parts)}" if parts else operation.title


class Plans:
    """Plans that wait for confirmation, and what became of earlier ones. Each can be taken once."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Plan] = OrderedDict()
        self._ended: OrderedDict[str, Standing] = OrderedDict()

    def put(self, plan: Plan) -> None:
        """Keep a plan until it is taken or expires; the oldest goes when there are too many."""
        self._waiting[plan.id] = plan
        while len(self._waiting) > _KEPT:
            self._end(next(iter(self._waiting)), Standing.EXPIRED)

    def find(self, plan_id: str, principal: str, now: dt.datetime) -> Plan:
        """The plan, if it can still be confirmed. Raises PlanRefusedError: unknown, foreign, expired or used."""
        plan = self._waiting.get(plan_id)
        if plan is None or plan.principal != principal:
            # Somebody else's plan is answered like an unknown one: its existence is not theirs to know.
            ended = self._ended.get(plan_id) if plan is None else None
            raise PlanRefusedError(_ENDED.get(ended, _UNKNOWN) if ended else _UNKNOWN)
        if now >= plan.expires_at:
            self._end(plan_id, Standing.EXPIRED)
            raise PlanRefusedError(_ENDED[Standing.EXPIRED])
        return plan

    def take(self, plan_id: str, principal: str, now: dt.datetime, *, decline: bool = False) -> Plan:
        """The plan, which is used up by this. Raises PlanRefusedError like `find`."""
        plan = self.find(plan_id, principal, now)
        self._end(plan_id, Standing.DECLINED if decline else Standing.USED)
        return plan

    def _end(self, plan_id: str, standing: Standing) -> None:
        self._waiting.pop(plan_id, None)
        self._ended[plan_id] = standing
        while len(self._ended) > _KEPT:
            self._ended.popitem(last=False)


_UNKNOWN = "There is no such plan. Plans come from write tools and belong to who asked for them."
_ENDED = {
    Standing.USED: "This plan was confirmed already and works once; luminous-mcp journal shows what came of it.",
    Standing.DECLINED: "This plan was declined.",
    Standing.EXPIRED: "This plan has expired.",
}
