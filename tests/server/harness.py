"""Servers and clients for the tests: in this process, as child processes, and as bare JSON-RPC lines."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio.lowlevel
import httpx
from mcp import Client, StdioServerParameters
from mcp.server.lowlevel import Server
from mcp_types import CallToolResult
from pydantic import SecretStr

from server.answers.answer import Output
from server.app import build_server
from server.caller import NotConnectedError
from server.calls import Calls, Surface
from server.files.folders import Folders
from server.guard.guard import Guard
from server.guard.journal import Journal
from server.guard.modes import Writes
from server.guard.policy import Policy
from server.upstream.client import Upstream
from server.upstream.connection import Connection
from tools import catalogue
from tools.operation import System

ERAS = ("auto", "legacy")
"""How a client connects: 2026-07-28 where the server has it, or 2025-11-25."""
SERVER = (sys.executable, "-P", "-m", "server")
PATIENCE = 30.0
TODAY = dt.date(2026, 11, 20)
"""The last day of the sandbox's books."""
KEY = "key-4711-never-shown"
"""The API key of the tests' sandbox: a text that nothing may print."""


class Api:
    """The sandbox API, spoken to directly."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._http = httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {KEY}"}, timeout=PATIENCE)

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        response = self._http.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        response = self._http.post(path, json=dict(body or {}))
        assert response.status_code in (200, 201), response.text
        return response.json().get("data")

    def bill(self, bill_id: int) -> dict[str, Any]:
        """The bill with its payments, as it is stored."""
        record: dict[str, Any] = self.get(f"/bills/{bill_id}")["data"]
        return record

    def new_bill(self, status: str = "posted", amount: str = "100.00") -> dict[str, Any]:
        """A bill that no other test knows: draft, posted, hold or paid."""
        vendor = self.get("/bills", per_page=1)["data"][0]["vendor_id"]
        line = {"description": "Pallets", "quantity": 1, "unit_cost": amount}
        body = {"vendor_id": vendor, "bill_number": f"T-{uuid.uuid4().hex[:12]}", "bill_date": "2026-11-02"}
        bill_id = self.post("/bills", {**body, "items": [line]})["id"]
        if status != "draft":
            self.post(f"/bills/{bill_id}/post")
        if status == "hold":
            self.post(f"/bills/{bill_id}/hold", {"reason": "checking"})
        if status == "paid":
            self.pay(bill_id, amount)
        return self.bill(bill_id)

    def pay(self, bill_id: int, amount: str) -> None:
        self.post(f"/bills/{bill_id}/payments", {"amount": amount, "payment_date": "2026-11-20"})


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        self.moment += dt.timedelta(**by)


async def at_once(seconds: float) -> None:
    """A sleep between tries that does not."""
    await anyio.lowlevel.checkpoint()


@dataclass
class House:
    """A server in this process. principal: who makes the next request."""

    server: Server[Any]
    calls: Calls
    journal: Journal
    clock: Clock
    principal: str = "tester"


@asynccontextmanager
async def house(
    base_url: str,
    *,
    token: str = KEY,
    writes: Writes = Writes.ASK,
    output: Output = Output.TEXT,
    journal: Path | None = None,
    upstream: Any = None,
    front: bool = True,
    billdiary: Any = None,
    surface: Surface = Surface.FULL,
    files: Sequence[Path] = (),
    policy: Policy | None = None,
) -> AsyncIterator[House]:
    """A server over the API at `base_url`, or over a stand-in of the HTTP client; without `front` its calls alone.

    billdiary: the connection to the other system, or a stand-in, where it is set up. files: the folders that the user
    allowed.
    """
    clock = Clock()
    connection = Connection.to_url(base_url, SecretStr(token), label="test")
    client = upstream or Upstream(connection, sleep=at_once, now=clock)
    other = Upstream(billdiary, sleep=at_once, now=clock) if isinstance(billdiary, Connection) else billdiary

    async def connect(system: System) -> Upstream:
        found = client if system is System.LUMINOUS else other
        if found is None:
            raise NotConnectedError(f"{system.label} is not set up here.")
        return found

    book = Journal(journal, clock)
    known = catalogue.load()
    guard = Guard(book, clock, connect, known.operations, writes=writes, policy=policy)
    calls = Calls(known, guard, connect, today=lambda: TODAY, surface=surface, folders=Folders(files))
    built = House(None, calls, book, clock)  # type: ignore[arg-type]
    if front:
        built.server = build_server(calls, output, lambda: built.principal)
    try:
        yield built
    finally:
        if upstream is None:
            await client.aclose()
        if other is not None:
            await other.aclose()
        book.close()


def text_of(result: CallToolResult) -> str:
    """The text of a tool result."""
    return "\n".join(getattr(block, "text", "") for block in result.content)


def everything(result: CallToolResult) -> str:
    """All that a client can see of a tool result."""
    return json.dumps(result.model_dump(mode="json", by_alias=True), ensure_ascii=False)


def environment(**more: str) -> dict[str, str]:
    """The environment of a child: ours without any setting, and these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LUMINOUS_", "BILLDIARY_"))}
    return {**kept, "LUMINOUS_CONFIG": os.environ["LUMINOUS_CONFIG"], **more}


