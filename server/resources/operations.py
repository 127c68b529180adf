"""All about one tool as a resource: what it does, how well that is known, its arguments, a call that passes."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

from schemas.common import Arguments, Record
from server.answers.tools import description_answer
from server.calls import Calls
from server.refused import RefusedError
from server.resources import guide
from server.resources.example import example
from server.text import clean
from tools import meta
from tools.catalogue import UnknownToolError
from tools.operation import Operation
from tools.schema import input_schema

PREFIX = "luminous://operations/"


def names(calls: Calls) -> list[str]:
    """Every tool that is enabled here, in the order in which tools are listed."""
    return [*calls.catalogue.workflows, *calls.catalogue.entries, *calls.meta_tools]


def described(calls: Calls, name: str) -> dict[str, Any]:
    """The description of a tool. Raises RefusedError where there is none of that name."""
    if name in calls.catalogue.workflows:
        return _workflow(calls, name)
    if name in meta.NAMES and name in calls.meta_tools:
        return _over_tools(name)
    try:
        operation = calls.catalogue.operation(name)
    except UnknownToolError as error:
        hint = f" Did you mean {error.nearest}?" if error.nearest else ""
        raise RefusedError(f"There is no tool {clean(name, 64)!r} here.{hint}") from None
    content: dict[str, Any] = description_answer(operation).structured["tool"]
    known: dict[str, Any] = {
        "system": operation.toolset.system.value,
        "method": operation.method,
        "path": operation.path,
    }
    if operation.when:
        known["when_status_is"] = list(operation.when)
    if operation.returns is not None and operation.returns.model_fields:
        known["record_fields"] = list(operation.returns.model_fields)
    if "filters" in operation.arguments.model_fields:
        known["guide"] = guide.URI
    return content | known | {"example": example_of(operation)}


def example_of(operation: Operation) -> dict[str, Any]:
    """Arguments that pass; filters are on a column that the record has."""
    made = example(operation.arguments)
    if "filters" in made:
        filters = _filters(operation.returns) if operation.returns is not None else {}
        made = made | {"filters": filters} if filters else {key: made[key] for key in made if key != "filters"}
    return made


def _filters(record: type[Record]) -> dict[str, Any]:
    """A filter on a column that people look at; empty where none is known."""
    for column in record.view.columns:
        field = record.model_fields.get(column)
        if field is not None and dt.date in (field.annotation, *get_args(field.annotation)):
            return {f"{column}[gte]": "2026-11-01"}
    return {f"{column}[set]": True for column in record.view.columns[:1]}


def _workflow(calls: Calls, name: str) -> dict[str, Any]:
    from tools.workflows.workflow import TOOLSET, find

    workflow = find(name)
    arguments: type[Arguments] = workflow.arguments
    return {
        "name": name,
        "toolset": TOOLSET,
        "effect": "read",
        "description": workflow.definition["description"],
        "inputSchema": input_schema(arguments),
        "reads_with": dict(calls.catalogue.workflows[name].needs),
        "example": example(arguments),
    }


def _over_tools(name: str) -> dict[str, Any]:
    """A tool over tools: a confirmation, a batch, a search."""
    listed = meta.definition(name)
    reads = listed["annotations"]["readOnlyHint"]
    return {
        "name": name,
        "effect": "read" if reads else "outward",
        "description": listed["description"],
        "inputSchema": listed["inputSchema"],
        "example": example(meta.arguments_of(name)),
    }
