"""What tools there are for a task, and all about one of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from schemas.common import Evidence
from server.answers.answer import Answer
from server.text import clean
from tools.arguments import is_marked
from tools.catalogue import Entry
from tools.operation import Effect, Operation
from tools.schema import input_schema
from tools.workflows.workflow import TOOLSET, Workflow

_MOST_ARGUMENTS = 12


def found_answer(query: str, entries: Sequence[Entry]) -> Answer:
    """Tools that fit a question, the best first."""
    if not entries:
        text = f"No tool fits {clean(query, 100)!r}. Say what is to be done to what, such as: pay a vendor bill."
        return Answer(text, {"operation": "find_tools", "tools": []})
    lines = [
        f"{entry.name} ({entry.effect}): {entry.definition['description']} Arguments: {_arguments(entry)}"
        for entry in entries
    ]
    tools = [
        {
            "name": entry.name,
            "effect": entry.effect,
            "description": entry.definition["description"],
            "arguments": _arguments(entry),
        }
        for entry in entries
    ]
    said = "* is required. Call with call_read_tool or call_write_tool; describe_tool gives the whole schema."
    return Answer("\n".join([*lines, said]), {"operation": "find_tools", "tools": tools})


def description_answer(operation: Operation) -> Answer:
    """All about one tool."""
    model = operation.arguments
    described: dict[str, Any] = {
        "name": operation.name,
        "toolset": operation.toolset.name,
        "effect": operation.effect.value,
        "evidence": operation.evidence.value,
        "description": operation.description,
        "inputSchema": input_schema(model),
        "inferred_arguments": [name for name in model.model_fields if is_marked(model, name, Evidence.INFERRED)],
        "takes_further_fields": operation.accepts_more,
    }
    if operation.permission:
        described["permission"] = operation.permission
    return _described(described)


def workflow_description_answer(declared: Workflow) -> Answer:
    """All about a workflow tool, also the arguments that are not listed."""
    described = {
        "name": declared.name,
        "toolset": TOOLSET,
        "effect": Effect.READ.value,
        "description": declared.definition["description"],
        "inputSchema": input_schema(declared.arguments),
        "reads_with": {system.value: list(operations) for system, operations in declared.needs.items()},
    }
    return _described(described)


def _described(described: dict[str, Any]) -> Answer:
    text = json.dumps(described, separators=(",", ":"), ensure_ascii=False)
    return Answer(text, {"operation": "describe_tool", "tool": described})


def _arguments(entry: Entry) -> str:
    schema = entry.definition["inputSchema"]
    required = schema.get("required", [])
    names = [f"{name}*" if name in required else name for name in schema["properties"]]
    more = len(names) - _MOST_ARGUMENTS
    return ", ".join(names[:_MOST_ARGUMENTS]) + (f" and {more} more" if more > 0 else "") or "none"
