"""One sandbox that nobody writes to, its books for SQL, and one a module that its tests write to."""

from collections.abc import AsyncIterator, Iterator

import pytest
from asking import Desk, Ledger, desk, sandbox
from writing import Clerk


@pytest.fixture(scope="session")
def books_url() -> Iterator[str]:
    with sandbox() as url:
        yield url


@pytest.fixture(scope="session")
async def here(books_url: str) -> AsyncIterator[Desk]:
    async with desk(books_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def ledger() -> Iterator[Ledger]:
    opened = Ledger()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def own_url() -> Iterator[str]:
    with sandbox() as url:
        yield url


@pytest.fixture(scope="module")
def clerk(own_url: str) -> Iterator[Clerk]:
    opened = Clerk(own_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
async def there(own_url: str) -> AsyncIterator[Desk]:
    async with desk(own_url) as opened:
        yield opened
