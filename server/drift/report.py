"""What a comparison found, for a person, a pipe or a program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.drift.compare import Comparison, Difference
from server.drift.source import Spec

UNCONFIRMED = "inferred, not confirmed"


def print_report(spec: Spec, found: Comparison, adopted: Path | None, left: Sequence[str], *, as_json: bool) -> None:
    """Print it. adopted: where an overlay was stored; left: operations that it could not take."""
    if as_json:
        click.echo(json.dumps(_members(spec, found, adopted, left), indent=1, ensure_ascii=False))
        return
    rows = [_row(each.kind.value, each) for each in found.differences]
    rows += [_row(f"{UNCONFIRMED}: {each.kind.value}", each) for each in found.unconfirmed]
    console = Console()
    if rows and console.is_terminal:
        table = Table(box=None, pad_edge=False)
        for column in ("what", "tool", "field or operation", "here", "in the file"):
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
    elif rows:
        click.echo("\n".join("\t".join(row).rstrip("\t") for row in rows))
    click.echo(_summary(spec, found))
    if adopted is not None:
        click.echo(f"Adopted into {adopted}. A server that runs takes it up when it starts again.")
    for each in left:
        click.echo(f"Not adopted, its body is no object: {each}")


def _row(what: str, difference: Difference) -> tuple[str, ...]:
    place = difference.field or difference.operation
    return what, difference.tool, place, difference.before, difference.after


def _summary(spec: Spec, found: Comparison) -> str:
    title = " ".join(part for part in (spec.title, spec.version) if part) or "the file"
    return (
        f"{title}: {len(found.differences)} differences, {len(found.unconfirmed)} {UNCONFIRMED};"
        f" {len(found.pairs)} operations are in both"
    )


def _members(spec: Spec, found: Comparison, adopted: Path | None, left: Sequence[str]) -> dict[str, Any]:
    return {
        "spec": {"title": spec.title, "version": spec.version, "sha256": spec.sha256},
        "in_both": len(found.pairs),
        "differences": [asdict(each) for each in found.differences],
        "unconfirmed": [asdict(each) for each in found.unconfirmed],
        "adopted": str(adopted) if adopted is not None else None,
        "not_adopted": list(left),
    }
