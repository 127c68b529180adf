"""The periods that reports are about: at most three months."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from server.sandbox.shapes import Day, Shape, optional, required
from server.sandbox.wire import Call, invalid

MONTHS = 3
"""The longest period."""

START, END = "start_date", "end_date"

_MANDATORY = Shape({START: required(Day()), END: required(Day())})
_OPTIONAL = Shape({START: optional(Day()), END: optional(Day())})


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    def shown(self) -> dict[str, Any]:
        """The period as an answer spells it."""
        return {START: self.start, END: self.end}

    def moments(self) -> tuple[datetime, datetime]:
        """When the first day begins, and when the last one is over."""
        return _midnight(self.start), _midnight(self.end + timedelta(days=1))


def period(call: Call) -> Period:
    """The period the query names. Raises 422 when it names none or one that is too long."""
    asked = _MANDATORY.check({START: call.argument(START), END: call.argument(END)})
    return _checked(asked)


def period_or_none(call: Call) -> Period | None:
    """The period the query names, if it names one. Raises 422 for half of one and for one that is too long."""
    asked = _OPTIONAL.check({START: call.argument(START), END: call.argument(END)})
    if asked[START] is None and asked[END] is None:
        return None
    return period(call)


def _checked(asked: dict[str, Any]) -> Period:
    found = Period(asked[START], asked[END])
    if found.end < found.start:
        raise invalid({END: f"The {END} may not be before the {START}."})
    if found.end > _after_months(found.start):
        raise invalid({END: f"The period may be {MONTHS} months at most."})
    return found


def _after_months(start: date) -> date:
    months = start.month - 1 + MONTHS
    year, month = start.year + months // 12, months % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
