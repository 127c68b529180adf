"""Counts and sums over a whole list, grouped, without holding its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from schemas.common import Mark
from tools.arguments import InvalidArgumentsError, Problem, check, is_marked, nearest
from tools.operation import Effect, Operation, System
from tools.workflows.books import Books
from tools.workflows.findings import Findings, Table
from tools.workflows.parts.filtered import Filtered
from tools.workflows.parts.summary import Line, Summary, SummaryResult
from tools.workflows.parts.unfolding import Unfolding
from tools.workflows.workflow import Question, workflow

_NEEDS: dict[System, tuple[str, ...]] = {System.LUMINOUS: (), System.BILLDIARY: ()}
_GROUPS = 20
_PERIODS = 60
_MOST_GROUPS = 500


_NO_FILTERS = frozenset(
    ("page", "per_page", "limit", "cursor", "next", "all_pages", "fields", "sort", "format", "export", "save_to")
)


def _names(value: object) -> object:
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_names), WithJsonSchema({"type": "string"})]
"""Several names, `a,b`; an array is taken too."""

Top = Annotated[int, Field(ge=1, le=_MOST_GROUPS, strict=True), WithJsonSchema({"type": "integer"})]
Seconds = Annotated[int, Field(ge=1, le=600, strict=True), WithJsonSchema({"type": "integer"})]


class SummarizeRecords(Question):
    """What to add up. max_seconds: what was read by then is answered, and that it is not all."""

    operation: str = Field(description="A list tool, such as list_bills")
    filters: Annotated[dict[str, Any] | None, WithJsonSchema({"type": "object"})] = Field(
        None, description="And arguments of it"
    )
    group_by: Names = Field(default_factory=list, description="To 3 fields; due_date:month (day, week, quarter, year)")
    metrics: Names = Field(
        default_factory=lambda: ["count"], description="count, sum:total_due, avg:, min:, max: of a field"
    )
    top: Top | None = Field(None, description="Groups, by the first metric")
    max_seconds: Annotated[Seconds | None, Mark.UNLISTED] = None


@workflow(_NEEDS, tokens=1_400)
async def summarize_records(wanted: SummarizeRecords, books: Books) -> Findings:
    """Exact counts, sums, averages over all rows of any list, grouped: how much per vendor, month, status."""
    operation = _list_operation(wanted.operation, books)
    summary = Summary(wanted.group_by, wanted.metrics, operation.returns)
    arguments = _arguments(operation, wanted.filters or {})
    if "cursor" not in operation.arguments.model_fields:  # Exports take theirs from who reads them.
        check(operation.arguments, arguments)  # Here the caller knows the names of these arguments.
    keys = [each.partition(":")[0].strip() for each in wanted.group_by]
    amounts = [each.partition(":")[2].strip() for each in wanted.metrics if ":" in each]
    unfolding, records = Unfolding(keys, amounts, operation.returns), 0
    filtered = Filtered(wanted.filters or {})
    if wanted.max_seconds:
        books.take(wanted.max_seconds)
    async with books.stream(operation.name, **arguments) as stream:
        async for rows in stream:
            fitting = filtered.rows(rows)
            records += len(fitting)
            summary.add(unfolding.rows(fitting))
    by_period = any(":" in each for each in wanted.group_by)
    result = summary.result(wanted.top or (_PERIODS if by_period else _GROUPS))
    facts: dict[str, Any] = {"list": operation.name, "rows": records}
    if stream.total is not None and stream.total != records and not filtered.unfit:
        facts["match"] = stream.total
    if unfolding.place:
        facts[unfolding.place] = result.rows
    findings = Findings(facts, notes=list(_notes(result, records, stream.stopped)), stopped=stream.stopped)
    findings.notes += [
        f"The API does not seem to filter by {field}: {count:,} rows that do not fit were left out here."
        for field, count in filtered.unfit.items()
    ]
    findings.tables = [_totals(result)]
    if result.groups:
        findings.tables.append(_groups(result))
    return findings


def _list_operation(name: str, books: Books) -> Operation:
    """The operation of that name. Raises InvalidArgumentsError unless it is a list."""
    if books.has(name):
        operation = books.operation(name)
        if operation.effect is Effect.READ and operation.many:
            return operation
        raise InvalidArgumentsError([Problem("operation", f"{name} is no list of records; list_... tools are")])
    near = nearest(name, [each for each in books.operations() if "list_" in each or each.startswith("export_")])
    raise InvalidArgumentsError([Problem("operation", f"no list tool {name[:64]!r}; did you mean {near}?")])


def _arguments(operation: Operation, given: dict[str, Any]) -> dict[str, Any]:
    """What was given as filters, sorted into filters and arguments of the operation: both narrow the list."""
    model = operation.arguments
    known = {name for name in model.model_fields if not is_marked(model, name, Mark.LOCAL)}
    known -= {"filters", *_NO_FILTERS}
    if asked := sorted(_NO_FILTERS & set(given)):
        raise InvalidArgumentsError([Problem("filters", f"{', '.join(asked)}: all pages are read, in any order")])
    arguments = {name: value for name, value in given.items() if name in known}
    rest = {name: value for name, value in given.items() if name not in known}
    if rest and "filters" in model.model_fields:
        arguments["filters"] = rest
    elif rest:
        allowed = ", ".join(sorted(known)) or "none"
        raise InvalidArgumentsError(
            [Problem("filters", f"{operation.name} does not filter by {', '.join(rest)}; it takes: {allowed}")]
        )
    return arguments


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
    if line.others:
        keys = {**dict.fromkeys(result.group_by), result.group_by[0]: f"({line.others} other groups)"}
    elif keys:
        keys = {name: "(none)" if value is None else value for name, value in keys.items()}
    values = dict(zip(result.metrics, line.values, strict=True))
    return {"currency": line.currency or "(none)", **keys, "rows": line.rows, **values}


def _notes(result: SummaryResult, records: int, stopped: str) -> Iterator[str]:
    if not records and not stopped:
        yield "Nothing matched. Filters compare exactly; without them, group_by shows which values there are."
    elif not stopped:
        yield f"All {records:,} rows were read."
    if len(result.totals) > 1:
        yield "Currencies are never added together; each has its own line."
    if result.found > len(result.groups):
        yield f"{result.found:,} groups in all."
