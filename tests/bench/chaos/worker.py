"""A process that carries out writes as an assistant would: plan, confirm, and ask again when it is not clear.

Reads tasks (JSON) from standard input, one a line; writes what it was told of each to the log file, flushed at once.
Its clock runs faster than the real one, so that waiting for a lost request to be certainly lost takes no minutes.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import click
from pydantic import SecretStr

from server.caller import Caller
from server.calls import Calls
from server.guard.guard import Guard
from server.guard.journal import Journal
from server.guard.modes import Writes
from server.upstream.client import Upstream
from server.upstream.connection import Connection
from tools import catalogue
from tools.operation import System

PACE = 60
"""How many seconds of its clock pass in a real one."""
AT_ONCE = 4
TRIES = 40
CALLER = Caller("tester")


class FastClock:
    """The same fast clock in every process that starts from the same real moment."""

    def __init__(self, start: float) -> None:
        self._start = start

    def __call__(self) -> dt.datetime:
        moment = self._start + (time.time() - self._start) * PACE
        return dt.datetime.fromtimestamp(moment, dt.UTC)


def seconds() -> float:
    """The fast clock as a stopwatch. Whoever sleeps on it must read it too: else each pause is owed 59 times more."""
    return anyio.current_time() * PACE


async def sleep(duration: float) -> None:
    """Wait on the fast clock."""
    await anyio.sleep(duration / PACE)


@click.command()
@click.option("--url", required=True)
@click.option("--journal", type=click.Path(path_type=Path), required=True)
@click.option("--log", type=click.Path(path_type=Path), required=True)
@click.option("--start", type=float, required=True)
def main(url: str, journal: Path, log: Path, start: float) -> None:
    """Carry out the tasks of standard input."""
    tasks = [json.loads(line) for line in sys.stdin]
    anyio.run(work, tasks, url, journal, log, FastClock(start))


async def work(tasks: Sequence[dict[str, Any]], url: str, journal: Path, log: Path, clock: FastClock) -> None:
    """Carry out tasks, a few at once, over one server."""
    upstream = Upstream(Connection.to_url(url, SecretStr("sandbox"), "chaos"), sleep=sleep, now=clock, clock=seconds)

    async def connect(system: System) -> Upstream:
        return upstream

    tools = catalogue.load()
    book = Journal(journal, clock)
    calls = Calls(
        tools, Guard(book, clock, connect, tools.operations, writes=Writes.ASK), connect, today=lambda: clock().date()
    )
    waiting = list(reversed(tasks))
    with log.open("a", encoding="utf-8") as told:

        async def worker() -> None:
            while waiting:
                task = waiting.pop()
                said = await _carry_out(calls, task)
                told.write(json.dumps({"number": task["number"], "said": said}) + "\n")
                told.flush()

        async with anyio.create_task_group() as group:
            for _ in range(AT_ONCE):
                group.start_soon(worker)
    await upstream.aclose()
    book.close()


async def _carry_out(calls: Calls, task: dict[str, Any]) -> str:
    """Ask until it is clear: done, failed, or still not known at the end."""
    last = "unknown"
    for attempt in range(TRIES):
        answer = await calls.call(task["tool"], task["arguments"], CALLER)
        told = answer.structured  # type: ignore[union-attr]
        if told.get("status") == "confirmation_required":
            answer = await calls.call("confirm_write", {"plan_id": told["plan_id"]}, CALLER)
            told = answer.structured  # type: ignore[union-attr]
        last = str(told.get("status", "error"))
        if last == "done":
            return last
        # A fault is no verdict of the API: a sensible assistant tries again, with the very same call.
        await anyio.sleep(min(0.05 * (attempt + 1), 0.5))
    return last


if __name__ == "__main__":
    main()
