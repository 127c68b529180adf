"""The HTTP face of BillDiary: who asks is found out first, then the request is routed and worked off."""

from starlette.requests import Request
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from server.sandbox.billdiary import auth, orders, purchases, requisitions, returns
from server.sandbox.billdiary.wire import Handler, Visit
from server.sandbox.books import Books
from server.sandbox.endpoint import Endpoint, Sent, by_path, respond
from server.sandbox.wire import Answer, WireError, query_pairs

GROUPS = (requisitions.operations, orders.operations, purchases.operations, returns.operations)

_USER = "billdiary.user"
"""Where the scope keeps who asks."""


def create_app(books: Books, *, token: str) -> ASGIApp:
    """BillDiary over these books, below its base path; `token` is the name its users' logins start with."""
    routes = [Route(path, _Endpoint(books, methods)) for path, methods in by_path(group.handlers for group in GROUPS)]
    return _Auth(Router(routes, redirect_slashes=False), books, token)


class _Endpoint(Endpoint[Handler]):
    """All methods of one path, each request in the name of a user."""

    failure = WireError(500, "something_went_wrong")

    def work(self, handler: Handler, request: Request, sent: Sent) -> Answer:
        with self.books.transaction() as connection:
            visit = Visit(
                connection=connection,
                now=self.books.clock().replace(microsecond=0),
                today=self.books.today,
                path=request.path_params,
                query=query_pairs(request.scope["query_string"]),
                body=sent.body,
                files=sent.files,
                multipart=sent.multipart,
                user=request.scope[_USER],
                form=sent.fields,
            )
            return handler(visit)


class _Auth:
    """Lets nothing through that does not come from a user."""

    def __init__(self, app: ASGIApp, books: Books, token: str) -> None:
        self._app = app
        self._books = books
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with self._books.transaction() as connection:
                user = auth.find_user(connection, auth.credential(Request(scope).headers), self._token)
            if user is None:
                await respond(Answer({"message": "Unauthenticated."}, 401))(scope, receive, send)
                return
            scope[_USER] = user
        await self._app(scope, receive, send)
