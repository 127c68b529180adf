"""The HTTP face of the books: Luminous and BillDiary below their base paths, and every error as JSON."""

import hmac

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from server.sandbox.billdiary import app as billdiary
from server.sandbox.billdiary import wire as billdiary_wire
from server.sandbox.books import Books
from server.sandbox.endpoint import Endpoint, Sent, by_path, respond
from server.sandbox.resources import GROUPS
from server.sandbox.wire import BASE_PATH, Answer, Call, Handler, query_pairs


def create_app(books: Books, *, token: str = "sandbox") -> Starlette:  # noqa: S107 - the sandbox has no secrets
    """Both APIs over these books: Luminous for callers that send the bearer token, BillDiary for its own users."""
    handlers = (group.handlers for group in GROUPS)
    routes = [Route(path, _Endpoint(books, methods)) for path, methods in by_path(handlers)]
    luminous = Router(routes, redirect_slashes=False)
    app = Starlette(
        routes=[
            Mount(BASE_PATH, _BearerAuth(luminous, token)),
            Mount(billdiary_wire.BASE_PATH, billdiary.create_app(books, token=token)),
        ],
        exception_handlers={HTTPException: _http_error},
    )
    app.router.redirect_slashes = False
    return app


class _Endpoint(Endpoint[Handler]):
    """All methods of one path of Luminous."""

    def work(self, handler: Handler, request: Request, sent: Sent) -> Answer:
        with self.books.transaction() as connection:
            call = Call(
                connection=connection,
                now=self.books.clock().replace(microsecond=0),
                today=self.books.today,
                path=request.path_params,
                query=query_pairs(request.scope["query_string"]),
                body=sent.body,
                files=sent.files,
                multipart=sent.multipart,
            )
            return handler(call)


class _BearerAuth:
    """Lets nothing through that does not carry the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._knows(Request(scope).headers.get("authorization", "")):
            await respond(Answer({"message": "Unauthenticated."}, 401))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _knows(self, header: str) -> bool:
        scheme, _, token = header.partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    unserved = "This path is not served here."
    said = {404: unserved, 405: f"The {request.method} method is not supported for this route."}
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return respond(Answer({"message": said.get(status, "Bad request.")}, status, headers=headers))
