"""What was written, when, by whom, with which outcome. Append-only, in SQLite; intent before sending, outcome after.

Each row carries a digest of itself and of the row before it, so that a row that was altered, added or lost is found.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from server.guard.entries import (
    OPEN,
    WAITING,
    WRITES,
    Proposal,
    Status,
    Written,
    append,
    as_json,
    conditions,
    prepare,
    stamp,
    verify,
    written,
)
from server.guard.instance import Instance
from server.guard.plan import Flow, Plan, PlanRefusedError
from server.guard.policy import PAYMENTS
from server.guard.undo import sets_state
from server.text import clean
from tools.request import jsonable

_CLOCK_SLACK = dt.timedelta(seconds=5)
"""How far clocks of processes on one journal may disagree."""


class RepeatError(Exception):
    """The very same write was carried out already, or may have been. `earlier` is that write."""

    def __init__(self, earlier: Written) -> None:
        super().__init__(f"write {earlier.id}")
        self.earlier = earlier


Gate = Callable[[Flow], str | None]
"""Why a write would go beyond a limit, or None."""


class Journal:
    """The journal of one installation. `path` None keeps it in memory."""

    def __init__(self, path: Path | None, clock: Callable[[], dt.datetime]) -> None:
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._instance: Instance | None = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None
            if self._instance is not None:
                self._instance.end()
                self._instance = None

    # Writing

    def intend(self, plan: Plan, repeat_window: dt.timedelta, gate: Gate | None = None) -> int:
        """Record durably that a write is about to be sent. Returns its id.

        Whatever stands against it is looked for in the same transaction, so of two processes only one gets through.
        Raises RepeatError; PlanRefusedError when a limit is exceeded or the clock was moved back.
        """
        with self._transaction() as database:
            now = self._now_not_before(database)
            self._check_repeat(database, plan, now - repeat_window)
            if gate is not None and (said := gate(self._flow(database, plan.company, plan.payee, now))):
                raise PlanRefusedError(f"The policy does not allow it: {said}.")
            money = plan.money
            return append(
                database,
                at=stamp(now),
                event="intent",
                key=plan.key,
                subject=plan.subject,
                principal=plan.principal,
                company=plan.company,
                tool=plan.operation.name,
                effect=plan.operation.effect.value,
                plan_id=plan.id,
                summary=plan.summary,
                request=as_json(plan.request.shown()),
                amount=f"{money.amount:f}" if money else None,
                currency=money.currency if money else None,
                payee=plan.payee,
                before=as_json(plan.before) if plan.before is not None else None,
                seen=as_json(list(plan.seen)) if plan.seen is not None else None,
                instance=self._alive(),
            )

    def conclude(self, write_id: int, status: Status, detail: str = "", record_id: str | None = None) -> None:
        """Record what came of a write. A later outcome of the same write settles an unknown one."""
        with self._transaction() as database:
            append(
                database,
                at=self._now(),
                event="outcome",
                write_id=write_id,
                status=status.value,
                detail=clean(detail, 500),
                record_id=record_id,
            )

    def propose(self, plan_id: str, plans: Sequence[Plan], expires_at: dt.datetime) -> None:
        """Record a plan that a second person must confirm, whole: that person sees this and nothing else."""
        with self._transaction() as database:
            if any(each.plan_id == plan_id for each in self._proposals(database)):
                return
            writes = [
                {
                    "tool": plan.operation.name,
                    "summary": plan.summary,
                    "money": str(plan.money) if plan.money else None,
                    "request": plan.request.shown(),
                    "changes": [
                        {"field": each.field, "before": each.before, "after": each.after} for each in plan.changes
                    ],
                    "consequences": list(plan.consequences),
                    "warnings": list(plan.warnings),
                }
                for plan in plans
            ]
            append(
                database,
                at=self._now(),
                event="proposal",
                principal=plans[0].principal,
                company=plans[0].company,
                plan_id=plan_id,
                request=as_json(jsonable(writes)),
                detail=stamp(expires_at),
            )

    def approve(self, plan_id: str, principal: str) -> Proposal:
        """Record that a second person agrees. Raises PlanRefusedError: unknown, expired, or the same person."""
        with self._transaction() as database:
            proposal = next((each for each in self._proposals(database) if each.plan_id == plan_id), None)
            if proposal is None:
                raise PlanRefusedError("There is no such plan that waits for a second person.")
            if proposal.principal == principal:
                raise PlanRefusedError("Who asked for a write cannot be the second person that confirms it.")
            append(database, at=self._now(), event="approval", plan_id=plan_id, principal=principal)
            return proposal

    def approver(self, plan_id: str) -> str | None:
        """Who agreed to a plan as the second person."""
        with self._transaction() as database:
            row = database.execute(
                "SELECT principal FROM entry WHERE event = 'approval' AND plan_id = ? ORDER BY seq LIMIT 1", (plan_id,)
            ).fetchone()
        return row[0] if row else None

    def proposals(self) -> list[Proposal]:
        """Plans that wait for a second person."""
        with self._transaction() as database:
            return self._proposals(database)

    # Reading

    def writes(self, limit: int = 50, **wanted: str | None) -> list[Written]:
        """The latest writes, newest first; `since` (moment), `tool`, `record` (id or part of the path), `outcome`."""
        where, values = conditions(wanted)
        with self._transaction() as database:
            rows = database.execute(f"{WRITES}{where} ORDER BY i.seq DESC LIMIT ?", (*values, limit)).fetchall()
        return [written(row) for row in rows]

    def find(self, write_id: int) -> Written | None:
        """One write."""
        with self._transaction() as database:
            row = database.execute(f"{WRITES} AND i.seq = ?", (write_id,)).fetchone()
        return written(row) if row else None

    def earlier(self, key: str, since: dt.datetime) -> Written | None:
        """The latest write of that key that was done, or may have been, since a moment."""
        with self._transaction() as database:
            return self._earlier(database, key, since)

    def unsettled(self) -> list[Written]:
        """Writes whose outcome is open and that no living process is still carrying out, oldest first."""
        with self._transaction() as database:
            rows = database.execute(f"{WRITES} AND {OPEN} ORDER BY i.seq").fetchall()
        return [write for write in map(written, rows) if not self.is_alive(write)]

    def open_like(self, write: Written) -> list[Written]:
        """Other writes of the same tool on the same record whose outcome is open, oldest first."""
        with self._transaction() as database:
            rows = database.execute(
                f"{WRITES} AND {OPEN} AND i.tool = ? AND i.company = ? AND i.subject IS ? AND i.seq != ?"
                " ORDER BY i.seq",
                (write.tool, write.company, write.subject, write.id),
            ).fetchall()
        return [written(row) for row in rows]

    def made_ids(self, write: Written) -> list[str]:
        """Ids of records that other writes of the same tool made since."""
        with self._transaction() as database:
            rows = database.execute(
                f"{WRITES} AND i.tool = ? AND i.company = ? AND i.seq != ? AND o.record_id IS NOT NULL"
                " AND i.seq > ? - 10000",
                (write.tool, write.company, write.id, write.id),
            ).fetchall()
        return [each.record_id for each in map(written, rows) if each.record_id is not None]

    def verify(self) -> tuple[int, str | None]:
        """How many rows are as they were written, and what is wrong with the first that is not, if any."""
        with self._transaction() as database:
            return verify(database)

    # Inside a transaction

    def _check_repeat(self, database: sqlite3.Connection, plan: Plan, since: dt.datetime) -> None:
        if plan.key is None:
            return
        earlier = self._earlier(database, plan.key, since)
        if earlier is None or (plan.repeat and not earlier.is_open):
            return
        if sets_state(plan.operation) and self._is_superseded(database, earlier):
            return
        raise RepeatError(earlier)

    def _earlier(self, database: sqlite3.Connection, key: str, since: dt.datetime) -> Written | None:
        # What is open counts however old it is.
        row = database.execute(
            f"{WRITES} AND i.key = ? AND ({OPEN} OR (o.status = 'done' AND i.at >= ?)) ORDER BY i.seq DESC LIMIT 1",
            (key, stamp(since)),
        ).fetchone()
        return written(row) if row else None

    def superseded(self, earlier: Written) -> bool:
        """Whether the record was changed by another write since, so that the same write is not the same any more."""
        with self._transaction() as database:
            return self._is_superseded(database, earlier)

    def _is_superseded(self, database: sqlite3.Connection, earlier: Written) -> bool:
        # Holding a bill, releasing it and holding it again are three writes. Paying twice is never taken for that.
        if earlier.effect not in ("write", "destroy") or not earlier.subject or earlier.is_open:
            return False
        row = database.execute(
            f"{WRITES} AND i.subject = ? AND i.company = ? AND i.key IS NOT ? AND i.seq > ? AND o.status = 'done'"
            " LIMIT 1",
            (earlier.subject, earlier.company, earlier.key, earlier.id),
        ).fetchone()
        return row is not None

    def flow(self, company: str, payee: str | None) -> Flow:
        """Money and writes so far."""
        with self._transaction() as database:
            return self._flow(database, company, payee, self._clock())

    def _flow(self, database: sqlite3.Connection, company: str, payee: str | None, now: dt.datetime) -> Flow:
        day = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        rows = database.execute(
            f"{WRITES} AND i.at >= ? AND i.amount IS NOT NULL AND i.tool IN ({', '.join('?' * len(PAYMENTS))})"
            " AND i.company = ? AND (o.status IS NULL OR o.status IN ('done', 'unknown'))",
            (stamp(day), *PAYMENTS, company),
        ).fetchall()
        moved, vendor = _Sums(), _Sums()
        for write in map(written, rows):
            moved.add(write)
            # Whom money went to is not always known: then it counts for everybody.
            if payee is None or write.payee in (None, payee):
                vendor.add(write)
        (count,) = database.execute(
            "SELECT COUNT(*) FROM entry WHERE event = 'intent' AND at >= ?", (stamp(now - dt.timedelta(hours=1)),)
        ).fetchone()
        return Flow(moved.by_currency, vendor.by_currency, count)

    def _proposals(self, database: sqlite3.Connection) -> list[Proposal]:
        rows = database.execute(WAITING, (self._now(),)).fetchall()
        return [Proposal(row[0], row[1], row[2], json.loads(row[3]), row[4]) for row in rows]

    def _now_not_before(self, database: sqlite3.Connection) -> dt.datetime:
        now = self._clock()
        last = (database.execute("SELECT at FROM entry ORDER BY seq DESC LIMIT 1").fetchone() or ("",))[0]
        if last and stamp(now + _CLOCK_SLACK) < last:
            # Limits per day, repeats and expiry would all be wrong.
            raise PlanRefusedError(
                f"The clock stands at {stamp(now)}, before the journal's last entry of {last}: it was moved back."
                " Set it right first."
            )
        return now

    def _now(self) -> str:
        return stamp(self._clock())

    def _alive(self) -> str:
        """The mark of this process, which others can see is alive."""
        if self._instance is None:
            self._instance = Instance.begin(self.path)
        return self._instance.name

    def is_alive(self, write: Written) -> bool:
        """Whether the process that began the write is still at it."""
        if write.status is not None or write.instance is None:
            return False
        if self._instance is not None and write.instance == self._instance.name:
            return True
        return Instance.is_alive(self.path, write.instance)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._database is None:
                self._database = self._open()
            # From the start a writer's: what is read here must still hold when it is written.
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                # A full disk may have ended it already, and a commit that failed leaves it open.
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def _open(self) -> sqlite3.Connection:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path or ":memory:", check_same_thread=False, timeout=30, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        prepare(database)
        return database


class _Sums:
    def __init__(self) -> None:
        self.by_currency: dict[str, Decimal] = {}

    def add(self, write: Written) -> None:
        currency, amount = write.currency or "", Decimal(write.amount or 0)
        self.by_currency[currency] = self.by_currency.get(currency, Decimal(0)) + amount
