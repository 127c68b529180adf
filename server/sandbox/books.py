"""The books: one SQLite database with everything the stand-in company has on record."""

import hashlib
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, StaticPool, create_engine, event, insert, literal_column, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.schema import CreateIndex, CreateTable

from server.sandbox import features
from server.sandbox.seeds import generate
from server.sandbox.size import CLOSING_DAY, DEFAULT_SIZE, SIZES, Size
from server.sandbox.tables import metadata
from server.sandbox.tables.about import about as about_table

FORMAT = "4"
"""Changes whenever the tables or the generated content change; other files are refused."""

_SQLITE = b"SQLite format 3\0"

Clock = Callable[[], datetime]


class BooksError(Exception):
    """The file cannot be used as books; the text says why."""


def utc_now() -> datetime:
    """The time of day in the real world."""
    return datetime.now(UTC)


class Books:
    """One company's books, in memory or in a file, used by a single process.

    Requests are worked off one after the other, each in a transaction of its own.
    """

    def __init__(self, engine: Engine, *, seed: int, size: Size, clock: Clock) -> None:
        self._engine = engine
        self.seed = seed
        self.size = size
        self.clock = clock
        self.today: date = CLOSING_DAY

    @classmethod
    def open(
        cls, path: Path | None = None, *, seed: int = 1, size: str = DEFAULT_SIZE, clock: Clock = utc_now
    ) -> "Books":
        """Open the books in `path` as they were left, or generate them from `seed`; in memory without a path.

        Raises BooksError for a file that is not books, was generated from another seed or size, or is in use.
        """
        wanted = SIZES[size]
        if path is None:
            engine = _engine(None)
            _generate(engine, seed, wanted)
            return cls(engine, seed=seed, size=wanted, clock=clock)
        if not path.exists():
            _generate_file(path, seed, wanted)
        _require_database(path)
        engine = _engine(path)
        try:
            _verify(engine, path, seed, wanted)
        except BooksError:
            engine.dispose()
            raise
        return cls(engine, seed=seed, size=wanted, clock=clock)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        with self._engine.begin() as connection:
            yield connection

    def switch_features(self, off: Collection[str] = ()) -> None:
        """Take these features out of the company's plan and put in all others. Raises BooksError for unknown ones."""
        with self.transaction() as connection:
            for name in (*features.FEATURES, *off):
                try:
                    features.switch(connection, name, on=name not in off)
                except LookupError as error:
                    raise BooksError(str(error)) from error

    def fingerprint(self) -> str:
        """A digest of every row as it is stored: equal for equal books."""
        digest = hashlib.sha256()
        with self.transaction() as connection:
            for _, table in sorted(metadata.tables.items()):
                digest.update(table.name.encode())
                stored: Select[Any] = (
                    select(literal_column("*")).select_from(table).order_by(*table.primary_key.columns)
                )
                for row in connection.execute(stored):
                    digest.update(repr(tuple(row)).encode())
        return digest.hexdigest()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> "Books":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _engine(path: Path | None) -> Engine:
    # One connection for good: in memory it is the database, on disk it keeps other processes out.
    engine = create_engine(
        f"sqlite:///{path or ':memory:'}", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # sqlite3 would open its transactions too late
        connection.execute("PRAGMA foreign_keys = ON")
        # SQLite's own lower() knows ASCII letters only.
        connection.create_function("casefold", 1, _casefold, deterministic=True)
        if path is not None:
            connection.execute("PRAGMA busy_timeout = 250")
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _casefold(text: str | None) -> str | None:
    return text.casefold() if text is not None else None


def _generate(engine: Engine, seed: int, size: Size) -> None:
    about = {"format": FORMAT, "seed": str(seed), "size": size.name, "closing_day": CLOSING_DAY.isoformat()}
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table))
        connection.execute(insert(about_table), [{"key": key, "value": value} for key, value in about.items()])
        generate(connection, seed, size)
        # Afterwards: an index is built from sorted rows in a fraction of the time it takes to keep it sorted.
        for table in metadata.sorted_tables:
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                connection.execute(CreateIndex(index))
        connection.exec_driver_sql("ANALYZE")


def _generate_file(path: Path, seed: int, size: Size) -> None:
    # Complete or not there at all: an interrupted run leaves no half-made books under the name.
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    engine = _engine(unfinished)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
        _generate(engine, seed, size)
    except DatabaseError as error:
        raise BooksError(f"{path} could not be written: {error.orig}.") from error
    finally:
        engine.dispose()
    unfinished.replace(path)


def _require_database(path: Path) -> None:
    # SQLite takes an empty file for a new database and would write to it.
    try:
        with path.open("rb") as file:
            known = file.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise BooksError(f"{path} cannot be read: {error.strerror}.") from error
    if not known:
        raise BooksError(f"{path} is not a books file.")


def _verify(engine: Engine, path: Path, seed: int, size: Size) -> None:
    """Make sure the database holds books of this seed and size before anything in it is touched, then take it over."""
    found = _read_about(engine, path)
    if found.get("format") != FORMAT:
        raise BooksError(f"{path} holds books of another version. Choose another file.")
    if found.get("seed") != str(seed):
        raise BooksError(f"{path} was generated from seed {found.get('seed')}, not {seed}.")
    if found.get("size") != size.name:
        raise BooksError(f"{path} holds books of the size {found.get('size')}, not {size.name}.")
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")  # the journal's mode cannot change inside a transaction
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")


def _read_about(engine: Engine, path: Path) -> dict[str, str]:
    try:
        with engine.connect() as connection:
            return {row.key: row.value for row in connection.execute(select(about_table))}
    except DatabaseError as error:
        said = "is in use by another process" if "locked" in str(error) else "is not a books file"
        raise BooksError(f"{path} {said}.") from error
