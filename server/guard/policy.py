"""What may be written: who decides about a write, how much money it may move, when and where. Read from a TOML file.

companies = ["acme"]                  # writes go to these only
repeat_window_hours = 24              # how long the very same write counts as a repeat

[effects]                             # allow, confirm, person or deny; a tool wins over its toolset, that over
money = "person"                      # its effect
[toolsets]
bills = "confirm"
[tools]
delete_bill_payment = "deny"

[limits]                              # of writes that move money, by currency
per_write = { USD = 5000 }
per_day = { USD = 20000 }
per_vendor_per_day = { USD = 8000.50 }
writes_per_hour = 60

[four_eyes]                           # above this a second person must confirm
above = { USD = 2500 }

[quiet_hours]                         # no writes from one time to the other
from = "20:00"
to = "06:30"
days = ["sat", "sun"]                 # and none at all on these
zone = "America/New_York"
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from server.guard.plan import Flow, Sum
from tools.operation import Effect, Operation

PAYMENTS = frozenset(
    {"record_bill_payment", "record_purchase_order_payment", "create_prepayment", "billdiary_record_purchase_payment"}
)
"""Writes by which money leaves the company. Limits of a day are about these; entering a bill pays nothing."""


class PolicyError(Exception):
    """The policy cannot be used; the message names the file, the line and what is wrong."""


class Decision(StrEnum):
    """What a write needs, from the least to the most."""

    ALLOW = "allow"
    """It is carried out at once."""
    CONFIRM = "confirm"
    """Its plan is confirmed: by the person where the client can ask, else in a second call."""
    PERSON = "person"
    """A person approves it through the client; where the client cannot ask, it is refused."""
    DENY = "deny"
    """It is refused."""


class _ImpossibleError(ValueError):
    """Rules that contradict each other. where: the key that is at fault, below the table that was checked."""

    def __init__(self, said: str, *where: str) -> None:
        super().__init__(said)
        self.where = where


STRICTNESS = tuple(Decision)
_DIGITS = 20
"""Before the point, at most: beyond that decimals of two places are not exact any more."""


@dataclass(frozen=True)
class Ruling:
    """What a write needs, and which rule says so."""

    decision: Decision
    rule: str


def _amount(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("must be an amount, such as 2500 or 2500.50")
    try:
        amount = Decimal(value)
    except ArithmeticError:
        raise ValueError("must be an amount, such as 2500 or 2500.50") from None
    if not amount.is_finite() or amount <= 0 or amount.adjusted() > _DIGITS or amount != round(amount, 2):
        raise ValueError("must be more than zero, with two decimals at most")
    return amount


Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Amounts = dict[Currency, Annotated[Decimal, BeforeValidator(_amount)]]
"""An amount for each currency that may be moved. A currency that is not named may not be moved at all."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Table):
    """How much money may be moved, and how often anything may be written."""

    per_write: Amounts | None = None
    per_day: Amounts | None = None
    per_vendor_per_day: Amounts | None = None
    writes_per_hour: Annotated[int, Field(ge=1, strict=True)] | None = None

    @model_validator(mode="after")
    def _reachable(self) -> Limits:
        for larger in ("per_day", "per_vendor_per_day"):
            for currency, amount in (getattr(self, larger) or {}).items():
                if self.per_write and currency in self.per_write and self.per_write[currency] > amount:
                    said = f"is more than {larger} allows, so it could never be used"
                    raise _ImpossibleError(said, "per_write", currency)
        return self


class FourEyes(_Table):
    """From which amount on a second person must confirm."""

    above: Amounts


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _time(value: object) -> object:
    if isinstance(value, dt.time):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-2]\d:[0-5]\d", value):
        raise ValueError("must be a time of day, such as 20:00")
    return dt.time.fromisoformat(value)


