"""The HTTP face of the books: a Starlette app that authenticates, routes, and answers every error as JSON."""

import hmac
import logging
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from server.sandbox.books import Books
from server.sandbox.resources import GROUPS
from server.sandbox.wire import BASE_PATH, Answer, Call, Handler, Upload, WireError, query_pairs

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes; room for the largest attachment in base64."""

logger = logging.getLogger(__name__)

Methods = dict[str, Handler]


def create_app(books: Books, *, token: str = "sandbox") -> Starlette:  # noqa: S107 - the sandbox has no secrets
    """The API over these books, for callers that send the bearer token."""
    app = Starlette(
        routes=[Route(BASE_PATH + path, _Resource(books, methods)) for path, methods in _by_path()],
        exception_handlers={HTTPException: _http_error},
    )
    app.router.redirect_slashes = False
    app.add_middleware(_BearerAuth, token=token)
    return app


def _by_path() -> list[tuple[str, Methods]]:
    """Every path with its methods; a static segment comes before an id in the same place."""
    found: dict[str, Methods] = {}
    for group in GROUPS:
        for (path, method), handler in group.handlers.items():
            found.setdefault(path, {})[method] = handler
    return sorted(found.items(), key=lambda entry: [part.startswith("{") for part in entry[0].split("/")])


class _Resource:
    """All methods of one path. Each request is one transaction, worked off without giving way to another."""

    def __init__(self, books: Books, methods: Methods) -> None:
        self._books = books
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        method = "GET" if request.method == "HEAD" else request.method
        handler = self._methods.get(method)
        if handler is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(self._methods))})
        try:
            body = await _body(request)
            files = await _files(request, body)
            answer = self._work(handler, request, body, files)
        except WireError as error:
            answer = error.answer()
        except ClientDisconnect:
            return
        except Exception:
            logger.exception("%s %s failed", request.method, request.url.path)
            answer = Answer({"message": "Server Error"}, 500)
        await _response(answer)(scope, receive, send)

    def _work(self, handler: Handler, request: Request, body: bytes, files: Mapping[str, Upload]) -> Answer:
        with self._books.transaction() as connection:
            call = Call(
                connection=connection,
                now=self._books.clock().replace(microsecond=0),
                today=self._books.today,
                path=request.path_params,
                query=query_pairs(request.scope["query_string"]),
                body=body,
                files=files,
                multipart=_is_multipart(request),
            )
            return handler(call)


class _BearerAuth:
    """Lets nothing through that does not carry the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._knows(Request(scope).headers.get("authorization", "")):
            answer = _response(Answer({"message": "Unauthenticated."}, 401))
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _knows(self, header: str) -> bool:
        scheme, _, token = header.partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token)


async def _body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise WireError(413, "The request body is too large.")
        chunks.append(chunk)
    return b"".join(chunks)


def _is_multipart(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def _files(request: Request, body: bytes) -> dict[str, Upload]:
    if not _is_multipart(request):
        return {}

    async def once() -> Any:
        yield body

    try:
        form = await MultiPartParser(request.headers, once()).parse()
    except (MultiPartException, KeyError) as error:
        raise WireError(400, "The multipart body cannot be read.") from error
    try:
        return {
            name: Upload(part.filename or name, part.content_type or "application/octet-stream", await part.read())
            for name, part in form.items()
            if isinstance(part, UploadFile)
        }
    finally:
        await form.close()


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.content is None and answer.body is not None:
        headers["content-type"] = "application/json"
    return Response(answer.payload(), answer.status, headers)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    unserved = "This path is not served here."
    said = {404: unserved, 405: f"The {request.method} method is not supported for this route."}
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _response(Answer({"message": said.get(status, "Bad request.")}, status, headers=headers))
