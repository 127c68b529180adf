"""`python -m tests.bench.sandbox_states`: long random work on the sandbox, held against a model of its books.

Each run begins with fresh books and ends with their audit. Exits with 1 when the books and the model ever disagreed.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import traceback
from pathlib import Path

import click
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console
from rich.table import Table

from tests.server.sandbox.state_machine import BooksMachine, Workshop

ROUND = 20
"""Runs of one seed; after a fault, the next seed goes on."""

console = Console(width=120)


def play(workshop: Workshop, number: int, runs: int, steps: int) -> int:
    """Runs of one seed; the faults that they found, each of which is printed with the steps that lead to it."""
    wanted = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )

    @seed(number)
    def machine() -> BooksMachine:
        return workshop.machine()

    try:
        run_state_machine_as_test(machine, settings=wanted)  # type: ignore[arg-type] # it may be a function
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
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
    """Print what was done with each seed; no fault is the bar."""
    table = Table(box=None, pad_edge=False)
    for column in ("seed", "runs", "steps", "requests", "refused", "faults", "seconds"):
        table.add_column(column, justify="right")
    sums = [0, 0, 0, 0, 0, 0.0]
    with asyncio.Runner() as runner:
        for done in range(0, runs, ROUND):
            number, begun = first_seed + done // ROUND, time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                workshop = Workshop(Path(folder), runner)
                faults = play(workshop, number, min(ROUND, runs - done), steps)
            counted = (workshop.runs, workshop.steps, workshop.requests, workshop.refused)
            figures = (*counted, faults, time.perf_counter() - begun)
            sums = [before + figure for before, figure in zip(sums, figures, strict=True)]
            table.add_row(str(number), *(f"{figure:,.0f}" for figure in figures))
    table.add_row("all", *(f"{figure:,.0f}" for figure in sums), style="bold")
    console.print(table)
    raise SystemExit(1 if sums[4] else 0)


if __name__ == "__main__":
    main()
