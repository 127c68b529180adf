"""One tool call from the shell, with the person at the terminal as the one who approves."""

from __future__ import annotations

import json
import sys

import click

from server.answers.answer import Answer, Output
from server.answers.writes import plan_text
from server.assembly import assemble, local_principal
from server.caller import Caller
from server.embedded import EmbeddedSandbox
from server.guard.modes import Writes
from server.settings import Settings

DONE, FAILED, USAGE, PENDING = 0, 1, 2, 3


async def call_tool(
    settings: Settings, sandbox: EmbeddedSandbox | None, tool: str, arguments: str, agreed: bool
) -> int:
    """Call a tool and print the answer. Returns the exit code."""
    try:
        given = json.loads(arguments)
    except ValueError as error:
        click.echo(f"luminous-mcp: the arguments are no JSON: {error}", err=True)
        return USAGE
    if not isinstance(given, dict):
        click.echo("luminous-mcp: the arguments must be a JSON object", err=True)
        return USAGE
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    async with assemble(settings, sandbox) as calls:
        if agreed and calls.writes in (Writes.ASK, Writes.STRICT):
            calls.guard.writes = Writes.ALLOW
        caller = Caller(local_principal(), can_ask=at_terminal)
        result = await calls.call(tool, given, caller)
        if not isinstance(result, Answer):
            click.echo(plan_text(result))
            result = await calls.settle(result.id, click.confirm("Carry this out?"), caller)
    pending = result.structured.get("status") == "confirmation_required"
    _show(result, settings.output)
    if pending:
        click.echo("Nobody could be asked here, so nothing was changed; --yes carries it out.", err=True)
        return PENDING
    return FAILED if result.is_error else DONE


def _show(answer: Answer, output: Output) -> None:
    if output is Output.TEXT:
        click.echo(answer.text)
    else:
        click.echo(json.dumps(answer.structured, indent=1, ensure_ascii=False))
