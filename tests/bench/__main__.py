"""`python -m tests.bench`: start, latency, rate, memory, paging and tokens, each as a ratio to its yardstick.

Byte-compile site-packages first (`python -m compileall -q .venv`) where bytecode is not written by itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.bench import retrieval
from tests.bench.probe import Figures, measure, peer
from tests.bench.running import OURS, environment, upstream
from tools import catalogue

HERE = Path(__file__).parent


def median(runs: Sequence[Figures]) -> Figures:
    """The median of each figure."""
    return Figures(*(statistics.median(column) for column in zip(*map(astuple, runs), strict=True)))


async def side_by_side(runs: int, calls: int) -> list[tuple[str, str, str, str, str]]:
    """Both servers in turn on the same upstream."""
    bare: list[Figures] = []
    ours: list[Figures] = []
    with upstream(10_000, 0) as base_url:
        for _ in range(runs):
            bare.append(await measure([sys.executable, str(HERE / "bare.py"), base_url], os.environ, calls, 8))
            ours.append(await measure(OURS, environment(base_url), calls, 8))
    a, b = median(bare), median(ours)
    rows = [
        ("start to tools/list, s", a.list_seconds, b.list_seconds, "<= 1.20"),
        ("list_bills p50, ms", a.p50_ms, b.p50_ms, "<= 1.00"),
        ("list_bills calls/s, 8 at once", a.calls_per_second, b.calls_per_second, ">= 1.20"),
        ("peak memory, MB", a.peak_mb, b.peak_mb, "<= 1.35"),
    ]
    return [(name, f"{x:.2f}", f"{y:.2f}", f"{y / x:.2f}", bar) for name, x, y, bar in rows]


async def paging() -> tuple[str, str, str, str, str]:
    """1,200 bills from an upstream that takes 50 ms: page after page, and with all_pages."""
    with upstream(1_200, 50) as base_url:
        async with peer(OURS, environment(base_url)) as server:
            await server.start()
            await server.call("list_bills", {})
            begun = time.perf_counter()
            for page in range(1, 13):
                await server.call("list_bills", {"page": page, "per_page": 100})
            one_by_one = time.perf_counter() - begun
            begun = time.perf_counter()
            await server.call("list_bills", {"all_pages": True})
            at_once = time.perf_counter() - begun
    ratio = f"{at_once / one_by_one:.2f}"
    return (
        "1,200 bills at 50 ms, s (pages in turn / all_pages)",
        f"{one_by_one:.2f}",
        f"{at_once:.2f}",
        ratio,
        "<= 0.25",
    )


def o200k(text: str) -> int | None:
    """Tokens of a text, if node and gpt-tokenizer are there."""
    try:
        done = subprocess.run(
            ["node", str(HERE / "tokens.cjs")], input=text, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return int(done.stdout)


async def tokens(openapi: Path | None, fastmcp: Path | None) -> list[tuple[str, str, str, str, str]]:
    """Tokens of the definitions, beside FastMCP's where it can be asked, and of a 10-bill answer."""
    entries = list(catalogue.load())
    shown = [{key: entry.definition[key] for key in ("name", "description", "inputSchema")} for entry in entries]
    ours, theirs = o200k(json.dumps(shown)), None
    if openapi and fastmcp:
        names = json.dumps([entry.name for entry in entries])
        command = [str(fastmcp), str(HERE / "from_openapi.py"), str(openapi)]
        theirs = o200k(subprocess.run(command, input=names, stdout=subprocess.PIPE, text=True, check=True).stdout)
    with upstream(10_000, 0) as base_url:
        async with peer(OURS, environment(base_url)) as server:
            await server.start()
            answer = (await server.call("list_bills", {}))["content"][0]["text"]
    ratio = f"{ours / theirs:.2f}" if ours and theirs else "-"
    return [
        (
            f"tokens of {len(shown)} definitions (FastMCP / ours)",
            str(theirs or "-"),
            str(ours or "-"),
            ratio,
            "<= 0.60",
        ),
        ("tokens of a 10-bill answer", "-", str(o200k(answer) or "-"), "-", "<= 600"),
    ]


@click.command()
@click.option("--runs", default=3, show_default=True)
@click.option("--calls", default=400, show_default=True)
@click.option("--openapi", type=click.Path(path_type=Path), help="OpenAPI file of the API, for FastMCP's tokens.")
@click.option("--fastmcp", type=click.Path(path_type=Path), help="A Python interpreter that has fastmcp.")
def main(runs: int, calls: int, openapi: Path | None, fastmcp: Path | None) -> None:
    """Print the figures of this server beside their yardsticks."""
    rows = asyncio.run(side_by_side(runs, calls))
    rows.append(asyncio.run(paging()))
    rows += asyncio.run(tokens(openapi, fastmcp))
    rows += retrieval.rows()
    table = Table(box=None, pad_edge=False)
    for column in ("", "yardstick", "ours", "ratio", "bar"):
        table.add_column(column, justify="left" if not column else "right")
    for row in rows:
        table.add_row(*row)
    Console(width=120).print(table)


main()
