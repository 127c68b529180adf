"""Tables for people: what is registered, and what was written."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from server.assembly import now, served
from server.guard.guard import Writes
from server.guard.journal import Journal, Written
from server.settings import Settings

_CHARACTERS = 4.15
"""Of compact JSON Schema in a token of current encodings (measured with o200k)."""


def print_tools(settings: Settings, *, as_json: bool) -> None:
    """Every tool that the settings leave, by toolset. Token costs are estimates of what a model is shown."""
    enabled = served(settings).narrowed(
        toolsets=settings.toolsets, tools=settings.tools, exclude_tools=settings.exclude_tools
    )
    if settings.writes is Writes.OFF:
        enabled = enabled.reads_only()
    rows = [
        {
            "toolset": entry.toolset,
            "tool": entry.name,
            "effect": entry.effect,
            "evidence": entry.evidence,
            "tokens": round(len(json.dumps(_shown(entry.definition), separators=(",", ":"))) / _CHARACTERS),
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
    click.echo(f"{len(rows)} tools in {len(enabled.toolsets)} toolsets, about {total} tokens")


def print_journal(path: Path, limit: int, *, as_json: bool) -> None:
    """The latest writes, oldest first."""
    if not path.exists():
        click.echo("[]" if as_json else f"Nothing was written yet ({path}).")
        return
    journal = Journal(path, now)
    try:
        writes = journal.writes(limit)[::-1]
    finally:
        journal.close()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in writes], indent=1, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "when", "who", "company", "what", "money", "outcome"):
        table.add_column(column, overflow="fold")
    for each in writes:
        table.add_row(*_line(each))
    console().print(table)


def _line(written: Written) -> tuple[str, ...]:
    money = f"{written.amount} {written.currency or ''}".rstrip() if written.amount else ""
    outcome = written.status or "begun, no outcome recorded"
    return (
        str(written.id),
        written.at,
        written.principal,
        written.company,
        written.summary,
        money,
        outcome if not written.detail else f"{outcome} ({written.detail})",
    )


def _shown(definition: Any) -> dict[str, Any]:
    return {key: definition[key] for key in ("name", "description", "inputSchema")}


def console() -> Console:
    """A console that is wide in a pipe, so that plain text is not folded."""
    wide = Console()
    return wide if wide.is_terminal else Console(width=200, highlight=False)
