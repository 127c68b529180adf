"""The reads of one search over all kinds of records, and the hits among what they brought."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import anyio

from tools.workflows.books import Books, NotAllowedError, NotFoundError, ReadFailedError, Row, together
from tools.workflows.parts.hits import Hit, best_hit
from tools.workflows.parts.record_values import objects
from tools.workflows.parts.searched import KINDS, PARCELS, Kind, Searched, Way, first
from tools.workflows.parts.spelling import WHOLE, Probe, Probes, Query, Rank

T = TypeVar("T")

REQUESTS = 48
"""Sent for one query at most."""
_LANES = 6
_SPANS = (92, 1100)
"""Days of sales orders that are read for a tracking number: the last quarter, then as far as requests last."""
_PARTS = 4
"""Parts of the export that are read for one span."""
_SHORT_ID = 7
"""Digits of a number that is likely an id."""

_NO_PROBES = Probes()


@dataclass(frozen=True)
class _Field:
    """A field that is searched, and how."""

    kind: Kind
    searched: Searched
    probes: Probes = _NO_PROBES

    @property
    def place(self) -> tuple[str, str]:
        """The list and the field of its rows."""
        return self.kind.operation, self.searched.name

    def arguments(self, probe: Probe) -> dict[str, Any]:
        """Arguments of the list."""
        operator, value = probe
        if probe == WHOLE:
            return {}
        if self.searched.way is Way.ANY:
            return {"q": value}
        return {"filters": {f"{self.searched.name}[{operator}]": value}}


class Search:
    """All reads of one query, and what they brought.

    narrowed: whether only some kinds are wanted. available, missing: kinds that can be searched, and that cannot.
    searched: kinds of which something was read. passed: kinds that were left out because another one fits exactly.
    parcels_read: how far shipments to customers were looked through.
    """

    def __init__(self, books: Books, query: Query, kinds: Sequence[str] | None) -> None:
        self._books = books
        self.query = query
        self.narrowed = kinds is not None
        asked = [each for each in KINDS if not kinds or each.name in kinds]
        self._kinds = [each for each in asked if books.has(each.operation)]
        self.available = list(dict.fromkeys(each.name for each in self._kinds))
        self.missing = sorted({each.name for each in asked} - set(self.available))
        self._parcels = books.has(PARCELS.operation) and (not kinds or PARCELS.name in kinds)
        if not self._kinds:
            raise NotAllowedError("The lists of these kinds are not set up, or not enabled here.")
        self._lanes = anyio.CapacityLimiter(_LANES)
        self._sent = 0
        self._hits: dict[tuple[str, str], Hit] = {}
        self._totals: dict[tuple[str, str], int] = {}
        self._found_by: dict[str, set[str]] = {}
        self._failed: dict[str, ReadFailedError] = {}
        self._unread: set[tuple[str, str, str]] = set()
        self.searched: set[str] = set()
        self.passed: list[str] = []
        self.parcels_read = ""

    async def run(self) -> None:
        """Search everything: first where it should be found, then where that left something open."""
        query = self.query
        fields = [_Field(kind, each, query.probes(each)) for kind in self._kinds for each in kind.fields]
        late = [each for each in fields if not self.narrowed and (each.kind.seldom or query.waits(each.searched))]
        by_id = [each for each in self._kinds if query.id and each.by and self._books.has(each.look)]
        late_ids = [each for each in by_id if each.seldom or len(query.text) > _SHORT_ID]
        await self._wave([each for each in fields if each not in late])
        await together(*(self._by_id(each) for each in by_id if each not in late_ids))
        if self._has(Rank.ID):
            unread = {each.kind.name for each in late if each.probes.at_first} | {each.name for each in late_ids}
            self.passed = [each for each in self.available if each in unread - self.searched]
        else:
            await self._wave(late)
            if query.may_track and not self._has(Rank.EXACT):
                await self._tracking()
            if not self._has(Rank.EXACT):
                await together(*map(self._by_id, late_ids))
        if not self._hits:
            await together(*(self._otherwise(each, each.probes.if_none) for each in fields))
        if not self._hits:
            await together(*(self._otherwise(each, each.probes.at_last) for each in fields))
        if self._failed and len(self._failed) == self._sent:
            raise next(iter(self._failed.values()))

    @property
    def hits(self) -> list[Hit]:
        """What fits, the best first; what is only alike where nothing else is there."""
        newest_first = sorted(self._hits.values(), key=lambda each: str(first(each.row, each.kind.date)), reverse=True)
        hits = sorted(newest_first, key=lambda each: each.order)
        fit = [each for each in hits if each.rank is not Rank.ALIKE]
        return fit or hits

    @property
    def counts(self) -> Counter[str]:
        """How many records fit, by kind: those that were read, and where all of a page fit, all the API counts."""
        lists = Counter((each.kind.name, each.kind.operation) for each in self.hits)
        counts: Counter[str] = Counter()
        for (name, operation), count in lists.items():
            counts[name] += max(count, *(total for (each, _), total in self._totals.items() if each == operation), 0)
        return counts

    @property
    def cut(self) -> list[str]:
        """Kinds of which more may fit than was read or counted."""
        unread = {name for name, *place in self._unread if tuple(place) not in self._totals}
        # What was found by several fields the API counts for each of them alone.
        counted = {operation for operation, _ in self._totals if len(self._found_by[operation]) > 1}
        return sorted(unread | {each.name for each in self._kinds if each.operation in counted})

    @property
    def failed(self) -> list[str]:
        """What could not be searched."""
        return sorted({what.partition("#")[0] for what in self._failed})

    @property
    def found_parcel(self) -> bool:
        """Whether it is the number of a shipment to a customer."""
        return any(each.kind is PARCELS for each in self._hits.values())

    def _has(self, rank: Rank) -> bool:
        return any(each.rank <= rank for each in self._hits.values())

    async def _wave(self, fields: Sequence[_Field]) -> None:
        """Search fields; where that was more than a page, for less."""
        whole = await together(*(self._probed(each, each.probes.at_first) for each in fields))
        cut = [each for each, complete in zip(fields, whole, strict=True) if not all(complete)]
        await together(*map(self._narrowed, cut))

    async def _narrowed(self, field: _Field) -> None:
        complete = await self._probed(field, field.probes.if_cut)
        if not (any(complete) if field.probes.any_of else complete and all(complete)):
            self._unread.add((field.kind.name, *field.place))

    async def _otherwise(self, field: _Field, probes: Sequence[Probe]) -> None:
        if not all(await self._probed(field, probes)):
            self._unread.add((field.kind.name, *field.place))

    async def _probed(self, field: _Field, probes: Sequence[Probe]) -> list[bool]:
        """Search a field. Whether one page was enough, each time."""
        return await together(*(self._probe(field, each) for each in probes))

    async def _probe(self, field: _Field, probe: Probe) -> bool:
        kind = field.kind
        read = partial(self._books.page, kind.operation, **field.arguments(probe))
        page = await self._read(kind, field.searched.name, read)
        if page is None:
            return True
        found = self._take(kind, page.rows)
        if found:
            self._found_by.setdefault(kind.operation, set()).add(field.searched.name)
        if page.total is None or page.total <= len(page.rows):
            return True
        if len(found) < len(page.rows) or any(each.rank is Rank.ALIKE for each in found):
            return False
        # The whole page fits, so the API filters, and its count is of what fits.
        self._totals[field.place] = max(page.total, self._totals.get(field.place, 0))
        return all(each.distance[0] for each in found)

    async def _by_id(self, kind: Kind) -> None:
        if kind.look == kind.operation:
            await self._probe(_Field(kind, Searched("id")), ("eq", str(self.query.id)))
            return
        read = partial(self._books.record, kind.look, **{kind.by: self.query.id})
        if record := await self._read(kind, "id", read):
            self._take(kind, [record])

    async def _tracking(self) -> None:
        """Look through what cannot be searched: shipments to customers."""
        for days in _SPANS if self._parcels else ():
            since = self._books.today - dt.timedelta(days=days)
            count, complete = await self._export(since)
            if count:
                part = "the" if complete else "the first"
                self.parcels_read = (
                    f"Of shipments to customers {part} {count} orders changed since {since} were searched."
                )

    async def _export(self, since: dt.date) -> tuple[int, bool]:
        """Read sales orders with their shipments. How many, and whether that was all."""
        given: dict[str, Any] = {"since": since.isoformat()}
        count = 0
        for _ in range(_PARTS):
            if self.found_parcel:
                break
            read = partial(self._books.record, PARCELS.operation, limit=1000, **given)
            part = await self._read(PARCELS, "tracking_number", read) or {}
            rows = objects(part.get("data"))
            self._take(PARCELS, rows)
            count += len(rows)
            if not part.get("next_cursor"):
                return count, True
            given = {"cursor": part["next_cursor"]}
        return count, False

    async def _read(self, kind: Kind, by: str, read: Callable[[], Awaitable[T]]) -> T | None:
        """One request, where there may be one more and it does not fail."""
        async with self._lanes:
            if self._sent >= REQUESTS:
                self._unread.add((kind.name, kind.operation, by))
                return None
            self._sent += 1
            try:
                answer = await read()
            except NotFoundError:
                answer = None
            except ReadFailedError as error:
                self._failed[f"{kind.name} by {by}#{self._sent}"] = error
                return None
            self.searched.add(kind.name)
            return answer

    def _take(self, kind: Kind, rows: Sequence[Row]) -> list[Hit]:
        """Keep the rows that fit."""
        hits = [hit for hit in (best_hit(self.query, kind, row) for row in rows) if hit is not None]
        for found in hits:
            key = kind.operation, str(found.id)
            known = self._hits.get(key)
            if known is None or found.order < known.order:
                self._hits[key] = found
        return hits
