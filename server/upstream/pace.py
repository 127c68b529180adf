"""How fast requests may leave: as fast as they come, until the API refuses one for its rate."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import anyio

CAUTION = 0.9
"""Of a pace that was just too fast, what is kept to."""
SLOWEST = 0.25
"""Requests per second. A limit below that is met by waiting as long as the API says, again and again."""
FASTEST = 200.0
"""Requests per second from which a pace is no limit any more."""
FEW = 3
"""Fewer requests than these were not the cause of a refusal; one per second is fast and slow enough then."""
MAX_WINDOW = 60.0
PATIENCE = 10.0
"""Seconds without a refusal after which a slightly faster pace is tried; twice as long after each refusal."""
MAX_PATIENCE = 600.0
STEP = 0.05
"""How much faster at first; twice as much with each step that is not refused."""
_REMEMBERED = 4096


class Turn(NamedTuple):
    """When a request left, and how many refusals were known then."""

    left: float
    refusals: int


class Pacer:
    """All requests of one API pass here.

    Nothing waits while the API refuses nothing. After a refusal all wait as long as it says, and then go one by one at
    nine tenths of the pace that was accepted before. What it accepts is not published, so it is learned: requests
    accepted in the time before the refusal, which is taken to be as long as the API says to wait (1 to 60 s).
    """

    def __init__(self, sleep: Callable[[float], Awaitable[None]], clock: Callable[[], float]) -> None:
        self._sleep = sleep
        self._clock = clock
        self._gate = anyio.Lock(fast_acquire=True)
        self._accepted: deque[float] = deque(maxlen=_REMEMBERED)
        """When the latest requests left that were not refused."""
        self._interval = 0.0
        """Seconds between two requests; zero: no limit is known."""
        self._next = 0.0
        """When the next may leave."""
        self._refused_pace = FASTEST
        """The pace at the latest refusal."""
        self._refusals = 0
        """Several refusals of what was under way at once count as one."""
        self._refused_from = self._refused_at = 0.0
        """When the request left that was refused latest, and when that was known."""
        self._window = 1.0
        self._streak = 0
        """Refusals since anything was accepted."""
        self._patience = PATIENCE / 2
        self._step = STEP
        self._calm_since = 0.0

    async def turn(self) -> Turn:
        """Wait until a request may leave, in the order of asking."""
        if not self._interval:
            return Turn(self._clock(), self._refusals)
        async with self._gate:
            until = -math.inf
            while until < self._next:  # It moves when something is refused meanwhile.
                until = self._next
                if (wait := until - self._clock()) > 0:
                    await self._sleep(wait)
            now = self._clock()
            self._quicken(now)
            self._next = max(now, until) + self._interval
            return Turn(now, self._refusals)

    def accepted(self, turn: Turn) -> None:
        """A request that left then was not refused."""
        self._accepted.append(turn.left)
        if turn.refusals == self._refusals:
            self._streak = 0
        elif self._interval:
            self._learn()  # It was under way when another was refused, and counts too.

    def refused(self, turn: Turn, after: float | None) -> None:
        """A request that left then was refused. after: seconds to wait, where the API says so."""
        now, pause = self._clock(), 1.0 if after is None else after
        if turn.refusals < self._refusals:
            # It was under way when another was refused: the same refusal, unless it asks for much more.
            if now + pause > self._next + 1:
                self._next = now + pause
            return
        # Refused again in spite of waiting: whole seconds may have been rounded down.
        pause += min(2**self._streak - 1, 7)
        self._refusals += 1
        if self._streak:
            self._window = now + pause - self._refused_at  # All this time nothing was accepted.
        else:
            self._refused_from, self._refused_at = turn.left, now
            self._refused_pace = 1 / self._interval if self._interval else FASTEST
            self._window = pause
            self._patience, self._step = min(2 * self._patience, MAX_PATIENCE), STEP
        self._streak += 1
        self._next = self._calm_since = now + pause
        self._learn()

    def _learn(self) -> None:
        window = min(max(self._window, 1.0), MAX_WINDOW)
        since = self._refused_from - window
        count = sum(since <= left <= self._refused_at for left in self._accepted)
        pace = min(count / window if count >= FEW else 1.0, self._refused_pace) * CAUTION
        self._interval = 1 / max(pace, SLOWEST)

    def _quicken(self, now: float) -> None:
        if now - self._calm_since < self._patience:
            return
        self._calm_since = now
        self._interval /= 1 + self._step
        self._step = min(2 * self._step, 1.0)
        if self._interval < 1 / FASTEST:
            self._interval, self._patience = 0.0, PATIENCE / 2
