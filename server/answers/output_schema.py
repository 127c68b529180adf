"""Output schemas, declared where structured content is asked for: of lists, of records, of writes."""

from __future__ import annotations

from typing import Any

from tools.operation import Effect, Operation

_TEXT = {"type": "string"}
_COUNT = {"type": "integer"}
_ANY_OBJECT = {"type": "object"}

LIST: dict[str, Any] = {
    "type": "object",
    "properties": {
        "operation": _TEXT,
        "total": {**_COUNT, "description": "Records that match"},
        "page": _COUNT,
        "pages": _COUNT,
        "next": {**_TEXT, "description": "Give it as next for what comes after"},
        "whole": {"type": "boolean", "description": "These rows are everything that matches"},
        "all": {**_ANY_OBJECT, "description": "What is the same in all rows"},
        "rows": {"type": "array", "items": _ANY_OBJECT},
        "sums": {**_ANY_OBJECT, "description": "Of these rows: currency to column to amount as text"},
        "quantities": {**_ANY_OBJECT, "description": "Of these rows: column to units as text"},
        "counts": {**_ANY_OBJECT, "description": "Of these rows: column to value to count"},
        "note": {**_TEXT, "description": "Why nothing matches, or what no row carries"},
        "left_out": {**_COUNT, "description": "Rows left out to stay within the budget"},
        "result": {**_TEXT, "description": "Resource with all rows"},
        "stopped": _TEXT,
    },
    "required": ["operation", "rows"],
}
RECORD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "operation": _TEXT,
        "caveat": {**_TEXT, "description": "What the figures are not"},
        "record": _ANY_OBJECT,
        "next": {"type": "array", "items": _TEXT},
        "left_out": {"type": "array", "items": _TEXT, "description": "What is not shown to stay within the budget"},
    },
    "required": ["operation", "record"],
}
WRITE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["confirmation_required", "done", "refused", "failed", "unknown"]},
        "plan_id": _TEXT,
        "tool": _TEXT,
        "summary": _TEXT,
        "request": _ANY_OBJECT,
        "changes": {"type": "array", "items": _ANY_OBJECT},
        "warnings": {"type": "array", "items": _TEXT},
        "expires_at": {"type": "string", "format": "date-time"},
        "money": _ANY_OBJECT,
        "journal_id": _COUNT,
        "record": _ANY_OBJECT,
        "error": _ANY_OBJECT,
    },
    "required": ["status"],
}
# A read of unknown shape may turn out to be a list or a record.
EITHER: dict[str, Any] = {
    "type": "object",
    "properties": {**LIST["properties"], **RECORD["properties"], "left_out": {}, "next": {}},
    "required": ["operation"],
}


ANY: dict[str, Any] = {"type": "object"}


def output_schema(operation: Operation) -> dict[str, Any]:
    """What the structured content of an operation looks like."""
    if operation.effect is not Effect.READ:
        return WRITE
    if operation.many and not _may_be_a_file(operation):
        return LIST
    return RECORD if operation.returns is not None and not operation.many else EITHER


def _may_be_a_file(operation: Operation) -> bool:
    return bool({"format", "export", "save_to"} & set(operation.arguments.model_fields))
