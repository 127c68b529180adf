"""The answer of a workflow: facts, tables as far as they fit, notes, and which operations it was read with."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from server.answers import table
from server.answers.answer import Answer, links, room_for_link
from server.answers.budget import tokens
from server.answers.errors import error_answer, shortened
from server.answers.sharing import LEFT_OUT, Size, rows_shown
from server.answers.values import CELL, Kind, amount, at, jsonable, text_of, unfenced
from server.files.results import Kept
from server.text import clean
from tools.workflows.findings import Amounts, Chart, Findings, Table, UnclearError

_MOST_CURRENCIES = 8
_AS_READ = "The figures are of what was read."
_SHORT = 60
"""Characters of a text in a row."""
_NAME = 24
"""Characters of a candidate's name below which fewer candidates are told."""


def findings_answer(
    name: str,
    found: Findings,
    used: Mapping[str, int],
    pictures: tuple[dict[str, Any], ...] = (),
    *,
    budget: int,
    keep: Callable[[Table], Kept] | None = None,
) -> Answer:
    """The answer of a workflow.

    used: requests by operation. pictures: its charts, drawn. keep: puts the rows of a table that does not fit where
    they can be read in parts.
    """
    said = {key: value for key, value in found.facts.items() if _is_said(value)}
    lines_of_facts = {key: f"{key}: {_fact(value)}" for key, value in said.items()}
    head = [name, *([f"Not all was read: {found.stopped}. {_AS_READ}"] if found.stopped else [])]
    notes = [*found.notes, *([f"Next: {', '.join(found.next)}"] if found.next else []), _read_with(used)]
    tables = [table.lines(each.rows, each.columns, kinds_of(each), cell=_SHORT) for each in found.tables]
    sizes = [_size_of(each, lines) for each, lines in zip(found.tables, tables, strict=True)]
    room = budget - _cost([*head, "<data>", "</data>"])
    if _cost([*lines_of_facts.values(), *notes]) + sum(size.all for size in sizes) > room:
        room -= _LEFT_OUT
    told = _told(said, lines_of_facts, room, budget - _size(_frame(name, found)) - _LEFT_OUT)
    facts = [lines_of_facts[key] for key in told]
    room -= _cost(facts)
    notes = _first(notes, room)
    room -= _cost(notes)
    counts = rows_shown(sizes, room)
    cut = [index for index, each in enumerate(found.tables) if counts[index] != len(each.rows) and _has_more(each)]
    longest = max(cut, key=lambda index: len(found.tables[index].rows), default=None)
    kept = keep(found.tables[longest]) if keep and longest is not None and room > _WORTH_KEEPING else None
    if kept and longest is not None:
        room -= room_for_link(kept.link(), budget)
        sizes[longest] = _size_of(found.tables[longest], tables[longest], kept.uri)
        counts = rows_shown(sizes, room)
    body: list[str] = []
    for index, (each, count) in enumerate(zip(found.tables, counts, strict=True)):
        if count != LEFT_OUT:
            body += _shown(each, tables[index], count, kept.uri if kept and index == longest else "")
    untold, absent = len(said) - len(told), counts.count(LEFT_OUT)
    if left := [f"{n} {what}" for n, what in ((untold, "facts"), (absent, "tables")) if n]:
        notes.append(f"Left out: {' and '.join(left)}; max_tokens shows more.")
    text = "\n".join([*head, "<data>", *facts, *body, "</data>", *notes])
    blocks = (*pictures, *(links(text, kept.link(), budget) if kept else ()))
    return Answer(text, lambda: _structured(name, found, told, used, budget, kept), blocks=blocks)


def _told(said: Mapping[str, Any], lines: Mapping[str, str], room: int, room_as_data: int) -> dict[str, Any]:
    """The first facts, as many as fit into the text and into the structured content: both tell the same."""
    told: dict[str, Any] = {}
    for key, value in said.items():
        room -= tokens(lines[key]) + 1
        room_as_data -= _size({key: _json(value)})
        if room < 0 or room_as_data < 0:
            break
        told[key] = value
    return told


