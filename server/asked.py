"""What the arguments of a list say about its answer: what it is narrowed by, and why nothing may match."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from schemas.common import Arguments, Mark
from schemas.listing import SHAPING
from server.answers.values import text_of
from server.text import clean
from tools.arguments import is_marked, nearest, wire_name
from tools.catalogue import Catalogue
from tools.operation import Effect, Operation

_SUMMARY = "summarize_records"
_NO_FILTERS = ("as_of_date", "columns", "export", "format", "group")
"""Arguments that say what rows are, not which."""
_COMPARED = ("", "eq", "in", "contains")
"""Operators with which a word must be written as it is stored."""


def columns(operation: Operation, arguments: Arguments) -> list[str]:
    """What a list is filtered and sorted by, as its rows call it."""
    found = [field for field, _, _ in _filters(operation, arguments)]
    if isinstance(sort := getattr(arguments, "sort", None), str):
        found.append(sort.partition(":")[0])
    return list(dict.fromkeys(found))


def known_filters(operation: Operation) -> list[str]:
    """The fields by which a list is known to be filtered: those that its declaration names."""
    model = operation.arguments
    return [wire_name(model, name) for name in model.model_fields if _is_filter(operation, name)]


def nothing(operation: Operation, arguments: Arguments, catalogue: Catalogue) -> str:
    """What to say where nothing matches: a word that is written otherwise finds nothing either."""
    words = [
        (field, word)
        for field, operator, value in _filters(operation, arguments)
        if operator in _COMPARED and field != "q"
        for word in value.split(",")
        if any(letter.isalpha() for letter in word)
    ]
    if not words:
        return ""
    said = "Filters compare exactly"
    if "filters" in operation.asked.model_fields:
        said += " and contains is case-sensitive"
    grouped = next((field for field, _ in words if _is_of_record(operation, field)), None)
    if _SUMMARY in catalogue.workflows and grouped is not None:
        asked = f"operation={operation.name}, group_by={clean(grouped, 60)}"
        said += f"; {_SUMMARY} with {asked} shows which values there are"
    return " ".join([f"{said}.", *_near(operation, words)])


def record_tool(operation: Operation, catalogue: Catalogue) -> str:
    """The tool that gives one of a list's records whole; empty where there is none."""
    found = (
        each.name
        for each in operation.toolset.operations.values()
        if each.effect is Effect.READ
        and not each.many
        and each.returns is operation.returns
        and len(each.path_arguments) == 1
        and each.name in catalogue
    )
    return next(found, "") if operation.returns is not None else ""


def _is_of_record(operation: Operation, field: str) -> bool:
    """Whether the list's records are known to have a field: others (`tag`) can be filtered by alone."""
    record = operation.returns
    return record is not None and field.partition(".")[0] in {
        *record.model_fields,
        *(column.partition(".")[0] for column in record.view.columns),
    }


def _near(operation: Operation, words: list[tuple[str, str]]) -> Iterator[str]:
    """For words that are no documented value of their field, the nearest that is."""
    for field, word in words:
        known = _values(operation, field)
        if known and word not in known:
            near = nearest(word.replace(" ", "_"), known)
            hint = f"{near} is" if near else f"there are {', '.join(known)}"
            yield f"No documented value of {clean(field, 60)} is {clean(word, 40)!r}; {hint}."


def _values(operation: Operation, field: str) -> list[str]:
    """The values that declarations on the same record know of a field."""
    found: dict[str, None] = {}
    for each in operation.toolset.operations.values():
        model = each.arguments
        if each.returns is operation.returns and field in model.model_fields:
            found |= dict.fromkeys(_literals(model.model_fields[field].annotation))
    return list(found)


def _literals(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from (each for each in get_args(annotation) if isinstance(each, str))
    elif get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from _literals(each)


def _is_filter(operation: Operation, name: str) -> bool:
    model = operation.arguments
    shaping = {*_NO_FILTERS, "page", getattr(model, "page_size", ""), *SHAPING, *operation.path_arguments}
    local = any(is_marked(model, name, mark) for mark in (Mark.LOCAL, Mark.FILTERS, Mark.FILE))
    return name not in shaping and not local


def _filters(operation: Operation, arguments: Arguments) -> Iterator[tuple[str, str, str]]:
    """Field, operator and value of everything that narrows a list."""
    for key, value in (getattr(arguments, "filters", None) or {}).items():
        yield (*_split(key), value)
    declared = set(operation.arguments.model_fields)
    given = [(name, name in declared) for name in arguments.model_fields_set if name not in SHAPING]
    for name, known in given:
        if known and not _is_filter(operation, name):
            continue
        value = getattr(arguments, name)
        if value is None or (not known and not operation.accepts_more):
            continue
        wire = wire_name(operation.arguments, name) if known else name
        if isinstance(value, dict):
            yield from ((*_split(f"{wire}.{key}"), text_of(each)) for key, each in value.items())
        else:
            yield (*_split(wire), text_of(value))


def _split(key: str) -> tuple[str, str]:
    field, _, operator = key.removesuffix("]").partition("[")
    return field, operator
