"""A process that carries out writes over an API that answers everything with a bill, on a journal that others share."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import anyio
from pydantic import SecretStr

from server.caller import Caller
from server.calls import Calls
from server.guard.guard import Guard
from server.guard.journal import Journal
from server.guard.modes import Writes
from server.upstream.connection import Connection
from server.upstream.replies import Reply
from tools import catalogue
from tools.operation import System
from tools.request import Request

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
BILL = {"id": 7, "status": "posted", "currency": "USD", "total": 100, "total_paid": 0, "total_due": 100, "payments": []}


class Answering:
    """Stands where the HTTP client stands."""

    connection = Connection.to_url("http://127.0.0.1:9", SecretStr("none"), label="test")

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        return Reply(200, {"data": BILL})


async def pay(journal: Path, who: str, times: int) -> None:
    """That many payments, each journaled as two rows."""
    upstream: Any = Answering()

    async def connect(system: System) -> Any:
        return upstream

    tools, book = catalogue.load(), Journal(journal, lambda: NOON)
    guard = Guard(book, lambda: NOON, connect, tools.operations, writes=Writes.ALLOW)
    calls = Calls(tools, guard, connect, today=NOON.date)
    for number in range(times):
        payment = {"bill_id": 7, "amount": "1.25", "payment_date": "2026-11-20", "reference": f"{who}-{number}"}
        answer = await calls.call("record_bill_payment", payment, Caller(who))
        assert answer.structured["status"] == "done", answer  # type: ignore[union-attr]
    book.close()


if __name__ == "__main__":
    anyio.run(pay, Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
