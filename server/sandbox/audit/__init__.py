"""Checks that the books are sound: that every sum says what the records below it say.

A module here checks one subject: `check(connection)` yields a sentence for each thing that is wrong.
"""

from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from server.sandbox.audit import (
    billdiary,
    credits,  # noqa: A004 - the name of the trade
    currencies,
    custom_fields,
    forecast,
    goods,
    integrations,
    payables,
    purchasing,
    receivables,
    selling,
    stock,
    units,
)
from server.sandbox.books import Books

CHECKS: tuple[Callable[[Connection], Iterator[str]], ...] = (
    billdiary.check,
    credits.check,
    currencies.check,
    custom_fields.check,
    forecast.check,
    goods.check,
    integrations.check,
    payables.check,
    purchasing.check,
    receivables.check,
    selling.check,
    stock.check,
    units.check,
)


def audit(books: Books) -> list[str]:
    """What is wrong with the books, one sentence each; nothing when they are sound."""
    with books.transaction() as connection:
        return [said for check in CHECKS for said in check(connection)]
