"""MCP over standard input and output. Standard output carries protocol only; what is printed goes to stderr."""

from __future__ import annotations

from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server


async def serve_stdio(server: Server[Any]) -> None:
    """Serve one client until it closes the input."""
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