class QuietHours(_Table):
    """When nothing is written. `from` later than `to` goes over midnight; equal times are refused."""

    start: Annotated[dt.time, BeforeValidator(_time)] | None = Field(None, alias="from")
    end: Annotated[dt.time, BeforeValidator(_time)] | None = Field(None, alias="to")
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    zone: str = "UTC"

    @model_validator(mode="after")
    def _possible(self) -> QuietHours:
        if (self.start is None) != (self.end is None):
            raise ValueError("from and to go together")
        if self.start is None and not self.days:
            raise ValueError("needs from and to, or days")
        if self.start is not None and self.start == self.end:
            raise ValueError("from and to are the same, which leaves nothing quiet")
        if len(set(self.days)) == len(_DAYS):
            raise ValueError("all days are quiet; --writes off says that plainly")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone {self.zone}") from None
        return self

    def hold(self, now: dt.datetime) -> bool:
        """Whether it is quiet at that moment."""
        local = now.astimezone(ZoneInfo(self.zone))
        if _DAYS[local.weekday()] in self.days:
            return True
        if self.start is None or self.end is None:
            return False
        time = local.time()
        if self.start < self.end:
            return self.start <= time < self.end
        return time >= self.start or time < self.end


def _day(value: object) -> object:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("must be a day, such as 2026-10-31")
    return dt.date.fromisoformat(value)


class Policy(_Table):
    """The rules for writes. Without a file nothing is limited, and the mode of `--writes` alone decides."""

    companies: tuple[str, ...] | None = None
    repeat_window_hours: Annotated[int, Field(ge=1, le=24 * 366, strict=True)] = 24
    books_closed_through: Annotated[dt.date, BeforeValidator(_day)] | None = None
    """The last day of the closed periods: writes dated so far back are warned of."""
    effects: dict[Literal["write", "destroy", "money", "outward"], Decision] = {}
    toolsets: dict[str, Decision] = {}
    tools: dict[str, Decision] = {}
    limits: Limits = Limits()
    four_eyes: FourEyes | None = None
    quiet_hours: QuietHours | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Policy:
        if self.companies is not None and not self.companies:
            raise _ImpossibleError("the list is empty; --writes off says that plainly", "companies")
        per_write = self.limits.per_write
        for currency, amount in (self.four_eyes.above if self.four_eyes else {}).items():
            if per_write and (currency not in per_write or amount >= per_write[currency]):
                said = "is never reached: limits.per_write stops it before"
                raise _ImpossibleError(said, "four_eyes", "above", currency)
        return self

    @property
    def repeat_window(self) -> dt.timedelta:
        """How long the very same write counts as a repeat."""
        return dt.timedelta(hours=self.repeat_window_hours)

    def ruling(self, operation: Operation) -> Ruling | None:
        """What the rules say about the operation as such; None when they are silent."""
        toolset, effect = operation.toolset.name, operation.effect.value
        if decision := self.tools.get(operation.name):
            return Ruling(decision, f"tools.{operation.name}")
        if decision := self.toolsets.get(toolset):
            return Ruling(decision, f"toolsets.{toolset}")
        if decision := self.effects.get(effect):  # type: ignore[call-overload]
            return Ruling(decision, f"effects.{effect}")
        return None

    def refusal(self, operation: Operation, company: str, money: Sum | None, now: dt.datetime) -> str | None:
        """Why the write may not be carried out whoever confirms it, as far as earlier writes do not matter."""
        if self.companies is not None and company not in self.companies:
            return f"companies: writes go to {', '.join(self.companies)} only, not to {company}"
        if self.quiet_hours and self.quiet_hours.hold(now):
            return (
                f"quiet_hours: nothing is written now; it is {now.astimezone(ZoneInfo(self.quiet_hours.zone)):%a %H:%M}"
            )
        if operation.effect is Effect.MONEY and money is not None:
            return exceeded("limits.per_write", self.limits.per_write, money, money.amount)
        return None

    @property
    def counts(self) -> bool:
        """Whether earlier writes matter to any limit."""
        limits = self.limits
        return any(each is not None for each in (limits.per_day, limits.per_vendor_per_day, limits.writes_per_hour))

    def beyond(self, operation: Operation, money: Sum | None, flow: Flow) -> str | None:
        """Why the write goes beyond what may be written in an hour or paid in a day."""
        limits = self.limits
        if limits.writes_per_hour is not None and flow.writes >= limits.writes_per_hour:
            return (
                f"limits.writes_per_hour: {flow.writes} writes in the last hour, {limits.writes_per_hour} are allowed"
            )
        if money is None or operation.name not in PAYMENTS:
            return None
        sums = (("per_day", limits.per_day, flow.day), ("per_vendor_per_day", limits.per_vendor_per_day, flow.vendor))
        said = (exceeded(f"limits.{name}", limit, money, flow.with_(of, money)) for name, limit, of in sums)
        return next((each for each in said if each), None)

    def needs_second(self, operation: Operation, money: Sum | None) -> bool:
        """Whether a second person must confirm."""
        if self.four_eyes is None or operation.effect is not Effect.MONEY or money is None:
            return False
        known = self.four_eyes.above
        # Of an unknown currency, or one that no amount was set for, the strictest reading is taken.
        above = known.get(money.currency, Decimal(0) if money.currency else min(known.values(), default=Decimal(0)))
        return money.amount > above


