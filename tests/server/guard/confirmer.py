"""A process that plans a write, says so, waits for a line, confirms it, and says what came of it."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import anyio
from pydantic import SecretStr

from server.caller import Caller
from server.calls import Calls
from server.guard.guard import Guard
from server.guard.journal import Journal
from server.upstream.client import Upstream
from server.upstream.connection import Connection
from tools import catalogue
from tools.operation import System

CALLER = Caller("tester")


def noon() -> dt.datetime:
    """The moment at which the clock of the tests stands."""
    return dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def work(url: str, key: str, journal: Path, tool: str, arguments: dict[str, Any]) -> None:
    upstream = Upstream(Connection.to_url(url, SecretStr(key), label="test"), now=noon)

    async def connect(system: System) -> Upstream:
        return upstream

    tools = catalogue.load()
    calls = Calls(
        tools, Guard(Journal(journal, noon), noon, connect, tools.operations), connect, today=lambda: noon().date()
    )
    plan = await calls.call(tool, arguments, CALLER)
    say(plan.structured["plan_id"])  # type: ignore[union-attr]
    sys.stdin.readline()
    said = await calls.call("confirm_write", {"plan_id": plan.structured["plan_id"]}, CALLER)  # type: ignore[union-attr]
    say(json.dumps(said.structured))  # type: ignore[union-attr]


if __name__ == "__main__":
    anyio.run(work, sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4], json.loads(sys.argv[5]))
