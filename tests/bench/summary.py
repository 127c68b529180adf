"""`python -m tests.bench.summary`: summarize_records over very many bills, and reading from an upstream that refuses.

The server runs as hosts run it, on stdio. Idle is the server after a first call (list_bills, 10 rows): what any call
needs is imported, and a connection is open. Peak is the most that was resident during the call.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
import urllib.request
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from server.upstream.stream import LANES
from tests.bench.probe import Peer, peer
from tests.bench.running import OURS, environment, upstream

PAGE = 100
QUESTION = {
    "operation": "list_bills",
    "group_by": ["status", "due_date:month"],
    "metrics": ["count", "sum:total_due", "avg:total", "max:total"],
}


@dataclass
class Run:
    """One call: seconds, and seconds that the server worked. Memory in MB: before the first call, idle, at most."""

    seconds: float
    cpu: float
    fresh: float
    idle: float
    peak: float


def resident(server: Peer, what: str) -> float:
    """Memory of the process in MB: VmRSS now, VmHWM at most."""
    status = Path(f"/proc/{server._process.pid}/status").read_text()
    return int(status.split(f"{what}:")[1].split()[0]) / 1024


def worked_for(server: Peer) -> float:
    """Seconds of processor time that the process took so far."""
    fields = Path(f"/proc/{server._process.pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def exact(rows: int) -> dict[str, Decimal]:
    """What the upstream's bills make: due amounts by status."""
    due: dict[str, Decimal] = {}
    for number in range(1, rows + 1):
        status = ("draft", "posted", "paid", "hold")[number % 4]
        total = Decimal(100 + number % 900) + Decimal("0.25")
        due[status] = due.get(status, Decimal(0)) + (0 if number % 4 == 2 else total)
    return due


def correct(answer: dict[str, Any], rows: int) -> bool:
    """Whether the text tells all the sums, and that all rows were read."""
    text = answer["content"][0]["text"]
    return f"All {rows:,} rows were read" in text and all(f"{value:f}" in text for value in exact(rows).values())


async def summarized(rows: int, delay_ms: int) -> Run:
    """One summarize_records over so many bills."""
    with upstream(rows, delay_ms) as base_url:
        async with peer(OURS, environment(base_url)) as server:
            await server.start()
            fresh = resident(server, "VmRSS")
            await server.call("list_bills", {})
            idle = resident(server, "VmRSS")
            Path(f"/proc/{server._process.pid}/clear_refs").write_text("5")  # The peak begins anew.
            worked, begun = worked_for(server), time.perf_counter()
            answer = await server.call("summarize_records", {**QUESTION, "max_seconds": 600})
            seconds, cpu = time.perf_counter() - begun, worked_for(server) - worked
            if not correct(answer, rows):
                raise RuntimeError(answer["content"][0]["text"])
            return Run(seconds, cpu, fresh, idle, resident(server, "VmHWM"))


async def limited(pages: int, per_second: int) -> tuple[float, int, int]:
    """Seconds, requests and refused ones of a summary of so many pages from an upstream that refuses."""
    with upstream(pages * PAGE, 20, per_second) as base_url:
        async with peer(OURS, environment(base_url)) as server:
            await server.start()
            begun = time.perf_counter()
            answer = await server.call("summarize_records", {**QUESTION, "max_seconds": 600})
            seconds = time.perf_counter() - begun
            if not correct(answer, pages * PAGE):
                raise RuntimeError(answer["content"][0]["text"])
        with urllib.request.urlopen(f"{base_url}/requests") as reply:
            figures = json.load(reply)["data"][0]
    return seconds, figures["came"], figures["refused"]


@click.command()
@click.option("--rows", default=100_000, show_default=True)
@click.option("--more", default=1_000_000, show_default=True, help="Rows of a second run; 0 for none.")
@click.option("--delay", default=20, show_default=True, help="Milliseconds that the upstream takes.")
@click.option("--pages", default=200, show_default=True, help="Pages read from the upstream that refuses; 0 for none.")
@click.option("--per-second", default=10, show_default=True, help="Requests per second that it takes.")
def main(rows: int, more: int, delay: int, pages: int, per_second: int) -> None:
    """Print seconds against pages x delay / lanes, and memory over idle."""
    table = Table(box=None, pad_edge=False)
    for column in ("", "ours", "bar"):
        table.add_column(column, justify="left" if not column else "right")
    for count in (rows, more):
        if not count:
            continue
        run = asyncio.run(summarized(count, delay))
        ideal = -(-count // PAGE) * delay / 1000 / LANES
        table.add_row(f"{count:,} bills, s (pages x delay / lanes: {ideal:.2f} s)", f"{run.seconds:.2f}", "")
        table.add_row("  ratio", f"{run.seconds / ideal:.2f}", "<= 1.50")
        table.add_row("  of them at work, s", f"{run.cpu:.2f}", "")
        table.add_row("  peak over idle, MB", f"{run.peak - run.idle:.1f}", "<= 40")
        table.add_row("  peak over a server before its first call, MB", f"{run.peak - run.fresh:.1f}", "")
        table.add_row("  fresh / idle / peak, MB", f"{run.fresh:.0f} / {run.idle:.0f} / {run.peak:.0f}", "")
    if pages:
        seconds, came, refused = asyncio.run(limited(pages, per_second))
        table.add_row(f"{pages} pages at {per_second} requests/s, s", f"{seconds:.1f}", "")
        table.add_row("  refused requests", f"{refused} of {came}, {refused / came:.1%}", "<= 5.0%")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
