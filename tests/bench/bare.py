"""The least an MCP server over this API can be: one hand-made tool, plain httpx, the answer passed on.

Run: bare.py BASE_URL
"""

from __future__ import annotations

import sys
from typing import Any

import anyio
import httpx
import mcp.types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

client = httpx.AsyncClient(base_url=sys.argv[1])
INTEGER = {"type": "integer"}
TOOL = types.Tool(
    name="list_bills",
    description="List bills.",
    input_schema={"type": "object", "properties": {"page": INTEGER, "per_page": INTEGER}},
)


async def list_tools(ctx: ServerRequestContext[Any], params: Any) -> types.ListToolsResult:
    """The one tool."""
    return types.ListToolsResult(tools=[TOOL])


async def call_tool(ctx: ServerRequestContext[Any], params: types.CallToolRequestParams) -> types.CallToolResult:
    """The upstream's JSON as text."""
    response = await client.get("/bills", params=params.arguments)
    response.raise_for_status()
    return types.CallToolResult(content=[types.TextContent(type="text", text=response.text)])


async def main() -> None:
    """Serve on standard input and output."""
    server: Server[Any] = Server("bare", on_list_tools=list_tools, on_call_tool=call_tool)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


anyio.run(main)
