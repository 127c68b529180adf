"""What the command line does with a sandbox: serve it, or check its books."""

import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Select, func, select

from server.sandbox.books import FORMAT, Books, BooksError
from server.sandbox.faults import FaultsError, read_rules
from server.sandbox.serve import serve
from server.sandbox.size import IN_A_FILE
from server.sandbox.tables import metadata

UNSOUND = 1


class SandboxError(Exception):
    """The sandbox cannot do what was asked; the text says why."""


def serve_books(
    path: Path | None,
    *,
    seed: int,
    size: str,
    faults: Path | None = None,
    features_off: Collection[str] = (),
    **options: Any,
) -> None:
    """Serve the books until told to stop, without `features_off`; `options` are those of `serve`.

    Raises SandboxError.
    """
    try:
        rules = read_rules(faults) if faults else None
        with _opened(path, seed, size) as books:
            books.switch_features(features_off)
            serve(books, faults=rules, **options)
    except (BooksError, FaultsError) as error:
        raise SandboxError(str(error)) from error
    except OSError as error:
        raise SandboxError(f"port {options.get('port')}: {error.strerror or error}") from error


def print_audit(path: Path | None, *, seed: int, size: str) -> int:
    """Say how many records there are and what is wrong with them; the exit code."""
    from server.sandbox.audit import audit

    try:
        with _opened(path, seed, size) as books:
            with books.transaction() as connection:
                counts = [connection.execute(query).scalar_one() for query in _counts()]
            wrong = audit(books)
    except BooksError as error:
        raise SandboxError(str(error)) from error
    for said in wrong:
        click.echo(said)
    click.echo(f"{sum(counts):,} records: {f'{len(wrong):,} faults' if wrong else 'the books are sound'}.")
    return UNSOUND if wrong else 0


def _counts() -> list[Select[Any]]:
    tables = [table for table in metadata.sorted_tables if table.name != "about"]
    return [select(func.count()).select_from(table) for table in tables]


@contextmanager
def _opened(path: Path | None, seed: int, size: str) -> Iterator[Books]:
    if path is not None or size not in IN_A_FILE:
        with Books.open(path, seed=seed, size=size) as books:
            yield books
        return
    # Too large for memory and for making anew each time: a copy of what was made once, thrown away afterwards.
    with tempfile.TemporaryDirectory(prefix="luminous-sandbox-") as folder:
        own = Path(folder) / "company.books"
        shutil.copyfile(_made_once(seed, size), own)
        with Books.open(own, seed=seed, size=size) as books:
            yield books


def _made_once(seed: int, size: str) -> Path:
    from platformdirs import user_cache_path

    folder = user_cache_path("luminous-mcp", appauthor=False, ensure_exists=True)
    path = folder / f"{size}-{seed}-{FORMAT}.books"
    Books.open(path, seed=seed, size=size).close()
    return path
