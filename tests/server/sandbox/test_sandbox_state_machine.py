"""Random work on the books, step by step against a model of them; `tests.bench.sandbox_states` does more of it."""

import asyncio
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.server.sandbox.state_desk import Workshop
from tests.server.sandbox.state_machine import BooksMachine

SHORT = settings(
    max_examples=10,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # making a failing history shorter takes minutes
    suppress_health_check=list(HealthCheck),
)


def test_the_books_do_what_a_model_of_them_says(tmp_path: Path, runner: asyncio.Runner) -> None:
    workshop = Workshop(tmp_path, runner)
    run_state_machine_as_test(lambda: BooksMachine(workshop), settings=SHORT)  # type: ignore[arg-type, return-value]
    assert sum(workshop.runs.values()) >= SHORT.max_examples
