"""The list contract: how many match, what page this is, sums and counts, compact rows, how to get more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from schemas.common import Record, View
from server.answers import table
from server.answers.answer import MAX_TOKENS, Answer, links, room_for_link
from server.answers.budget import compact, fitting, tokens, tokens_of, tokens_of_lines
from server.answers.columns import Columns, Shape, chosen, for_fewer_rows, others, shapes
from server.answers.entries import FEW, lines_of, names_of, objects_of
from server.answers.figures import Figures, figures
from server.answers.span import Span, headline
from server.answers.values import CELL, FACT, Kind, at, field_names, jsonable, kind_in, plain, room_for, text_of

if TYPE_CHECKING:
    from server.files.results import Kept

_HEAD = 0.4
"""Share of the budget that figures may take before they are left out."""
_AROUND = 85
"""Tokens for saying what is left out, and where it is."""
_OTHER = 60
"""Tokens for naming the fields that are not shown."""
_SAMPLE = 100
"""Rows from which the size of many is estimated."""


def list_answer(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    span: Span,
    record: type[Record] | None,
    fields: list[str] | None = None,
    *,
    by: Sequence[str] = (),
    note: str = "",
    record_tool: str = "",
    budget: int = MAX_TOKENS,
    keep: Callable[[], Kept] | None = None,
) -> Answer:
    """The answer of a list operation.

    fields: columns asked for, in place of the usual ones. by: what it is filtered or sorted by. note: what else is to
    be said. record_tool: what gives one of the records whole. keep: puts all rows where they can be read in parts,
    called when some are left out. Raises InvalidArgumentsError for a column that no row has.
    """
    view = record.view if record else View()
    columns, summed = chosen(rows, record, view, fields, by), figures(rows, view)
    notes = [note]
    if summed.unsummed:
        notes.append(f"No sum of {', '.join(summed.unsummed)}: not all of it is plain numbers.")
    if columns.absent:
        where = f"; {record_tool} has it" if record_tool else ""
        notes.append(f"No row of this list carries {', '.join(columns.absent)}{where}.")
    note = " ".join(filter(None, notes))
    listed = _List(name, rows, span, record, columns, summed, note, budget, keep)
    text = listed.text()
    kept = listed.kept if listed.left_out else None
    if kept is None:
        return Answer(text, listed.structured)
    if (cost := room_for_link(kept.link(), budget)) and not links(text, kept.link(), budget):
        listed = _List(name, rows, span, record, columns, summed, note, budget - cost, lambda: kept)
        text = listed.text()
    return Answer(text, listed.structured, blocks=links(text, kept.link(), budget))


@dataclass
class _List:
    """A list on its way to an answer."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    span: Span
    record: type[Record] | None
    columns: Columns
    figures: Figures
    note: str
    budget: int
    keep: Callable[[], Kept] | None
    left_out: int = field(default=0, init=False)

    @cached_property
    def kept(self) -> Kept | None:
        """Where all rows can be read, once that is needed."""
        return self.keep() if self.keep is not None else None

    @property
    def view(self) -> View:
        return self.record.view if self.record else View()

    @cached_property
    def known(self) -> Mapping[str, Kind]:
        """What the numbers of each column are."""
        sample = self.rows[:_SAMPLE]
        return {name: kind_in(self.record, name, (at(row, name) for row in sample)) for name in self.columns.names}

    @cached_property
    def inside(self) -> list[str]:
        """Lists inside the rows whose entries are shown: those asked for, or those that matter where rows are few."""
        if self.columns.asked:
            return names_of(self.rows, self.columns.names)
        found = names_of(self.rows, (*self.columns.names, *self.view.entries)) if len(self.rows) <= FEW else []
        looked_into = {name.partition(".")[0] for name in self.columns.names if "." in name}
        return [
            name for name in found if name not in looked_into or any(len(row.get(name) or ()) > 1 for row in self.rows)
        ]

    @cached_property
    def constant(self) -> dict[str, str]:
        """The currency, when it is the same in all rows, is said once."""
        currency = self.view.currency
        if self.columns.asked or currency not in self.columns.names:
            return {}
        values = {text_of(at(row, currency), length=8) for row in self.rows}
        return {currency: values.pop()} if len(values) == 1 else {}

    @cached_property
    def shown(self) -> Columns:
        names = tuple(name for name in self.columns.names if name not in self.constant)
        return replace(self.columns, names=names)

    @cached_property
    def next(self) -> str:
        return self.span.next(len(self.rows))

    # Text

    def text(self) -> str:
        """The readable answer, within the budget."""
        head = self._head()
        sample = self.rows[:_SAMPLE]
        many = max(1.0, len(self.rows) / _SAMPLE)
        shape = Shape(self.shown.names)
        for shape in shapes(self.shown, len(self.rows)):
            said = self._said(shape, 0)
            spent = tokens_of_lines([*head, "<data>", "</data>", *said])
            body = self._body(sample, shape)
            cost = int(tokens_of_lines(body) * many)
            if spent + cost > self.budget:
                continue
            if len(sample) < len(self.rows):
                body = self._body(self.rows, shape)
                if spent + tokens_of_lines(body) > self.budget:
                    break
            inside = lines_of(self.rows, self.inside, self.record, self.budget - spent - cost)
            said += self._others(shape, self.budget - spent - cost - tokens_of_lines(inside))
            return "\n".join([*head, "<data>", *body, *inside, "</data>", *said])
        return self._text_of_fewer(head, shape)

    def _text_of_fewer(self, head: list[str], smallest: Shape) -> str:
        body: list[str] = []
        said: list[str] = []
        room = 0
        for shape in for_fewer_rows(self.shown, len(self.rows), smallest):
            said = self._said(shape, len(self.rows))
            room = self.budget - tokens("\n".join([*head, "<data>", "</data>", *said])) - 4
            body, room = _within(room, self._body(self.rows, shape))
            if len(body) > 1:
                break
        self.left_out = len(self.rows) - max(0, len(body) - 1)
        said = self._said(shape, self.left_out) + self._others(shape, room)
        return "\n".join([*head, "<data>", *body, "</data>", *said])

    def _body(self, rows: Sequence[Mapping[str, Any]], shape: Shape) -> list[str]:
        return table.lines(rows, shape.columns, self.known, cell=shape.cell, whole=shape.whole)

    def _head(self) -> list[str]:
        head = headline(self.name, len(self.rows), self.span)
        of = "Of all" if self.span.whole(len(self.rows)) else "Of these rows"
        parts = self.figures.said()
        if not self.figures.sums:
            parts += [f"all in {value}" for value in self.constant.values() if value]
        if len(head) + sum(map(len, parts)) > self.budget * _HEAD:
            room = self.budget * _HEAD - tokens(head)
            costs = accumulate(tokens(f"; {part}") for part in parts)
            parts = [part for part, cost in zip(parts, costs, strict=True) if cost <= room]
        return [head, f"{of}: {'; '.join(parts)}"] if parts else [head]

    def _said(self, shape: Shape, left_out: int) -> list[str]:
        """What stands below the rows, without the names of other fields."""
        said = [self.note] if self.note else []
        if left_out:
            said.append(f"{left_out} rows left out to stay within {self.budget} tokens: {self._ways(left_out)}")
        elif len(shape.columns) < len(self.shown.names):
            said.append(f"To stay within {self.budget} tokens some columns are left out: max_tokens or fields.")
        elif shape.cell < CELL:
            said.append(f"To stay within {self.budget} tokens texts are cut at {shape.cell} characters: max_tokens.")
        if self.span.stopped:
            said.append(f"Not all was read: {self.span.stopped}.")
        if self.next:
            also = ", or all_pages=true" if not self.span.read_all else " with all_pages=true"
            more = f'More: next="{self.next}"{also}.'
            needed = self._needed(more)
            said.append(more if not needed else f"More: next is long; ask again with max_tokens={needed}.")
        return said

    def _needed(self, more: str) -> int:
        """The budget that a line on what comes next would need, 0 when there is room for it."""
        room = int(self.budget * (1 - _HEAD)) - _AROUND
        return 0 if len(more) <= room or tokens(more) <= room else int((tokens(more) + _AROUND) / (1 - _HEAD)) + 100

    def _ways(self, left_out: int) -> str:
        """How to get rows that are left out."""
        ways = ["fewer fields", "a filter"]
        if self.budget < MAX_TOKENS // 2:
            ways.insert(0, "max_tokens")
        text = ", ".join(ways)
        return f"{text}; all are in {self.kept.uri}" if self.kept else f"{text}."

    def _others(self, shape: Shape, room: int) -> list[str]:
        """Names of fields that are not shown, as many as there is room for; on later pages they are known."""
        dropped = [name for name in self.shown.names if name not in shape.columns]
        names = others(self.rows, self.columns.names, dropped) if self._first else dropped
        if not names or self.columns.asked:
            return []
        said = field_names(names)
        count = fitting(said, min(room - 10, _OTHER))
        if not count:
            return [f"Other fields: {len(names)}"] if room > 10 and not said else []
        more = f" and {len(names) - count} more" if count < len(names) else ""
        return [f"Other fields: {', '.join(said[:count])}{more}"]

    @property
    def _first(self) -> bool:
        return self.span.paged and self.span.page == 1 and not self.span.read_all

    # Structured content

    def structured(self) -> dict[str, Any]:
        """The same as data, within the budget: rows as objects, what is empty left out."""
        content = self._around()
        room = self.budget - tokens_of(content) - 10
        sample = self.rows[:_SAMPLE]
        shape = Shape(self.shown.names)
        for shape in shapes(self.shown, len(self.rows), FACT if self.columns.asked else CELL):
            objects = self._objects(sample, shape)
            cost = tokens_of(objects) * max(1.0, len(self.rows) / _SAMPLE)
            if cost <= room:
                objects = objects if len(sample) == len(self.rows) else self._objects(self.rows, shape)
                if len(sample) == len(self.rows) or tokens_of(objects) <= room:
                    return content | {"rows": self._with_entries(objects, room)}
                break
        return content | self._fewer(room, shape)

    def _with_entries(self, objects: list[dict[str, Any]], room: int) -> list[dict[str, Any]]:
        """The same rows with the lists inside them, where those fit whole."""
        more = [
            {name: objects_of(row, name, self.record) for name in self.inside if row.get(name)} for row in self.rows
        ]
        whole = [other | one for one, other in zip(objects, more, strict=True)]
        return whole if self.inside and tokens_of(whole) <= room else objects

    def _fewer(self, room: int, smallest: Shape) -> dict[str, Any]:
        objects: list[dict[str, Any]] = []
        more = {"left_out": len(self.rows)} | ({"result": self.kept.uri} if self.kept else {})
        room -= tokens_of(more)
        for shape in for_fewer_rows(self.shown, len(self.rows), smallest):
            objects = _objects_within(room, self._objects(self.rows, shape))
            if objects:
                break
        return {"rows": objects, **more, "left_out": len(self.rows) - len(objects)}

    def _objects(self, rows: Sequence[Mapping[str, Any]], shape: Shape) -> list[dict[str, Any]]:
        marks = [
            (
                column,
                text_of(column, length=100),
                self.known.get(column, Kind.PLAIN),
                max(CELL, shape.cell) if column in shape.whole else shape.cell,
            )
            for column in shape.columns
        ]
        return [
            {
                name: jsonable(value, kind, length=room_for(value, length))
                for column, name, kind, length in marks
                if (value := at(row, column)) is not None or self.columns.asked
            }
            for row in rows
        ]

    def _around(self) -> dict[str, Any]:
        """Everything but the rows; figures only as far as there is room for them."""
        span, shown = self.span, len(self.rows)
        content: dict[str, Any] = {
            "operation": self.name,
            "total": span.total,
            "page": span.page,
            "pages": span.pages,
            "rows": [],
            "whole": span.whole(shown),
            **({"all": self.constant} if self.constant else {}),
            "left_out": 0,
            "next": self.next or None,
            "stopped": span.stopped or None,
            "note": self.note or None,
        }
        content = {key: value for key, value in content.items() if value is not None}
        if self.next and self._needed(self.next):
            del content["next"]
        room = self.budget * _HEAD
        quantities = {name: plain(value) for name, value in self.figures.quantities.items()}
        for key, value in (
            ("sums", self.figures.structured_sums()),
            *((("quantities", quantities),) if quantities else ()),
            ("counts", self.figures.counts),
        ):
            room -= (cost := tokens_of({key: value}))
            if room < 0:
                room += cost
                continue
            content[key] = value
        return content


def _within(room: int, body: list[str]) -> tuple[list[str], int]:
    """The header and as many lines as fit, and the room that is left; nothing where not even a line fits."""
    kept: list[str] = []
    for line in body:
        cost = tokens_of_lines([line])
        if cost > room:
            break
        room -= cost
        kept.append(line)
    return (kept, room) if len(kept) > 1 else ([], room)


def _objects_within(room: int, objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for each in objects:
        room -= tokens(compact(each)) + 1
        if room < 0:
            break
        kept.append(each)
    return kept
