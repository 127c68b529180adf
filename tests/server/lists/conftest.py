"""Lists are asked of the books that the tests of workflows use. Nothing here writes to them."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "workflows"))

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