def reaching(base_url: str, state: Path, key: str = KEY, **more: str) -> dict[str, str]:
    """The environment of a child that works with the API at `base_url` and keeps its journal in `state`."""
    return environment(LUMINOUS_BASE_URL=base_url, LUMINOUS_API_KEY=key, LUMINOUS_STATE=str(state), **more)


def stdio(env: Mapping[str, str], *arguments: str) -> StdioServerParameters:
    """A server process for the SDK's client."""
    return StdioServerParameters(command=SERVER[0], args=[*SERVER[1:], *arguments], env=dict(env))


def run(env: Mapping[str, str], *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The command, run to its end without a terminal."""
    return subprocess.run(
        [*SERVER, *arguments], env=env, input=stdin, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@dataclass
class Wire:
    """A server process spoken to in bare JSON-RPC lines."""

    process: subprocess.Popen[str]
    errors: Path
    said: list[str] = field(default_factory=list)
    """Every line of its standard output."""

    def send(self, message: Mapping[str, Any] | str) -> None:
        assert self.process.stdin is not None
        text = message if isinstance(message, str) else json.dumps({"jsonrpc": "2.0", **message})
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server ended"
        self.said.append(line)
        message: dict[str, Any] = json.loads(line)
        return message

    def ask(self, method: str, params: Mapping[str, Any] | None = None, id: int = 1) -> dict[str, Any]:
        """Send a request and wait for the message that answers it."""
        self.send({"id": id, "method": method, "params": dict(params or {})})
        while True:
            message = self.receive()
            if message.get("id") == id and "method" not in message:
                return message

    def initialize(self, version: str, **capabilities: Any) -> dict[str, Any]:
        """The handshake of the older protocol. Returns its result."""
        client = {"name": "test", "version": "1"}
        params = {"protocolVersion": version, "capabilities": capabilities, "clientInfo": client}
        result: dict[str, Any] = self.ask("initialize", params, id=0)["result"]
        self.send({"method": "notifications/initialized"})
        return result

    def end(self) -> str:
        """Close the input and wait. Returns what it said on standard error."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.said += self.process.stdout.readlines()
        assert self.process.wait(PATIENCE) == 0
        return self.errors.read_text(encoding="utf-8")


@contextmanager
def wire(env: Mapping[str, str], errors: Path, command: Sequence[str] = SERVER) -> Iterator[Wire]:
    """A server process with pipes; ended with the block."""
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, encoding="utf-8"
        )
    guard = threading.Timer(PATIENCE, process.kill)
    guard.start()
    with process:
        try:
            yield Wire(process, errors)
        finally:
            guard.cancel()
            process.kill()


@contextmanager
def serving_http(env: Mapping[str, str], port: int) -> Iterator[str]:
    """`luminous-mcp serve --http` on a port, once it answers. Yields the URL of the endpoint."""
    url = f"http://127.0.0.1:{port}/mcp"
    process = subprocess.Popen([*SERVER, "serve", "--http", f"127.0.0.1:{port}"], env=env, stdin=subprocess.DEVNULL)
    with process:
        try:
            _wait_until(lambda: _answers(url), process)
            yield url
        finally:
            process.kill()


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=PATIENCE)
    except httpx.ConnectError:
        return False
    return True


def _wait_until(holds: Callable[[], bool], process: subprocess.Popen[Any]) -> None:
    """Try until it holds; between tries only the process is watched."""
    for _ in range(600):
        if holds():
            return
        try:
            code = process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"the server ended with {code}")
    raise AssertionError("the server does not answer")


def connect(target: Any, era: str, **options: Any) -> Client:
    """The SDK's client, with a limit on every wait."""
    return Client(target, mode=era, read_timeout_seconds=PATIENCE, **options)
