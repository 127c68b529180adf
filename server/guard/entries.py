"""The rows of the journal: what they say, how they are chained, and how a write is read off them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_CONTENT = (
    "at", "event", "write_id", "key", "subject", "principal", "company", "tool", "effect", "plan_id", "summary",
    "request", "amount", "currency", "payee", "before", "seen", "instance", "status", "detail", "record_id",
)  # fmt: skip
"""What a row says, in the order in which it is digested."""

_DECLARED = ", ".join(f"{name} INTEGER" if name == "write_id" else f"{name} TEXT" for name in _CONTENT)

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    {_DECLARED},
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    CHECK (event IN ('intent', 'outcome', 'proposal', 'approval'))
);
CREATE INDEX IF NOT EXISTS entry_write ON entry (write_id);
CREATE INDEX IF NOT EXISTS entry_key ON entry (key);
CREATE INDEX IF NOT EXISTS entry_subject ON entry (subject);
CREATE INDEX IF NOT EXISTS entry_at ON entry (event, at);
CREATE INDEX IF NOT EXISTS entry_plan ON entry (plan_id);
CREATE TRIGGER IF NOT EXISTS entry_new BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_kept BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""  # noqa: S608 - constants


class Status(StrEnum):
    """What came of a write."""

    DONE = "done"
    REFUSED = "refused"
    """It was not sent."""
    FAILED = "failed"
    """It was not carried out: the API refused it, or reading showed that it never arrived."""
    UNKNOWN = "unknown"
    """It was sent, and no answer says whether it was carried out."""


@dataclass(frozen=True)
class Written:
    """One write as journaled. status None: it was begun, and no outcome is recorded."""

    id: int
    at: str
    key: str | None
    subject: str | None
    principal: str
    company: str
    tool: str
    effect: str
    plan_id: str
    summary: str
    request: dict[str, Any]
    amount: str | None
    currency: str | None
    payee: str | None
    before: dict[str, Any] | None
    """Values of the fields that the write changes, as they were: what an undo puts back."""
    seen: list[str] | None
    """Ids of records that looked like its effect before it was sent."""
    instance: str | None
    """The process that carried it out."""
    status: str | None
    detail: str | None
    record_id: str | None
    ended_at: str | None

    @property
    def is_open(self) -> bool:
        """Whether it may have been carried out, without anybody knowing."""
        return self.status in (None, Status.UNKNOWN)


@dataclass(frozen=True)
class Proposal:
    """A plan that waits for a second person, as it was put down."""

    plan_id: str
    principal: str
    company: str
    writes: list[dict[str, Any]]
    """Of each write: tool, summary, money, request, changes, consequences, warnings."""
    expires_at: str


def prepare(database: sqlite3.Connection) -> None:
    """Make the table where there is none; rows of the first version, which had no chain, are taken over into one."""
    database.execute("BEGIN IMMEDIATE")
    columns = [row[1] for row in database.execute("PRAGMA table_info(entry)")]
    if columns and "hash" not in columns:
        for kind, name in database.execute(
            "SELECT type, name FROM sqlite_master WHERE tbl_name = 'entry' AND type IN ('index', 'trigger')"
        ).fetchall():
            database.execute(f"DROP {kind} {name}")
        database.execute("ALTER TABLE entry RENAME TO entry_without_chain")
    for statement in _statements(_SCHEMA):
        database.execute(statement)
    if columns and "hash" not in columns:
        shared = [name for name in _CONTENT if name in columns]
        # They follow each other without gaps, so a write keeps its number.
        for row in database.execute(
            f"SELECT {', '.join(shared)} FROM entry_without_chain ORDER BY seq"  # noqa: S608 - constants
        ).fetchall():
            append(database, **dict(zip(shared, row, strict=True)))
    database.execute("COMMIT")


def _statements(script: str) -> list[str]:
    found, statement = [], ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found


def append(database: sqlite3.Connection, **said: Any) -> int:
    """Add a row at the end of the chain; its number."""
    last = database.execute("SELECT hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    used = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchone()
    seq = (used[0] if used else 0) + 1
    previous = last[0] if last else ""
    content = [said.get(name) for name in _CONTENT]
    database.execute(_INSERT, (seq, previous, _digest(seq, previous, content), *content))
    return seq


def verify(database: sqlite3.Connection) -> tuple[int, str | None]:
    """How many rows are as they were written, and what is wrong with the first that is not, if any."""
    previous, expected = "", 1
    for seq, before, digest, *content in database.execute(_CHAIN):
        if seq != expected:
            return expected - 1, f"row {expected}: it is missing"
        if before != previous or digest != _digest(seq, previous, content):
            return expected - 1, f"row {seq}: it was altered, or the row before it was"
        previous, expected = digest, seq + 1
    # Rows cut off at the end leave a chain that is whole; the number last given out tells of them.
    last = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchone()
    if last and last[0] >= expected:
        return expected - 1, f"row {expected}: it is missing, and whatever followed it"
    return expected - 1, None


_COLUMNS = ", ".join(_CONTENT)
_MARKS = ", ".join("?" * (len(_CONTENT) + 3))
_INSERT = f"INSERT INTO entry (seq, previous, hash, {_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - constants
_CHAIN = f"SELECT seq, previous, hash, {_COLUMNS} FROM entry ORDER BY seq"  # noqa: S608 - constants

WRITES = """
SELECT i.seq, i.at, i.key, i.subject, i.principal, i.company, i.tool, i.effect, i.plan_id, i.summary, i.request,
       i.amount, i.currency, i.payee, i.before, i.seen, i.instance, o.status, o.detail, o.record_id, o.at
FROM entry AS i LEFT JOIN entry AS o
  ON o.seq = (SELECT MAX(x.seq) FROM entry AS x WHERE x.write_id = i.seq AND x.event = 'outcome')
WHERE i.event = 'intent'
"""
WAITING = """
SELECT plan_id, principal, company, request, detail FROM entry AS p
WHERE event = 'proposal' AND detail > ? AND NOT EXISTS
    (SELECT 1 FROM entry AS d WHERE d.plan_id = p.plan_id AND d.event IN ('approval', 'intent'))
ORDER BY seq
"""
OPEN = "(o.status IS NULL OR o.status = 'unknown')"


def conditions(wanted: Mapping[str, str | None]) -> tuple[str, Sequence[str]]:
    """The SQL of what is looked for: since, tool, record, outcome."""
    given = {name: value for name, value in wanted.items() if value is not None}
    clauses = {
        "since": " AND i.at >= :1",
        "tool": " AND i.tool = :1",
        "record": " AND (o.record_id = :1 OR i.subject = :1 OR i.subject LIKE '%/' || :1)",
        "outcome": " AND COALESCE(o.status, 'begun') = :1",
    }
    where, values = "", []
    for name, value in given.items():
        clause = clauses[name]
        values += [value] * clause.count(":1")
        where += clause.replace(":1", "?")
    return where, values


def written(row: tuple[Any, ...]) -> Written:
    """The write that a row of WRITES tells of."""
    values = list(row)
    for index in (10, 14, 15):
        values[index] = json.loads(values[index]) if values[index] else None
    return Written(*values)


def _digest(seq: int, previous: str, content: Sequence[Any]) -> str:
    text = json.dumps([seq, previous, *content], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def as_json(value: Any) -> str:
    """A value as the journal keeps it."""
    return json.dumps(value, ensure_ascii=False)


def stamp(moment: dt.datetime) -> str:
    """A moment as the journal writes it."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
