"""Whatever a number, SKU, name or email stands for, among all kinds of records at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

import anyio
from pydantic import AfterValidator, Field, WithJsonSchema

from tools.operation import System
from tools.workflows.books import Books, NotAllowedError, NotFoundError, ReadFailedError, Row, together
from tools.workflows.findings import Findings, Table
from tools.workflows.parts.hits import Hit, best_hit, in_turn
from tools.workflows.parts.record_values import day, objects
from tools.workflows.parts.searched import KINDS, PARCELS, Kind, Searched, Way, first, values
from tools.workflows.parts.spelling import LONGEST, Probe, Query, Rank
from tools.workflows.workflow import Question, workflow

T = TypeVar("T")

REQUESTS = 24
"""Sent for one query at most."""
_LANES = 6
_MOST_KINDS = 8
_COLUMNS = ("kind", "id", "record", "match", "status", "date", "amount", "currency", "tool")
_SPANS = (92, 1100)
"""Days of sales orders that are read for a tracking number: the last quarter, then as far as requests last."""
_PARTS = 4
"""Parts of the export that are read for one span."""

Name = Literal[
    "bill",
    "invoice",
    "purchase_order",
    "sales_order",
    "product",
    "company",
    "supplier",
    "contact",
    "shipment",
    "receiving_report",
    "billdiary_purchase",
    "billdiary_order",
    "billdiary_requisition",
    "billdiary_return",
]


# A wrong name is answered with all of them; listing them to everybody would cost more than the rest of the tool.
Kinds = Annotated[list[Name], WithJsonSchema({"type": "array", "items": {"type": "string"}})]


def _query(text: str) -> str:
    text = " ".join(text.split()).removeprefix("#").strip()
    if len(text) < 2:
        raise ValueError("give at least 2 characters of a number, SKU, name or email")
    if len(text) > LONGEST:
        raise ValueError(f"has more than {LONGEST} characters; give only the number, SKU, name or email")
    return text


class FindRecord(Question):
    """What to search for. kinds: only these."""

    query: Annotated[str, AfterValidator(_query)]
    kinds: Kinds | None = Field(None, min_length=1, description="Only these: bill, sales_order, product, ...")


@workflow({System.LUMINOUS: ("list_bills",), System.BILLDIARY: ("billdiary_list_purchases",)})
async def find_record(wanted: FindRecord, books: Books) -> Findings:
    """What a number, SKU, name or email is, when its kind or id is not known. Searches all kinds of records at once,
    the best match first."""
    search = _Search(books, Query(wanted.query), wanted.kinds)
    await search.run()
    return search.findings()


@dataclass(frozen=True)
class _Field:
    """A field that is searched."""

    kind: Kind
    searched: Searched

    def arguments(self, probe: Probe) -> dict[str, Any]:
        """Arguments of the list."""
        operator, value = probe
        if self.searched.way is Way.UNSEARCHED:
            return {}
        if self.searched.way is Way.ANY:
            return {"q": value}
        return {"filters": {f"{self.searched.name}[{operator}]": value}}


class _Search:
    """All reads of one query, and the hits among what they brought."""

    def __init__(self, books: Books, query: Query, kinds: Sequence[str] | None) -> None:
        self._books = books
        self._query = query
        self._kinds = [each for each in KINDS if books.has(each.operation) and (not kinds or each.name in kinds)]
        self._parcels = books.has(PARCELS.operation) and (not kinds or PARCELS.name in kinds)
        if not self._kinds:
            raise NotAllowedError("The lists of these kinds are not set up, or not enabled here.")
        self._lanes = anyio.CapacityLimiter(_LANES)
        self._sent = 0
        self._hits: dict[tuple[str, str], Hit] = {}
        self._failed: dict[str, ReadFailedError] = {}
        self._cut: set[str] = set()
        self._parcels_read = ""

    async def run(self) -> None:
        """Search everything: first where it should be found, then where that left something open."""
        query = self._query
        fields = [(_Field(kind, each), query.probes(each)) for kind in self._kinds for each in kind.fields]
        whole = await together(*(self._probed(field, probes.at_first) for field, probes in fields))
        by_id = [kind for kind in self._kinds if query.id and kind.by and self._books.has(kind.look)]
        await together(*map(self._by_id, by_id))
        cut = [each for each, complete in zip(fields, whole, strict=True) if not complete]
        await together(*(self._probed(field, probes.if_cut) for field, probes in cut))
        if query.may_track and not any(each.rank is Rank.EXACT for each in self._hits.values()):
            await self._tracking()
        if not self._hits:
            await together(*(self._probed(field, probes.if_none) for field, probes in fields))
        if self._failed and len(self._failed) == self._sent:
            raise next(iter(self._failed.values()))

    async def _probed(self, field: _Field, probes: Sequence[Probe]) -> bool:
        """Search a field. Whether one page was enough each time."""
        return all(await together(*(self._probe(field, each) for each in probes)))

    async def _probe(self, field: _Field, probe: Probe) -> bool:
        kind = field.kind
        read = partial(self._books.page, kind.operation, **field.arguments(probe))
        page = await self._read(f"{kind.name} by {field.searched.name}", read)
        if page is None:
            return True
        self._take(kind, page.rows)
        if page.total is not None and page.total > len(page.rows):
            self._cut.add(kind.name)
            return False
        return True

    async def _by_id(self, kind: Kind) -> None:
        read = partial(self._books.record, kind.look, **{kind.by: self._query.id})
        if record := await self._read(f"{kind.name} by id", read):
            self._take(kind, [record])

    async def _tracking(self) -> None:
        """Look through what cannot be searched: shipments that came in lately, and those that left."""
        for kind in self._kinds:
            if kind.operation == "list_inbound_shipments":
                await self._probe(_Field(kind, Searched("tracking_number", Way.UNSEARCHED)), ("", ""))
        for days in _SPANS if self._parcels else ():
            since = self._books.today - dt.timedelta(days=days)
            count, complete = await self._export(since)
            if count:
                part = "the" if complete else "the first"
                self._parcels_read = (
                    f"Of shipments to customers {part} {count} orders changed since {since} were searched."
                )

    @property
    def _found_parcel(self) -> bool:
        return any(each.kind is PARCELS for each in self._hits.values())

    async def _export(self, since: dt.date) -> tuple[int, bool]:
        """Read sales orders with their shipments. How many, and whether that was all."""
        given: dict[str, Any] = {"since": since.isoformat()}
        count = 0
        for _ in range(_PARTS):
            if self._found_parcel:
                break
            read = partial(self._books.record, PARCELS.operation, limit=1000, **given)
            part = await self._read("shipment by tracking_number", read) or {}
            rows = objects(part.get("data"))
            self._take(PARCELS, rows)
            count += len(rows)
            if not part.get("next_cursor"):
                return count, True
            given = {"cursor": part["next_cursor"]}
        return count, False

    async def _read(self, what: str, read: Callable[[], Awaitable[T]]) -> T | None:
        """One request, where there may be one more and it does not fail."""
        async with self._lanes:
            if self._sent >= REQUESTS:
                self._cut.add(what.split()[0])
                return None
            self._sent += 1
            try:
                return await read()
            except NotFoundError:
                return None
            except ReadFailedError as error:
                self._failed[f"{what}#{self._sent}"] = error
                return None

    def _take(self, kind: Kind, rows: Sequence[Row]) -> None:
        for row in rows:
            found = best_hit(self._query, kind, row)
            if found is None:
                continue
            key = kind.operation, str(found.id)
            known = self._hits.get(key)
            if known is None or found.order < known.order:
                self._hits[key] = found

    # The answer

    def findings(self) -> Findings:
        """The hits, the best first; each kind has its turn."""
        newest_first = sorted(self._hits.values(), key=lambda each: str(first(each.row, each.kind.date)), reverse=True)
        hits = sorted(newest_first, key=lambda each: each.order)
        if any(each.rank is not Rank.ALIKE for each in hits):
            hits = [each for each in hits if each.rank is not Rank.ALIKE]
        counts = Counter(each.kind.name for each in hits)
        facts: dict[str, Any] = {"query": self._query.text, "found": len(hits)}
        if len(counts) > 1:
            facts["by_kind"] = ", ".join(f"{kind} {count}" for kind, count in counts.most_common(_MOST_KINDS))
        findings = Findings(facts, notes=list(self._notes(hits)))
        if hits:
            rows = [self._row(each) for each in in_turn(hits)]
            way_on = "kinds or more of the query narrow it"
            findings.tables.append(Table("records", _COLUMNS, rows, frozenset({"amount"}), of=len(hits), way_on=way_on))
        return findings

    def _row(self, each: Hit) -> dict[str, Any]:
        kind, row = each.kind, each.row
        record = " ".join(dict.fromkeys(str(value) for path in kind.label for value in list(values(row, path))[:2]))
        date = day(first(row, kind.date))
        return {
            "kind": kind.name,
            "id": each.id,
            "record": record,
            "match": each.rank.name.lower() if each.by == "id" else f"{each.rank.name.lower()} {each.by}",
            "status": first(row, kind.status),
            "date": date.isoformat() if date else None,
            "amount": first(row, kind.amount),
            "currency": row.get("currency"),
            "tool": kind.look if self._books.has(kind.look) else None,
        }

    def _notes(self, hits: Sequence[Hit]) -> Iterator[str]:
        if not hits:
            yield "Nothing fits. A part of the number, or another word of the name, may."
        elif hits[0].rank is Rank.ALIKE:
            yield "Nothing has exactly this name; these are alike."
        if any(each.kind is PARCELS for each in hits):
            yield "Of a shipment to a customer the id is that of its sales order."
        if self._parcels_read and not self._found_parcel:
            yield self._parcels_read
        failed = sorted({what.partition("#")[0] for what in self._failed})
        if failed:
            yield f"Could not be searched: {', '.join(failed)}."
        if self._cut:
            yield f"More may fit than was read: {', '.join(sorted(self._cut))}. Give more of the number or name."
