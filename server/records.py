"""The journal and what waits for a second person, for people at a terminal."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.table import Table

from server.assembly import local_principal, now
from server.guard.entries import Proposal, Written
from server.guard.journal import Journal
from server.guard.plan import PlanRefusedError
from server.listing import console
from server.text import clean

SOUND, ALTERED, REFUSED = 0, 1, 1


def print_journal(path: Path, limit: int, *, as_json: bool, **wanted: str | None) -> None:
    """The latest writes that fit, oldest first."""
    if not path.exists():
        click.echo("[]" if as_json else f"Nothing was written yet ({path}).")
        return
    with _opened(path) as journal:
        writes = journal.writes(limit, **wanted)[::-1]
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in writes], indent=1, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "when", "who", "company", "what", "money", "outcome"):
        table.add_column(column, overflow="fold")
    for each in writes:
        table.add_row(*_line(each))
    console().print(table)


def verify(path: Path) -> int:
    """Say whether every row is as it was written; the exit code."""
    if not path.exists():
        click.echo(f"Nothing was written yet ({path}).")
        return SOUND
    with _opened(path) as journal:
        count, wrong = journal.verify()
    click.echo(
        f"{wrong}. The {count:,} rows before it are sound." if wrong else f"{count:,} rows, all as they were written."
    )
    return ALTERED if wrong else SOUND


def print_proposals(path: Path) -> None:
    """What waits for a second person."""
    with _opened(path) as journal:
        waiting = journal.proposals()
    for each in waiting:
        click.echo(_proposal(each))
    if not waiting:
        click.echo("Nothing waits for a second person.")


def approve(path: Path, plan_id: str, *, agreed: bool) -> int:
    """Show what a plan would do and let this user agree to it; the exit code."""
    with _opened(path) as journal:
        found = next((each for each in journal.proposals() if each.plan_id == plan_id), None)
        if found is not None:
            click.echo(_proposal(found))
            if not agreed and not click.confirm("Agree to this as the second person?"):
                click.echo("Not agreed; nothing was changed.")
                return REFUSED
        try:
            journal.approve(plan_id, local_principal())
        except PlanRefusedError as error:
            click.echo(str(error), err=True)
            return REFUSED
    click.echo("Agreed. Who asked for it now confirms the plan again, and it is carried out.")
    return SOUND


@contextmanager
def _opened(path: Path) -> Iterator[Journal]:
    journal = Journal(path, now)
    try:
        yield journal
    finally:
        journal.close()


def _proposal(proposal: Proposal) -> str:
    lines = [f"{proposal.plan_id}  {proposal.company}  asked for by {proposal.principal}, until {proposal.expires_at}"]
    for number, write in enumerate(proposal.writes, 1):
        money = f", {write['money']}" if write["money"] else ""
        lines.append(f"  {number}. {clean(write['summary'], 300)}{money}")
        lines += [f"     warning: {clean(each, 300)}" for each in write["warnings"]]
        lines += [f"     consequence: {clean(each, 300)}" for each in write.get("consequences", ())]
        lines += [f"     {each['field']}: {each['before']} -> {each['after']}" for each in write["changes"][:20]]
    return "\n".join(lines)


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


def since(text: str) -> str:
    """A day or a moment as the journal writes it. Raises ValueError."""
    moment = dt.datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.astimezone()
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
