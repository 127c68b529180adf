"""A plan: the exact request of a write, what it would change, and how long it may be confirmed."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
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
class Flow:
    """Money and writes so far, as limits look at them."""

    day: Mapping[str, Decimal]
    """Paid today, by currency."""
    vendor: Mapping[str, Decimal]
    """Paid today to the vendor that the write is about, by currency."""
    writes: int
    """Writes of the last hour."""

    @staticmethod
    def with_(paid: Mapping[str, Decimal], money: Sum) -> Decimal:
        """What is paid with it in the money's currency; what was paid in an unknown currency counts in each."""
        if not money.currency:
            return sum(paid.values(), money.amount)
        return paid.get(money.currency, Decimal(0)) + paid.get("", Decimal(0)) + money.amount


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
    made_at: dt.datetime
    expires_at: dt.datetime
    key: str | None = None
    """Of this very write: principal, company, tool and arguments. None where masked secrets make it incomparable."""
    subject: str | None = None
    """Path of the record that it changes; None where it makes one."""
    payee: str | None = None
    """Whom the money goes to, such as `vendor 101`."""
    before: dict[str, Any] | None = field(default=None, repr=False)
    """The changed fields as they were."""
    seen: tuple[str, ...] | None = None
    """Ids of records that looked like its effect before."""
    repeat: bool = False
    """It is known to be done already, and meant to be done again."""
    decision: str = ""
    """What the policy asks for: allow, confirm, person."""
    rule: str = ""
    """Which rule says so."""
    two_persons: bool = False
    """A second person must confirm."""
    consequences: tuple[str, ...] = ()
    """What follows besides, as the API documents it: entries that go, sums that are computed anew."""

    @property
    def tool(self) -> str:
        """The tool that it is a call of."""
        return self.operation.name


@dataclass(frozen=True)
class Batch:
    """Several writes that are confirmed together and carried out in order."""

    id: str
    plans: tuple[Plan, ...]
    principal: str
    company: str
    made_at: dt.datetime
    expires_at: dt.datetime

    tool: str = "plan_batch"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What deserves a warning, of all of them."""
        return tuple(f"write {number}: {each}" for number, plan in enumerate(self.plans, 1) for each in plan.warnings)

    @property
    def summary(self) -> str:
        """One line about all of them."""
        return "; ".join(plan.summary for plan in self.plans)

    @property
    def two_persons(self) -> bool:
        """Whether a second person must confirm."""
        return any(plan.two_persons for plan in self.plans)

    @property
    def decision(self) -> str:
        """The strictest of what the policy asks for."""
        return max((plan.decision for plan in self.plans), key=("", "allow", "confirm", "person").index)


class Standing(StrEnum):
    """What has become of a plan."""

    WAITING = "waiting"
    USED = "used"
    DECLINED = "declined"
    EXPIRED = "expired"


class PlanRefusedError(Exception):
    """A plan that cannot be confirmed, and why. Nothing was sent."""


class SecondPersonError(PlanRefusedError):
    """The plan was confirmed, and waits for a second person."""


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


AnyPlan = Plan | Batch


class Plans:
    """Plans that wait for confirmation, and what became of earlier ones. Each can be taken once."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, AnyPlan] = OrderedDict()
        self._ended: OrderedDict[str, Standing] = OrderedDict()

    def put(self, plan: AnyPlan) -> None:
        """Keep a plan until it is taken or expires; the oldest goes when there are too many."""
        self._waiting[plan.id] = plan
        while len(self._waiting) > _KEPT:
            self._end(next(iter(self._waiting)), Standing.EXPIRED)

    def find(self, plan_id: str, principal: str, now: dt.datetime) -> AnyPlan:
        """The plan, if it can still be confirmed: by who asked for it, or where two persons must, by anybody.

        Raises PlanRefusedError: unknown, foreign, expired or used, or the clock was moved back.
        """
        plan = self._waiting.get(plan_id)
        foreign = plan is not None and plan.principal != principal and not plan.two_persons
        if plan is None or foreign:
            # Somebody else's plan is answered like an unknown one: its existence is not theirs to know.
            ended = self._ended.get(plan_id) if plan is None else None
            raise PlanRefusedError(_ENDED.get(ended, _UNKNOWN) if ended else _UNKNOWN)
        if now < plan.made_at:
            raise PlanRefusedError("The clock was moved back since this plan was made.")
        if now >= plan.expires_at:
            self._end(plan_id, Standing.EXPIRED)
            raise PlanRefusedError(_ENDED[Standing.EXPIRED])
        return plan

    def take(self, plan_id: str, principal: str, now: dt.datetime, *, decline: bool = False) -> AnyPlan:
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
