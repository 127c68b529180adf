"""The sandbox's medium books, asked through the tools and through SQL. Nothing here writes to them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

from harness import PATIENCE, house
from pydantic import SecretStr

from server.answers.answer import Answer
from server.caller import Caller
from server.embedded import BILLDIARY_PATH
from server.sandbox.books import Books
from server.upstream.connection import Connection
from tools.operation import System

TOKEN = "sandbox"

OWED = "(status in ('posted', 'partially_paid') or status_before_hold in ('posted', 'partially_paid'))"
"""Of bills: what is owed on, in SQL."""
NOT_BILLED = "status <> 'cancelled' and bill_id is null"
"""Of payment obligations: what no bill asks for, in SQL."""


@contextmanager
def sandbox(*options: str) -> Iterator[str]:
    """A sandbox process of one's own. Yields the base URL of Luminous."""
    command = [sys.executable, "-P", "-m", "server.sandbox", "--port", "0", "--token", TOKEN, "--until-stdin-closes"]
    with subprocess.Popen([*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(PATIENCE)


class StandIn:
    """What stands where the HTTP client stands. Its `send` is the API."""

    connection = Connection.to_url("http://127.0.0.1:9", SecretStr("none"), label="test")

    async def aclose(self) -> None:
        """There is nothing to close."""


@dataclass
class Desk:
    """Somebody who asks. house: the server in this process."""

    house: Any

    async def ask(self, tool: str, **arguments: Any) -> Answer:
        """The answer of a tool, which must not be an error."""
        answer = await self.try_(tool, **arguments)
        assert not answer.is_error, answer.text
        return answer

    async def try_(self, tool: str, **arguments: Any) -> Answer:
        """The answer of a tool, whatever it is."""
        answer = await self.house.calls.call(tool, arguments, Caller("tester"))
        assert isinstance(answer, Answer)
        return answer


@asynccontextmanager
async def desk(base_url: str, **options: Any) -> AsyncIterator[Desk]:
    """A desk over both systems of a sandbox. options: of the harness's house."""
    billdiary = Connection.to_url(urljoin(base_url, BILLDIARY_PATH), SecretStr(TOKEN), "sandbox", System.BILLDIARY)
    async with house(base_url, token=TOKEN, front=False, **{"billdiary": billdiary, **options}) as here:
        yield Desk(here)


class Ledger:
    """The same books in this process, for SQL."""

    def __init__(self, size: str = "medium") -> None:
        self._books = Books.open(size=size)

    def rows(self, query: str, **values: Any) -> list[Mapping[str, Any]]:
        """Rows of a query; `:name` takes a value."""
        from sqlalchemy import text

        with self._books.transaction() as connection:
            return [dict(row) for row in connection.execute(text(query), values).mappings()]

    def value(self, query: str, **values: Any) -> Any:
        """The one value of a query."""
        (row,) = self.rows(query, **values)
        (value,) = row.values()
        return value

    def close(self) -> None:
        """Let go of the books."""
        self._books.close()


def rows_of(answer: Answer, table: str) -> list[dict[str, Any]]:
    """The rows of a table of an answer, none where it has no such table."""
    rows: list[dict[str, Any]] = answer.structured["tables"].get(table, {"rows": []})["rows"]
    return rows


def pictures(answer: Answer) -> list[str]:
    """The types of the pictures of an answer."""
    return [block["mimeType"] for block in answer.blocks if block["type"] == "image"]


def amounts(ledger: Ledger, query: str, **values: Any) -> dict[str, str]:
    """Sums by currency as structured content says them, but zero. query: selects currency and cents."""
    rows = ledger.rows(f"{query} group by currency", **values)
    return {row["currency"]: f"{money(row['cents']):.2f}" for row in rows if row["cents"]}


def money(cents: int | None) -> Decimal:
    """An amount as the books store it, in hundredths."""
    return Decimal(cents or 0).scaleb(-2)
