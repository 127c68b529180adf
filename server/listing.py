"""Tables for people: what is registered, and what was written."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from server.assembly import served
from server.guard.modes import Writes
from server.settings import Settings
from tools.catalogue import WORKFLOWS

_CHARACTERS = 4.3
"""Of compact JSON Schema in a token of current encodings (measured with o200k)."""


def print_tools(settings: Settings, *, as_json: bool) -> None:
    """Every tool that the settings leave, by toolset. Token costs are estimates of what a model is shown."""
    enabled = served(settings).narrowed(
        toolsets=settings.toolsets, tools=settings.tools, exclude_tools=settings.exclude_tools
    )
    if settings.writes is Writes.OFF:
        enabled = enabled.reads_only()
    rows = [_workflow(entry.name, entry.definition) for entry in enabled.workflows.values()]
    rows += [
        {
            "toolset": entry.toolset,
            "tool": entry.name,
            "effect": entry.effect,
            "evidence": entry.evidence,
            "tokens": _tokens(entry.definition),
            "description": entry.definition["description"],
        }
        for entry in enabled
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    columns = ("toolset", "tool", "effect", "evidence", "tokens")
    for column in columns:
        table.add_column(column, justify="right" if column == "tokens" else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(str(row[name]) for name in columns))
    console().print(table)
    total = sum(int(str(row["tokens"])) for row in rows)
    click.echo(f"{len(rows)} tools in {len({row['toolset'] for row in rows})} toolsets, about {total} tokens")


def _workflow(name: str, definition: Any) -> dict[str, Any]:
    known = {"toolset": WORKFLOWS, "tool": name, "effect": "read", "evidence": ""}
    return {**known, "tokens": _tokens(definition), "description": definition["description"]}


def _tokens(definition: Any) -> int:
    return round(len(json.dumps(_shown(definition), separators=(",", ":"))) / _CHARACTERS)


def _shown(definition: Any) -> dict[str, Any]:
    return {key: definition[key] for key in ("name", "description", "inputSchema")}


def console() -> Console:
    """A console that is wide in a pipe, so that plain text is not folded."""
    wide = Console()
    return wide if wide.is_terminal else Console(width=200, highlight=False)
