"""The HTTP client with faults on its writes, and what tests of the guard do again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import mcp_types as types
from harness import KEY, at_once, text_of
from mcp import Client
from pydantic import SecretStr

from server.upstream.client import Upstream
from server.upstream.connection import Connection
from server.upstream.replies import Reply
from tools.request import Request

PAID_ON = "2026-11-20"


class Faulty:
    """Stands where the HTTP client stands, over real HTTP to the sandbox.

    fault: what the sandbox does with the next writes, as its header says it. over: another address for writes. blind:
    reads fail. blinding: they do from the next write on. meanwhile: what happens while a write is under way.
    """

    def __init__(self, base_url: str, company: str = "test") -> None:
        self.connection = Connection.to_url(base_url, SecretStr(KEY), label=company)
        self.fault = ""
        self.over = ""
        self.blind = self.blinding = False
        self.sent: list[Request] = []
        self.meanwhile: Callable[[], None] = lambda: None

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        if not read:
            self.sent.append(request)
            self.meanwhile()
        fault = ("status=500" if self.blind else "") if read else self.fault
        headers = {**self.connection.headers, **({"X-Sandbox-Fault": fault} if fault else {})}
        base_url = self.connection.base_url if read or not self.over else self.over
        client = Upstream(replace(self.connection, base_url=base_url, headers=headers), sleep=at_once)
        try:
            return await client.send(request, read=read, file=file)
        finally:
            self.blind = self.blind or (self.blinding and not read)
            await client.aclose()


async def called(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a call says to programs."""
    result = await client.call_tool(tool, arguments)
    said: dict[str, Any] = result.structured_content
    return said


async def planned(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    """The id of the plan that a write tool gives."""
    result = await client.call_tool(tool, arguments)
    assert result.structured_content["status"] == "confirmation_required", text_of(result)
    plan_id: str = result.structured_content["plan_id"]
    return plan_id


async def confirmed(client: Client, plan_id: str) -> types.CallToolResult:
    """What confirming a plan says."""
    return await client.call_tool("confirm_write", {"plan_id": plan_id})


async def written(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Plan and confirm; what that says to programs."""
    result = await confirmed(client, await planned(client, tool, arguments))
    said: dict[str, Any] = result.structured_content
    return said
