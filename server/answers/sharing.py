"""How the tables of an answer share its room: small ones are whole, the others show as many rows as fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile

LEFT_OUT = -1
"""Rows of a table of which not even the name is said."""


@dataclass(frozen=True)
class Size:
    """What a table costs. whole, cut: its heading when all rows are shown, and when not. columns: their names."""

    whole: int
    cut: int
    columns: int
    rows: Sequence[int]

    def cost(self, shown: int) -> int:
        """Of so many rows with what is above them; with none of them, only how many there are is said."""
        if shown == LEFT_OUT:
            return 0
        if shown == len(self.rows):
            return self.all
        return self.cut + (self.columns + sum(self.rows[:shown]) if shown else 0)

    @property
    def all(self) -> int:
        """What the whole table costs."""
        return self.whole + (self.columns + sum(self.rows) if self.rows else 0)

    def step(self, shown: int) -> int:
        """What one row more costs; of what is left out, to say how many there are."""
        return self.cost(shown + 1) - self.cost(shown)

    def fitting(self, room: int) -> int:
        """How many rows fit; LEFT_OUT: not even the heading does."""
        if self.all <= room:
            return len(self.rows)
        if self.cut > room:
            return LEFT_OUT
        spent = accumulate(self.rows, initial=self.cut + self.columns)
        return max(sum(1 for _ in takewhile(lambda each: each <= room, spent)) - 1, 0)


def shares(costs: Sequence[int], room: int) -> list[int]:
    """Room for each: small ones get what they need, the others share the rest."""
    rooms = [0] * len(costs)
    left = list(range(len(costs)))
    while left:
        share = max(room, 0) // len(left)
        small = [index for index in left if costs[index] <= share]
        if not small:
            for index in left:
                rooms[index] = share
            break
        for index in small:
            rooms[index] = costs[index]
            room -= costs[index]
            left.remove(index)
    return rooms


def rows_shown(sizes: Sequence[Size], room: int) -> list[int]:
    """Of each table how many rows are shown, or LEFT_OUT.

    What shares leave over is given away row by row, to who shows the fewest; of what is left out, to the longest.
    """
    rooms = shares([size.all for size in sizes], room)
    shown = [size.fitting(space) for size, space in zip(sizes, rooms, strict=True)]
    left = room - sum(size.cost(count) for size, count in zip(sizes, shown, strict=True))
    while (index := _next(sizes, shown, left)) is not None:
        left -= sizes[index].step(shown[index])
        shown[index] += 1
    return shown


def _next(sizes: Sequence[Size], shown: Sequence[int], room: int) -> int | None:
    """Which table gets one row more, None where none fits."""
    order = sorted(range(len(sizes)), key=lambda index: (shown[index], -len(sizes[index].rows)))
    growing = (index for index in order if shown[index] < len(sizes[index].rows))
    return next((index for index in growing if sizes[index].step(shown[index]) <= room), None)
