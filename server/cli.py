"""The one command, luminous-mcp. Heavy imports stay inside the commands that need them."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import anyio
import click

from server import __version__, settings
from server.answers.answer import Output
from server.calls import Surface
from server.guard.modes import Writes
from server.sandbox.size import DEFAULT_SIZE, SIZES

if TYPE_CHECKING:
    from server.embedded import EmbeddedSandbox
    from server.settings import Settings

_SURFACE_HELP = """Which tools a host sees. full (default): every operation. compact: search, describe and call."""

F = TypeVar("F", bound=Callable[..., Any])

USAGE = 2

_WRITES_HELP = """What happens to writes. off: none. strict: a person approves each in the client.
ask: the person is asked, or a plan is confirmed in a second step. allow: at once."""


def _server_options(command: F) -> F:
    options = [
        click.option("--sandbox", is_flag=True, default=None, help="Use the embedded books; no account needed."),
        click.option("--seed", type=int, help="Which books the sandbox makes up."),
        click.option("--size", type=click.Choice(list(SIZES)), help="How large the sandbox's books are."),
        click.option("--books", type=click.Path(path_type=Path), help="Keep the sandbox's books in this file."),
        click.option("--writes", type=click.Choice([each.value for each in Writes]), help=_WRITES_HELP),
        click.option(
            "--output", type=click.Choice([each.value for each in Output]), help="What tool results hold; default text."
        ),
        click.option("--surface", type=click.Choice([each.value for each in Surface]), help=_SURFACE_HELP),
        click.option("--toolsets", metavar="A,B", help="Only these toolsets; luminous-mcp tools names them."),
        click.option("--tools", metavar="X,Y", help="Only these tools, besides the toolsets named."),
        click.option("--exclude-tools", metavar="Z", help="Without these tools."),
        click.option(
            "--files",
            multiple=True,
            type=click.Path(path_type=Path),
            callback=lambda context, parameter, value: value or None,
            help="A folder that files may be read from and saved to; may be repeated. None by default.",
        ),
        click.option("--policy", type=click.Path(path_type=Path), help="Rules for writes: a TOML file."),
        click.option("--state", type=click.Path(path_type=Path), help="Where the journal is kept: a file or a folder."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="luminous-mcp", prog_name="luminous-mcp")
@_server_options
@click.pass_context
def main(context: click.Context, /, **given: Any) -> None:
    """MCP server for Luminous. Without a command: serve on standard input and output."""
    context.obj = given
    if context.invoked_subcommand is None:
        _serve(_settings(given), None)


@main.command()
@click.option("--http", "address", metavar="HOST:PORT", help="Streamable HTTP at /mcp on this machine.")
@_server_options
@click.pass_context
def serve(context: click.Context, /, address: str | None, **given: Any) -> None:
    """Serve MCP: on standard input and output, or over HTTP."""
    _serve(_settings(context.obj, given), _address(address) if address else None)


@main.command()
@_server_options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def tools(context: click.Context, /, as_json: bool, **given: Any) -> None:
    """What is registered: tools by toolset, with effect, evidence and token cost."""
    from server.listing import print_tools
    from tools.catalogue import UnknownNameError

    chosen = _settings(context.obj, given)
    try:
        print_tools(chosen, as_json=as_json)
    except (settings.SettingsError, UnknownNameError) as error:
        _fail(str(error))


@main.command()
@click.argument("tool")
@click.argument("arguments", metavar="JSON", default="{}")
@click.option("--yes", is_flag=True, help="Carry a write out without asking.")
@_server_options
@click.pass_context
def call(context: click.Context, /, tool: str, arguments: str, yes: bool, **given: Any) -> None:
    """Call one tool: luminous-mcp call get_bill '{"bill_id": 17}'.

    A write shows its plan and asks; where nobody can be asked it changes nothing and exits with 3.
    """
    from server.shell import call_tool

    chosen = _settings(context.obj, given)
    with _sandbox(chosen) as sandbox:
        code = anyio.run(call_tool, chosen, sandbox, tool, arguments, yes)
    context.exit(code)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: any free one.")
@click.option("--books", type=click.Path(path_type=Path), help="Keep the books in this file.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which books to make up.")
@click.option(
    "--size", type=click.Choice(list(SIZES)), default=DEFAULT_SIZE, show_default=True, help="How large they are."
)
@click.option("--faults", type=click.Path(path_type=Path), help="File of rules for what goes wrong (TOML).")
@click.option("--feature-off", "features_off", multiple=True, metavar="NAME", help="Without this feature; repeatable.")
@click.option("--audit", is_flag=True, help="Check that the books are sound, and end; 1 when they are not.")
@click.option("--openapi", is_flag=True, help="Print the API's OpenAPI 3.1 document, and end.")
def sandbox(
    port: int,
    books: Path | None,
    seed: int,
    size: str,
    faults: Path | None,
    features_off: tuple[str, ...],
    audit: bool,
    openapi: bool,
) -> None:
    """Serve the embedded API for any HTTP client (token: sandbox)."""
    if openapi:
        from server.openapi import document

        click.echo(document())
        return
    from server.sandbox.command import SandboxError, print_audit, serve_books

    try:
        if audit:
            sys.exit(print_audit(books, seed=seed, size=size))
        serve_books(books, seed=seed, size=size, port=port, faults=faults, features_off=features_off)
    except SandboxError as error:
        _fail(str(error))


@main.command()
@_server_options
@click.pass_context
def doctor(context: click.Context, /, **given: Any) -> None:
    """Is the company reachable, is the key good, what may it do."""
    from server.doctor import examine

    chosen = _settings(context.obj, given)
    with _sandbox(chosen) as embedded:
        context.exit(anyio.run(examine, chosen, embedded))


@main.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--since", metavar="DATE", help="Only writes since that day or moment.")
@click.option("--tool", help="Only writes of that tool.")
@click.option("--record", metavar="ID", help="Only writes to, or that made, that record.")
@click.option("--outcome", type=click.Choice(["done", "failed", "unknown", "begun"]), help="Only those.")
@click.option("--verify", is_flag=True, help="Check that no row was altered, and end; 1 when one was.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@_server_options
@click.pass_context
def journal(
    context: click.Context,
    /,
    limit: int,
    since: str | None,
    tool: str | None,
    record: str | None,
    outcome: str | None,
    verify: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """What was written, when, by whom, with which outcome."""
    from server import records

    path = _journal_file(_settings(context.obj, given))
    if verify:
        context.exit(records.verify(path))
    try:
        moment = records.since(since) if since else None
    except ValueError:
        _fail(f"--since takes a day or a moment, such as 2026-11-20, not {since!r}")
    records.print_journal(path, limit, as_json=as_json, since=moment, tool=tool, record=record, outcome=outcome)


@main.command()
@click.argument("plan_id", required=False)
@click.option("--yes", is_flag=True, help="Agree without being asked.")
@_server_options
@click.pass_context
def approve(context: click.Context, /, plan_id: str | None, yes: bool, **given: Any) -> None:
    """Agree to a write as its second person; without PLAN_ID: list what waits."""
    from server import records

    path = _journal_file(_settings(context.obj, given))
    if plan_id is None:
        records.print_proposals(path)
        return
    context.exit(records.approve(path, plan_id, agreed=yes))


@main.group()
def policy() -> None:
    """Rules for writes."""


@policy.command("explain")
@click.argument("tool")
@click.argument("arguments", metavar="JSON", default="{}")
@_server_options
@click.pass_context
def explain_policy(context: click.Context, /, tool: str, arguments: str, **given: Any) -> None:
    """Say which rule decides about a call, and why. Sends nothing; 1 when it would be refused."""
    from server.explain import explain
    from tools.arguments import InvalidArgumentsError
    from tools.catalogue import UnknownToolError

    chosen = _settings(context.find_root().obj, given)
    try:
        wanted = json.loads(arguments)
        if not isinstance(wanted, dict):
            raise ValueError("they must be a JSON object")
    except ValueError as error:
        _fail(f"the arguments: {error}")
    try:
        context.exit(explain(chosen, tool, wanted))
    except (settings.SettingsError, UnknownToolError, InvalidArgumentsError) as error:
        _fail(str(error))


@main.command()
@click.option("--billdiary", is_flag=True, help="The token of BillDiary instead of Luminous's key.")
@click.option("--company", help="The company that the key is for; default LUMINOUS_COMPANY.")
@click.option("--forget", is_flag=True, help="Drop what was kept.")
def login(billdiary: bool, company: str | None, forget: bool) -> None:
    """Keep a key in the system's keyring instead of the environment."""
    from pydantic import SecretStr

    from server import credentials

    name = credentials.BILLDIARY if billdiary else credentials.LUMINOUS
    company = None if billdiary else company or os.environ.get("LUMINOUS_COMPANY")
    if not billdiary and not company:
        _fail("name the company: --company acme, or LUMINOUS_COMPANY")
    try:
        if forget:
            click.echo("Dropped." if credentials.forget(name, company) else "There was none.")
            return
        secret = SecretStr(click.prompt(name, hide_input=True).strip())
        credentials.keep(name, secret, company)
    except credentials.KeyringFailedError as error:
        _fail(str(error))
    click.echo("Kept. luminous-mcp doctor tests it.")


