"""The sandbox as a process of its own."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest


@contextmanager
def sandbox(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running sandbox and its base URL."""
    command = [sys.executable, "-m", "server.sandbox", "--port", "0", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def rows(url: str) -> int:
    headers = {"Authorization": "Bearer sandbox"}
    answer = httpx.get(f"{url}/bills", params={"status": "draft"}, headers=headers, trust_env=False)
    answer.raise_for_status()
    total: int = answer.json()["meta"]["total"]
    return total


def test_it_answers_once_it_has_said_where_and_ends_with_its_stdin() -> None:
    started = time.monotonic()
    with sandbox("--until-stdin-closes") as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/external/api/v1")
        assert rows(url) > 0
        assert time.monotonic() - started < 10
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
def test_it_keeps_its_books_in_a_file_and_ends_on_a_signal(tmp_path: Path) -> None:
    file = str(tmp_path / "company.books")
    with sandbox("--books", file, "--until-stdin-closes") as (process, url):
        client = httpx.Client(base_url=url, headers={"Authorization": "Bearer sandbox"}, trust_env=False)
        with client:
            draft = client.get("/bills", params={"status": "draft"}).json()["data"][0]
            assert client.post(f"/bills/{draft['id']}/post").status_code == 200
            before = rows(url)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    with sandbox("--books", file) as (process, url):
        assert rows(url) == before
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_what_hinders_it_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("not books " * 100)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for options, said in ((["--books", str(tmp_path / "words")], "not a books file"), (["--port", port], "in use")):
            command = [sys.executable, "-m", "server.sandbox", *options]
            ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
            assert ended.returncode == 1
            assert ended.stdout == ""
            assert said in ended.stderr
            assert "Traceback" not in ended.stderr
