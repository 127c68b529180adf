"""A sandbox of one's own, to write to and to take things away from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from asking import TOKEN, Desk, desk
from harness import TODAY, Clock, at_once
from pydantic import SecretStr

from server.upstream.client import Upstream
from server.upstream.connection import Connection
from server.upstream.errors import ForbiddenError


class Clerk:
    """Who enters documents over the API."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)

    def call(self, method: str, path: str, **body: Any) -> Any:
        """What the API answers to a request that it accepts."""
        reply = self._client.request(method, path, json=body or None)
        assert reply.is_success, reply.text
        return reply.json().get("data", reply.json()) if reply.content else None

    def get(self, path: str, **query: Any) -> Any:
        """A record or the rows of a list."""
        return self._client.get(path, params=query).raise_for_status().json()["data"]

    def bill(self, vendor_id: int, number: str, items: list[dict[str, Any]], **more: Any) -> Any:
        """A new draft."""
        dated = {"bill_date": TODAY.isoformat(), **more}
        return self.call("POST", "bills", vendor_id=vendor_id, bill_number=number, items=items, **dated)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()


class Without:
    """The API for a key that may not read paths with these texts in them."""

    def __init__(self, url: str, *texts: str) -> None:
        self._upstream = Upstream(Connection.to_url(url, SecretStr(TOKEN), label="test"), sleep=at_once, now=Clock())
        self._texts = texts

    async def send(self, request: Any, **options: Any) -> Any:
        """As the client does."""
        if any(text in request.path for text in self._texts):
            raise ForbiddenError("This part is not for this key.")
        return await self._upstream.send(request, **options)

    async def aclose(self) -> None:
        """Close the client."""
        await self._upstream.aclose()


def refusal(path: str, status: int) -> str:
    """A rule of a sandbox's file of faults: what is answered under a path."""
    return f'[[fault]]\nkind = "status"\nstatus = {status}\npath = "{path}"\n'


@asynccontextmanager
async def desk_without(url: str, *texts: str) -> AsyncIterator[Desk]:
    """A desk that may not read some paths."""
    narrow = Without(url, *texts)
    async with desk(url, upstream=narrow) as opened:
        yield opened
    await narrow.aclose()
