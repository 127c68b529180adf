"""Names that any host takes, made from names as APIs spell them."""

from __future__ import annotations

import keyword
import re
from collections.abc import Container

LENGTH = 64


def snake(name: str) -> str:
    """A name in snake_case: small ASCII letters, digits and underscores; empty where nothing is left."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def portable(name: str, otherwise: str, taken: Container[str]) -> str:
    """A name of at most 64 characters that begins with a letter, is no word of Python and is not taken."""
    made = snake(name) or otherwise
    if not made[0].isalpha():
        made = f"{otherwise}_{made}"
    made = made[:LENGTH].rstrip("_")
    if keyword.iskeyword(made):
        made = f"{made}_"
    candidate, number = made, 2
    while candidate in taken:
        ending = f"_{number}"
        candidate, number = f"{made[: LENGTH - len(ending)]}{ending}", number + 1
    return candidate
