"""MCP over streamable HTTP, on this machine only: there is no authentication yet."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from mcp.server.lowlevel import Server

PATH = "/mcp"


async def serve_http(server: Server[Any], host: str, port: int) -> None:
    """Serve clients on a loopback address until the process is told to end.

    The SDK's application refuses requests whose Host or Origin is not this machine.
    """
    print(f"MCP is served at http://{host}:{port}{PATH}", file=sys.stderr)  # noqa: T201
    app = server.streamable_http_app(streamable_http_path=PATH, host=host)
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", ws="none", timeout_graceful_shutdown=3)
    await uvicorn.Server(config).serve()
