"""What the guard reads: the record that a write is about, and what else a rule wants to know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from schemas.common import Arguments
from server.guard.recognition import Read
from server.guard.rules import look_for
from server.upstream.client import Upstream
from server.upstream.errors import NotFoundError
from tools.arguments import check
from tools.operation import Operation, System
from tools.request import compose, jsonable

Connect = Callable[[System], Awaitable[Upstream]]
Tools = Mapping[str, Operation]


def reader(upstream: Upstream, tools: Tools) -> Read:
    """Reads by tool name, over that connection. The journal keeps texts, so arguments are checked like a caller's."""

    async def read(tool: str, given: Mapping[str, Any]) -> Any:
        operation = tools[tool]
        known = {name: value for name, value in given.items() if name in operation.arguments.model_fields}
        reply = await upstream.send(compose(operation, check(operation.arguments, known)), read=True)
        return reply.data

    return read


async def record_of(operation: Operation, arguments: Arguments, upstream: Upstream) -> Mapping[str, Any] | None:
    """The record that the write is about, None where it makes one. Raises UpstreamError."""
    subject = operation.toolset.subject_of(operation)
    if subject is None:
        return None
    ids = [getattr(arguments, name) for name in operation.path_arguments]
    named = dict(zip(subject.path_arguments, ids, strict=False))
    reply = await upstream.send(compose(subject, check(subject.arguments, named)), read=True)
    return unwrapped(reply.data)


def subject_path(operation: Operation, arguments: Arguments) -> str | None:
    """The path of the record that the write is about."""
    subject = operation.toolset.subject_of(operation)
    if subject is None:
        return None
    ids = [getattr(arguments, name) for name in operation.path_arguments]
    named = dict(zip(subject.path_arguments, ids, strict=False))
    return compose(subject, check(subject.arguments, named)).path


async def look(operation: Operation, arguments: Arguments, upstream: Upstream) -> Mapping[str, Any] | None:
    """What the operation's rule wants to know besides the record. Raises UpstreamError."""
    wanted = look_for(operation.name, arguments)
    if wanted is None:
        return None
    reading = operation.toolset.operations[wanted.tool]
    try:
        reply = await upstream.send(compose(reading, check(reading.arguments, wanted.arguments)), read=True)
    except NotFoundError:
        return None
    return reply.data if isinstance(reply.data, dict) else {"data": reply.data}


def unwrapped(data: Any) -> Mapping[str, Any] | None:
    """The record in an answer."""
    inner = data.get("data", data) if isinstance(data, dict) else None
    return inner if isinstance(inner, dict) else None


def fingerprint(*seen: Mapping[str, Any] | None) -> str:
    """A digest of what was read, by which a change since is told; empty for nothing."""
    if not any(seen):
        return ""
    text = json.dumps([jsonable(each) for each in seen], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
