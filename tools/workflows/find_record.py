"""Whatever a number, SKU, name or email stands for, among all kinds of records at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from tools.arguments import InvalidArgumentsError, Problem, nearest
from tools.operation import System
from tools.workflows.books import Books
from tools.workflows.findings import Findings, Table
from tools.workflows.parts.hits import Hit, in_turn
from tools.workflows.parts.record_values import day
from tools.workflows.parts.search import Search
from tools.workflows.parts.searched import NAMES, PARCELS, first, values
from tools.workflows.parts.spelling import LONGEST, Query, Rank
from tools.workflows.workflow import Question, workflow

_MOST_KINDS = 8
_SAME = 85
"""Likeness in percent from which a kind is that of a list."""
_IN_NO_LIST = (
    "Not searched, as no list is filtered by them: references of payments (to a vendor: get_vendor_statement, get_bill;"
    " of a customer: payments in get_invoice and list_invoices), SKUs of channels, numbers of packages (SSCC)."
)
_COLUMNS = ("kind", "id", "record", "match", "status", "date", "amount", "currency", "tool")


def _query(given: object) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise ValueError("must be text: a number, SKU, name or email")
    text = str(given)
    text = " ".join(text.split()).removeprefix("#").strip()
    if len(text) < 2:
        raise ValueError("give at least 2 characters of a number, SKU, name or email")
    if len(text) > LONGEST:
        raise ValueError(f"has more than {LONGEST} characters; give only the number, SKU, name or email")
    return text


class FindRecord(Question):
    """What to search for. kinds: only these."""

    query: Annotated[str, BeforeValidator(_query), WithJsonSchema({"type": "string"})]
    kinds: list[str] | None = Field(None, min_length=1, description="Only these: bill, sales_order, product, ...")


@workflow({System.LUMINOUS: ("list_bills",), System.BILLDIARY: ("billdiary_list_purchases",)})
async def find_record(wanted: FindRecord, books: Books) -> Findings:
    """What a number, SKU, name or email is, when its kind or id is not known. Searches all kinds of records at once,
    the best match first."""
    if problems := [_unknown(each, books) for each in wanted.kinds or () if each not in NAMES]:
        raise InvalidArgumentsError(problems)
    search = Search(books, Query(wanted.query), wanted.kinds)
    await search.run()
    hits, counts = search.hits, search.counts
    facts: dict[str, Any] = {"query": search.query.text, "found": counts.total()}
    if len(counts) > 1:
        facts["by_kind"] = ", ".join(f"{kind} {count}" for kind, count in counts.most_common(_MOST_KINDS))
    findings = Findings(facts, notes=list(_notes(search, hits)))
    if hits:
        rows = [_row(each, books) for each in in_turn(hits)]
        way_on = "kinds or more of the query narrow it"
        findings.tables.append(
            Table("records", _COLUMNS, rows, frozenset({"amount"}), of=counts.total(), way_on=way_on)
        )
        findings.next += _next(hits, books)
    return findings


def _next(hits: Sequence[Hit], books: Books) -> list[str]:
    """What tells more of a company: its bills and orders are not among the hits of a name."""
    companies = [each.row for each in hits if each.kind.name == "company"]
    types = {"vendor" if str(row.get("type") or "").lower() == "vendor" else "customer" for row in companies}
    ways = [("vendor", "vendor_position", "list_bills"), ("customer", "look_up_invoices", "list_invoices")]
    return [tool for kind, tool, needs in ways if kind in types and books.has(needs)]


def _unknown(kind: str, books: Books) -> Problem:
    """What is wrong with a kind that is not searched: where else it is listed, and what is searched."""
    lists = {each.partition("list_")[2]: each for each in books.operations() if "list_" in each}
    plain = kind[:64].strip().lower().replace(" ", "_").replace("-", "_")
    plural = nearest(f"{plain.removesuffix('s')}s", lists, at_least=_SAME)
    hint = f"; {lists[plural]} lists them" if plural else ""
    return Problem("kinds", f"no kind {kind[:64]!r} is searched{hint}. Kinds: {', '.join(NAMES)}")


def _row(each: Hit, books: Books) -> dict[str, Any]:
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
        "tool": kind.look if books.has(kind.look) else None,
    }


def _notes(search: Search, hits: list[Hit]) -> Iterator[str]:
    if not hits:
        yield "Nothing fits. A part of the number, or another word of the name, may."
        yield from _not_found(search)
    elif hits[0].rank is Rank.ALIKE:
        yield "Nothing is spelled exactly like this; these are alike."
    if any(each.kind is PARCELS for each in hits):
        yield "Of a shipment to a customer the id is that of its sales order."
    if search.parcels_read and not search.found_parcel:
        yield search.parcels_read
    if search.passed:
        yield f"Not searched, as this fits exactly: {', '.join(search.passed)}. With kinds they are."
    if search.failed:
        yield f"Could not be searched: {', '.join(search.failed)}."
    if search.cut:
        yield f"More may fit than was read: {', '.join(search.cut)}. Give more of the number or name."


def _not_found(search: Search) -> Iterator[str]:
    """What was searched without a hit, and what was not."""
    failed = {each.split()[0] for each in search.failed}
    unlike = [each for each in search.available if each not in search.searched | failed]
    if search.searched:
        yield f"Searched: {', '.join(each for each in search.available if each in search.searched)}."
    if unlike:
        yield f"Not searched, as nothing of this shape is searched there: {', '.join(unlike)}."
    if search.missing:
        yield f"Not enabled here: {', '.join(search.missing)}."
    if not search.narrowed:
        yield "Kinds that are not named here have list_... tools of their own."
    if search.query.digits and search.query.is_number and not search.narrowed:
        yield _IN_NO_LIST
