"""Drives a stdio MCP server with raw JSON-RPC and times it."""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSION = "2025-06-18"
WARM_UP = 30


@dataclass
class Figures:
    """Seconds to tools/list, milliseconds and rate of calls, peak memory in MB."""

    list_seconds: float
    p50_ms: float
    calls_per_second: float
    peak_mb: float


class Peer:
    """A child process that is spoken to in JSON-RPC lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            message = json.loads(line)
            future = self._waiting.pop(message.get("id"), None)
            if future is not None:
                future.set_result(message)

    async def request(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The result of a request."""
        assert self._process.stdin is not None
        number = next(self._ids)
        self._waiting[number] = future = asyncio.get_running_loop().create_future()
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        answer = await asyncio.wait_for(future, 120)
        result: dict[str, Any] = answer["result"]
        return result

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The result of a tool call, which must not be an error."""
        result = await self.request("tools/call", {"name": tool, "arguments": arguments})
        if result.get("isError"):
            raise RuntimeError(result["content"][0]["text"])
        return result

    async def start(self) -> list[dict[str, Any]]:
        """Initialize and list the tools."""
        hello = {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        await self.request("initialize", hello)
        assert self._process.stdin is not None
        self._process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        tools: list[dict[str, Any]] = (await self.request("tools/list", {}))["tools"]
        return tools

    def peak_mb(self) -> float:
        """The process's peak resident memory, where the system tells."""
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            return float("nan")
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024

    async def close(self) -> None:
        """End the process by closing its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        self._reader.cancel()


@asynccontextmanager
async def peer(command: Sequence[str], environment: Mapping[str, str]) -> Any:
    """A started process, closed at the end."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=sys.stderr, env=dict(environment), limit=1 << 26
    )
    one = Peer(process)
    try:
        yield one
    finally:
        await one.close()


async def measure(command: Sequence[str], environment: Mapping[str, str], calls: int, lanes: int) -> Figures:
    """Start a server, list its tools, and call list_bills of 10 rows, one by one and in lanes."""
    arguments = {"page": 1, "per_page": 10}
    begun = time.perf_counter()
    async with peer(command, environment) as server:
        await server.start()
        listed = time.perf_counter() - begun
        for _ in range(WARM_UP):
            await server.call("list_bills", arguments)
        latencies = []
        for _ in range(calls):
            before = time.perf_counter()
            await server.call("list_bills", arguments)
            latencies.append(time.perf_counter() - before)

        async def lane() -> None:
            for _ in range(calls // lanes):
                await server.call("list_bills", arguments)

        before = time.perf_counter()
        await asyncio.gather(*(lane() for _ in range(lanes)))
        rate = calls // lanes * lanes / (time.perf_counter() - before)
        return Figures(listed, statistics.median(latencies) * 1000, rate, server.peak_mb())
