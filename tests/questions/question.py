"""What a question is: the words, the calls that answer it, and what these must say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asking import Ledger
from books_say import Cells, table


@dataclass(frozen=True)
class Says:
    """What must be in an answer. facts: by name. rows: by table, in this order. first: the rows are its first ones;
    otherwise they are all of them, or some where `some`."""

    facts: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Cells]] = field(default_factory=dict)
    first: bool = False
    some: bool = False


@dataclass(frozen=True)
class Call:
    """One tool call. says: the answer by the books; arguments may need them too."""

    tool: str
    arguments: Mapping[str, Any] | Callable[[Ledger], Mapping[str, Any]]
    says: Callable[[Ledger], Says]


@dataclass(frozen=True)
class Question:
    """A question in somebody's words, and the calls that answer it."""

    words: str
    calls: Sequence[Call]
    over: str


def summary(
    operation: str,
    says: Callable[[Ledger], Says],
    *,
    by: Sequence[str] = (),
    metrics: Sequence[str] = ("count",),
    top: int | None = None,
    max_tokens: int | None = None,
    **filters: Any,
) -> Call:
    """A call of summarize_records."""
    given = {"operation": operation, "group_by": list(by), "metrics": list(metrics), "filters": filters, "top": top}
    given["max_tokens"] = max_tokens
    return Call("summarize_records", {key: value for key, value in given.items() if value}, says)


def groups(query: str, *, first: bool = False, some: bool = False, **kinds: Any) -> Callable[[Ledger], Says]:
    """The groups of a summary are the rows of a query."""
    return lambda books: Says(rows={"groups": table(books, query, **kinds)}, first=first, some=some)
