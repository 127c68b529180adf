"""confirm_write: the tool that carries out a plan. Listed where writes take two steps."""

from __future__ import annotations

from typing import Any

from schemas.common import Arguments
from tools.operation import Effect

CONFIRM = "confirm_write"


class ConfirmWrite(Arguments):
    """Carry out a plan that a write tool gave, after the user agreed to it. Works once."""

    plan_id: str


def definition() -> dict[str, Any]:
    """The tool as hosts see it."""
    return {
        "name": CONFIRM,
        "title": "Confirm write",
        "description": " ".join((ConfirmWrite.__doc__ or "").split()),
        "inputSchema": {
            "type": "object",
            "properties": {"plan_id": {"type": "string"}},
            "required": ["plan_id"],
        },
        "annotations": Effect.MONEY.annotations,
    }
