"""Two sandboxes: one where each test makes the records that it needs, and one that is only asked, beside SQL."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from asking import Desk, Ledger, desk, sandbox
from harness import KEY, PATIENCE, Api


@pytest.fixture(scope="session", autouse=True)
def _certificates_are_read_once() -> Iterator[None]:
    """Loopback is plain HTTP; reading the machine's certificates for each client takes longer than the tests."""
    certificates = httpx.create_ssl_context()
    with pytest.MonkeyPatch.context() as patch:
        for place in ("httpx.create_ssl_context", "httpx._transports.default.create_ssl_context"):
            patch.setattr(place, lambda *given, **options: certificates)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_other_system_of_the_user() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("BILLDIARY_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    command = [sys.executable, "-P", "-m", "server.sandbox", "--port", "0", "--token", KEY]
    with subprocess.Popen(
        [*command, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        books = Api(process.stdout.readline().strip())
        try:
            yield books
        finally:
            books.close()
            process.stdin.close()
            process.wait(PATIENCE)


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
