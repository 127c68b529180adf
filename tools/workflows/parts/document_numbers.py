"""Numbers of bills and orders as people write them."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema


def _reference(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Reference = Annotated[
    str, BeforeValidator(_reference), Field(min_length=1, max_length=255), WithJsonSchema({"type": "string"})
]
"""An id or a number of a document; a JSON number is taken too."""


def runs(number: str) -> list[str]:
    """The letters and the digits of a document's number, apart: `INV-0045` is inv, 45."""
    text = unicodedata.normalize("NFKC", number).casefold()
    return [_unpadded(run) for run in re.findall(r"\d+|[^\W\d_]+", text)]


def _unpadded(run: str) -> str:
    return run.lstrip("0") or "0" if run.isdecimal() else run


def is_alike(one: str, other: str) -> bool:
    """Whether two numbers differ in capitals, signs and leading zeros only."""
    return bool(runs(one)) and (runs(one) == runs(other) or _joined(one) == _joined(other))


def _joined(number: str) -> list[str]:
    return runs(re.sub(r"[\W_]+", "", number))


def ending(number: str) -> str:
    """The last digits of a number, without leading zeros; empty where it has none.

    Other spellings contain it, but for those with a sign between these digits.
    """
    digits = re.findall(r"[0-9]+", number)
    return _unpadded(digits[-1]) if digits else ""


def tail(number: str) -> str:
    """The last two of these digits: what even those spellings contain that have signs between digits."""
    return ending(number)[-2:]
