"""Counts and sums over a whole list, grouped, without holding its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from schemas.common import Mark, View
from schemas.filters import query_of, read_object
from tools.arguments import InvalidArgumentsError, Problem, check, is_marked, nearest
from tools.operation import Effect, Operation, System
from tools.workflows.books import Books, RefusedError, Row
from tools.workflows.findings import Findings, Table
from tools.workflows.parts.closed_records import ClosedRecords
from tools.workflows.parts.related import CURRENCY, Related
from tools.workflows.parts.row_filter import OwnFilters, SentFilters, field_of
from tools.workflows.parts.summary import Line, Summary, SummaryResult, unknown_field
from tools.workflows.parts.unfolding import Unfolding
from tools.workflows.workflow import Question, workflow

_NEEDS: dict[System, tuple[str, ...]] = {System.LUMINOUS: (), System.BILLDIARY: ()}
_GROUPS = 20
_PERIODS = 60
_MOST_GROUPS = 500
_PAYMENTS = (
    "no list has the payments to vendors: vendor_position shows a vendor's last ones, get_vendor_statement all with"
    " their dates; total_paid of bills is by bill and not by day of payment. Payments of customers: list_invoices,"
    " group_by payments.date:month, metrics sum:payments.amount"
)


_NO_FILTERS = frozenset(
    ("page", "per_page", "limit", "cursor", "next", "all_pages", "fields", "sort", "format", "export", "save_to")
)


def _names(value: object) -> object:
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


def _not_zero(value: int) -> int:
    if not value:
        raise ValueError("must not be 0: 5 gives the five groups with the most, -5 those with the least")
    return value


Names = Annotated[list[str], BeforeValidator(_names), WithJsonSchema({"type": "string"})]
"""Several names, `a,b`; an array is taken too."""

Top = Annotated[
    int,
    Field(ge=-_MOST_GROUPS, le=_MOST_GROUPS, strict=True),
    AfterValidator(_not_zero),
    WithJsonSchema({"type": "integer"}),
]
Seconds = Annotated[int, Field(ge=1, le=600, strict=True), WithJsonSchema({"type": "integer"})]


class SummarizeRecords(Question):
    """What to add up. max_seconds: what was read by then is answered, and that it is not all."""

    operation: str = Field(description="A list tool, such as list_bills")
    filters: Annotated[dict[str, Any] | None, BeforeValidator(read_object), WithJsonSchema({"type": "object"})] = Field(
        None, description="And arguments of it"
    )
    group_by: Names = Field(default_factory=list, description="To 3 fields; due_date:month (day, week, quarter, year)")
    metrics: Names = Field(
        default_factory=lambda: ["count"], description="count, sum:total_due, avg:, min:, max: of a field"
    )
    top: Top | None = Field(None, description="Groups, by the first metric; -5: the least")
    max_seconds: Annotated[Seconds | None, Mark.UNLISTED] = None


@workflow(_NEEDS, tokens=1_400)
async def summarize_records(wanted: SummarizeRecords, books: Books) -> Findings:
    """Exact counts, sums, averages over all rows of any list, grouped: how much per vendor, month, status."""
    operation = _list_operation(wanted.operation, books)
    asked = _Asked(operation, wanted.filters or {})
    _check_given(operation, asked.arguments, books)
    if "cursor" not in operation.arguments.model_fields:  # Exports take theirs from who reads them.
        check(operation.arguments, asked.arguments)  # Here the caller knows the names of these arguments.
    if wanted.max_seconds:
        books.take(wanted.max_seconds)
    while True:
        reading = _Reading(wanted, operation, asked, books)
        try:
            return await reading.findings()
        except RefusedError as error:
            # The API filters by some fields only, and which these are is mostly not documented.
            refused = asked.refused(error.fields)
            if not refused or await _filters_by(operation, asked.arguments, refused, books):
                raise
            asked.keep_here(refused)


async def _filters_by(operation: Operation, arguments: Mapping[str, Any], keys: Sequence[str], books: Books) -> bool:
    """Whether the API filters by these fields, so that what it refused was a value of theirs."""
    probe = {f"{field_of(key)}[set]": True for key in keys}
    try:
        await books.page(operation.name, **arguments, filters=probe)
    except RefusedError:
        return False
    return True


class _Asked:
    """The filters of a question, sorted by who carries them out."""

    def __init__(self, operation: Operation, given: Mapping[str, Any]) -> None:
        model = operation.arguments
        known = {name for name in model.model_fields if not is_marked(model, name, Mark.LOCAL)}
        known -= {"filters", *_NO_FILTERS}
        if asked := sorted(_NO_FILTERS & set(given)):
            raise InvalidArgumentsError([Problem("filters", f"{', '.join(asked)}: all pages are read, in any order")])
        self.arguments = {name: value for name, value in given.items() if name in known}
        """Arguments of the operation, which say themselves what they mean."""
        try:
            filters = query_of({name: value for name, value in given.items() if name not in known})
        except ValueError as error:
            raise InvalidArgumentsError([Problem("filters", str(error))]) from None
        takes_filters = "filters" in model.model_fields
        self.sent = filters if takes_filters else {}
        self.own = {} if takes_filters else filters
        """Carried out here, on the rows."""

    def refused(self, fields: tuple[str, ...]) -> list[str]:
        """Which of the filters that were sent the API means."""
        return [key for key in self.sent if {key, field_of(key)} & {*fields}]

    def keep_here(self, keys: Sequence[str]) -> None:
        """Carry these out here."""
        for key in keys:
            self.own[key] = self.sent.pop(key)

    @property
    def fields(self) -> set[str]:
        """All fields that are filtered by."""
        return {*self.arguments, *map(field_of, (*self.sent, *self.own))}


class _Reading:
    """One way through the list."""

    def __init__(self, wanted: SummarizeRecords, operation: Operation, asked: _Asked, books: Books) -> None:
        self._wanted, self._operation, self._asked, self._books = wanted, operation, asked, books
        record = operation.returns
        self._summary = Summary(wanted.group_by, wanted.metrics, record)
        self._totals = Summary((), wanted.metrics, record)
        """Of records that stand in several groups, which must not count twice in the total."""
        self._unfolding = Unfolding(self._summary.keys, self._summary.amounts, record)
        self._sent, self._own = SentFilters(asked.sent), OwnFilters(asked.own)
        looked_up = [*self._own.fields, *(key.field for key in self._summary.keys)]
        if self._summary.has_amounts:
            looked_up.append(CURRENCY)
        self._related = Related(books, looked_up, record.view if record else View())
        self._closed = ClosedRecords(asked.fields | {key.field for key in self._summary.keys})
        self._is_checked = False
        self._read = self._records = 0
        self._stopped = ""
        self._match: int | None = None

    async def findings(self) -> Findings:
        """The answer. Raises RefusedError where the API refuses a filter."""
        arguments = {**self._asked.arguments, **({"filters": self._asked.sent} if self._asked.sent else {})}
        async with self._books.stream(self._operation.name, **arguments) as stream:
            async for rows in stream:
                await self._add(rows)
        self._stopped, self._match = stream.stopped, stream.total
        self._check_carried()
        return self._answer()

    async def _add(self, rows: Sequence[Row]) -> None:
        self._read += len(rows)
        fitting = await self._related.rows(self._sent.rows(rows))
        if not self._is_checked and fitting:
            self._is_checked = True
            self._check_own(fitting)
        fitting = self._own.rows(fitting)
        self._records += len(fitting)
        self._closed.add(fitting)
        self._summary.add(self._unfolding.rows(fitting))
        if self._unfolding.by_record:
            self._totals.add(fitting)

    def _check_own(self, rows: Sequence[Row]) -> None:
        problems = [
            Problem("filters", f"{self._operation.name} does not filter by {name}, and no row has it; {said}")
            for name in self._own.fields
            if (said := unknown_field(name, rows, self._operation.returns)) is not None
        ]
        problems += [Problem("filters", said) for said in self._own.misfits(rows)]
        if problems:
            raise InvalidArgumentsError(problems)

    def _check_carried(self) -> None:
        place = self._unfolding.place
        if place and self._records and not self._unfolding.is_carried:
            text = f"no row of {self._operation.name} carries {place}; the tool that gets one record may"
            raise InvalidArgumentsError([Problem("group_by", text)])

    def _answer(self) -> Findings:
        by_period = any(":" in each for each in self._wanted.group_by)
        result = self._summary.result(self._wanted.top or (_PERIODS if by_period else _GROUPS))
        totals = self._totals.result() if self._unfolding.by_record else result
        facts: dict[str, Any] = {"list": self._operation.name, "rows": self._records}
        if self._match not in (None, self._read):
            facts["match"] = self._match
        if self._unfolding.place and not self._unfolding.by_record:
            facts[self._unfolding.place] = result.rows
        findings = Findings(facts, notes=[*self._notes(result, totals)], stopped=self._stopped)
        findings.tables = [_totals(totals)]
        if result.groups:
            findings.tables.append(_groups(result))
        return findings

    def _notes(self, result: SummaryResult, totals: SummaryResult) -> Iterator[str]:
        if not self._records and not self._sent.unfit and not self._stopped:
            yield "Nothing matched. Filters compare exactly; without them, group_by shows which values there are."
        elif not self._stopped:
            fit = f", and {self._records:,} of them fit" if self._records != self._read else ""
            yield f"All {self._read:,} rows were read{fit}."
        if self._own.fields:
            yield f"The API does not filter this list by {', '.join(self._own.fields)}: that was done here."
        for field, count in self._sent.unfit.items():
            yield f"The API does not seem to filter by {field}: {count:,} rows that do not fit were left out here."
            if not self._records:
                yield f"What they have there: {', '.join(self._sent.shown[field])}."
        if self._records and self._sent.unseen:
            yield f"No row shows {', '.join(self._sent.unseen)}: that the API filtered by it could not be checked."
        if len(totals.totals) > 1:
            yield "Currencies are never added together; each has its own line."
        for field, count in self._related.unknown.items():
            mixed = ", and may be of several" if field == CURRENCY else ""
            yield f"Of {count:,} rows the {field} is not known: they are told apart{mixed}."
        if self._unfolding.overlaps:
            yield f"Records with several {self._unfolding.place} count in several groups, and once in the total."
        if result.found > len(result.groups):
            yield f"{result.found:,} groups in all."
        yield from self._closed.notes()


def _list_operation(name: str, books: Books) -> Operation:
    """The operation of that name. Raises InvalidArgumentsError unless it is a list."""
    if books.has(name):
        operation = books.operation(name)
        if operation.effect is Effect.READ and operation.many:
            return operation
        raise InvalidArgumentsError([Problem("operation", f"{name} is no list of records; list_... tools are")])
    near = nearest(name, [each for each in books.operations() if "list_" in each or each.startswith("export_")])
    hint = f"did you mean {near}?" if near else "find_tools or tools/list names them"
    if "payment" in name:
        hint = _PAYMENTS
    raise InvalidArgumentsError([Problem("operation", f"no list tool {name[:64]!r}; {hint}")])


def _check_given(operation: Operation, arguments: Mapping[str, Any], books: Books) -> None:
    """Refuse the list of one record's entries where it is not said which record, and name the list of all."""
    missing = [name for name in _required(operation) if name not in arguments]
    if not missing:
        return
    every = [books.operation(name) for name in books.operations()]
    same = [each.name for each in every if each.many and each.returns is operation.returns and not _required(each)]
    way_on = f"; over all: {', '.join(sorted(same))}" if operation.returns and same else ""
    raise InvalidArgumentsError([Problem("filters", f"{operation.name} needs {', '.join(missing)} in it{way_on}")])


