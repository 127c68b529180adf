"""The sandbox as a child process: started early, waited for when it is first needed, ended with its parent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin

import anyio
from pydantic import SecretStr

from server.sandbox.size import CLOSING_DAY, DEFAULT_SIZE
from server.upstream.connection import Connection
from tools.operation import System

TOKEN = "sandbox"  # noqa: S105  (the sandbox's documented token, not a secret)
BILLDIARY_PATH = "/api/v1/integration"
"""Where the sandbox serves BillDiary; the line it prints when it is ready is where it serves Luminous."""


class SandboxFailedError(Exception):
    """The sandbox process ended instead of answering."""


class EmbeddedSandbox:
    """A sandbox of one's own on a free loopback port, over real HTTP. today: the last day of its books."""

    today = CLOSING_DAY

    def __init__(self, *, seed: int, books: Path | None, size: str = DEFAULT_SIZE) -> None:
        # -P: a folder named `server` where the user happens to stand must not be taken for this package.
        command = [sys.executable, "-P", "-m", "server.sandbox", "--port", "0", "--seed", str(seed)]
        command += ["--size", size]
        if books is not None:
            command += ["--books", str(books)]
        # The pipe to its input ties its life to ours, also when we are killed.
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            [*command, "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._connections: dict[System, Connection] = {}
        self._lock = anyio.Lock()

    async def connections(self) -> dict[System, Connection]:
        """Where the systems that it serves answer, once they do. Raises SandboxFailedError."""
        async with self._lock:
            if not self._connections:
                line = await anyio.to_thread.run_sync(self._first_line)
                if not line.strip():
                    raise SandboxFailedError("the sandbox did not start; what it said is on stderr")
                url, token = line.strip(), SecretStr(TOKEN)
                billdiary = urljoin(url, BILLDIARY_PATH)
                self._connections = {
                    System.LUMINOUS: Connection.to_url(url, token, "sandbox"),
                    System.BILLDIARY: Connection.to_url(billdiary, token, "sandbox", System.BILLDIARY),
                }
        return self._connections

    def _first_line(self) -> str:
        return self._process.stdout.readline() if self._process.stdout else ""

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
