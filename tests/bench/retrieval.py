"""`python -m tests.bench.retrieval`: how often the search finds the right tool, and how long it takes."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools import catalogue
from tools.search import Index

QUESTIONS = Path(__file__).parents[1] / "retrieval" / "questions.jsonl"
"""Questions with the tools that are right for them, by somebody who had seen only the API's reference."""


@dataclass(frozen=True)
class Question:
    """What somebody asks, and the tools any of which is right."""

    question: str
    tools: Sequence[str]


def questions() -> list[Question]:
    """All questions of the set."""
    return [Question(**json.loads(line)) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def ranks(index: Index, asked: Sequence[Question], limit: int = 8) -> list[int | None]:
    """The place of the first right tool for each question, from 0; None where there is none up to the limit."""
    found = ([each.entry.name for each in index.find(one.question, limit=limit)] for one in asked)
    return [
        next((place for place, name in enumerate(names) if name in one.tools), None)
        for one, names in zip(asked, found, strict=True)
    ]


def recall(places: Sequence[int | None], at: int) -> float:
    """The share of questions with a right tool among the first so many."""
    return sum(place is not None and place < at for place in places) / len(places)


def rows() -> list[tuple[str, str, str, str, str]]:
    """Name, yardstick, ours, ratio and bar of each figure."""
    asked = questions()
    index = Index(catalogue.build())
    index.find("any bill")  # builds the index
    begun = time.perf_counter()
    places = ranks(index, asked)
    ms = (time.perf_counter() - begun) * 1000 / len(asked)
    bars = {1: ">= 0.85", 5: ">= 0.97", 8: "-"}
    figures = [(f"search recall@{at}, {len(asked)} questions", recall(places, at), bar) for at, bar in bars.items()]
    figures.append(("search, ms per query", ms, "<= 5"))
    return [(name, "-", f"{ours:.3f}", "-", bar) for name, ours, bar in figures]


def main() -> None:
    """Print the figures."""
    table = Table(box=None, pad_edge=False)
    for column in ("", "yardstick", "ours", "ratio", "bar"):
        table.add_column(column, justify="left" if not column else "right")
    for row in rows():
        table.add_row(*row)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
