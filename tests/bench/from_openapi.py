"""What a FastMCP server generated from an OpenAPI file shows a model, as JSON. Run with a Python that has fastmcp."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import httpx2
from fastmcp import Client, FastMCP


async def main() -> None:
    """Print name, description and input schema of the operations named on standard input."""
    wanted = set(json.load(sys.stdin))
    spec = json.loads(Path(sys.argv[1]).read_text())
    for path in spec["paths"].values():
        for method in [
            m for m, each in path.items() if isinstance(each, dict) and each.get("operationId") not in wanted
        ]:
            del path[method]
    server = FastMCP.from_openapi(spec, httpx2.AsyncClient(base_url="http://127.0.0.1:1"))
    async with Client(server) as client:
        tools = [tool.model_dump(by_alias=True, exclude_none=True) for tool in await client.list_tools()]
    print(json.dumps([{key: tool[key] for key in ("name", "description", "inputSchema")} for tool in tools]))


asyncio.run(main())
