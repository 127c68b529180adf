"""A remote API of the test's own on loopback: it keeps what it receives and answers, or misbehaves, as it is told."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PATIENCE = 20.0
"""Seconds after which a wait has failed."""


@dataclass
class Exchange:
    """One request, and the ways to answer it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    _handler: BaseHTTPRequestHandler = field(repr=False)

    def answer(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        """A whole answer."""
        self._handler.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **headers}.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()
        self._handler.wfile.write(body)

    def json(self, value: Any, status: int = 200, **headers: str) -> None:
        """A JSON answer."""
        self.answer(status, json.dumps(value).encode(), **headers)

    def cut(self, sent: bytes = b"") -> None:
        """Send these bytes and end the connection."""
        self._handler.wfile.write(sent)
        self._handler.wfile.flush()
        self._handler.connection.shutdown(socket.SHUT_RDWR)
        self._handler.close_connection = True

    def wait_until_the_client_leaves(self) -> bool:
        """Say nothing. True once the client has closed the connection."""
        self._handler.connection.settimeout(PATIENCE)
        self._handler.close_connection = True
        try:
            return self._handler.connection.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False


@dataclass
class Loopback:
    """The running API. received: every request so far, in order of arrival."""

    base_url: str
    received: list[Exchange] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def writes(self) -> list[Exchange]:
        """Requests that are no GET."""
        return [each for each in self.received if each.method != "GET"]


@contextmanager
def loopback(script: Callable[[Exchange], None]) -> Iterator[Loopback]:
    """Answer each request by `script`, in a thread of its own, until the block ends."""
    api = Loopback("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = PATIENCE
        disable_nagle_algorithm = True

        def _any(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            exchange = Exchange(self.command, url.path, dict(parse_qsl(url.query)), headers, body, self)
            api.received.append(exchange)
            api.arrived.set()
            script(exchange)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815 - the names of http.server

        def log_message(self, format: str, *args: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: Any, client_address: Any) -> None:
            return  # a client that leaves in the middle is part of the play

    with Server(("127.0.0.1", 0), Handler) as server:
        api.base_url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()


def leaving(api: list[Loopback]) -> Callable[[Exchange], None]:
    """A script that never answers and marks `left` when the client gives up. `api` is filled in by the caller."""

    def script(exchange: Exchange) -> None:
        if exchange.wait_until_the_client_leaves():
            api[0].left.set()

    return script


def unused_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