@main.command()
@click.argument("spec", required=False)
@click.option("--adopt", is_flag=True, help="Make tools and arguments of what is new; kept until --forget.")
@click.option("--forget", is_flag=True, help="Drop what was adopted.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--state", type=click.Path(path_type=Path), help="Where it is kept: beside the journal.")
@click.pass_context
def drift(context: click.Context, /, spec: str | None, adopt: bool, forget: bool, as_json: bool, **given: Any) -> None:
    """Compare the tools with the vendor's OpenAPI file (path or https URL). Exits with 1 when anything differs."""
    path = _settings(context.obj, given).overlay_file
    if path is None:
        _fail("A sandbox without --state keeps nothing; name the folder with --state.")
    if (spec is None) is not forget or (forget and (adopt or as_json)):
        _fail("drift takes an OpenAPI file, or --forget alone")
    from server.drift import command
    from server.drift.source import SpecError

    try:
        context.exit(command.drift(spec, path, adopt=adopt, as_json=as_json) if spec else command.forget(path))
    except (SpecError, OSError) as error:
        _fail(str(error))
    except ValueError as error:
        _fail(f"{path}: {error}; luminous-mcp drift --forget drops it")


@main.command()
@click.pass_context
def demo(context: click.Context, /) -> None:
    """A question, a list, a guarded payment: step by step on the embedded books."""
    from server.demo import run_demo

    context.exit(anyio.run(run_demo))


