"""Who calls, and what stands in the way of a call before it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


async def _silent(done: int, total: int | None) -> None:
    return None


@dataclass(frozen=True)
class Caller:
    """Who calls, and what their client can do. can_ask: it can put a question to the person in front of it."""

    principal: str
    can_ask: bool = False
    progress: Callable[[int, int | None], Awaitable[None]] = _silent


class NotConnectedError(Exception):
    """The system of a tool is not set up here. The message says what to set."""