def exceeded(rule: str, allowed: Mapping[str, Decimal] | None, money: Sum, total: Decimal) -> str | None:
    """Why `total` of that currency is too much; None when it is not."""
    if allowed is None:
        return None
    if not money.currency:
        # The record does not say its currency: it must fit whatever it is.
        currency, limit = min(allowed.items(), key=lambda entry: entry[1], default=("", Decimal(0)))
    elif money.currency in allowed:
        currency, limit = money.currency, allowed[money.currency]
    else:
        return f"{rule}: no amount of {money.currency} is allowed"
    if total <= limit:
        return None
    return f"{rule}: {total:f} {money.currency or '(currency unknown)'} is more than {limit:f} {currency}"


def read_policy(path: Path, known_tools: Mapping[str, str], known_toolsets: Iterable[str]) -> Policy:
    """The policy of a file. known_tools: effect by tool. Raises PolicyError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"{path}: {error.strerror}") from None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PolicyError(f"{path}, line {line}: this is not UTF-8") from None
    try:
        given = tomllib.loads(text, parse_float=Decimal)
    except ValueError as error:
        told = re.search(r"at line (\d+)", str(error))
        raise PolicyError(f"{path}, line {told[1] if told else len(_lines(text))}: {error}") from None
    try:
        policy = Policy.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        cause = first.get("ctx", {}).get("error")
        below = cause.where if isinstance(cause, _ImpossibleError) else ()
        where = tuple(str(part) for part in (*first["loc"], *below) if part != "[key]")
        said = str(first["msg"]).removeprefix("Value error, ")
        raise _fault(path, text, where, said) from None
    _check_names(path, text, policy, known_tools, tuple(known_toolsets))
    return policy


def _check_names(path: Path, text: str, policy: Policy, tools: Mapping[str, str], toolsets: tuple[str, ...]) -> None:
    for name in policy.tools:
        if name not in tools:
            raise _fault(path, text, ("tools", name), f"there is no such tool{_near(name, tools)}")
        if tools[name] == Effect.READ.value:
            raise _fault(path, text, ("tools", name), "this tool only reads, and no policy is about reading")
    for name in policy.toolsets:
        if name not in toolsets:
            raise _fault(path, text, ("toolsets", name), f"there is no such toolset{_near(name, toolsets)}")


def _near(name: str, known: Iterable[str]) -> str:
    from tools.arguments import nearest

    near = nearest(name, known)
    return f"; did you mean {near}?" if near else ""


def _fault(path: Path, text: str, where: tuple[str, ...], said: str) -> PolicyError:
    return PolicyError(f"{path}, line {_line_of(text, where)}: {'.'.join(where)}: {said}")


def _line_of(text: str, where: tuple[str, ...]) -> int:
    """The line on which that key is given, or the nearest one above it; 1 where none of them is."""
    lines = _lines(text)
    for depth in range(len(where), 0, -1):
        begun = 1
        for number in range(1, len(lines) + 1):
            try:
                given = tomllib.loads("\n".join(lines[:number]))
            except ValueError:
                continue  # In the middle of a value.
            if _holds(given, where[:depth]):
                return begun
            begun = number + 1
    return 1


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _holds(given: Any, where: tuple[str, ...]) -> bool:
    for part in where:
        if not isinstance(given, dict) or part not in given:
            return False
        given = given[part]
    return True


def strictest(*rulings: Ruling | None) -> Ruling:
    """The ruling that asks for most."""
    given: list[Ruling] = [ruling for ruling in rulings if ruling is not None]
    return max(given, key=lambda ruling: STRICTNESS.index(ruling.decision))


def describe(policy: Policy) -> dict[str, Any]:
    """The policy as plain JSON, without what is not set."""
    return policy.model_dump(mode="json", by_alias=True, exclude_defaults=True)
