"""The API key stays where it belongs, also when the API itself says it aloud."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import connect, everything, house, reaching, wire
from loopback import Exchange, loopback

from server.guard.modes import Writes

MARKER = "marker-0815-of-the-key"
STORED = {"id": 7, "status": "posted", "currency": "USD", "total": 100, "total_paid": 0, "total_due": 100}
Script = Callable[[Exchange], None]


def _echo(status: int) -> Script:
    """An error answer that repeats the key wherever an error answer has text."""

    def script(exchange: Exchange) -> None:
        key = exchange.headers["authorization"]
        said = {"message": f"bad token {key}", "errors": {"amount": [f"not with {key}"], key: ["no"]}, "trace": key}
        exchange.json(said, status, retry_after="0", location=f"https://evil.example/?{MARKER}", x_debug=key)

    return script


def _html(status: int) -> Script:
    def script(exchange: Exchange) -> None:
        page = f"<html><title>{exchange.headers['authorization']}</title></html>"
        exchange.answer(status, page.encode(), "text/html")

    return script


def _garbage(exchange: Exchange) -> None:
    exchange.answer(200, f'{{"data": "{exchange.headers["authorization"]}"'.encode())


ECHOES = {
    **{str(status): _echo(status) for status in (302, 400, 401, 403, 404, 409, 422, 429, 500, 503)},
    "200 html": _html(200),
    "500 html": _html(500),
    "cut json": _garbage,
}


@pytest.mark.anyio
@pytest.mark.parametrize("echo", ECHOES)
async def test_a_key_that_the_api_echoes_is_in_no_answer_no_journal_and_no_log(
    echo: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def script(exchange: Exchange) -> None:
        exchange.json({"data": STORED}) if exchange.path == "/bills/7" else ECHOES[echo](exchange)

    with loopback(script) as upstream:
        async with (
            house(upstream.base_url, token=MARKER, writes=Writes.ALLOW, journal=tmp_path / "journal") as here,
            connect(here.server, "auto") as client,
        ):
            read = await client.call_tool("list_bills", {})
            write = await client.call_tool("hold_bill", {"bill_id": 7, "reason": "checking"})
            (written,) = here.journal.writes()
        assert upstream.received[0].headers["authorization"] == f"Bearer {MARKER}"
    assert read.is_error
    assert write.is_error
    assert written.status in ("failed", "unknown")
    assert MARKER not in everything(read)
    assert MARKER not in everything(write)
    assert MARKER not in caplog.text
    assert all(MARKER.encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_key_that_the_api_echoes_leaves_a_server_process_nowhere(tmp_path: Path) -> None:
    waiting = list(ECHOES.values())

    def script(exchange: Exchange) -> None:
        exchange.json({"data": STORED}) if exchange.path == "/bills/7" else waiting[0](exchange)

    state = tmp_path / "state"
    with loopback(script) as upstream:
        env = reaching(upstream.base_url, state, MARKER, LUMINOUS_WRITES="allow", LUMINOUS_OUTPUT="both")
        with wire(env, tmp_path / "stderr") as server:
            server.initialize("2025-11-25")
            while waiting:
                for name, arguments in (("list_bills", {}), ("hold_bill", {"bill_id": 7})):
                    answer = server.ask("tools/call", {"name": name, "arguments": arguments})
                    assert answer["result"]["isError"] is True
                del waiting[0]
            errors = server.end()
            said = "".join(server.said)
    assert len(server.said) == 1 + 2 * len(ECHOES)
    assert all(json.loads(line) for line in server.said)
    assert MARKER not in said
    assert MARKER not in errors
    kept = b"".join(file.read_bytes() for file in state.iterdir())
    assert b"hold_bill" in kept
    assert MARKER.encode() not in kept
