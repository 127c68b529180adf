"""Settles writes whose outcome nobody heard of, by reading what they would have changed."""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
from collections.abc import Callable

import anyio

from server.guard.entries import Status, Written
from server.guard.journal import Journal
from server.guard.reading import Connect, Tools, reader
from server.guard.recognition import Finding, Others, Verdict, recognise
from server.upstream.client import Upstream
from server.upstream.errors import UpstreamError
from tools.arguments import InvalidArgumentsError
from tools.operation import System

log = logging.getLogger(__name__)

SETTLE_AFTER = dt.timedelta(seconds=90)
"""How long a request that nobody heard of may still be on its way: three times what a call is waited for."""


class Settlement:
    """Finds out what came of open writes, and journals it."""

    def __init__(
        self,
        journal: Journal,
        clock: Callable[[], dt.datetime],
        connect: Connect,
        tools: Tools,
        settle_after: dt.timedelta = SETTLE_AFTER,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._connect = connect
        self._tools = tools
        self._settle_after = settle_after
        self._look_again: dict[System, dt.datetime | None] = {}
        """When to look for open writes; None: not before one ends so again."""

    async def settle(self, write: Written, upstream: Upstream) -> Finding:
        """Find out by reading whether a write was carried out, and journal that.

        That its effect is not there counts only when the request cannot be on its way any more.
        """
        operation = self._tools.get(write.tool)
        if operation is None:
            return Finding(Verdict.UNSURE, f"{write.tool} is not known here")
        if write.status is None and await anyio.to_thread.run_sync(self._journal.is_alive, write):
            return Finding(Verdict.UNSURE, "wait until it has ended, then try again")

        async def others() -> Others:
            rivals = await anyio.to_thread.run_sync(self._journal.open_like, write)
            # In this order: one that ends in between is counted twice rather than not at all.
            return Others(rivals, await anyio.to_thread.run_sync(self._journal.made_ids, write))

        try:
            finding = await recognise(operation, write, others, reader(upstream, self._tools))
        except (UpstreamError, InvalidArgumentsError) as error:
            self._look_again[operation.toolset.system] = self._clock() + self._settle_after
            return Finding(Verdict.UNSURE, f"it could not be looked into ({error})")
        if finding.verdict is Verdict.ABSENT:
            # A try may have been the last of several: it counts from when it was given up.
            certain_at = dt.datetime.fromisoformat(write.ended_at or write.at) + self._settle_after
            left = certain_at - self._clock()
            if left > dt.timedelta(0):
                self._look_again[operation.toolset.system] = certain_at
                reason = f"{finding.reason}, but it may still be on its way for {left.total_seconds():.0f} s; try then"
                return Finding(Verdict.UNSURE, reason)
            await conclude(self._journal, write.id, Status.FAILED, f"settled by reading: {finding.reason}", None)
        if finding.verdict is Verdict.DONE:
            await conclude(
                self._journal, write.id, Status.DONE, f"settled by reading: {finding.reason}", finding.record_id
            )
        return finding

    async def look_back(self, system: System, upstream: Upstream) -> None:
        """Before the first write, settle what an earlier process left open; later, what was too fresh for that."""
        if system in self._look_again:
            due = self._look_again[system]
            if due is None or self._clock() < due:
                return
        self._look_again[system] = None
        for write in await anyio.to_thread.run_sync(self._journal.unsettled):
            operation = self._tools.get(write.tool)
            ours = operation is not None and operation.toolset.system is system
            if ours and write.company == upstream.connection.label:
                finding = await self.settle(write, upstream)
                log.warning("journal %s, left open: %s (%s)", write.id, finding.verdict.value, finding.reason)

    async def at_start(self) -> None:
        """Settle what an earlier process left open; never raises."""
        try:
            left = await anyio.to_thread.run_sync(self._journal.unsettled)
            for system in sorted({self._tools[each.tool].toolset.system for each in left if each.tool in self._tools}):
                await self.look_back(system, await self._connect(system))
        except Exception:
            log.exception("open writes could not be looked into")


async def conclude(journal: Journal, write_id: int, status: Status, detail: str, record_id: str | None) -> None:
    """Journal an outcome. It was sent: what came of it must reach the caller even where that cannot be journaled."""
    try:
        await anyio.to_thread.run_sync(journal.conclude, write_id, status, detail, record_id)
    except sqlite3.Error:
        log.exception("the outcome of write %s could not be journaled", write_id)
