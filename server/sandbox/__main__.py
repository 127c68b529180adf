"""`python -m server.sandbox`: the sandbox as a process of its own."""

from pathlib import Path

import click

from server.sandbox.books import Books, BooksError
from server.sandbox.serve import serve


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--books", "path", type=click.Path(path_type=Path, dir_okay=False), help="File to keep the books in.")
@click.option("--seed", default=1, show_default=True, help="What the books are generated from.")
@click.option("--token", default="sandbox", show_default=True, help="Bearer token that callers must send.")
@click.option("--until-stdin-closes", is_flag=True, help="End when standard input does.")
def main(host: str, port: int, path: Path | None, seed: int, token: str, until_stdin_closes: bool) -> None:
    """Serve a stand-in for the Luminous API."""
    try:
        with Books.open(path, seed=seed) as books:
            serve(books, host=host, port=port, token=token, until_stdin_closes=until_stdin_closes)
    except (BooksError, OSError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m server.sandbox")
