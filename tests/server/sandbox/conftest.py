"""Books with the same content for every test, and a client that speaks HTTP to them."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.sandbox.app import create_app
from server.sandbox.audit import audit
from server.sandbox.books import Books

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class Api:
    """Calls the app over ASGI as an HTTP client would."""

    def __init__(self, books: Books, runner: asyncio.Runner, token: str = "sandbox") -> None:
        self.books = books
        self._runner = runner
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(books)),
            base_url="http://sandbox/external/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )

    def send(self, method: str, path: str, status: int, **options: Any) -> httpx.Response:
        """Send a request and insist on the status."""
        response = self.try_send(method, path, **options)
        assert response.status_code == status, (response.status_code, response.text)
        return response

    def try_send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request, whatever the answer."""
        return self._runner.run(self._client.request(method, path, **options))

    def get(self, path: str, status: int = 200, /, **params: Any) -> Any:
        """GET and read the JSON."""
        return self.send("GET", path, status, params=params or None).json()

    def post(self, path: str, status: int = 200, body: Any = None) -> Any:
        """POST JSON and read the JSON."""
        return self.send("POST", path, status, **({} if body is None else {"json": body})).json()

    def put(self, path: str, status: int = 200, body: Any = None) -> Any:
        """PUT JSON and read the JSON."""
        return self.send("PUT", path, status, json=body).json()

    def first(self, path: str, /, **params: Any) -> Any:
        """The first row of a list."""
        return self.get(path, **{"per_page": 1, **params})["data"][0]

    def all(self, path: str, /, **params: Any) -> list[Any]:
        """The rows of all pages."""
        rows: list[Any] = []
        page: dict[str, Any] = {"meta": {"current_page": 0, "last_page": 1}}
        while page["meta"]["current_page"] < page["meta"]["last_page"]:
            page = self.get(path, **{"per_page": 100, **params, "page": page["meta"]["current_page"] + 1})
            rows += page["data"]
        return rows

    def audit(self) -> list[str]:
        """What is wrong with the books."""
        return audit(self.books)

    def close(self) -> None:
        self._runner.run(self._client.aclose())


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of books as they are generated."""
    path = tmp_path_factory.mktemp("books") / "pristine.books"
    Books.open(path).close()
    return path


@pytest.fixture
def books(pristine: Path, tmp_path: Path) -> Iterator[Books]:
    """Books of the test's own."""
    path = Path(shutil.copy(pristine, tmp_path / "company.books"))
    with Books.open(path, clock=lambda: NOW) as books:
        yield books


@pytest.fixture
def api(books: Books, runner: asyncio.Runner) -> Iterator[Api]:
    api = Api(books, runner)
    yield api
    api.close()


@pytest.fixture(scope="session")
def reading(pristine: Path, runner: asyncio.Runner) -> Iterator[Api]:
    """An API that tests share, for reading only."""
    with Books.open() as books:
        api = Api(books, runner)
        yield api
        api.close()


@pytest.fixture
def draft(api: Api) -> Callable[..., dict[str, Any]]:
    """Enters a draft of one line; its total is 100.00 unless told."""

    def enter(unit_cost: str = "100", **fields: Any) -> dict[str, Any]:
        line = {"description": "Pallets", "quantity": 1, "unit_cost": unit_cost}
        body = {"vendor_id": 101, "bill_number": "T-1", "bill_date": "2026-11-02", "items": [line], **fields}
        bill: dict[str, Any] = api.post("/bills", 201, body)["data"]
        return bill

    return enter


@pytest.fixture
def posted(api: Api, draft: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Enters a bill and posts it."""

    def enter(**fields: Any) -> dict[str, Any]:
        bill: dict[str, Any] = api.post(f"/bills/{draft(**fields)['id']}/post")["data"]
        return bill

    return enter
