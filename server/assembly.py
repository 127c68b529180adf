"""Puts the parts together: settings in, the calls of one company out."""

from __future__ import annotations

import datetime as dt
import getpass
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import anyio
from pydantic import SecretStr

from server.answers.answer import MAX_TOKENS, Output
from server.caller import NotConnectedError
from server.calls import Calls
from server.credentials import BILLDIARY, LUMINOUS, kept
from server.drift import store
from server.embedded import EmbeddedSandbox
from server.files.folders import Folders
from server.guard.guard import Guard
from server.guard.journal import Journal
from server.guard.policy import Policy, PolicyError, read_policy
from server.settings import Settings, SettingsError
from server.upstream.client import Upstream
from server.upstream.connection import Connection
from tools import catalogue
from tools.catalogue import Catalogue
from tools.operation import System

NO_CREDENTIALS = (
    "Set LUMINOUS_COMPANY and LUMINOUS_API_KEY (Luminous: Settings, API tokens), or BILLDIARY_TOKEN,"
    " or try it without an account: luminous-mcp --sandbox"
)


def now() -> dt.datetime:
    """The present moment, UTC. Everything else gets the clock handed in."""
    return dt.datetime.now(dt.UTC)


def connections_of(settings: Settings) -> dict[System, Connection]:
    """The systems that the settings name, at least one. Raises SettingsError."""
    try:
        found = {System.LUMINOUS: _luminous(settings), System.BILLDIARY: _billdiary(settings)}
    except ValueError as error:
        raise SettingsError(str(error)) from None
    known = {system: connection for system, connection in found.items() if connection is not None}
    if not known:
        raise SettingsError(NO_CREDENTIALS)
    return known


def _luminous(settings: Settings) -> Connection | None:
    if not (settings.base_url or settings.company):
        return None
    token = _given(settings.api_key) or kept(LUMINOUS, settings.company)
    if token is None:
        return None
    if settings.base_url:
        return Connection.to_url(settings.base_url, token, settings.company)
    return Connection.to_company(settings.company or "", token)


def _billdiary(settings: Settings) -> Connection | None:
    token, url = _given(settings.billdiary_token), settings.billdiary_base_url
    key, secret = _given(settings.billdiary_api_key), _given(settings.billdiary_api_secret)
    if token is None and key is None and secret is None:
        token = kept(BILLDIARY)
    if token is not None:
        return Connection.to_url(url, token, "billdiary", System.BILLDIARY)
    if (key is None) != (secret is None):
        raise SettingsError("BillDiary needs both BILLDIARY_API_KEY and BILLDIARY_API_SECRET, or BILLDIARY_TOKEN")
    return Connection.to_billdiary(key, secret, url) if key and secret else None


def _given(secret: SecretStr | None) -> SecretStr | None:
    """A secret without blanks around it, None when there is nothing in it."""
    text = secret.get_secret_value().strip() if secret else ""
    return SecretStr(text) if text else None


@cache
def _declared() -> Catalogue:
    return catalogue.load()


def served(settings: Settings) -> Catalogue:
    """Every operation: the declared, and what was adopted. Raises SettingsError when that cannot be used."""
    path = settings.overlay_file
    try:
        overlay = store.read(path) if path else None
        return _declared() if overlay is None else catalogue.load(overlay)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}; luminous-mcp drift --forget drops it") from None


def enabled(settings: Settings) -> Catalogue:
    """The operations that the settings enable. Raises SettingsError that names what is not known."""
    full = served(settings)
    if not settings.sandbox:
        systems = connections_of(settings)
        for name in set(settings.toolsets) & set(full.toolsets):
            if (system := System(catalogue.system_of(name))) not in systems:
                raise SettingsError(f"toolset {name}: {system.label} is not set up. {NO_CREDENTIALS}")
        full = full.of_systems(systems)
    try:
        return full.narrowed(toolsets=settings.toolsets, tools=settings.tools, exclude_tools=settings.exclude_tools)
    except catalogue.UnknownNameError as error:
        raise SettingsError(str(error)) from None


def check(settings: Settings) -> None:
    """Raise SettingsError now rather than at the first call."""
    if not settings.sandbox:
        connections_of(settings)
    enabled(settings)
    policy_of(settings)
    for folder in settings.files:
        if not folder.is_dir():
            raise SettingsError(f"--files: {folder} is no folder")


def policy_of(settings: Settings) -> Policy:
    """The policy that the settings name, or the one that limits nothing. Raises SettingsError."""
    if settings.policy is None:
        return Policy()
    full = served(settings)
    try:
        return read_policy(settings.policy, {entry.name: entry.effect for entry in full}, full.toolsets)
    except PolicyError as error:
        raise SettingsError(f"policy: {error}") from None


def local_principal() -> str:
    """Who uses this process."""
    try:
        import pwd
    except ImportError:  # Windows
        return f"local:{getpass.getuser()}"
    # Not from the environment: with LOGNAME=boss anybody would be a second person.
    try:
        return f"local:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"local:{os.getuid()}"


@asynccontextmanager
async def assemble(settings: Settings, sandbox: EmbeddedSandbox | None = None) -> AsyncIterator[Calls]:
    """The calls of the company that the settings name, or of `sandbox`. Closes what it opened."""
    journal = Journal(settings.journal_file, now)
    lock = anyio.Lock()
    upstreams: dict[System, Upstream] = {}

    async def connect(system: System) -> Upstream:
        async with lock:
            if system not in upstreams:
                known = await sandbox.connections() if sandbox else connections_of(settings)
                if system not in known:
                    raise NotConnectedError(f"{system.label} is not set up here.")
                upstreams[system] = Upstream(known[system], now=now)
        return upstreams[system]

    # Some hosts show a model both the text and the structured content.
    budget = MAX_TOKENS // 2 if settings.output is Output.BOTH else MAX_TOKENS
    guard = Guard(
        journal, now, connect, served(settings).operations, writes=settings.writes, policy=policy_of(settings)
    )
    try:
        yield Calls(
            enabled(settings),
            guard,
            connect,
            today=lambda: sandbox.today if sandbox else now().astimezone().date(),
            surface=settings.surface,
            folders=Folders(settings.files),
            budget=budget,
        )
    finally:
        for upstream in upstreams.values():
            await upstream.aclose()
        journal.close()
