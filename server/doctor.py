"""Is the company reachable, is the key good, what may it do."""

from __future__ import annotations

import click

from server.assembly import connection_of, now
from server.embedded import EmbeddedSandbox
from server.settings import Settings
from server.upstream.client import Upstream
from server.upstream.errors import AuthenticationError, ForbiddenError, UpstreamError
from tools.request import Request

_LISTS = ("/bills", "/invoices", "/companies", "/suppliers")
"""One cheap list of each toolset, read with one row."""


async def examine(settings: Settings, sandbox: EmbeddedSandbox | None) -> int:
    """Try the connection and print what was found. Returns 0 when the key is good."""
    connection = await sandbox.connection() if sandbox else connection_of(settings)
    click.echo(f"company  {connection.label}")
    click.echo(f"address  {connection.base_url}")
    click.echo(f"writes   {settings.writes.value}")
    click.echo(f"journal  {settings.journal_file or 'in memory'}")
    upstream = Upstream(connection, now=now)
    good = False
    try:
        for path in _LISTS:
            try:
                await upstream.send(Request("GET", path, (("per_page", "1"),)), read=True)
            except AuthenticationError as error:
                click.echo(f"key      refused: {error} {error.advice}")
                return 1
            except ForbiddenError:
                good = True
                click.echo(f"read     {path[1:]}: not allowed with this key")
            except UpstreamError as error:
                click.echo(f"read     {path[1:]}: {error}")
            else:
                good = True
                click.echo(f"read     {path[1:]}: yes")
    finally:
        await upstream.aclose()
    click.echo(f"key      {'good' if good else 'not proven'}")
    return 0 if good else 1