def _first(lines: Sequence[str], room: int) -> list[str]:
    """As many lines as fit, the first ones first."""
    kept: list[str] = []
    for line in lines:
        room -= tokens(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


_WORTH_KEEPING = 80
"""Tokens for tables from which there is room to name where the other rows are."""
_MANY = 50
"""Rows that are worth reading in parts even where they are not all."""
_LEFT_OUT = 24
"""Tokens kept for saying what is left out."""
_HEADING = 24
"""Tokens kept for what is around the rows of a table, as data."""


def _is_said(value: Any) -> bool:
    return value is not None and value != ""


def _fact(value: Any) -> str:
    if isinstance(value, Amounts):
        return amounts_text(value)
    if isinstance(value, Decimal):
        return amount(value)
    return text_of(value, length=CELL)


def amounts_text(amounts: Amounts) -> str:
    """`12.00 USD + 3.50 EUR`; nothing is `0.00`."""
    main = amounts.main(_MOST_CURRENCIES)
    said = [f"{amount(value)} {unfenced(clean(currency, 8))}".rstrip() for currency, value in main]
    more = len(amounts) - len(main)
    return (" + ".join(said) + (f" and {more} more currencies" if more else "")) or "0.00"


def kinds_of(each: Table) -> dict[str, Kind]:
    """Which columns of a table are amounts, and which are prices."""
    return dict.fromkeys(each.money, Kind.MONEY) | dict.fromkeys(each.prices, Kind.PRICE)


def _cost(lines: Sequence[str]) -> int:
    return sum(tokens(line) + 1 for line in lines)


def _size_of(each: Table, lines: Sequence[str], uri: str = "") -> Size:
    """What a table costs as text. lines: its columns, then its rows. uri: where its rows are kept."""
    columns, *rows = (tokens(line) + 1 for line in lines)
    there = _there(each)
    whole, most, none = (_cost([_heading(each, shown, uri)]) for shown in (there, there - 1, 0))
    cut = max(most, none)
    return Size(whole if len(rows) == there else cut, cut, columns, rows)


def _shown(each: Table, lines: Sequence[str], count: int, uri: str) -> list[str]:
    """A table with so many of its rows."""
    return [_heading(each, count, uri), *(lines[: count + 1] if count else ())]


def _heading(each: Table, shown: int, uri: str) -> str:
    """Its name, how many rows are shown of how many there are, and how to get the others."""
    there = _there(each)
    if shown >= there:
        return f"{each.name}:"
    more = uri and f"; {'all' if len(each.rows) >= there else f'the first {len(each.rows)}'}: {uri}"
    way_on = more or (f"; {each.way_on}" if each.way_on else "; max_tokens shows more")
    if not shown:
        return f"{each.name}: {there} rows, none shown{way_on}"
    return f"{each.name}, {shown} of {there} shown{way_on}:"


def _has_more(each: Table) -> bool:
    """Whether its rows are worth keeping: they are all, or many. The few worst of many have a better way on."""
    return len(each.rows) >= min(_there(each), _MANY)


def _there(each: Table) -> int:
    return len(each.rows) if each.of is None else each.of


def _read_with(used: Mapping[str, int]) -> str:
    count = sum(used.values())
    return f"Read with {', '.join(used)} ({count} request{'s' if count != 1 else ''})."


def picture(chart: Chart) -> dict[str, Any]:
    """A chart as a picture in a tool result. Drawing takes a while: not on the event loop."""
    from server.answers.charts import png

    return {"type": "image", "data": base64.b64encode(png(chart)).decode(), "mimeType": "image/png"}


def _frame(name: str, found: Findings) -> dict[str, Any]:
    """Structured content that is there whatever the budget."""
    stopped = {"stopped": found.stopped} if found.stopped else {}
    return {"operation": name, **stopped, "facts": {}, "tables": {}}


def _structured(
    name: str, found: Findings, told: Mapping[str, Any], used: Mapping[str, int], budget: int, kept: Kept | None
) -> dict[str, Any]:
    """The same as data: facts first, then notes, then rows, as far as they fit."""
    structured = _frame(name, found)
    room = budget - _size(structured) - _LEFT_OUT
    structured["facts"] = {key: _json(value) for key, value in told.items()}
    room -= sum(_size({key: value}) for key, value in structured["facts"].items())
    if kept and (cost := _size({"result": kept.uri})) <= room:
        structured["result"] = kept.uri
        room -= cost
    room -= _add_currencies(structured, told, room)
    for key, lines in (("notes", found.notes), ("next", found.next)):
        if shown := _first([json.dumps(each, ensure_ascii=False) for each in lines], room // 2 - _size({key: []})):
            structured[key] = list(lines[: len(shown)])
            room -= _size({key: structured[key]})
    if (cost := _size({"read_with": dict(used)})) <= room // 2:
        structured["read_with"] = dict(used)
        room -= cost
    whole = [_objects(each) for each in found.tables]
    sizes = [Size(_HEADING, _HEADING, 0, [_size(row) for row in rows]) for rows in whole]
    left_out = len([value for value in found.facts.values() if _is_said(value)]) - len(told)
    for each, rows, count in zip(found.tables, whole, rows_shown(sizes, room), strict=True):
        left_out += count in (LEFT_OUT, 0)
        if count != LEFT_OUT:
            structured["tables"][each.name] = {"rows": rows[:count], "of": _there(each)}
    return structured | ({"left_out": left_out} if left_out else {})


def _add_currencies(structured: dict[str, Any], told: Mapping[str, Any], room: int) -> int:
    """Add the currencies that a text leaves out, as many as fit, and how many do not. Returns what that costs."""
    spent = 0
    for key, amounts in told.items():
        if not isinstance(amounts, Amounts) or len(amounts) <= _MOST_CURRENCIES:
            continue
        short = _size({key: structured["facts"][key]})
        for most in range(len(amounts), _MOST_CURRENCIES, -1):
            more = _json(amounts, most)
            if (cost := _size({key: more}) - short) <= (room - spent) // 2:
                structured["facts"][key] = more
                spent += cost
                break
        if left := len(amounts) - len(structured["facts"][key]):
            cut = structured.setdefault("currencies_left_out", {})
            cut[key] = left
            spent += _size({"currencies_left_out": cut})
    return spent


def _objects(each: Table) -> list[dict[str, Any]]:
    """The rows as data. Where a column has a fraction somewhere, all its numbers are text: exact, and of one type."""
    kinds = kinds_of(each)
    exact = {column for column in each.columns if any(isinstance(at(row, column), Decimal) for row in each.rows)}
    return [
        {
            column: _cell(value, kinds.get(column, Kind.PLAIN), exact=column in exact)
            for column in each.columns
            if (value := at(row, column)) is not None
        }
        for row in each.rows
    ]


def _cell(value: Any, kind: Kind, *, exact: bool) -> Any:
    if isinstance(value, Decimal) or (exact and isinstance(value, int) and not isinstance(value, bool)):
        return text_of(value, kind)
    return value.isoformat() if isinstance(value, dt.date) else jsonable(value, kind)


def _size(value: Any) -> int:
    return tokens(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) + 1


def _json(value: Any, most: int = _MOST_CURRENCIES) -> Any:
    """A fact as data. most: currencies."""
    if isinstance(value, Amounts):
        return {clean(currency, 40): amount(each) for currency, each in value.main(most)}
    if isinstance(value, dt.date):
        return value.isoformat()
    return jsonable(value, Kind.PLAIN, length=CELL)


def unclear_answer(name: str, error: UnclearError, budget: int) -> Answer:
    """A question back: which of these is meant?"""

    def make(most: int, length: int) -> Answer:
        candidates = [{"id": each.id, "name": clean(each.name, min(CELL, length))} for each in error.candidates[:most]]
        said, advice = _which(name, error, len(candidates))
        answer = error_answer("unclear", f"{error.argument}: {said}", advice, candidates=candidates, fits=error.fits)
        lines = table.lines(candidates, ("id", "name"), {}) if candidates else []
        return replace(answer, text="\n".join([f"{error.argument}: {said}", "<data>", *lines, "</data>", advice]))

    return shortened(make, len(error.candidates), budget, least=_NAME)


def _which(name: str, error: UnclearError, shown: int) -> tuple[str, str]:
    """How many fit of which so many are shown, and what to do."""
    if not error.fits:
        said = f"No {error.kind} fit; the nearest {shown} are below." if shown else f"There are no {error.kind}."
        advice = f"Ask the user which is meant, then call {name} again with its id as {error.argument}."
        return said, f"{advice} find_record searches customers and contacts as well."
    if error.fits > shown:
        said = f"{error.fits} {error.kind} fit; the first {shown} are below."
        return said, f"Give more of the name as {error.argument}, or ask the user and call again with the id."
    said = f"{error.fits} {error.kind} fit."
    return said, f"Ask the user which is meant, then call {name} again with its id as {error.argument}."
