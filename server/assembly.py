"""Puts the parts together: settings in, the calls of one company out."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from pydantic import SecretStr

from server.answers.answer import MAX_TOKENS, Output
from server.calls import Calls
from server.embedded import EmbeddedSandbox
from server.guard.guard import Guard
from server.guard.journal import Journal
from server.settings import Settings, SettingsError
from server.upstream.client import Upstream
from server.upstream.connection import Connection
from tools import catalogue

NO_CREDENTIALS = (
    "Set LUMINOUS_COMPANY and LUMINOUS_API_KEY (Luminous: Settings, API tokens), or try it without an account:"
    " luminous-mcp --sandbox"
)


def now() -> dt.datetime:
    """The present moment, UTC. Everything else gets the clock handed in."""
    return dt.datetime.now(dt.UTC)


def connection_of(settings: Settings) -> Connection:
    """The company that the settings name. Raises SettingsError when they name none, or one that cannot be."""
    token = settings.api_key
    if token is None or not token.get_secret_value().strip():
        raise SettingsError(NO_CREDENTIALS)
    token = SecretStr(token.get_secret_value().strip())
    try:
        if settings.base_url:
            return Connection.to_url(settings.base_url, token, settings.company)
        if settings.company:
            return Connection.to_company(settings.company, token)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    raise SettingsError(NO_CREDENTIALS)


def check(settings: Settings) -> None:
    """Raise SettingsError now rather than at the first call."""
    if not settings.sandbox:
        connection_of(settings)


def local_principal() -> str:
    """Who uses this process."""
    try:
        return f"local:{getpass.getuser()}"
    except (OSError, KeyError, ImportError):
        return "local"


@asynccontextmanager
async def assemble(settings: Settings, sandbox: EmbeddedSandbox | None = None) -> AsyncIterator[Calls]:
    """The calls of the company that the settings name, or of `sandbox`. Closes what it opened."""
    journal = Journal(settings.journal_file, now)
    lock = anyio.Lock()
    upstream: Upstream | None = None

    async def connect() -> Upstream:
        nonlocal upstream
        async with lock:
            if upstream is None:
                connection = await sandbox.connection() if sandbox else connection_of(settings)
                upstream = Upstream(connection, now=now)
        return upstream

    try:
        # Some hosts show a model both the text and the structured content.
        budget = MAX_TOKENS // 2 if settings.output is Output.BOTH else MAX_TOKENS
        yield Calls(catalogue.load(), Guard(journal, now), settings.writes, connect, budget=budget)
    finally:
        if upstream is not None:
            await upstream.aclose()
        journal.close()
