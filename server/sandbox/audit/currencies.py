"""Currencies and their rates."""

from collections.abc import Iterator

from sqlalchemy import Connection

from server.sandbox.audit.sums import rows
from server.sandbox.tables.currencies import currencies, currency_rates


def check(connection: Connection) -> Iterator[str]:
    """What is wrong with the currencies."""
    bases = [row for row in rows(connection, currencies) if row["is_base"]]
    if len(bases) != 1 or not bases[0]["is_available"]:
        yield "There is not exactly one base currency that can be used."
    for rate in rows(connection, currency_rates):
        if rate["from_id"] == rate["to_id"] or rate["rate"] <= 0:
            yield f"Currency rate {rate['id']} says nothing."
