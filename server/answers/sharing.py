"""How the tables of an answer share its room: small ones are whole, the others show as many rows as fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile


@dataclass(frozen=True)
class Size:
    """What a table costs. whole, cut: its heading when all rows are shown, and when not. columns: their names."""

    whole: int
    cut: int
    columns: int
    rows: Sequence[int]

    def cost(self, shown: int | None = None) -> int:
        """Of so many rows with what is above them, of all unless told; with none, only how many there are is said."""
        if shown is None or shown == len(self.rows):
            return self.whole + (self.columns + sum(self.rows) if self.rows else 0)
        return self.cut + (self.columns + sum(self.rows[:shown]) if shown else 0)

    def fitting(self, room: int) -> int | None:
        """How many rows fit; None: not even the heading does."""
        if self.cost() <= room:
            return len(self.rows)
        if self.cut > room:
            return None
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


def rows_shown(sizes: Sequence[Size], room: int) -> list[int | None]:
    """Of each table how many rows are shown, None where it is left out.

    What shares leave over is given away row by row, to the longest table first: that there is one matters most.
    """
    rooms = shares([size.cost() for size in sizes], room)
    shown = [size.fitting(space) for size, space in zip(sizes, rooms, strict=True)]
    spent = [0 if count is None else size.cost(count) for size, count in zip(sizes, shown, strict=True)]
    left = room - sum(spent)
    longest_first = sorted(range(len(sizes)), key=lambda index: -len(sizes[index].rows))
    grew = True
    while grew:
        grew = False
        for index in longest_first:
            size, count = sizes[index], shown[index]
            more = 0 if count is None else count + 1
            if more <= len(size.rows) and (step := size.cost(more) - spent[index]) <= left:
                shown[index], spent[index], left, grew = more, size.cost(more), left - step, True
    return shown
