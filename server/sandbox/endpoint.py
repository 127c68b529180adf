"""What both APIs do with a request before and after it is worked off: bodies in, answers out, errors as JSON."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import IntegrityError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.sandbox.books import Books
from server.sandbox.wire import Answer, Upload, WireError, conflict

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes; room for the largest attachment in base64."""

LARGEST_FORM = 20_000
"""Fields of a multipart body."""

logger = logging.getLogger(__name__)

Handler = TypeVar("Handler")
"""A function that works off a request."""


@dataclass(frozen=True)
class Sent:
    """What came with a request: its body, and what a multipart one consists of."""

    body: bytes
    multipart: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    files: Mapping[str, Upload] = field(default_factory=dict)


def by_path(groups: Iterable[Mapping[tuple[str, str], Handler]]) -> list[tuple[str, dict[str, Handler]]]:
    """Every path with its methods; a static segment comes before an id in the same place."""
    found: dict[str, dict[str, Handler]] = {}
    for handlers in groups:
        for (path, method), handler in handlers.items():
            found.setdefault(path, {})[method] = handler
    return sorted(found.items(), key=lambda entry: [part.startswith("{") for part in entry[0].split("/")])


class Endpoint(ABC, Generic[Handler]):
    """All methods of one path. Each request is one transaction, worked off without giving way to another."""

    failure = WireError(500, "Server Error")
    """What is answered when something is wrong inside."""

    def __init__(self, books: Books, methods: Mapping[str, Handler]) -> None:
        self.books = books
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        method = "GET" if request.method == "HEAD" else request.method
        handler = self._methods.get(method)
        if handler is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(self._methods))})
        try:
            answer = self.work(handler, request, await _sent(request))
        except WireError as error:
            answer = error.answer()
        except ClientDisconnect:
            return
        except IntegrityError:
            # A record that others refer to; handlers that know by which say so themselves.
            answer = conflict("Other records refer to this one, so it cannot be deleted.").answer()
        except Exception:
            logger.exception("%s %s failed", request.method, request.url.path)
            answer = self.failure.answer()
        await respond(answer)(scope, receive, send)

    @abstractmethod
    def work(self, handler: Handler, request: Request, sent: Sent) -> Answer:
        """Work the request off in a transaction of its own."""


def respond(answer: Answer) -> Response:
    """The answer as it goes out."""
    headers = dict(answer.headers)
    if answer.content is None and answer.body is not None:
        headers["content-type"] = "application/json"
    return Response(answer.payload(), answer.status, headers)


async def _sent(request: Request) -> Sent:
    body = await _body(request)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return Sent(body)

    async def once() -> Any:
        yield body

    try:
        form = await MultiPartParser(request.headers, once(), max_fields=LARGEST_FORM).parse()
    except (MultiPartException, KeyError) as error:
        raise WireError(400, "The multipart body cannot be read.") from error
    fields: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    try:
        for name, part in form.multi_items():
            if isinstance(part, UploadFile):
                spelled = name.replace("[]", f"[{len(files)}]")
                kind = part.content_type or "application/octet-stream"
                files[spelled] = Upload(part.filename or name, kind, await part.read())
            else:
                fields.append((name, part))
    finally:
        await form.close()
    return Sent(body, True, tuple(fields), files)


async def _body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise WireError(413, "The request body is too large.")
        chunks.append(chunk)
    return b"".join(chunks)
