"""Faults on demand: what goes wrong between a client and an API, for one request or for a whole run.

A request asks for its own with the header `X-Sandbox-Fault`, such as `latency=300`, `status=429 retry_after=2` or
`cut_after`; several are separated by commas. A file of rules (TOML) holds for every request:

    seed = 7

    [[fault]]
    kind = "cut_after"
    method = "POST"
    path = "/external/api/v1/bills/*/payments"
    rate = 0.2
    times = 5
"""

import asyncio
import fnmatch
import random
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.sandbox.wire import Answer

HEADER = "x-sandbox-fault"
CUT = "luminous.cut"
"""Scope extension: a function that ends the connection, at once or with `flush=True` after what was sent."""

DRIP_BYTES = 16
SPOILED = b'{"data": [{"id": 1, "total": 12.5'

_WORDS = {429: "Too Many Attempts.", 500: "Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


class FaultsError(Exception):
    """The rules cannot be used; the text says which and why."""


class Kind(StrEnum):
    """What goes wrong."""

    LATENCY = "latency"
    """The answer takes `ms` longer."""
    STATUS = "status"
    """The request is refused with `status` and not worked off; 429 and 503 with `Retry-After`."""
    CUT_BEFORE = "cut_before"
    """The connection ends before the request is worked off."""
    CUT_AFTER = "cut_after"
    """The request is worked off and committed; the connection ends without a byte of the answer."""
    TRUNCATED = "truncated"
    """Worked off; the connection ends in the middle of the answer's body."""
    MALFORMED = "malformed"
    """Worked off; the body is JSON that breaks off."""
    WRONG_TYPE = "wrong_type"
    """Worked off; the answer says it is HTML."""
    DRIP = "drip"
    """Worked off; the body comes in small pieces, `ms` apart."""


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that goes wrong, and for which requests."""

    kind: Kind
    ms: Annotated[int, msgspec.Meta(ge=0, le=600_000)] = 100
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 500
    retry_after: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 1
    method: str = "*"
    path: str = "*"
    rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    """Share of the requests it fits that it strikes."""
    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    """How many of them are let through first."""
    times: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """How often it strikes at most."""

    def fits(self, method: str, path: str) -> bool:
        """Whether it is about such requests."""
        return fnmatch.fnmatchcase(method, self.method.upper()) and fnmatch.fnmatchcase(path, self.path)


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The faults of a run; `seed` decides which requests a rate strikes."""

    fault: list[Fault]
    seed: int = 1


@dataclass
class _Count:
    fitting: int = 0
    struck: int = 0


class Plan:
    """The rules of a run, and how often each has struck."""

    def __init__(self, rules: Rules) -> None:
        self._dice = random.Random(rules.seed)  # noqa: S311 - faults, not secrets
        self._counts = [(fault, _Count()) for fault in rules.fault]

    def strike(self, method: str, path: str) -> list[Fault]:
        """What goes wrong with this request."""
        return [fault for fault, count in self._counts if fault.fits(method, path) and self._strikes(fault, count)]

    def _strikes(self, fault: Fault, count: _Count) -> bool:
        count.fitting += 1
        if count.fitting <= fault.after or (fault.times is not None and count.struck >= fault.times):
            return False
        if fault.rate < 1 and self._dice.random() >= fault.rate:
            return False
        count.struck += 1
        return True


def read_rules(path: Path) -> Rules:
    """The rules of a file. Raises FaultsError."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Rules)
    except OSError as error:
        raise FaultsError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise FaultsError(f"{path}: {error}{_kinds(error)}") from error


def read_header(text: str) -> list[Fault]:
    """The faults a header asks for. Raises FaultsError."""
    return [_read_fault(part) for part in text.split(",") if part.strip()]


def _read_fault(text: str) -> Fault:
    first, *rest = text.split()
    kind, _, value = first.partition("=")
    said: dict[str, Any] = {"kind": kind}
    if value:
        said["status" if kind == Kind.STATUS else "ms"] = value
    said |= dict(word.partition("=")[::2] for word in rest)
    try:
        return msgspec.convert(said, Fault, strict=False)
    except msgspec.ValidationError as error:
        raise FaultsError(f"{HEADER}: {text.strip()}: {error}{_kinds(error)}") from error


def _kinds(error: Exception) -> str:
    return f" (one of {', '.join(Kind)})" if "enum" in str(error) else ""


class Faults:
    """Lets the faults that were asked for happen between the client and the app."""

    def __init__(self, app: ASGIApp, plan: Plan) -> None:
        self._app = app
        self._plan = plan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get(HEADER)
        try:
            faults = read_header(asked) if asked else self._plan.strike(scope["method"], scope["path"])
        except FaultsError as error:
            await _answer(send, Answer({"message": str(error)}, 400))
            return
        await _suffer(self._app, faults, scope, receive, send)


async def _suffer(app: ASGIApp, faults: Sequence[Fault], scope: Scope, receive: Receive, send: Send) -> None:
    for fault in faults:
        if fault.kind is Kind.LATENCY:
            await asyncio.sleep(fault.ms / 1000)
    by_kind = {fault.kind: fault for fault in faults}
    if Kind.CUT_BEFORE in by_kind:
        await _cut(scope, receive)
    elif refused := by_kind.get(Kind.STATUS):
        await _read_to_the_end(receive)
        await _answer(send, _refusal(refused))
    elif Kind.CUT_AFTER in by_kind:
        await app(scope, receive, _nowhere)
        await _cut(scope, receive)
    else:
        await _spoil(app, by_kind.values(), scope, receive, send)


async def _spoil(app: ASGIApp, faults: Iterable[Fault], scope: Scope, receive: Receive, send: Send) -> None:
    """Work the request off and let the answer suffer."""
    damage = [fault for fault in faults if fault.kind is not Kind.LATENCY]
    if not damage:
        await app(scope, receive, send)
        return
    start, body = await _whole_answer(app, scope, receive)
    headers = MutableHeaders(raw=start["headers"])
    fault = damage[0]
    if fault.kind is Kind.WRONG_TYPE:
        headers["content-type"] = "text/html; charset=UTF-8"
    if fault.kind is Kind.MALFORMED:
        body = SPOILED
    headers["content-length"] = str(len(body))
    await send(start)
    if fault.kind is Kind.TRUNCATED:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await _cut(scope, receive, flush=True)
    elif fault.kind is Kind.DRIP:
        for position in range(0, len(body), DRIP_BYTES):
            await send(
                {"type": "http.response.body", "body": body[position : position + DRIP_BYTES], "more_body": True}
            )
            await asyncio.sleep(fault.ms / 1000)
        await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.body", "body": body})


async def _whole_answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    start: Message = {}
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return start, b"".join(parts)


async def _nowhere(message: Message) -> None:
    """Takes the answer and sends nothing."""


async def _cut(scope: Scope, receive: Receive, *, flush: bool = False) -> None:
    cut = scope.get("extensions", {}).get(CUT)
    if cut is None:
        raise ConnectionResetError("the sandbox cut the connection")
    cut(flush=flush)
    await _read_to_the_end(receive, disconnected=True)


async def _read_to_the_end(receive: Receive, *, disconnected: bool = False) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect" or not (disconnected or message.get("more_body")):
            return


def _refusal(fault: Fault) -> Answer:
    headers = {"retry-after": str(fault.retry_after)} if fault.status in (429, 503) else {}
    return Answer({"message": _WORDS.get(fault.status, "Error")}, fault.status, headers=headers)


async def _answer(send: Send, answer: Answer) -> None:
    body = answer.payload()
    headers = {"content-type": "application/json", "content-length": str(len(body)), **answer.headers}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
