"""A scripted API and a client of it, for each test its own."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from scripted import KEY, NOW, Api, Talk

from server.upstream.client import Upstream
from server.upstream.connection import Connection


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """The server, not open yet: its port is taken, and refuses connections."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    api = Api(bound)
    yield api
    await api.aclose()


@pytest.fixture
async def unheard(api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Callable[..., Talk]]:
    """Makes a client of the server, which need not be open. then: called in each sleep, which is noted only."""
    # Reading the certificates of all authorities takes longer than all the rest; nothing here is encrypted.
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    made: list[Upstream] = []

    def client(then: Callable[[float], Awaitable[None]] | None = None) -> Talk:
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            if then is not None:
                await then(seconds)

        connection = Connection.to_url(api.url, SecretStr(KEY))
        made.append(Upstream(connection, sleep=sleep, now=lambda: NOW, clock=lambda: sum(slept)))
        return Talk(api, made[-1], slept)

    yield client
    for upstream in made:
        await upstream.aclose()


@pytest.fixture
async def talk(api: Api, unheard: Callable[..., Talk]) -> Talk:
    """A client of the open server."""
    await api.open()
    return unheard()
