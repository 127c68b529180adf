"""What a test of the guard does at its desk: plan, confirm, and answer when the client asks."""

from __future__ import annotations

import uuid
from typing import Any

import mcp_types as types
from harness import Api, text_of
from mcp import Client
from pydantic import SecretStr

from server.guard.policy import Policy
from server.upstream.connection import Connection
from server.upstream.replies import Reply
from tools.request import Request

PAID_ON = "2026-11-20"
YES = types.ElicitResult(action="accept", content={"confirm": True})
NO = types.ElicitResult(action="decline")
STORED = {
    "id": 7, "status": "posted", "currency": "USD", "total": 100, "total_paid": 0, "total_due": 100, "vendor_id": 1
}  # fmt: skip
"""A bill, for an API of the test's own."""
FITTING = {
    "integer": 7,
    "number": "2.50",
    "string": "2026-11-20",
    "boolean": True,
    "array": [{"quantity": 1, "unit_cost": "2.00"}],
    "object": {},
}
"""Of each type of argument a value that most writes take."""


def policy(**said: Any) -> Policy:
    """A policy as its file would say it."""
    return Policy.model_validate(said)


def payment(bill: dict[str, Any], amount: str = "40.00", **more: Any) -> dict[str, Any]:
    """The arguments of record_bill_payment."""
    return {"bill_id": bill["id"], "amount": amount, "payment_date": PAID_ON, **more}


def new_vendor(api: Api) -> dict[str, Any]:
    """A vendor that nothing is known of, entered just now by the clock of the sandbox."""
    made: dict[str, Any] = api.post("/companies", {"name": f"Vendor {uuid.uuid4().hex[:12]}", "type": "Vendor"})
    return made


def bill_of(api: Api, vendor_id: int, amount: str = "100.00") -> dict[str, Any]:
    """A posted bill of that vendor."""
    line = {"description": "Pallets", "quantity": 1, "unit_cost": amount}
    body = {"vendor_id": vendor_id, "bill_number": f"T-{uuid.uuid4().hex[:12]}", "bill_date": "2026-11-02"}
    bill_id = api.post("/bills", {**body, "items": [line]})["id"]
    api.post(f"/bills/{bill_id}/post")
    return api.bill(bill_id)


class Recording:
    """Stands where the HTTP client stands: keeps what is no read, and answers everything with a bill."""

    connection = Connection.to_url("http://127.0.0.1:9", SecretStr("none"), label="test")

    def __init__(self) -> None:
        self.writes: list[Request] = []

    async def send(self, request: Request, *, read: bool, file: bool = False) -> Reply:
        if not read:
            self.writes.append(request)
        return Reply(200, {"data": {**STORED, "payments": [{"id": 3, "amount": 5, "status": "posted"}]}})


class Person:
    """Who sits before a client that can ask, and what they answer."""

    def __init__(self, answer: types.ElicitResult | types.ErrorData) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def __call__(self, context: Any, params: types.ElicitRequestParams) -> types.ElicitResult | types.ErrorData:
        self.asked.append(params.message)
        return self.answer


async def planned(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The plan that a write tool gives."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    plan: dict[str, Any] = result.structured_content
    assert plan["status"] == "confirmation_required", text_of(result)
    return plan


async def confirmed(client: Client, plan_id: str) -> types.CallToolResult:
    """What came of a confirmation."""
    return await client.call_tool("confirm_write", {"plan_id": plan_id})


async def written(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What came of a write that was planned and confirmed; it must have been done."""
    result = await confirmed(client, (await planned(client, tool, arguments))["plan_id"])
    assert not result.is_error, text_of(result)
    done: dict[str, Any] = result.structured_content
    assert done["status"] == "done"
    return done


async def refused(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    """Why a call was refused."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, text_of(result)
    assert result.structured_content["status"] == "refused", text_of(result)
    return text_of(result)
