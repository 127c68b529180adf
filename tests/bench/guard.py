"""`python -m tests.bench.guard`: what the guard adds to a confirmed write and to a read.

Everything is measured in one process on one sandbox, in turn: the bare calls, two durable commits of SQLite, and the
confirmation that contains them.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import anyio
import click
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from server.assembly import now
from server.caller import Caller
from server.calls import Calls
from server.guard.guard import Guard
from server.guard.journal import Journal
from server.guard.modes import Writes
from server.upstream.client import Upstream
from server.upstream.connection import Connection
from server.upstream.replies import Reply
from tests.bench.books import sandbox
from tools import catalogue
from tools.arguments import check
from tools.operation import System
from tools.request import Request, compose

CALLER = Caller("bench")
PAID_ON = "2026-11-20"
BAR_MS = 2.0


async def median(rounds: int, act: Callable[[], Awaitable[float]]) -> float:
    """The median of what `act` measures, in milliseconds."""
    return statistics.median([await act() for _ in range(rounds)]) * 1000


class TimedUpstream(Upstream):
    """Knows how long its calls took: what is left of a confirmation is the guard's own work, call by call."""

    spent = 0.0

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        """Send, and count the time."""
        started = time.perf_counter()
        try:
            return await super().send(request, read=read, file=file)
        finally:
            self.spent += time.perf_counter() - started


class Bench:
    """One server on one sandbox, and the bare parts that it is made of."""

    def __init__(self, upstream: TimedUpstream, folder: Path) -> None:
        self._upstream = upstream
        self._tools = catalogue.load()
        self._journal = Journal(folder / "journal.sqlite3", now)
        self._guarded = self._calls(self._journal, Writes.ASK)
        self._unguarded = self._calls(Journal(None, now), Writes.OFF)
        self._database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, text TEXT)")
        self._bills: Iterator[int] = iter(())
        self.own: list[float] = []
        """Milliseconds of each confirmation without its calls upstream."""

    def _calls(self, journal: Journal, writes: Writes) -> Calls:
        async def connect(system: System) -> Upstream:
            return self._upstream

        return Calls(
            self._tools,
            Guard(journal, now, connect, self._tools.operations, writes=writes),
            connect,
            today=lambda: now().date(),
        )

    async def choose_bills(self) -> None:
        """Find bills that payments of a cent fit on, many: a bill with hundreds of payments is slow by itself."""
        query = {"filters": {"status": "posted", "total_due[gte]": 500}, "per_page": 100}
        operation = self._tools.operation("list_bills")
        reply = await self._upstream.send(compose(operation, check(operation.arguments, query)), read=True)
        self._bills = cycle([row["id"] for row in reply.data["data"]])

    def _payment(self) -> dict[str, Any]:
        return {"bill_id": next(self._bills), "amount": "0.01", "payment_date": PAID_ON, "reference": uuid.uuid4().hex}

    async def bare_write(self) -> float:
        """A payment sent without a guard."""
        return await self._send("record_bill_payment", self._payment(), read=False)

    async def bare_read(self) -> float:
        """The bill read without anything around it."""
        return await self._send("get_bill", {"bill_id": next(self._bills)}, read=True)

    async def _send(self, tool: str, given: Mapping[str, Any], *, read: bool) -> float:
        operation = self._tools.operation(tool)
        request = compose(operation, check(operation.arguments, given))
        started = time.perf_counter()
        await self._upstream.send(request, read=read)
        return time.perf_counter() - started

    async def two_commits(self) -> float:
        """Two rows, each durable before the next."""
        started = time.perf_counter()
        for _ in range(2):
            self._database.execute("INSERT INTO entry (text) VALUES (?)", ("x" * 700,))
        return time.perf_counter() - started

    async def confirmed_write(self) -> float:
        """The confirmation of a plan that was made before."""
        plan = await self._guarded.call("record_bill_payment", self._payment(), CALLER)
        plan_id = plan.structured["plan_id"]  # type: ignore[union-attr]
        self._upstream.spent = 0.0
        started = time.perf_counter()
        done = await self._guarded.call("confirm_write", {"plan_id": plan_id}, CALLER)
        seconds = time.perf_counter() - started
        assert done.structured["status"] == "done", done  # type: ignore[union-attr]
        self.own.append((seconds - self._upstream.spent) * 1000)
        return seconds

    async def read(self, *, guarded: bool) -> float:
        """A read as a tool call, with a guard beside it or with writes off."""
        calls = self._guarded if guarded else self._unguarded
        started = time.perf_counter()
        await calls.call("get_bill", {"bill_id": next(self._bills)}, CALLER)
        return time.perf_counter() - started


async def run(url: str, rounds: int, folder: Path) -> list[tuple[str, float, str]]:
    """Each figure with its name and bar."""
    upstream = TimedUpstream(Connection.to_url(url, SecretStr("sandbox"), "bench"), now=now)
    bench = Bench(upstream, folder)
    await bench.choose_bills()
    for warm_up in (bench.bare_write, bench.confirmed_write, bench.two_commits):
        await median(5, warm_up)
    write = await median(rounds, bench.bare_write)
    read = await median(rounds, bench.bare_read)
    commits = await median(rounds, bench.two_commits)
    bench.own.clear()
    confirmed = await median(rounds, bench.confirmed_write)
    own = statistics.median(bench.own)
    guarded = await median(rounds, lambda: bench.read(guarded=True))
    plain = await median(rounds, lambda: bench.read(guarded=False))
    await upstream.aclose()
    return [
        ("bare write", write, ""),
        ("bare read: the record is looked at again before it is changed", read, ""),
        ("two durable commits", commits, ""),
        ("confirmed write", confirmed, ""),
        ("of it, without its two calls", own, ""),
        ("and without the commits: the guard's own work", own - commits, f"<= {BAR_MS} ms"),
        ("a read, with the guard", guarded, ""),
        ("a read, with writes off", plain, "the same"),
    ]


@click.command()
@click.option("--rounds", default=200, show_default=True)
def main(rounds: int) -> None:
    """Print what the guard costs."""
    table = Table("what", "median", "bar", box=None)
    with sandbox() as (_, url, _), tempfile.TemporaryDirectory() as folder:
        for name, milliseconds, bar in anyio.run(run, url, rounds, Path(folder)):
            table.add_row(name, f"{milliseconds:.2f} ms", bar)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
