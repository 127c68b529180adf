"""One request for each operation that the fresh books carry out, by the operation's name.

A module per toolset; each function prepares what it needs over HTTP and says what to send. The function is called as
the operation is in `tests/reference/contract.json`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from inspect import isfunction
from pathlib import Path
from pkgutil import iter_modules
from typing import Any


@dataclass(frozen=True)
class Sent:
    """What goes out: path placeholders by their names in the reference, query, JSON body, multipart files."""

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    files: Any = None


Example = Callable[[Any], Sent]


def examples() -> dict[str, Example]:
    """All requests by operation."""
    found: dict[str, Example] = {}
    for module in iter_modules([str(Path(__file__).parent)]):
        name = f"{__name__}.{module.name}"
        own = (value for value in vars(import_module(name)).values() if isfunction(value) and value.__module__ == name)
        found |= {function.__name__: function for function in own if not function.__name__.startswith("_")}
    return found
