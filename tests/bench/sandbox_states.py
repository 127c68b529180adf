"""`python -m tests.bench.sandbox_states`: long random work on the sandbox, held against a model of its books.

Each run begins with fresh books and ends with their audit. Exits with 1 when the books and the model ever disagreed.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
import traceback
from pathlib import Path

import click
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console
from rich.table import Table

from tests.server.sandbox.state_desk import Workshop
from tests.server.sandbox.state_machine import BooksMachine

ROUND = 120
"""Runs of one seed, some of which end early; after a fault, the next seed goes on."""

FAULTS = 5
"""Their column in the table."""

MOST_FAULTS = 10
"""With so many, it is given up."""

console = Console(width=120)


def play(workshop: Workshop, number: int, runs: int, steps: int) -> int:
    """Runs of one seed; the faults that they found, each of which is printed with the steps that lead to it."""
    wanted = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @seed(number)
    def machine() -> BooksMachine:
        return BooksMachine(workshop)

    try:
        run_state_machine_as_test(machine, settings=wanted)  # type: ignore[arg-type] # it may be a function
    except Exception as error:
        found = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]
        for one in found:
            console.print("".join(traceback.format_exception(one)), markup=False, highlight=False)
        return len(found)
    return 0


@click.command()
@click.option("--runs", default=200, show_default=True)
@click.option("--steps", default=50, show_default=True)
@click.option("--first-seed", default=1, show_default=True)
def main(runs: int, steps: int, first_seed: int) -> None:
    """Print what was done with each seed, until so many runs had all their steps; no fault is the bar."""
    table = Table(box=None, pad_edge=False)
    for column in ("seed", "runs", "shorter", "steps", "requests", "refused", "faults", "seconds"):
        table.add_column(column, justify="right")
    sums = [0, 0, 0, 0, 0, 0, 0.0]
    with asyncio.Runner() as runner:
        for number in itertools.count(first_seed):
            if sums[0] >= runs or sums[FAULTS] >= MOST_FAULTS:
                break
            begun = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                workshop = Workshop(Path(folder), runner)
                faults = play(workshop, number, ROUND, steps)
            whole, done = workshop.runs[steps], sum(length * count for length, count in workshop.runs.items())
            counted = (whole, sum(workshop.runs.values()) - whole, done, workshop.requests, workshop.refused)
            figures = (*counted, faults, time.perf_counter() - begun)
            sums = [before + figure for before, figure in zip(sums, figures, strict=True)]
            table.add_row(str(number), *(f"{figure:,.0f}" for figure in figures))
    table.add_row("all", *(f"{figure:,.0f}" for figure in sums), style="bold")
    console.print(table)
    raise SystemExit(1 if sums[FAULTS] else 0)


if __name__ == "__main__":
    main()