def _required(operation: Operation) -> list[str]:
    return [name for name, field in operation.arguments.model_fields.items() if field.is_required()]


def _totals(result: SummaryResult) -> Table:
    columns = [*(["currency"] if _apart(result) else []), *_shown(result)]
    rows = [_row(result, line) for line in result.totals]
    return Table("total", columns, rows, _money(result))


def _groups(result: SummaryResult) -> Table:
    apart = _apart(result) and "currency" not in result.group_by
    columns = [*result.group_by, *(["currency"] if apart else []), *_shown(result)]
    rows = [_row(result, line) for line in result.groups]
    return Table("groups", columns, rows, _money(result), way_on="fewer with top, more with max_tokens")


def _apart(result: SummaryResult) -> bool:
    return any(line.currency is not None for line in result.totals)


def _shown(result: SummaryResult) -> list[str]:
    """Metrics; the count of rows is one of them already, or stands beside them."""
    return [*(["rows"] if "count" not in result.metrics else []), *result.metrics]


def _money(result: SummaryResult) -> frozenset[str]:
    return frozenset(name for name, is_money in zip(result.metrics, result.money, strict=True) if is_money)


def _row(result: SummaryResult, line: Line) -> dict[str, Any]:
    keys = dict(zip(result.group_by, line.keys, strict=False))
    currency = line.currency or "(none)"
    if line.others:
        keys = {**dict.fromkeys(result.group_by), result.group_by[0]: f"({line.others} other groups)"}
        if "currency" in keys and result.group_by[0] != "currency":
            keys["currency"] = currency
    elif keys:
        keys = {name: "(none)" if value is None else value for name, value in keys.items()}
    values = dict(zip(result.metrics, line.values, strict=True))
    return {"currency": currency, **keys, "rows": line.rows, **values}
