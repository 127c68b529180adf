"""The vocabulary of a prompt's declaration, and the registry of all of them.

A prompt is a class like an operation: its docstring is what people read in the list, its fields are what they may
give. Its steps name tools; of several ways to do a step, the first is taken all of whose tools are enabled.
"""

from __future__ import annotations

import calendar
import datetime as dt
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from schemas.common import Arguments

A = TypeVar("A", bound=Arguments)

STATUSES = ("draft", "posted", "partially_paid", "hold", "paid", "void")
"""Statuses of a bill."""


class Completes(StrEnum):
    """What an argument can be completed with."""

    VENDOR = "vendor"
    WAREHOUSE = "warehouse"
    CURRENCY = "currency"
    STATUS = "status"
    MONTH = "month"


def _month(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", value) and value > "1900":
        return value
    raise ValueError("must be a month, YYYY-MM")


def _currency(value: object) -> object:
    code = value.upper() if isinstance(value, str) else ""
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError("must be a currency code of three letters, such as USD")
    return code


def _status(value: object) -> object:
    if value in STATUSES:
        return value
    raise ValueError(f"must be one of {', '.join(STATUSES)}")


Name = Annotated[str, Field(max_length=120)]
Currency = Annotated[str, BeforeValidator(_currency), Completes.CURRENCY]
Month = Annotated[str, BeforeValidator(_month), Completes.MONTH]
Status = Annotated[str, BeforeValidator(_status), Completes.STATUS]
Vendor = Annotated[Name, Completes.VENDOR]
Warehouse = Annotated[Name, Completes.WAREHOUSE]
Document = Annotated[str, Field(max_length=8_000)]
"""The text of a document, or where it is."""


def first_day(month: str, today: dt.date) -> dt.date:
    """The first day of a month."""
    return dt.date.fromisoformat(f"{month}-01")


def last_day(month: str, today: dt.date) -> dt.date:
    """The last day of a month."""
    first = first_day(month, today)
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def days_until(day: dt.date, today: dt.date) -> int:
    """How many days a day is ahead, within what look_up_bills takes: 0 where it is past, at most ten years."""
    return min(max(0, (day - today).days), 3_650)


def month_before(day: dt.date) -> str:
    return (day.replace(day=1) - dt.timedelta(days=1)).strftime("%Y-%m")


@dataclass(frozen=True)
class Given:
    """Stands for what the person gave; left out of a call when they gave nothing.

    part: what is made of it, by the day of asking.
    """

    name: str
    part: Callable[[Any, dt.date], Any] = lambda value, today: value


@dataclass(frozen=True)
class Call:
    """A tool to call. filled: arguments whose values come from the answers before."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One step. says: what to do and what to look for.

    ways: calls that do it, the best first. otherwise: what is said where no way is open; without it the prompt is not
    offered there. when: only where the person gave this, with "!" only where they did not.
    """

    says: str
    ways: tuple[tuple[Call, ...], ...] = ()
    otherwise: str | None = None
    when: str = ""


@dataclass(frozen=True)
class Prompt:
    """A prompt as declared. defaults: what holds where nothing was given, by the day of asking."""

    name: str
    title: str
    model: type[Arguments]
    steps: tuple[Step, ...]
    defaults: Callable[[dt.date], Mapping[str, str]]

    @property
    def description(self) -> str:
        """One line for people."""
        return " ".join((inspect.getdoc(self.model) or "").split())


MODULES = ("owing", "entering", "closing")
"""Where they are declared."""
ORDER = (
    "what_do_we_owe",
    "weekly_payment_run",
    "enter_bill_from_document",
    "month_end_close",
    "chase_unallocated_freight",
    "reconcile_vendor_statement",
    "stock_discrepancies",
)
"""The order in which they are listed."""
NO_WRITES = "Writes are not enabled here: hand the result over to whoever does this in the books."

_DECLARED: dict[str, Prompt] = {}


def prompts() -> dict[str, Prompt]:
    """All prompts by name."""
    for module in MODULES:
        import_module(f"tools.prompts.{module}")
    return {name: _DECLARED[name] for name in ORDER}


def prompt(
    title: str, *steps: Step, defaults: Callable[[dt.date], Mapping[str, str]] = lambda today: {}
) -> Callable[[type[A]], type[A]]:
    """Declare a prompt; its name is that of the class."""

    def register(model: type[A]) -> type[A]:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()
        _DECLARED[name] = Prompt(name, title, model, steps, defaults)
        return model

    return register


def completes(model: type[Arguments], name: str) -> Completes | None:
    """What an argument is completed with, None for free text."""
    from typing import get_args

    annotation = model.model_fields[name]
    marks = [*annotation.metadata, *(m for each in get_args(annotation.annotation) for m in _marks(each))]
    return next((mark for mark in marks if isinstance(mark, Completes)), None)


def _marks(annotation: Any) -> Sequence[Any]:
    return getattr(annotation, "__metadata__", ())


FIND_VENDOR = Call("list_companies", {"filters": {"type": "Vendor", "name[contains]": Given("vendor")}})
"""Finds a vendor by a part of the name."""
