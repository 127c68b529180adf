"""The tools over tools: search, describe, call. They are the whole surface where hosts load every definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from schemas.common import Arguments, Nested
from tools.operation import Effect
from tools.schema import input_schema

ToolArguments = Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]


class FindTools(Arguments):
    """Find tools by what is to be done, in the words of the trade. Gives name, purpose, effect and arguments."""

    query: str = Field(min_length=1, max_length=1000)
    effect: Literal["read", "write", "destroy", "money", "outward"] | None = None
    limit: int = Field(8, ge=1, le=25, strict=True)


class DescribeTool(Arguments):
    """All about one tool: its arguments as JSON Schema, effect, and how well it is documented."""

    name: str


class CallReadTool(Arguments):
    """Call a tool that reads, by name. Refuses every tool that changes anything."""

    name: str
    arguments: ToolArguments = Field(default_factory=dict)


class CallWriteTool(Arguments):
    """Call a tool that changes data, by name. It is planned and confirmed like any write."""

    name: str
    arguments: ToolArguments = Field(default_factory=dict)


class ConfirmWrite(Arguments):
    """Carry out a plan that a write tool gave, after the user agreed. Works once."""

    plan_id: str


class Write(Nested):
    """One write of a batch."""

    tool: str
    arguments: ToolArguments = Field(default_factory=dict)


class PlanBatch(Arguments):
    """Plan several writes, confirmed as one and carried out in order."""

    writes: list[Write] = Field(min_length=1, max_length=50)


class PlanUndo(Arguments):
    """Plan what takes a journaled write back."""

    journal_id: int


CONFIRM = "confirm_write"
BATCH = "plan_batch"
UNDO = "plan_undo"
FIND = "find_tools"
DESCRIBE = "describe_tool"
CALL_READ = "call_read_tool"
CALL_WRITE = "call_write_tool"

_TOOLS: Mapping[str, tuple[type[Arguments], Effect]] = {
    FIND: (FindTools, Effect.READ),
    DESCRIBE: (DescribeTool, Effect.READ),
    CALL_READ: (CallReadTool, Effect.READ),
    CALL_WRITE: (CallWriteTool, Effect.OUTWARD),
    CONFIRM: (ConfirmWrite, Effect.OUTWARD),
    BATCH: (PlanBatch, Effect.OUTWARD),
    UNDO: (PlanUndo, Effect.OUTWARD),
}
NAMES = frozenset(_TOOLS)


def arguments_of(name: str) -> type[Arguments]:
    """What one of these tools takes."""
    return _TOOLS[name][0]


def definition(name: str) -> dict[str, Any]:
    """One of these tools as hosts see it."""
    arguments, effect = _TOOLS[name]
    return {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "description": " ".join((arguments.__doc__ or "").split()),
        "inputSchema": input_schema(arguments),
        "annotations": effect.annotations,
    }
