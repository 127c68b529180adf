"""A sandbox for each module that its tests write to."""

from collections.abc import AsyncIterator, Iterator

import pytest
from asking import Desk, desk, sandbox
from writing import Clerk


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
