"""`python -m tests.bench.chaos`: 10,000 writes at a fault rate of 20 %, with 200 processes killed in the middle."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from tests.bench.chaos.run import run


@click.command()
@click.option("--writes", default=10_000, show_default=True)
@click.option("--kills", default=200, show_default=True)
@click.option("--rate", default=0.2, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(writes: int, kills: int, rate: float, seed: int) -> None:
    """Print what became of every write; 1 when one was doubled, lost or not reported."""
    report = run(writes, kills=kills, rate=rate, seed=seed)
    table = Table("what", "count", box=None)
    for name, value in asdict(report).items():
        table.add_row(name, f"{value:,.0f}" if isinstance(value, float) else str(value))
    Console().print(table)
    sys.exit(0 if report.clean else 1)


if __name__ == "__main__":
    main()
