"""A loop whose time jumps to whatever is next: minutes of waiting in no time, the same on every machine."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Nothing outside is waited for: waiting moves the time."""

    moment = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everything waits, and nothing is going to happen")
        self.moment += max(0.0, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.moment


def run(work: Callable[[], Awaitable[T]]) -> T:
    """The result of a coroutine function in such a loop."""
    return anyio.run(work, backend_options={"loop_factory": _Loop})
