"""What an answer says, read as a model reads it: facts, and tables with their rows."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_HEADING = re.compile(r"(?P<name>[a-z_]+)(?:, \d+ of \d+ shown(?:[^:]|://|: luminous)*| \(\d+\))?:")
_FACT = re.compile(r"(?P<name>[a-z_.]+(?:, [a-z ,:]+)?): (?P<value>.*)")


@dataclass
class Said:
    """An answer. The rows of a list tool are the table `rows`."""

    facts: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)


def read_text(text: str) -> Said:
    """The answer in the text of a result."""
    said = Said()
    lines = text.partition("<data>\n")[2].partition("</data>")[0].splitlines()
    while lines:
        line = lines.pop(0)
        if heading := _HEADING.fullmatch(line):
            said.tables[heading["name"]] = _rows(lines)
        elif fact := _FACT.fullmatch(line):
            said.facts[fact["name"]] = fact["value"]
        else:
            said.tables["rows"] = _rows([line, *lines])
            break
    return said


def _rows(lines: list[str]) -> list[dict[str, str]]:
    """The rows of a table, taken off the lines up to the next heading."""
    block: list[str] = []
    while lines and not _HEADING.fullmatch(lines[0]):
        block.append(lines.pop(0))
    return list(csv.DictReader(block))


def read_structured(content: Mapping[str, Any]) -> Said:
    """The same in structured content."""
    tables = {name: each["rows"] for name, each in content.get("tables", {}).items()}
    if "rows" in content:
        tables["rows"] = content["rows"]
    facts = {name: _text(value) for name, value in {**content.get("facts", {}), **content.get("record", {})}.items()}
    return Said(facts, {name: [_cells(row) for row in rows] for name, rows in tables.items()})


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return " + ".join(f"{amount} {currency}".rstrip() for currency, amount in sorted(value.items())) or "0.00"
    return value if isinstance(value, str) else json.dumps(value)