def _settings(*given: dict[str, Any]) -> Settings:
    merged = {name: value for each in given for name, value in each.items() if value is not None}
    try:
        return settings.load(**merged)
    except settings.SettingsError as error:
        _fail(str(error))


def _journal_file(chosen: Settings) -> Path:
    path = chosen.journal_file
    if path is None:
        _fail("A sandbox without --state keeps its journal in memory; name the file with --state.")
    return path


def _fail(message: str) -> NoReturn:
    click.echo(f"luminous-mcp: {message}", err=True)
    sys.exit(USAGE)


def _address(text: str) -> tuple[str, int]:
    from server.upstream.connection import is_loopback

    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdigit() or not 0 < int(port) < 65536:
        _fail(f"--http takes HOST:PORT, such as 127.0.0.1:8000, not {text!r}")
    if not is_loopback(host):
        _fail(f"--http serves this machine only (127.0.0.1, ::1, localhost), not {host!r}: it has no authentication")
    return host, int(port)


@contextmanager
def _sandbox(chosen: Settings) -> Iterator[EmbeddedSandbox | None]:
    """The sandbox process, if one is asked for. It loads its books while this process starts."""
    from server import assembly
    from server.embedded import EmbeddedSandbox, SandboxFailedError

    try:
        assembly.check(chosen)
    except settings.SettingsError as error:
        _fail(str(error))
    embedded = EmbeddedSandbox(seed=chosen.seed, size=chosen.size, books=chosen.books) if chosen.sandbox else None
    try:
        yield embedded
    except SandboxFailedError as error:
        _fail(str(error))
    finally:
        if embedded is not None:
            embedded.close()


def _serve(chosen: Settings, address: tuple[str, int] | None) -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with _sandbox(chosen) as embedded:
        # uvloop answers calls in about half the time; it does not exist on Windows.
        backend = {"use_uvloop": _has_uvloop()}
        try:
            anyio.run(_serve_until_closed, chosen, embedded, address, backend_options=backend)
        except KeyboardInterrupt:
            sys.exit(130)


def _has_uvloop() -> bool:
    try:
        import uvloop  # noqa: F401
    except ImportError:
        return False
    return True


async def _serve_until_closed(
    chosen: Settings, embedded: EmbeddedSandbox | None, address: tuple[str, int] | None
) -> None:
    from server.app import build_server
    from server.assembly import assemble, local_principal

    async with assemble(chosen, embedded) as calls:
        # Over HTTP too: who serves on this machine must not be taken for a second person by `approve`.
        principal = local_principal()
        server = build_server(calls, chosen.output, lambda: principal)
        async with anyio.create_task_group() as background:
            journal = chosen.journal_file
            if journal is not None and journal.exists():
                # What a killed process left open is looked into beside the first calls.
                background.start_soon(calls.guard.settlement.at_start)
            if address is None:
                from server.transports.stdio import serve_stdio

                await serve_stdio(server)
            else:
                from server.transports.http import serve_http

                await serve_http(server, *address)
            background.cancel_scope.cancel()
