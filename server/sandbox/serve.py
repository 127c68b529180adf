"""Serves the books over HTTP until it is told to stop."""

import asyncio
import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from server.sandbox.app import create_app
from server.sandbox.books import Books
from server.sandbox.faults import CUT, Faults, Plan, Rules
from server.sandbox.wire import BASE_PATH

Announce = Callable[[str], None]


def announce(base_url: str) -> None:
    """Print the base URL as one line, at once: a parent process waits for it."""
    sys.stdout.write(base_url + "\n")
    sys.stdout.flush()


def serve(
    books: Books,
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    token: str = "sandbox",  # noqa: S107 - the sandbox has no secrets
    faults: Rules | None = None,
    on_ready: Announce = announce,
    until_stdin_closes: bool = False,
    stop: "Stop | None" = None,
) -> None:
    """Answer requests until SIGTERM, SIGINT or `stop`, or with `until_stdin_closes` until standard input ends.

    Port 0 takes a free one. `faults` go wrong for the whole run, beside those that a request's header asks for.
    `on_ready` is given the base URL once requests are answered. Raises OSError when the port is taken.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(
        Faults(create_app(books, token=token), Plan(faults or Rules(fault=[]))),
        http=_Protocol,
        log_config=_LOGGING,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=3,
    )
    server = _Server(config, lambda: on_ready(_url(host, listener)))
    if stop:
        stop.server = server
    if until_stdin_closes:
        threading.Thread(target=_wait_for_end_of_stdin, args=(server,), daemon=True).start()
    with listener, asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))


class Stop:
    """Ends a server from another thread."""

    server: uvicorn.Server | None = None

    def now(self) -> None:
        """End it."""
        if self.server is not None:
            self.server.should_exit = True


class _Protocol(H11Protocol):
    """HTTP whose connections the app can cut: ASGI itself has no word for that."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.app = _Cuttable(self.app, self._cut)

    def _cut(self, *, flush: bool = False) -> None:
        if self.transport is not None and not flush:
            self.transport.abort()
        elif self.transport is not None:
            self.transport.close()


class _Cuttable:
    """Hands the app a way to end the connection it is called on."""

    def __init__(self, app: Any, cut: Callable[..., None]) -> None:
        self._app = app
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})[CUT] = self._cut
        await self._app(scope, receive, send)


class _Server(uvicorn.Server):
    """A server that says when it is ready, and for which a signal to stop is a normal end."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True  # the original also keeps the signal, to die of it afterwards

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
}


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _url(host: str, listener: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}{BASE_PATH}"


def _wait_for_end_of_stdin(server: uvicorn.Server) -> None:
    # Not through sys.stdin: its lock, held by this thread, would be missed at interpreter exit.
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    server.should_exit = True
