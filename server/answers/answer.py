"""One answer, in text and as structured content, and how it becomes an MCP tool result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from server.answers.budget import tokens, tokens_of

MAX_TOKENS = 20_000
"""No answer is larger than this, by `server.answers.budget`."""
_LINKED = 1_000
"""Tokens from which a link is worth its room; in a shorter answer rows are worth more."""
_MANY = 200
"""Rows from which an answer is made beside the event loop: other calls go on meanwhile."""


class Output(StrEnum):
    """What the server puts into tool results."""

    TEXT = "text"
    STRUCTURED = "structured"
    """Structured content, and the same as compact JSON text for hosts that show only text."""
    BOTH = "both"
    """Readable text beside structured content."""


def links(text: str, link: dict[str, Any], budget: int) -> tuple[dict[str, Any], ...]:
    """A link to a resource as a block, where there is room beside the text; the text names the address anyway."""
    return (_block(link),) if tokens(text) + tokens_of(_block(link)) <= budget else ()


def room_for_link(link: dict[str, Any], budget: int) -> int:
    """Tokens that a text leaves for the link to its rows: hosts offer links, so longer answers have one."""
    return tokens_of(_block(link)) if budget >= _LINKED else 0


def _block(link: dict[str, Any]) -> dict[str, Any]:
    return {"type": "resource_link", **link}


@dataclass(frozen=True)
class Answer:
    """What a call came to.

    content: the structured content (JSON-ready, amounts as text), or what makes it when somebody looks: most hosts only
    read text. always_structured: sent whatever the output mode, because a program has to act on it (plans, outcomes,
    errors). blocks: further content in wire spelling, such as a picture or a link to a resource.
    """

    text: str
    content: dict[str, Any] | Callable[[], dict[str, Any]]
    is_error: bool = False
    always_structured: bool = False
    blocks: tuple[dict[str, Any], ...] = ()

    @cached_property
    def structured(self) -> dict[str, Any]:
        """The structured content."""
        return self.content() if callable(self.content) else self.content

    def result(self, output: Output) -> dict[str, Any]:
        """The MCP tool result, in wire spelling."""
        import json

        text = self.text
        if output is Output.STRUCTURED and not self.always_structured:
            text = json.dumps(self.structured, separators=(",", ":"), ensure_ascii=False)
        content = [{"type": "text", "text": text}, *self.blocks]
        result: dict[str, Any] = {"content": content, "resultType": "complete"}
        if self.always_structured or output is not Output.TEXT:
            result["structuredContent"] = self.structured
        if self.is_error:
            result["isError"] = True
        return result


async def aside(make: Callable[[], Answer], *, rows: int) -> Answer:
    """The answer that `make` makes of so many rows; of many in a thread."""
    if rows <= _MANY:
        return make()
    from anyio import to_thread

    return await to_thread.run_sync(make)
