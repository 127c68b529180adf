"""Is the company reachable, is the key good, what may it do."""

from __future__ import annotations

import click

from server.assembly import connections_of, now
from server.embedded import EmbeddedSandbox
from server.settings import Settings
from server.upstream.client import Upstream
from server.upstream.connection import Connection
from server.upstream.errors import AuthenticationError, ForbiddenError, NotFoundError, UpstreamError
from tools.operation import System
from tools.request import Request

_LISTS = {
    System.LUMINOUS: ("/warehouses", "/bills", "/purchase-orders", "/sales-orders", "/products", "/companies"),
    System.BILLDIARY: ("/purchase-requisitions", "/purchase-orders", "/purchases", "/purchase-returns"),
}
"""Cheap lists of each system, read with one row."""


async def examine(settings: Settings, sandbox: EmbeddedSandbox | None) -> int:
    """Try the connections and print what was found. Returns 0 when every key is good."""
    connections = await sandbox.connections() if sandbox else connections_of(settings)
    click.echo(f"writes   {settings.writes.value}")
    click.echo(f"journal  {settings.journal_file or 'in memory'}")
    good = [await _examine(connection) for connection in connections.values()]
    return 0 if all(good) else 1


async def _examine(connection: Connection) -> bool:
    click.echo(f"{connection.system.label}")
    click.echo(f"company  {connection.label}")
    click.echo(f"address  {connection.base_url}")
    upstream = Upstream(connection, now=now)
    good = False
    try:
        for path in _LISTS[connection.system]:
            try:
                await upstream.send(Request("GET", path, (("per_page", "1"),)), read=True)
            except AuthenticationError as error:
                click.echo(f"key      refused: {error.full} {error.advice}")
                return False
            except ForbiddenError as error:
                good = True
                click.echo(f"read     {path[1:]}: not allowed with this key. {error.full}")
            except NotFoundError:
                click.echo(f"read     {path[1:]}: not served there")
            except UpstreamError as error:
                click.echo(f"read     {path[1:]}: {error.full}")
            else:
                good = True
                click.echo(f"read     {path[1:]}: yes")
    finally:
        await upstream.aclose()
    click.echo(f"key      {'good' if good else 'not proven'}")
    return good
