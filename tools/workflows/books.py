"""What a workflow reads with. The server supplies it over whatever is configured; nothing here writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import anyio

from tools.operation import Operation, System

T = TypeVar("T")
Row = Mapping[str, Any]


class ReadFailedError(Exception):
    """An operation could not be read. The message is fit for people; its cause says more to the server."""


class NotFoundError(ReadFailedError):
    """There is no such record."""


class NotAllowedError(ReadFailedError):
    """The key may not read this, or the company's plan does not have it."""


class RefusedError(ReadFailedError):
    """The API does not take what was sent. fields: what it names, as it was sent."""

    def __init__(self, message: str, fields: tuple[str, ...]) -> None:
        super().__init__(message)
        self.fields = fields


@dataclass(frozen=True)
class Rows:
    """One page of a list. total: how many match, None where the API does not say."""

    rows: list[dict[str, Any]]
    total: int | None = None

    @property
    def are_all(self) -> bool:
        """Whether nothing that matches is missing."""
        return self.total is not None and len(self.rows) >= self.total


class Stream(Protocol):
    """Rows of all pages, a page at a time, in the order in which pages arrive."""

    read: int
    stopped: str
    """Why it ended early, empty when it was all."""
    out_of_time: bool

    @property
    def total(self) -> int | None:
        """How many rows match, once the API has said so."""

    def __aiter__(self) -> AsyncIterator[list[dict[str, Any]]]: ...


class Books(Protocol):
    """Reads by the names of operations. Raises ReadFailedError where a read fails."""

    today: dt.date
    """The day for which due and overdue are told."""

    def has(self, *operations: str) -> bool:
        """Whether all of these operations may be used, and their system is connected."""

    async def record(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """One record, or an object of its own shape, without its envelope."""

    async def page(self, operation: str, **arguments: Any) -> Rows:
        """One page of a list, of 100 rows unless said."""

    def stream(self, operation: str, **arguments: Any) -> AbstractAsyncContextManager[Stream]:
        """All pages of a list, read side by side, within the time of the call."""

    def take(self, seconds: int) -> None:
        """From now on, read for so long instead of the usual time of a call."""

    def operation(self, name: str) -> Operation:
        """The declaration of an operation that may be used."""

    def operations(self) -> Iterable[str]:
        """The names of all operations that may be used."""


async def together(*reads: Awaitable[T]) -> list[T]:
    """The results of several reads that wait side by side, in order. Raises what the first failing one raises."""
    results: list[Any] = [None] * len(reads)
    failures: list[Exception] = []

    async def one(index: int, read: Awaitable[T]) -> None:
        try:
            results[index] = await read
        except Exception as error:
            # Kept and raised below: out of a task group it would come wrapped.
            failures.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for index, read in enumerate(reads):
            group.start_soon(one, index, read)
    if failures:
        raise failures[0]
    return results


def system_of(books: Books, wanted: System | None, needs: Mapping[System, tuple[str, ...]]) -> System:
    """The system that answers: the one that was asked for, else the first that is there. Raises ReadFailedError."""
    there = [system for system, operations in needs.items() if books.has(*operations)]
    if wanted is None and there:
        return there[0]
    if wanted in there:
        return wanted
    missing = wanted or next(iter(needs))
    raise NotAllowedError(f"{missing.label} is not set up here, or the operations for this are not enabled.")
