"""Checks the arguments of a call against their declaration and says what is wrong in words a model can act on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from schemas.common import Arguments, Mark
from schemas.listing import SHAPING, Pages, Shown
from tools.meaning import meant

A = TypeVar("A", bound=Arguments)

_NEAR = 80
"""Similarity in percent from which an unknown name is taken for a slip of a known one."""
_ALIKE = 60
"""Similarity in percent below which a name that means something else is no guess worth telling."""
_PAGE_SIZES = ("per_page", "limit")
_NO_FIELDS = SHAPING.union(
    ["columns", "cursor", "group_by", "limit", "offset", "order", "order_by", "page", "page_size", "per_page", "query"]
)
"""Names that are about a list and not about its records: nothing is filtered by them."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one argument. `argument` is its path, such as `items.0.quantity`."""

    argument: str
    message: str


class InvalidArgumentsError(Exception):
    """The arguments do not fit the declaration; nothing was sent."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{each.argument}: {each.message}" for each in self.problems))


def nearest(name: str, known: Iterable[str], *, at_least: int = 0) -> str | None:
    """The known name most like `name`.

    With `at_least` the spelling alone counts, and must be alike to so many percent. Without, what a name means counts
    more than how it is spelled; None where nothing is near either way.
    """
    names = sorted(known)
    slip = _spelled(name, names, at_least or _NEAR)
    if slip is not None or at_least:
        return slip
    return meant(name, names) or _spelled(name, names, _ALIKE)


def _spelled(name: str, names: Sequence[str], at_least: int) -> str | None:
    from rapidfuzz.distance import DamerauLevenshtein
    from rapidfuzz.process import extractOne

    match = extractOne(
        name.lower(), names, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=at_least / 100
    )
    return match[0] if match else None


def wire_name(model: type[Arguments], name: str) -> str:
    """How the API spells an argument."""
    return model.model_fields[name].serialization_alias or name


@cache
def is_marked(model: type[Arguments], name: str, mark: Mark) -> bool:
    """Whether the declaration carries `mark` on that argument."""
    field = model.model_fields[name]
    # In `Filters | None` the mark sits on the alternative.
    inside = (each for alternative in get_args(field.annotation) for each in getattr(alternative, "__metadata__", ()))
    return mark in field.metadata or mark in inside


def _unknown(model: type[Arguments], name: str) -> Problem:
    allowed = ", ".join(model.model_fields) or "none"
    if name == "filters":
        return Problem(name, f"takes no filters. Allowed: {allowed}")
    near = nearest(name, model.model_fields)
    hint = f"did you mean {near}? " if near else ""
    door = (
        f'Filters on fields go into filters, such as {{"{name}": ...}}. '
        if "filters" in model.model_fields and name not in _NO_FIELDS
        else ""
    )
    return Problem(name, f"no such argument; {hint}{door}Allowed: {allowed}")


def _further(model: type[Arguments], name: str) -> Problem | None:
    """What is wrong with a further field of an open declaration, if anything."""
    if issubclass(model, Shown) and name in SHAPING:
        return Problem(name, "is for lists, and this answers with one record")
    known = _slip_of(model, name)
    return Problem(name, f"looks like {known}; write {known}, or leave it out") if known else None


def _slip_of(model: type[Arguments], name: str) -> str | None:
    """The argument that an unknown name of an open declaration must have meant, if any.

    Names that differ in digits only (`phone_2`, `phone_3`) are different fields, not slips.
    """
    known = nearest(name, model.model_fields, at_least=_NEAR)
    letters = str.maketrans("", "", "0123456789")
    return known if known and known.translate(letters) != name.translate(letters) else None


def _named(model: type[Arguments], given: Mapping[str, Any]) -> dict[str, Any]:
    """Wire spellings become argument names; null for a field that cannot be null means "left out"."""
    spelled = {wire_name(model, name): name for name in model.model_fields}
    if issubclass(model, Pages) and model.page_size not in given:
        spelled |= dict.fromkeys(_PAGE_SIZES, model.page_size)  # A few lists call it otherwise.
    named: dict[str, Any] = {}
    for key, value in given.items():
        name = key if key in model.model_fields else spelled.get(key, key)
        if value is None and name in model.model_fields and not is_marked(model, name, Mark.NULLABLE):
            continue
        named[name] = value
    return named


def _message(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "missing":
        return "is required"
    if kind == "greater_than":
        return f"must be greater than {context['gt']}"
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']}"
    if kind == "too_short" and context.get("field_type") == "Value":
        return f"must have at least {context['min_length']} characters"
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    text = str(error["msg"])
    return text[0].lower() + text[1:]


def check(model: type[A], given: Mapping[str, Any] | None) -> A:
    """The arguments as their declaration types them.

    Raises InvalidArgumentsError with every problem at once: unknown names (and the nearest), missing, wrong type.
    """
    named = _named(model, given or {})
    unknown = [name for name in named if name not in model.model_fields]
    if model.model_config.get("extra") == "allow":
        problems = [problem for name in unknown if (problem := _further(model, name)) is not None]
    else:
        problems = [_unknown(model, name) for name in unknown]
        for name in unknown:
            del named[name]
    try:
        checked = model.model_validate(named)
    except ValidationError as error:
        # The rejected input itself is left out: it may be a secret.
        found = error.errors(include_url=False, include_input=False)
        problems += [Problem(".".join(map(str, each["loc"])) or "arguments", _message(each)) for each in found]
    if problems:
        raise InvalidArgumentsError(problems)
    _check_period(checked)
    return checked


def _check_period(arguments: Arguments) -> None:
    """Refuse a period whose last day is before its first."""
    first, last = getattr(arguments, "start_date", None), getattr(arguments, "end_date", None)
    if isinstance(first, dt.date) and isinstance(last, dt.date) and last < first:
        raise InvalidArgumentsError([Problem("end_date", f"{last} is before start_date {first}")])
