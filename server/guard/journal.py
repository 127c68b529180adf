"""What was written, when, by whom, with which outcome. Append-only, in SQLite; intent before sending, outcome after."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from server.guard.plan import Plan
from server.text import clean

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    event TEXT NOT NULL CHECK (event IN ('intent', 'outcome')),
    write_id INTEGER,
    principal TEXT, company TEXT, tool TEXT, effect TEXT, plan_id TEXT, summary TEXT,
    request TEXT, amount TEXT, currency TEXT,
    status TEXT, detail TEXT, record_id TEXT
);
CREATE INDEX IF NOT EXISTS entry_write ON entry (write_id);
CREATE TRIGGER IF NOT EXISTS entry_new BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_kept BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
"""


class Status(StrEnum):
    """What came of a write."""

    DONE = "done"
    REFUSED = "refused"
    """It was not sent."""
    FAILED = "failed"
    """It was sent, and the API refused it."""
    UNKNOWN = "unknown"
    """It was sent, and no answer says whether it was carried out."""


@dataclass(frozen=True)
class Written:
    """One write as journaled. status None: it was begun, and no outcome was recorded (the process ended)."""

    id: int
    at: str
    principal: str
    company: str
    tool: str
    effect: str
    plan_id: str
    summary: str
    request: dict[str, Any]
    amount: str | None
    currency: str | None
    status: str | None
    detail: str | None
    record_id: str | None
    ended_at: str | None


class Journal:
    """The journal of one installation. `path` None keeps it in memory."""

    def __init__(self, path: Path | None, clock: Callable[[], dt.datetime]) -> None:
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def intend(self, plan: Plan) -> int:
        """Record durably that a write is about to be sent. Returns its id."""
        money = plan.money
        with self._transaction() as database:
            cursor = database.execute(
                "INSERT INTO entry (at, event, principal, company, tool, effect, plan_id, summary, request, amount,"
                " currency) VALUES (?, 'intent', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self._now(),
                    plan.principal,
                    plan.company,
                    plan.operation.name,
                    plan.operation.effect.value,
                    plan.id,
                    plan.summary,
                    json.dumps(plan.request.shown(), ensure_ascii=False),
                    f"{money.amount:f}" if money else None,
                    money.currency if money else None,
                ),
            )
            return cursor.lastrowid or 0

    def conclude(self, write_id: int, status: Status, detail: str = "", record_id: str | None = None) -> None:
        """Record what came of a write."""
        with self._transaction() as database:
            database.execute(
                "INSERT INTO entry (at, event, write_id, status, detail, record_id) VALUES (?, 'outcome', ?, ?, ?, ?)",
                (self._now(), write_id, status.value, clean(detail, 500), record_id),
            )

    def writes(self, limit: int = 50) -> list[Written]:
        """The latest writes, newest first."""
        with self._transaction() as database:
            rows = database.execute(f"{_WRITES} ORDER BY i.seq DESC LIMIT ?", (limit,)).fetchall()
        return [_written(row) for row in rows]

    def same_request(self, plan_request: dict[str, Any], company: str, since: dt.datetime) -> Written | None:
        """The latest write of the very same request that was done, or may have been, since a moment."""
        with self._transaction() as database:
            row = database.execute(
                f"{_WRITES} AND i.request = ? AND i.company = ? AND i.at >= ?"
                " AND (o.status IS NULL OR o.status IN ('done', 'unknown')) ORDER BY i.seq DESC LIMIT 1",
                (json.dumps(plan_request, ensure_ascii=False), company, _stamp(since)),
            ).fetchone()
        return _written(row) if row else None

    def _now(self) -> str:
        return _stamp(self._clock())

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._database is None:
                self._database = self._open()
            with self._database:
                yield self._database

    def _open(self) -> sqlite3.Connection:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path or ":memory:", check_same_thread=False, timeout=10)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(_SCHEMA)
        return database


_WRITES = """
SELECT i.seq, i.at, i.principal, i.company, i.tool, i.effect, i.plan_id, i.summary, i.request, i.amount, i.currency,
       o.status, o.detail, o.record_id, o.at
FROM entry AS i LEFT JOIN entry AS o ON o.write_id = i.seq AND o.event = 'outcome'
WHERE i.event = 'intent'
"""


def _written(row: tuple[Any, ...]) -> Written:
    values = list(row)
    values[8] = json.loads(values[8])
    return Written(*values)


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
