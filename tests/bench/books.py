"""`python -m tests.bench.books`: how soon the sandbox answers, how fast a page of large books is, and its memory.

Byte-compile site-packages first where bytecode is not written by itself.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
from rich.console import Console
from rich.markup import escape
from rich.table import Table

PAGES = (
    {"status": "posted", "sort": "due_date:desc", "per_page": "100"},
    {"due_date[lt]": "2026-11-01", "total_due[gt]": "0", "sort": "total_due:desc", "per_page": "100"},
    {"vendor_name[contains]": "Acme", "sort": "bill_date:asc", "per_page": "100"},
    {"status[in]": "posted,partially_paid", "currency": "EUR", "sort": "total_due:desc"},
    {"bill_date[gte]": "2026-01-01", "bill_date[lte]": "2026-06-30", "sort": "bill_number:asc"},
    {"vendor_id": "101", "total[gt]": "500", "sort": "due_date:asc", "page": "20"},
    {"sort": "bill_date:desc", "status[neq]": "void", "page": "900", "per_page": "100"},
)
ROUNDS = 9


@contextmanager
def sandbox(*options: str) -> Iterator[tuple[float, str, int]]:
    """A sandbox process: seconds until it answered, its base URL, its id."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "server.sandbox", "--port", "0", "--until-stdin-closes", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            yield time.perf_counter() - started, url, process.pid
        finally:
            process.kill()


def memory(pid: int) -> float:
    """The most megabytes that the process had in memory (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def pages(url: str) -> list[tuple[str, float]]:
    """The median of each page's time, in milliseconds."""
    figures = []
    with httpx.Client(base_url=url, headers={"Authorization": "Bearer sandbox"}, trust_env=False, timeout=60) as client:
        client.get("/warehouses")
        for query in PAGES:
            times = []
            for _ in range(ROUNDS):
                started = time.perf_counter()
                client.get("/bills", params=query).raise_for_status()
                times.append((time.perf_counter() - started) * 1000)
            figures.append((" ".join(f"{name}={value}" for name, value in query.items()), statistics.median(times)))
    return figures


@click.command()
def main() -> None:
    """Print the figures beside their bars."""
    table = Table("what", "figure", "bar", box=None)
    with sandbox() as (seconds, _, pid):
        table.add_row("medium, from a cold start", f"{seconds:.2f} s", "3 s")
        table.add_row("medium, memory", f"{memory(pid):.0f} MB", "300 MB")
    with tempfile.TemporaryDirectory() as folder:
        file = ("--size", "large", "--books", str(Path(folder) / "large.books"))
        with sandbox(*file) as (seconds, _, pid):
            table.add_row("large, generated", f"{seconds:.1f} s", "120 s")
            table.add_row("large, memory while generated", f"{memory(pid):.0f} MB", "300 MB")
        with sandbox(*file) as (seconds, url, pid):
            table.add_row("large, opened again", f"{seconds:.2f} s", "1 s")
            for query, milliseconds in pages(url):
                table.add_row(escape(f"bills {query}"), f"{milliseconds:.1f} ms", "50 ms")
            table.add_row("large, memory after these", f"{memory(pid):.0f} MB", "300 MB")
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
