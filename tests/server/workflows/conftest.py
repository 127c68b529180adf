"""One sandbox that nobody writes to, and its books for SQL."""

from collections.abc import AsyncIterator, Iterator

import pytest
from asking import Desk, Ledger, desk, sandbox


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
