"""A loopback HTTP server that answers what a test tells it, byte by byte, and remembers what it was sent."""

import asyncio
import datetime as dt
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from server.upstream.client import Upstream
from server.upstream.replies import Reply
from tools.request import Request

KEY = "lum_live_key_Zq81"
NOW = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)
Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Api:
    """The server. answers: given in this order, the last one again and again."""

    socket: socket.socket
    answers: list[Answer] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client closed a connection on which it still waited for an answer."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return "http://{}:{}/api/v1".format(*self.socket.getsockname())

    async def open(self) -> None:
        """Take connections from now on; before, they are refused."""
        self._server = await asyncio.start_server(self._connected, sock=self.socket)

    async def aclose(self) -> None:
        if self._server is None:
            self.socket.close()
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer. Returns whether the connection is kept."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        answer = self.answers[min(len(self.seen), len(self.answers) - 1)]
        self.seen.append(Seen(method, target, headers, body))
        self.asked.set()
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
            return b"\r\nConnection: keep-alive\r\n" in answer
        answering = asyncio.ensure_future(answer(writer))
        leaving = asyncio.ensure_future(reader.read(1))
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done() or isinstance(answering.exception(), ConnectionError):
            self.left.set()
        for task in (answering, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await task
        return False


def answer(
    status: int, body: bytes | str = b"", content_type: str | None = "application/json", **headers: str
) -> bytes:
    """A whole answer. Headers are given as `retry_after="2"`."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [] if "connection" in headers else ["Connection: close"]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content


async def cut(writer: asyncio.StreamWriter) -> None:
    """The connection ends before any byte of an answer."""
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    """The connection is reset before any byte of an answer."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    writer.transport.abort()


async def silence(writer: asyncio.StreamWriter) -> None:
    """No answer ever."""
    await asyncio.Event().wait()


async def drip(writer: asyncio.StreamWriter) -> None:
    """An answer without end, a byte at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0)


async def flood(writer: asyncio.StreamWriter) -> None:
    """An answer without end, as fast as it is read."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"1" * 0x10000 + b"\r\n"
    while True:
        writer.write(chunk)
        await writer.drain()


@dataclass
class Talk:
    """An Upstream that talks to the Api, its sleeps only noted."""

    api: Api
    upstream: Upstream
    slept: list[float]

    async def send(self, method: str = "GET", path: str = "/bills/7", *, read: bool | None = None) -> Reply:
        """Send a request. By default a GET is a read, and all else a write with a body, DELETE without."""
        body = {"notes": "n"} if method not in ("GET", "DELETE") else None
        return await self.upstream.send(
            Request(method, path, body=body), read=method == "GET" if read is None else read
        )
