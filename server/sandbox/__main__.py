"""`python -m server.sandbox`: the sandbox as a process of its own."""

from pathlib import Path

import click

from server.sandbox.command import SandboxError, serve_books
from server.sandbox.size import DEFAULT_SIZE, SIZES


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--books", "path", type=click.Path(path_type=Path, dir_okay=False), help="File to keep the books in.")
@click.option("--seed", default=1, show_default=True, help="What the books are generated from.")
@click.option("--size", type=click.Choice(list(SIZES)), default=DEFAULT_SIZE, show_default=True, help="How large.")
@click.option("--faults", type=click.Path(path_type=Path, dir_okay=False), help="File of rules for what goes wrong.")
@click.option("--feature-off", "features_off", multiple=True, metavar="NAME", help="Without this feature; repeatable.")
@click.option("--token", default="sandbox", show_default=True, help="Bearer token that callers must send.")
@click.option("--until-stdin-closes", is_flag=True, help="End when standard input does.")
def main(
    host: str,
    port: int,
    path: Path | None,
    seed: int,
    size: str,
    faults: Path | None,
    features_off: tuple[str, ...],
    token: str,
    until_stdin_closes: bool,
) -> None:
    """Serve a stand-in for the Luminous and BillDiary APIs."""
    options = {"host": host, "port": port, "token": token, "until_stdin_closes": until_stdin_closes}
    try:
        serve_books(path, seed=seed, size=size, faults=faults, features_off=features_off, **options)
    except SandboxError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m server.sandbox")
